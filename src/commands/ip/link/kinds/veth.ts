import { vethData } from '../../../../netlink/rtnl/link/veth.js';
import { Deferred } from '../../../../netlink/schema.js';
import { CommandFailure, duplicateArgument } from '../../../shared/failure.js';
import { readLinkWords } from '../words.js';
import type { LinkKindPart } from './kind.js';

const usage = "Usage: ip link <options> type veth [peer <options>]\nTo get <options> type 'ip link add help'";

/** A pair of devices, each the other's wire. `peer` is followed by the words of `ip link add` for the second one. */
export const veth: LinkKindPart = {
  kind: 'veth',
  usage,
  async parse(context, cursor) {
    if (cursor.next() !== 'peer') throw new CommandFailure(1, `${usage}\n`);
    const words = await readLinkWords(context, cursor, { creating: true });
    if (words.type !== undefined) throw duplicateArgument('type', words.type);
    return Deferred.of(vethData, { peer: { header: words.header, attributes: words.attributes } });
  },
};
