import { EBUSY, EEXIST, EINVAL, ENOENT, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { type AttributeShape, type AttributesOf, attributes } from '../../../netlink/attributes.js';
import { NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js';
import * as nft from '../../../netlink/nfnl/nf-tables.js';
import { nfnlOperation } from '../../../netlink/nfnl/nfnetlink.js';
import { type objectAttributes, objectDataTables } from '../../../netlink/nfnl/objects.js';
import { Deferred } from '../../../netlink/schema.js';
import { StatefulObject } from '../../../net/netfilter/nf_tables/object.js';
import { makeObject } from '../../../net/netfilter/nf_tables/objects.js';
import { needObject } from '../../../net/netfilter/nf_tables/autoload.js';
import { Table } from '../../../net/netfilter/nf_tables/table.js';
import type { Transaction } from '../../../net/netfilter/nf_tables/transaction.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import type { NfnlHandler } from '../nfnetlink.js';
import { Context, tablesOf } from './context.js';

type ObjectContext = Context<(typeof nft.objectMessage.attributes)['shape']>;

const nothing = attributes('NFTA_OBJ_DATA', {});

export function describeObject(object: StatefulObject, reset = false): AttributesOf<typeof objectAttributes> {
  const table = objectDataTables.get(object.type) ?? nothing;
  return {
    table: object.table.name,
    name: object.name,
    type: object.type,
    use: object.use,
    data: Deferred.of(table, object.behaviour.describe(reset)),
    handle: object.handle,
    ...(object.userdata === undefined ? {} : { userdata: object.userdata }),
  };
}

const told = (context: Context<AttributeShape>, type: number, flags: number, object: StatefulObject) => () =>
  context.notify(nft.objectMessage, type, flags, object.table.family, () => describeObject(object));

// Linux: nf_tables_newobj()
function newObject(context: ObjectContext, transaction: Transaction): void {
  const { values, namespace } = context;
  const { type, name, data } = values;
  if (type === undefined || name === undefined || data === undefined) return fail(EINVAL);
  const table = context.table(values.table, 'table', true);
  const key = Table.objectKey(type, name);
  const there = table.objects.get(key);
  const attributes = objectDataTables.get(type);
  needObject({ modules: namespace.stack.modules, transaction }, type, attributes !== undefined);
  const parsed = data.parse(attributes ?? fail(ENOENT));
  const behaviour = makeObject(type, parsed, { namespace, table, chain: null, transaction });
  if (there !== undefined) {
    if (context.has(NLM_F_EXCL)) context.bad(EEXIST, 'name');
    if (context.has(NLM_F_REPLACE)) fail(EOPNOTSUPP);
    const before = there.behaviour;
    if (before.update !== undefined) {
      const old = makeObject(type, before.describe(false) as never, { namespace, table, chain: null, transaction });
      before.update(behaviour);
      transaction.did(() => before.update?.(old), told(context, nft.NFT_MSG_NEWOBJ, 0, there));
    }
    return;
  }
  const object = new StatefulObject(table, name, type, table.nextHandle(), behaviour);
  object.userdata = values.userdata;
  table.objects.set(key, object);
  behaviour.begin?.();
  transaction.did(
    () => {
      table.objects.delete(key);
      behaviour.end?.();
    },
    told(context, nft.NFT_MSG_NEWOBJ, context.createFlags, object),
  );
}

// Linux: nf_tables_delobj()
function deleteObject(context: ObjectContext, transaction: Transaction): void {
  const { values } = context;
  if (values.type === undefined || (values.name === undefined && values.handle === undefined)) return fail(EINVAL);
  const table = context.table(values.table, 'table', true);
  const key = values.handle !== undefined ? 'handle' : 'name';
  const object =
    values.handle !== undefined
      ? [...table.objects.values()].find((other) => other.handle === values.handle && other.type === values.type)
      : table.objects.get(Table.objectKey(values.type, values.name!));
  if (object === undefined) return context.bad(ENOENT, key);
  if (object.use > 0) return context.bad(EBUSY, key);
  return removeObject(context, object, transaction);
}

export function removeObject(context: Context<AttributeShape>, object: StatefulObject, transaction: Transaction): void {
  const { objects } = object.table;
  const order = [...objects];
  objects.delete(Table.objectKey(object.type, object.name));
  transaction.finally(() => object.behaviour.end?.());
  transaction.did(
    () => {
      objects.clear();
      for (const [key, other] of order) objects.set(key, other);
    },
    told(context, nft.NFT_MSG_DELOBJ, 0, object),
  );
}

const context = (request: NetlinkRequest) => new Context(request, nft.objectMessage);

const getter = (operation: number, reset: boolean): NfnlHandler<Transaction> => ({
  operation: nfnlOperation(operation),
  handle(request) {
    const asked = context(request);
    const { type, name } = asked.values;
    if (type === undefined || name === undefined) return fail(EINVAL);
    const table = asked.table(asked.values.table, 'table', false);
    const object = table.objects.get(Table.objectKey(type, name)) ?? asked.bad(ENOENT, 'name');
    return request.answer(nft.objectMessage, asked.header(table.family), describeObject(object, reset), nft.NFT_MSG_NEWOBJ);
  },
  dump(request) {
    const asked = context(request);
    const { type = 0, table } = asked.values;
    return asked.dump(
      nft.objectMessage,
      nft.NFT_MSG_NEWOBJ,
      () =>
        tablesOf(asked.tables, asked.family, table).flatMap((one) =>
          [...one.objects.values()].filter((object) => type === 0 || object.type === type),
        ),
      (object) => [object.table.family, describeObject(object, reset)] as const,
    );
  },
});

export const objectHandlers: readonly NfnlHandler<Transaction>[] = [
  { operation: nfnlOperation(nft.NFT_MSG_NEWOBJ), inBatch: (request, transaction) => newObject(context(request), transaction) },
  { operation: nfnlOperation(nft.NFT_MSG_DELOBJ), inBatch: (request, transaction) => deleteObject(context(request), transaction) },
  getter(nft.NFT_MSG_GETOBJ, false),
  getter(nft.NFT_MSG_GETOBJ_RESET, true),
];
