// Parts of IEEE 802.15.4 frames that beacons and information elements share: addresses, superframes, pending addresses.
import type { Dissector } from '../dissector.js';
import { hex } from '../words.js';

/** Bytes from `at` on in hex, each with a space behind. */
export function spacedBytes(d: Dissector, at: number, count: number): void {
  for (let i = 0; i < count; i++) d.put(`${hex(d.u8(at + i), 2)} `);
}

/** Six bytes and fewer, the lowest first. */
export function little(d: Dissector, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + d.u8(at + i);
  return value;
}

/** An address of no, two or eight bytes. */
export function address(d: Dissector, at: number, size: number): void {
  if (size === 0) return d.put('none');
  if (size === 2) return d.put(hex(d.le16(at), 4));
  d.need(at, size);
  d.put([7, 6, 5, 4, 3, 2, 1, 0].map((i) => hex(d.u8(at + i), 2)).join(':'));
}

export function superframe(d: Dissector, field: number): void {
  if (d.options.verbose < 1) return;
  d.put(`\n\tBeacon order = ${field & 0xf}, Superframe order = ${(field >>> 4) & 0xf}, Final CAP Slot = ${(field >>> 8) & 0xf}`);
  if ((field & 0x1000) !== 0) d.put(', BLE enabled');
  if ((field & 0x4000) !== 0) d.put(', PAN Coordinator');
  if ((field & 0x8000) !== 0) d.put(', Association Permit');
}

/** Guaranteed time slots; how many bytes they take, -1: they were cut. */
export function timeSlots(d: Dissector, at: number, left: number): number {
  const count = d.u8(at) & 7;
  const { verbose } = d.options;
  if (count === 0) {
    if (verbose > 0) d.put('\n\tGTS Descriptor Count = 0, ');
    return 1;
  }
  const length = 2 + count * 3;
  if (left < length) {
    d.put(' [ERROR: Truncated GTS Info List]');
    return -1;
  }
  if (verbose < 2) return length;
  d.put(`GTS Descriptor Count = ${count}, GTS Directions Mask = ${hex(d.u8(at + 1) & 0x7f, 2)}, [ `);
  for (let i = 0; i < count; i++) {
    d.put('[ ');
    address(d, at + 2 + i * 3, 2);
    const slots = d.u8(at + 3 + i * 3);
    d.put(`, Start slot = ${slots & 0xf}, Length = ${slots >>> 4} ] `);
  }
  d.put(']');
  return length;
}

/** Devices that data waits for; how many bytes they take, -1: they were cut. */
export function pendingAddresses(d: Dissector, at: number, left: number): number {
  const short = d.u8(at) & 7;
  const long = (d.u8(at) >>> 4) & 7;
  const length = 1 + short * 2 + long * 8;
  const { verbose } = d.options;
  if (verbose > 0) d.put(`\n\tPending address list, # short addresses = ${short}, # extended addresses = ${long}`);
  if (left < length) {
    d.put(' [ERROR: Pending address list truncated]');
    return -1;
  }
  if (verbose < 2) return length;
  const list = (name: string, from: number, count: number, size: number) => {
    if (count === 0) return;
    d.put(`, ${name} address list = [ `);
    for (let i = 0; i < count; i++) {
      address(d, from + i * size, size);
      d.put(' ');
    }
    d.put(']');
  };
  list('Short', at + 1, short, 2);
  list('Extended', at + 1 + short * 2, long, 8);
  return length;
}
