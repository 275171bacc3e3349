import type { Data } from '../../../netlink/nfnl/data.js';
import {
  type ElementAttributes,
  NFT_SET_ANONYMOUS,
  NFT_SET_CONCAT,
  NFT_SET_ELEM_CATCHALL,
  NFT_SET_ELEM_INTERVAL_END,
  NFT_SET_INTERVAL,
} from '../../../netlink/nfnl/nf-tables.js';
import type * as ast from '../ast.js';
import { fail } from '../errors.js';
import type { Location } from '../location.js';
import { UserData } from '../userdata.js';
import { constantBytes, padded, rangeBounds, valueBytes } from './bytes.js';
import { Code } from './code.js';

/** Elements as the kernel has them: intervals are a first key and the one behind the last. */
export interface WireElement {
  readonly attributes: ElementAttributes;
  readonly loc: Location;
}

export interface Interval {
  readonly low: bigint;
  readonly high: bigint;
  readonly element: ast.ElementExpr;
}

/** An element whose interval has no end: it goes to the last key. */
const ELEMENT_INTERVAL_OPEN = 1;

export function wireElements(set: ast.SetDecl, e: ast.SetExpr, alreadyThere: readonly Interval[], forDeletion = false): WireElement[] {
  const interval = (set.flags & NFT_SET_INTERVAL) !== 0;
  const concat = set.keyType.parts !== undefined;
  if (!interval || concat) return e.elements.map((element) => ({ attributes: plain(set, element, forDeletion), loc: element.loc }));
  const catchall = e.elements.filter((element) => element.key.kind === 'catchall');
  const intervals = intervalsOf(set, e);
  return [
    ...fromIntervals(set, intervals, alreadyThere, forDeletion),
    ...catchall.map((element) => ({ attributes: plain(set, element, forDeletion), loc: element.loc })),
  ];
}

function plain(set: ast.SetDecl, element: ast.ElementExpr, forDeletion: boolean): ElementAttributes {
  if (element.key.kind === 'catchall') return { flags: NFT_SET_ELEM_CATCHALL, ...rest(set, element, forDeletion) };
  const ranged = (set.flags & NFT_SET_CONCAT) !== 0 || ((set.flags & NFT_SET_INTERVAL) !== 0 && set.keyType.parts !== undefined);
  if (ranged && element.key.kind === 'concat') {
    const bounds = element.key.parts.map(rangeBounds);
    return {
      key: { value: padded(bounds.map(([low]) => constantBytes(low))) },
      keyEnd: { value: padded(bounds.map(([, high]) => constantBytes(high))) },
      ...rest(set, element, forDeletion),
    };
  }
  return { key: { value: constantBytes(element.key) }, ...rest(set, element, forDeletion) };
}

/** How many elements a set without a name says that it has: ends that the next interval begins at count, and are not sent. */
export function countedElements(set: ast.SetDecl, sent: readonly WireElement[]): number {
  if ((set.flags & NFT_SET_INTERVAL) === 0 || set.keyType.parts !== undefined) return sent.length;
  const intervals = intervalsOf(set, set.elements!);
  return sent.length + intervals.filter((interval, index) => intervals[index + 1]?.low === interval.high + 1n).length;
}

/** Everything about an element but its key. */
function rest(set: ast.SetDecl, element: ast.ElementExpr, forDeletion: boolean): ElementAttributes {
  const userdata = new UserData();
  if (element.comment !== undefined) userdata.text(0, element.comment);
  const statements = forDeletion ? [] : (element.statements ?? []);
  const expressions = statements.map((statement) => new Code().inside(statement));
  return {
    ...dataOf(set, element),
    ...(expressions.length === 1 ? { expr: expressions[0]! } : {}),
    ...(expressions.length > 1 ? { expressions } : {}),
    ...(element.timeout === undefined || forDeletion ? {} : { timeout: element.timeout }),
    ...(element.expires === undefined || forDeletion ? {} : { expiration: element.expires }),
    ...(userdata.empty ? {} : { userdata: userdata.bytes() }),
  };
}

function dataOf(set: ast.SetDecl, element: ast.ElementExpr): ElementAttributes {
  const { data } = element;
  if (data === undefined) return {};
  if (set.objectType !== undefined) return { objref: new Code().text(data) };
  return { data: dataBytes(set, data) };
}

function dataBytes(set: ast.SetDecl, data: ast.Expr): Data {
  if (data.kind === 'verdict') return new Code().verdictData(data);
  if (set.dataInterval !== true) return { value: constantBytes(data) };
  const parts = data.kind === 'concat' ? data.parts : [data];
  const bounds = parts.map(rangeBounds);
  return { value: padded([...bounds.map(([low]) => constantBytes(low)), ...bounds.map(([, high]) => constantBytes(high))]) };
}

/** Names of devices are compared from their first character on: as big-endian numbers. */
export function sortValue(e: ast.ValueExpr): bigint {
  if (e.byteorder !== 'host' || (e.type.name !== 'ifname' && e.type.name !== 'string')) return e.value;
  let value = 0n;
  for (const byte of valueBytes(e.value, e.bits, 'host')) value = (value << 8n) | BigInt(byte);
  return value;
}

export function intervalOf(element: ast.ElementExpr): Interval {
  const [low, high] = rangeBounds(element.key);
  return { low: sortValue(low), high: sortValue(high), element };
}

const byLow = (a: Interval, b: Interval): number =>
  a.low < b.low ? -1 : a.low > b.low ? 1 : a.high > b.high ? -1 : a.high < b.high ? 1 : 0;

/** The elements as intervals in order; those of sets without a name and of auto-merge joined where they touch. */
export function intervalsOf(set: ast.SetDecl, e: ast.SetExpr): Interval[] {
  const sorted = e.elements
    .filter((element) => element.key.kind !== 'catchall')
    .map(intervalOf)
    .sort(byLow);
  const merge = (set.flags & NFT_SET_ANONYMOUS) !== 0 || set.autoMerge === true;
  const isMap = sorted.some((interval) => interval.element.data !== undefined);
  const out: Interval[] = [];
  for (const interval of sorted) {
    const before = out.at(-1);
    if (before === undefined || interval.low > before.high + 1n || (interval.low === before.high + 1n && (!merge || isMap))) {
      out.push(interval);
      continue;
    }
    if (interval.low === before.low && interval.high === before.high && !isMap) continue;
    if (isMap || !merge) {
      if (interval.low === before.low && interval.high === before.high && sameData(before, interval)) continue;
      fail('conflicting intervals specified', interval.element.loc, before.element.loc);
    }
    if (interval.high > before.high) out[out.length - 1] = { ...before, high: interval.high };
  }
  return out;
}

const sameData = (a: Interval, b: Interval): boolean => a.element.data === undefined && b.element.data === undefined;

const keyData = (set: ast.SetDecl, value: bigint): Data => {
  const text = set.keyType.name === 'ifname' || set.keyType.name === 'string';
  return { value: valueBytes(value, set.keyBits, text ? 'big' : set.keyByteorder === 'host' ? 'host' : 'big') };
};

/** What `get element` asks of a set of intervals: a key, and of a range its last one as an end. nft: get_set_intervals() */
export function wireBounds(set: ast.SetDecl, element: ast.ElementExpr): ElementAttributes[] {
  if (element.key.kind === 'catchall') return [{ flags: NFT_SET_ELEM_CATCHALL }];
  const { low, high } = intervalOf(element);
  const first = { key: keyData(set, low), ...rest(set, element, true) };
  return element.key.kind === 'value' ? [first] : [first, { key: keyData(set, high), flags: NFT_SET_ELEM_INTERVAL_END }];
}

function fromIntervals(
  set: ast.SetDecl,
  intervals: readonly Interval[],
  alreadyThere: readonly Interval[],
  forDeletion: boolean,
): WireElement[] {
  const out: WireElement[] = [];
  const bits = set.keyBits;
  const last = (1n << BigInt(bits)) - 1n;
  const key = (value: bigint) => keyData(set, value);
  const first = intervals[0];
  // A set that begins behind zero says so once: what lies before is in no interval.
  if (!forDeletion && first !== undefined && first.low > 0n && alreadyThere.length === 0)
    out.push({ attributes: { key: key(0n), flags: NFT_SET_ELEM_INTERVAL_END }, loc: first.element.loc });
  intervals.forEach((interval, index) => {
    const { element } = interval;
    const open = interval.high === last && !forDeletion;
    const extra = rest(set, element, forDeletion);
    const userdata = new UserData();
    if (open) {
      if (element.comment !== undefined) userdata.text(0, element.comment);
      userdata.number(1, ELEMENT_INTERVAL_OPEN);
    }
    out.push({ attributes: { key: key(interval.low), ...extra, ...(open ? { userdata: userdata.bytes() } : {}) }, loc: element.loc });
    const next = intervals[index + 1];
    const adjacent = next !== undefined && next.low === interval.high + 1n;
    if (interval.high === last || (adjacent && (set.flags & NFT_SET_ANONYMOUS) !== 0)) return;
    out.push({ attributes: { key: key(interval.high + 1n), flags: NFT_SET_ELEM_INTERVAL_END }, loc: element.loc });
  });
  return out;
}
