// TLVs of LLDP that belong to IEEE 802.1, IEEE 802.3 and IANA.
import type { Dissector } from '../dissector.js';
import { bits, hex0x, type Words, word } from '../words.js';
import { bridgingTlvs } from './lldp-bridging.js';

const IANA = 0x00005e;
const IEEE_8021 = 0x0080c2;
const IEEE_8023 = 0x00120f;
const unknown = () => 'unknown';

const subtypes8021: Words = {
  1: 'Port VLAN Id',
  2: 'Port and Protocol VLAN ID',
  3: 'VLAN name',
  4: 'Protocol Identity',
  7: 'Link aggregation',
  8: 'Congestion Notification',
  9: 'ETS Configuration',
  10: 'ETS Recommendation',
  11: 'Priority Flow Control Configuration',
  12: 'Application Priority',
  13: 'EVB',
  14: 'CDCP',
};
const subtypes8023: Words = { 1: 'MAC/PHY configuration/status', 2: 'Power via MDI', 3: 'Link aggregation', 4: 'Max frame size' };
const protocolVlanFlags = [
  [2, 'supported'],
  [4, 'enabled'],
] as const;
const supported = [
  [1, 'supported'],
  [2, 'enabled'],
] as const;
const autonegotiation = [
  [1 << 14, '10BASE-T hdx'],
  [1 << 13, '10BASE-T fdx'],
  [1 << 12, '100BASE-T4'],
  [1 << 11, '100BASE-TX hdx'],
  [1 << 10, '100BASE-TX fdx'],
  [1 << 9, '100BASE-T2 hdx'],
  [1 << 8, '100BASE-T2 fdx'],
  [1 << 7, 'Pause for fdx links'],
  [1 << 6, 'Asym PAUSE for fdx'],
  [1 << 5, 'Sym PAUSE for fdx'],
  [1 << 4, 'Asym and Sym PAUSE for fdx'],
  [1 << 3, '1000BASE-{X LX SX CX} hdx'],
  [1 << 2, '1000BASE-{X LX SX CX} fdx'],
  [1 << 1, '1000BASE-T hdx'],
  [1 << 0, '1000BASE-T fdx'],
] as const;
/** By their number. */
const attachmentUnits = [
  ['Unknown', 'AUI', '10BASE_5', 'FOIRL', '10BASE2', '10BASET duplex mode unknown', '10BASEFP', '10BASEFB'],
  ['10BASEFL duplex mode unknown', '10BROAD36', '10BASET hdx', '10BASET fdx', '10BASEFL hdx', '10BASEFL fdx', '100BASET4'],
  ['100BASETX hdx', '100BASETX fdx', '100BASEFX hdx', '100BASEFX fdx', '100BASET2 hdx', '100BASET2 fdx', '1000BASEX hdx'],
  ['1000BASEX fdx', '1000BASELX hdx', '1000BASELX fdx', '1000BASESX hdx', '1000BASESX fdx', '1000BASECX hdx', '1000BASECX fdx'],
  ['1000BASET hdx', '1000BASET fdx', '10GBASEX', '10GBASELX4', '10GBASER', '10GBASEER', '10GBASELR', '10GBASESR', '10GBASEW'],
  ['10GBASEEW', '10GBASELW', '10GBASESW'],
].flat();
const power = [
  [1, 'PSE'],
  [2, 'supported'],
  [4, 'enabled'],
  [8, 'can be controlled'],
] as const;
const powerPairs: Words = { 1: 'signal', 2: 'spare' };
const powerClasses: Words = { 1: 'class0', 2: 'class1', 3: 'class2', 4: 'class3', 5: 'class4' };

/** Prints what an organisation's TLV says; false: it is to be shown in hex. */
export function organisationOf(d: Dissector, organisation: number, at: number, size: number): boolean {
  if (organisation === IANA) return manufacturer(d, at, size);
  if (organisation !== IEEE_8021 && organisation !== IEEE_8023) return false;
  if (size < 4) return true;
  const subtype = d.u8(at + 3);
  d.put(`\n\t  ${word(organisation === IEEE_8021 ? subtypes8021 : subtypes8023, subtype, unknown)} Subtype (${subtype})`);
  return organisation === IEEE_8021 ? bridging(d, subtype, at, size) : ethernet(d, subtype, at, size);
}

/** RFC 8520 */
function manufacturer(d: Dissector, at: number, size: number): boolean {
  if (size < 8) return true;
  const subtype = d.u8(at + 3);
  d.put(`\n\t  ${subtype === 1 ? 'MUD-URL' : 'unknown'} Subtype (${subtype})`);
  if (subtype !== 1) return false;
  d.put('\n\t  MUD-URL=');
  d.chars(at + 4, size - 4);
  return true;
}

function bridging(d: Dissector, subtype: number, at: number, size: number): boolean {
  const known = bridgingTlvs[subtype];
  if (known !== undefined) {
    if (size < known.least) return true;
    known.print(d, at, size);
    return true;
  }
  switch (subtype) {
    case 1:
      if (size >= 6) d.put(`\n\t    port vlan id (PVID): ${d.be16(at + 4)}`);
      return true;
    case 2: {
      if (size < 7) return true;
      const flags = d.u8(at + 4);
      const names = bits(protocolVlanFlags, flags);
      d.put(`\n\t    port and protocol vlan id (PPVID): ${d.be16(at + 5)}, flags [${names}] (${hex0x(flags, 2)})`);
      return true;
    }
    case 3:
      if (size < 6) return true;
      d.put(`\n\t    vlan id (VID): ${d.be16(at + 4)}`);
      text(d, 'vlan name', at + 6, size - 6);
      return true;
    case 4:
      text(d, 'protocol identity', at + 4, size - 4);
      return true;
    case 7:
      aggregation(d, at, size);
      return true;
  }
  return false;
}

/** A string behind its length, if all of it is there. */
function text(d: Dissector, name: string, at: number, left: number): void {
  if (left < 1) return;
  const length = d.u8(at);
  if (left < 1 + length) return;
  d.put(`\n\t    ${name}: `);
  d.charsToZero(at + 1, length);
}

function aggregation(d: Dissector, at: number, size: number): void {
  if (size < 9) return;
  d.put(`\n\t    aggregation status [${bits(supported, d.u8(at + 4))}], aggregation port ID ${d.be32(at + 5)}`);
}

function ethernet(d: Dissector, subtype: number, at: number, size: number): boolean {
  switch (subtype) {
    case 1: {
      if (size < 9) return true;
      const [status, modes, unit] = [d.u8(at + 4), d.be16(at + 5), d.be16(at + 7)];
      d.put(`\n\t    autonegotiation [${bits(supported, status)}] (${hex0x(status, 2)})`);
      d.put(`\n\t    PMD autoneg capability [${bits(autonegotiation, modes, 'unknown')}] (${hex0x(modes, 4)})`);
      d.put(`\n\t    MAU type ${attachmentUnits[unit] ?? 'unknown'} (${hex0x(unit, 4)})`);
      return true;
    }
    case 2: {
      if (size < 7) return true;
      const pair = word(powerPairs, d.u8(at + 5), unknown);
      d.put(`\n\t    MDI power support [${bits(power, d.u8(at + 4))}], power pair ${pair}`);
      d.put(`, power class ${word(powerClasses, d.u8(at + 6), unknown)}`);
      return true;
    }
    case 3:
      aggregation(d, at, size);
      return true;
    case 4:
      if (size >= 6) d.put(`\n\t    MTU size ${d.be16(at + 4)}`);
      return true;
  }
  return false;
}
