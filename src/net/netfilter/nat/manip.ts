import { NFPROTO_IPV4 } from '../../../netlink/nfnl/nfnetlink.js';
import { skipHeaders } from '../../../wire/ipv6-extensions.js';
import { crc32c } from '../../../wire/crc32c.js';
import { fold32 } from '../../../wire/checksum.js';
import * as ip from '../../../wire/ipv4.js';
import { CHECKSUM_PARTIAL, type PacketBuffer } from '../../core/packet-buffer.js';
import {
  hasPorts,
  IPPROTO_DCCP,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
  type Tuple,
} from '../conntrack/tuple.js';
import { SOURCE } from './range.js';

/** The sum of what comes less what goes, of a word of 32 bits. */
const change = (from: number, to: number): number => {
  const inverse = ~from >>> 0;
  return (inverse >>> 16) + (inverse & 0xffff) + (to >>> 16) + (to & 0xffff);
};

function adjust(v: DataView, at: number, difference: number, partial: boolean): void {
  const old = v.getUint16(at);
  const sum = fold32((partial ? old : ~old & 0xffff) + fold32(difference));
  v.setUint16(at, partial ? sum : ~sum & 0xffff);
}

/**
 * Writes a tuple's source or destination, address and port, into the packet whose network header is at `at`, and puts its checksums
 * right. The packet may be one inside an ICMP error, of which not all is there; `partial`: its transport's checksum is computed later.
 * The bytes are the packet's own. Linux: nf_nat_manip_pkt()
 */
export function manipulate(skb: PacketBuffer, at: number, target: Tuple, manip: number, partial: boolean): void {
  const v = skb.view;
  const four = target.family === NFPROTO_IPV4;
  const address = manip === SOURCE ? target.source : target.destination;
  let difference = 0;
  let protocol: number;
  let transport: number;
  let first = true;
  if (four) {
    const place = at + (manip === SOURCE ? 12 : 16);
    const old = v.getUint32(place);
    difference = change(old, address[0]!);
    v.setUint32(place, address[0]!);
    adjust(v, at + 10, difference, false);
    protocol = ip.protocol(v, at);
    transport = at + ip.headerLength(v, at);
    first = (ip.fragment(v, at) & ip.OFFSET_MASK) === 0;
  } else {
    const found = skipHeaders(v, at, skb.tail);
    protocol = found.protocol;
    transport = found.offset;
    first = found.fragmentOffset <= 0;
    const place = at + (manip === SOURCE ? 8 : 24);
    for (let i = 0; i < 4; i++) {
      difference += change(v.getUint32(place + 4 * i), address[i]!);
      v.setUint32(place + 4 * i, address[i]!);
    }
  }
  if (transport < 0 || !first || transport + 4 > skb.tail) return;
  const port = manip === SOURCE ? target.sourcePort : target.destinationPort;
  if (protocol === (four ? IPPROTO_ICMP : IPPROTO_ICMPV6)) {
    manipulateIcmp(skb, transport, target, four, difference, partial);
    return;
  }
  if (!hasPorts(protocol)) return;
  if (protocol === IPPROTO_SCTP) {
    v.setUint16(transport + (manip === SOURCE ? 0 : 2), port);
    // Its checksum is over all of the packet, without addresses.
    if (at === skb.networkHeader && transport + 12 <= skb.tail && !partial)
      v.setUint32(transport + 8, crc32c(v, transport, skb.tail, transport + 8), true);
    return;
  }
  const portAt = transport + (manip === SOURCE ? 0 : 2);
  const oldPort = v.getUint16(portAt);
  v.setUint16(portAt, port);
  const checkAt = checksumAt(protocol, transport);
  if (checkAt < 0 || checkAt + 2 > skb.tail) return;
  const udp = protocol === IPPROTO_UDP;
  if (udp && v.getUint16(checkAt) === 0 && !partial) return;
  // A checksum that is computed later has no ports in it yet.
  adjust(v, checkAt, partial ? difference : difference + (~oldPort & 0xffff) + port, partial);
  if (udp && !partial && v.getUint16(checkAt) === 0) v.setUint16(checkAt, 0xffff);
}

/** Of questions and answers the id; ICMPv6's checksum has the addresses in it. */
function manipulateIcmp(skb: PacketBuffer, at: number, target: Tuple, four: boolean, addresses: number, partial: boolean): void {
  const v = skb.view;
  if (at + 8 > skb.tail) return;
  const type = v.getUint8(at);
  let difference = four ? 0 : addresses;
  const asks = four ? type === 0 || type === 8 || (type >= 13 && type <= 18) : type === 128 || type === 129;
  if (asks) {
    const id = target.sourcePort;
    difference += (~v.getUint16(at + 4) & 0xffff) + id;
    v.setUint16(at + 4, id);
  }
  if (difference !== 0) adjust(v, at + 2, difference, partial);
}

function checksumAt(protocol: number, transport: number): number {
  if (protocol === IPPROTO_TCP) return transport + 16;
  if (protocol === IPPROTO_UDP || protocol === IPPROTO_UDPLITE || protocol === IPPROTO_DCCP) return transport + 6;
  return -1;
}

export const isPartial = (skb: PacketBuffer): boolean => skb.ipSummed === CHECKSUM_PARTIAL;
