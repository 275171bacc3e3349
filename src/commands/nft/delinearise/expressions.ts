import { NFT_REG_VERDICT } from '../../../netlink/nfnl/data.js';
import * as bitwiseWire from '../../../netlink/nfnl/expressions/bitwise.js';
import { byteorder, NFT_BYTEORDER_HTON } from '../../../netlink/nfnl/expressions/byteorder.js';
import { cmp } from '../../../netlink/nfnl/expressions/cmp.js';
import { match, target } from '../../../netlink/nfnl/expressions/compat.js';
import { connlimit } from '../../../netlink/nfnl/expressions/connlimit.js';
import { counter } from '../../../netlink/nfnl/expressions/counter.js';
import { ct } from '../../../netlink/nfnl/expressions/ct.js';
import { dup } from '../../../netlink/nfnl/expressions/dup.js';
import { dynset } from '../../../netlink/nfnl/expressions/dynset.js';
import * as exthdrWire from '../../../netlink/nfnl/expressions/exthdr.js';
import { fib } from '../../../netlink/nfnl/expressions/fib.js';
import { flowOffload } from '../../../netlink/nfnl/expressions/flow-offload.js';
import { fwd } from '../../../netlink/nfnl/expressions/fwd.js';
import { hash, NFT_HASH_SYM } from '../../../netlink/nfnl/expressions/hash.js';
import { immediate } from '../../../netlink/nfnl/expressions/immediate.js';
import { last } from '../../../netlink/nfnl/expressions/last.js';
import { limit } from '../../../netlink/nfnl/expressions/limit.js';
import { log } from '../../../netlink/nfnl/expressions/log.js';
import { lookup, NFT_LOOKUP_F_INV } from '../../../netlink/nfnl/expressions/lookup.js';
import { masq } from '../../../netlink/nfnl/expressions/masq.js';
import { meta } from '../../../netlink/nfnl/expressions/meta.js';
import { NF_NAT_RANGE_NETMAP, NFT_NAT_SNAT, nat } from '../../../netlink/nfnl/expressions/nat.js';
import { notrack } from '../../../netlink/nfnl/expressions/notrack.js';
import { numgen } from '../../../netlink/nfnl/expressions/numgen.js';
import { objref } from '../../../netlink/nfnl/expressions/objref.js';
import { osf } from '../../../netlink/nfnl/expressions/osf.js';
import { payload } from '../../../netlink/nfnl/expressions/payload.js';
import { queue } from '../../../netlink/nfnl/expressions/queue.js';
import { quota } from '../../../netlink/nfnl/expressions/quota.js';
import { range } from '../../../netlink/nfnl/expressions/range.js';
import { redir } from '../../../netlink/nfnl/expressions/redir.js';
import { reject } from '../../../netlink/nfnl/expressions/reject.js';
import { rt } from '../../../netlink/nfnl/expressions/rt.js';
import { socket } from '../../../netlink/nfnl/expressions/socket.js';
import { synproxy } from '../../../netlink/nfnl/expressions/synproxy.js';
import { tproxy } from '../../../netlink/nfnl/expressions/tproxy.js';
import { xfrm } from '../../../netlink/nfnl/expressions/xfrm.js';
import { registerWord } from '../../../netlink/nfnl/data.js';
import { NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import { NFT_SET_ANONYMOUS, NFT_SET_EVAL } from '../../../netlink/nfnl/nf-tables.js';
import type * as ast from '../ast.js';
import { integerType, verdictType } from '../datatypes/basic.js';
import { booleanType } from '../datatypes/meta.js';
import { ctExpr } from '../expressions/ct.js';
import { fibExpr } from '../expressions/fib.js';
import { hashExpr } from '../expressions/hash.js';
import { metaExpr } from '../expressions/meta.js';
import { numgenExpr } from '../expressions/numgen.js';
import { osfExpr } from '../expressions/osf.js';
import { rawPayload } from '../expressions/payload.js';
import { rtExpr } from '../expressions/rt.js';
import { socketExpr } from '../expressions/socket.js';
import { xfrmExpr } from '../expressions/xfrm.js';
import { nowhere } from '../location.js';
import * as make from '../parser/make.js';
import type { PayloadBase } from '../protocols/protocol.js';
import type { Delineariser } from './delineariser.js';
import { rawValue, type Reader, reader } from './reader.js';

/** What each expression of the bytecode stands for. */

const loc = nowhere;
const comparisons: readonly ast.RelationalOperator[] = ['==', '!=', '<', '<=', '>', '>='];

const payloadOf = (e: { readonly base?: number | undefined; readonly offset?: number | undefined; readonly len?: number | undefined }) =>
  rawPayload(loc, (e.base ?? 0) as PayloadBase, (e.offset ?? 0) * 8, (e.len ?? 0) * 8);

type ExthdrValues = { readonly [K in 'op' | 'type' | 'offset' | 'len' | 'flags']?: number | undefined };

function exthdrOf(e: ExthdrValues): ast.ExthdrExpr {
  const present = ((e.flags ?? 0) & exthdrWire.NFT_EXTHDR_F_PRESENT) !== 0;
  return {
    kind: 'exthdr',
    op: e.op ?? exthdrWire.NFT_EXTHDR_OP_IPV6,
    number: e.type ?? 0,
    offset: (e.offset ?? 0) * 8,
    present,
    raw: true,
    ...make.typed(loc, present ? booleanType : integerType, (e.len ?? 0) * 8, 'big'),
  };
}

const dataValue = (data: { readonly value?: Uint8Array | undefined } | undefined) => rawValue(data?.value ?? new Uint8Array(0));

function relational(d: Delineariser, op: ast.RelationalOperator, left: ast.Expr, right: ast.Expr): void {
  d.push({ kind: 'match', expr: make.relational(loc, op, left, right), loc });
}

/** (reg & mask) ^ xor as what it was written as: masks, bits set, bits turned. */
function maskXor(left: ast.Expr, mask: Uint8Array, xor: Uint8Array): ast.Expr {
  const invert = (bytes: Uint8Array) => bytes.map((byte) => ~byte & 0xff);
  const both = (a: Uint8Array, b: Uint8Array, join: (x: number, y: number) => number) => a.map((byte, i) => join(byte, b[i] ?? 0));
  const set = both(invert(mask), xor, (x, y) => x & y);
  const kept = both(mask, set, (x, y) => x | y);
  const turned = both(mask, xor, (x, y) => x & y);
  const zero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);
  let e = left;
  const apply = (op: ast.BinaryOperator, bytes: Uint8Array) => {
    e = { ...make.binop(loc, op, e, rawValue(bytes)), type: left.type, bits: left.bits, byteorder: left.byteorder };
  };
  if (!kept.every((byte) => byte === 0xff)) apply('&', kept);
  if (!zero(turned)) apply('^', turned);
  if (!zero(set)) apply('|', set);
  return e;
}

function lookupIn(d: Delineariser, name: string | undefined, sreg: number | undefined): { key: ast.Expr; set: ast.SetRefExpr } {
  const decl = d.view.findSet(name ?? '');
  const key = d.reg(sreg, Math.max(1, Math.ceil((decl?.keyBits ?? 32) / 8)));
  const set: ast.SetRefExpr = {
    ...make.setRef(loc, name ?? ''),
    ...(decl === undefined ? {} : { set: decl, type: decl.keyType, bits: decl.keyBits, byteorder: decl.keyByteorder }),
  };
  return { key, set };
}

/** Registers of NAT that lie in one value, which a map gave. */
function natParts(d: Delineariser, min: number | undefined, max: number | undefined): { e?: ast.Expr; wide: boolean } {
  if (min === undefined || min === 0) return { wide: false };
  const first = d.single(min);
  if (max === undefined || max === 0 || max === min) return { e: first, wide: false };
  const inside = registerWord(max) - registerWord(min);
  if (first.kind === 'map' && inside * 32 < first.bits) return { e: first, wide: true };
  return { e: make.range(loc, first, d.single(max)), wide: false };
}

const natFamily = (family: number | undefined): 'ip' | 'ip6' => (family === NFPROTO_IPV6 ? 'ip6' : 'ip');

// Kinds whose kernel name is one thing to readers: a map from it.
export const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  reader(payload, (e, d) => {
    if (e.sreg === undefined) return d.load(e.dreg, payloadOf(e));
    d.push({ kind: 'mangle', key: payloadOf(e), value: d.reg(e.sreg, e.len), loc });
  }),
  reader(exthdrWire.exthdr, (e, d) => {
    if (e.dreg !== undefined) return d.load(e.dreg, exthdrOf(e));
    if (e.sreg !== undefined) return d.push({ kind: 'mangle', key: exthdrOf(e), value: d.reg(e.sreg, e.len), loc });
    d.push({ kind: 'optstrip', option: { ...exthdrOf(e), present: true }, loc });
  }),
  reader(meta, (e, d) => {
    if (e.sreg === undefined) return d.load(e.dreg, metaExpr(loc, e.key ?? 0));
    const key = metaExpr(loc, e.key ?? 0);
    d.push({ kind: 'mangle', key, value: d.reg(e.sreg, Math.ceil(key.bits / 8)), loc });
  }),
  reader(ct, (e, d) => {
    const key = ctExpr(loc, e.key ?? 0, e.direction);
    if (e.sreg === undefined) return d.load(e.dreg, key);
    d.push({ kind: 'mangle', key, value: d.reg(e.sreg, Math.ceil(key.bits / 8)), loc });
  }),
  reader(rt, (e, d) => d.load(e.dreg, rtExpr(loc, e.key ?? 0))),
  reader(socket, (e, d) => d.load(e.dreg, socketExpr(loc, e.key ?? 0, e.key === 3 ? (e.level ?? 0) : undefined))),
  reader(osf, (e, d) => d.load(e.dreg, osfExpr(loc, e.ttl ?? 0, ((e.flags ?? 0) & 1) !== 0))),
  reader(fib, (e, d) => d.load(e.dreg, fibExpr(loc, e.flags ?? 0, e.result ?? 0))),
  reader(numgen, (e, d) => d.load(e.dreg, numgenExpr(loc, e.type ?? 0, e.modulus ?? 0, e.offset ?? 0))),
  reader(xfrm, (e, d) => d.load(e.dreg, xfrmExpr(loc, e.dir ?? 0, e.spnum ?? 0, e.key ?? 0))),
  reader(hash, (e, d) => {
    const options = { modulus: e.modulus ?? 0, offset: e.offset ?? 0, ...(e.seed === undefined ? {} : { seed: e.seed }) };
    if (e.type === NFT_HASH_SYM) return d.load(e.dreg, hashExpr(loc, NFT_HASH_SYM, options));
    d.load(e.dreg, hashExpr(loc, e.type ?? 0, options, d.reg(e.sreg, e.len ?? 4)));
  }),
  reader(immediate, (e, d) => {
    if (e.data?.verdict !== undefined) return d.push({ kind: 'verdict', expr: d.verdict(e.data), loc });
    d.load(e.dreg, dataValue(e.data));
  }),
  reader(bitwiseWire.bitwise, (e, d) => {
    const left = d.reg(e.sreg, e.len);
    if (e.op === bitwiseWire.NFT_BITWISE_LSHIFT || e.op === bitwiseWire.NFT_BITWISE_RSHIFT) {
      const by = make.value(loc, integerType, 32, 'host', dataValue(e.data).value);
      const op = e.op === bitwiseWire.NFT_BITWISE_LSHIFT ? '<<' : '>>';
      return d.load(e.dreg, { ...make.binop(loc, op, left, by), type: left.type, bits: left.bits, byteorder: left.byteorder });
    }
    d.load(e.dreg, maskXor(left, e.mask?.value ?? new Uint8Array(0), e.xor?.value ?? new Uint8Array(0)));
  }),
  reader(byteorder, (e, d) => {
    const of = d.reg(e.sreg, e.len);
    const op = e.op === NFT_BYTEORDER_HTON ? 'hton' : 'ntoh';
    d.load(e.dreg, { kind: 'unary', op, of, loc, type: of.type, bits: of.bits, byteorder: op === 'hton' ? 'big' : 'host' });
  }),
  reader(cmp, (e, d) => {
    const right = dataValue(e.data);
    const left = d.reg(e.sreg, right.bits / 8);
    relational(d, comparisons[e.op ?? 0] ?? '==', left, right);
  }),
  reader(range, (e, d) => {
    const from = dataValue(e.fromData);
    relational(d, e.op === 1 ? '!=' : '==', d.reg(e.sreg, from.bits / 8), make.range(loc, from, dataValue(e.toData)));
  }),
  reader(lookup, (e, d) => {
    const { key, set } = lookupIn(d, e.set, e.sreg);
    if (e.dreg === undefined) return relational(d, ((e.flags ?? 0) & NFT_LOOKUP_F_INV) !== 0 ? '!=' : 'implicit', key, set);
    const decl = set.set;
    const map: ast.MapExpr = {
      ...make.map(loc, key, set),
      type: decl?.dataType ?? integerType,
      bits: (decl?.dataBits ?? 32) * (decl?.dataInterval === true ? 2 : 1),
      byteorder: decl?.dataByteorder ?? 'host',
    };
    if (e.dreg === NFT_REG_VERDICT) d.push({ kind: 'verdict', expr: { ...map, type: verdictType }, loc });
    else d.load(e.dreg, map);
  }),
  reader(dynset, (e, d) => {
    const { key, set } = lookupIn(d, e.setName, e.sregKey);
    const element: ast.ElementExpr = { ...make.element(loc, key), ...((e.timeout ?? 0) === 0 ? {} : { timeout: e.timeout! }) };
    const statements = (e.expressions ?? (e.expr === undefined ? [] : [e.expr]))
      .map((inner) => d.statement(inner))
      .filter((s) => s !== undefined);
    const decl = set.set;
    if (decl !== undefined && (decl.flags & NFT_SET_ANONYMOUS) !== 0 && (decl.flags & NFT_SET_EVAL) !== 0) {
      const [statement] = statements;
      if (statement !== undefined)
        return d.push({ kind: 'meter', name: decl.name, size: decl.size ?? 0, key: element, statement, set: decl, loc });
    }
    const data = e.sregData === undefined ? {} : { data: d.reg(e.sregData, Math.ceil((decl?.dataBits ?? 32) / 8)) };
    const op = (['add', 'update', 'delete'] as const)[e.op ?? 0] ?? 'add';
    d.push({ kind: 'setstmt', op, set, key: element, statements, ...data, loc });
  }),
  reader(counter, (e, d) => d.push({ kind: 'counter', packets: e.packets ?? 0, bytes: e.bytes ?? 0, loc })),
  reader(last, (e, d) => d.push({ kind: 'last', set: (e.set ?? 0) !== 0, msecs: e.msecs ?? 0, loc })),
  reader(limit, (e, d) =>
    d.push({
      kind: 'limit',
      rate: e.rate ?? 0,
      unit: e.unit ?? 1,
      burst: e.burst ?? 0,
      bytes: e.type === 1,
      over: ((e.flags ?? 0) & 1) !== 0,
      loc,
    }),
  ),
  reader(quota, (e, d) => d.push({ kind: 'quota', bytes: e.bytes ?? 0, used: e.consumed ?? 0, over: ((e.flags ?? 0) & 1) !== 0, loc })),
  reader(connlimit, (e, d) => d.push({ kind: 'connlimit', count: e.count ?? 0, over: ((e.flags ?? 0) & 1) !== 0, loc })),
  reader(log, (e, d) =>
    d.push({
      kind: 'log',
      loc,
      ...(e.prefix === undefined || e.prefix === '' ? {} : { prefix: e.prefix }),
      ...(e.group === undefined ? {} : { group: e.group }),
      ...(e.snaplen === undefined ? {} : { snaplen: e.snaplen }),
      ...(e.qthreshold === undefined ? {} : { queueThreshold: e.qthreshold }),
      ...(e.level === undefined ? {} : { level: e.level }),
      ...(e.flags === undefined ? {} : { flags: e.flags }),
    }),
  ),
  reader(reject, (e, d) => d.push({ kind: 'reject', type: e.type ?? 0, code: e.code ?? 0, loc })),
  reader(nat, (e, d) => {
    const address = natParts(d, e.regAddrMin, e.regAddrMax);
    const port = natParts(d, e.regProtoMin, e.regProtoMax);
    const flags = e.flags ?? 0;
    const inMap = address.e?.kind === 'map' && e.regProtoMin !== undefined && d.registers.get(e.regProtoMin) === undefined;
    d.push({
      kind: 'nat',
      verb: e.type === NFT_NAT_SNAT ? 'snat' : 'dnat',
      family: natFamily(e.family),
      flags,
      ...(address.e === undefined ? {} : { address: address.e }),
      ...(port.e === undefined || inMap ? {} : { port: port.e }),
      ...((flags & NF_NAT_RANGE_NETMAP) === 0 ? {} : { prefix: true }),
      ...(inMap ? { concat: true } : {}),
      ...(address.wide && (flags & NF_NAT_RANGE_NETMAP) === 0 ? { interval: true } : {}),
      loc,
    });
  }),
  reader(masq, (e, d) => {
    const port = natParts(d, e.regProtoMin, e.regProtoMax);
    d.push({ kind: 'nat', verb: 'masquerade', flags: e.flags ?? 0, ...(port.e === undefined ? {} : { port: port.e }), loc });
  }),
  reader(redir, (e, d) => {
    const port = natParts(d, e.regProtoMin, e.regProtoMax);
    d.push({ kind: 'nat', verb: 'redirect', flags: e.flags ?? 0, ...(port.e === undefined ? {} : { port: port.e }), loc });
  }),
  reader(tproxy, (e, d) =>
    d.push({
      kind: 'tproxy',
      loc,
      ...((e.family ?? 0) === 0 ? {} : { family: natFamily(e.family) }),
      ...((e.regAddr ?? 0) === 0 ? {} : { address: d.single(e.regAddr) }),
      ...((e.regPort ?? 0) === 0 ? {} : { port: d.single(e.regPort) }),
    }),
  ),
  reader(synproxy, (e, d) => d.push({ kind: 'synproxy', mss: e.mss ?? 0, wscale: e.wscale ?? 0, flags: e.flags ?? 0, loc })),
  reader(dup, (e, d) =>
    d.push({
      kind: 'dup',
      loc,
      ...(e.sregAddr === undefined ? {} : { address: d.single(e.sregAddr) }),
      ...(e.sregDev === undefined ? {} : { device: d.single(e.sregDev) }),
    }),
  ),
  reader(fwd, (e, d) =>
    d.push({
      kind: 'fwd',
      loc,
      device: d.single(e.sregDev),
      ...(e.sregAddr === undefined ? {} : { address: d.single(e.sregAddr), family: natFamily(e.nfproto) }),
    }),
  ),
  reader(queue, (e, d) => {
    const flags = e.flags ?? 0;
    if (e.sregQnum !== undefined) return d.push({ kind: 'queue', queues: d.single(e.sregQnum), flags, loc });
    const number = (value: number) => make.value(loc, integerType, 16, 'host', BigInt(value));
    const first = e.num ?? 0;
    const total = e.total ?? 1;
    const queues = total > 1 ? make.range(loc, number(first), number(first + total - 1)) : number(first);
    d.push({ kind: 'queue', queues, flags, loc });
  }),
  reader(objref, (e, d) => {
    if (e.setSreg === undefined)
      return d.push({ kind: 'objref', objectType: e.immType ?? 0, expr: make.symbol(loc, e.immName ?? ''), loc });
    const { key, set } = lookupIn(d, e.setName, e.setSreg);
    d.push({ kind: 'objref', objectType: set.set?.objectType ?? 0, expr: make.map(loc, key, set), loc });
  }),
  reader(flowOffload, (e, d) => d.push({ kind: 'flow', table: e.tableName ?? '', loc })),
  reader(notrack, (_e, d) => d.push({ kind: 'notrack', loc })),
  reader(match, (e, d) => d.push({ kind: 'xt', what: 'match', name: e.name ?? '', loc })),
  reader(target, (e, d) => d.push({ kind: 'xt', what: 'target', name: e.name ?? '', loc })),
]);
