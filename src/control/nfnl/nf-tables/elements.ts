import { EBUSY, EEXIST, EINVAL, ENFILE, ENOENT, EOPNOTSUPP } from '../../../base/errno.js';
import { fail, NetError } from '../../../base/net-error.js';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_MULTI } from '../../../netlink/constants.js';
import { align4, NLA_HDRLEN } from '../../../netlink/constants.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { NFT_DATA_VERDICT } from '../../../netlink/nfnl/data.js';
import * as nft from '../../../netlink/nfnl/nf-tables.js';
import { nfnlOperation } from '../../../netlink/nfnl/nfnetlink.js';
import { sourceOf } from '../../../netlink/schema.js';
import { toWords } from '../../../net/netfilter/nf_tables/expressions/bytes.js';
import { describeExpression, makeExpression } from '../../../net/netfilter/nf_tables/expressions/make.js';
import { describeVerdict, verdictOf } from '../../../net/netfilter/nf_tables/expressions/verdict-data.js';
import { SetElement } from '../../../net/netfilter/nf_tables/element.js';
import type { NftSet } from '../../../net/netfilter/nf_tables/set.js';
import { Table } from '../../../net/netfilter/nf_tables/table.js';
import type { Transaction } from '../../../net/netfilter/nf_tables/transaction.js';
import type { Dump } from '../../netlink-protocol.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import type { NfnlHandler } from '../nfnetlink.js';
import { Context, headerOf } from './context.js';
import { elementsOf } from './expression-offset.js';
import { PlainElements } from './plain-elements.js';

/** Messages of millions of elements are read element by element. */
type HeadContext = Context<(typeof nft.elementHeadMessage.attributes)['shape']>;

/** How many elements one message of a dump has at most: it must fit a datagram. */
const ELEMENTS_PER_MESSAGE = 64;

export function describeElement(element: SetElement, nowUs: number, reset = false): nft.ElementAttributes {
  const described = element.expressions.map((part) => describeExpression(part, reset));
  const [only] = described;
  return {
    ...(element.key === null ? {} : { key: { value: element.key } }),
    ...(element.keyEnd === null ? {} : { keyEnd: { value: element.keyEnd } }),
    ...(element.hasVerdict ? { data: { verdict: describeVerdict(element.verdict, element.chain) } } : {}),
    ...(element.data === null ? {} : { data: { value: bytesOf(element.data, element.dataBytes) } }),
    ...(described.length === 1 && only !== undefined ? { expr: only } : {}),
    ...(described.length > 1 ? { expressions: described } : {}),
    ...(element.object === null ? {} : { objref: element.object.name }),
    ...(element.flags === 0 ? {} : { flags: element.flags }),
    ...(element.timeoutMs !== 0 && element.ownTimeout ? { timeout: element.timeoutMs } : {}),
    ...(element.expiresUs === 0 ? {} : { expiration: Math.max(0, Math.floor((element.expiresUs - nowUs) / 1000)) }),
    ...(element.userdata === undefined ? {} : { userdata: element.userdata }),
  };
}

function bytesOf(words: Int32Array, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let i = 0; i < count; i++) bytes[i] = words[i >> 2]! >>> (8 * (i & 3));
  return bytes;
}

function told(context: HeadContext, type: number, flags: number, set: NftSet, element: SetElement) {
  return () => {
    if ((set.flags & nft.NFT_SET_ANONYMOUS) !== 0) return;
    context.notify(nft.elementListMessage, type, flags, set.table.family, () => ({
      table: set.table.name,
      set: set.name,
      elements: [describeElement(element, context.namespace.stack.nowUs)],
    }));
  };
}

const parseElement = (message: NetlinkMessage, at: number, end: number): nft.ElementAttributes =>
  nft.elementAttributes.parse(sourceOf(message, false), at, end);

/** Runs `work` for each element of the message, with where its attributes lie; errors point to it. */
function eachElement(context: HeadContext, work: (at: number, end: number) => void): void {
  const { message } = context.request;
  const { view } = message;
  const [from, to] = elementsOf(message);
  for (let item = from; to - item >= NLA_HDRLEN; ) {
    const length = view.getUint16(item, true);
    if (length < NLA_HDRLEN || length > to - item) return;
    try {
      work(item + NLA_HDRLEN, item + length);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      throw new NetError(error.errno, error.extack, item - message.start);
    }
    item += align4(length);
  }
}

function setOf(
  context: Pick<HeadContext, 'values' | 'table'> & { bad(errno: number, key: 'set'): never },
  transaction: Transaction | null,
  change: boolean,
): NftSet {
  const { values } = context;
  const table = context.table(values.table, 'table', change);
  const named = values.set === undefined ? undefined : table.sets.get(values.set);
  if (named !== undefined) return named;
  const byId = values.setId === undefined ? undefined : transaction?.setIds.get(values.setId);
  return byId?.table === table ? byId : context.bad(ENOENT, 'set');
}

// Linux: nf_tables_newsetelem()
function newElements(context: HeadContext, transaction: Transaction): void {
  const { message } = context.request;
  if (elementsOf(message)[0] === 0) fail(EINVAL);
  const set = setOf(context, transaction, true);
  if (set.use > 0 && (set.flags & nft.NFT_SET_CONSTANT) !== 0) fail(EBUSY);
  transaction.sets.add(set);
  const plain = PlainElements.of(context, set);
  try {
    eachElement(context, (at, end) => {
      if (plain?.add(at, end) !== true) addElement(context, set, parseElement(message, at, end), transaction);
    });
  } finally {
    plain?.done(transaction);
  }
}

// Linux: nft_add_set_elem()
function addElement(context: HeadContext, set: NftSet, values: nft.ElementAttributes, transaction: Transaction): void {
  const { table, parameters } = set;
  const { stack } = context.namespace;
  const flags = values.flags ?? 0;
  if ((flags & ~(nft.NFT_SET_ELEM_INTERVAL_END | nft.NFT_SET_ELEM_CATCHALL)) !== 0) fail(EOPNOTSUPP);
  if ((set.flags & nft.NFT_SET_INTERVAL) === 0 && (flags & nft.NFT_SET_ELEM_INTERVAL_END) !== 0) fail(EINVAL);
  const catchall = (flags & nft.NFT_SET_ELEM_CATCHALL) !== 0;
  if (catchall === (values.key !== undefined)) fail(EINVAL);
  const key = catchall ? null : keyOf(values.key?.value, parameters.keyBytes);
  const keyEnd = values.keyEnd === undefined ? null : keyOf(values.keyEnd.value, parameters.keyBytes);
  const element = new SetElement(key, keyEnd, flags);
  const end = element.endsInterval;
  if ((set.flags & nft.NFT_SET_MAP) !== 0) {
    if (values.data === undefined && !end) fail(EINVAL);
    if (values.data !== undefined && end) fail(EINVAL);
  } else if (values.data !== undefined) fail(EINVAL);
  if ((set.flags & nft.NFT_SET_OBJECT) !== 0) {
    if (values.objref === undefined && !end) fail(EINVAL);
  } else if (values.objref !== undefined) fail(EINVAL);
  if (values.timeout !== undefined && ((set.flags & nft.NFT_SET_TIMEOUT) === 0 || end)) fail(EINVAL);
  const wires = values.expressions ?? (values.expr === undefined ? [] : [values.expr]);
  if (end && wires.length > 0) fail(EINVAL);
  if ((set.flags & nft.NFT_SET_TIMEOUT) !== 0 && !end) {
    element.timeoutMs = values.timeout ?? parameters.timeoutMs;
    element.ownTimeout = values.timeout !== undefined && values.timeout !== parameters.timeoutMs;
    if (element.timeoutMs !== 0) element.expiresUs = stack.nowUs + (values.expiration ?? element.timeoutMs) * 1000;
  }
  if (values.data !== undefined) {
    if (parameters.dataType === NFT_DATA_VERDICT) {
      const { code, chain } = verdictOf(values.data.verdict ?? fail(EINVAL), { table, transaction });
      element.verdict = code;
      element.chain = chain;
      element.hasVerdict = true;
    } else {
      const bytes = values.data.value ?? fail(EINVAL);
      if (bytes.length !== parameters.dataBytes) fail(EINVAL);
      element.data = toWords(bytes);
      element.dataBytes = bytes.length;
    }
  }
  if (values.objref !== undefined)
    element.object = table.objects.get(Table.objectKey(parameters.objectType, values.objref)) ?? fail(ENOENT);
  element.userdata = values.userdata;
  if (!end) element.expressions = expressionsOf(context, set, wires, transaction);
  const there = set.add(element);
  if (there !== null) {
    if (!there.sameValue(element) || context.has(NLM_F_EXCL)) fail(EEXIST);
    return;
  }
  if (parameters.size !== 0 && !catchall && set.count > sizeOf(set)) {
    set.remove(element);
    fail(ENFILE);
  }
  set.hold(element);
  if (element.chain !== null) transaction.needsValidation = true;
  transaction.did(() => set.expire(element), told(context, nft.NFT_MSG_NEWSETELEM, NLM_F_CREATE, set, element));
}

/** Intervals count twice: begin and end. */
export const sizeOf = (set: NftSet): number =>
  (set.flags & nft.NFT_SET_INTERVAL) !== 0 && set.parameters.fields.length <= 1 ? set.parameters.size * 2 : set.parameters.size;

const keyOf = (value: Uint8Array | undefined, bytes: number): Uint8Array => {
  if (value === undefined || value.length !== bytes) return fail(EINVAL);
  return value;
};

function expressionsOf(
  context: HeadContext,
  set: NftSet,
  wires: readonly Parameters<typeof makeExpression>[0][],
  transaction: Transaction,
) {
  const { namespace } = context;
  if (wires.length === 0) return set.templates.map(({ kind, expression }) => ({ kind, expression: expression.clone() }));
  if (set.templates.length > 0 && wires.length !== set.templates.length) return fail(EOPNOTSUPP);
  return wires.map((wire, index) => {
    const made = makeExpression(wire, { namespace, table: set.table, chain: null, transaction, set });
    if (!made.expression.stateful) return fail(EOPNOTSUPP);
    const template = set.templates[index];
    return template !== undefined && template.kind !== made.kind ? fail(EOPNOTSUPP) : made;
  });
}

// Linux: nf_tables_delsetelem()
function deleteElements(context: HeadContext, transaction: Transaction): void {
  const set = setOf(context, transaction, true);
  if (set.use > 0 && (set.flags & nft.NFT_SET_CONSTANT) !== 0) fail(EBUSY);
  const { message } = context.request;
  if (elementsOf(message)[0] === 0) {
    for (const element of [...set.elements()]) removeElement(context, set, element, transaction);
    return;
  }
  eachElement(context, (at, end) => {
    const values = parseElement(message, at, end);
    const flags = values.flags ?? 0;
    if ((flags & nft.NFT_SET_ELEM_CATCHALL) !== 0) {
      removeElement(context, set, set.catchall ?? fail(ENOENT), transaction);
      return;
    }
    const key = keyOf(values.key?.value, set.parameters.keyBytes);
    const keyEnd = values.keyEnd === undefined ? null : keyOf(values.keyEnd.value, set.parameters.keyBytes);
    const element = set.backend.find(key, keyEnd, flags);
    if (element === null || element.expired(context.namespace.stack.nowUs)) return fail(ENOENT);
    return removeElement(context, set, element, transaction);
  });
}

function removeElement(context: HeadContext, set: NftSet, element: SetElement, transaction: Transaction): void {
  set.expire(element);
  transaction.sets.add(set);
  transaction.did(
    () => {
      set.add(element);
      set.hold(element);
    },
    told(context, nft.NFT_MSG_DELSETELEM, 0, set, element),
  );
}

function dumpElements(request: NetlinkRequest): Dump {
  const asked = context(request);
  const set = setOf(asked, null, false);
  const { tables } = asked;
  const { table } = set;
  return {
    generation: () => tables.generation,
    *messages(writer) {
      let elements: nft.ElementAttributes[] = [];
      const flush = () =>
        nft.elementListMessage.build(
          writer,
          nft.NFT_MSG_NEWSETELEM,
          NLM_F_MULTI,
          request.message.sequence,
          request.socket.portId,
          headerOf(tables, table.family),
          { table: table.name, set: set.name, elements },
        );
      for (const element of set.elements()) {
        elements.push(describeElement(element, request.namespace.stack.nowUs));
        if (elements.length < ELEMENTS_PER_MESSAGE) continue;
        flush();
        elements = [];
        yield;
      }
      flush();
      yield;
    },
  };
}

/** `nft get element`: of each key asked for, a message. Linux: nf_tables_getsetelem() */
function getElements(request: NetlinkRequest): void {
  const asked = context(request);
  const set = setOf(asked, null, false);
  if (asked.values.elements === undefined) fail(EINVAL);
  const { nowUs } = request.namespace.stack;
  for (const values of asked.values.elements ?? []) {
    const flags = values.flags ?? 0;
    const key = (flags & nft.NFT_SET_ELEM_CATCHALL) !== 0 ? null : keyOf(values.key?.value, set.parameters.keyBytes);
    const element = key === null ? set.catchall : set.backend.get(key, values.keyEnd?.value ?? null, flags);
    if (element === null || element.expired(nowUs)) return fail(ENOENT);
    request.answer(
      nft.elementListMessage,
      asked.header(set.table.family),
      { table: set.table.name, set: set.name, elements: [describeElement(element, nowUs)] },
      nft.NFT_MSG_NEWSETELEM,
    );
  }
}

const context = (request: NetlinkRequest) => new Context(request, nft.elementListMessage);
const head = (request: NetlinkRequest) => new Context(request, nft.elementHeadMessage);

export const elementHandlers: readonly NfnlHandler<Transaction>[] = [
  { operation: nfnlOperation(nft.NFT_MSG_NEWSETELEM), inBatch: (request, transaction) => newElements(head(request), transaction) },
  { operation: nfnlOperation(nft.NFT_MSG_DELSETELEM), inBatch: (request, transaction) => deleteElements(head(request), transaction) },
  { operation: nfnlOperation(nft.NFT_MSG_GETSETELEM), handle: getElements, dump: dumpElements },
];
