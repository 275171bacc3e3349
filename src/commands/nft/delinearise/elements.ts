import {
  type ElementAttributes,
  NFT_SET_ELEM_CATCHALL,
  NFT_SET_ELEM_INTERVAL_END,
  NFT_SET_INTERVAL,
} from '../../../netlink/nfnl/nf-tables.js';
import type * as ast from '../ast.js';
import { verdictType } from '../datatypes/basic.js';
import { isBitmask } from '../datatypes/meta.js';
import type { ByteOrder, Datatype } from '../datatypes/datatype.js';
import { bytesValue } from '../linearise/bytes.js';
import { nowhere } from '../location.js';
import * as make from '../parser/make.js';
import { parseUserData, userText } from '../userdata.js';
import type { Delineariser } from './delineariser.js';
import { rangeOrPrefix } from './values.js';

/** Elements of a set as they are listed: in order, intervals put together again. */

const isText = (type: Datatype) => type.name === 'ifname' || type.name === 'string';

export function decodeElements(set: ast.SetDecl, elements: readonly ElementAttributes[], d: Delineariser): ast.SetExpr {
  const interval = (set.flags & NFT_SET_INTERVAL) !== 0 && set.keyType.parts === undefined;
  const catchall = elements.filter((e) => ((e.flags ?? 0) & NFT_SET_ELEM_CATCHALL) !== 0);
  const others = elements.filter((e) => ((e.flags ?? 0) & NFT_SET_ELEM_CATCHALL) === 0);
  const decoded = interval ? decodeIntervals(set, others, d) : sorted(set, others).map((e) => withRest(set, e, keyOf(set, e), d));
  for (const e of catchall) decoded.push(withRest(set, e, { ...make.catchall(nowhere) }, d));
  return { ...make.set(nowhere, decoded), type: set.keyType, bits: set.keyBits, byteorder: set.keyByteorder };
}

const orderOf = (set: ast.SetDecl): ByteOrder => {
  if (set.keyByteorder !== 'none') return set.keyByteorder;
  return set.keyType.byteorder === 'none' ? 'big' : set.keyType.byteorder;
};

/**
 * In the order of nft's list_expr_sort(): by value, of flags by their lowest bit, of several parts by their bytes with the last one the
 * heaviest. Of equals the one that was added last comes first. Ranges of several parts stay as the kernel has them.
 */
function sorted(set: ast.SetDecl, elements: readonly ElementAttributes[]): readonly ElementAttributes[] {
  if ((set.flags & NFT_SET_INTERVAL) !== 0) return elements;
  const keyed = elements.map((e, index) => ({ e, index, key: sortKey(set, e.key?.value ?? new Uint8Array(0)) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : b.index - a.index));
  return keyed.map(({ e }) => e);
}

function sortKey(set: ast.SetDecl, bytes: Uint8Array): bigint {
  if (set.keyType.parts === undefined) {
    const key = bytesValue(bytes, isText(set.keyType) || orderOf(set) === 'host' ? 'host' : 'big');
    return isBitmask(set.keyType) ? key & -key : key;
  }
  const tight: number[] = [];
  let at = 0;
  for (const { bits } of partShapes(set)) {
    tight.push(...bytes.subarray(at, at + Math.ceil(bits / 8)));
    at += Math.ceil(bits / 32) * 4;
  }
  return bytesValue(Uint8Array.from(tight), 'host');
}

interface Shape {
  readonly type: Datatype;
  readonly bits: number;
  readonly byteorder: ByteOrder;
}

function partShapes(set: ast.SetDecl): Shape[] {
  const ranged = (set.flags & NFT_SET_INTERVAL) !== 0;
  return (set.keyType.parts ?? []).map((type, index) => {
    const known = set.keyParts?.[index];
    const byteorder = known?.byteorder ?? (type.byteorder === 'none' ? 'big' : type.byteorder);
    const bits = known?.bits ?? type.bits;
    // Numbers in ranges are big endian in the kernel.
    return {
      type,
      bits: Math.ceil(bits / 8) * 8,
      byteorder: ranged && byteorder === 'host' && bits > 8 && !isText(type) ? 'big' : byteorder,
    };
  });
}

function constantOf(shape: Shape, bytes: Uint8Array, inSet: boolean): ast.ValueExpr {
  const value = make.value(nowhere, shape.type, shape.bits, shape.byteorder, bytesValue(bytes, shape.byteorder === 'big' ? 'big' : 'host'));
  if (inSet && isBitmask(shape.type) && (value.value & (value.value - 1n)) !== 0n) value.symbolic = 'bits';
  return value;
}

function keyOf(set: ast.SetDecl, e: ElementAttributes): ast.Expr {
  const low = e.key?.value ?? new Uint8Array(0);
  if (set.keyType.parts === undefined)
    return shifted(set, constantOf({ type: set.keyType, bits: set.keyBits, byteorder: orderOf(set) }, low, true));
  const high = e.keyEnd?.value;
  let at = 0;
  const parts = partShapes(set).map((shape) => {
    const length = Math.ceil(shape.bits / 8);
    const from = constantOf(shape, low.subarray(at, at + length), true);
    const to = high === undefined ? from : constantOf(shape, high.subarray(at, at + length), true);
    at += Math.ceil(length / 4) * 4;
    return intervalExpr(from, to);
  });
  return { ...make.concat(nowhere, parts), type: set.keyType, bits: set.keyBits };
}

/** A set of parts of bytes keeps its values where they lie in them. */
function shifted(set: ast.SetDecl, e: ast.ValueExpr): ast.Expr {
  const by = set.keyShift ?? 0;
  return by === 0 ? e : { ...e, value: e.value >> BigInt(by) };
}

/** A value, a prefix, a beginning of names, or a range. */
function intervalExpr(from: ast.ValueExpr, to: ast.ValueExpr): ast.Expr {
  if (from.value === to.value) return from;
  if (isText(from.type)) {
    const length = textLength(from);
    return { ...make.prefix(nowhere, { ...from, value: from.value & ((1n << BigInt(length)) - 1n) }, length) };
  }
  return rangeOrPrefix(make.range(nowhere, from, to));
}

function textLength(e: ast.ValueExpr): number {
  let bits = 0;
  while (((e.value >> BigInt(bits)) & 0xffn) !== 0n) bits += 8;
  return bits;
}

function withRest(set: ast.SetDecl, e: ElementAttributes, key: ast.Expr, d: Delineariser): ast.ElementExpr {
  const comment = userText(parseUserData(e.userdata).get(0));
  const statements = (e.expressions ?? (e.expr === undefined ? [] : [e.expr]))
    .map((inner) => d.statement(inner))
    .filter((s) => s !== undefined);
  const data = dataOf(set, e, d);
  return {
    ...make.element(nowhere, key),
    ...(data === undefined ? {} : { data }),
    ...(e.timeout === undefined ? {} : { timeout: e.timeout }),
    ...(e.expiration === undefined ? {} : { expires: e.expiration }),
    ...(comment === undefined ? {} : { comment }),
    ...(statements.length === 0 ? {} : { statements }),
  };
}

function dataOf(set: ast.SetDecl, e: ElementAttributes, d: Delineariser): ast.Expr | undefined {
  if (e.objref !== undefined) return make.symbol(nowhere, e.objref);
  if (e.data === undefined) return undefined;
  if (e.data.verdict !== undefined || set.dataType === verdictType) return d.verdict(e.data);
  const type = set.dataType!;
  const bytes = e.data.value ?? new Uint8Array(0);
  const half = set.dataInterval === true ? bytes.length / 2 : bytes.length;
  const parts = type.parts ?? [type];
  let at = 0;
  const values = parts.map((part) => {
    const length = type.parts === undefined ? half : Math.ceil(part.bits / 8);
    const own = type.parts === undefined ? (set.dataByteorder ?? 'none') : 'none';
    const byteorder: ByteOrder = own !== 'none' ? own : part.byteorder === 'none' ? 'big' : part.byteorder;
    const shape: Shape = { type: part, bits: length * 8, byteorder };
    const from = constantOf(shape, bytes.subarray(at, at + length), false);
    const to = set.dataInterval === true ? constantOf(shape, bytes.subarray(half + at, half + at + length), false) : from;
    at += Math.ceil(length / 4) * 4;
    return intervalExpr(from, to);
  });
  return values.length === 1 ? values[0] : { ...make.concat(nowhere, values), type };
}

/** First keys and the ends behind the last ones, as intervals. */
function decodeIntervals(set: ast.SetDecl, elements: readonly ElementAttributes[], d: Delineariser): ast.ElementExpr[] {
  const text = isText(set.keyType);
  const order: ByteOrder = text ? 'big' : orderOf(set) === 'host' ? 'big' : orderOf(set);
  const keyed = elements.map((e) => ({
    e,
    key: bytesValue(e.key?.value ?? new Uint8Array(0), order),
    end: ((e.flags ?? 0) & NFT_SET_ELEM_INTERVAL_END) !== 0,
  }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.end === b.end ? 0 : a.end ? -1 : 1));
  const last = (1n << BigInt(set.keyBits)) - 1n;
  const out: ast.ElementExpr[] = [];
  keyed.forEach(({ e, key, end }, index) => {
    if (end) return;
    const next = keyed[index + 1];
    const high = next === undefined ? last : next.key - 1n;
    const value = (number: bigint): ast.ValueExpr => {
      if (!text) return { ...make.value(nowhere, set.keyType, set.keyBits, orderOf(set), number) };
      const bytes = new Uint8Array(set.keyBits / 8);
      let rest = number;
      for (let i = bytes.length - 1; i >= 0; i--) {
        bytes[i] = Number(rest & 0xffn);
        rest >>= 8n;
      }
      return make.value(nowhere, set.keyType, set.keyBits, 'host', bytesValue(bytes, 'host'));
    };
    const from = shifted(set, value(key)) as ast.ValueExpr;
    const to = shifted(set, value(high)) as ast.ValueExpr;
    out.push(withRest(set, e, intervalExpr(from, to), d));
  });
  return out;
}
