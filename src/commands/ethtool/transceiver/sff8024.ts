// SFF-8024, the code tables that the standards of all modules share.
import { coded } from './lines.js';

/** Table 4-1. */
export const Identifier = {
  SFP: 0x03,
  QSFP: 0x0c,
  QSFP_PLUS: 0x0d,
  QSFP28: 0x11,
  QSFP_DD: 0x18,
  OSFP: 0x19,
  DSFP: 0x1b,
} as const;

const identifiers: Readonly<Record<number, string>> = {
  0x00: 'no module present, unknown, or unspecified',
  0x01: 'GBIC',
  0x02: 'module soldered to motherboard',
  0x03: 'SFP',
  0x04: '300 pin XBI',
  0x05: 'XENPAK',
  0x06: 'XFP',
  0x07: 'XFF',
  0x08: 'XFP-E',
  0x09: 'XPAK',
  0x0a: 'X2',
  0x0b: 'DWDM-SFP',
  0x0c: 'QSFP',
  0x0d: 'QSFP+',
  0x0e: 'CXP',
  0x0f: 'Shielded Mini Multilane HD 4X',
  0x10: 'Shielded Mini Multilane HD 8X',
  0x11: 'QSFP28',
  0x12: 'CXP2/CXP28',
  0x13: 'CDFP Style 1/Style 2',
  0x14: 'Shielded Mini Multilane HD 4X Fanout Cable',
  0x15: 'Shielded Mini Multilane HD 8X Fanout Cable',
  0x16: 'CDFP Style 3',
  0x17: 'microQSFP',
  0x18: 'QSFP-DD Double Density 8X Pluggable Transceiver (INF-8628)',
  0x19: 'OSFP 8X Pluggable Transceiver',
  0x1b: 'DSFP Dual Small Form Factor Pluggable Transceiver',
};
export const identifier = (code: number) => coded('Identifier', code, identifiers);

/** Table 4-3. */
const connectors: Readonly<Record<number, string>> = {
  0x00: 'unknown or unspecified',
  0x01: 'SC',
  0x02: 'Fibre Channel Style 1 copper',
  0x03: 'Fibre Channel Style 2 copper',
  0x04: 'BNC/TNC',
  0x05: 'Fibre Channel coaxial headers',
  0x06: 'FibreJack',
  0x07: 'LC',
  0x08: 'MT-RJ',
  0x09: 'MU',
  0x0a: 'SG',
  0x0b: 'Optical pigtail',
  0x0c: 'MPO Parallel Optic',
  0x0d: 'MPO Parallel Optic - 2x16',
  0x20: 'HSSDC II',
  0x21: 'Copper pigtail',
  0x22: 'RJ45',
  0x23: 'No separable connector',
  0x24: 'MXC 2x16',
  0x25: 'CS optical connector',
  0x26: 'Mini CS optical connector',
  0x27: 'MPO 2x12',
  0x28: 'MPO 1x16',
};
export const connector = (code: number) => coded('Connector', code, connectors);

/** Table 4-2: SFP and QSFP number three of them otherwise. */
const encodings: Readonly<Record<number, string>> = {
  0x00: 'unspecified',
  0x01: '8B/10B',
  0x02: '4B/5B',
  0x03: 'NRZ',
  0x07: '(256B/257B (transcoded FEC-enabled data)',
  0x08: 'PAM4',
};
export const sfpEncodings = { ...encodings, 0x04: 'Manchester', 0x05: 'SONET Scrambled', 0x06: '64B/66B' };
export const qsfpEncodings = { ...encodings, 0x04: 'SONET Scrambled', 0x05: '64B/66B', 0x06: 'Manchester' };

const active = (kind: string, rate: string) =>
  `Active ${kind} Cable with 50GAUI, 100GAUI-2 or 200GAUI-4 C2M. Providing a worst BER of ${rate}, or below`;
const multiplexed = (name: string, reach: string) => `${name} (${reach} RS(528,514) FEC in host system)`;

/** Table 4-4, extended specification compliance codes, where SFP and QSFP are told the same words. */
export const extendedCompliance: Readonly<Record<number, string>> = {
  0x1a: '100GE-DWDM2 (DWDM transceiver using 2 wavelengths on a 1550 nm DWDM grid with a reach up to 80 km)',
  0x1b: '100G 1550nm WDM (4 wavelengths)',
  0x1d: '5GBASE-T',
  0x1e: '2.5GBASE-T',
  0x1f: '40G SWDM4',
  0x20: '100G SWDM4',
  0x21: '100G PAM4 BiDi',
  0x22: multiplexed('4WDM-10 MSA', '10km version of 100G CWDM4 with same'),
  0x23: multiplexed('4WDM-20 MSA', '20km version of 100GBASE-LR4 with'),
  0x24: multiplexed('4WDM-40 MSA', '40km reach with APD receiver and'),
  0x25: '100GBASE-DR (clause 140), CAUI-4 (no FEC)',
  0x26: '100G-FR or 100GBASE-FR1 (clause 140), CAUI-4 (no FEC)',
  0x27: '100G-LR or 100GBASE-LR1 (clause 140), CAUI-4 (no FEC)',
  0x30: 'Active Copper Cable with 50GAUI, 100GAUI-2 or 200GAUI-4 C2M. Providing a worst BER of 10-6 or below',
  0x31: 'Active Optical Cable with 50GAUI, 100GAUI-2 or 200GAUI-4 C2M. Providing a worst BER of 10-6 or below',
  0x32: active('Copper', '2.6x10-4 for ACC, 10-5 for AUI'),
  0x33: active('Optical', '2.6x10-4 for ACC, 10-5 for AUI'),
  0x40: '50GBASE-CR, 100GBASE-CR2, or 200GBASE-CR4',
  0x41: '50GBASE-SR, 100GBASE-SR2, or 200GBASE-SR4',
  0x42: '50GBASE-FR or 200GBASE-DR4',
  0x43: '200GBASE-FR4',
  0x44: '200G 1550 nm PSM4',
  0x45: '50GBASE-LR',
  0x46: '200GBASE-LR4',
  0x50: '64GFC EA',
  0x51: '64GFC SW',
  0x52: '64GFC LW',
  0x53: '128GFC EA',
  0x54: '128GFC SW',
  0x55: '128GFC LW',
};
