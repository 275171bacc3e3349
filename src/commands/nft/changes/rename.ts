import * as wire from '../../../netlink/nfnl/nf-tables.js';
import type { Command } from '../command.js';
import { fail } from '../errors.js';
import { familyNumber } from '../linearise/messages.js';
import { notFound } from '../suggest.js';
import type { Changes } from './changes.js';

/** rename chain: the kernel wants the handle of the chain, nft knows its name. */
export function rename(changes: Changes, command: Command): void {
  const table = changes.known(command);
  const chain = table.chain(command.name!.text);
  if (chain?.chain.handle === undefined)
    return fail(
      notFound(changes.ruleset, 'chain', { family: command.family!, table: command.table!.text, name: command.name!.text }),
      command.name!.loc,
    );
  changes.transaction.add({
    schema: wire.chainMessage,
    type: wire.NFT_MSG_NEWCHAIN,
    flags: 0,
    family: familyNumber[command.family!],
    attributes: { table: command.table!.text, handle: chain.chain.handle, name: command.newName!.text },
    loc: command.loc,
    command,
    places: {
      attributes: new Map([
        [1, command.table!.loc],
        [3, command.newName!.loc],
      ]),
    },
  });
}
