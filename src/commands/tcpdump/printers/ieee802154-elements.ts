// Information elements of IEEE 802.15.4-2015, 7.4.
import type { Dissector } from '../dissector.js';
import { hex } from '../words.js';
import { little, pendingAddresses, spacedBytes, superframe } from './ieee802154-fields.js';
import { headerElement, longNested, payloadGroup, shortNested } from './ieee802154-words.js';

const HEADER_END_1 = 0x7e;
const HEADER_END_2 = 0x7f;
const LIST_END = 0xf;

type Element = (d: Dissector, at: number, length: number) => void;

const data: Element = (d, at, length) => {
  d.put('IE Data = ');
  spacedBytes(d, at, length);
};

const vendor: Element = (d, at, length) => {
  if (length < 3) return d.put('[ERROR: Vendor OUI missing]');
  d.put(`OUI = 0x${d.hexOf(at, 3)}, Data = `);
  spacedBytes(d, at + 3, length - 3);
};

/** The PAN's superframes, time, and channels; `isExtended`: with two bytes of them. */
function panDescriptor(d: Dissector, at: number, length: number, isExtended: boolean): void {
  const end = at + length;
  if (length < 2) return d.put('[ERROR: Truncated DSME PAN IE]');
  superframe(d, d.le16(at));
  if (length < 3) return d.put('[ERROR: Truncated before pending addresses field]');
  const pending = pendingAddresses(d, at + 2, length - 2);
  if (pending < 0) return;
  let p = at + 2 + pending;
  const size = isExtended ? 2 : 1;
  if (end < p + size) return d.put('[ERROR: Truncated before DSME Superframe Specification]');
  const field = little(d, p, size);
  p += size;
  const flag = (extended: number, plain: number, text: string) => ((field & (isExtended ? extended : plain)) === 0 ? '' : text);
  d.put(`Multi-superframe Order = ${field & (isExtended ? 0xff : 0x0f)}`);
  d.put(`, ${flag(0x100, 0x10, 'Channel hopping mode') || 'Channel adaptation mode'}`);
  d.put(`${flag(0x400, 0x40, ', CAP reduction enabled')}${flag(0x800, 0x80, ', Deferred beacon enabled')}`);
  const hopping = flag(0x1000, 0, ', Hopping Sequence Present');
  d.put(hopping);
  if (end < p + 8) return d.put(' [ERROR: Truncated before Time syncronization specification]');
  d.put(`Beacon timestamp = ${little(d, p, 6)}, offset = ${d.le16(p + 6)}`);
  p += 8;
  if (end < p + 4) return d.put(' [ERROR: Truncated before Beacon Bitmap]');
  const bitmap = d.le16(p + 2);
  d.put(`SD Index = ${d.le16(p)}, Bitmap len = ${bitmap}, `);
  p += 4;
  if (end < p + bitmap) return d.put(' [ERROR: Truncated in SD bitmap]');
  d.put(' SD Bitmap = ');
  spacedBytes(d, p, bitmap);
  channels(d, p + bitmap, end, hopping !== '');
}

function channels(d: Dissector, from: number, end: number, hopping: boolean): void {
  let p = from;
  if (end < p + 5) return d.put(' [ERROR: Truncated before Channel hopping specification]');
  const bitmap = d.le16(p + 4);
  d.put(
    `Hopping Seq ID = ${d.u8(p)}, PAN Coordinator BSN = ${d.u8(p + 1)}, Channel offset = ${d.le16(p + 2)}, Bitmap length = ${bitmap}, `,
  );
  p += 5;
  if (end < p + bitmap) return d.put(' [ERROR: Truncated in Channel offset bitmap]');
  d.put(' Channel offset bitmap = ');
  spacedBytes(d, p, bitmap);
  p += bitmap;
  if (!hopping) return;
  if (end < p + 1) return d.put(' [ERROR: Truncated in Hopping Sequence length]');
  const count = d.u8(p);
  d.put(`Hopping Seq length = ${count} [ `);
  p++;
  if (end < p + count * 2) return d.put(' [ERROR: Truncated in Channel offset bitmap]');
  for (let i = 0; i < count; i++) d.put(`${hex(d.le16(p + i * 2), 2)} `);
  d.put(']');
}

const headerElements: Readonly<Record<number, Element>> = {
  0x00: vendor,
  0x1a: (d, at, length) => {
    if (length < 4) return d.put('[ERROR: Truncated CSL IE]');
    d.put(`CSL Phase = ${d.le16(at)}, CSL Period = ${d.le16(at + 2)}`);
    if (length >= 6) d.put(`, Rendezvous time = ${d.le16(at + 4)}`);
    if (length !== 4 && length !== 6) d.put(' [ERROR: CSL IE length wrong]');
  },
  0x1b: (d, at, length) => {
    if (length < 4) return d.put('[ERROR: Truncated RIT IE]');
    const [first, repeats, interval] = [d.u8(at), d.u8(at + 1), d.le16(at + 2)];
    d.put(`Time to First Listen = ${first}, # of Repeat Listen = ${repeats}, Repeat Listen Interval = ${interval}`);
  },
  0x1c: (d, at, length) => panDescriptor(d, at, length, false),
  0x21: (d, at, length) => panDescriptor(d, at, length, true),
  0x1d: (d, at, length) =>
    d.put(length === 4 ? `Rendezvous time = ${d.le16(at)}, Wake-up Interval = ${d.le16(at + 2)}` : '[ERROR: Length != 2]'),
  0x1e: (d, at, length) => {
    if (length !== 2) return d.put('[ERROR: Length != 2]');
    const field = d.le16(at);
    if ((field & 0x8000) !== 0) d.put('Negative ');
    d.put(`Ack time correction = ${(field << 20) >> 20}, `);
  },
};

/** How a list of elements ended. */
export interface ElementList {
  /** Bytes read; -1: the list is broken, and that was said. */
  readonly length: number;
  /** Elements of the payload follow. */
  readonly payload: boolean;
}

const broken: ElementList = { length: -1, payload: false };

export function headerElementList(d: Dissector, from: number, captured: number): ElementList {
  let at = from;
  for (let left = captured; ; ) {
    if (left < 2) {
      d.put('[ERROR: Truncated header IE]');
      return broken;
    }
    const field = d.le16(at);
    if ((field & 0x8000) !== 0) d.put('[ERROR: Header IE with type 1] ');
    const length = field & 0x7f;
    const id = (field >>> 7) & 0xff;
    if (id > 127) d.put(`Reserved Element ID ${hex(id, 2)}, length = ${length} `);
    else d.put(`\n\t${headerElement(id)} [${length === 0 ? '' : ` length = ${length}, `}`);
    if (left < length) {
      d.put('[ERROR: Truncated IE data]');
      return broken;
    }
    if (length > 0) ((d.options.verbose > 3 ? headerElements[id] : undefined) ?? data)(d, at + 2, length);
    d.put('] ');
    at += 2 + length;
    left -= 2 + length;
    if (id === HEADER_END_1 || id === HEADER_END_2 || left === 0) return { length: at - from, payload: id === HEADER_END_1 };
    if (left < 0) left = Number.POSITIVE_INFINITY; // As tcpdump: what was captured bounds it.
  }
}

const nested: Readonly<Record<number, Element>> = {
  0x08: vendor,
  0x09: (d, from, length) => {
    if (length < 1) return d.put('[ERROR: Hopping sequence ID missing]');
    d.put(`Hopping Sequence ID = ${d.u8(from)}`);
    if (length === 1) return;
    const end = from + length;
    let at = from + 1;
    const short = (count: number, space = '') => {
      if (end - at >= count) return false;
      d.put(`${space}[ERROR: IE truncated]`);
      return true;
    };
    if (short(7)) return;
    const page = d.u8(at);
    const count = d.le16(at + 1);
    d.put(`Channel Page = ${page}, Number of Channels = ${count}, Phy Configuration = 0x${hex(d.le32(at + 3), 8)}, `);
    at += 7;
    if (page === 9 || page === 10) {
      const bitmap = Math.ceil(count / 8);
      if (short(bitmap)) return;
      d.put(`Extended bitmap = 0x${d.hexOf(at, bitmap)}, `);
      at += bitmap;
    }
    if (short(2)) return;
    const hops = d.le16(at);
    at += 2;
    d.put(`Hopping Seq length = ${hops} [ `);
    if (short(hops * 2, ' ')) return;
    for (let i = 0; i < hops; i++) d.put(`${hex(d.le16(at + i * 2), 2)} `);
    d.put(']');
    at += hops * 2;
    if (!short(2)) d.put(`Current hop = ${d.le16(at)}`);
  },
  0x1a: (d, at, length) => {
    if (length < 6) d.put('[ERROR: Length != 6]');
    d.put(`ASN = ${hex(little(d, at, 5), 10)}, Join Metric = ${d.u8(at + 5)} `);
  },
  0x1b: slotframes,
  0x1c: (d, at, length) => {
    if (length !== 1 && length !== 25 && length !== 27) {
      d.put('[ERROR: Length not 1, 25, or 27]\n\t\t\t');
      return data(d, at, length);
    }
    d.put(`Time slot ID = ${d.u8(at)}`);
    if (length > 1)
      for (const [i, name] of slotTimes.entries()) {
        const wide = length === 27 && i > 9;
        d.put(`, ${name} = ${wide ? little(d, at + 21 + (i - 10) * 3, 3) : d.le16(at + 1 + i * 2)}`);
      }
    d.put(' ');
  },
};

const slotTimes = [
  'CCA Offset',
  'CCA',
  'TX Offset',
  'RX Offset',
  'RX Ack Delay',
  'TX Ack Delay',
  'RX Wait',
  'Ack Wait',
  'RX TX',
  'Max Ack',
  'Max TX',
  'Time slot Length',
];
const linkOptions = ['TX ', 'RX ', 'Shared ', 'Timekeeping ', 'Priority '];

function slotframes(d: Dissector, at: number, length: number): void {
  if (length < 1) return d.put('[ERROR: Truncated IE]');
  const count = d.u8(at);
  const end = at + length;
  d.put(`Slotframes = ${count} `);
  let p = at + 1;
  for (let i = 0; i < count; i++) {
    if (end < p + 4) return d.put('[ERROR: Truncated IE before slotframes]');
    const links = d.u8(p + 3);
    d.put(`\n\t\t\t[ Handle ${d.u8(p)}, size = ${d.le16(p + 1)}, links = ${links} `);
    p += 4;
    for (let j = 0; j < links; j++) {
      if (end < p + 5) {
        d.put('[ERROR: Truncated IE links]');
        break;
      }
      const options = d.u8(p + 4);
      d.put(`\n\t\t\t\t[ Timeslot =  ${d.le16(p)}, Offset = ${d.le16(p + 2)}, Options = `);
      d.put(`${linkOptions.filter((_, bit) => (options & (1 << bit)) !== 0).join('')}] `);
      p += 5;
    }
    d.put('] ');
  }
}

function nestedList(d: Dissector, from: number, length: number): void {
  let at = from;
  for (let left = length; left > 0; ) {
    if (left < 2) return d.put('[ERROR: Truncated MLME IE]');
    const field = d.le16(at);
    const isLong = (field & 0x8000) !== 0;
    const size = field & (isLong ? 0x3ff : 0xff);
    const id = isLong ? (field >>> 11) & 0xf : (field >>> 8) & 0x7f;
    at += 2;
    d.put(`\n\t\t${(isLong ? longNested : shortNested)(id)} [ length = ${size}, `);
    if (left < size) return d.put('[ERROR: Truncated IE data]');
    if (size > 0) (nested[id] ?? data)(d, at, size);
    d.put('] ');
    at += size;
    // As tcpdump, whose count of two bytes wraps.
    left = (left - 2 - size) & 0xffff;
  }
}

/** IEEE 802.15.9: frames of upper layers in fragments. */
const multiplexed: Element = (d, at, length) => {
  if (length < 1) return d.put('[ERROR: Transaction control byte missing]');
  const type = d.u8(at) & 7;
  const transaction = d.u8(at) >>> 3;
  const id = `tid = 0x${hex(transaction, 2)}`;
  let start = 1;
  switch (type) {
    case 0:
      if (length < 3) return d.put('[ERROR: Multiplex ID missing]');
      d.put(`Type = Full upper layer fragment, ${id}, Multiplex ID = 0x${hex(d.le16(at + 1), 4)}, `);
      start = 3;
      break;
    case 1:
      d.put(`Type = Full upper layer fragment with small Multiplex ID, Multiplex ID = 0x${hex(transaction, 4)}, `);
      break;
    case 2:
    case 4: {
      if (length < 2) return d.put('[ERROR: fragment number missing]');
      const fragment = d.u8(at + 1);
      const name = type === 4 ? 'Last' : fragment === 0 ? 'First' : 'Middle';
      d.put(`Type = ${name} fragment, ${id}, fragment = 0x${hex(fragment, 2)}, `);
      start = 2;
      if (fragment !== 0) break;
      if (length < 6) return d.put('[ERROR: Total upper layer size or multiplex ID missing]');
      d.put(`Total upper layer size = 0x${hex(d.le16(at + 2), 4)}, Multiplex ID = 0x${hex(d.le16(at + 4), 4)}, `);
      start = 6;
      break;
    }
    case 6:
      if (length === 1) return d.put(`Type = Abort, ${id}, no max size given`);
      if (length === 3) return d.put(`Type = Abort, ${id}, max size = 0x${hex(d.le16(at + 1), 4)}`);
      d.put(`Type = Abort, ${id}, invalid length = ${length} (not 1 or 3)Abort data = `);
      return spacedBytes(d, at + 1, length - 1);
    default:
      d.put(`Type = ${type} (Reserved), ${id}, `);
  }
  d.put('Upper layer data = ');
  spacedBytes(d, at + start, length - start);
};

const groups: Readonly<Record<number, Element>> = {
  1: nestedList,
  2: vendor,
  3: multiplexed,
  5: (d, at, length) => {
    d.put(`Subtype ID = 0x${hex(d.u8(at), 2)}, Subtype content = `);
    spacedBytes(d, at + 1, length - 1);
  },
};

/** How many bytes the list takes; -1: it is broken, and that was said. */
export function payloadElementList(d: Dissector, from: number, captured: number): number {
  let at = from;
  for (let left = captured; ; ) {
    if (left < 2) {
      d.put('[ERROR: Truncated header IE]');
      return -1;
    }
    const field = d.le16(at);
    if ((field & 0x8000) === 0) d.put('[ERROR: Payload IE with type 0] ');
    const length = field & 0x3ff;
    const group = (field >>> 11) & 0xf;
    d.put(`\n\t${payloadGroup(group)} [${length === 0 ? '' : ` length = ${length}, `}`);
    if (left < length) {
      d.put('[ERROR: Truncated IE data]');
      return -1;
    }
    if (length > 0) ((d.options.verbose > 3 ? groups[group] : undefined) ?? data)(d, at + 2, length);
    d.put(']\n\t');
    at += 2 + length;
    left -= 2 + length;
    if (group === LIST_END || left === 0) return at - from;
    if (left < 0) left = Number.POSITIVE_INFINITY; // As tcpdump: what was captured bounds it.
  }
}
