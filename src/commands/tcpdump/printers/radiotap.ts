// What a radio says in front of IEEE 802.11's frames: radiotap, AVS and Prism headers.
import { type Dissector, TRUNCATED } from '../dissector.js';
import type { LinkPrinter } from './registry-types.js';
import { wlan } from './wlan.js';
import { rateText } from './wlan-management.js';
import { htRates } from './wlan-words.js';

const HEADER = 8;
const CHANNEL = 3;
const XCHANNEL = 18;
const MCS = 19;
const NAMESPACE = 29;
const VENDOR_NAMESPACE = 30;
const EXTENDED = 0x80000000;
const FLAG_FCS = 0x10;
const FLAG_PADDED = 0x20;

/** Reads fields that are aligned by their size, as radiotap has them. */
class Fields {
  at: number;
  readonly #d: Dissector;
  readonly #start: number;
  readonly #end: number;
  /** Flags of the frame, once they were read. */
  flags = 0;

  constructor(d: Dissector, start: number, length: number) {
    this.#d = d;
    this.#start = start;
    this.#end = start + length;
    this.at = start;
  }

  /** The position of the next field; TRUNCATED where the header has no room for it. */
  #next(size: number): number {
    const at = this.#start + Math.ceil((this.at - this.#start) / size) * size;
    if (at + size > this.#end) throw TRUNCATED;
    this.at = at + size;
    return at;
  }

  align(size: number): void {
    this.#next(size);
    this.at -= size;
  }

  skip(count: number): boolean {
    if (this.at + count > this.#end) return false;
    this.at += count;
    return true;
  }

  u8 = () => this.#d.u8(this.#next(1));
  i8 = () => this.#d.i8(this.#next(1));
  u16 = () => this.#d.le16(this.#next(2));
  u32 = () => this.#d.le32(this.#next(4));
  u64 = () => this.#d.le64(this.#next(8));
}

const flagWords = [
  [0x01, 'cfp '],
  [0x02, 'short preamble '],
  [0x04, 'wep '],
  [0x08, 'fragmented '],
  [0x40, 'bad-fcs '],
] as const;

const TURBO = 0x10;
const is = (flags: number, bits: number) => (flags & bits) === bits;

function channelText(frequency: number, flags: number, present: number): string {
  let text = `${frequency} MHz`;
  const width = is(flags, 0x4000) ? '/10Mhz' : is(flags, 0x8000) ? '/5Mhz' : '';
  if ((present & (1 << MCS)) !== 0) text += ' 11n';
  else {
    if (is(flags, 0x0880)) text += ' FHSS';
    if (is(flags, 0x0140)) text += ` 11a${width}`;
    if (is(flags, 0x00c0) || is(flags, 0x0480)) text += ` 11g${width}`;
    else if (is(flags, 0x00a0)) text += ' 11b';
    if (is(flags, TURBO)) text += ' Turbo';
  }
  if (is(flags, 0x10000)) text += ' ht/20';
  else if (is(flags, 0x40000)) text += ' ht/40-';
  else if (is(flags, 0x20000)) text += ' ht/40+';
  return `${text} `;
}

const htBandwidths = ['20 MHz', '40 MHz', '20 MHz (L)', '20 MHz (U)'];

function mcs(f: Fields): string {
  const [known, flags, index] = [f.u8(), f.u8(), f.u8()];
  let text = '';
  if ((known & 0x02) !== 0) {
    const column = ((flags & 3) === 1 ? 2 : 0) + ((flags & 0x04) === 0 ? 0 : 1);
    const rate = (known & 0x05) === 0 ? 0 : (htRates[index]?.[column] ?? 0);
    text += `${rate === 0 ? '' : `${rate.toFixed(1)} Mb/s `}MCS ${index} `;
  }
  if ((known & 0x01) !== 0) text += `${htBandwidths[flags & 3]} `;
  if ((known & 0x04) !== 0) text += (flags & 0x04) === 0 ? 'long GI ' : 'short GI ';
  if ((known & 0x08) !== 0) text += (flags & 0x08) === 0 ? 'mixed ' : 'greenfield ';
  if ((known & 0x10) !== 0) text += (flags & 0x10) === 0 ? 'BCC FEC ' : 'LDPC FEC ';
  if ((known & 0x20) !== 0) text += `RX-STBC${(flags & 0x60) >>> 5} `;
  return text;
}

/** Parts of a band, as they are told: the last four but one are as tcpdump has them. */
const vhtParts = ['L', 'U', 'LL', 'LU', 'UL', 'UU', 'LLL', 'LLU', 'LUL', 'UUU', 'ULL', 'ULU', 'UUL', 'UUU'];
const vhtBandwidths = [
  ...htBandwidths,
  '80 MHz',
  ...vhtParts.slice(0, 6).map((part) => `80 MHz (${part})`),
  '160 MHz',
  ...vhtParts.map((part) => `160 MHz (${part})`),
];

function vht(f: Fields): string {
  const [known, flags, bandwidth] = [f.u16(), f.u8(), f.u8() & 0x1f];
  const users = [f.u8(), f.u8(), f.u8(), f.u8()];
  const coding = f.u8();
  f.u8();
  f.u16();
  let text = '';
  for (const [n, user] of users.entries())
    if ((user & 0xf) !== 0) text += `User ${n} MCS ${user >>> 4} ${(coding & (1 << n)) === 0 ? 'BCC' : 'LDPC'} FEC `;
  if ((known & 0x40) !== 0) text += `${vhtBandwidths[bandwidth] ?? `unknown (${bandwidth})`} `;
  if ((known & 0x04) !== 0) text += (flags & 0x04) === 0 ? 'long GI ' : 'short GI ';
  return text;
}

/** Texts of the fields; undefined: nothing is known of it, its length neither. */
const fields: Readonly<Record<number, (f: Fields, present: number) => string>> = {
  0: (f) => `${f.u64()}us tsft `,
  1(f) {
    f.flags = f.u8();
    return flagWords.map(([bit, name]) => ((f.flags & bit) === 0 ? '' : name)).join('');
  },
  2(f) {
    const rate = f.u8();
    return rate >= 0x80 && rate <= 0x8f ? `MCS ${rate & 0x7f} ` : `${rateText(rate)} Mb/s `;
  },
  [CHANNEL](f, present) {
    const [frequency, flags] = [f.u16(), f.u16()];
    return (present & (1 << XCHANNEL)) === 0 ? channelText(frequency, flags, present) : '';
  },
  4: (f) => `fhset ${f.u8()} fhpat ${f.u8()} `,
  5: (f) => `${f.i8()}dBm signal `,
  6: (f) => `${f.i8()}dBm noise `,
  7: (f) => `${f.u16()} sq `,
  8: (f) => `${-((f.u16() << 16) >> 16) || 0} tx power `,
  9: (f) => `${-f.i8() || 0}dB tx attenuation `,
  10: (f) => `${f.i8()}dBm tx power `,
  11: (f) => `antenna ${f.u8()} `,
  12: (f) => `${f.u8()}dB signal `,
  13: (f) => `${f.u8()}dB noise `,
  14(f) {
    f.u16();
    return '';
  },
  [XCHANNEL](f, present) {
    const [flags, frequency] = [f.u32(), f.u16()];
    f.u8();
    f.u8();
    return channelText(frequency, flags, present);
  },
  [MCS]: mcs,
  20(f) {
    f.u32();
    f.u16();
    f.u8();
    f.u8();
    return '';
  },
  21: vht,
};

/** Fields of one word of presence bits, whose first is `base`; false: what follows cannot be read. */
function namespaceFields(d: Dissector, f: Fields, present: number, base: number): boolean {
  for (let bit = 0; bit < NAMESPACE; bit++) {
    if ((present & (1 << bit)) === 0) continue;
    const field = fields[base + bit];
    if (field === undefined) {
      d.put(`[bit ${base + bit}] `);
      return false;
    }
    if (d.cutShort(() => d.put(field(f, present)))) return false;
  }
  return true;
}

function radiotap(d: Dissector, start: number, fullLength: number, captured: number): number {
  d.protocol = '802.11_radio';
  if (captured < HEADER) {
    d.truncated();
    return captured;
  }
  const length = d.le16(start + 2);
  if (length < HEADER || captured < length) {
    d.truncated();
    return captured;
  }
  let words = 1;
  while (HEADER + (words - 1) * 4 <= length && (d.le32(start + words * 4) & EXTENDED) !== 0) {
    if (4 + (words + 1) * 4 > length) {
      d.truncated();
      return captured;
    }
    words++;
  }
  const f = new Fields(d, start, length);
  f.skip(4 + words * 4);
  presence(d, f, start + 4, words);
  return (
    length +
    wlan(d, start + length, fullLength - length, captured - length, (f.flags & FLAG_PADDED) !== 0, (f.flags & FLAG_FCS) === 0 ? 0 : 4)
  );
}

function presence(d: Dissector, f: Fields, first: number, words: number): void {
  let base = 0;
  let vendor = false;
  let skip = 0;
  for (let n = 0; n < words; n++) {
    const present = d.le32(first + n * 4);
    if (vendor) {
      if (!f.skip(skip)) return;
      skip = 0;
    } else if (!namespaceFields(d, f, present, base)) return;
    const next = (present >>> NAMESPACE) & 3;
    if (next === 0) base += 32;
    else if (next === 1 || next === VENDOR_NAMESPACE - NAMESPACE + 1) {
      base = 0;
      vendor = next !== 1;
      skip = 0;
      if (vendor) d.cutShort(() => (skip = vendorLength(f)));
    }
  }
}

/** A vendor's name, and how many bytes are its own. */
function vendorLength(f: Fields): number {
  f.align(2);
  for (let i = 0; i < 4; i++) f.u8();
  return f.u16();
}

function avs(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = '802.11_radio_avs';
  const header = captured < 8 ? 0 : d.be32(at + 4);
  if (header < 8 || captured < header) {
    d.truncated();
    return captured;
  }
  return header + wlan(d, at + header, length - header, captured - header);
}

const PRISM_HEADER = 144;
const AVS_COOKIES = [0x80211001, 0x80211002];

function prism(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = 'prism';
  if (captured < 4) {
    d.truncated();
    return captured;
  }
  if (AVS_COOKIES.includes(d.be32(at))) return avs(d, at, length, captured);
  if (captured < PRISM_HEADER) {
    d.truncated();
    return captured;
  }
  return PRISM_HEADER + wlan(d, at + PRISM_HEADER, length - PRISM_HEADER, captured - PRISM_HEADER);
}

export const radioLinks: readonly LinkPrinter[] = [
  { types: [127], print: radiotap },
  { types: [163], print: avs },
  { types: [119], print: prism },
];
