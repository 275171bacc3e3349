// What Juniper's routers put before captured frames: a magic number, flags, extensions, and the cookie of a card.
import type { Dissector } from '../dissector.js';
import { type Bits, bits, hex0x, word } from '../words.js';
import { encapsulationWords, extensionWords, mediumWords } from './juniper-words.js';

const MAGIC = 0x4d4743;
const HEADER = 4;
const INCOMING = 0x01;
const NO_LAYER2 = 0x02;
const EXTENDED = 0x80;
const LINK_SERVICES = 0x54;
const ADAPTIVE_SERVICES = 0x47;
export const ADAPTIVE_COOKIE = 8;
/** Bits of a cookie that say what follows it. */
const LAYER3_MASK = 0x170;
/** Layer 3 as adaptive services number it. */
export const LAYER3_IPV4 = 0x00;
export const LAYER3_IPV6 = 0x10;
export const LAYER3_MPLS = 0x20;
export const LAYER3_ISO = 0x30;
const CELL_TYPE = 0x70;

const flagBits: Bits = [
  [EXTENDED, 'Ext'],
  [0x40, 'Filter'],
  [0x04, 'IIF'],
  [NO_LAYER2, 'no-L2'],
  [INCOMING, 'In'],
];

/** A card whose frames have cookies of `cookie` bytes. */
export interface Card {
  readonly name: string;
  readonly cookie: number;
  readonly kind?: 'mlppp' | 'mlfr' | 'mfr' | 'atm2';
}

/** Where a frame starts, and what its cookie said. */
export interface JuniperFrame {
  readonly at: number;
  readonly length: number;
  readonly captured: number;
  readonly incoming: boolean;
  readonly cookieAt: number;
  readonly cookieLength: number;
  readonly bundle: number;
  readonly protocol: number;
}

function extensionValue(d: Dissector, at: number, type: number, length: number): number {
  if (length < 1 || length > 4) return -1;
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 256 + d.u8(type < 128 ? at + length - 1 - i : at + i);
  return value;
}

/** False: one is longer than all are, and that was said. */
function extensions(d: Dissector, from: number, length: number): boolean {
  const end = from + length;
  const detailed = d.options.verbose > 1;
  for (let at = from; end - at > 2; ) {
    const [type, size] = [d.u8(at), d.u8(at + 1)];
    if (type === 0 || size === 0) break;
    if (size + 2 > end - at) {
      d.put(` [extension_length ${end - at} < ${size + 2}]`);
      d.invalid();
      return false;
    }
    if (detailed) {
      d.put(`\n\t  ${word(extensionWords, type, () => 'Unknown')} Extension TLV #${type}, length ${size}, value `);
      const value = extensionValue(d, at + 2, type, size);
      const names = type === 3 || type === 7 ? mediumWords : type === 6 || type === 8 ? encapsulationWords : null;
      if (type !== 2 && value >= 0) d.put(names === null ? String(value) : `${word(names, value, () => 'Unknown')} (${value})`);
    }
    at += 2 + size;
  }
  if (detailed) d.put('\n\t-----original packet-----\n\t');
  return true;
}

/** IPv4 or IPv6 as the first byte says; false: it is neither. */
export function guessedIp(d: Dissector, at: number, length: number): boolean {
  const first = d.u8(at);
  if (first >= 0x45 && first <= 0x4f) d.registry.ip(d, at, length);
  else if (first >= 0x60 && first <= 0x6f) d.registry.ip6(d, at, length);
  else return false;
  return true;
}

/** Prints the header; a number is how long it was where nothing more is to be printed. */
export function juniperHeader(d: Dissector, start: number, whole: number, captured: number, card: Card | null): JuniperFrame | number {
  const { linkLayer, verbose } = d.options;
  d.need(start, captured < HEADER ? HEADER : 0);
  if (d.be24(start) !== MAGIC) {
    d.put('no magic-number found!');
    return 0;
  }
  const flags = d.u8(start + 3);
  const incoming = (flags & INCOMING) !== 0;
  if (linkLayer) d.put(incoming ? ' In ' : 'Out ');
  if (verbose > 1) d.put(`\n\tJuniper PCAP Flags [${bits(flagBits, flags)}]`);
  let header = HEADER;
  if ((flags & EXTENDED) !== 0) {
    const length = d.be16(start + HEADER);
    header += 2 + length;
    if (verbose > 1) d.put(`, PCAP Extension(s) total length ${length}`);
    d.need(start, header);
    if (!extensions(d, start + HEADER + 2, length)) return 0;
  }
  if ((flags & NO_LAYER2) !== 0) {
    if (linkLayer) d.put('no-L2-hdr, ');
    const at = start + header + 4;
    if (!guessedIp(d, at, whole - header - 4)) d.put('no IP-hdr found!');
    return header + 4;
  }
  const place = start + header;
  if (card === null) {
    if (linkLayer) d.put(`hlen ${header}, proto 0x0000, `);
    return frameAt(start, whole, captured, header, { incoming, cookieAt: place, cookieLength: 0, bundle: 0, protocol: 0 });
  }
  return behindCookie(d, start, whole, captured, header, incoming, card);
}

type Cookie = Pick<JuniperFrame, 'incoming' | 'cookieAt' | 'cookieLength' | 'bundle' | 'protocol'>;

const frameAt = (start: number, whole: number, captured: number, header: number, cookie: Cookie): JuniperFrame => ({
  ...cookie,
  at: start + header,
  length: whole - header,
  captured: captured - header,
});

function behindCookie(
  d: Dissector,
  start: number,
  whole: number,
  captured: number,
  before: number,
  incoming: boolean,
  card: Card,
): JuniperFrame {
  const { linkLayer } = d.options;
  const cookieAt = start + before;
  const first = d.u8(cookieAt);
  const isAdaptive = first === ADAPTIVE_SERVICES;
  const isLinkService = first === LINK_SERVICES;
  let cookieLength = isAdaptive ? ADAPTIVE_COOKIE : card.cookie + (isLinkService ? 2 : 0);
  if (card.kind === 'mfr' && (first & 0xc0) === 0xc0) cookieLength = 0;
  let header = before + cookieLength;
  /** As tcpdump: a control word is not taken away from the frame's length. */
  let counted = 0;
  if (linkLayer) d.put(`${card.name}-PIC, cookie-len ${cookieLength}`);
  if (cookieLength > 0) {
    d.need(cookieAt, cookieLength);
    if (linkLayer) d.put(`, cookie 0x${d.hexOf(cookieAt, cookieLength)}`);
  }
  if (linkLayer) d.put(': ');
  const payload = cookieAt + cookieLength;
  let protocol = d.be16(payload);
  let bundle = cookieLength > 0 ? first : 0;
  if (card.kind === 'atm2') {
    if ((d.u8(cookieAt + 7) & CELL_TYPE) !== 0) {
      const control = d.be32(payload);
      if (control === 0 || control === 0x08000000 || control === 0x08380000) {
        header += 4;
        counted = 4;
      }
      if (linkLayer) d.put(`control-word ${hex0x(control, 8)} `);
    }
  } else if (card.kind !== undefined) {
    if (isAdaptive) {
      bundle = (d.be16(cookieAt + 6) >>> 3) & 0xfff;
      protocol = d.u8(cookieAt + 5) & LAYER3_MASK;
    } else {
      if (isLinkService) bundle = d.u8(cookieAt + 1);
      if (card.kind === 'mlfr' || (card.kind === 'mfr' && isLinkService)) header += 2;
    }
  }
  if (linkLayer) d.put(`hlen ${header}, proto ${hex0x(protocol, 4)}, `);
  return frameAt(start, whole + counted, captured + counted, header, { incoming, cookieAt, cookieLength, bundle, protocol });
}
