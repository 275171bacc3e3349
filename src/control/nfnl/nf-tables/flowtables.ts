import { EBUSY, EEXIST, EINVAL, ENOENT, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { AttributeShape, AttributesOf } from '../../../netlink/attributes.js';
import { NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js';
import * as nft from '../../../netlink/nfnl/nf-tables.js';
import { nfnlOperation } from '../../../netlink/nfnl/nfnetlink.js';
import type { Namespace } from '../../../net/core/namespace.js';
import { needFlowtable } from '../../../net/netfilter/nf_tables/autoload.js';
import { Flowtable } from '../../../net/netfilter/nf_tables/flowtable.js';
import type { Table } from '../../../net/netfilter/nf_tables/table.js';
import type { Transaction } from '../../../net/netfilter/nf_tables/transaction.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import type { NfnlHandler } from '../nfnetlink.js';
import { Context, tablesOf } from './context.js';

type FlowtableContext = Context<(typeof nft.flowtableMessage.attributes)['shape']>;

export const describeFlowtable = (flowtable: Flowtable): AttributesOf<typeof nft.flowtableAttributes> => ({
  table: flowtable.table.name,
  name: flowtable.name,
  use: flowtable.use,
  handle: flowtable.handle,
  flags: flowtable.flags,
  hook: { num: flowtable.hook, priority: flowtable.priority, devs: flowtable.devices },
});

const told = (context: Context<AttributeShape>, type: number, flags: number, flowtable: Flowtable) => () =>
  context.notify(nft.flowtableMessage, type, flags, flowtable.table.family, () => describeFlowtable(flowtable));

/** A device is of one flowtable of a table alone. EEXIST. Linux: nft_register_flowtable_net_hooks() */
function sharesDevice(table: Table, devices: readonly string[], but: Flowtable | null): void {
  for (const other of table.flowtables.values())
    if (other !== but && other.devices.some((device) => devices.includes(device))) fail(EEXIST);
}

/** ENOENT: one of them is not there. Linux: nf_tables_parse_netdev_hooks() */
function devicesOf(namespace: Namespace, hook: AttributesOf<typeof nft.flowtableHookAttributes>): string[] {
  const devices = [...(hook.devs ?? [])];
  for (const device of devices) if (namespace.deviceByName(device) === undefined) fail(ENOENT);
  return devices;
}

// Linux: nf_tables_newflowtable()
function newFlowtable(context: FlowtableContext, transaction: Transaction): void {
  const { values, namespace, tables } = context;
  const { name, hook } = values;
  if (name === undefined || hook === undefined) return fail(EINVAL);
  const table = context.table(values.table, 'table', true);
  const there = table.flowtables.get(name);
  if (there !== undefined) {
    if (context.has(NLM_F_EXCL)) return context.bad(EEXIST, 'name');
    if (context.has(NLM_F_REPLACE)) fail(EOPNOTSUPP);
    const before = there.devices;
    const devices = devicesOf(namespace, hook);
    sharesDevice(table, devices, there);
    there.devices = [...before, ...devices.filter((device) => !before.includes(device))];
    tables.hookFlowtable(there);
    transaction.did(
      () => {
        there.devices = before;
        tables.hookFlowtable(there);
      },
      told(context, nft.NFT_MSG_NEWFLOWTABLE, 0, there),
    );
    return;
  }
  // One that is refused has used up its handle.
  const handle = table.nextHandle();
  needFlowtable({ modules: namespace.stack.modules, transaction }, table.family);
  const flags = values.flags ?? 0;
  if ((flags & ~(nft.NFT_FLOWTABLE_HW_OFFLOAD | nft.NFT_FLOWTABLE_COUNTER)) !== 0) return fail(EOPNOTSUPP);
  if (hook.num === undefined || hook.priority === undefined) return fail(EINVAL);
  if (hook.num !== nft.NF_NETDEV_INGRESS) return fail(EOPNOTSUPP);
  const devices = devicesOf(namespace, hook);
  sharesDevice(table, devices, null);
  // No device here has hardware for it. Linux: nf_flow_table_offload_setup()
  if ((flags & nft.NFT_FLOWTABLE_HW_OFFLOAD) !== 0 && devices.length > 0) return fail(EOPNOTSUPP);
  const flowtable = new Flowtable(table, name, handle, hook.num, hook.priority, flags, devices);
  table.flowtables.set(name, flowtable);
  tables.hookFlowtable(flowtable);
  transaction.did(
    () => {
      table.flowtables.delete(name);
      tables.unhookFlowtable(flowtable);
      tables.flows.removeOf(flowtable);
    },
    told(context, nft.NFT_MSG_NEWFLOWTABLE, context.createFlags, flowtable),
  );
}

// Linux: nf_tables_delflowtable()
function deleteFlowtable(context: FlowtableContext, transaction: Transaction): void {
  const { values } = context;
  if (values.name === undefined && values.handle === undefined) return fail(EINVAL);
  const table = context.table(values.table, 'table', true);
  const key = values.handle !== undefined ? 'handle' : 'name';
  const flowtable =
    values.handle !== undefined
      ? [...table.flowtables.values()].find((other) => other.handle === values.handle)
      : table.flowtables.get(values.name!);
  if (flowtable === undefined) return context.bad(ENOENT, key);
  if (values.hook?.devs !== undefined) {
    const before = flowtable.devices;
    const gone = values.hook.devs;
    for (const device of gone) if (!before.includes(device)) fail(ENOENT);
    flowtable.devices = before.filter((device) => !gone.includes(device));
    context.tables.hookFlowtable(flowtable);
    transaction.did(
      () => {
        flowtable.devices = before;
        context.tables.hookFlowtable(flowtable);
      },
      told(context, nft.NFT_MSG_DELFLOWTABLE, 0, flowtable),
    );
    return;
  }
  if (flowtable.use > 0) return context.bad(EBUSY, key);
  removeFlowtable(context, flowtable, transaction);
}

export function removeFlowtable(context: Context<AttributeShape>, flowtable: Flowtable, transaction: Transaction): void {
  const { flowtables } = flowtable.table;
  const order = [...flowtables];
  flowtables.delete(flowtable.name);
  const { tables } = context;
  tables.unhookFlowtable(flowtable);
  transaction.finally(() => tables.flows.removeOf(flowtable));
  transaction.did(
    () => {
      flowtables.clear();
      for (const [name, other] of order) flowtables.set(name, other);
      tables.hookFlowtable(flowtable);
    },
    told(context, nft.NFT_MSG_DELFLOWTABLE, 0, flowtable),
  );
}

const context = (request: NetlinkRequest) => new Context(request, nft.flowtableMessage);

export const flowtableHandlers: readonly NfnlHandler<Transaction>[] = [
  { operation: nfnlOperation(nft.NFT_MSG_NEWFLOWTABLE), inBatch: (request, transaction) => newFlowtable(context(request), transaction) },
  { operation: nfnlOperation(nft.NFT_MSG_DELFLOWTABLE), inBatch: (request, transaction) => deleteFlowtable(context(request), transaction) },
  {
    operation: nfnlOperation(nft.NFT_MSG_GETFLOWTABLE),
    handle(request) {
      const asked = context(request);
      const table = asked.table(asked.values.table, 'table', false);
      const flowtable = table.flowtables.get(asked.values.name ?? '') ?? asked.bad(ENOENT, 'name');
      request.answer(nft.flowtableMessage, asked.header(table.family), describeFlowtable(flowtable), nft.NFT_MSG_NEWFLOWTABLE);
    },
    dump(request) {
      const asked = context(request);
      return asked.dump(
        nft.flowtableMessage,
        nft.NFT_MSG_NEWFLOWTABLE,
        () => tablesOf(asked.tables, asked.family, asked.values.table).flatMap((table) => [...table.flowtables.values()]),
        (flowtable) => [flowtable.table.family, describeFlowtable(flowtable)] as const,
      );
    },
  },
];
