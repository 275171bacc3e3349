// LLDP, IEEE 802.1AB.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { organisations } from '../names.js';
import { bits, hex0x, type Words, word } from '../words.js';
import { familyWords } from './address-families.js';
import { organisationOf } from './lldp-organisations.js';
import type { EthertypePrinter } from './registry-types.js';

const kinds: Words = {
  0: 'End',
  1: 'Chassis ID',
  2: 'Port ID',
  3: 'Time to Live',
  4: 'Port Description',
  5: 'System Name',
  6: 'System Description',
  7: 'System Capabilities',
  8: 'Management Address',
  127: 'Organization specific',
};
const MAC = 'mac';
const NETWORK = 'network';
type IdKind = readonly [name: string, form?: typeof MAC | typeof NETWORK];
const chassisIds: Readonly<Record<number, IdKind>> = {
  1: ['Chassis component'],
  2: ['Interface alias'],
  3: ['Port component'],
  4: ['MAC address', MAC],
  5: ['Network address', NETWORK],
  6: ['Interface name'],
  7: ['Local'],
};
const portIds: Readonly<Record<number, IdKind>> = {
  1: ['Interface alias'],
  2: ['Port component'],
  3: ['MAC address', MAC],
  4: ['Network Address', NETWORK],
  5: ['Interface Name'],
  6: ['Agent circuit ID'],
  7: ['Local'],
};
const capabilities = [
  [0x01, 'Other'],
  [0x02, 'Repeater'],
  [0x04, 'Bridge'],
  [0x08, 'WLAN AP'],
  [0x10, 'Router'],
  [0x20, 'Telephone'],
  [0x40, 'Docsis'],
  [0x80, 'Station Only'],
] as const;
const numberings: Words = { 2: 'Interface Index', 3: 'System Port Number' };
const unknown = () => 'Unknown';

function lldp(d: Dissector, from: number, length: number): void {
  d.protocol = 'lldp';
  d.put(`LLDP, length ${length}`);
  const { verbose } = d.options;
  const end = from + length;
  for (let at = from; end - at >= 2; ) {
    const head = d.be16(at);
    const kind = head >>> 9;
    const size = head & 0x1ff;
    at += 2;
    if (verbose > 0) d.put(`\n\t${word(kinds, kind, unknown)} TLV (${kind}), length ${size}`);
    if (kind === 0 || size === 0) return;
    d.need(at, size);
    if (end - at < size) throw TRUNCATED;
    const known = element(d, kind, at, size);
    if (verbose > 1 || (verbose > 0 && !known)) d.unknown(at, '\n\t  ', size);
    at += size;
  }
}

/** Prints one; false: it is not known, and to be shown in hex. */
function element(d: Dissector, kind: number, at: number, size: number): boolean {
  if (kind === 5) {
    d.put(': ');
    d.charsToZero(at, size);
    return true;
  }
  if (d.options.verbose === 0) return kind <= 8 || kind === 127;
  switch (kind) {
    case 1:
      return identity(d, chassisIds, at, size);
    case 2:
      return identity(d, portIds, at, size);
    case 3:
      least(size, 2);
      d.put(`: TTL ${d.be16(at)}s`);
      return true;
    case 4:
    case 6:
      d.put(kind === 4 ? ': ' : '\n\t  ');
      d.charsToZero(at, size);
      return true;
    case 7: {
      least(size, 4);
      const [own, enabled] = [d.be16(at), d.be16(at + 2)];
      d.put(`\n\t  System  Capabilities [${bits(capabilities, own)}] (${hex0x(own, 4)})`);
      d.put(`\n\t  Enabled Capabilities [${bits(capabilities, enabled)}] (${hex0x(enabled, 4)})`);
      return true;
    }
    case 8:
      managementAddress(d, at, size);
      return true;
    case 127: {
      least(size, 3);
      const organisation = d.be24(at);
      d.put(`: OUI ${word(organisations, organisation, unknown)} (${hex0x(organisation, 6)})`);
      return organisationOf(d, organisation, at, size);
    }
  }
  return false;
}

function least(size: number, wanted: number): void {
  if (size < wanted) throw TRUNCATED;
}

function identity(d: Dissector, known: Readonly<Record<number, IdKind>>, at: number, size: number): boolean {
  least(size, 2);
  const subtype = d.u8(at);
  const [name, form] = known[subtype] ?? ['Unknown'];
  d.put(`\n\t  Subtype ${name} (${subtype}): `);
  if (known[subtype] === undefined) return false;
  if (form === MAC) {
    least(size, 7);
    d.put(d.mac(at + 1));
  } else if (form === NETWORK) d.put(networkAddress(d, at + 1, size - 1));
  else d.charsToZero(at + 1, size - 1);
  return true;
}

function networkAddress(d: Dissector, at: number, size: number): string {
  least(size, 1);
  const family = d.u8(at);
  const text = `AFI ${word(familyWords, family, unknown)} (${family})`;
  switch (family) {
    case 1:
      least(size, 5);
      return `${text}: ${d.ip(at + 1)}`;
    case 2:
      least(size, 17);
      return `${text}: ${d.ip6(at + 1)}`;
    case 6:
      least(size, 7);
      return `${text}: ${d.mac(at + 1)}`;
    default:
      return `${text}, no AF printer !`;
  }
}

function managementAddress(d: Dissector, from: number, size: number): void {
  const end = from + size;
  const length = d.u8(from);
  let at = from + 1;
  least(end - at, length);
  d.put(`\n\t  Management Address length ${length}, ${networkAddress(d, at, length)}`);
  at += length;
  least(end - at, 5);
  const numbering = d.u8(at);
  d.put(`\n\t  ${word(numberings, numbering, unknown)} Interface Numbering (${numbering}): ${d.be32(at + 1)}`);
  at += 5;
  if (at >= end) return;
  const identifier = d.u8(at);
  least(end - at, 1 + identifier);
  if (identifier === 0) return;
  d.put(`\n\t  OID length ${identifier}`);
  d.charsToZero(at + 1, identifier);
}

export const lldpType: EthertypePrinter = { types: [0x88cc], print: lldp };
