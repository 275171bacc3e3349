import { EBUSY, EEXIST, EINVAL, ENAMETOOLONG, ENOENT, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { AttributeShape } from '../../../netlink/attributes.js';
import { NLM_F_EXCL, NLM_F_NONREC, NLM_F_REPLACE } from '../../../netlink/constants.js';
import {
  type ChainAttributes,
  chainMessage,
  type HookAttributes,
  NF_INET_INGRESS,
  NFT_CHAIN_BASE,
  NFT_CHAIN_BINDING,
  NFT_CHAIN_HW_OFFLOAD,
  NFT_MSG_DELCHAIN,
  NFT_MSG_GETCHAIN,
  NFT_MSG_NEWCHAIN,
  NFT_NAME_MAXLEN,
} from '../../../netlink/nfnl/nf-tables.js';
import {
  NF_ACCEPT,
  NF_DROP,
  NFPROTO_ARP,
  NFPROTO_BRIDGE,
  NFPROTO_INET,
  NFPROTO_IPV4,
  NFPROTO_IPV6,
  NFPROTO_NETDEV,
  nfnlOperation,
} from '../../../netlink/nfnl/nfnetlink.js';
import { type BaseChain, Chain } from '../../../net/netfilter/nf_tables/chain.js';
import { needChainType } from '../../../net/netfilter/nf_tables/autoload.js';
import type { Table } from '../../../net/netfilter/nf_tables/table.js';
import type { Transaction } from '../../../net/netfilter/nf_tables/transaction.js';
import type { NfnlHandler } from '../nfnetlink.js';
import { Context, tablesOf } from './context.js';
import { describeHook } from './hook.js';
import { removeRule } from './rules.js';

type ChainContext = Context<(typeof chainMessage.attributes)['shape']>;

/** Hooks that a type of chain may stand on, by family (struct nft_chain_type). */
const hooksOf: ReadonlyMap<string, ReadonlyMap<number, readonly number[]>> = new Map([
  [
    'filter',
    new Map<number, readonly number[]>([
      [NFPROTO_IPV4, [0, 1, 2, 3, 4]],
      [NFPROTO_IPV6, [0, 1, 2, 3, 4]],
      [NFPROTO_INET, [0, 1, 2, 3, 4, NF_INET_INGRESS]],
      [NFPROTO_BRIDGE, [0, 1, 2, 3, 4]],
      [NFPROTO_ARP, [0, 1]],
      [NFPROTO_NETDEV, [0, 1]],
    ]),
  ],
  [
    'nat',
    new Map<number, readonly number[]>([
      [NFPROTO_IPV4, [0, 1, 3, 4]],
      [NFPROTO_IPV6, [0, 1, 3, 4]],
      [NFPROTO_INET, [0, 1, 3, 4]],
    ]),
  ],
  [
    'route',
    new Map<number, readonly number[]>([
      [NFPROTO_IPV4, [3]],
      [NFPROTO_IPV6, [3]],
      [NFPROTO_INET, [3]],
    ]),
  ],
]);

/** Behind connection tracking NAT would come too late for some of a connection's packets. */
const NF_IP_PRI_CONNTRACK = -200;

export function describeChain(chain: Chain): ChainAttributes {
  const { base } = chain;
  return {
    table: chain.table.name,
    name: chain.name,
    handle: chain.handle,
    ...(base === null
      ? {}
      : {
          hook: describeHook(base, chain.table.family),
          policy: base.policy,
          type: base.type,
          ...(base.counters === null ? {} : { counters: { ...base.counters } }),
        }),
    ...(chain.flags === 0 ? {} : { flags: chain.flags }),
    use: chain.use,
    ...(chain.userdata === undefined ? {} : { userdata: chain.userdata }),
  };
}

const told = (context: Context<AttributeShape>, type: number, flags: number, chain: Chain) => () =>
  context.notify(chainMessage, type, flags, chain.table.family, () => describeChain(chain));

// Linux: nf_tables_newchain()
function newChain(context: ChainContext, transaction: Transaction): void {
  const { values } = context;
  const table = context.table(values.table, 'table', true);
  let chain: Chain | undefined;
  if (values.name === undefined) {
    if (values.handle !== undefined) chain = [...table.chains.values()].find((other) => other.handle === values.handle);
    else if (values.id === undefined) fail(EINVAL);
    if (values.handle !== undefined && chain === undefined) context.bad(ENOENT, 'handle');
  } else if (values.handle !== undefined) {
    // A new name for the chain with that handle.
    chain = [...table.chains.values()].find((other) => other.handle === values.handle);
    if (chain === undefined) context.bad(ENOENT, 'handle');
  } else chain = table.chains.get(values.name);
  if (values.policy !== undefined) {
    if ((chain !== undefined && chain.base === null) || (chain === undefined && values.hook === undefined))
      context.bad(EOPNOTSUPP, 'policy');
    if (values.policy !== NF_DROP && values.policy !== NF_ACCEPT) fail(EINVAL);
  }
  const flags = values.flags ?? chain?.flags ?? 0;
  if ((flags & ~(NFT_CHAIN_BASE | NFT_CHAIN_HW_OFFLOAD | NFT_CHAIN_BINDING)) !== 0) fail(EOPNOTSUPP);
  if (chain !== undefined) {
    if ((chain.flags & NFT_CHAIN_BINDING) !== 0) fail(EINVAL);
    if (context.has(NLM_F_EXCL)) context.bad(EEXIST, 'name');
    if (context.has(NLM_F_REPLACE)) fail(EOPNOTSUPP);
    updateChain(context, table, chain, transaction);
    return;
  }
  addChain(context, table, flags, transaction);
}

function addChain(context: ChainContext, table: Table, flags: number, transaction: Transaction): void {
  const { values, tables } = context;
  const base = values.hook === undefined ? null : parseBase(context, table, values.hook, transaction);
  if (base !== null && (flags & NFT_CHAIN_BINDING) !== 0) fail(EOPNOTSUPP);
  const handle = table.nextHandle();
  const name = values.name ?? `__chain${values.id}`;
  if (name.length >= NFT_NAME_MAXLEN) fail(ENAMETOOLONG);
  if (values.name === undefined && (flags & NFT_CHAIN_BINDING) === 0) fail(EINVAL);
  const chain = new Chain(table, name, handle);
  chain.base = base;
  chain.flags = base === null ? flags & ~NFT_CHAIN_BASE : flags | NFT_CHAIN_BASE;
  chain.userdata = values.userdata;
  if (base !== null && values.policy !== undefined) base.policy = values.policy;
  if (base !== null && values.counters !== undefined)
    base.counters = { packets: values.counters.packets ?? 0, bytes: values.counters.bytes ?? 0 };
  tables.hookChain(chain);
  table.chains.set(name, chain);
  if (values.id !== undefined) transaction.chainIds.set(values.id, chain);
  transaction.did(
    () => {
      chain.base?.unhook?.();
      table.chains.delete(chain.name);
    },
    told(context, NFT_MSG_NEWCHAIN, context.createFlags, chain),
  );
}

// Linux: nft_chain_parse_hook()
function parseBase(context: ChainContext, table: Table, hook: HookAttributes, transaction: Transaction): BaseChain {
  const { values } = context;
  if (hook.hooknum === undefined || hook.priority === undefined) return fail(EINVAL);
  const type = values.type ?? 'filter';
  const hooks = hooksOf.get(type)?.get(table.family);
  needChainType({ modules: context.namespace.stack.modules, transaction }, table.family, type, hooks !== undefined);
  if (hooks === undefined) return context.bad(ENOENT, 'type');
  if (!hooks.includes(hook.hooknum)) return fail(EOPNOTSUPP);
  if (type === 'nat' && hook.priority <= NF_IP_PRI_CONNTRACK) return fail(EOPNOTSUPP);
  const onDevices = table.family === NFPROTO_NETDEV || (table.family === NFPROTO_INET && hook.hooknum === NF_INET_INGRESS);
  const devices = hook.devs === undefined ? (hook.dev === undefined ? [] : [hook.dev]) : [...hook.devs];
  if (onDevices ? devices.length === 0 : devices.length > 0) return fail(onDevices ? EINVAL : EOPNOTSUPP);
  if (new Set(devices).size !== devices.length) return fail(EEXIST);
  for (const name of devices) if (context.namespace.deviceByName(name) === undefined) return fail(ENOENT);
  return {
    type: type as BaseChain['type'],
    hook: hook.hooknum,
    priority: hook.priority,
    policy: NF_ACCEPT,
    devices,
    counters: null,
    unhook: null,
  };
}

// Linux: nf_tables_updchain()
function updateChain(context: ChainContext, table: Table, chain: Chain, transaction: Transaction): void {
  const { values } = context;
  if (values.hook !== undefined) {
    const { base } = chain;
    if (base === null) return context.bad(EEXIST, 'name');
    const wanted = parseBase(context, table, values.hook, transaction);
    const same = wanted.type === base.type && wanted.hook === base.hook && wanted.priority === base.priority;
    const sameDevices = wanted.devices.length === base.devices.length && wanted.devices.every((name) => base.devices.includes(name));
    if (!same || !sameDevices) return context.bad(EEXIST, 'name');
  }
  if (values.handle !== undefined && values.name !== undefined && values.name !== chain.name) {
    if (table.chains.has(values.name)) context.bad(EEXIST, 'name');
    rename(context, table, chain, values.name, transaction);
    return;
  }
  const { base } = chain;
  if (base === null || (values.policy === undefined && values.counters === undefined)) {
    transaction.did(() => undefined, told(context, NFT_MSG_NEWCHAIN, 0, chain));
    return;
  }
  const { policy, counters } = base;
  if (values.policy !== undefined) base.policy = values.policy;
  if (values.counters !== undefined) base.counters = { packets: values.counters.packets ?? 0, bytes: values.counters.bytes ?? 0 };
  transaction.did(
    () => {
      base.policy = policy;
      base.counters = counters;
    },
    told(context, NFT_MSG_NEWCHAIN, 0, chain),
  );
}

/** The chain keeps its place among the others. */
function rename(context: ChainContext, table: Table, chain: Chain, name: string, transaction: Transaction): void {
  const before = chain.name;
  const set = (to: string) => {
    const all = [...table.chains.values()];
    chain.name = to;
    table.chains.clear();
    for (const other of all) table.chains.set(other.name, other);
  };
  set(name);
  transaction.did(() => set(before), told(context, NFT_MSG_NEWCHAIN, 0, chain));
}

// Linux: nf_tables_delchain()
function deleteChain(context: ChainContext, transaction: Transaction): void {
  const { values } = context;
  const table = context.table(values.table, 'table', true);
  const key = values.handle !== undefined ? 'handle' : 'name';
  if (values.handle === undefined && values.name === undefined) {
    for (const chain of [...table.chains.values()]) if (chain.use === 0) removeChain(context, chain, transaction);
    return;
  }
  const chain =
    values.handle !== undefined
      ? [...table.chains.values()].find((other) => other.handle === values.handle)
      : table.chains.get(values.name!);
  if (chain === undefined) return context.bad(ENOENT, key);
  if ((chain.flags & NFT_CHAIN_BINDING) !== 0) fail(EOPNOTSUPP);
  if (context.has(NLM_F_NONREC) && chain.use > 0) fail(EBUSY);
  // What rules and maps lead to stays; those of its own rules count, too.
  const { references } = chain;
  for (const rule of [...chain.rules]) removeRule(context, rule, transaction);
  if (references > 0) return context.bad(EBUSY, key);
  removeChain(context, chain, transaction);
}

export function removeChain(context: Context<AttributeShape>, chain: Chain, transaction: Transaction): void {
  const { table } = chain;
  if (table.chains.get(chain.name) !== chain) return;
  const order = [...table.chains];
  table.chains.delete(chain.name);
  chain.base?.unhook?.();
  transaction.did(
    () => {
      table.chains.clear();
      for (const [name, other] of order) table.chains.set(name, other);
      context.tables.hookChain(chain);
    },
    told(context, NFT_MSG_DELCHAIN, 0, chain),
  );
}

const context = (request: ConstructorParameters<typeof Context>[0]) => new Context(request, chainMessage);

export const chainHandlers: readonly NfnlHandler<Transaction>[] = [
  { operation: nfnlOperation(NFT_MSG_NEWCHAIN), inBatch: (request, transaction) => newChain(context(request), transaction) },
  { operation: nfnlOperation(NFT_MSG_DELCHAIN), inBatch: (request, transaction) => deleteChain(context(request), transaction) },
  {
    operation: nfnlOperation(NFT_MSG_GETCHAIN),
    handle(request) {
      const asked = context(request);
      const table = asked.table(asked.values.table, 'table', false);
      const chain = asked.chain(table, asked.values.name, 'name');
      request.answer(chainMessage, asked.header(table.family), describeChain(chain), NFT_MSG_NEWCHAIN);
    },
    dump(request) {
      const asked = context(request);
      return asked.dump(
        chainMessage,
        NFT_MSG_NEWCHAIN,
        () => tablesOf(asked.tables, asked.family).flatMap((table) => [...table.chains.values()]),
        (chain) => [chain.table.family, describeChain(chain)] as const,
      );
    },
  },
];
