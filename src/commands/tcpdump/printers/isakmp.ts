// ISAKMP with IKE: RFC 2408 and 2409, RFC 7296; in UDP with ESP, RFC 3948.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { hex, word } from '../words.js';
import {
  type AttributeWords,
  certificateWords,
  exchangeWords,
  idWords,
  ikeAttributes,
  ipsecAttributes,
  notify2Words,
  notifyWords,
  payloadWords,
  protocolWords,
  transforms2,
  transformTypes,
  transformWords,
} from './isakmp-words.js';
import type { PortContext, PortPrinter } from './registry-types.js';

const HEADER = 28;
const GENERIC = 4;
const ENCRYPTED = 0x01;
const COMMIT = 0x02;
const MAXIMUM_COOKIES = 20;
const MAXIMUM_NESTING = 10;
const NO_COOKIE = '0'.repeat(16);
const ENCRYPTED_PAYLOAD = 46;
const ESP_PROTOCOL = 50;

const payloadName = (type: number) => word(payloadWords, type);

/** A packet while its payloads are printed. */
interface Message {
  readonly d: Dissector;
  readonly end: number;
  readonly version: number;
  readonly phase: number;
  depth: number;
}

/** Cookies of initiators seen before, with their address: who answers is known by them. */
const cookiesOf = new WeakMap<Dissector, Map<string, string>>();

function side(d: Dissector, at: number, context: PortContext): string {
  const size = context.version === 6 ? 16 : 4;
  const source = context.header + (context.version === 6 ? 8 : 12);
  const initiator = d.hexOf(at, 8);
  if (initiator === NO_COOKIE) return '?';
  let cookies = cookiesOf.get(d);
  if (cookies === undefined) {
    cookies = new Map();
    cookiesOf.set(d, cookies);
  }
  if (d.hexOf(at + 8, 8) === NO_COOKIE) {
    if (!cookies.has(initiator)) {
      if (cookies.size >= MAXIMUM_COOKIES) cookies.delete(cookies.keys().next().value!);
      cookies.set(initiator, d.hexOf(source, size));
    }
    return 'I';
  }
  const known = cookies.get(initiator);
  if (known === undefined) return '?';
  return known === d.hexOf(source, size) ? 'I' : known === d.hexOf(source + size, size) ? 'R' : '?';
}

function isakmp(d: Dissector, at: number, length: number, context: PortContext): void {
  d.protocol = 'isakmp';
  const end = Math.min(at + length, d.end);
  if (at + HEADER > end) return d.truncated();
  const { verbose } = d.options;
  d.put('isakmp');
  const version = d.u8(at + 17);
  const major = version >>> 4;
  if (verbose > 0) d.put(` ${major}.${version & 0xf}`);
  if (verbose > 0) {
    d.put(` msgid ${hex(d.be32(at + 20), 8)}`);
    if (verbose > 1) d.put(` cookie ${d.hexOf(at, 8)}->${d.hexOf(at + 8, 8)}`);
  }
  d.put(':');
  if (major !== 1 && major !== 2) return;
  const isFirst = d.be32(at + 20) === 0;
  const next = d.u8(at + 16);
  const exchange = d.u8(at + 18);
  const flags = d.u8(at + 19);
  const name = word(exchangeWords, exchange);
  if (major === 1) {
    d.put(` phase ${isFirst ? '1' : '2/others'} ${side(d, at, context)} ${name}`);
    if (flags !== 0) d.put(`[${(flags & ENCRYPTED) !== 0 ? 'E' : ''}${(flags & COMMIT) !== 0 ? 'C' : ''}]`);
  } else {
    d.put(` ${isFirst ? 'parent_sa' : 'child_sa '} ${name}`);
    if (flags !== 0) d.put(`[${(flags & 0x08) !== 0 ? 'I' : ''}${(flags & 0x10) !== 0 ? 'V' : ''}${(flags & 0x20) !== 0 ? 'R' : ''}]`);
  }
  const encrypted = major === 1 && (flags & ENCRYPTED) !== 0;
  if (verbose === 0) return;
  if (encrypted) d.put(`: [encrypted ${payloadName(next)}]`);
  else {
    d.put(':');
    payloads({ d, end, version: major, phase: isFirst ? 1 : 2, depth: 0 }, next, at + HEADER);
  }
  const declared = d.be32(at + 24);
  if (declared !== length) d.put(` (len mismatch: isakmp ${declared}/ip ${length})`);
}

/** A chain of payloads; returns where it ended, or -1 where it is broken. */
function payloads(m: Message, first: number, from: number, limit = m.end): number {
  const { d } = m;
  let at = from;
  for (let type = first; type !== 0; ) {
    if (at + GENERIC > limit) {
      d.put(` [|${payloadName(type)}]`);
      return -1;
    }
    const next = d.u8(at);
    const size = d.be16(at + 2);
    if (at + size > limit) {
      d.put(` [|${payloadName(type)}]`);
      return -1;
    }
    if (m.depth >= MAXIMUM_NESTING) throw TRUNCATED;
    m.depth++;
    d.put(`\n${'    '.repeat(m.depth)}(`);
    const whole = size >= GENERIC && payload(m, type, at, size);
    if (size < GENERIC) d.put(payloadName(type));
    d.put(')');
    m.depth--;
    if (!whole) {
      d.put(` [|${payloadName(type)}]`);
      return -1;
    }
    at += size;
    // What is encrypted says what it holds; nothing follows it.
    if (type === ENCRYPTED_PAYLOAD) return at;
    type = next;
  }
  return at;
}

type Show = (m: Message, at: number, size: number) => boolean | undefined;

function payload(m: Message, type: number, at: number, size: number): boolean {
  const show = shows[type];
  if (show === undefined) {
    m.d.put(payloadName(type));
    return true;
  }
  return show(m, at, size) !== false;
}

const raw = (m: Message, at: number, size: number) => m.d.put(m.d.hexOf(at, size));

/** The first bytes, and the last of the packet. */
function some(m: Message, at: number, always: boolean): void {
  const total = m.end - at;
  const head = Math.min(10, total);
  if (!always && total <= 28) return raw(m, at, total);
  raw(m, at, head);
  m.d.put('...');
  const tail = Math.min(20, total - head);
  raw(m, m.end - tail, tail);
}

/** Length, and with -vvv the bytes. */
const plain =
  (title: string, label: string): Show =>
  (m, at, size) => {
    m.d.put(`${title}:${label} len=${size - GENERIC}`);
    if (m.d.options.verbose > 2 && size > GENERIC) {
      m.d.put(' ');
      raw(m, at + GENERIC, size - GENERIC);
    }
    return true;
  };

const certificate =
  (title: string): Show =>
  (m, at, size) => {
    m.d.put(`${title}: len=${size - GENERIC} type=${word(certificateWords, m.d.u8(at + GENERIC))}`);
    if (m.d.options.verbose > 2 && size > GENERIC) {
      m.d.put(' ');
      raw(m, at + GENERIC, size - GENERIC);
    }
    return true;
  };

function attributes(m: Message, from: number, end: number, names: Readonly<Record<number, AttributeWords>>): boolean {
  const { d } = m;
  for (let at = from; at < end; ) {
    if (at + 4 > end) {
      d.put(' [|attr]');
      return false;
    }
    const first = d.be16(at);
    const type = first & 0x7fff;
    const known = names[type];
    d.put(`(type=${known?.name ?? `#${type}`} `);
    if (first >= 0x8000) {
      const value = d.be16(at + 2);
      d.put(`value=${known?.values?.[value] ?? hex(value, 4)}`);
      at += 4;
    } else {
      const size = d.be16(at + 2);
      d.put(`len=${size} value=`);
      if (at + 4 + size > end) {
        raw(m, at + 4, Math.max(0, Math.min(size, d.end - at - 4)));
        if (at + 4 + size > d.end) {
          d.put(')');
          throw TRUNCATED;
        }
      } else raw(m, at + 4, size);
      at += 4 + size;
    }
    d.put(')');
  }
  return true;
}

const association: Show = (m, at, size) => {
  const { d } = m;
  d.put('sa:');
  const doi = d.be32(at + GENERIC);
  if (doi !== 1) {
    d.put(` doi=${doi} situation=${d.be32(at + 8)}`);
    return true;
  }
  const situation = d.be32(at + 8);
  d.put(' doi=ipsec situation=');
  const words = [
    [1, 'identity'],
    [2, 'secrecy'],
    [4, 'integrity'],
  ] as const;
  d.put(
    words
      .filter(([bit]) => (situation & bit) !== 0)
      .map(([, name]) => name)
      .join('+'),
  );
  let body = at + 12;
  if ((situation & 6) !== 0) {
    d.put(` ident=${d.be32(at + 12)}`);
    body += 4;
  }
  return payloads(m, 2, body, at + size) >= 0;
};

/** What the proposal's protocol is, for its transforms. */
const proposal: Show = (m, at, size) => {
  const { d } = m;
  const protocol = d.u8(at + 5);
  const spi = d.u8(at + 6);
  d.put(`p: #${d.u8(at + 4)} protoid=${word(protocolWords, protocol)} transform=${d.u8(at + 7)}`);
  if (spi > 0) {
    d.put(' spi=');
    raw(m, at + 8, spi);
  }
  protocolOf.set(m, protocol);
  if (8 + spi < size) payloads(m, 3, at + 8 + spi, at + size);
  else {
    d.put(`\n${'    '.repeat(m.depth + 1)}()`);
  }
  return true;
};
const protocolOf = new WeakMap<Message, number>();

const transform: Show = (m, at, size) => {
  const { d } = m;
  const protocol = protocolOf.get(m) ?? 0;
  const id = d.u8(at + 5);
  d.put(`t: #${d.u8(at + 4)} id=${transformWords[protocol]?.[id] ?? (protocol === 0 ? id : `#${id}`)} `);
  const names = protocol === 1 ? ikeAttributes : protocol === 0 ? {} : ipsecAttributes;
  attributes(m, at + 8, at + size, names);
  return true;
};

const keyExchange: Show = (m, at, size) => {
  m.d.put(`ke: key len=${size - GENERIC}`);
  if (m.d.options.verbose > 2 && size > GENERIC) {
    m.d.put(' ');
    raw(m, at + GENERIC, size - GENERIC);
  }
  return true;
};

const identification: Show = (m, at, size) => {
  const { d } = m;
  const type = d.u8(at + 4);
  const length = size - 8;
  d.put(`id: idtype=${word(idWords, type)}`);
  // Of the first phase and of the second alike: what the identity is for.
  d.put(` protoid=${d.u8(at + 5)} port=${d.be16(at + 6)}`);
  if (length <= 0) return true;
  d.put(` len=${length}`);
  const value = at + 8;
  const least: Readonly<Record<number, number>> = { 1: 4, 4: 8, 5: 16, 6: 32, 7: 8, 8: 32 };
  const wanted = least[type];
  if (wanted !== undefined && length < wanted) {
    d.put(` [bad: < ${wanted}]`);
    return true;
  }
  switch (type) {
    case 1:
      d.put(` ${d.ip(value)}`);
      break;
    case 2:
    case 3:
      d.put(' ');
      for (let i = 0; i < length; i++) d.char(d.u8(value + i));
      break;
    case 4:
      d.put(` ${d.ip(value)}/${d.ip(value + 4)}`);
      break;
    case 5:
      d.put(` ${d.ip6(value)}`);
      break;
    case 6:
      d.put(` ${d.ip6(value)}/0x${d.hexOf(value + 16, 16)}`);
      break;
    case 7:
      d.put(` ${d.ip(value)}-${d.ip(value + 4)}`);
      break;
    case 8:
      d.put(` ${d.ip6(value)}-${d.ip6(value + 16)}`);
      break;
  }
  return true;
};

const notification: Show = (m, at, size) => {
  const { d } = m;
  const doi = d.be32(at + 4);
  const protocol = d.u8(at + 8);
  const spi = d.u8(at + 9);
  const type = d.be16(at + 10);
  if (doi !== 1) {
    d.put(`n: doi=${doi} proto=${protocol} type=#${type}`);
    return true;
  }
  d.put(`n: doi=ipsec proto=${word(protocolWords, protocol)} type=${word(notifyWords, type)}`);
  let value = at + 12;
  if (spi > 0) {
    d.put(' spi=');
    raw(m, value, spi);
    value += spi;
  }
  const end = at + size;
  if (value >= m.end) return true;
  if (type === 24576) {
    d.put(' attrs=(');
    attributes(m, value, end, ipsecAttributes);
    d.put(')');
  } else if (type === 24577) {
    d.put(' status=(');
    d.put(`replay detection ${d.be32(value) !== 0 ? 'en' : 'dis'}abled)`);
  } else if (d.options.verbose > 3) {
    d.put(' data=(');
    raw(m, value, end - value);
    d.put(')');
  } else if (d.options.verbose > 1) {
    d.put(' data=(');
    some(m, value, false);
    d.put(')');
  }
  return true;
};

const deletion: Show = (m, at, size) => {
  const { d } = m;
  const doi = d.be32(at + 4);
  const protocol = d.u8(at + 8);
  const spi = d.u8(at + 9);
  const count = d.be16(at + 10);
  d.put(
    `d: doi=${doi === 1 ? 'ipsec' : doi} proto=${doi === 1 ? word(protocolWords, protocol) : protocol} spilen=${spi} nspi=${count} spi=`,
  );
  for (let i = 0; i < count && at + 12 + (i + 1) * spi <= at + size; i++) {
    if (i > 0) d.put(',');
    raw(m, at + 12 + i * spi, spi);
  }
  return true;
};

const critical = (m: Message, at: number) => ((m.d.u8(at + 1) & 0x80) !== 0 ? '[C]' : '');

const association2: Show = (m, at, size) => {
  m.d.put(`sa${critical(m, at)}: len=${size - GENERIC}`);
  // Substructures: proposals, and transforms within them.
  for (let p = at + GENERIC; p < at + size; ) {
    const more = m.d.u8(p);
    const length = m.d.be16(p + 2);
    m.d.put(`\n${'    '.repeat(m.depth + 1)}(`);
    if (length < 8 || p + length > at + size) {
      m.d.put('p');
      m.d.put(')');
      return false;
    }
    proposal2(m, p, length);
    m.d.put(')');
    p += length;
    if (more === 0) break;
  }
  return true;
};

function proposal2(m: Message, at: number, size: number): void {
  const { d } = m;
  const spi = d.u8(at + 6);
  d.put(`p: #${d.u8(at + 4)} protoid=${word(protocolWords, d.u8(at + 5))} transform=${d.u8(at + 7)} len=${size}`);
  if (spi > 0) {
    d.put(' spi=');
    raw(m, at + 8, spi);
  }
  for (let p = at + 8 + spi, n = 1; p + 8 <= at + size; n++) {
    const more = d.u8(p);
    const length = d.be16(p + 2);
    d.put(`\n${'    '.repeat(m.depth + 2)}(`);
    if (length < 8 || p + length > at + size) {
      d.put('t)');
      return;
    }
    const type = d.u8(p + 4);
    const id = d.be16(p + 6);
    d.put(`t: #${n} type=${word(transformTypes, type)} id=${transforms2[type]?.[id] ?? `#${id}`} `);
    attributes(m, p + 8, p + length, { 14: { name: 'keylen' } });
    d.put(')');
    p += length;
    if (more === 0) return;
  }
}

const keyExchange2: Show = (m, at, size) => {
  const { d } = m;
  const length = size - 8;
  d.put(`v2ke${critical(m, at)}: len=${length} group=${word(transforms2[4]!, d.be16(at + 4))}`);
  if (length > 0 && d.options.verbose > 2) {
    d.put(' ');
    raw(m, at + 8, length);
  }
  return true;
};

const nonce2: Show = (m, at, size) => {
  const { d } = m;
  d.put(`nonce${critical(m, at)}: len=${size - GENERIC}`);
  if (d.options.verbose > 2 && size > GENERIC) {
    d.put(' nonce=(');
    raw(m, at + GENERIC, size - GENERIC);
    d.put(') ');
  } else if (d.options.verbose > 0 && size > GENERIC) {
    d.put(' data=(');
    some(m, at + GENERIC, true);
    d.put(')');
  }
  return true;
};

const notification2: Show = (m, at, size) => {
  const { d } = m;
  const protocol = d.u8(at + 4);
  const spi = d.u8(at + 5);
  const type = d.be16(at + 6);
  const kind = type < 8192 ? 'error' : 'status';
  d.put(`n${critical(m, at)}: prot_id=${word(protocolWords, protocol)} type=${type}(${word(notify2Words, type, () => kind)})`);
  let value = at + 8;
  if (spi > 0) {
    d.put(' spi=');
    raw(m, value, spi);
    value += spi;
  }
  const end = at + size;
  if (value >= end) return true;
  if (type === 16390 || d.options.verbose > 3) {
    d.put(' data=(');
    if (d.options.verbose > 3) raw(m, value, m.end - value);
    else some(m, value, false);
    d.put(')');
  }
  return true;
};

const length2 =
  (name: string): Show =>
  (m, at, size) => {
    m.d.put(`${name}${critical(m, at)}: len=${size - GENERIC}`);
    return true;
  };

const shows: Readonly<Record<number, Show>> = {
  1: association,
  2: proposal,
  3: transform,
  4: keyExchange,
  5: identification,
  6: certificate('cert'),
  7: certificate('cr'),
  8: plain('hash', ''),
  9: plain('sig', ''),
  10: plain('nonce', ' n'),
  11: notification,
  12: deletion,
  13: plain('vid', ''),
  33: association2,
  34: keyExchange2,
  37: length2('v2cert'),
  38: length2('v2cr'),
  40: nonce2,
  41: notification2,
  42: length2('v2d'),
  44: length2('v2TSi'),
  45: length2('v2TSr'),
  [ENCRYPTED_PAYLOAD]: (m, at, size) => {
    m.d.put(m.version === 2 ? `v2e${critical(m, at)}: len=${size - GENERIC}` : 'v2e');
    if (m.version === 2 && m.d.options.verbose > 2) {
      m.d.put(' ');
      raw(m, at + GENERIC, size - GENERIC);
    }
    return true;
  },
  47: length2('v2cp'),
  48: length2('v2eap'),
};

/** RFC 3948: keepalives, ESP, and IKE behind a marker of zeros. */
function natTraversal(d: Dissector, at: number, length: number, context: PortContext): void {
  d.protocol = 'isakmp_rfc3948';
  if (length === 1 && d.u8(at) === 0xff) return d.put('isakmp-nat-keep-alive');
  if (length < 4) return d.truncated();
  if (d.be32(at) === 0) {
    d.put('NONESP-encap: ');
    return isakmp(d, at + 4, length - 4, context);
  }
  d.put('UDP-encap: ');
  const esp = d.registry.ipProtocols.get(ESP_PROTOCOL);
  esp?.print(d, at, length, context);
}

export const isakmpPort: PortPrinter = { ports: [500], print: isakmp };
export const isakmpNatPort: PortPrinter = { ports: [4500], print: natTraversal };
