// DNS, RFC 1035, multicast DNS, RFC 6762, and EDNS options.
import { formatIpv4, readIpv4 } from '../../../wire/ipv4-address.js';
import { formatIpv6 } from '../../../wire/ipv6-address.js';
import type { Dissector } from '../dissector.js';
import { hex, relativeTime, word } from '../words.js';
import { classWords, digestWords, hashWords, optionWords, signatureWords, typeWords } from './domain-words.js';
import type { PortPrinter } from './registry-types.js';

const HEADER = 12;
const CLASS_IN = 1;
/** In multicast DNS: a unicast answer is wanted, or older answers are to be forgotten. */
const TOP_BIT = 0x8000;
const INVERSE_QUERY = 1;
const LONGEST_NAME = 255;

/** Thrown where a message ends too early: `[|domain]` is shown. */
const CUT = Symbol('message cut');
const cut = (): never => {
  throw CUT;
};

const operationTexts = [
  '',
  ' inv_q',
  ' stat',
  ' op3',
  ' notify',
  ' update',
  ' op6',
  ' op7',
  ' op8',
  ' updateA',
  ' updateD',
  ' updateDA',
  ' updateM',
  ' updateMA',
  ' zoneInit',
  ' zoneRef',
];
const responseTexts: Readonly<Record<number, string>> = {
  0: '',
  1: ' FormErr',
  2: ' ServFail',
  3: ' NXDomain',
  4: ' NotImp',
  5: ' Refused',
  6: ' YXDomain',
  7: ' YXRRSet',
  8: ' NXRRSet',
  9: ' NotAuth',
  10: ' NotZone',
  11: ' Resp11',
  12: ' Resp12',
  13: ' Resp13',
  14: ' Resp14',
  15: ' NoChange',
  16: ' BadVers',
  23: ' BadCookie',
};

interface Message {
  readonly d: Dissector;
  /** Where names count their offsets from. */
  readonly start: number;
  readonly multicast: boolean;
}

export function domain(d: Dissector, from: number, givenLength: number, overTcp: boolean, multicast: boolean): void {
  d.protocol = 'domain';
  let start = from;
  let length = givenLength;
  if (overTcp) {
    if (length < 2) {
      d.put(` [DNS over TCP: length ${length} < 2]`);
      return d.invalid();
    }
    length -= 2;
    const prefix = d.be16(start);
    if (prefix !== length) {
      d.put(` [prefix length(${prefix}) != length(${length})]`);
      return d.invalid();
    }
    start += 2;
    d.put(' ');
  }
  if (length < HEADER) {
    d.put(`domain [length ${length} < ${HEADER}]`);
    return d.invalid();
  }
  if (!d.has(start, HEADER)) return d.truncated();
  try {
    const message: Message = { d, start, multicast };
    if ((d.be16(start + 2) & 0x8000) !== 0) response(message);
    else query(message);
    d.put(` (${length})`);
  } catch (error) {
    if (error !== CUT) throw error;
    d.truncated();
  }
}

const count = ({ d, start }: Message, section: number) => d.be16(start + 4 + section * 2);

function response(message: Message): void {
  const { d, start } = message;
  const flags = d.be16(start + 2);
  const code = responseCode(message, flags & 0xf);
  const marks = `${(flags & 0x0400) !== 0 ? '*' : ''}${(flags & 0x0080) !== 0 ? '' : '-'}${(flags & 0x0200) !== 0 ? '|' : ''}${(flags & 0x0020) !== 0 ? '$' : ''}`;
  d.put(`${d.be16(start)}${operationTexts[(flags >>> 11) & 0xf]}${responseTexts[code] ?? ` Resp${code}`}${marks}`);
  const [questions, answers, authorities] = [count(message, 0), count(message, 1), count(message, 2)];
  if (questions !== 1) d.put(` [${questions}q]`);
  let at = start + HEADER;
  for (let i = 0; i < questions; i++) {
    if (i !== 0) d.put(',');
    if (d.options.verbose > 1) {
      d.put(' q:');
      at = question(message, at);
    } else at = skipName(d, at) + 4;
  }
  d.put(` ${answers}/${authorities}/${count(message, 3)}`);
  at = records(message, at, answers, '', true);
  if (d.options.verbose > 1) further(message, at);
}

function query(message: Message): void {
  const { d, start } = message;
  const flags = d.be16(start + 2);
  const operation = (flags >>> 11) & 0xf;
  d.put(`${d.be16(start)}${operationTexts[operation]}${(flags & 0x0100) !== 0 ? '+' : ''}${(flags & 0x0010) !== 0 ? '%' : ''}`);
  if ((flags & 0x6cf) !== 0) d.put(` [b2&3=0x${hex(flags)}]`);
  const [questions, answers] = [count(message, 0), count(message, 1)];
  if (operation === INVERSE_QUERY) {
    if (questions !== 0) d.put(` [${questions}q]`);
    if (answers !== 1) d.put(` [${answers}a]`);
  } else {
    if (answers !== 0) d.put(` [${answers}a]`);
    if (questions !== 1) d.put(` [${questions}q]`);
  }
  if (count(message, 2) !== 0) d.put(` [${count(message, 2)}n]`);
  if (count(message, 3) !== 0) d.put(` [${count(message, 3)}au]`);
  let at = start + HEADER;
  for (let i = 0; i < questions; i++) {
    if (i > 0 && at >= d.end) cut();
    at = question(message, at);
  }
  if (d.options.verbose <= 1) return;
  further(message, records(message, at, answers, '', true));
}

/** Authorities and additional records, as far as there are bytes of them. */
function further(message: Message, from: number): void {
  const at = records(message, from, count(message, 2), ' ns:', false);
  records(message, at, count(message, 3), ' ar:', false);
}

/** `evenAtEnd`: the first is looked for although the message ends here. */
function records(message: Message, from: number, number: number, prefix: string, evenAtEnd: boolean): number {
  const { d } = message;
  let at = from;
  for (let i = 0; i < number; i++) {
    if ((i > 0 || !evenAtEnd) && at >= d.end) cut();
    d.put(i === 0 ? prefix : ',');
    at = record(message, at);
  }
  return at;
}

/** The code of the header, with the upper bits that an EDNS record has. */
function responseCode(message: Message, code: number): number {
  const { d, start } = message;
  try {
    let at = start + HEADER;
    for (let i = count(message, 0); i > 0; i--) {
      at = skipName(d, at) + 4;
      if (at >= d.end) return code;
    }
    for (let i = count(message, 1) + count(message, 2); i > 0; i--) {
      at = skipName(d, at) + 8;
      if (!d.has(at, 2)) return code;
      at += 2 + d.be16(at);
      if (at >= d.end) return code;
    }
    for (let i = count(message, 3); i > 0; i--) {
      at = skipName(d, at);
      if (!d.has(at, 5)) return code;
      if (d.be16(at) === 41) return code | (d.u8(at + 4) << 4);
      at += 8;
      if (!d.has(at, 2)) return code;
      at += 2 + d.be16(at);
      if (at >= d.end) return code;
    }
  } catch (error) {
    if (error !== CUT) throw error;
  }
  return code;
}

// Names.

const byte = (d: Dissector, at: number) => (d.has(at, 1) ? d.u8(at) : cut());

/** Where a name ends. */
function skipName(d: Dissector, from: number): number {
  let at = from;
  for (let label = byte(d, at++); label !== 0; label = byte(d, at++)) {
    switch (label & 0xc0) {
      case 0xc0:
        return at + 1;
      case 0x40:
        if ((label & 0x3f) !== 1) cut();
        at += 1 + (((byte(d, at) || 256) + 7) >>> 3);
        break;
      case 0x80:
        return cut();
      default:
        at += label;
    }
  }
  return at;
}

/** How many bytes follow a label's first; for a pointer that first byte. */
function labelLength(d: Dissector, at: number): number {
  const label = byte(d, at);
  if ((label & 0xc0) === 0x40) {
    if ((label & 0x3f) !== 1) {
      d.put(`<ELT ${label & 0x3f}>`);
      return cut();
    }
    return (((byte(d, at + 1) || 256) + 7) >>> 3) + 1;
  }
  if ((label & 0xc0) !== 0x80) return label;
  d.put('<BAD LABEL TYPE>');
  return cut();
}

/** Shows a name and returns where it ends. Pointers lead to lower offsets only, so that it comes to an end. */
export function name(d: Dissector, from: number, start: number): number {
  let at = from;
  let length = labelLength(d, at);
  let highest = at - start;
  let label = byte(d, at++);
  let compressed = false;
  let end = at + length;
  if (label === 0) {
    d.put('.');
    return end;
  }
  let characters = 0;
  while (label !== 0 && at < d.end) {
    if ((label & 0xc0) === 0xc0) {
      if (!compressed) {
        end = at + 1;
        compressed = true;
      }
      const offset = ((label << 8) | byte(d, at)) & 0x3fff;
      if (offset >= highest) {
        d.put('<BAD PTR>');
        return cut();
      }
      highest = offset;
      at = start + offset;
      label = byte(d, at);
      length = labelLength(d, at);
      at++;
      continue;
    }
    if ((label & 0xc0) === 0x40) bitLabel(d, at);
    else {
      const shown = Math.min(length, Math.max(0, LONGEST_NAME - characters));
      if (d.chars(at, shown, d.end)) cut();
      characters += length;
    }
    at += length;
    if (characters <= LONGEST_NAME) d.put('.');
    characters++;
    label = byte(d, at);
    length = labelLength(d, at);
    at++;
    if (!compressed) end += length + 1;
  }
  if (characters > LONGEST_NAME) d.put('<DOMAIN NAME TOO LONG>');
  return end;
}

function bitLabel(d: Dissector, at: number): void {
  const bits = byte(d, at) || 256;
  d.put('\\[x');
  let left = bits;
  let i = at + 1;
  for (; left > 7; left -= 8) d.put(hex(byte(d, i++), 2));
  if (left > 4) d.put(hex(byte(d, i) & (0xff << (8 - left)) & 0xff, 2));
  else if (left > 0) d.put(hex((byte(d, i) >>> 4) & 0x0f & (0x0f << (4 - left)), 1));
  d.put(`/${bits}]`);
}

// Questions and records.

const classText = (number: number) => ` ${word(classWords, number, (n) => `(Class ${n})`)}`;
const typeText = (number: number) => word(typeWords, number, (n) => `Type${n}`);

function question(message: Message, from: number): number {
  const { d, start, multicast } = message;
  const at = skipName(d, from);
  if (!d.has(at, 4)) cut();
  d.put(` ${typeText(d.be16(at))}`);
  const field = d.be16(at + 2);
  const ofClass = multicast ? field & ~TOP_BIT : field;
  if (ofClass !== CLASS_IN) d.put(classText(ofClass));
  if (multicast) d.put((field & TOP_BIT) !== 0 ? ' (QU)' : ' (QM)');
  d.put('? ');
  return name(d, from, start) + 4;
}

const OPT = 41;

function record(message: Message, from: number): number {
  const { d, start, multicast } = message;
  const { verbose } = d.options;
  let at: number;
  if (verbose > 0) {
    d.put(' ');
    at = name(d, from, start);
  } else at = skipName(d, from);
  if (!d.has(at, 10)) return d.end;
  const type = d.be16(at);
  const field = d.be16(at + 2);
  const ofClass = multicast ? field & ~TOP_BIT : field;
  if (ofClass !== CLASS_IN && type !== OPT) d.put(classText(ofClass));
  if (multicast && (field & TOP_BIT) !== 0) d.put(' (Cache flush)');
  if (type !== OPT && verbose > 2) d.put(` [${relativeTime(d.be32(at + 4))}]`);
  const length = d.be16(at + 8);
  const data = at + 10;
  d.put(` ${typeText(type)}`);
  if (data + length > d.end) cut();
  if (type === OPT) edns(message, data, length, ofClass, d.be16(at + 6));
  else recordData(message, type, data, length);
  return data + length;
}

function recordData({ d, start }: Message, type: number, at: number, length: number): void {
  const need = (bytes: number) => {
    if (!d.has(at, bytes)) cut();
  };
  switch (type) {
    case 1:
      need(4);
      return d.put(` ${formatIpv4(readIpv4(d.bytes, at))}`);
    case 2:
    case 5:
    case 12:
    case 39:
      d.put(' ');
      name(d, at, start);
      return;
    case 6: {
      if (d.options.verbose === 0) return;
      d.put(' ');
      const mailbox = name(d, at, start);
      d.put(' ');
      const numbers = name(d, mailbox, start);
      if (!d.has(numbers, 20)) cut();
      for (let i = 0; i < 20; i += 4) d.put(` ${d.be32(numbers + i)}`);
      return;
    }
    case 15:
      d.put(' ');
      need(2);
      name(d, at + 2, start);
      return d.put(` ${d.be16(at)}`);
    case 16:
      for (let i = at; i < at + length; ) {
        d.put(' "');
        const characters = byte(d, i++);
        if (d.chars(i, characters, d.end)) cut();
        d.put('"');
        i += characters;
      }
      return;
    case 28:
      need(16);
      return d.put(` ${formatIpv6(d.bytes, at)}`);
    case 33:
      d.put(' ');
      need(6);
      name(d, at + 6, start);
      return d.put(`:${d.be16(at + 4)} ${d.be16(at)} ${d.be16(at + 2)}`);
    case 38:
      return addressSuffix(d, at, start);
    case 103:
    case 104:
      if (type === 104 && d.chars(at, length, d.end)) cut();
      return;
    case 250:
      return transactionSignature(d, at, start);
    case 256:
      d.put(` ${d.be16(at)} ${d.be16(at + 2)} `);
      if (d.chars(at + 4, length - 4, d.end)) cut();
      return;
  }
}

/** A6: the rest of an address behind a prefix that another name has. */
function addressSuffix(d: Dissector, at: number, start: number): void {
  const prefix = byte(d, at);
  const prefixBytes = prefix >>> 3;
  if (prefix > 128) return d.put(` ${prefix}(bad plen)`);
  if (prefix < 128) {
    d.need(at + 1, 16 - prefixBytes);
    const address = new Uint8Array(16);
    address.set(d.bytes.subarray(at + 1, at + 17 - prefixBytes), prefixBytes);
    d.put(` ${prefix} ${formatIpv6(address)}`);
  }
  if (prefix === 0) return;
  d.put(' ');
  name(d, at + 17 - prefixBytes, start);
}

function transactionSignature(d: Dissector, from: number, start: number): void {
  if (d.options.verbose === 0) return;
  d.put(' ');
  let at = name(d, from, start) + 6;
  const number = (label: string) => {
    if (!d.has(at, 2)) cut();
    const value = d.be16(at);
    d.put(` ${label}=${value}`);
    at += 2;
    return value;
  };
  number('fudge');
  at += number('maclen');
  number('origid');
  number('error');
  number('otherlen');
}

// EDNS.

function edns(message: Message, at: number, length: number, size: number, flags: number): void {
  const { d } = message;
  d.put(` UDPsize=${size}${(flags & 0x8000) !== 0 ? ' DO' : ''}`);
  if (length === 0) return;
  d.put(' [');
  for (let i = at; i < at + length; ) {
    i = ednsOption(d, i);
    if (i < at + length) d.put(',');
  }
  d.put(']');
}

function ednsOption(d: Dissector, from: number): number {
  if (!d.has(from, 2)) cut();
  const option = d.be16(from);
  d.put(word(optionWords, option, (n) => `Opt${n}`));
  if (!d.has(from, 4)) cut();
  const length = d.be16(from + 2);
  const at = from + 4;
  if (!d.has(at, length)) cut();
  if (length === 0) return at;
  d.put(' ');
  const algorithms = (words: Readonly<Record<number, string>>) => {
    for (let i = 0; i < length; i++) d.put(`${i > 0 ? ' ' : ''}${word(words, d.u8(at + i), (n) => `Alg_${n}`)}`);
  };
  switch (option) {
    case 5:
      algorithms(signatureWords);
      break;
    case 6:
      algorithms(digestWords);
      break;
    case 7:
      algorithms(hashWords);
      break;
    case 8:
      clientSubnet(d, at, length);
      break;
    case 9:
      if (length === 4) d.put(`${d.be32(at)} sec`);
      else d.invalid();
      break;
    case 10:
      if (length < 8 || (length > 8 && length < 16) || length > 40) d.invalid();
      else d.put(`${d.hexOf(at, 8)}${length > 8 ? ` ${d.hexOf(at + 8, length - 8)}` : ''}`);
      break;
    case 11:
      if (length === 2) d.put(`${(d.be16(at) / 10).toFixed(1)} sec`);
      else d.invalid();
      break;
    case 12:
      d.put(`(${length})`);
      break;
    case 13:
      chainName(d, at, length);
      break;
    case 14:
      if (length % 2 !== 0) d.invalid();
      else for (let i = 0; i < length; i += 2) d.put(`${i > 0 ? ' ' : ''}${d.be16(at + i)}`);
      break;
    default:
      d.put(d.hexOf(at, length));
  }
  return at + length;
}

/** A name without compression. What is wrong with it is shown, and the message goes on. */
function chainName(d: Dissector, at: number, length: number): void {
  try {
    name(d, at, at + length);
  } catch (error) {
    if (error !== CUT) throw error;
  }
}

/** RFC 7871 */
function clientSubnet(d: Dissector, at: number, length: number): void {
  if (length < 4) return d.invalid();
  const family = d.be16(at);
  const [source, scope] = [d.u8(at + 2), d.u8(at + 3)];
  const bits = family === 1 ? 32 : family === 2 ? 128 : 0;
  const bytes = length - 4;
  if (bits === 0 || bytes > bits / 8 || source > bits || scope > bits || (source + 7) >>> 3 !== bytes) return d.invalid();
  const address = new Uint8Array(16);
  address.set(d.bytes.subarray(at + 4, at + 4 + bytes));
  d.put(`${family === 1 ? formatIpv4(readIpv4(address)) : formatIpv6(address)}/${source}/${scope}`);
}

export const domainUdp: PortPrinter = { ports: [53], type: 'domain', print: (d, at, length) => domain(d, at, length, false, false) };
export const multicastDomain: PortPrinter = { ports: [5353], print: (d, at, length) => domain(d, at, length, false, true) };
export const domainTcp: PortPrinter = { ports: [53], type: 'domain', print: (d, at, length) => domain(d, at, length, true, false) };
