// IEEE 802.15.4-2015: frames of low-rate wireless networks.
import type { Dissector } from '../dissector.js';
import { hex } from '../words.js';
import { headerElementList, payloadElementList } from './ieee802154-elements.js';
import { address, pendingAddresses, spacedBytes, superframe, timeSlots } from './ieee802154-fields.js';
import { commandName, frameTypes } from './ieee802154-words.js';
import type { LinkPrinter } from './registry-types.js';

const BEACON = 0;
const COMMAND = 3;
const MULTIPURPOSE = 5;
const TAP_HEADER = 4;

/** Bytes of an address by its mode; -1: the mode is reserved. */
const addressSizes = [0, -1, 2, 8] as const;
/** Bytes of the integrity code by security level. */
const integritySizes = [0, 4, 8, 16] as const;

/** CRC with the bits the other way round and zero to begin with; `polynomial` with its bits the other way round. */
function crc(d: Dissector, at: number, count: number, polynomial: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) {
    value ^= d.u8(at + i);
    for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ polynomial;
  }
  return value >>> 0;
}

/** A frame while it is read: what is left of it, without what its end has for checking. */
interface Frame {
  at: number;
  left: number;
  checkText: string;
}

/** Frames end with four or two bytes of checksum, or a capture leaves it out. */
function withoutChecksum(d: Dissector, at: number, captured: number, least: number): Frame {
  let [stored, computed] = [0, 0];
  let size = 0;
  if (captured >= 4 && captured > least) {
    stored = d.le32(at + captured - 4);
    computed = crc(d, at, captured - 4, 0xedb88320);
    if (stored === computed) size = 4;
  }
  if (size === 0 && captured >= Math.min(4, least)) {
    stored = d.le16(at + captured - 2);
    computed = crc(d, at, captured - 2, 0x8408);
    if (stored === computed) size = 2;
  }
  const checkText = stored === computed ? `FCS ${hex(stored)} ` : `wrong FCS ${hex(stored)} vs ${hex(computed)} (assume no FCS stored) `;
  return { at, left: captured - size, checkText };
}

function skip(frame: Frame, count: number): void {
  frame.at += count;
  frame.left -= count;
}

/** A PAN and an address; false: they were cut, and that was said. */
function place(d: Dissector, frame: Frame, hasPan: boolean, size: number): boolean {
  if (hasPan && frame.left < 2) {
    d.put('[ERROR: Truncated before dst_pan]');
    return false;
  }
  d.put(hasPan ? `${hex(d.le16(frame.at), 4)}:` : '-:');
  if (hasPan) skip(frame, 2);
  if (frame.left < size) {
    d.put('[ERROR: Truncated before dst_addr]');
    return false;
  }
  address(d, frame.at, size);
  skip(frame, size);
  return true;
}

/** The auxiliary security header: the level that it asks for; -1: it was cut, and that was said. */
function security(d: Dissector, frame: Frame): number {
  const { verbose } = d.options;
  const short = (count: number, what: string) => {
    if (frame.left >= count) return false;
    d.put(`[ERROR: Truncated before ${what}]`);
    return true;
  };
  if (short(1, 'Aux Security Header')) return -1;
  const control = d.u8(frame.at);
  const level = control & 7;
  const mode = (control >>> 3) & 3;
  skip(frame, 1);
  if (verbose > 0) d.put(`\n\tSecurity Level ${level}, Key Id Mode ${mode}, `);
  if ((control & 0x20) === 0) {
    if (short(4, 'Frame Counter')) return -1;
    if (verbose > 1) d.put(`Frame Counter 0x${hex(d.le32(frame.at), 8)} `);
    skip(frame, 4);
  }
  if (mode === 0) {
    if (verbose > 1) d.put('Implicit');
    return level;
  }
  if (mode === 2) {
    if (short(4, 'Key Source')) return -1;
    // As tcpdump, whose format has it so.
    if (verbose > 1) d.put(`KeySource 0x${hex(d.le16(frame.at), 4)}:${hex(d.le16(frame.at + 2))}4x, `);
    skip(frame, 4);
  } else if (mode === 3) {
    if (short(8, 'Key Source')) return -1;
    if (verbose > 1) {
      d.put('KeySource ');
      address(d, frame.at, 8);
      d.put(', ');
    }
    // As tcpdump: half of it.
    skip(frame, 4);
  }
  if (short(1, 'Key Index')) return -1;
  if (verbose > 1) d.put(`KeyIndex 0x${hex(d.u8(frame.at), 2)}, `);
  skip(frame, 1);
  return level;
}

/** What lies between addresses and payload; false: it is broken, and that was said. */
function behindAddresses(d: Dissector, frame: Frame, isSecured: boolean, hasElements: boolean): boolean {
  const level = isSecured ? security(d, frame) : 0;
  if (level < 0) return false;
  const integrity = integritySizes[level & 3]!;
  if (frame.left < integrity) {
    d.put('[ERROR: Truncated before MIC]');
    return false;
  }
  frame.left -= integrity;
  const integrityAt = frame.at + frame.left;
  const elements = hasElements ? headerElementList(d, frame.at, frame.left) : { length: 0, payload: false };
  if (elements.length < 0) return false;
  skip(frame, elements.length);
  if (elements.payload && level >= 4) d.put('Payload IEs present, but encrypted, cannot print ');
  else if (elements.payload) {
    const length = payloadElementList(d, frame.at, frame.left);
    if (length < 0) return false;
    skip(frame, length);
  }
  if (d.options.verbose < 3) return true;
  if (integrity > 0) d.put(`\n\tMIC ${d.hexOf(integrityAt, integrity)} `);
  d.put(frame.checkText);
  return true;
}

/** Which of the two PANs a frame has. */
function pans(version: number, compressed: boolean, to: number, from: number): { readonly toPan: boolean; readonly fromPan: boolean } {
  if (version < 2) return { toPan: to > 0, fromPan: from > 0 && !compressed };
  if (compressed) return { toPan: to === 0 ? from === 0 : from > 0 && !(to === 8 && from === 8), fromPan: false };
  // As tcpdump: a long source with a short destination has none either, as 6TiSCH has it.
  return { toPan: to > 0, fromPan: from > 0 && !(from === 8 && to > 0) };
}

const standardFlags = [
  [0x008, 'Security Enabled, '],
  [0x010, 'Frame Pending, '],
  [0x020, 'AR, '],
  [0x040, 'PAN ID Compression, '],
  [0x100, 'Sequence Number Suppression, '],
  [0x200, 'IE present, '],
] as const;
const multipurposeFlags = [
  [0x0200, 'Security Enabled, '],
  [0x0800, 'Frame Pending, '],
  [0x4000, 'AR, '],
  [0x0100, 'PAN ID Present, '],
  [0x0400, 'Sequence Number Suppression, '],
  [0x8000, 'IE present, '],
] as const;

const flagTexts = (flags: readonly (readonly [number, string])[], control: number) =>
  flags.map(([bit, text]) => ((control & bit) === 0 ? '' : text)).join('');

/** Sizes of the addresses; null: a mode is reserved, and that was said. */
function sizes(d: Dissector, to: number, from: number): { readonly to: number; readonly from: number } | null {
  const [toSize, fromSize] = [addressSizes[to & 3]!, addressSizes[from & 3]!];
  if (fromSize >= 0 && toSize >= 0) return { to: toSize, from: fromSize };
  d.put(`[ERROR: Invalid ${fromSize < 0 ? 'src' : 'dst'} address mode]`);
  return null;
}

function standard(d: Dissector, at: number, captured: number, control: number): number {
  const frame = withoutChecksum(d, at, captured, 3);
  const version = (control >>> 12) & 3;
  const { verbose } = d.options;
  d.put(`v${version} `);
  if (verbose > 2) d.put(flagTexts(standardFlags, control));
  if ((control & 0x100) !== 0) {
    if (version < 2) d.put('[ERROR: Sequence number suppressed on frames where version < 2]');
    if (verbose > 0) d.put('seq suppressed ');
    skip(frame, 2);
  } else {
    const number = d.u8(at + 2);
    if (verbose > 0) d.put(`seq ${hex(number, 2)} `);
    skip(frame, 3);
  }
  const size = sizes(d, control >>> 10, control >>> 14);
  if (size === null) return 0;
  const compressed = (control & 0x40) !== 0;
  if (version < 2 && compressed && (size.to === 0 || size.from === 0))
    d.put('[ERROR: PAN ID Compression != 0, and only one address with frame version < 2]');
  const { toPan, fromPan } = pans(version, compressed, size.to, size.from);
  if (!place(d, frame, toPan, size.to)) return 0;
  d.put(' < ');
  if (!place(d, frame, fromPan, size.from)) return 0;
  d.put(' ');
  if (!behindAddresses(d, frame, (control & 8) !== 0, (control & 0x200) !== 0)) return 0;
  const type = control & 7;
  if (type === BEACON && version < 2) {
    if (!beacon(d, frame)) return 1;
  } else if (type === COMMAND) command(d, frame);
  d.dump(frame.at, frame.left);
  return 1;
}

function beacon(d: Dissector, frame: Frame): boolean {
  if (frame.left < 2) d.put('[ERROR: Truncated before beacon information]');
  else {
    superframe(d, d.le16(frame.at));
    skip(frame, 2);
    if (frame.left < 1) d.put('[ERROR: Truncated before GTS info]');
    else {
      const slots = timeSlots(d, frame.at, frame.left);
      if (slots < 0) return false;
      skip(frame, slots);
      if (frame.left < 1) d.put('[ERROR: Truncated before pending addresses]');
      else {
        const pending = pendingAddresses(d, frame.at, frame.left);
        if (pending < 0) return false;
        skip(frame, pending);
        return true;
      }
    }
  }
  return false;
}

const capabilityBits = [
  [0x04, 'AC powered, '],
  [0x08, 'Receiver on when idle, '],
  [0x10, 'Fast association, '],
  [0x40, 'Security supported, '],
  [0x80, 'Allocate address, '],
] as const;
const associationWords: Readonly<Record<number, string>> = {
  0x00: 'Association successful',
  0x01: 'PAN at capacity',
  0x02: 'PAN access denied',
  // As tcpdump spells it.
  0x03: 'Hooping sequence offset duplication',
  0x80: 'Fast association successful',
};
const departureWords: Readonly<Record<number, string>> = {
  0: 'Reserved',
  1: 'Reason = The coordinator wishes the device to leave PAN',
  2: 'Reason = The device wishes to leave the PAN',
};

type CommandBody = readonly [name: string, least: number, most: number, show: (d: Dissector, at: number, length: number) => void];

const commandBodies: Readonly<Record<number, CommandBody>> = {
  0x01: [
    'Association request',
    1,
    1,
    (d, at) => d.put(`${(d.u8(at) & 2) === 0 ? 'RFD, ' : 'FFD, '}${flagTexts(capabilityBits, d.u8(at))}`),
  ],
  0x02: [
    'Association response',
    3,
    3,
    (d, at) => {
      d.put('Short address = ');
      address(d, at, 2);
      d.put(`, ${associationWords[d.u8(at + 2)] ?? `Status = 0x${hex(d.u8(at + 2), 2)}`}`);
    },
  ],
  0x03: [
    'Disassociation Notification',
    1,
    1,
    // As tcpdump: an unknown reason is read two bytes on.
    (d, at) => d.put(departureWords[d.u8(at)] ?? `Reason = 0x${hex(d.u8(at + 2), 2)}`),
  ],
  0x08: [
    'Coordinator Realignment',
    7,
    8,
    (d, at, length) => {
      d.put(`Pan ID = 0x${hex(d.le16(at), 4)}, Coordinator short address = `);
      address(d, at + 2, 2);
      const page = length === 8 ? d.u8(at + 7) : 0x80;
      const channel = d.u8(at + 4);
      if ((page & 0x80) === 0) d.put(`, Channel Number = ${channel}, page = ${page}`);
      else d.put(`, Channel Number = ${channel | ((page & 0x7f) << 8)}`);
      d.put(', Short address = ');
      address(d, at + 5, 2);
    },
  ],
  0x09: [
    'GTS Request',
    1,
    1,
    (d, at) => {
      const field = d.u8(at);
      const direction = (field & 0x10) === 0 ? 'Transmit' : 'Receive';
      d.put(`GTS Length = ${field & 0xf}, ${direction}-only GTS, ${(field & 0x20) === 0 ? 'GTS deallocations' : 'GTS allocation'}`);
    },
  ],
};

function command(d: Dissector, frame: Frame): void {
  if (frame.left < 1) return d.put('[ERROR: Truncated before Command ID]');
  const id = d.u8(frame.at);
  d.put(`Command ID = ${commandName(id)} `);
  skip(frame, 1);
  if (frame.left === 0 || (id >= 0x04 && id <= 0x07)) return;
  const body = commandBodies[id];
  if (body === undefined) {
    d.put('Command Data = ');
    return spacedBytes(d, frame.at, frame.left);
  }
  const [name, least, most, show] = body;
  if (frame.left < least || frame.left > most) return d.put(`Invalid ${name} command length`);
  show(d, frame.at, frame.left);
  skip(frame, frame.left);
}

function multipurpose(d: Dissector, at: number, captured: number, control: number): number {
  const frame = withoutChecksum(d, at, captured, 4);
  const isLong = (control & 8) !== 0;
  const { verbose } = d.options;
  if (isLong) {
    d.put(`v${(control >>> 12) & 3} `);
    if (verbose > 2) d.put(flagTexts(multipurposeFlags, control));
  }
  const header = isLong ? 2 : 1;
  const isNumbered = !isLong || (control & 0x400) === 0;
  if (isNumbered) {
    const number = d.u8(at + header);
    if (verbose > 0) d.put(`seq ${hex(number, 2)} `);
  }
  skip(frame, header + (isNumbered ? 1 : 0));
  const size = sizes(d, control >>> 4, control >>> 6);
  if (size === null || !place(d, frame, isLong && (control & 0x100) !== 0, size.to)) return 0;
  d.put(' <  ');
  if (!place(d, frame, false, size.from)) return 0;
  d.put(' ');
  if (!behindAddresses(d, frame, isLong && (control & 0x200) !== 0, isLong && (control & 0x8000) !== 0)) return 0;
  d.dump(frame.at, frame.left);
  return 1;
}

function print(d: Dissector, at: number, captured: number): number {
  d.protocol = '802.15.4';
  if (captured < 2) {
    d.truncated();
    return captured;
  }
  const control = d.le16(at);
  const type = control & 7;
  d.put(`IEEE 802.15.4 ${frameTypes[type]} packet `);
  if (type <= COMMAND) return standard(d, at, captured, control);
  return type === MULTIPURPOSE ? multipurpose(d, at, captured, control) : 0;
}

/** With a checksum or without: both are tried. Behind the TAP header, which has TLVs of the receiver, lies the same. */
export const lowRateLinks: readonly LinkPrinter[] = [
  { types: [195, 230], print: (d, at, _length, captured) => print(d, at, captured) },
  {
    types: [283],
    print(d, at, _length, captured) {
      d.protocol = '802.15.4_tap';
      const length = captured < TAP_HEADER ? TAP_HEADER : d.le16(at + 2);
      if (captured >= TAP_HEADER && (d.u8(at) !== 0 || length < TAP_HEADER)) {
        d.invalid();
        return 0;
      }
      if (captured < length) {
        d.truncated();
        return captured;
      }
      return length + print(d, at + length, captured - length);
    },
  },
];
