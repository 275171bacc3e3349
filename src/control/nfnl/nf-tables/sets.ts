import { E2BIG, EBUSY, EEXIST, EINVAL, ENAMETOOLONG, ENFILE, ENOENT, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { AttributeShape } from '../../../netlink/attributes.js';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js';
import { NFT_DATA_VERDICT } from '../../../netlink/nfnl/data.js';
import * as nft from '../../../netlink/nfnl/nf-tables.js';
import { nfnlOperation } from '../../../netlink/nfnl/nfnetlink.js';
import { describeExpression, makeExpression } from '../../../net/netfilter/nf_tables/expressions/make.js';
import { NftSet } from '../../../net/netfilter/nf_tables/set.js';
import type { Table } from '../../../net/netfilter/nf_tables/table.js';
import type { Transaction } from '../../../net/netfilter/nf_tables/transaction.js';
import type { NfnlHandler } from '../nfnetlink.js';
import { Context, tablesOf } from './context.js';

type SetContext = Context<(typeof nft.setMessage.attributes)['shape']>;

const ALL_FLAGS =
  nft.NFT_SET_ANONYMOUS |
  nft.NFT_SET_CONSTANT |
  nft.NFT_SET_INTERVAL |
  nft.NFT_SET_TIMEOUT |
  nft.NFT_SET_MAP |
  nft.NFT_SET_EVAL |
  nft.NFT_SET_OBJECT |
  nft.NFT_SET_CONCAT |
  nft.NFT_SET_EXPR;
/** NFT_DATA_VALUE_MAXLEN, NFT_REG32_COUNT */
/** Of sets that packets add to, where nothing is said. */
const DYNAMIC_SIZE = 65535;
const MAX_KEY = 64;
const MAX_FIELDS = 16;
const MAX_EXPRESSIONS = 2;
/** How many anonymous sets a table may have at a time, as the kernel numbers them by pages. */
const MAX_ANONYMOUS = 65_536;

export function describeSet(set: NftSet): nft.SetAttributes {
  const { parameters } = set;
  const map = (parameters.flags & nft.NFT_SET_MAP) !== 0;
  const described = set.templates.map((template) => describeExpression(template, false));
  const [only] = described;
  return {
    table: set.table.name,
    name: set.name,
    handle: set.handle,
    ...(parameters.flags === 0 ? {} : { flags: parameters.flags }),
    keyType: parameters.keyType,
    keyLen: parameters.keyBytes,
    ...(map ? { dataType: parameters.dataType, dataLen: parameters.dataBytes } : {}),
    ...((parameters.flags & nft.NFT_SET_OBJECT) === 0 ? {} : { objType: parameters.objectType }),
    ...(parameters.timeoutMs === 0 ? {} : { timeout: parameters.timeoutMs }),
    ...(parameters.gcIntervalMs === 0 ? {} : { gcInterval: parameters.gcIntervalMs }),
    ...(parameters.policy === nft.NFT_SET_POL_PERFORMANCE ? {} : { policy: parameters.policy }),
    ...(parameters.userdata === undefined ? {} : { userdata: parameters.userdata }),
    desc: {
      ...(parameters.size === 0 ? {} : { size: parameters.size }),
      ...(parameters.fields.length > 1 ? { concat: parameters.fields.map((len) => ({ len })) } : {}),
    },
    ...(described.length === 1 && only !== undefined ? { expr: only } : {}),
    ...(described.length > 1 ? { expressions: described } : {}),
  };
}

const told = (context: Context<AttributeShape>, type: number, flags: number, set: NftSet) => () => {
  // What belongs to one rule alone is told of with it.
  if ((set.flags & nft.NFT_SET_ANONYMOUS) === 0) context.notify(nft.setMessage, type, flags, set.table.family, () => describeSet(set));
};

// Linux: nf_tables_newset()
function newSet(context: SetContext, transaction: Transaction): void {
  const { values, namespace } = context;
  if (values.table === undefined || values.name === undefined || values.keyLen === undefined || values.id === undefined) fail(EINVAL);
  const { name, keyLen } = values as { name: string; keyLen: number };
  if (keyLen === 0 || keyLen > MAX_KEY) fail(EINVAL);
  const flags = values.flags ?? 0;
  if ((flags & ~ALL_FLAGS) !== 0) fail(EOPNOTSUPP);
  if ((flags & (nft.NFT_SET_MAP | nft.NFT_SET_OBJECT)) === (nft.NFT_SET_MAP | nft.NFT_SET_OBJECT)) fail(EOPNOTSUPP);
  if ((flags & (nft.NFT_SET_EVAL | nft.NFT_SET_OBJECT)) === (nft.NFT_SET_EVAL | nft.NFT_SET_OBJECT)) fail(EOPNOTSUPP);
  let dataType = 0;
  let dataBytes = 0;
  if (values.dataType !== undefined) {
    if ((flags & nft.NFT_SET_MAP) === 0) fail(EINVAL);
    dataType = values.dataType;
    if ((dataType & NFT_DATA_VERDICT) >>> 0 === NFT_DATA_VERDICT && dataType !== NFT_DATA_VERDICT) fail(EINVAL);
    if (dataType !== NFT_DATA_VERDICT) {
      dataBytes = values.dataLen ?? fail(EINVAL);
      if (dataBytes === 0 || dataBytes > MAX_KEY) fail(EINVAL);
    }
  } else if ((flags & nft.NFT_SET_MAP) !== 0) fail(EINVAL);
  if (values.objType !== undefined && (flags & nft.NFT_SET_OBJECT) === 0) fail(EINVAL);
  if (values.objType === undefined && (flags & nft.NFT_SET_OBJECT) !== 0) fail(EINVAL);
  if (values.timeout !== undefined && (flags & nft.NFT_SET_TIMEOUT) === 0) fail(EINVAL);
  if (values.gcInterval !== undefined && (flags & nft.NFT_SET_TIMEOUT) === 0) fail(EINVAL);
  const fields = (values.desc?.concat ?? []).map((field) => field.len ?? fail(EINVAL));
  if (fields.length > MAX_FIELDS) fail(EINVAL);
  if (fields.length > 0 && fields.reduce((sum, len) => sum + ((len + 3) & ~3), 0) < keyLen) fail(EINVAL);
  const table = context.table(values.table, 'table', true);
  const there = table.sets.get(name);
  if (there !== undefined) {
    if (context.has(NLM_F_EXCL)) context.bad(EEXIST, 'name');
    if (context.has(NLM_F_REPLACE)) fail(EOPNOTSUPP);
    const same =
      there.flags === flags &&
      there.parameters.keyBytes === keyLen &&
      there.parameters.dataBytes === dataBytes &&
      there.parameters.keyType === (values.keyType ?? 0);
    if (!same) context.bad(EEXIST, 'name');
    transaction.setIds.set(values.id!, there);
    return;
  }
  if (!context.has(NLM_F_CREATE)) fail(ENOENT);
  const real = (flags & nft.NFT_SET_ANONYMOUS) === 0 ? name : anonymousName(table, name);
  if (real.length >= nft.NFT_NAME_MAXLEN) fail(ENAMETOOLONG);
  if ((flags & nft.NFT_SET_ANONYMOUS) === 0 && name.includes('%')) fail(EINVAL);
  const set = new NftSet(namespace.stack, table, real, {
    flags,
    keyType: values.keyType ?? 0,
    keyBytes: keyLen,
    dataType,
    dataBytes,
    objectType: values.objType ?? 0,
    timeoutMs: values.timeout ?? 0,
    gcIntervalMs: values.gcInterval ?? 0,
    policy: values.policy ?? nft.NFT_SET_POL_PERFORMANCE,
    size: values.desc?.size ?? ((flags & nft.NFT_SET_EVAL) === 0 ? 0 : DYNAMIC_SIZE),
    fields,
    userdata: values.userdata,
  });
  set.templates = templatesOf(context, set, transaction);
  set.handle = table.nextHandle();
  table.sets.set(real, set);
  transaction.setIds.set(values.id!, set);
  transaction.did(
    () => {
      table.sets.delete(real);
      set.destroy();
    },
    told(context, nft.NFT_MSG_NEWSET, context.createFlags, set),
  );
}

function templatesOf(context: SetContext, set: NftSet, transaction: Transaction) {
  const { values, namespace } = context;
  const wires = values.expressions ?? (values.expr === undefined ? [] : [values.expr]);
  if (wires.length > MAX_EXPRESSIONS) return fail(E2BIG);
  return wires.map((wire) => {
    const made = makeExpression(wire, { namespace, table: set.table, chain: null, transaction, set });
    return made.expression.stateful ? made : fail(EOPNOTSUPP);
  });
}

/** "__set%d" with the lowest number that is free. Linux: nf_tables_set_alloc_name() */
function anonymousName(table: Table, pattern: string): string {
  // A meter has the name that the rule gives it.
  if (!pattern.includes('%')) return table.sets.has(pattern) ? fail(ENFILE) : pattern;
  if (!/^[^%]*%d$/.test(pattern)) return fail(EINVAL);
  for (let number = 0; number < MAX_ANONYMOUS; number++) {
    const name = pattern.replace('%d', String(number));
    if (!table.sets.has(name)) return name;
  }
  return fail(ENFILE);
}

// Linux: nf_tables_delset()
function deleteSet(context: SetContext, transaction: Transaction): void {
  const { values } = context;
  const table = context.table(values.table, 'table', true);
  const key = values.handle !== undefined ? 'handle' : 'name';
  const set =
    values.handle !== undefined
      ? [...table.sets.values()].find((other) => other.handle === values.handle)
      : values.name === undefined
        ? fail(EINVAL)
        : table.sets.get(values.name);
  if (set === undefined) return context.bad(ENOENT, key);
  if (set.use > 0) return context.bad(EBUSY, key);
  removeSet(context, set, transaction);
}

export function removeSet(context: Context<AttributeShape>, set: NftSet, transaction: Transaction): void {
  const { sets } = set.table;
  if (sets.get(set.name) !== set) return;
  const order = [...sets];
  sets.delete(set.name);
  for (const element of set.elements()) set.release(element);
  transaction.did(
    () => {
      sets.clear();
      for (const [name, other] of order) sets.set(name, other);
      for (const element of set.elements()) set.hold(element);
    },
    told(context, nft.NFT_MSG_DELSET, 0, set),
  );
  transaction.finally(() => set.destroy());
}

const context = (request: ConstructorParameters<typeof Context>[0]) => new Context(request, nft.setMessage);

export const setHandlers: readonly NfnlHandler<Transaction>[] = [
  { operation: nfnlOperation(nft.NFT_MSG_NEWSET), inBatch: (request, transaction) => newSet(context(request), transaction) },
  { operation: nfnlOperation(nft.NFT_MSG_DELSET), inBatch: (request, transaction) => deleteSet(context(request), transaction) },
  {
    operation: nfnlOperation(nft.NFT_MSG_GETSET),
    handle(request) {
      const asked = context(request);
      const table = asked.table(asked.values.table, 'table', false);
      const set = asked.set(table, asked.values.name, 'name');
      request.answer(nft.setMessage, asked.header(table.family), describeSet(set), nft.NFT_MSG_NEWSET);
    },
    dump(request) {
      const asked = context(request);
      if (asked.values.table !== undefined) asked.table(asked.values.table, 'table', false);
      return asked.dump(
        nft.setMessage,
        nft.NFT_MSG_NEWSET,
        () => tablesOf(asked.tables, asked.family, asked.values.table).flatMap((table) => [...table.sets.values()]),
        (set) => [set.table.family, describeSet(set)] as const,
      );
    },
  },
];
