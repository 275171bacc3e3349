import * as checksum from '../../wire/checksum.js';
import * as gre from '../../wire/gre.js';
import * as icmp from '../../wire/icmp.js';
import * as icmp6 from '../../wire/icmpv6.js';
import * as ip from '../../wire/ipv4.js';
import * as ip6 from '../../wire/ipv6.js';
import * as tcp from '../../wire/tcp.js';
import * as udp from '../../wire/udp.js';
import type { TcpOption } from '../language/ast.js';
import { readOptions } from './tcp-options.js';

/** Who sends or receives: an address of 4 or 16 bytes and a port. */
export interface Endpoint {
  readonly address: Uint8Array;
  readonly port: number;
}

export const sameAddress = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
export const sameEndpoint = (a: Endpoint, b: Endpoint): boolean => a.port === b.port && sameAddress(a.address, b.address);

export interface LiveTcp {
  readonly protocol: 'tcp';
  readonly sequence: number;
  readonly ack: number;
  /** With AE as bit 8. */
  readonly flags: number;
  readonly window: number;
  readonly urgent: number;
  readonly options: readonly TcpOption[] | null;
}

export type LiveTransport =
  | LiveTcp
  | { readonly protocol: 'udp' }
  | { readonly protocol: 'icmp'; readonly type: number; readonly code: number }
  | { readonly protocol: 'other'; readonly number: number };

/** A packet that the stack sent, read once. */
export interface LivePacket {
  readonly atUs: number;
  readonly version: 4 | 6;
  readonly tos: number;
  readonly ttl: number;
  readonly flowLabel: number;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly transport: LiveTransport;
  readonly payload: Uint8Array;
  /** What is wrong with its checksums; null: nothing. */
  readonly fault: string | null;
  /** Kinds of the headers around it, outermost first. */
  readonly outer: readonly ('ipv4' | 'ipv6' | 'gre' | 'mpls')[];
}

const ETH_P_MPLS = 0x8847;

/** Reads a packet without a link header; `outerHeaders`: how many headers around it are to be taken off. null: it is no IP. */
export function readPacket(bytes: Uint8Array, atUs: number, outerHeaders = 0): LivePacket | null {
  const outer: ('ipv4' | 'ipv6' | 'gre' | 'mpls')[] = [];
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  for (let i = 0; i < outerHeaders; i++) {
    const version = v.getUint8(at) >>> 4;
    const protocol = version === 6 ? ip6.nextHeader(v, at) : ip.protocol(v, at);
    outer.push(version === 6 ? 'ipv6' : 'ipv4');
    at += version === 6 ? ip6.HEADER : ip.headerLength(v, at);
    if (protocol !== gre.PROTOCOL) continue;
    if (++i >= outerHeaders) break;
    const flags = v.getUint16(at);
    const type = v.getUint16(at + 2);
    outer.push('gre');
    at += gre.HEADER + ((flags & gre.CSUM) !== 0 ? 4 : 0) + ((flags & gre.KEY) !== 0 ? 4 : 0) + ((flags & gre.SEQ) !== 0 ? 4 : 0);
    if (type !== ETH_P_MPLS || ++i >= outerHeaders) continue;
    outer.push('mpls');
    while ((v.getUint32(at) & 0x100) === 0) at += 4;
    at += 4;
  }
  return readIp(bytes.subarray(at), atUs, outer);
}

function readIp(bytes: Uint8Array, atUs: number, outer: LivePacket['outer']): LivePacket | null {
  if (bytes.length < ip.HEADER) return null;
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const v6 = v.getUint8(0) >>> 4 === 6;
  if (v6 && bytes.length < ip6.HEADER) return null;
  const header = v6 ? ip6.HEADER : ip.headerLength(v, 0);
  const end = Math.min(bytes.length, v6 ? ip6.HEADER + ip6.payloadLength(v, 0) : ip.totalLength(v, 0));
  const protocol = v6 ? ip6.nextHeader(v, 0) : ip.protocol(v, 0);
  const badHeader = !v6 && !checksum.verify(v, 0, header, 0) ? 'bad outbound IP checksum' : null;
  const pseudo = v6
    ? ip6.pseudoHeaderSumAt(v, ip6.SOURCE, protocol, end - header)
    : ip.pseudoHeaderSum(ip.source(v, 0), ip.destination(v, 0), protocol, end - header);
  const { transport, ports, body, covered } = readTransport(v, header, end, protocol);
  const sums = covered && !checksum.verify(v, header, end - header, protocol === icmp.PROTOCOL ? 0 : pseudo);
  return {
    atUs,
    version: v6 ? 6 : 4,
    tos: v6 ? ip6.trafficClass(v, 0) : ip.tos(v, 0),
    ttl: v6 ? ip6.hopLimit(v, 0) : ip.ttl(v, 0),
    flowLabel: v6 ? ip6.flowLabel(v, 0) : 0,
    source: { address: v6 ? bytes.slice(8, 24) : bytes.slice(12, 16), port: ports[0] },
    destination: { address: v6 ? bytes.slice(24, 40) : bytes.slice(16, 20), port: ports[1] },
    transport,
    payload: bytes.subarray(body, end),
    fault: badHeader ?? (sums ? `bad outbound ${transport.protocol.toUpperCase()} checksum` : null),
    outer,
  };
}

interface ReadTransport {
  readonly transport: LiveTransport;
  readonly ports: readonly [number, number];
  readonly body: number;
  /** A checksum covers it that can be looked at. */
  readonly covered: boolean;
}

function readTransport(v: DataView, at: number, end: number, protocol: number): ReadTransport {
  if (protocol === tcp.PROTOCOL && tcp.check(v, at, end - at)) {
    const body = at + tcp.headerBytes(v, at);
    const transport: LiveTcp = {
      protocol: 'tcp',
      sequence: tcp.sequence(v, at) >>> 0,
      ack: tcp.acknowledgment(v, at) >>> 0,
      flags: v.getUint16(at + 12) & 0x1ff,
      window: tcp.window(v, at),
      urgent: tcp.urgentPointer(v, at),
      options: readOptions(v, at + tcp.HEADER, body),
    };
    return { transport, ports: [tcp.sourcePort(v, at), tcp.destinationPort(v, at)], body, covered: true };
  }
  if (protocol === udp.PROTOCOL && udp.check(v, at, end - at))
    return {
      transport: { protocol: 'udp' },
      ports: [udp.sourcePort(v, at), udp.destinationPort(v, at)],
      body: at + udp.HEADER,
      covered: udp.checksum(v, at) !== 0,
    };
  if ((protocol === icmp.PROTOCOL || protocol === icmp6.PROTOCOL) && end - at >= icmp.HEADER)
    return {
      transport: { protocol: 'icmp', type: icmp.type(v, at), code: icmp.code(v, at) },
      ports: [0, 0],
      body: at + icmp.HEADER,
      covered: true,
    };
  return { transport: { protocol: 'other', number: protocol }, ports: [0, 0], body: at, covered: false };
}
