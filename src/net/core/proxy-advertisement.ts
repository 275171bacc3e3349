import { checksum } from '../../wire/checksum.js';
import { ADDRESS_BYTES, ETH_P_IPV6, HEADER } from '../../wire/ethernet.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import * as ipv6 from '../../wire/ipv6.js';
import type { PacketBuffer } from './packet-buffer.js';
import { copyBytes } from './packet-pool.js';
import type { Stack } from './stack.js';

/** Of a solicitation and of an advertisement, ICMPv6's header included: RFC 4861 4.3, 4.4. */
export const NEIGHBOUR_MESSAGE = 24;
const OPTION_SOURCE = 1;
const OPTION_TARGET = 2;
const LINK_OPTION = 8;
const NA_ROUTER = 0x8000_0000;
const NA_SOLICITED = 0x4000_0000;
const NA_OVERRIDE = 0x2000_0000;
const target = new Uint32Array(4);
const asker = new Uint32Array(4);

/**
 * The frame with which a bridge or a tunnel answers a solicitation for who has the link-layer address `hardware`: `question` has its
 * Ethernet header at `macHeader`, its IPv6 header at `at`. Null: no memory. Linux: br_nd_send(), vxlan_na_create()
 */
export function proxyAdvertisement(
  stack: Stack,
  question: PacketBuffer,
  at: number,
  hardware: Uint8Array,
  router: boolean,
): PacketBuffer | null {
  const payload = NEIGHBOUR_MESSAGE + LINK_OPTION;
  const skb = emptyFrame(
    stack,
    ipv6.HEADER + payload,
    hardware,
    question.bytes,
    sourceOption(question, at) ?? question.macHeader + ADDRESS_BYTES,
    ETH_P_IPV6,
  );
  if (skb === null) return null;
  ipv6.readAddress(question.view, at + ipv6.SOURCE, asker);
  ipv6.readAddress(question.view, at + ipv6.HEADER + 8, target);
  const { view } = skb;
  const header = skb.networkHeader;
  view.setUint32(header, 0x6000_0000);
  view.setUint16(header + 4, payload);
  view.setUint8(header + 6, ipv6.NEXTHDR_ICMPV6);
  view.setUint8(header + 7, 255);
  ipv6.writeAddress(view, header + ipv6.SOURCE, target);
  ipv6.writeAddress(view, header + ipv6.DESTINATION, asker);
  const message = header + ipv6.HEADER;
  view.setUint8(message, icmpv6.NEIGHBOUR_ADVERTISEMENT);
  view.setUint32(message + 4, ((router ? NA_ROUTER : 0) | NA_SOLICITED | NA_OVERRIDE) >>> 0);
  ipv6.writeAddress(view, message + 8, target);
  view.setUint8(message + NEIGHBOUR_MESSAGE, OPTION_TARGET);
  view.setUint8(message + NEIGHBOUR_MESSAGE + 1, 1);
  copyBytes(hardware, 0, skb.bytes, message + NEIGHBOUR_MESSAGE + 2, ADDRESS_BYTES);
  const pseudo = ipv6.pseudoHeaderSum(target, asker, ipv6.NEXTHDR_ICMPV6, payload);
  view.setUint16(message + icmpv6.CHECKSUM_AT, checksum(view, message, payload, pseudo));
  return skb;
}

/** Where the asker's link-layer address stands in its options; null: it gives none. */
function sourceOption(skb: PacketBuffer, header: number): number | null {
  const { view } = skb;
  let at = header + ipv6.HEADER + NEIGHBOUR_MESSAGE;
  while (at + LINK_OPTION <= skb.tail) {
    const units = view.getUint8(at + 1);
    if (units === 0) return null;
    if (view.getUint8(at) === OPTION_SOURCE) return at + 2;
    at += units * 8;
  }
  return null;
}

/** An empty frame from `source` to the address at `to[toAt]`, with `bytes` behind its header; null: no memory. */
export function emptyFrame(
  stack: Stack,
  bytes: number,
  source: Uint8Array,
  to: Uint8Array,
  toAt: number,
  protocol: number,
): PacketBuffer | null {
  const skb = stack.pool.allocate(HEADER + bytes);
  if (skb === null) return null;
  const at = skb.put(HEADER + bytes);
  skb.bytes.fill(0, at, skb.tail);
  copyBytes(to, toAt, skb.bytes, at, ADDRESS_BYTES);
  copyBytes(source, 0, skb.bytes, at + ADDRESS_BYTES, ADDRESS_BYTES);
  skb.view.setUint16(at + 12, protocol);
  skb.macHeader = at;
  skb.networkHeader = at + HEADER;
  skb.protocol = protocol;
  return skb;
}
