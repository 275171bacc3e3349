import { NFT_META_IIFTYPE, NFT_META_L4PROTO, NFT_META_NFPROTO, NFT_META_PROTOCOL } from '../../../netlink/nfnl/expressions/meta.js';
import type * as ast from '../ast.js';
import { integerType } from '../datatypes/basic.js';
import { fail } from '../errors.js';
import { metaExpr } from '../expressions/meta.js';
import { checkRawPayload, payloadExpr } from '../expressions/payload.js';
import type { Location } from '../location.js';
import * as make from '../parser/make.js';
import { icmp, icmpv6, igmp } from '../protocols/icmp.js';
import { ether, inet, netdev, vlan } from '../protocols/link.js';
import { arp, inetService, ip, ip6 } from '../protocols/network.js';
import { fieldNamed, LINK, NETWORK, numberOf, type Protocol, TRANSPORT } from '../protocols/protocol.js';
import { th } from '../protocols/transport.js';
import { shapeOf } from './constants.js';
import type { Evaluation } from './evaluation.js';
import { conflict } from './protocol-context.js';

/** Fields of headers, and the matches that have to come before them: that the header is there at all. */

/** Sees to it that packets are of this version of IP, or ARP. */
export function requireNetwork(context: Evaluation, protocol: Protocol, loc: Location, byType = protocol === arp): void {
  const link = context.protocols.at(LINK);
  if (link === inet) {
    context.require(
      metaExpr(loc, NFT_META_NFPROTO),
      BigInt(numberOf(inet, protocol) ?? fail(conflict('inet', protocol.name), loc)),
      protocol,
    );
    return;
  }
  const number = BigInt(numberOf(ether, protocol) ?? 0);
  if (link === vlan || (link === ether && (context.family !== 'bridge' || byType))) {
    const type = payloadExpr(loc, link, fieldNamed(link, 'type')!);
    type.offset += context.protocols.linkOffset;
    context.require(type, number, protocol);
  } else context.require(metaExpr(loc, NFT_META_PROTOCOL), number, protocol);
}

export function payload(context: Evaluation, e: ast.PayloadExpr): ast.Expr {
  if (e.protocol === undefined) {
    checkRawPayload(e);
    return partOfBytes({ ...e });
  }
  const done = { ...e };
  const known = context.protocols.at(e.base);
  if (e.base === LINK) linkHeader(context, done);
  else if (e.base === NETWORK) {
    if (known === undefined) requireNetwork(context, e.protocol, e.loc);
    else if (known !== e.protocol) fail(conflict(known.name, e.protocol.name), e.loc);
  } else if (e.base === TRANSPORT) transportHeader(context, done);
  return partOfBytes(done);
}

function linkHeader(context: Evaluation, e: ast.PayloadExpr): void {
  const wanted = e.protocol!;
  const before = context.protocols.at(LINK);
  let known = before;
  if (known === undefined || known === inet || known === netdev) {
    context.require(metaExpr(e.loc, NFT_META_IIFTYPE), 1n, ether);
    known = ether;
  }
  if (wanted === vlan && known === ether) {
    if (before === ether && context.protocols.network !== undefined && context.protocols.network !== arp)
      fail(conflict('ether', 'vlan'), e.loc);
    context.require(payloadExpr(e.loc, ether, fieldNamed(ether, 'type')!), 0x8100n, vlan);
  } else if (wanted === ether && known === vlan) return;
  e.offset += context.protocols.linkOffset;
}

function transportHeader(context: Evaluation, e: ast.PayloadExpr): void {
  const wanted = e.protocol!;
  const known = context.protocols.at(TRANSPORT);
  if (wanted === th) {
    // Ports of what is known already are its own.
    const own = known === undefined ? undefined : fieldNamed(known, e.field!.name);
    if (own !== undefined) Object.assign(e, { protocol: known, field: own });
    return;
  }
  if (known === undefined) {
    const network = wanted === icmp || wanted === igmp ? ip : wanted === icmpv6 ? ip6 : undefined;
    if (network !== undefined && context.protocols.network === undefined) requireNetwork(context, network, e.loc, true);
    const number = numberOf(inetService, wanted);
    if (number === undefined || context.protocols.network === arp)
      fail(conflict(context.protocols.network?.name ?? context.family, wanted.name), e.loc);
    context.require(metaExpr(e.loc, NFT_META_L4PROTO), BigInt(number), wanted);
  } else if (known !== wanted) fail(conflict(known.name, wanted.name), e.loc);
  if (e.field?.onlyOf !== undefined) icmpType(context, e, e.field.onlyOf);
}

/** The type of message that matches before this one want; of several, the last. */
function knownIcmpType(context: Evaluation, protocol: Protocol): number | null {
  let known: number | null = null;
  for (const s of context.before) {
    if (s.kind !== 'match' || s.expr.kind !== 'relational' || s.expr.op === '!=') continue;
    const { left, right } = s.expr;
    if (left.kind !== 'payload' || left.protocol !== protocol || left.field?.name !== 'type') continue;
    const value = right.kind === 'setref' ? right.set?.elements?.elements.at(-1)?.key : right;
    if (value?.kind === 'value') known = Number(value.value);
  }
  return known;
}

/** Fields that only messages of some types have: their type is matched first. */
function icmpType(context: Evaluation, e: ast.PayloadExpr, types: readonly number[]): void {
  const known = knownIcmpType(context, e.protocol!);
  if (known !== null) {
    if (!types.includes(known)) fail(`incompatible icmp match: rule has ${known}, need ${types[0]}`, e.loc);
    return;
  }
  const type = payloadExpr(e.loc, e.protocol!, fieldNamed(e.protocol!, 'type')!);
  const values = types.map((number) => make.value(e.loc, type.type, 8, 'big', BigInt(number)));
  if (values.length === 1) {
    context.depend(make.relational(e.loc, '==', type, values[0]!));
    return;
  }
  const set = {
    ...make.set(
      e.loc,
      values.map((value) => make.element(e.loc, value)),
    ),
    ...shapeOf(type),
  };
  context.depend(make.relational(e.loc, '==', type, context.sets.anonymous(set, type, false)));
}

/** Of what does not begin and end at bytes: the bytes, masked and shifted. */
export function partOfBytes<E extends ast.PayloadExpr | ast.ExthdrExpr>(e: E): ast.Expr {
  const start = e.offset % 8;
  const end = (8 - ((e.offset + e.bits) % 8)) % 8;
  if (start === 0 && end === 0) return e;
  const bits = start + e.bits + end;
  const mask = ((1n << BigInt(e.bits)) - 1n) << BigInt(end);
  const whole = { ...e, offset: e.offset - start, bits };
  const masked = { ...make.binop(e.loc, '&', whole, make.value(e.loc, e.type, bits, 'big', mask)), bits };
  const shift = make.value(e.loc, integerType, 32, 'host', BigInt(end));
  if (end === 0) return { ...masked, narrow: e.bits };
  return { ...make.binop(e.loc, '>>', masked, shift), narrow: e.bits };
}
