import { ETH_P_IP } from '../../wire/ethernet.js';
import * as ipv4 from '../../wire/ipv4.js';
import { hasPorts } from '../../wire/ports.js';
import type { Flow } from '../core/flow.js';
import type { PacketBuffer } from '../core/packet-buffer.js';

const PROTOCOL_IPIP = 4;
const PROTOCOL_GRE = 47;
// linux/if_tunnel.h, RFC 2784, RFC 2890: which optional words a GRE header has.
const GRE_CHECKSUM = 0x8000;
const GRE_KEY = 0x2000;
const GRE_SEQUENCE = 0x1000;
const GRE_VERSION = 0x0007;

/** Reads protocol and ports of the IPv4 header at `at` into `flow`; of a fragment there are no ports. False: it is none. */
export function readKeys(skb: PacketBuffer, at: number, flow: Flow): boolean {
  const { view, tail } = skb;
  if (tail - at < ipv4.HEADER || ipv4.version(view, at) !== 4) return false;
  flow.source = ipv4.source(view, at);
  flow.destination = ipv4.destination(view, at);
  flow.protocol = ipv4.protocol(view, at);
  flow.sourcePort = 0;
  flow.destinationPort = 0;
  const transport = at + ipv4.headerLength(view, at);
  const fragment = (ipv4.fragment(view, at) & (ipv4.MF | ipv4.OFFSET_MASK)) !== 0;
  if (!fragment && hasPorts(flow.protocol) && tail - transport >= 4) {
    flow.sourcePort = view.getUint16(transport);
    flow.destinationPort = view.getUint16(transport + 2);
  }
  return true;
}

/** Where the IPv4 packet inside an IPIP or GRE packet begins; -1: there is none. */
export function innerHeader(skb: PacketBuffer, at: number): number {
  const { view, tail } = skb;
  if (tail - at < ipv4.HEADER || ipv4.version(view, at) !== 4) return -1;
  if ((ipv4.fragment(view, at) & ipv4.OFFSET_MASK) !== 0) return -1;
  let inner = at + ipv4.headerLength(view, at);
  const protocol = ipv4.protocol(view, at);
  if (protocol === PROTOCOL_GRE) {
    if (tail - inner < 4) return -1;
    const flags = view.getUint16(inner);
    if ((flags & GRE_VERSION) !== 0 || view.getUint16(inner + 2) !== ETH_P_IP) return -1;
    inner += 4;
    if ((flags & GRE_CHECKSUM) !== 0) inner += 4;
    if ((flags & GRE_KEY) !== 0) inner += 4;
    if ((flags & GRE_SEQUENCE) !== 0) inner += 4;
  } else if (protocol !== PROTOCOL_IPIP) return -1;
  return tail - inner >= ipv4.HEADER && ipv4.version(view, inner) === 4 ? inner : -1;
}

/** Where the header of the packet lies that an ICMP error is about; -1: it is no such error. */
export function quotedHeader(skb: PacketBuffer, at: number): number {
  const { view, tail } = skb;
  if (tail - at < ipv4.HEADER || ipv4.protocol(view, at) !== ipv4.PROTOCOL_ICMP) return -1;
  if ((ipv4.fragment(view, at) & ipv4.OFFSET_MASK) !== 0) return -1;
  const icmp = at + ipv4.headerLength(view, at);
  if (tail - icmp < 8 + ipv4.HEADER) return -1;
  const type = view.getUint8(icmp);
  // RFC 792: destination unreachable, source quench, redirect, time exceeded, parameter problem.
  return type === 3 || type === 4 || type === 5 || type === 11 || type === 12 ? icmp + 8 : -1;
}
