// ICMPv6, RFC 4443, with neighbour discovery, RFC 4861, and multicast listener discovery, RFC 2710 and 3810.

import { checksumShouldBe, type Dissector } from '../dissector.js';
import { bits, hex0x, type Words, word } from '../words.js';
import { neighbourOptions, preference } from './neighbour-options.js';
import { nodeInformation } from './node-information.js';
import type { IpContext, IpProtocolPrinter } from './registry-types.js';
import { routerRenumbering } from './router-renumbering.js';
import { rpl } from './rpl.js';

const PROTOCOL = 58;
const HEADER = 8;
const UNREACHABLE = 1;
const TOO_BIG = 2;
const TIME_EXCEEDED = 3;
const PARAMETER_PROBLEM = 4;
const ECHO_REQUEST = 128;
const ECHO_REPLY = 129;
const LISTENER_QUERY = 130;
const LISTENER_REPORT = 131;
const LISTENER_DONE = 132;
const ROUTER_SOLICITATION = 133;
const ROUTER_ADVERTISEMENT = 134;
const NEIGHBOUR_SOLICITATION = 135;
const NEIGHBOUR_ADVERTISEMENT = 136;
const REDIRECT = 137;
const LISTENER_REPORT_V2 = 143;
const HOME_AGENT_REQUEST = 144;
const HOME_AGENT_REPLY = 145;
const MOBILE_PREFIX_SOLICITATION = 146;
const MOBILE_PREFIX_ADVERTISEMENT = 147;

const typeWords: Words = {
  1: 'destination unreachable',
  2: 'packet too big',
  3: 'time exceeded in-transit',
  4: 'parameter problem',
  128: 'echo request',
  129: 'echo reply',
  130: 'multicast listener query',
  131: 'multicast listener report',
  132: 'multicast listener done',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbor solicitation',
  136: 'neighbor advertisement',
  137: 'redirect',
  138: 'router renumbering',
  139: 'who-are-you request',
  140: 'who-are-you reply',
  141: 'inverse neighbor solicitation',
  142: 'inverse neighbor advertisement',
  143: 'multicast listener report v2',
  144: 'ha discovery request',
  145: 'ha discovery reply',
  146: 'mobile router solicitation',
  147: 'mobile router advertisement',
  155: 'RPL',
  200: 'mtrace message',
  201: 'mtrace response',
};
const unreachableWords: Words = {
  0: 'unreachable route',
  1: ' unreachable prohibited',
  2: 'beyond scope',
  3: 'unreachable address',
  4: 'unreachable port',
};
const problemWords: Words = { 0: 'erroneous', 1: 'next header', 2: 'option', 3: 'incomplete header chain' };
const routerFlagBits = [
  [0x80, 'managed'],
  [0x40, 'other stateful'],
  [0x20, 'home agent'],
  [0x02, 'ipv6 only'],
] as const;
const neighbourFlagBits = [
  [0x80000000, 'router'],
  [0x40000000, 'solicited'],
  [0x20000000, 'override'],
] as const;

/** Types whose length stands in the first line with -v; the others have it at the end without. */
const lengthFirst = new Set([133, 134, 135, 136, 137, 145, 147]);

function icmp6(d: Dissector, at: number, length: number, context: IpContext): void {
  d.protocol = 'icmp6';
  if (length === 0) {
    d.put('ICMP6, length 0');
    return d.invalid();
  }
  d.cutShort(() => body(d, at, length, context));
}

function body(d: Dissector, at: number, length: number, context: IpContext): void {
  const verbose = d.options.verbose > 0;
  if (verbose && !context.fragmented && d.has(at, length)) {
    const wrong = d.checksum(at, length, d.pseudoHeader(context.header, length, PROTOCOL));
    const field = d.be16(at + 2);
    d.put(wrong === 0 ? '[icmp6 sum ok] ' : `[bad icmp6 cksum ${hex0x(field, 4)} -> ${hex0x(checksumShouldBe(field, wrong), 4)}!] `);
  }
  const type = d.u8(at);
  d.put(`ICMP6, ${word(typeWords, type, (n) => `unknown icmp6 type (${n})`)}`);
  if (verbose && lengthFirst.has(type)) d.put(`, length ${length}`);
  const code = d.u8(at + 1);
  if (message(d, at, length, type, code) && !verbose) d.put(`, length ${length}`);
}

/** False: all is said. */
function message(d: Dissector, at: number, length: number, type: number, code: number): boolean {
  const verbose = d.options.verbose > 0;
  const inner = at + HEADER;
  const options = (from: number) => {
    if (verbose) neighbourOptions(d, at + from, length - from);
  };
  switch (type) {
    case UNREACHABLE:
      return unreachable(d, at, length, code);
    case TOO_BIG:
      d.put(`, mtu ${d.be32(at + 4)}`);
      break;
    case TIME_EXCEEDED:
      d.put(code === 0 ? ` for ${d.ip6(inner + 24)}` : code === 1 ? ' (reassembly)' : `, unknown code (${code})`);
      break;
    case PARAMETER_PROBLEM:
      d.need(inner + 24, 16);
      d.put(problemWords[code] === undefined ? `, code-#${code}` : `, ${problemWords[code]} - octet ${d.be32(at + 4)}`);
      break;
    case ECHO_REQUEST:
    case ECHO_REPLY:
      d.put(`, id ${d.be16(at + 4)}, seq ${d.be16(at + 6)}`);
      break;
    case LISTENER_QUERY:
      if (length === 24) listener(d, at);
      else if (length >= 28) {
        d.put(' v2');
        listenerQuery(d, at, length);
      } else d.put(` unknown-version (len ${length}) `);
      break;
    case LISTENER_REPORT:
    case LISTENER_DONE:
      listener(d, at);
      break;
    case LISTENER_REPORT_V2:
      listenerReport(d, at, length);
      break;
    case ROUTER_SOLICITATION:
      options(8);
      break;
    case ROUTER_ADVERTISEMENT: {
      if (!verbose) break;
      const flags = d.u8(at + 5);
      d.put(`\n\thop limit ${d.u8(at + 4)}, Flags [${bits(routerFlagBits, flags)}], pref ${preference(flags)}`);
      d.put(`, router lifetime ${d.be16(at + 6)}s, reachable time ${d.be32(at + 8)}ms, retrans timer ${d.be32(at + 12)}ms`);
      options(16);
      break;
    }
    case NEIGHBOUR_SOLICITATION:
      d.put(`, who has ${d.ip6(at + 8)}`);
      options(24);
      break;
    case NEIGHBOUR_ADVERTISEMENT:
      d.put(`, tgt is ${d.ip6(at + 8)}`);
      if (verbose) d.put(`, Flags [${bits(neighbourFlagBits, d.be32(at + 4))}]`);
      options(24);
      break;
    case REDIRECT:
      d.put(`, ${d.ip6(at + 24)} to ${d.ip6(at + 8)}`);
      options(40);
      break;
    case 141:
    case 142:
      break;
    case HOME_AGENT_REQUEST:
    case MOBILE_PREFIX_SOLICITATION:
      d.put(`, id ${hex0x(d.be16(at + 4), 4)}`);
      break;
    case HOME_AGENT_REPLY:
      if (!verbose) break;
      d.put(`, id ${hex0x(d.be16(at + 4), 4)}`);
      for (let i = HEADER; i < length; i += 16) d.put(`, ${d.ip6(at + i)}`);
      break;
    case MOBILE_PREFIX_ADVERTISEMENT: {
      if (!verbose) break;
      d.put(`, id ${hex0x(d.be16(at + 4), 4)}`);
      const flags = d.be16(at + 6);
      d.put(`${(flags & 0xc000) !== 0 ? ' ' : ''}${(flags & 0x8000) !== 0 ? 'M' : ''}${(flags & 0x4000) !== 0 ? 'O' : ''}`);
      options(8);
      break;
    }
    case 138:
      routerRenumbering(d, at);
      break;
    case 139:
    case 140:
      nodeInformation(d, at, length, type);
      break;
    case 155:
      rpl(d, code, at + 4, length - 4);
      break;
    default:
      d.put(`, length ${length}`);
      if (d.options.verbose <= 1) d.unknown(at, '\n\t', length);
      return false;
  }
  return true;
}

function unreachable(d: Dissector, at: number, length: number, code: number): boolean {
  const inner = at + HEADER;
  d.put(`, ${word(unreachableWords, code, (n) => `unknown unreach code (${n})`)}`);
  switch (code) {
    case 0:
    case 1:
    case 3:
      d.put(` ${d.ip6(inner + 24)}`);
      return true;
    case 2:
      d.put(` ${d.ip6(inner + 24)}, source address ${d.ip6(inner + 8)}`);
      return true;
    case 4: {
      const upper = upperLayer(d, inner);
      if (upper === null) {
        d.truncated();
        return false;
      }
      const port = d.be16(upper.at + 2);
      const name = upper.protocol === 6 ? `tcp port ${d.names.tcpPort(port)}` : `udp port ${d.names.udpPort(port)}`;
      d.put(`, ${d.ip6(inner + 24)} ${name}`);
      return true;
    }
    default:
      if (d.options.verbose > 1) return true;
      d.unknown(at, '\n\t', length);
      return false;
  }
}

/** The TCP or UDP header behind an IPv6 header; null: there is none within what was captured. */
function upperLayer(d: Dissector, ip6: number): { at: number; protocol: number } | null {
  if (!d.has(ip6 + 6, 1)) return null;
  let next = d.u8(ip6 + 6);
  let at = ip6 + 40;
  // Each turn goes at least eight bytes on.
  while (at < d.end) {
    switch (next) {
      case 6:
      case 17:
        return d.has(at + 2, 2) ? { at, protocol: next } : null;
      case 0:
      case 43:
      case 60: {
        if (!d.has(at + 1, 1)) return null;
        next = d.u8(at);
        at += (d.u8(at + 1) + 1) << 3;
        break;
      }
      case 44:
        if (!d.has(at + 2, 2) || (d.be16(at + 2) & 0xfff8) !== 0) return null;
        next = d.u8(at);
        at += 8;
        break;
      case 51: {
        if (!d.has(at + 1, 1)) return null;
        next = d.u8(at);
        at += (d.u8(at + 1) + 2) << 2;
        break;
      }
      default:
        return null;
    }
  }
  return null;
}

// Multicast listeners.

const recordWords: Words = { 1: 'is_in', 2: 'is_ex', 3: 'to_in', 4: 'to_ex', 5: 'allow', 6: 'block' };

function listener(d: Dissector, at: number): void {
  if (d.has(at, 24)) d.put(`max resp delay: ${d.be16(at + 4)} addr: ${d.ip6(at + 8)}`);
}

function sources(d: Dissector, at: number, count: number): void {
  d.put(' {');
  for (let i = 0; i < count; i++) d.put(` ${d.ip6(at + i * 16)}`);
  d.put(' }');
}

function listenerReport(d: Dissector, at: number, length: number): void {
  const groups = d.be16(at + 6);
  d.put(`, ${groups} group record(s)`);
  if (d.options.verbose === 0) return;
  let group = 8;
  for (let i = 0; i < groups; i++) {
    if (length < group + 20) return d.put(' [invalid number of groups]');
    d.put(` [gaddr ${d.ip6(at + group + 4)} ${word(recordWords, d.u8(at + group), (n) => ` [v2-report-#${n}]`)}`);
    const count = d.be16(at + group + 2);
    if (length < group + 20 + count * 16) return d.put(` [invalid number of sources ${count}]`);
    if (d.options.verbose === 1) d.put(`, ${count} source(s)`);
    else sources(d, at + group + 20, count);
    group += 20 + count * 16;
    d.put(']');
  }
}

function listenerQuery(d: Dissector, at: number, length: number): void {
  const verbose = d.options.verbose > 0;
  const code = d.be16(at + 4);
  if (verbose) d.put(` [max resp delay=${code < 32768 ? code : ((code & 0x0fff) | 0x1000) << (((code & 0x7000) >>> 12) + 3)}]`);
  d.put(` [gaddr ${d.ip6(at + 8)}`);
  if (verbose) {
    const flags = d.u8(at + 24);
    const interval = d.u8(at + 25);
    if ((flags & 0x08) !== 0) d.put(' sflag');
    if ((flags & 0x07) !== 0) d.put(` robustness=${flags & 0x07}`);
    d.put(` qqi=${interval < 128 ? interval : ((interval & 0x0f) | 0x10) << (((interval & 0x70) >>> 4) + 3)}`);
  }
  const count = d.be16(at + 26);
  if (count > 0) {
    if (length < 28 + count * 16) d.put(' [invalid number of sources]');
    else if (d.options.verbose > 1) sources(d, at + 28, count);
    else d.put(`, ${count} source(s)`);
  }
  d.put(']');
}

export const icmp6Protocol: IpProtocolPrinter = { protocols: [PROTOCOL], version: 6, print: icmp6 };
