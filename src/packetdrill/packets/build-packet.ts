import * as checksum from '../../wire/checksum.js';
import * as gre from '../../wire/gre.js';
import * as icmp from '../../wire/icmp.js';
import * as icmp6 from '../../wire/icmpv6.js';
import * as ip from '../../wire/ipv4.js';
import * as ip6 from '../../wire/ipv6.js';
import * as tcp from '../../wire/tcp.js';
import * as udp from '../../wire/udp.js';
import type { Encapsulation, IcmpPacket, IpInfo, TcpOption, TcpPacket, UdpPacket } from '../language/ast.js';
import { icmpNumbers } from './icmp-names.js';
import type { Endpoint } from './live-packet.js';
import { optionsBytes, writeOptions } from './tcp-options.js';

const DEFAULT_TTL = 255;
const ETH_P_MPLS = 0x8847;

/** Where a packet comes from and goes to. */
export interface Way {
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/** An inbound segment, its numbers those of the connection. Throws a text: what cannot be built. */
export function buildTcp(packet: TcpPacket, way: Way, sequence: number, ack: number, options: readonly TcpOption[]): Uint8Array {
  const optionLength = optionsBytes(options);
  if (optionLength % 4 !== 0)
    throw new Error(`TCP options are not padded correctly to ensure TCP header is a multiple of 4 bytes: ${optionLength % 4} excess bytes`);
  const header = tcp.HEADER + optionLength;
  const bytes = new Uint8Array(header + packet.payload);
  const v = new DataView(bytes.buffer);
  tcp.write(v, 0, way.from.port, way.to.port, sequence, ack, header >> 2, packet.flags, packet.window ?? 0, packet.urgent);
  writeOptions(v, tcp.HEADER, options);
  return datagram(packet, way, tcp.PROTOCOL, bytes, tcp.CHECKSUM_OFFSET);
}

export function buildUdp(packet: UdpPacket, way: Way): Uint8Array {
  const bytes = new Uint8Array(udp.HEADER + packet.payload);
  udp.write(new DataView(bytes.buffer), 0, way.from.port, way.to.port, bytes.length);
  return datagram(packet, way, udp.PROTOCOL, bytes, udp.CHECKSUM_AT);
}

/** An inbound ICMP message; `sequence`: of the segment it quotes. */
export function buildIcmp(packet: IcmpPacket, way: Way, protocol: number, sequence: number): Uint8Array {
  const v6 = way.from.address.length === 16;
  const numbers = icmpNumbers(v6, packet.type, packet.code);
  if (typeof numbers === 'string') throw new Error(numbers);
  const raw = packet.echoed?.protocol === 'raw';
  const quoted = raw ? null : quote(packet, way, protocol, sequence);
  const bytes = new Uint8Array(quoted === null ? Math.max(icmp.HEADER, packet.echoed?.payload ?? 0) : icmp.HEADER + quoted.length);
  if (quoted !== null) bytes.set(quoted, icmp.HEADER);
  const v = new DataView(bytes.buffer);
  v.setUint8(0, numbers.type);
  v.setUint8(1, numbers.code);
  if (packet.mtu !== null) {
    if (v6) v.setUint32(4, packet.mtu);
    else v.setUint16(6, packet.mtu);
  }
  if (packet.echoId !== 0) v.setUint16(4, packet.echoId);
  return datagram(packet, way, v6 ? icmp6.PROTOCOL : icmp.PROTOCOL, bytes, icmp6.CHECKSUM_AT);
}

/** The beginning of the packet that an error is about: it went the other way. */
function quote(packet: IcmpPacket, way: Way, protocol: number, sequence: number): Uint8Array {
  const payload = packet.echoed?.payload ?? 0;
  const transport = new Uint8Array(8 + payload);
  const v = new DataView(transport.buffer);
  v.setUint16(0, way.to.port);
  v.setUint16(2, way.from.port);
  if (protocol === udp.PROTOCOL) v.setUint16(4, udp.HEADER + payload);
  else v.setUint32(4, sequence);
  const header = ipHeader(
    { from: way.to, to: way.from },
    protocol,
    (protocol === tcp.PROTOCOL ? tcp.HEADER : udp.HEADER) + payload,
    0,
    0,
    DEFAULT_TTL,
  );
  const bytes = new Uint8Array(header.length + transport.length);
  bytes.set(header);
  bytes.set(transport, header.length);
  return bytes;
}

interface Outside {
  readonly ip: IpInfo;
  readonly outer: readonly Encapsulation[];
}

function datagram(packet: Outside, way: Way, protocol: number, transport: Uint8Array, checksumAt: number): Uint8Array {
  const { ip: info } = packet;
  const header = ipHeader(way, protocol, transport.length, info.tos, info.flowLabel, info.ttl === 0 ? DEFAULT_TTL : info.ttl);
  const bytes = new Uint8Array(header.length + transport.length);
  bytes.set(header);
  bytes.set(transport, header.length);
  const v = new DataView(bytes.buffer);
  const pseudo =
    header.length === ip6.HEADER
      ? ip6.pseudoHeaderSumAt(v, ip6.SOURCE, protocol, transport.length)
      : protocol === icmp.PROTOCOL
        ? 0
        : ip.pseudoHeaderSum(ip.source(v, 0), ip.destination(v, 0), protocol, transport.length);
  const sum = checksum.checksum(v, header.length, transport.length, pseudo);
  v.setUint16(header.length + checksumAt, sum === 0 && protocol === udp.PROTOCOL ? 0xffff : sum);
  return encapsulate(packet.outer, bytes);
}

function ipHeader(way: Way, protocol: number, payload: number, tos: number, flowLabel: number, ttl: number): Uint8Array {
  if (way.from.address.length === 16) {
    const bytes = new Uint8Array(ip6.HEADER);
    const v = new DataView(bytes.buffer);
    v.setUint32(0, 0x6000_0000 + tos * 0x10_0000 + flowLabel);
    v.setUint16(4, payload);
    v.setUint8(6, protocol);
    v.setUint8(7, ttl);
    bytes.set(way.from.address, ip6.SOURCE);
    bytes.set(way.to.address, ip6.DESTINATION);
    return bytes;
  }
  const bytes = new Uint8Array(ip.HEADER);
  const v = new DataView(bytes.buffer);
  v.setUint16(0, 0x4500 | tos);
  v.setUint16(2, ip.HEADER + payload);
  v.setUint8(8, ttl);
  v.setUint8(9, protocol);
  bytes.set(way.from.address, 12);
  bytes.set(way.to.address, 16);
  ip.writeChecksum(v, 0, ip.HEADER);
  return bytes;
}

/** Puts the headers around a packet, the innermost first. */
function encapsulate(outer: readonly Encapsulation[], packet: Uint8Array): Uint8Array {
  let bytes = packet;
  let etherType = bytes[0]! >>> 4 === 6 ? ip6.ETHERTYPE : ip.ETHERTYPE;
  let protocol = etherType === ip6.ETHERTYPE ? 41 : 4;
  for (const layer of [...outer].reverse()) {
    let header: Uint8Array;
    if (layer.kind === 'mpls') {
      header = mplsHeader(layer);
      etherType = ETH_P_MPLS;
      protocol = 137;
    } else if (layer.kind === 'gre') {
      header = greHeader(layer, etherType);
      protocol = gre.PROTOCOL;
    } else {
      const way = { from: { address: layer.source, port: 0 }, to: { address: layer.destination, port: 0 } };
      header = ipHeader(
        way,
        protocol,
        bytes.length,
        layer.info.tos,
        layer.info.flowLabel,
        layer.info.ttl === 0 ? DEFAULT_TTL : layer.info.ttl,
      );
      etherType = layer.version === 6 ? ip6.ETHERTYPE : ip.ETHERTYPE;
      protocol = layer.version === 6 ? 41 : 4;
    }
    const whole = new Uint8Array(header.length + bytes.length);
    whole.set(header);
    whole.set(bytes, header.length);
    bytes = whole;
  }
  return bytes;
}

function greHeader(layer: Encapsulation & { kind: 'gre' }, etherType: number): Uint8Array {
  const words: number[] = [];
  if ((layer.flags & (gre.CSUM | gre.ROUTING)) !== 0) words.push(layer.sum * 0x1_0000 + layer.offset);
  if ((layer.flags & gre.KEY) !== 0) words.push(layer.key);
  if ((layer.flags & gre.SEQ) !== 0) words.push(layer.sequence);
  const bytes = new Uint8Array(gre.HEADER + 4 * words.length);
  const v = new DataView(bytes.buffer);
  v.setUint16(0, layer.flags);
  v.setUint16(2, etherType);
  for (const [i, word] of words.entries()) v.setUint32(gre.HEADER + 4 * i, word);
  return bytes;
}

/** RFC 3032 2.1: label, traffic class, bottom of the stack, TTL. */
function mplsHeader({ labels }: Encapsulation & { kind: 'mpls' }): Uint8Array {
  const bytes = new Uint8Array(4 * labels.length);
  const v = new DataView(bytes.buffer);
  for (const [i, { label, trafficClass, bottom, ttl }] of labels.entries())
    v.setUint32(4 * i, label * 0x1000 + (trafficClass << 9) + (bottom ? 0x100 : 0) + ttl);
  return bytes;
}
