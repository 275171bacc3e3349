import {
  NFT_CT_DST,
  NFT_CT_DST_IP,
  NFT_CT_DST_IP6,
  NFT_CT_PROTO_DST,
  NFT_CT_PROTO_SRC,
  NFT_CT_SRC,
  NFT_CT_SRC_IP,
  NFT_CT_SRC_IP6,
} from '../../../netlink/nfnl/expressions/ct.js';
import * as exthdrWire from '../../../netlink/nfnl/expressions/exthdr.js';
import { NFT_META_NFPROTO } from '../../../netlink/nfnl/expressions/meta.js';
import { NFT_RT_NEXTHOP4, NFT_RT_NEXTHOP6 } from '../../../netlink/nfnl/expressions/rt.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import type * as ast from '../ast.js';
import { invalidType } from '../datatypes/basic.js';
import { fail } from '../errors.js';
import { ctOfFamily } from '../expressions/ct.js';
import { NEXTHOP, rtExpr } from '../expressions/rt.js';
import { ip, ip6 } from '../protocols/network.js';
import { NETWORK, type Protocol, TRANSPORT } from '../protocols/protocol.js';
import { sctp, tcp, th } from '../protocols/transport.js';
import type { Evaluation } from './evaluation.js';
import { partOfBytes, payload, requireNetwork } from './headers.js';
import { conflict } from './protocol-context.js';

/** What is read from a packet, its connection or its route: may it be asked for here, and of which version of IP is it? */
export function selector(context: Evaluation, e: ast.SelectorExpr): ast.Expr {
  switch (e.kind) {
    case 'payload':
      return payload(context, e);
    case 'exthdr':
      return exthdr(context, e);
    case 'ct': {
      if ((e.key === NFT_CT_PROTO_SRC || e.key === NFT_CT_PROTO_DST) && !context.protocols.hasTransport)
        return { ...e, type: invalidType, bits: 0 };
      sameNetwork(context, e);
      if (e.key !== NFT_CT_SRC && e.key !== NFT_CT_DST) return e;
      const network = context.protocols.network;
      if (network === undefined) {
        const field = e.key === NFT_CT_SRC ? 'saddr' : 'daddr';
        const text = `cannot determine ip protocol version, use "ip ${field}" or "ip6 ${field}" instead`;
        // nft 1.0.6 says so and goes on with an address of no type.
        context.complain({ text, at: e.loc });
        return { ...e, type: invalidType, bits: 0 };
      }
      return ctOfFamily(e, network === ip6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
    }
    case 'rt': {
      if (e.key === NEXTHOP) {
        const network = context.protocols.network;
        if (network !== ip && network !== ip6)
          return fail('cannot determine ip protocol version, use "ip nexthop" or "ip6 nexthop" instead', e.loc);
        return rtExpr(e.loc, network === ip6 ? NFT_RT_NEXTHOP6 : NFT_RT_NEXTHOP4);
      }
      // Only the family of the table decides.
      if (e.key === NFT_RT_NEXTHOP6 && context.family === 'ip') fail('ip6 nexthop will not match', e.loc);
      return e;
    }
    case 'fib':
      if ((e.flags & 3) === 3) return fail('fib: saddr and daddr are mutually exclusive', e.flagsLoc ?? e.loc);
      if ((e.flags & 3) === 0) return fail('fib: need either saddr or daddr', e.loc);
      if ((e.flags & 0x18) === 0x18) return fail('fib: iif and oif are mutually exclusive', e.loc);
      return e;
    case 'xfrm':
      if (context.family === 'ip' || context.family === 'ip6' || context.family === 'inet') return e;
      return fail('ipsec expression is only valid in ip/ip6/inet tables', e.loc);
    case 'numgen':
      if (e.modulus + e.offset - 1 > 0xffff_ffff) fail('numgen modulus and offset are too large', e.loc);
      return e;
    case 'hash':
      return { ...e, ...(e.of === undefined ? {} : { of: context.expression(e.of) }) };
    case 'meta':
      if (e.key === NFT_META_NFPROTO && context.family !== 'inet') fail('meta nfproto is only useful in the inet family', e.loc);
      return e;
    default:
      return e;
  }
}

/** "ct original ip saddr" where packets are known to be of the other version. */
function sameNetwork(context: Evaluation, e: ast.CtExpr): void {
  const wanted =
    e.key === NFT_CT_SRC_IP || e.key === NFT_CT_DST_IP ? ip : e.key === NFT_CT_SRC_IP6 || e.key === NFT_CT_DST_IP6 ? ip6 : null;
  const { network } = context.protocols;
  if (wanted !== null && network !== undefined && network !== wanted)
    fail(conflict(network.name, wanted.name), e.loc, context.protocols.locAt(NETWORK));
}

function exthdr(context: Evaluation, e: ast.ExthdrExpr): ast.Expr {
  const wanted = new Map<number, Protocol>([
    [exthdrWire.NFT_EXTHDR_OP_IPV6, ip6],
    [exthdrWire.NFT_EXTHDR_OP_IPV4, ip],
  ]).get(e.op);
  if (wanted !== undefined) {
    if (context.protocols.network === undefined) requireNetwork(context, wanted, e.loc, wanted === ip);
    else if (context.protocols.network !== wanted) fail(conflict(context.protocols.network.name, wanted.name), e.loc);
  }
  const transport = e.op === exthdrWire.NFT_EXTHDR_OP_TCPOPT ? tcp : e.op === exthdrWire.NFT_EXTHDR_OP_SCTP ? sctp : undefined;
  if (transport !== undefined) {
    const known = context.protocols.at(TRANSPORT);
    if (known !== undefined && known !== transport && known !== th) fail(conflict(known.name, transport.name), e.loc);
  }
  return e.present ? e : partOfBytes(e);
}
