import * as gre from '../../wire/gre.js';
import { ipv4Bytes, parseIpv4 } from '../../wire/ipv4-address.js';
import { parseIpv6 } from '../../wire/ipv6-address.js';
import * as tcp from '../../wire/tcp.js';
import type { Encapsulation, IcmpPacket, IpInfo, MplsLabel, PacketAction, TcpOption, TcpPacket } from './ast.js';
import { accurateEcnCounters } from '../packets/tcp-options.js';
import type { Scanner } from './scanner.js';

const U8 = 0xff;
const U16 = 0xffff;
const U24 = 0xff_ffff;
const U32 = 0xffff_ffff;

/** AE of RFC 9768, the bit before CWR. */
export const AE = 0x100;

const NOTHING_SAID: IpInfo = { tosCheck: 'none', tos: 0, flowLabel: 0, ttl: 0 };

const ecnNames: Readonly<Record<string, IpInfo>> = {
  noecn: { ...NOTHING_SAID, tosCheck: 'ecn', tos: 0 },
  ect1: { ...NOTHING_SAID, tosCheck: 'ecn', tos: 1 },
  ect0: { ...NOTHING_SAID, tosCheck: 'ecn', tos: 2 },
  ce: { ...NOTHING_SAID, tosCheck: 'ecn', tos: 3 },
  ect01: { ...NOTHING_SAID, tosCheck: 'ect01', tos: 0 },
};

const flagLetters: Readonly<Record<string, number>> = {
  F: tcp.FIN,
  S: tcp.SYN,
  R: tcp.RST,
  P: tcp.PSH,
  '.': tcp.ACK,
  U: tcp.URG,
  E: tcp.ECE,
  W: tcp.CWR,
  C: tcp.CWR,
  A: AE,
};

/** `< or >`, headers around the packet, and the packet. */
export function parsePacket(scanner: Scanner): PacketAction {
  const { line } = scanner;
  const outbound = scanner.takes('>');
  if (!outbound) scanner.wants('<');
  const outer = parseEncapsulations(scanner);
  const ip = parseIpInfo(scanner);
  const base = { kind: 'packet', line, outbound, outer, ip } as const;
  if (ip.tosCheck === 'ect01' && !outbound) scanner.fail('semantic error: [ect01] can only be used with outbound packets');
  if (scanner.takesWord('icmp')) return { ...base, ...parseIcmp(scanner) };
  if (scanner.takesWord('udp')) {
    const ports = parsePorts(scanner);
    scanner.wants('(');
    const payload = scanner.ranged('UDP payload size', U16);
    scanner.wants(')');
    return { ...base, protocol: 'udp', ...ports, payload };
  }
  const packet = { ...base, ...parseTcp(scanner) };
  if (packet.options === null && !outbound) scanner.fail('semantic error: <...> for TCP options can only be used with outbound packets');
  return packet;
}

function parsePorts(scanner: Scanner): { sourcePort: number; destinationPort: number } {
  const found = scanner.match(/(\d+)\s*>\s*(\d+)/y);
  if (found === null) return { sourcePort: 0, destinationPort: 0 };
  const sourcePort = Number(found[1]);
  const destinationPort = Number(found[2]);
  if (sourcePort > U16) scanner.fail('semantic error: src port out of range');
  if (destinationPort > U16) scanner.fail('semantic error: dst port out of range');
  return { sourcePort, destinationPort };
}

// -- headers around it ----------------------------------------------------------------------------------------------------------

function parseEncapsulations(scanner: Scanner): Encapsulation[] {
  const outer: Encapsulation[] = [];
  for (;;) {
    if (scanner.takesWord('ipv4')) outer.push(parseOuterIp(scanner, 4));
    else if (scanner.takesWord('ipv6')) outer.push(parseOuterIp(scanner, 6));
    else if (scanner.takesWord('gre') || scanner.takesWord('GREv0')) outer.push(parseGre(scanner));
    else if (scanner.takesWord('mpls')) outer.push(parseMpls(scanner));
    else return outer;
  }
}

function parseOuterIp(scanner: Scanner, version: 4 | 6): Encapsulation {
  const info = parseIpInfo(scanner);
  const source = parseAddress(scanner, version);
  scanner.wants('>');
  const destination = parseAddress(scanner, version);
  scanner.wants(':');
  return { kind: 'ip', version, info, source, destination };
}

function parseAddress(scanner: Scanner, version: 4 | 6): Uint8Array {
  const text = scanner.match(version === 4 ? /\d+\.\d+\.\d+\.\d+/y : /[0-9a-fA-F:.]*[0-9a-fA-F:]*(?=\s*>|:\s)/y)?.[0] ?? '';
  if (version === 6) return parseIpv6(text) ?? scanner.expected('an IPv6 address');
  const address = parseIpv4(text);
  return address === null ? scanner.expected('an IPv4 address') : ipv4Bytes(address);
}

function parseGre(scanner: Scanner): Encapsulation {
  const header = { kind: 'gre', flags: 0, sum: 0, offset: 0, key: 0, sequence: 0 };
  scanner.takes(',');
  if (scanner.takesWord('flags') || scanner.takesWord('Flags')) {
    header.flags = scanner.takes('[') ? parseGreFlags(scanner) : scanner.ranged('GRE flags', U16);
    const field = (name: string, max: number): number => {
      scanner.takes(',');
      if (!scanner.takesWord(name)) scanner.expected(`"${name}"`);
      scanner.takes('=');
      return scanner.ranged(`GRE ${name}`, max);
    };
    header.sum = field('sum', U16);
    header.offset = field('off', U16);
    header.key = field('key', U32);
    header.sequence = field('seq', U32);
  }
  scanner.wants(':');
  return header as Encapsulation;
}

function parseGreFlags(scanner: Scanner): number {
  let flags = 0;
  do {
    if (scanner.takesWord('none')) continue;
    if (scanner.takesWord('checksum')) flags |= gre.CSUM;
    else if (scanner.takesWord('key')) flags |= gre.KEY;
    else if (scanner.match(/sequence#/y) !== null) flags |= gre.SEQ;
    else scanner.expected('a GRE flag');
    scanner.takesWord('present');
  } while (scanner.takes(','));
  scanner.wants(']');
  return flags;
}

function parseMpls(scanner: Scanner): Encapsulation {
  const labels: MplsLabel[] = [];
  while (scanner.takes('(')) {
    const field = (name: string, max: number): number => {
      if (!scanner.takesWord(name)) scanner.expected(`"${name}"`);
      return scanner.ranged(`MPLS ${name}`, max);
    };
    const label = field('label', 0xf_ffff);
    scanner.wants(',');
    const trafficClass = field('tc', 7);
    scanner.wants(',');
    const bottom = scanner.match(/\[\s*S\s*\]\s*,/y) !== null;
    const ttl = field('ttl', U8);
    scanner.wants(')');
    labels.push({ label, trafficClass, bottom, ttl });
  }
  scanner.wants(':');
  return { kind: 'mpls', labels };
}

/** `[ect0]`, `(tos 0x20)`, `(ttl 1)`, `[ce, flowlabel 0x1]`, or nothing. */
function parseIpInfo(scanner: Scanner): IpInfo {
  const close = scanner.takes('[') ? ']' : scanner.takes('(') ? ')' : null;
  if (close === null) return NOTHING_SAID;
  let info = NOTHING_SAID;
  do {
    if (scanner.takesWord('tos')) info = { ...info, tosCheck: 'tos', tos: scanner.ranged('tos', U8) };
    else if (scanner.takesWord('flowlabel')) info = { ...info, flowLabel: scanner.ranged('flowlabel', 0xf_ffff) };
    else if (scanner.takesWord('ttl')) info = { ...info, ttl: scanner.ranged('ttl', U8) };
    else {
      const name = scanner.word('an ECN name, tos, ttl or flowlabel');
      const ecn = ecnNames[name] ?? scanner.fail(`parse error at '${name}': an ECN name, tos, ttl or flowlabel was expected`);
      info = { ...info, tosCheck: ecn.tosCheck, tos: ecn.tos };
    }
  } while (scanner.takes(','));
  scanner.wants(close);
  return info;
}

// -- TCP -----------------------------------------------------------------------------------------------------------------------

type TcpPart = Omit<TcpPacket, 'kind' | 'line' | 'outbound' | 'outer' | 'ip'>;

function parseTcp(scanner: Scanner): TcpPart {
  const ports = parsePorts(scanner);
  const { flags, ace } = parseFlags(scanner);
  const { sequence, payload } = parseSequence(scanner);
  const ack = scanner.takesWord('ack') ? scanner.ranged('TCP ack sequence number', U32) : 0;
  const window = scanner.takesWord('win') ? scanner.ranged('TCP window value', U16) : null;
  const urgent = scanner.takesWord('urg') ? scanner.ranged('urg_ptr value', U16) : 0;
  return { protocol: 'tcp', ...ports, flags, ace, sequence, payload, ack, window, urgent, options: parseTcpOptions(scanner) };
}

function parseFlags(scanner: Scanner): { flags: number; ace: number | null } {
  scanner.skip();
  const start = scanner.at;
  const text = scanner.match(/-|[A-Z]*[0-7]?\.[0-7]?[A-Z]*|[A-Z]+[0-7]?/y)?.[0] ?? scanner.expected('TCP flags');
  let flags = 0;
  let ace: number | null = null;
  for (const letter of text) {
    if (letter === '-') continue;
    const bit = flagLetters[letter];
    if (bit !== undefined) flags |= bit;
    else if (/[0-7]/.test(letter)) ace = Number(letter);
    else scanner.fail(`semantic error: invalid TCP flag: '${letter}'`, start);
  }
  if (ace !== null) flags |= ((ace & 4) !== 0 ? AE : 0) | ((ace & 2) !== 0 ? tcp.CWR : 0) | ((ace & 1) !== 0 ? tcp.ECE : 0);
  return { flags, ace };
}

function parseSequence(scanner: Scanner): { sequence: number; payload: number } {
  scanner.skip();
  const start = scanner.at;
  const sequence = scanner.ranged('TCP start sequence number', U32);
  scanner.wants(':');
  const end = scanner.ranged('TCP end sequence number', U32);
  scanner.wants('(');
  const payload = scanner.ranged('TCP payload size', U16);
  scanner.wants(')');
  if (end !== (sequence + payload) % 0x1_0000_0000)
    scanner.fail('semantic error: inconsistent TCP sequence numbers and payload size', start);
  return { sequence, payload };
}

function parseTcpOptions(scanner: Scanner): readonly TcpOption[] | null {
  if (scanner.match(/<\s*\.\.\.\s*>/y) !== null) return null;
  if (!scanner.takes('<')) return [];
  const options: TcpOption[] = [];
  do options.push(parseTcpOption(scanner));
  while (scanner.takes(','));
  scanner.wants('>');
  return options;
}

function parseTcpOption(scanner: Scanner): TcpOption {
  const name = scanner.match(/[A-Za-z_]\w*/y)?.[0] ?? scanner.expected('a TCP option');
  switch (name) {
    case 'nop':
      return { kind: 'nop' };
    case 'eol':
      return { kind: 'eol' };
    case 'sackOK':
      return { kind: 'sackOk' };
    case 'mss':
      return { kind: 'mss', value: scanner.ranged('mss value', U16) };
    case 'wscale':
      return { kind: 'wscale', value: scanner.ranged('window scale shift count', U8) };
    case 'TS': {
      if (!scanner.takesWord('val')) scanner.expected('"val"');
      const value = scanner.ranged('ts val', U32);
      if (!scanner.takesWord('ecr')) scanner.expected('"ecr"');
      return { kind: 'timestamps', value, echo: scanner.ranged('ecr val', U32) };
    }
    case 'sack':
      return { kind: 'sack', blocks: parseBlocks(scanner) };
    case 'ECN':
      return parseAccurateEcn(scanner);
    case 'md5':
      return { kind: 'md5', bytes: parseHex(scanner, 'TCP MD5 digest', 16) };
    case 'FO':
      return { kind: 'fastOpen', bytes: parseHex(scanner, 'TCP fast open cookie', 38) };
    case 'FOEXP':
      return { kind: 'fastOpenExperimental', bytes: parseHex(scanner, 'TCP fast open cookie', 36) };
    default:
      return scanner.fail(
        name.startsWith('mp') || name === 'dss' || name === 'add_address'
          ? 'MPTCP is not there: its options are not understood'
          : `parse error at '${name}': this TCP option is not understood`,
      );
  }
}

/** `ECN e1b 1 ceb 0 e0b 1` or `ECN e0b 1 ceb 0 e1b 1`: the first counter says which of the two orders the option has. */
function parseAccurateEcn(scanner: Scanner): TcpOption {
  const kind = scanner.seesWord('e0b') ? 'accurateEcn0' : 'accurateEcn1';
  const counters: number[] = [];
  for (const name of accurateEcnCounters[kind])
    if (scanner.takesWord(name)) counters.push(scanner.ranged(`AccECN ${name}`, U24));
    else break;
  return counters.length === 0 ? scanner.expected('"e0b" or "e1b"') : { kind, counters };
}

function parseBlocks(scanner: Scanner): (readonly [number, number])[] {
  const blocks: (readonly [number, number])[] = [];
  for (;;) {
    const found = scanner.match(/(\d+)\s*:\s*(\d+)/y);
    if (found === null) break;
    if (Number(found[1]) > U32 || Number(found[2]) > U32) scanner.fail('semantic error: TCP SACK sequence number out of range');
    blocks.push([Number(found[1]), Number(found[2])]);
  }
  return blocks.length === 0 ? scanner.expected('a SACK block') : blocks;
}

function parseHex(scanner: Scanner, what: string, max: number): Uint8Array {
  const name = scanner.match(/\w+/y)?.[0] ?? '';
  const digits = scanner.isDefined(name) ?? name;
  if (digits.length % 2 !== 0) scanner.fail(`semantic error: ${what} has an odd number of digits`);
  if (!/^[0-9a-fA-F]*$/.test(digits)) scanner.fail(`semantic error: ${what} '${digits}' is not a valid hex string`);
  if (digits.length / 2 > max) scanner.fail(`semantic error: ${what} of ${digits.length / 2} bytes exceeds ${max} bytes`);
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

// -- ICMP ----------------------------------------------------------------------------------------------------------------------

function parseIcmp(scanner: Scanner): Omit<IcmpPacket, 'kind' | 'line' | 'outbound' | 'outer' | 'ip'> {
  const type = scanner.word('an ICMP type');
  const code = scanner.seesWord('mtu') || scanner.seesWord('id') ? null : (scanner.match(/[A-Za-z_]\w*/y)?.[0] ?? null);
  const mtu = scanner.takesWord('mtu') ? scanner.ranged('ICMP MTU', U32) : null;
  const echoId = scanner.takesWord('id') ? scanner.ranged('echo id', U16) : 0;
  let echoed: IcmpPacket['echoed'] = null;
  if (scanner.takes('[')) {
    const protocol = scanner.takesWord('udp') ? 'udp' : scanner.takesWord('raw') ? 'raw' : 'tcp';
    if (protocol === 'tcp') echoed = { protocol, ...parseSequence(scanner) };
    else {
      scanner.wants('(');
      echoed = { protocol, sequence: 0, payload: scanner.ranged('payload size', U16) };
      scanner.wants(')');
    }
    scanner.wants(']');
  }
  return { protocol: 'icmp', type, code, mtu, echoId, echoed };
}
