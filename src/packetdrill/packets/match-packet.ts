import * as tcp from '../../wire/tcp.js';
import type { Config } from '../config.js';
import type { Connection } from '../connection.js';
import type { PacketAction, TcpOption, TcpPacket } from '../language/ast.js';
import { AE } from '../language/parse-packet.js';
import { icmpNumbers } from './icmp-names.js';
import type { LivePacket, LiveTcp } from './live-packet.js';
import { optionBytes, optionText } from './tcp-options.js';

const RESERVED_FLAGS = AE;

const field = (name: string, expected: number, actual: number): string | null =>
  expected === actual
    ? null
    : `live packet field ${name}: expected: ${expected} (0x${expected.toString(16)}) vs actual: ${actual} (0x${actual.toString(16)})`;

/** What differs between a packet of the stack, its TCP numbers already the script's, and the one expected; null: nothing. */
export function mismatch(expected: PacketAction, actual: LivePacket, connection: Connection, config: Config): string | null {
  return (
    actual.fault ??
    matchIp(expected, actual) ??
    (expected.ip.flowLabel !== 0 && actual.version === 6 ? connection.matchFlowLabel(expected.ip.flowLabel, actual) : null) ??
    matchTransport(expected, actual, connection, config)
  );
}

function matchIp(expected: PacketAction, actual: LivePacket): string | null {
  const { ip } = expected;
  const ecn = actual.tos & 3;
  if (ip.tosCheck === 'ecn') {
    const bad = field('ip_ecn', ip.tos & 3, ecn);
    if (bad !== null) return bad;
  } else if (ip.tosCheck === 'ect01' && ecn !== 1 && ecn !== 2) return `live packet field ip_ecn: expected: 0x1 or 0x2 vs actual: 0x${ecn}`;
  else if (ip.tosCheck === 'tos') {
    const bad = field('tos', ip.tos, actual.tos);
    if (bad !== null) return bad;
  }
  return ip.ttl === 0 ? null : field('ttl', ip.ttl, actual.ttl);
}

function matchTransport(expected: PacketAction, actual: LivePacket, connection: Connection, config: Config): string | null {
  const { transport } = actual;
  if (expected.protocol !== transport.protocol) return `expected: ${expected.protocol} header vs actual: ${transport.protocol} header`;
  if (expected.protocol === 'icmp' && transport.protocol === 'icmp') {
    const numbers = icmpNumbers(actual.version === 6, expected.type, expected.code);
    if (typeof numbers === 'string') return numbers;
    return field('icmp_type', numbers.type, transport.type) ?? field('icmp_code', numbers.code, transport.code);
  }
  if (expected.protocol === 'udp') return field('udp_len', expected.payload + 8, actual.payload.length + 8) ?? matchPayload(actual);
  if (expected.protocol !== 'tcp' || transport.protocol !== 'tcp') return null;
  return matchSegment(expected, transport) ?? matchOptions(expected, transport, connection, config) ?? matchPayload(actual);
}

/** Scripts send and expect zeros. */
const matchPayload = (actual: LivePacket): string | null =>
  actual.payload.every((byte) => byte === 0) ? null : 'incorrect outbound data payload';

const flagNames: readonly (readonly [string, number])[] = [
  ['tcp_fin', tcp.FIN],
  ['tcp_syn', tcp.SYN],
  ['tcp_rst', tcp.RST],
  ['tcp_psh', tcp.PSH],
  ['tcp_ack', tcp.ACK],
  ['tcp_urg', tcp.URG],
];

const eccNames: readonly (readonly [string, number])[] = [
  ['tcp_ece', tcp.ECE],
  ['tcp_cwr', tcp.CWR],
  ['tcp_ae', RESERVED_FLAGS],
];

const bit = (flags: number, mask: number): number => ((flags & mask) !== 0 ? 1 : 0);

const aceOf = (flags: number): number => bit(flags, AE) * 4 + bit(flags, tcp.CWR) * 2 + bit(flags, tcp.ECE);

function matchSegment(expected: TcpPacket, actual: LiveTcp): string | null {
  for (const [name, mask] of flagNames) {
    const bad = field(name, bit(expected.flags, mask), bit(actual.flags, mask));
    if (bad !== null) return bad;
  }
  if (expected.ace !== null) {
    const bad = field('tcp_ace', expected.ace, aceOf(actual.flags));
    if (bad !== null) return bad;
  } else {
    for (const [name, mask] of eccNames) {
      const bad = field(name, bit(expected.flags, mask), bit(actual.flags, mask));
      if (bad !== null) return bad;
    }
  }
  return (
    field('tcp_seq', expected.sequence, actual.sequence) ??
    field('tcp_ack_seq', expected.ack, (actual.flags & tcp.ACK) === 0 && expected.ack === 0 ? 0 : actual.ack) ??
    (expected.window === null ? null : field('tcp_window', expected.window, actual.window)) ??
    field('tcp_urg_ptr', expected.urgent, actual.urgent)
  );
}

function matchOptions(expected: TcpPacket, actual: LiveTcp, connection: Connection, config: Config): string | null {
  const theirs = expected.options;
  const stamp = theirs?.find((option) => option.kind === 'timestamps');
  const live = actual.options?.find((option) => option.kind === 'timestamps');
  const shown = stamp?.kind === 'timestamps' && live?.kind === 'timestamps' ? connection.learnTimestamp(stamp.value, live.value) : null;
  if (theirs === null) return null;
  const { options } = actual;
  if (options === null) return 'bad outbound TCP options: they are malformed';
  const texts = (all: readonly TcpOption[]) => all.map((option) => (option.kind === 'timestamps' ? 'TS' : optionText(option))).join(',');
  if (theirs.length !== options.length || theirs.some((option, i) => option.kind !== options[i]!.kind))
    return `bad outbound TCP options: expected: <${texts(theirs)}> vs actual: <${texts(options)}>`;
  for (const [i, option] of theirs.entries()) {
    const other = options[i]!;
    if (option.kind === 'timestamps') {
      const distance = shown === null ? 0 : Math.abs((option.value - shown) | 0) * config.timestampTickUs;
      if (distance > config.toleranceUs)
        return `bad outbound TCP timestamp value: expected: ${option.value} vs actual: ${shown}, tolerance ${config.toleranceUs}`;
    } else if (optionBytes(option) !== optionBytes(other) || optionText(option) !== optionText(other))
      return `bad value outbound TCP option: expected: <${optionText(option)}> vs actual: <${optionText(other)}>`;
  }
  return null;
}
