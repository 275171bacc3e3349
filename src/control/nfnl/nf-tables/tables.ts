import { EBUSY, EEXIST, EINVAL, ENAMETOOLONG, ENOENT, EOPNOTSUPP, EPERM } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js';
import { familyNames } from '../../../netlink/nfnl/families.js';
import {
  NFT_MSG_DELTABLE,
  NFT_MSG_GETTABLE,
  NFT_MSG_NEWTABLE,
  NFT_NAME_MAXLEN,
  NFT_TABLE_F_DORMANT,
  NFT_TABLE_F_OWNER,
  type TableAttributes,
  tableMessage,
} from '../../../netlink/nfnl/nf-tables.js';
import { nfnlOperation } from '../../../netlink/nfnl/nfnetlink.js';
import { Table } from '../../../net/netfilter/nf_tables/table.js';
import type { Transaction } from '../../../net/netfilter/nf_tables/transaction.js';
import type { NfnlHandler } from '../nfnetlink.js';
import { Context, tablesOf } from './context.js';
import { flushTable } from './flush.js';

type TableContext = Context<(typeof tableMessage.attributes)['shape']>;

export const describeTable = (table: Table): TableAttributes => ({
  name: table.name,
  flags: table.flags & (NFT_TABLE_F_DORMANT | NFT_TABLE_F_OWNER),
  use: table.use,
  handle: table.handle,
  ...(table.userdata === undefined ? {} : { userdata: table.userdata }),
  ...(table.owner === 0 ? {} : { owner: table.owner }),
});

const told = (context: TableContext, type: number, flags: number, table: Table) => () =>
  context.notify(tableMessage, type, flags, table.family, () => describeTable(table));

// Linux: nf_tables_newtable()
function newTable(context: TableContext, transaction: Transaction): void {
  const { values, tables, family } = context;
  if (!familyNames.has(family)) fail(EOPNOTSUPP);
  const name = values.name ?? fail(EINVAL);
  if (name.length >= NFT_NAME_MAXLEN) fail(ENAMETOOLONG);
  const flags = values.flags ?? 0;
  if ((flags & ~(NFT_TABLE_F_DORMANT | NFT_TABLE_F_OWNER)) !== 0) fail(EOPNOTSUPP);
  const there = tables.findTable(family, name);
  if (there !== undefined) {
    if (there.owner !== 0 && there.owner !== context.request.socket.portId) context.bad(EPERM, 'name');
    if (context.has(NLM_F_EXCL)) context.bad(EEXIST, 'name');
    if (context.has(NLM_F_REPLACE)) fail(EOPNOTSUPP);
    if (values.flags !== undefined) updateTable(context, there, flags, transaction);
    return;
  }
  const table = new Table(family, name, tables.nextTableHandle());
  table.flags = flags;
  table.userdata = values.userdata;
  if ((flags & NFT_TABLE_F_OWNER) !== 0) table.owner = context.request.socket.portId;
  tables.tables.push(table);
  transaction.did(
    () => {
      tables.tables.splice(tables.tables.indexOf(table), 1);
    },
    told(context, NFT_MSG_NEWTABLE, context.createFlags, table),
  );
}

/** Asleep, or awake: its base chains leave the hooks or come back. Linux: nf_tables_updtable() */
function updateTable(context: TableContext, table: Table, flags: number, transaction: Transaction): void {
  if (flags === table.flags) return;
  const owned = (table.flags & NFT_TABLE_F_OWNER) !== 0;
  if (owned !== ((flags & NFT_TABLE_F_OWNER) !== 0)) fail(EOPNOTSUPP);
  const before = table.flags;
  const set = (to: number) => {
    table.flags = to;
    for (const chain of table.chains.values())
      if ((to & NFT_TABLE_F_DORMANT) !== 0) chain.base?.unhook?.();
      else context.tables.hookChain(chain);
  };
  set(flags);
  transaction.did(() => set(before), told(context, NFT_MSG_NEWTABLE, 0, table));
}

// Linux: nf_tables_deltable()
function deleteTable(context: TableContext, transaction: Transaction): void {
  const { values, tables, family } = context;
  if (values.name === undefined && values.handle === undefined) {
    for (const table of tablesOf(tables, family)) {
      if (table.owner !== 0 && table.owner !== context.request.socket.portId) continue;
      removeTable(context, table, transaction);
    }
    return;
  }
  const key = values.handle !== undefined ? 'handle' : 'name';
  const table =
    values.handle !== undefined
      ? tables.tables.find((other) => other.handle === values.handle && other.family === family)
      : tables.findTable(family, values.name!);
  if (table === undefined) return context.bad(ENOENT, key);
  if (table.owner !== 0 && table.owner !== context.request.socket.portId) context.bad(EPERM, key);
  if (context.has(0x100) && table.use > 0) fail(EBUSY);
  removeTable(context, table, transaction);
}

function removeTable(context: TableContext, table: Table, transaction: Transaction): void {
  const { tables } = context;
  flushTable(context, table, transaction);
  const at = tables.tables.indexOf(table);
  tables.tables.splice(at, 1);
  transaction.did(
    () => {
      tables.tables.splice(at, 0, table);
    },
    told(context, NFT_MSG_DELTABLE, 0, table),
  );
}

const context = (request: ConstructorParameters<typeof Context>[0]) => new Context(request, tableMessage);

export const tableHandlers: readonly NfnlHandler<Transaction>[] = [
  { operation: nfnlOperation(NFT_MSG_NEWTABLE), inBatch: (request, transaction) => newTable(context(request), transaction) },
  { operation: nfnlOperation(NFT_MSG_DELTABLE), inBatch: (request, transaction) => deleteTable(context(request), transaction) },
  {
    operation: nfnlOperation(NFT_MSG_GETTABLE),
    handle(request) {
      const asked = context(request);
      const table = asked.table(asked.values.name, 'name', false);
      request.answer(tableMessage, asked.header(table.family), describeTable(table), NFT_MSG_NEWTABLE);
    },
    dump(request) {
      const asked = context(request);
      return asked.dump(
        tableMessage,
        NFT_MSG_NEWTABLE,
        () => tablesOf(asked.tables, asked.family),
        (table) => [table.family, describeTable(table)] as const,
      );
    },
  },
];
