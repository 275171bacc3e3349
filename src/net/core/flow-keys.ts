import { ETH_P_IP, ETH_P_IPV6 } from '../../wire/ethernet.js';
import * as ipv4 from '../../wire/ipv4.js';
import * as ip6 from '../../wire/ipv6.js';
import { skipHeaders } from '../../wire/ipv6-extensions.js';
import { hasPorts } from '../../wire/ports.js';
import type { Flow } from './flow.js';
import type { PacketBuffer } from './packet-buffer.js';

const PROTOCOL_IPIP = 4;
const PROTOCOL_IPV6 = 41;
const PROTOCOL_GRE = 47;
// linux/if_tunnel.h, RFC 2784, RFC 2890: which optional words a GRE header has.
const GRE_CHECKSUM = 0x8000;
const GRE_KEY = 0x2000;
const GRE_SEQUENCE = 0x1000;
const GRE_VERSION = 0x0007;
/** Of an ICMP header, in front of the packet that an error is about. */
const ICMP_HEADER = 8;

/** What tells flows apart (struct flow_keys). Reused, never allocated per packet. */
export class FlowKeys {
  /** Of IPv4 the last word alone counts, the others are 0. */
  readonly source = new Uint32Array(4);
  readonly destination = new Uint32Array(4);
  protocol = 0;
  /** IPv6's; 0: none. */
  flowLabel = 0;
  sourcePort = 0;
  destinationPort = 0;

  /** The keys of a lookup: of what is made here, or asked for by the user. */
  take(flow: Flow, six: boolean): this {
    if (six) {
      ip6.copyAddress(flow.source6, this.source);
      ip6.copyAddress(flow.destination6, this.destination);
    } else this.#takeIpv4(flow.source, flow.destination);
    this.protocol = flow.protocol;
    this.flowLabel = 0;
    this.sourcePort = flow.sourcePort;
    this.destinationPort = flow.destinationPort;
    return this;
  }

  /** Those of the packet whose IP header is at `at`; of a fragment there are no ports. False: there is no such header. */
  read(skb: PacketBuffer, at: number): boolean {
    const { view, tail } = skb;
    this.flowLabel = 0;
    this.sourcePort = 0;
    this.destinationPort = 0;
    let transport: number;
    if (isIpv4(skb, at)) {
      this.#takeIpv4(ipv4.source(view, at), ipv4.destination(view, at));
      this.protocol = ipv4.protocol(view, at);
      const fragment = (ipv4.fragment(view, at) & (ipv4.MF | ipv4.OFFSET_MASK)) !== 0;
      transport = fragment ? -1 : at + ipv4.headerLength(view, at);
    } else if (isIpv6(skb, at)) {
      ip6.readAddress(view, at + ip6.SOURCE, this.source);
      ip6.readAddress(view, at + ip6.DESTINATION, this.destination);
      this.flowLabel = ip6.flowLabel(view, at);
      const { protocol, offset, fragmentOffset } = skipHeaders(view, at, tail);
      this.protocol = protocol;
      transport = fragmentOffset >= 0 ? -1 : offset;
    } else return false;
    if (transport < 0 || !hasPorts(this.protocol) || tail - transport < 4) return true;
    this.sourcePort = view.getUint16(transport);
    this.destinationPort = view.getUint16(transport + 2);
    return true;
  }

  #takeIpv4(source: number, destination: number): void {
    this.source[0] = 0;
    this.source[1] = 0;
    this.source[2] = 0;
    this.source[3] = source;
    this.destination[0] = 0;
    this.destination[1] = 0;
    this.destination[2] = 0;
    this.destination[3] = destination;
  }
}

const read = new FlowKeys();

/** Protocol and ports of the packet whose IP header is at `at`, for a lookup by rules that ask for them. */
export function readTransport(skb: PacketBuffer, at: number, flow: Flow): void {
  if (!read.read(skb, at)) return;
  flow.protocol = read.protocol;
  flow.sourcePort = read.sourcePort;
  flow.destinationPort = read.destinationPort;
}

const isIpv4 = ({ view, tail }: PacketBuffer, at: number): boolean => tail - at >= ipv4.HEADER && ipv4.version(view, at) === 4;
const isIpv6 = ({ view, tail }: PacketBuffer, at: number): boolean => tail - at >= ip6.HEADER && ip6.version(view, at) === 6;

/** Where what the IP header at `at` carries begins; -1: there is none, or it is of a fragment that is not the first. `carried` says what it is. */
function payload(skb: PacketBuffer, at: number): number {
  const { view, tail } = skb;
  if (isIpv4(skb, at)) {
    carried = ipv4.protocol(view, at);
    return (ipv4.fragment(view, at) & ipv4.OFFSET_MASK) !== 0 ? -1 : at + ipv4.headerLength(view, at);
  }
  if (!isIpv6(skb, at)) return -1;
  const { protocol, offset, fragmentOffset } = skipHeaders(view, at, tail);
  carried = protocol;
  return fragmentOffset > 0 ? -1 : offset;
}
/** The protocol that payload() has found. */
let carried = 0;

/** Where the IP packet inside the tunnel's packet at `at` begins: IPv4 or IPv6, in either, or in GRE; -1: there is none. */
export function innerHeader(skb: PacketBuffer, at: number): number {
  const { view, tail } = skb;
  let inner = payload(skb, at);
  if (inner < 0) return -1;
  if (carried === PROTOCOL_GRE) {
    if (tail - inner < 4) return -1;
    const flags = view.getUint16(inner);
    const type = view.getUint16(inner + 2);
    if ((flags & GRE_VERSION) !== 0 || (type !== ETH_P_IP && type !== ETH_P_IPV6)) return -1;
    inner += 4;
    if ((flags & GRE_CHECKSUM) !== 0) inner += 4;
    if ((flags & GRE_KEY) !== 0) inner += 4;
    if ((flags & GRE_SEQUENCE) !== 0) inner += 4;
  } else if (carried !== PROTOCOL_IPIP && carried !== PROTOCOL_IPV6) return -1;
  return isIpv4(skb, inner) || isIpv6(skb, inner) ? inner : -1;
}

/** Where the header of the packet lies that an ICMP error is about; -1: it is no such error. */
export function quotedHeader(skb: PacketBuffer, at: number): number {
  const icmp = payload(skb, at);
  if (icmp < 0 || skb.tail - icmp < ICMP_HEADER) return -1;
  const type = skb.view.getUint8(icmp);
  if (carried === ipv4.PROTOCOL_ICMP) {
    // RFC 792: destination unreachable, source quench, redirect, time exceeded, parameter problem.
    const error = type === 3 || type === 4 || type === 5 || type === 11 || type === 12;
    return error && isIpv4(skb, icmp + ICMP_HEADER) ? icmp + ICMP_HEADER : -1;
  }
  // RFC 4443 2.1
  return carried === ip6.NEXTHDR_ICMPV6 && type < 128 && isIpv6(skb, icmp + ICMP_HEADER) ? icmp + ICMP_HEADER : -1;
}
