import { NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_TCP_RST } from '../../../netlink/nfnl/expressions/reject.js';
import type * as ast from '../ast.js';
import { ipv4AddressType, ipv6AddressType } from '../datatypes/address.js';
import type { ByteOrder, Datatype } from '../datatypes/datatype.js';
import { inetServiceType } from '../datatypes/inet.js';
import { ifindexType, isBitmask } from '../datatypes/meta.js';
import { bytesValue, valueBytes } from '../linearise/bytes.js';
import { nowhere } from '../location.js';
import * as make from '../parser/make.js';
import { ip, ip6 } from '../protocols/network.js';
import { NETWORK, TRANSPORT } from '../protocols/protocol.js';
import { expr, plainOf } from './fields.js';
import { KnownHeaders } from './known-headers.js';
import { joinRanges, match } from './matches.js';
import { bitList, rangeOrPrefix } from './values.js';

/** Gives names and types to what bytecode loads and compares, and leaves out what nobody wrote. */
export function postprocess(statements: readonly ast.Statement[], family: ast.Family): ast.Statement[] {
  const known = new KnownHeaders(family);
  for (const s of joinRanges(statements)) statement(known, s);
  return known.out;
}

function statement(known: KnownHeaders, s: ast.Statement): void {
  if (s.kind === 'match' && s.expr.kind === 'relational') return match(known, s, s.expr);
  const value = (e: ast.Expr, type: Datatype, bits: number, byteorder: ByteOrder): ast.Expr => argument(known, e, type, bits, byteorder);
  let done: ast.Statement = s;
  switch (s.kind) {
    case 'verdict':
      if (s.expr.kind === 'map') s.expr = expr(known, s.expr);
      break;
    case 'mangle':
      done = mangle(known, s);
      break;
    case 'nat':
      nat(known, s);
      break;
    case 'tproxy': {
      const type = s.family === 'ip6' ? ipv6AddressType : ipv4AddressType;
      if (s.address !== undefined) s.address = value(s.address, type, type.bits, 'big');
      if (s.port !== undefined) s.port = value(s.port, inetServiceType, 16, 'big');
      s.shownFamily = known.family === 'inet';
      break;
    }
    case 'dup': {
      const type = known.family === 'ip6' ? ipv6AddressType : ipv4AddressType;
      if (s.address !== undefined) s.address = value(s.address, type, type.bits, 'big');
      if (s.device !== undefined) s.device = value(s.device, ifindexType, 32, 'host');
      break;
    }
    case 'fwd': {
      const type = s.family === 'ip6' ? ipv6AddressType : ipv4AddressType;
      if (s.address !== undefined) s.address = value(s.address, type, type.bits, 'big');
      s.device = value(s.device, ifindexType, 32, 'host');
      break;
    }
    case 'queue':
      if (s.queues !== undefined) s.queues = expr(known, s.queues);
      break;
    case 'objref':
      if (s.expr.kind === 'map') s.expr = expr(known, s.expr);
      break;
    case 'setstmt': {
      s.key = { ...s.key, key: expr(known, s.key.key) };
      const { set } = s.set;
      if (s.data !== undefined && set?.dataType !== undefined)
        s.data = value(s.data, set.dataType, set.dataBits ?? 0, set.dataByteorder ?? 'host');
      break;
    }
    case 'meter':
      s.key = { ...s.key, key: expr(known, s.key.key) };
      break;
    case 'optstrip':
      s.option = expr(known, s.option);
      break;
    case 'reject':
      reject(known, s);
      break;
  }
  // What was changed in between might be what the dependency was about.
  known.dependencies.clear();
  known.out.push(done);
}

function argument(known: KnownHeaders, e: ast.Expr, type: Datatype, bits: number, byteorder: ByteOrder): ast.Expr {
  if (e.kind === 'range' && sameValue(e)) {
    const single = argument(known, e.left, type, bits, byteorder);
    return make.prefix(nowhere, single, single.bits);
  }
  if (e.kind === 'range')
    return rangeOrPrefix(
      make.range(nowhere, argument(known, e.left, type, bits, byteorder), argument(known, e.right, type, bits, byteorder)),
    );
  if (e.kind !== 'value') return plainOf(expr(known, e));
  if (type.parts !== undefined) {
    const bytes = valueBytes(e.value, e.bits, 'host');
    let at = 0;
    const parts = type.parts.map((part) => {
      const length = Math.ceil(part.bits / 8);
      const order = part.byteorder === 'none' ? 'big' : part.byteorder;
      const value = make.value(nowhere, part, part.bits, order, bytesValue(bytes.slice(at, at + length), order));
      at += Math.ceil(length / 4) * 4;
      return value;
    });
    return make.concat(nowhere, parts);
  }
  const order = byteorder === 'none' ? 'host' : byteorder;
  return make.value(nowhere, type, bits, order, bytesValue(valueBytes(e.value, e.bits, 'host'), order));
}

function nat(known: KnownHeaders, s: ast.NatStatement): void {
  // "ip protocol tcp" stays before "redirect to :tcp dport map".
  const transport = known.dependencies.get(TRANSPORT);
  if (transport?.left.kind === 'payload') known.dependencies.delete(TRANSPORT);
  const type = s.family === 'ip6' ? ipv6AddressType : ipv4AddressType;
  if (s.address !== undefined) s.address = argument(known, s.address, type, type.bits, 'big');
  if (s.port !== undefined) s.port = port(known, s.port);
  s.shownFamily = known.family === 'inet';
  if (s.prefix === true || (s.address?.kind === 'map' && (s.concat === true || s.interval === true))) s.shownFamily = true;
}

function port(known: KnownHeaders, e: ast.Expr): ast.Expr {
  if (e.kind === 'range') return make.range(nowhere, port(known, e.left), port(known, e.right));
  return argument(known, e, inetServiceType, 16, 'big');
}

function mangle(known: KnownHeaders, s: ast.MangleStatement): ast.Statement {
  const field = maskedSet(known, s);
  if (field !== null) return field;
  const key = expr(known, s.key);
  const value = argument(known, s.value, key.type, key.bits, key.byteorder);
  return { ...s, key, value: value.kind === 'value' && isBitmask(key.type) ? bitList(value) : value };
}

/** A field that is a part of the bytes that are written: load, mask, or, write. */
function maskedSet(known: KnownHeaders, s: ast.MangleStatement): ast.MangleStatement | null {
  if (s.key.kind !== 'payload' || s.value.kind !== 'binop') return null;
  let inner: ast.Expr = s.value;
  let mask: bigint | null = null;
  let set = 0n;
  const whole = (1n << BigInt(s.key.bits)) - 1n;
  const big = (e: ast.Expr) => (e.kind === 'value' ? bytesValue(valueBytes(e.value, e.bits, 'host'), 'big') : 0n);
  while (inner.kind === 'binop') {
    if (inner.op === '&') mask = (mask ?? whole) & big(inner.right);
    else if (inner.op === '|') {
      set |= big(inner.right);
      mask = (mask ?? whole) & ~big(inner.right) & whole;
    } else if (inner.op === '^') set ^= big(inner.right);
    inner = inner.left;
  }
  if (inner.kind !== 'payload' || inner.base !== s.key.base || inner.offset !== s.key.offset || mask === null) return null;
  const protocol = known.protocolAt(s.key);
  if (protocol === undefined) return null;
  const start = s.key.offset - known.linkOffset(protocol, s.key.base);
  const end = start + s.key.bits;
  const written = (whole ^ mask) | set;
  const candidates = protocol.fields.filter(
    (field) => field.offset >= start && field.offset + field.bits <= end && field.bits < s.key.bits && known.icmpFits(field),
  );
  for (const field of candidates) {
    const low = BigInt(end - field.offset - field.bits);
    const hole = ((1n << BigInt(field.bits)) - 1n) << low;
    if ((written & ~hole) !== 0n) continue;
    known.kill(s.key, s.key.base);
    const key: ast.PayloadExpr = { ...s.key, protocol, field, raw: false, type: field.type };
    const value = make.value(nowhere, field.type, field.bits, 'big', (set & hole) >> low);
    return { ...s, key, value: isBitmask(field.type) ? { ...value, symbolic: 'bits' } : value };
  }
  return null;
}

function reject(known: KnownHeaders, s: ast.RejectStatement): void {
  const { family } = known;
  if (s.type === NFT_REJECT_TCP_RST) {
    s.family = 'tcp';
    if (family === 'ip' || family === 'ip6') known.kill(null, TRANSPORT);
    return;
  }
  if (s.type === NFT_REJECT_ICMPX_UNREACH) {
    s.family = 'icmpx';
    return;
  }
  const network = family === 'ip' ? ip : family === 'ip6' ? ip6 : known.protocols.network;
  s.family = network === ip6 ? 'icmpv6' : 'icmp';
  if (family === 'ip' || family === 'ip6') return;
  s.shownFamily = true;
  known.kill(null, NETWORK);
}

const sameValue = (e: ast.RangeExpr): boolean =>
  e.left.kind === 'value' && e.right.kind === 'value' && e.left.value === e.right.value && e.left.bits >= 32;
