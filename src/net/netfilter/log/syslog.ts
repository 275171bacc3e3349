import { NF_LOG_IPOPT, NF_LOG_MACDECODE, NF_LOG_TCPOPT, NF_LOG_TCPSEQ, NF_LOG_UID } from '../../../netlink/nfnl/expressions/log.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import * as icmp from '../../../wire/icmp.js';
import * as ip from '../../../wire/ipv4.js';
import { formatIpv4 } from '../../../wire/ipv4-address.js';
import * as ip6 from '../../../wire/ipv6.js';
import { skipHeaders } from '../../../wire/ipv6-extensions.js';
import * as tcp from '../../../wire/tcp.js';
import type { PacketInfo } from '../nf_tables/packet-info.js';

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
const upperHex = (value: number, digits: number): string => hex(value, digits).toUpperCase();
const ETHER_BYTES = 14;

/** A packet in a line, as the kernel's log has it. Linux: nf_log_syslog.c */
export function describePacket(packet: PacketInfo, prefix: string, flags: number): string {
  const { skb, input, output, networkFamily } = packet;
  let text = `${prefix}IN=${input?.name ?? ''} OUT=${output?.name ?? ''} `;
  if (input !== null && (networkFamily === NFPROTO_IPV4 || networkFamily === NFPROTO_IPV6)) text += describeLink(packet, flags);
  if (networkFamily === NFPROTO_IPV4) text += describe4(skb.view, skb.networkHeader, skb.tail, flags, true);
  else if (networkFamily === NFPROTO_IPV6) text += describe6(skb.view, skb.networkHeader, skb.tail, flags, true);
  if ((flags & NF_LOG_UID) !== 0 && skb.socket !== null) text += `UID=${skb.socket.uid} GID=0 `;
  return skb.mark === 0 ? text : `${text}MARK=0x${skb.mark.toString(16)} `;
}

function describeLink({ skb }: PacketInfo, flags: number): string {
  const { bytes, macHeader, networkHeader } = skb;
  const there = macHeader >= 0 && macHeader < networkHeader;
  const pairs = (from: number, count: number) => Array.from(bytes.subarray(from, from + count), (byte) => hex(byte, 2)).join(':');
  if ((flags & NF_LOG_MACDECODE) !== 0 && there)
    return `MACSRC=${pairs(macHeader + 6, 6)} MACDST=${pairs(macHeader, 6)} MACPROTO=${hex(skb.view.getUint16(macHeader + 12), 4)} `;
  return `MAC=${there ? pairs(macHeader, Math.min(networkHeader - macHeader, ETHER_BYTES)) : ''} `;
}

// Linux: dump_ipv4_packet()
function describe4(v: DataView, at: number, end: number, flags: number, outer: boolean): string {
  if (at + ip.HEADER > end) return 'TRUNCATED';
  const tos = ip.tos(v, at);
  const frag = ip.fragment(v, at);
  let text = `SRC=${formatIpv4(ip.source(v, at))} DST=${formatIpv4(ip.destination(v, at))} `;
  text += `LEN=${v.getUint16(at + 2)} TOS=0x${upperHex(tos & 0x1e, 2)} PREC=0x${upperHex(tos & 0xe0, 2)} TTL=${v.getUint8(at + 8)} ID=${v.getUint16(at + 4)} `;
  if ((frag & 0x8000) !== 0) text += 'CE ';
  if ((frag & ip.DF) !== 0) text += 'DF ';
  if ((frag & ip.MF) !== 0) text += 'MF ';
  const offset = frag & ip.OFFSET_MASK;
  if (offset !== 0) text += `FRAG:${offset} `;
  const headerBytes = ip.headerLength(v, at);
  if ((flags & NF_LOG_IPOPT) !== 0 && headerBytes > ip.HEADER) text += `OPT (${digits(v, at + ip.HEADER, at + headerBytes)}) `;
  const protocol = ip.protocol(v, at);
  const transport = at + headerBytes;
  if (protocol === icmp.PROTOCOL) return text + describeIcmp(v, transport, end, flags, offset !== 0, outer);
  return text + describeTransport(v, transport, end, protocol, flags, offset !== 0);
}

function digits(v: DataView, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to && i < v.byteLength; i++) text += upperHex(v.getUint8(i), 2);
  return text;
}

const tcpFlagNames = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];

/** Linux: nf_log_dump_tcp_header(), nf_log_dump_udp_header() */
function describeTransport(v: DataView, at: number, end: number, protocol: number, flags: number, isFragment: boolean): string {
  if (protocol === tcp.PROTOCOL) {
    if (isFragment) return 'PROTO=TCP ';
    if (at + tcp.HEADER > end) return `PROTO=TCP INCOMPLETE [${Math.max(end - at, 0)} bytes] `;
    let text = `PROTO=TCP SPT=${tcp.sourcePort(v, at)} DPT=${tcp.destinationPort(v, at)} `;
    if ((flags & NF_LOG_TCPSEQ) !== 0) text += `SEQ=${tcp.sequence(v, at) >>> 0} ACK=${tcp.acknowledgment(v, at) >>> 0} `;
    text += `WINDOW=${tcp.window(v, at)} RES=0x${hex((v.getUint8(at + 12) & 0x0f) << 2, 2)} `;
    const bits = v.getUint8(at + 13);
    for (let bit = 7; bit >= 0; bit--) if ((bits & (1 << bit)) !== 0) text += `${tcpFlagNames[bit]} `;
    text += `URGP=${v.getUint16(at + 18)} `;
    const headerBytes = tcp.headerBytes(v, at);
    if ((flags & NF_LOG_TCPOPT) !== 0 && headerBytes > tcp.HEADER)
      text += `OPT (${digits(v, at + tcp.HEADER, Math.min(at + headerBytes, end))}) `;
    return text;
  }
  if (protocol === 17 || protocol === 136) {
    const name = protocol === 17 ? 'PROTO=UDP ' : 'PROTO=UDPLITE ';
    if (isFragment) return name;
    if (at + 8 > end) return `${name}INCOMPLETE [${Math.max(end - at, 0)} bytes] `;
    return `${name}SPT=${v.getUint16(at)} DPT=${v.getUint16(at + 2)} LEN=${v.getUint16(at + 4)} `;
  }
  return `PROTO=${protocol} `;
}

function describeIcmp(v: DataView, at: number, end: number, flags: number, isFragment: boolean, outer: boolean): string {
  if (isFragment) return 'PROTO=ICMP ';
  if (at + 8 > end) return `PROTO=ICMP INCOMPLETE [${Math.max(end - at, 0)} bytes] `;
  const type = v.getUint8(at);
  const code = v.getUint8(at + 1);
  let text = `PROTO=ICMP TYPE=${type} CODE=${code} `;
  if (type === icmp.ECHO || type === icmp.ECHO_REPLY) return `${text}ID=${v.getUint16(at + 4)} SEQ=${v.getUint16(at + 6)} `;
  if (!icmp.isError(type)) return text;
  if (type === icmp.REDIRECT) text += `GATEWAY=${formatIpv4(v.getUint32(at + 4))} `;
  if (type === 12) text += `PARAMETER=${v.getUint8(at + 4)} `;
  // The packet that the error is about: of that no deeper.
  if (outer) text += `[${describe4(v, at + icmp.HEADER, end, flags, false)}] `;
  return type === icmp.DEST_UNREACH && code === icmp.FRAG_NEEDED ? `${text}MTU=${v.getUint16(at + 6)} ` : text;
}

/** All digits (%pI6). */
const address6 = (v: DataView, at: number): string => Array.from({ length: 8 }, (_, i) => hex(v.getUint16(at + 2 * i), 4)).join(':');

// Linux: dump_ipv6_packet()
function describe6(v: DataView, at: number, end: number, flags: number, outer: boolean): string {
  if (at + ip6.HEADER > end) return 'TRUNCATED';
  const word = v.getUint32(at);
  let text = `SRC=${address6(v, at + ip6.SOURCE)} DST=${address6(v, at + ip6.DESTINATION)} `;
  text += `LEN=${v.getUint16(at + 4) + ip6.HEADER} TC=${(word & 0x0ff0_0000) >>> 20} HOPLIMIT=${v.getUint8(at + 7)} FLOWLBL=${word & 0xf_ffff} `;
  const found = skipHeaders(v, at, end);
  if (found.offset < 0) return text;
  const { protocol, offset, fragmentOffset } = found;
  if (fragmentOffset > 0) text += `FRAG:${fragmentOffset} `;
  if (protocol !== 58) return text + describeTransport(v, offset, end, protocol, flags, fragmentOffset > 0);
  if (fragmentOffset > 0) return `${text}PROTO=ICMPv6 `;
  if (offset + 4 > end) return `${text}PROTO=ICMPv6 INCOMPLETE [${Math.max(end - offset, 0)} bytes] `;
  const type = v.getUint8(offset);
  text += `PROTO=ICMPv6 TYPE=${type} CODE=${v.getUint8(offset + 1)} `;
  if ((type === 128 || type === 129) && offset + 8 <= end) return `${text}ID=${v.getUint16(offset + 4)} SEQ=${v.getUint16(offset + 6)} `;
  if (type === 4) text += `POINTER=${hex(v.getUint32(offset + 4), 8)} `;
  if (type >= 1 && type <= 4 && outer) text += `[${describe6(v, offset + 8, end, flags, false)}] `;
  return type === 2 ? `${text}MTU=${v.getUint32(offset + 4)} ` : text;
}
