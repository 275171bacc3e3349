// What GMPLS (RFC 3471, RFC 4203), DiffServ-aware TE (RFC 4124) and their kin call their numbers; OSPF, IS-IS, RSVP and LMP share them.
import type { Bits, Words } from '../words.js';

export const linkProtectionBits: Bits = [
  [0x01, 'Extra Traffic'],
  [0x02, 'Unprotected'],
  [0x04, 'Shared'],
  [0x08, 'Dedicated 1:1'],
  [0x10, 'Dedicated 1+1'],
  [0x20, 'Enhanced'],
  [0x40, 'Reserved'],
  [0x80, 'Reserved'],
];

export const switchingWords: Words = {
  1: 'Packet-Switch Capable-1',
  2: 'Packet-Switch Capable-2',
  3: 'Packet-Switch Capable-3',
  4: 'Packet-Switch Capable-4',
  51: 'Layer-2 Switch Capable',
  100: 'Time-Division-Multiplex',
  150: 'Lambda-Switch Capable',
  200: 'Fiber-Switch Capable',
};

export const encodingWords: Words = {
  1: 'Packet',
  2: 'Ethernet V2/DIX',
  3: 'ANSI/ETSI PDH',
  4: 'Reserved',
  5: 'SDH ITU-T G.707/SONET ANSI T1.105',
  7: 'Digital Wrapper',
  8: 'Lambda (photonic)',
  9: 'Fiber',
  11: 'FiberChannel',
};

export const bandwidthModelWords: Words = { 0: 'Russian dolls', 1: 'Maximum allocation' };

/** A rate of bytes a second, as IEEE float, in Mbit/s: "100.000 Mbps". */
export const megabits = (bytesPerSecond: number) => `${fixed((bytesPerSecond * 8) / 1_000_000)} Mbps`;

/** printf's %.3f, of huge numbers and of those that are none as well. */
export function fixed(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Math.abs(value) < 1e21) return value.toFixed(3);
  return `${BigInt(value)}.000`;
}
