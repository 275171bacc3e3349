import { ENOENT, strerror } from '../../../base/errno.js';
import * as wire from '../../../netlink/nfnl/nf-tables.js';
import type { Command } from '../command.js';
import { fail } from '../errors.js';
import { familyNumber } from '../linearise/messages.js';
import type { Location } from '../location.js';
import { isMap } from '../print/ruleset.js';
import type { Changes } from './changes.js';
import { removeElements } from './elements.js';

/** delete, by name or by handle. */
export async function remove(changes: Changes, command: Command): Promise<void> {
  const family = familyNumber[command.family!];
  const at = (...places: (readonly [number, Location | undefined])[]) =>
    new Map(places.filter(([, loc]) => loc !== undefined) as [number, Location][]);
  const common = { flags: 0, family, loc: command.loc, command };
  const table = command.table;
  switch (command.target) {
    case 'table':
      changes.ruleset.tables = changes.ruleset.tables.filter(({ decl }) => decl.family !== command.family || decl.name !== table?.text);
      return changes.transaction.add({
        ...common,
        schema: wire.tableMessage,
        type: wire.NFT_MSG_DELTABLE,
        attributes: command.handle === undefined ? { name: table!.text } : { handle: command.handle.id },
        places: { attributes: at([1, table?.loc], [4, command.handle?.loc]) },
      });
    case 'chain':
      return changes.transaction.add({
        ...common,
        schema: wire.chainMessage,
        type: wire.NFT_MSG_DELCHAIN,
        attributes: {
          table: table!.text,
          ...(command.handle === undefined ? { name: command.name!.text } : { handle: command.handle.id }),
        },
        places: { attributes: at([1, table!.loc], [3, command.name?.loc], [2, command.handle?.loc]) },
      });
    case 'rule':
      return changes.transaction.add({
        ...common,
        schema: wire.ruleMessage,
        type: wire.NFT_MSG_DELRULE,
        attributes: { table: table!.text, chain: command.name!.text, handle: command.handle!.id },
        places: { attributes: at([1, table!.loc], [2, command.name!.loc], [3, command.handle!.loc]) },
      });
    case 'set':
    case 'map':
      return changes.transaction.add({
        ...common,
        schema: wire.setMessage,
        type: wire.NFT_MSG_DELSET,
        attributes: {
          table: table!.text,
          ...(command.handle === undefined ? { name: command.name!.text } : { handle: command.handle.id }),
        },
        places: { attributes: at([1, table!.loc], [2, command.name?.loc], [16, command.handle?.loc]) },
      });
    case 'object':
      return changes.transaction.add({
        ...common,
        schema: wire.objectMessage,
        type: wire.NFT_MSG_DELOBJ,
        attributes: {
          table: table!.text,
          type: command.objectType!,
          ...(command.handle === undefined ? { name: command.name!.text } : { handle: command.handle.id }),
        },
        places: { attributes: at([1, table!.loc], [2, command.name?.loc], [6, command.handle?.loc]) },
      });
    case 'flowtable':
      return changes.transaction.add({
        ...common,
        schema: wire.flowtableMessage,
        type: wire.NFT_MSG_DELFLOWTABLE,
        attributes: {
          table: table!.text,
          ...(command.handle === undefined ? { name: command.name!.text } : { handle: command.handle.id }),
        },
        places: { attributes: at([1, table!.loc], [2, command.name?.loc], [5, command.handle?.loc]) },
      });
    case 'element':
      return removeElements(changes, command);
  }
}

/** flush: all rules of a chain or table, all elements of a set, or all tables. */
export function flush(changes: Changes, command: Command): void {
  const common = { flags: 0, loc: command.loc, command };
  if (command.target === 'ruleset') {
    changes.ruleset.tables = changes.ruleset.tables.filter(({ decl }) => command.family !== undefined && decl.family !== command.family);
    return changes.transaction.add({
      ...common,
      schema: wire.tableMessage,
      type: wire.NFT_MSG_DELTABLE,
      family: command.family === undefined ? 0 : familyNumber[command.family],
      attributes: {},
    });
  }
  const family = familyNumber[command.family!];
  const table = command.table!;
  if (command.target === 'table' || command.target === 'chain')
    return changes.transaction.add({
      ...common,
      schema: wire.ruleMessage,
      type: wire.NFT_MSG_DELRULE,
      family,
      attributes: { table: table.text, ...(command.target === 'chain' ? { chain: command.name!.text } : {}) },
      places: {
        attributes: new Map([
          [1, table.loc],
          [2, command.name?.loc ?? command.loc],
        ]),
      },
    });
  const known = changes.known(command);
  const set = known.set(command.name!.text) ?? changes.noSet(command);
  if (isMap(set) !== (command.target === 'map')) return fail(strerror(ENOENT), command.name!.loc);
  delete set.elements;
  changes.transaction.add({
    ...common,
    schema: wire.elementListMessage,
    type: wire.NFT_MSG_DELSETELEM,
    family,
    attributes: { table: table.text, set: command.name!.text },
    places: {
      attributes: new Map([
        [1, table.loc],
        [2, command.name!.loc],
      ]),
    },
  });
}
