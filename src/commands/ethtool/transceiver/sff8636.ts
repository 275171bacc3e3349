// SFF-8636: what a QSFP says of itself and measures, with the codes of SFF-8436 before it.
import { be16, beS16, bitLines, coded, fixed, hexByte, hexBytes, line, onOff, oui, text, yesNo } from './lines.js';
import {
  bias,
  boundsAt,
  type Bounds,
  degrees,
  flagLines,
  milliamperes,
  milliwatts,
  outputPower,
  receivedPower,
  temperature,
  thresholdLines,
  voltage,
  volts,
} from './monitors.js';
import { connector, extendedCompliance, identifier, qsfpEncodings } from './sff8024.js';

const TYPE = 'Transceiver type';
const DESCRIPTION = 'Extended identifier description';
const CHANNELS = [0, 1, 2, 3] as const;

/** Bytes 131 to 138; bit 7 of byte 131 says that byte 192 has a code. */
const transceiverTypes: readonly (readonly [number, number, string])[] = [
  [131, 6, '10G Ethernet: 10G Base-LRM'],
  [131, 5, '10G Ethernet: 10G Base-LR'],
  [131, 4, '10G Ethernet: 10G Base-SR'],
  [131, 3, '40G Ethernet: 40G Base-CR4'],
  [131, 2, '40G Ethernet: 40G Base-SR4'],
  [131, 1, '40G Ethernet: 40G Base-LR4'],
  [131, 0, '40G Ethernet: 40G Active Cable (XLPPI)'],
];
const furtherTypes: readonly (readonly [number, number, string])[] = [
  [132, 3, '40G OTN (OTU3B/OTU3C)'],
  [132, 2, 'SONET: OC-48, long reach'],
  [132, 1, 'SONET: OC-48, intermediate reach'],
  [132, 0, 'SONET: OC-48, short reach'],
  [133, 5, 'SAS 6.0G'],
  [133, 4, 'SAS 3.0G'],
  [134, 3, 'Ethernet: 1000BASE-T'],
  [134, 2, 'Ethernet: 1000BASE-CX'],
  [134, 1, 'Ethernet: 1000BASE-LX'],
  [134, 0, 'Ethernet: 1000BASE-SX'],
  [135, 7, 'FC: very long distance (V)'],
  [135, 6, 'FC: short distance (S)'],
  [135, 5, 'FC: intermediate distance (I)'],
  [135, 4, 'FC: long distance (L)'],
  [135, 3, 'FC: medium distance (M)'],
  [135, 1, 'FC: Longwave laser (LC)'],
  [135, 0, 'FC: Electrical inter-enclosure (EL)'],
  [136, 7, 'FC: Electrical intra-enclosure (EL)'],
  [136, 6, 'FC: Shortwave laser w/o OFC (SN)'],
  [136, 5, 'FC: Shortwave laser with OFC (SL)'],
  [136, 4, 'FC: Longwave laser (LL)'],
  [137, 7, 'FC: Twin Axial Pair (TW)'],
  [137, 6, 'FC: Twisted Pair (TP)'],
  [137, 5, 'FC: Miniature Coax (MI)'],
  [137, 4, 'FC: Video Coax (TV)'],
  [137, 3, 'FC: Multimode, 62.5m (M6)'],
  [137, 2, 'FC: Multimode, 50m (M5)'],
  [137, 1, 'FC: Multimode, 50um (OM3)'],
  [137, 0, 'FC: Single Mode (SM)'],
  [138, 7, 'FC: 1200 MBytes/sec'],
  [138, 6, 'FC: 800 MBytes/sec'],
  [138, 5, 'FC: 1600 MBytes/sec'],
  [138, 4, 'FC: 400 MBytes/sec'],
  [138, 2, 'FC: 200 MBytes/sec'],
  [138, 0, 'FC: 100 MBytes/sec'],
];

/** Byte 192, where QSFP has words of its own. */
const extended: Readonly<Record<number, string>> = {
  ...extendedCompliance,
  0x00: '(reserved or unknown)',
  0x01: '100G Ethernet: 100G AOC or 25GAUI C2M AOC with worst BER of 5x10^(-5)',
  0x02: '100G Ethernet: 100G Base-SR4 or 25GBase-SR',
  0x03: '100G Ethernet: 100G Base-LR4',
  0x04: '100G Ethernet: 100G Base-ER4',
  0x05: '100G Ethernet: 100G Base-SR10',
  0x06: '100G Ethernet: 100G CWDM4 MSA with FEC',
  0x07: '100G Ethernet: 100G PSM4 Parallel SMF',
  0x08: '100G Ethernet: 100G ACC or 25GAUI C2M ACC with worst BER of 5x10^(-5)',
  0x09: '100G Ethernet: 100G CWDM4 MSA without FEC',
  0x0b: '100G Ethernet: 100G Base-CR4 or 25G Base-CR CA-L',
  0x0c: '25G Ethernet: 25G Base-CR CA-S',
  0x0d: '25G Ethernet: 25G Base-CR CA-N',
  0x10: '40G Ethernet: 40G Base-ER4',
  0x11: '4x10G Ethernet: 10G Base-SR',
  0x12: '40G Ethernet: 40G PSM4 Parallel SMF',
  0x13: 'Ethernet: G959.1 profile P1I1-2D1 (10709 MBd, 2km, 1310nm SM)',
  0x14: 'Ethernet: G959.1 profile P1S1-2D2 (10709 MBd, 40km, 1550nm SM)',
  0x15: 'Ethernet: G959.1 profile P1L1-2D2 (10709 MBd, 80km, 1550nm SM)',
  0x16: '10G Ethernet: 10G Base-T with SFI electrical interface',
  0x17: '100G Ethernet: 100G CLR4',
  0x18: '100G Ethernet: 100G AOC or 25GAUI C2M AOC with worst BER of 10^(-12)',
  0x19: '100G Ethernet: 100G ACC or 25GAUI C2M ACC with worst BER of 10^(-12)',
  0x1c: '10GBASE-T Short Reach (30 meters)',
};

/** Bits 7 to 4 of byte 147, and of CMIS the whole of byte 212. */
export const technologies: readonly string[] = [
  '850 nm VCSEL',
  '1310 nm VCSEL',
  '1550 nm VCSEL',
  '1310 nm FP',
  '1310 nm DFB',
  '1550 nm DFB',
  '1310 nm EML',
  '1550 nm EML',
  'Others/Undefined',
  '1490 nm DFB',
  'Copper cable unequalized',
  'Copper cable passive equalized',
  'Copper cable, near and far end limiting active equalizers',
  'Copper cable, far end limiting active equalizers',
  'Copper cable, near end limiting active equalizers',
  'Copper cable, linear active equalizers',
];
/** From here on it is a cable of copper. */
export const FIRST_COPPER = 10;

const revisions: readonly string[] = [
  'Revision not specified',
  'SFF-8436 Rev 4.8 or earlier',
  'SFF-8436 Rev 4.8 or earlier',
  'SFF-8636 Rev 1.3 or earlier',
  'SFF-8636 Rev 1.4',
  'SFF-8636 Rev 1.5',
  'SFF-8636 Rev 2.0',
  'SFF-8636 Rev 2.5/2.6/2.7',
];

const powerClasses = [
  '1.5W max. Power consumption',
  '2.0W max. Power consumption',
  '2.5W max. Power consumption',
  '3.5W max. Power consumption',
];
const highPowerClasses = ['', '4.0W max. Power consumption,', '4.5W max. Power consumption, ', '5.0W max. Power consumption, '];

/** Byte 129, and whether byte 93 lets it take more than 3.5 W. */
function extendedIdentifier(page0: Uint8Array): string {
  const code = page0[129]!;
  const high = code & 3;
  const cdr = (bit: number, way: string) => `${(code & (1 << bit)) === 0 ? 'No CDR in' : 'CDR present in'} ${way}`;
  return [
    line('Extended identifier', hexByte(code)),
    line(DESCRIPTION, powerClasses[code >>> 6]!),
    line(DESCRIPTION, `${cdr(3, 'TX')}, ${cdr(2, 'RX')}`),
    line(
      DESCRIPTION,
      `${high === 0 ? '' : highPowerClasses[high]!}${high === 0 ? '' : ' '}High Power Class (> 3.5 W) ${(page0[93]! & 4) === 0 ? 'not enabled' : 'enabled'}`,
    ),
  ].join('');
}

/** Bytes 186 to 189: of copper what it loses, of a laser its wavelength. */
function medium(page0: Uint8Array): string {
  if (page0[147]! >>> 4 >= FIRST_COPPER)
    return ['2.5GHz', '5.0GHz', '7.0GHz', '12.9GHz']
      .map((frequency, i) => line(`Attenuation at ${frequency}`, `${page0[186 + i]!}db`))
      .join('');
  return wavelength(page0, 186);
}

/** Twentieths of a nanometre, and two hundredths behind them. */
export const wavelength = (page: Uint8Array, at: number) =>
  line('Laser wavelength', `${fixed(be16(page, at) / 20, 3)}nm`) +
  line('Laser wavelength tolerance', `${fixed(be16(page, at + 2) / 200, 3)}nm`);

function identification(page0: Uint8Array): string {
  const compliance = extended[page0[192]!];
  return [
    identifier(page0[128]!),
    extendedIdentifier(page0),
    line('Power set', onOff((page0[93]! & 2) !== 0)),
    line('Power override', onOff((page0[93]! & 1) !== 0)),
    connector(page0[130]!),
    line('Transceiver codes', hexBytes(page0.subarray(131, 139))),
    bitLines(TYPE, page0, transceiverTypes),
    (page0[131]! & 0x80) === 0 ? '' : line(TYPE, compliance ?? '(reserved or unknown)'),
    bitLines(TYPE, page0, furtherTypes),
    coded('Encoding', page0[139]!, qsfpEncodings),
    line('BR, Nominal', `${page0[140]! * 100}Mbps`),
    line('Rate identifier', hexByte(page0[141]!)),
    line('Length (SMF,km)', `${page0[142]!}km`),
    line('Length (OM3 50um)', `${page0[143]! * 2}m`),
    line('Length (OM2 50um)', `${page0[144]!}m`),
    line('Length (OM1 62.5um)', `${page0[145]!}m`),
    line('Length (Copper or Active cable)', `${page0[146]!}m`),
    line('Transmitter technology', `${hexByte(page0[147]! & 0xf0)} (${technologies[page0[147]! >>> 4]!})`),
    medium(page0),
    text('Vendor name', page0, 148, 163),
    oui(page0, 165),
    text('Vendor PN', page0, 168, 183),
    text('Vendor rev', page0, 184, 185),
    text('Vendor SN', page0, 196, 211),
    text('Date code', page0, 212, 219),
    line('Revision Compliance', revisions[page0[1]!] ?? 'Unallocated'),
  ].join('');
}

const bitsAt = (memory: Uint8Array, at: number, bits: Bounds<number>) =>
  bits.map((bit) => (memory[at]! & (1 << bit)) !== 0) as unknown as Bounds<boolean>;

/** Flags of a channel lie by two in a byte, the even channel's in the upper half. */
const channelFlags = (page0: Uint8Array, at: number, channel: number) =>
  bitsAt(page0, at + (channel >>> 1), (channel & 1) === 0 ? [7, 6, 5, 4] : [3, 2, 1, 0]);

/** Byte 220: what it measures. */
const MONITORING_TYPE = 220;
const AVERAGE_POWER = 1 << 3;

/** Lower memory and page 03h (null: there is none). */
function monitors(page0: Uint8Array, page3: Uint8Array | null): string {
  const received = (page0[MONITORING_TYPE]! & AVERAGE_POWER) !== 0 ? 'Rcvr signal avg optical power' : 'Receiver signal OMA';
  const lines = [line('Module temperature', degrees(beS16(page0, 22))), line('Module voltage', volts(be16(page0, 26)))];
  // One that has no temperature measures nothing.
  if (be16(page0, 22) === 0) return lines.join('');
  lines.push(line('Alarm/warning flags implemented', yesNo(page3 !== null)));
  for (const i of CHANNELS) lines.push(line(`Laser tx bias current (Channel ${i + 1})`, milliamperes(be16(page0, 42 + i * 2))));
  for (const i of CHANNELS) lines.push(line(`Transmit avg optical power (Channel ${i + 1})`, milliwatts(be16(page0, 50 + i * 2))));
  for (const i of CHANNELS) lines.push(line(`${received}(Channel ${i + 1})`, milliwatts(be16(page0, 34 + i * 2))));
  if (page3 === null) return lines.join('');
  for (const i of CHANNELS) lines.push(flagLines('Laser bias current', channelFlags(page0, 11, i), ` (Chan ${i + 1})`, 12));
  lines.push(flagLines(temperature.name, bitsAt(page0, 6, [7, 6, 5, 4])), flagLines(voltage.name, bitsAt(page0, 7, [7, 6, 5, 4])));
  for (const i of CHANNELS) lines.push(flagLines('Laser tx power', channelFlags(page0, 13, i), ` (Channel ${i + 1})`, 12));
  for (const i of CHANNELS) lines.push(flagLines('Laser rx power', channelFlags(page0, 9, i), ` (Channel ${i + 1})`, 12));
  const unsigned = (at: number) => be16(page3, at);
  lines.push(
    thresholdLines(bias, boundsAt(unsigned, 184)),
    thresholdLines(outputPower, boundsAt(unsigned, 192)),
    thresholdLines(
      temperature,
      boundsAt((at) => beS16(page3, at), 128),
    ),
    thresholdLines(voltage, boundsAt(unsigned, 144)),
    thresholdLines(receivedPower, boundsAt(unsigned, 176)),
  );
  return lines.join('');
}

/** Byte 2, bit 2: there is but one page. */
export const isFlat = (lower: Uint8Array) => (lower[2]! & 4) !== 0;

/** `page0`: lower memory and page 00h; `page3`: lower memory and page 03h, null where there is none. */
export function sff8636(page0: Uint8Array, page3: Uint8Array | null): string {
  return identification(page0) + monitors(page0, page3);
}
