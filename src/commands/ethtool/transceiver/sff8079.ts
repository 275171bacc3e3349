// SFF-8079 and SFF-8472 chapter 5: what an SFP says of itself at address A0h.
import { be16, bitLines, coded, hexByte, hexBytes, line, oui, text } from './lines.js';
import { connector, extendedCompliance, identifier, sfpEncodings } from './sff8024.js';

const TYPE = 'Transceiver type';

/** Bytes 3 to 10. */
const transceiverTypes: readonly (readonly [number, number, string])[] = [
  [3, 7, '10G Ethernet: 10G Base-ER [SFF-8472 rev10.4 onwards]'],
  [3, 6, '10G Ethernet: 10G Base-LRM'],
  [3, 5, '10G Ethernet: 10G Base-LR'],
  [3, 4, '10G Ethernet: 10G Base-SR'],
  [3, 3, 'Infiniband: 1X SX'],
  [3, 2, 'Infiniband: 1X LX'],
  [3, 1, 'Infiniband: 1X Copper Active'],
  [3, 0, 'Infiniband: 1X Copper Passive'],
  [4, 7, 'ESCON: ESCON MMF, 1310nm LED'],
  [4, 6, 'ESCON: ESCON SMF, 1310nm Laser'],
  [4, 5, 'SONET: OC-192, short reach'],
  [4, 4, 'SONET: SONET reach specifier bit 1'],
  [4, 3, 'SONET: SONET reach specifier bit 2'],
  [4, 2, 'SONET: OC-48, long reach'],
  [4, 1, 'SONET: OC-48, intermediate reach'],
  [4, 0, 'SONET: OC-48, short reach'],
  [5, 6, 'SONET: OC-12, single mode, long reach'],
  [5, 5, 'SONET: OC-12, single mode, inter. reach'],
  [5, 4, 'SONET: OC-12, short reach'],
  [5, 2, 'SONET: OC-3, single mode, long reach'],
  [5, 1, 'SONET: OC-3, single mode, inter. reach'],
  [5, 0, 'SONET: OC-3, short reach'],
  [6, 7, 'Ethernet: BASE-PX'],
  [6, 6, 'Ethernet: BASE-BX10'],
  [6, 5, 'Ethernet: 100BASE-FX'],
  [6, 4, 'Ethernet: 100BASE-LX/LX10'],
  [6, 3, 'Ethernet: 1000BASE-T'],
  [6, 2, 'Ethernet: 1000BASE-CX'],
  [6, 1, 'Ethernet: 1000BASE-LX'],
  [6, 0, 'Ethernet: 1000BASE-SX'],
  [7, 7, 'FC: very long distance (V)'],
  [7, 6, 'FC: short distance (S)'],
  [7, 5, 'FC: intermediate distance (I)'],
  [7, 4, 'FC: long distance (L)'],
  [7, 3, 'FC: medium distance (M)'],
  [7, 2, 'FC: Shortwave laser, linear Rx (SA)'],
  [7, 1, 'FC: Longwave laser (LC)'],
  [7, 0, 'FC: Electrical inter-enclosure (EL)'],
  [8, 7, 'FC: Electrical intra-enclosure (EL)'],
  [8, 6, 'FC: Shortwave laser w/o OFC (SN)'],
  [8, 5, 'FC: Shortwave laser with OFC (SL)'],
  [8, 4, 'FC: Longwave laser (LL)'],
  [8, 3, 'Active Cable'],
  [8, 2, 'Passive Cable'],
  [8, 1, 'FC: Copper FC-BaseT'],
  [9, 7, 'FC: Twin Axial Pair (TW)'],
  [9, 6, 'FC: Twisted Pair (TP)'],
  [9, 5, 'FC: Miniature Coax (MI)'],
  [9, 4, 'FC: Video Coax (TV)'],
  [9, 3, 'FC: Multimode, 62.5um (M6)'],
  [9, 2, 'FC: Multimode, 50um (M5)'],
  [9, 0, 'FC: Single Mode (SM)'],
  [10, 7, 'FC: 1200 MBytes/sec'],
  [10, 6, 'FC: 800 MBytes/sec'],
  [10, 4, 'FC: 400 MBytes/sec'],
  [10, 2, 'FC: 200 MBytes/sec'],
  [10, 0, 'FC: 100 MBytes/sec'],
];

/** Byte 36, where SFP has words of its own. */
const extended: Readonly<Record<number, string>> = {
  ...extendedCompliance,
  0x01: '100G AOC or 25GAUI C2M AOC with worst BER of 5x10^(-5)',
  0x02: '100G Base-SR4 or 25GBase-SR',
  0x03: '100G Base-LR4 or 25GBase-LR',
  0x04: '100G Base-ER4 or 25GBase-ER',
  0x08: '100G ACC or 25GAUI C2M ACC with worst BER of 5x10^(-5)',
  0x0b: '100G Base-CR4 or 25G Base-CR CA-L',
  0x0c: '25G Base-CR CA-S',
  0x0d: '25G Base-CR CA-N',
  0x16: '10Gbase-T with SFI electrical interface',
  0x18: '100G AOC or 25GAUI C2M AOC with worst BER of 10^(-12)',
  0x19: '100G ACC or 25GAUI C2M ACC with worst BER of 10^(-12)',
  0x1c: '10Gbase-T Short Reach',
};

const rateIdentifiers: Readonly<Record<number, string>> = {
  0x00: 'unspecified',
  0x01: '4/2/1G Rate_Select & AS0/AS1',
  0x02: '8/4/2G Rx Rate_Select only',
  0x03: '8/4/2G Independent Rx & Tx Rate_Select',
  0x04: '8/4/2G Tx Rate_Select only',
};

const options: readonly (readonly [number, number, string])[] = [
  [65, 1, 'RX_LOS implemented'],
  [65, 2, 'RX_LOS implemented, inverted'],
  [65, 3, 'TX_FAULT implemented'],
  [65, 4, 'TX_DISABLE implemented'],
  [65, 5, 'RATE_SELECT implemented'],
  [65, 6, 'Tunable transmitter technology'],
  [65, 7, 'Receiver decision threshold implemented'],
  [64, 0, 'Linear receiver output implemented'],
  [64, 1, 'Power level 2 requirement'],
  [64, 2, 'Cooled transceiver implemented'],
  [64, 3, 'Retimer or CDR implemented'],
  [64, 4, 'Paging implemented'],
  [64, 5, 'Power level 3 requirement'],
];

/** The extended identifier of what these tables are about; of anything else no more than its kind is told. */
const TWO_WIRE = 4;

const PASSIVE_CABLE = 1 << 2;
const ACTIVE_CABLE = 1 << 3;

/** Bytes 60 and 61: of a cable its standard, of a laser its wavelength in nm. */
function medium(a0: Uint8Array): string {
  const cable = (kind: string, names: Readonly<Record<number, string>>) =>
    line(`${kind} Cu cmplnce.`, `${hexByte(a0[60]!)} (${names[a0[60]!] ?? 'unknown'}) [SFF-8472 rev10.4 only]`);
  const passive = { 0x00: 'unspecified', 0x01: 'SFF-8431 appendix E' };
  if ((a0[8]! & PASSIVE_CABLE) !== 0) return cable('Passive', passive);
  if ((a0[8]! & ACTIVE_CABLE) !== 0) return cable('Active', { ...passive, 0x04: 'SFF-8431 limiting' });
  return line('Laser wavelength', `${be16(a0, 60)}nm`);
}

/** The nominal rate in MBd, and by how many per cent it may be more or less. Byte 12; 255: in bytes 66 and 67. */
function bitRate(a0: Uint8Array): { readonly nominal: number; readonly more: number; readonly less: number } {
  const rate = a0[12]!;
  if (rate === 0) return { nominal: 0, more: 0, less: 0 };
  if (rate === 255) return { nominal: a0[66]! * 250, more: a0[67]!, less: a0[67]! };
  return { nominal: rate * 100, more: a0[66]!, less: a0[67]! };
}

/** `a0`: the 256 bytes at address A0h. */
export function sff8079(a0: Uint8Array): string {
  if (a0[1] !== TWO_WIRE) return identifier(a0[0]!);
  const { nominal, more, less } = bitRate(a0);
  const compliance = extended[a0[36]!];
  return [
    identifier(a0[0]!),
    coded('Extended identifier', TWO_WIRE, { [TWO_WIRE]: 'GBIC/SFP defined by 2-wire interface ID' }),
    connector(a0[2]!),
    line('Transceiver codes', `${hexBytes(a0.subarray(3, 11))} ${hexByte(a0[36]!)}`),
    bitLines(TYPE, a0, transceiverTypes),
    compliance === undefined ? '' : line(TYPE, `Extended: ${compliance}`),
    coded('Encoding', a0[11]!, sfpEncodings),
    line('BR, Nominal', `${nominal}MBd`),
    coded('Rate identifier', a0[13]!, rateIdentifiers),
    line('Length (SMF,km)', `${a0[14]!}km`),
    line('Length (SMF)', `${a0[15]! * 100}m`),
    line('Length (50um)', `${a0[16]! * 10}m`),
    line('Length (62.5um)', `${a0[17]! * 10}m`),
    line('Length (Copper)', `${a0[18]!}m`),
    line('Length (OM3)', `${a0[19]! * 10}m`),
    medium(a0),
    text('Vendor name', a0, 20, 35),
    oui(a0, 37),
    text('Vendor PN', a0, 40, 55),
    text('Vendor rev', a0, 56, 59),
    line('Option values', hexBytes(a0.subarray(64, 66))),
    bitLines('Option', a0, options),
    line('BR margin, max', `${more}%`),
    line('BR margin, min', `${less}%`),
    text('Vendor SN', a0, 68, 83),
    text('Date code', a0, 84, 91),
  ].join('');
}
