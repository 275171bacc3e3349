// IEEE 802.11 frames.
import type { Dissector } from '../dissector.js';
import { hex, word } from '../words.js';
import type { LinkPrinter } from './registry-types.js';
import { managementBody, managementName } from './wlan-management.js';
import { controlWords } from './wlan-words.js';

const MANAGEMENT = 0;
const CONTROL = 1;
const DATA = 2;
const MANAGEMENT_HEADER = 24;
const TO_DS = 0x0100;
const FROM_DS = 0x0200;
const PROTECTED = 0x4000;
const QOS = 8;
const NULL_DATA = 4;
const POWER_SAVE_POLL = 10;
const BLOCK_ACK_REQUEST = 8;

const typeOf = (control: number) => (control >>> 2) & 3;
const subtypeOf = (control: number) => (control >>> 4) & 0xf;

/** Bytes of a control frame's header by subtype. */
const controlHeaders: Readonly<Record<number, number>> = { 7: 16, 8: 20, 9: 10, 10: 16, 11: 16, 12: 10, 13: 10, 14: 16, 15: 16 };

/** 0: nothing knows the frame, which was said. */
function headerLength(d: Dissector, control: number): number {
  const subtype = subtypeOf(control);
  switch (typeOf(control)) {
    case MANAGEMENT:
      return MANAGEMENT_HEADER;
    case CONTROL:
      if (controlHeaders[subtype] === undefined) d.put(`unknown 802.11 ctrl frame subtype (${subtype})`);
      return controlHeaders[subtype] ?? 0;
    case DATA:
      return ((control & TO_DS) !== 0 && (control & FROM_DS) !== 0 ? 30 : 24) + ((subtype & QOS) === 0 ? 0 : 2);
    default:
      d.put(`unknown 802.11 frame type (${typeOf(control)})`);
      return 0;
  }
}

const flagWords = [
  [0x2000, 'More Data '],
  [0x0400, 'More Fragments '],
  [0x1000, 'Pwr Mgmt '],
  [0x0800, 'Retry '],
  [0x8000, 'Strictly Ordered '],
  [PROTECTED, 'Protected '],
] as const;

function header(d: Dissector, at: number, control: number, length: number, meshLength: number): void {
  if (d.options.verbose > 0) {
    for (const [bit, name] of flagWords) if ((control & bit) !== 0) d.put(name);
    if (typeOf(control) !== CONTROL || subtypeOf(control) !== POWER_SAVE_POLL) d.put(`${d.le16(at + 2)}us `);
  }
  if (meshLength !== 0) mesh(d, at + length - meshLength);
  const mac = (offset: number) => d.mac(at + offset);
  switch (typeOf(control)) {
    case MANAGEMENT:
      d.put(`BSSID:${mac(16)} DA:${mac(4)} SA:${mac(10)} `);
      break;
    case CONTROL:
      d.put(controlAddresses(d, at, subtypeOf(control)));
      break;
    default:
      dataHeader(d, at, control);
  }
}

function mesh(d: Dissector, at: number): void {
  const extra = d.u8(at) & 3;
  d.put(`MeshData (AE ${extra} TTL ${d.u8(at + 1)} seq ${d.le32(at + 2)}`);
  for (let n = 0; n < extra; n++) d.put(` A${n + 4}:${d.mac(at + 6 + n * 6)}`);
  d.put(') ');
}

function controlAddresses(d: Dissector, at: number, subtype: number): string {
  const mac = (offset: number) => d.mac(at + offset);
  switch (subtype) {
    case BLOCK_ACK_REQUEST:
      return ` RA:${mac(4)} TA:${mac(10)} CTL(${hex(d.le16(at + 16))}) SEQ(${d.le16(at + 18)}) `;
    case POWER_SAVE_POLL:
      return `BSSID:${mac(4)} TA:${mac(10)} `;
    case 11:
      return `RA:${mac(4)} TA:${mac(10)} `;
    case 9:
    case 12:
    case 13:
      return `RA:${mac(4)} `;
    case 14:
    case 15:
      return `RA:${mac(4)} BSSID:${mac(10)} `;
    default:
      return '';
  }
}

const contentionFree = ['', 'Ack', 'Poll', 'Ack/Poll'];

function dataHeader(d: Dissector, at: number, control: number): void {
  const subtype = subtypeOf(control);
  if ((subtype & (QOS | 3)) !== 0) d.put(`CF ${contentionFree[subtype & 3]}${(subtype & QOS) === 0 ? '' : '+QoS'} `);
  const mac = (offset: number) => d.mac(at + offset);
  const [one, two, three] = [mac(4), mac(10), mac(16)];
  const to = (control & TO_DS) !== 0;
  const from = (control & FROM_DS) !== 0;
  if (to && from) d.put(`RA:${one} TA:${two} DA:${three} SA:${mac(24)} `);
  else if (to) d.put(`BSSID:${one} SA:${two} DA:${three} `);
  else if (from) d.put(`DA:${one} BSSID:${two} SA:${three} `);
  else d.put(`DA:${one} SA:${two} BSSID:${three} `);
}

/** The header of WEP and what followed it; false: its end is missing. */
function encrypted(d: Dissector, at: number): boolean {
  if (!d.has(at, 4)) return false;
  const vector = d.le32(at);
  d.put(` IV:${hex(vector & 0xffffff).padStart(3)} Pad ${hex((vector >>> 24) & 0x3f)} KeyID ${hex(vector >>> 30)}`);
  return true;
}

function controlBody(d: Dissector, at: number, subtype: number): boolean {
  d.put(word(controlWords, subtype, () => 'Unknown Ctrl Subtype'));
  const length = controlHeaders[subtype];
  if (length === undefined || subtype === 7) return true;
  if (!d.has(at, length)) return false;
  if (subtype === POWER_SAVE_POLL) d.put(` AID(${hex(d.le16(at + 2))})`);
  else if (!d.options.linkLayer) {
    if (subtype === BLOCK_ACK_REQUEST) d.put(controlAddresses(d, at, subtype));
    else d.put(subtype === 11 ? ` TA:${d.mac(at + 10)} ` : ` RA:${d.mac(at + 4)} `);
  }
  return true;
}

/**
 * A frame; `padded`: its header is filled up to a multiple of four; `checksum`: how many bytes of a frame check sequence follow.
 * Returns how long its headers were.
 */
export function wlan(d: Dissector, at: number, fullLength: number, fullCaptured: number, padded = false, checksum = 0): number {
  d.protocol = '802.11';
  d.enter();
  let length = fullLength;
  let captured = fullCaptured;
  if (length < checksum) {
    d.truncated();
    return captured;
  }
  length -= checksum;
  if (captured > length) {
    d.end -= captured - length;
    captured = length;
  }
  if (captured < 2) {
    d.truncated();
    return fullCaptured;
  }
  const control = d.le16(at);
  const subtype = subtypeOf(control);
  let size = headerLength(d, control);
  if (size === 0) return 0;
  if (padded) size = (size + 3) & ~3;
  let meshLength = 0;
  if (d.options.meshHeaders && typeOf(control) === DATA && (subtype & QOS) !== 0) {
    if (!d.has(at + size, 1)) {
      d.truncated();
      return size;
    }
    const flags = d.u8(at + size);
    meshLength = (flags & ~3) !== 0 ? 0 : 6 * (1 + (flags & 3));
    size += meshLength;
  }
  if (captured < size) {
    d.truncated();
    return size;
  }
  if (d.options.linkLayer) header(d, at, control, size, meshLength);
  return body(d, at, control, size, length - size, captured - size);
}

function body(d: Dissector, frame: number, control: number, size: number, length: number, captured: number): number {
  const subtype = subtypeOf(control);
  const at = frame + size;
  let whole = true;
  switch (typeOf(control)) {
    case MANAGEMENT:
      d.put(managementName(subtype));
      whole = (control & PROTECTED) !== 0 ? encrypted(d, at) : managementBody(d, subtype, frame + 10, at, length);
      break;
    case CONTROL:
      whole = controlBody(d, frame, subtype);
      break;
    default: {
      if ((subtype & NULL_DATA) !== 0) return size;
      if ((control & PROTECTED) !== 0) {
        d.put('Data');
        whole = encrypted(d, at);
        break;
      }
      const to = (control & TO_DS) !== 0;
      const from = (control & FROM_DS) !== 0;
      const addresses = { source: frame + (from ? (to ? 24 : 16) : 10), destination: frame + (to ? 16 : 4) };
      const header = d.registry.llc(d, at, length, captured, addresses);
      if (header >= 0) return size + header;
      d.dump(at, captured);
      return size - header;
    }
  }
  if (!whole) d.truncated();
  return size;
}

export const wlanLink: LinkPrinter = { types: [105], print: (d, at, length, captured) => wlan(d, at, length, captured) };
