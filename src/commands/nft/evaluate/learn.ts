import { NFT_CT_L3PROTOCOL, NFT_CT_PROTOCOL } from '../../../netlink/nfnl/expressions/ct.js';
import { NFT_META_IIFTYPE, NFT_META_L4PROTO, NFT_META_NFPROTO, NFT_META_PROTOCOL } from '../../../netlink/nfnl/expressions/meta.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import type * as ast from '../ast.js';
import { type Location, span } from '../location.js';
import { ether, vlan } from '../protocols/link.js';
import { inetService, ip, ip6 } from '../protocols/network.js';
import { LINK, NETWORK, type Protocol, upperOf } from '../protocols/protocol.js';
import type { Evaluation } from './evaluation.js';

/** What a match LEFT == RIGHT tells of the headers of the packets that pass it. */
export function learn(context: Evaluation, left: ast.Expr, right: ast.Expr): void {
  if (right.kind !== 'value') return;
  const number = Number(right.value);
  if (left.kind === 'payload' && left.protocol?.key !== undefined && left.field?.name === left.protocol.key) {
    const upper = upperOf(left.protocol, number);
    if (upper !== undefined) context.protocols.set(upper, span(left.loc, right.loc));
  } else if (left.kind === 'meta') learnMeta(context, left, number, span(left.loc, right.loc));
  else if (left.kind === 'ct') {
    if (left.key === NFT_CT_L3PROTOCOL)
      learnNetwork(context, number === NFPROTO_IPV4 ? ip : number === NFPROTO_IPV6 ? ip6 : undefined, left.loc);
    else if (left.key === NFT_CT_PROTOCOL && context.protocols.network !== undefined) learnTransport(context, number, left.loc);
  }
}

function learnMeta(context: Evaluation, left: ast.MetaExpr, number: number, loc: Location): void {
  switch (left.key) {
    case NFT_META_IIFTYPE:
      if (number === 1 && context.protocols.at(LINK) !== vlan) context.protocols.set(ether, loc);
      break;
    case NFT_META_NFPROTO:
      learnNetwork(context, number === NFPROTO_IPV4 ? ip : number === NFPROTO_IPV6 ? ip6 : undefined, loc);
      break;
    case NFT_META_L4PROTO:
      learnTransport(context, number, loc);
      break;
    case NFT_META_PROTOCOL: {
      if (context.family === 'inet') break;
      const upper = upperOf(ether, number);
      if (upper !== undefined && upper !== vlan) learnNetwork(context, upper, loc);
      break;
    }
  }
}

function learnNetwork(context: Evaluation, protocol: Protocol | undefined, loc: Location): void {
  if (protocol !== undefined && context.protocols.network === undefined) context.protocols.set(protocol, loc);
}

function learnTransport(context: Evaluation, number: number, loc: Location): void {
  const upper = upperOf(inetService, number);
  if (upper !== undefined) context.protocols.set(upper, loc);
  else context.protocols.severalTransports = true;
}

export function learnSet(context: Evaluation, left: ast.Expr, right: ast.Expr): void {
  const selects =
    (left.kind === 'meta' && left.key === NFT_META_L4PROTO) ||
    (left.kind === 'payload' && left.protocol?.base === NETWORK && left.field?.name === left.protocol.key);
  if (selects && right.kind === 'set') context.protocols.severalTransports = true;
  if (selects && right.kind === 'setref') context.protocols.severalTransports = true;
}
