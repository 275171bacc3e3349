// Extension headers of IPv6: RFC 8200 4, RFC 2675 (jumbograms), RFC 2711 (router alert), RFC 8754 (segment routing).
import type { Dissector } from '../dissector.js';
import { hex, hex0x } from '../words.js';

const PAD1 = 0;
const PADN = 1;
const ROUTER_ALERT = 5;
const JUMBO = 0xc2;
const HOME_ADDRESS = 0xc9;
const OPTION_HEADER = 2;

/** What a jumbo payload option changes. */
export interface JumboState {
  found: boolean;
  payload: number;
}

/** Each of these returns how long the header is; negative: nothing behind it is shown. */
export function hopByHopOptions(d: Dissector, at: number, jumbo: JumboState): number {
  d.protocol = 'hbhopt';
  const length = (d.u8(at + 1) + 1) << 3;
  if (!d.has(at, length)) return cut(d);
  d.put('HBH ');
  return options(d, at + OPTION_HEADER, length - OPTION_HEADER, jumbo) ? length : cut(d);
}

export function destinationOptions(d: Dissector, at: number): number {
  d.protocol = 'dstopt';
  const length = (d.u8(at + 1) + 1) << 3;
  if (!d.has(at, length)) return cut(d);
  d.put('DSTOPT ');
  if (d.options.verbose === 0 || options(d, at + OPTION_HEADER, length - OPTION_HEADER, null)) return length;
  return cut(d);
}

function cut(d: Dissector): -1 {
  d.truncated();
  return -1;
}

/** `jumbo` null: the options are not hop-by-hop ones. False: they were cut or wrong. */
function options(d: Dissector, from: number, length: number, jumbo: JumboState | null): boolean {
  const verbose = d.options.verbose > 0;
  const say = (text: string) => {
    if (verbose) d.put(text);
  };
  let bytes = 0;
  let seenJumbo = false;
  for (let i = 0; i < length; i += bytes) {
    const at = from + i;
    const type = d.u8(at);
    if (type === PAD1) bytes = 1;
    else if (i + 1 < length) bytes = d.u8(at + 1) + OPTION_HEADER;
    else return false;
    if (i + bytes > length) return false;
    const wrong = (name: string, least: number, exact = false) => {
      const tooShort = length - i < least;
      if (!tooShort && (exact ? bytes === least : bytes >= least)) return false;
      d.put(tooShort ? `(${name}: trunc)` : `(${name}: invalid len ${d.u8(at + 1)})`);
      return true;
    };
    switch (type) {
      case PAD1:
        say('(pad1)');
        break;
      case PADN:
        say('(padn)');
        break;
      case ROUTER_ALERT:
        if (wrong('rtalert', 4, true)) return false;
        say(`(rtalert: ${hex0x(d.be16(at + 2), 4)}) `);
        break;
      case JUMBO: {
        if (wrong('jumbo', 6, true)) return false;
        const bytesOfJumbo = d.be32(at + 2);
        if (seenJumbo) say(`(jumbo: ${bytesOfJumbo} - already seen) `);
        else {
          seenJumbo = true;
          if (jumbo === null) say(`(jumbo: ${bytesOfJumbo} - not a hop-by-hop option) `);
          else if (jumbo.payload !== 0) say(`(jumbo: ${bytesOfJumbo} - payload len != 0) `);
          else if (bytesOfJumbo < 65536) say(`(jumbo: ${bytesOfJumbo} - < 65536) `);
          else {
            jumbo.found = true;
            jumbo.payload = bytesOfJumbo;
            say(`(jumbo: ${bytesOfJumbo}) `);
          }
        }
        break;
      }
      case HOME_ADDRESS:
        if (wrong('homeaddr', 18)) return false;
        if (verbose) {
          d.put(`(homeaddr: ${d.ip6(at + 2)}`);
          if (bytes > 18 && !subOptions(d, at + 18, bytes - 18)) return false;
          d.put(')');
        }
        break;
      default:
        say(`(opt_type ${hex0x(type, 2)}: len=${d.u8(at + 1)})`);
    }
  }
  say(' ');
  return true;
}

function subOptions(d: Dissector, from: number, length: number): boolean {
  let bytes = 0;
  for (let i = 0; i < length; i += bytes) {
    const type = d.u8(from + i);
    if (type === PAD1) bytes = 1;
    else if (i + 1 < length) bytes = d.u8(from + i + 1) + OPTION_HEADER;
    else return false;
    if (i + bytes > length) return false;
    d.put(type === PAD1 ? ', pad1' : type === PADN ? ', padn' : `, sopt_type ${hex0x(type, 2)}: len=${d.u8(from + i + 1)}`);
  }
  return true;
}

const FRAGMENT_HEADER = 8;

export function fragmentHeader(d: Dissector, at: number, ip6: number): number {
  d.protocol = 'frag6';
  const identification = d.options.verbose > 0 ? `${hex0x(d.be32(at + 4), 8)}:` : '';
  const offset = d.be16(at + 2) & 0xfff8;
  // As an unsigned long of C: what a payload length shorter than the headers makes of it.
  const length = BigInt.asUintN(64, BigInt(40 + d.be16(ip6 + 4) - (at - ip6) - FRAGMENT_HEADER));
  d.put(`frag (${identification}${offset}|${length})`);
  if (offset !== 0) return -1;
  d.put(' ');
  return FRAGMENT_HEADER;
}

const TYPE_0 = 0;
const TYPE_2 = 2;
const SEGMENT_ROUTING = 4;

export function routingHeader(d: Dissector, at: number): number {
  d.protocol = 'rt6';
  d.put('RT6');
  const length = d.u8(at + 1);
  d.put(` (len=${length}`);
  const type = d.u8(at + 2);
  d.put(`, type=${type}${type === TYPE_0 ? ' [Deprecated]' : ''}`);
  d.put(`, segleft=${d.u8(at + 3)}`);
  const verbose = d.options.verbose > 0;
  if (type === TYPE_0 || type === TYPE_2) {
    const reserved = d.be32(at + 4);
    if (reserved !== 0 || verbose) d.put(`, rsv=0x${hex(reserved)}`);
  } else if (type === SEGMENT_ROUTING) {
    d.put(`, last-entry=${d.u8(at + 4)}`);
    const flags = d.u8(at + 5);
    if (flags !== 0 || verbose) d.put(`, flags=0x${hex(flags)}`);
    d.put(`, tag=${hex(d.be16(at + 6))}`);
  } else {
    d.put(' (unknown type)');
    d.invalid();
    return -1;
  }
  if (length % 2 === 1) {
    d.put(` (invalid length ${length})`);
    d.invalid();
    return -1;
  }
  for (let i = 0; i < length >> 1; i++) d.put(`, [${i}]${d.ip6(at + 8 + i * 16)}`);
  d.put(') ');
  return (length + 1) << 3;
}
