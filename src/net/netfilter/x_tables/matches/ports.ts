import * as tcp from '../../../../wire/tcp.js';
import type { PacketInfo } from '../../nf_tables/packet-info.js';
import type { Info, Match } from '../extension.js';

// linux/netfilter/xt_tcpudp.h, xt_multiport.h

const INVERT_SOURCE = 1;
const INVERT_DESTINATION = 2;
const INVERT_FLAGS = 4;
const INVERT_OPTION = 8;

/** Whether the packet has `bytes` of its transport's header. */
const hasHeader = (packet: PacketInfo, bytes: number): boolean =>
  packet.fragmentOffset === 0 && packet.transport >= 0 && packet.transport + bytes <= packet.skb.tail;

const within = (port: number, min: number, max: number, inverted: boolean): boolean => (port >= min && port <= max) !== inverted;

/** Ranges of source and destination, four numbers of 16 bits from `at` on. */
function portRanges(info: Info, invert: number): (packet: PacketInfo) => boolean {
  const [sourceMin, sourceMax, min, max] = [0, 2, 4, 6].map((at) => info.u16(at)) as [number, number, number, number];
  const not = (bit: number) => (invert & bit) !== 0;
  const source = not(INVERT_SOURCE);
  const destination = not(INVERT_DESTINATION);
  return ({ skb, transport }) =>
    within(skb.view.getUint16(transport), sourceMin, sourceMax, source) && within(skb.view.getUint16(transport + 2), min, max, destination);
}

function hasOption(packet: PacketInfo, kind: number): boolean {
  const { skb, transport } = packet;
  const end = Math.min(transport + tcp.headerBytes(skb.view, transport), skb.tail);
  for (let at = transport + tcp.HEADER; at < end; ) {
    const here = skb.bytes[at]!;
    if (here === kind) return true;
    at += here < 2 ? 1 : Math.max(skb.bytes[at + 1] ?? 1, 1);
  }
  return false;
}

export const tcpMatch: Match = {
  name: 'tcp',
  bytes: [12],
  make(info) {
    const [option, mask, compare, invert] = [8, 9, 10, 11].map((at) => info.u8(at)) as [number, number, number, number];
    const ports = portRanges(info, invert);
    return (packet) => {
      if (packet.protocol !== tcp.PROTOCOL || !hasHeader(packet, tcp.HEADER) || !ports(packet)) return false;
      const flags = tcp.flags(packet.skb.view, packet.transport);
      if (((flags & mask) === compare) === ((invert & INVERT_FLAGS) !== 0)) return false;
      return option === 0 || hasOption(packet, option) !== ((invert & INVERT_OPTION) !== 0);
    };
  },
};

const datagram = (name: string, protocol: number): Match => ({
  name,
  bytes: [10],
  make(info) {
    const ports = portRanges(info, info.u8(8));
    return (packet) => packet.protocol === protocol && hasHeader(packet, 8) && ports(packet);
  },
});
export const udpMatch = datagram('udp', 17);
export const udpLiteMatch = datagram('udplite', 136);

const withPorts = new Set([6, 17, 136, 132, 33]);
const MULTIPORT_SOURCE = 0;
const MULTIPORT_DESTINATION = 1;
const PORTS = 15;

export const multiport: Match = {
  name: 'multiport',
  bytes: [32, 48],
  make(info, revision) {
    const which = info.u8(0);
    const count = Math.min(info.u8(1), PORTS);
    const inverted = revision === 1 && info.u8(47) !== 0;
    const ranges: (readonly [number, number])[] = [];
    for (let i = 0; i < count; i++) {
      const from = info.u16(2 + 2 * i);
      // A port with this mark begins a range that the next one ends.
      const isRange = revision === 1 && info.u8(32 + i) !== 0 && i + 1 < count;
      ranges.push([from, isRange ? info.u16(2 + 2 * ++i) : from]);
    }
    const listed = (port: number) => ranges.some(([from, to]) => port >= from && port <= to);
    return (packet) => {
      if (!withPorts.has(packet.protocol) || !hasHeader(packet, 4)) return false;
      const source = packet.skb.view.getUint16(packet.transport);
      const destination = packet.skb.view.getUint16(packet.transport + 2);
      const found =
        which === MULTIPORT_SOURCE
          ? listed(source)
          : which === MULTIPORT_DESTINATION
            ? listed(destination)
            : listed(source) || listed(destination);
      return found !== inverted;
    };
  },
};

const icmpLike = (name: string, protocol: number): Match => ({
  name,
  bytes: [4],
  make(info) {
    const [type, first, last, invert] = [0, 1, 2, 3].map((at) => info.u8(at)) as [number, number, number, number];
    const any = type === 0xff && name === 'icmp';
    return (packet) => {
      if (packet.protocol !== protocol || !hasHeader(packet, 2)) return false;
      const { bytes } = packet.skb;
      const code = bytes[packet.transport + 1]!;
      const found = any || (bytes[packet.transport] === type && code >= first && code <= last);
      return found !== ((invert & 1) !== 0);
    };
  },
});
export const icmpMatch = icmpLike('icmp', 1);
export const icmp6Match = icmpLike('icmp6', 58);

/** linux/netfilter/xt_tcpmss.h: what a SYN says its sender can take. */
export const tcpmss: Match = {
  name: 'tcpmss',
  bytes: [6],
  make(info) {
    const min = info.u16(0);
    const max = info.u16(2);
    const inverted = info.u8(4) !== 0;
    return (packet) => {
      if (packet.protocol !== tcp.PROTOCOL || !hasHeader(packet, tcp.HEADER)) return false;
      const { skb, transport } = packet;
      const end = Math.min(transport + tcp.headerBytes(skb.view, transport), skb.tail);
      for (let at = transport + tcp.HEADER; at + 4 <= end; ) {
        const kind = skb.bytes[at]!;
        if (kind === 2) return within(skb.view.getUint16(at + 2), min, max, inverted);
        if (kind === 0) break;
        at += kind === 1 ? 1 : Math.max(skb.bytes[at + 1]!, 1);
      }
      return inverted;
    };
  },
};
