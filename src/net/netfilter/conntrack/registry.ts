import { NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import { dccpProtocol } from './dccp.js';
import { genericProtocol, greProtocol, icmpProtocol, icmpv6Protocol, udpLiteProtocol, udpProtocol } from './datagram.js';
import type { ConntrackProtocol } from './protocol.js';
import { sctpProtocol } from './sctp.js';
import { tcpProtocol } from './tcp.js';
import { IPPROTO_ICMP, IPPROTO_ICMPV6 } from './tuple.js';

/** Protocols with a tracking of their own; all others are kept as they come. */
const protocols: readonly ConntrackProtocol[] = [
  tcpProtocol,
  udpProtocol,
  udpLiteProtocol,
  sctpProtocol,
  dccpProtocol,
  greProtocol,
  icmpProtocol,
  icmpv6Protocol,
];

const byNumber: readonly ConntrackProtocol[] = Array.from(
  { length: 256 },
  (_, number) => protocols.find(({ protocol }) => protocol === number) ?? genericProtocol,
);

/** ICMP is IPv4's, ICMPv6 is IPv6's. Linux: nf_ct_l4proto_find() */
export function protocolOf(family: number, protocol: number): ConntrackProtocol {
  if (protocol === (family === NFPROTO_IPV6 ? IPPROTO_ICMP : IPPROTO_ICMPV6)) return genericProtocol;
  return byNumber[protocol]!;
}
