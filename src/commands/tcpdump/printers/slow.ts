// Slow protocols of IEEE 802.3: LACP and marker (802.1AX), OAM.
import type { Dissector } from '../dissector.js';
import { bits, hex0x, type Words, word } from '../words.js';
import type { EthertypePrinter } from './registry-types.js';

const LACP = 1;
const MARKER = 2;
const OAM = 3;
const VERSION = 1;
const FIELD_HEADER = 2;
const ACTOR = 1;
const PARTNER = 2;
const COLLECTOR = 3;

const protocolWords: Words = { 1: 'LACP', 2: 'MARKER', 3: 'OAM' };
const lacpFieldWords: Words = { 0: 'Terminator', 1: 'Actor Information', 2: 'Partner Information', 3: 'Collector Information' };
const markerFieldWords: Words = { 0: 'Terminator', 1: 'Marker Information' };
const stateBits = [
  [0x01, 'Activity'],
  [0x02, 'Timeout'],
  [0x04, 'Aggregation'],
  [0x08, 'Synchronization'],
  [0x10, 'Collecting'],
  [0x20, 'Distributing'],
  [0x40, 'Default'],
  [0x80, 'Expired'],
] as const;
const oamFlagBits = [
  [0x01, 'Link Fault'],
  [0x02, 'Dying Gasp'],
  [0x04, 'Critical Event'],
  [0x08, 'Local Evaluating'],
  [0x10, 'Local Stable'],
  [0x20, 'Remote Evaluating'],
  [0x40, 'Remote Stable'],
] as const;
const oamCodeWords: Words = {
  0x00: 'Information',
  0x01: 'Event Notification',
  0x02: 'Variable Request',
  0x03: 'Variable Response',
  0x04: 'Loopback Control',
  0xfe: 'Vendor Private',
};

function slow(d: Dissector, at: number, length: number): void {
  d.protocol = 'slow';
  const verbose = d.options.verbose > 0;
  const tooShort = () => d.put(verbose ? '\n\t\t packet is too short' : ' (packet is too short)');
  if (length < 1) return tooShort();
  const protocol = d.u8(at);
  const versioned = protocol === LACP || protocol === MARKER;
  if (versioned && length < 2) return tooShort();
  const name = word(protocolWords, protocol, (n) => `unknown (${n})`);
  if (versioned && d.u8(at + 1) !== VERSION) return d.put(`${name} version ${d.u8(at + 1)} packet not supported`);
  d.put(`${name}${versioned ? `v${VERSION}` : ''}, length ${length}`);
  if (!versioned && protocol !== OAM) return d.unknown(at, '\n\t', length);
  if (!verbose) return;
  if (versioned) fields(d, protocol, at + 2, length - 2);
  else oam(d, at + 1, length - 1);
}

function fields(d: Dissector, protocol: number, from: number, length: number): void {
  let at = from;
  for (let left = length; left > 0; ) {
    if (left < FIELD_HEADER) return d.put('\n\t\t packet is too short');
    const type = d.u8(at);
    const bytes = d.u8(at + 1);
    const name = word(protocol === LACP ? lacpFieldWords : markerFieldWords, type, () => 'Unknown');
    d.put(`\n\t${name} TLV (${hex0x(type, 2)}), length ${bytes}`);
    if (type === 0) return;
    if (bytes < FIELD_HEADER) return d.put(`\n\t    ERROR: illegal length - should be >= ${FIELD_HEADER}`);
    if (left < bytes) return d.put('\n\t\t packet is too short');
    d.need(at, bytes);
    field(d, protocol, type, at + FIELD_HEADER, bytes - FIELD_HEADER);
    if (d.options.verbose > 1) d.unknown(at + FIELD_HEADER, '\n\t  ', bytes - FIELD_HEADER);
    at += bytes;
    left -= bytes;
  }
}

function field(d: Dissector, protocol: number, type: number, at: number, length: number): void {
  const wrong = (right: number) => {
    if (length === right) return false;
    d.put(`\n\t    ERROR: illegal length - should be ${right + FIELD_HEADER}`);
    return true;
  };
  if (protocol === LACP && (type === ACTOR || type === PARTNER)) {
    if (wrong(18)) return;
    d.put(`\n\t  System ${d.mac(at + 2)}, System Priority ${d.be16(at)}, Key ${d.be16(at + 8)}`);
    d.put(`, Port ${d.be16(at + 12)}, Port Priority ${d.be16(at + 10)}\n\t  State Flags [${bits(stateBits, d.u8(at + 14))}]`);
  } else if (protocol === LACP && type === COLLECTOR) {
    if (!wrong(14)) d.put(`\n\t  Max Delay ${d.be16(at)}`);
  } else if (protocol === MARKER && type === 1) {
    if (wrong(14)) return;
    d.put(`\n\t  Request System ${d.mac(at + 2)}, Request Port ${d.be16(at)}, Request Transaction ID ${hex0x(d.be32(at + 8), 8)}`);
  } else if (d.options.verbose <= 1) d.unknown(at, '\n\t  ', length);
}

/** What kind of message, and its bytes. */
function oam(d: Dissector, at: number, length: number): void {
  if (length < 3) return d.put('\n\t\t packet is too short');
  d.put(`\n\tCode ${word(oamCodeWords, d.u8(at + 2), (n) => `Unknown (${n})`)} OAM PDU, Flags [${bits(oamFlagBits, d.be16(at))}]`);
  d.unknown(at + 3, '\n\t  ', length - 3);
}

export const slowType: EthertypePrinter = { types: [0x8809], print: slow };
