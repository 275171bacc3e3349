// CMIS (OIF-CMIS 4.0 and 5.0): what a QSFP-DD, OSFP or DSFP says of itself.
import { cmisMonitors } from './cmis-monitors.js';
import { fixed, hexByte, line, onOff, oui, text, yesNo } from './lines.js';
import { connector, identifier } from './sff8024.js';
import { FIRST_COPPER, technologies, wavelength } from './sff8636.js';

/** Pages, each behind the lower memory, so that a byte has the number that the standard gives it. */
export interface CmisPages {
  readonly page0: Uint8Array;
  /** Of a module with but one page null; its bounds are on page 02h. */
  readonly page1: Uint8Array | null;
  readonly page2: Uint8Array | null;
  /** Page 11h of each bank of eight lanes. */
  readonly banks: readonly Uint8Array[];
}

/** Byte 2, bit 7: there is but one page. */
export const isFlat = (lower: Uint8Array) => (lower[2]! & 0x80) !== 0;

/** Byte 142 of page 01h: how many banks of lanes there are. */
export const banksOf = (page1: Uint8Array) => [1, 2, 4, 0][page1[142]! & 3]!;

const states: Readonly<Record<number, string>> = {
  1: 'ModuleLowPwr',
  2: 'ModulePwrUp',
  3: 'ModuleReady',
  4: 'ModulePwrDn',
  5: 'ModuleFault',
};
const FAULT = 5;
const faults: readonly string[] = ['No fault detected / not supported', 'TEC runaway', 'Data memory corrupted', 'Program memory corrupted'];

/** A base of six bits and a power of ten from 0.1 on of two. */
const scaled = (byte: number, unit: number) => (byte & 0x3f) * unit * 10 ** (byte >>> 6);

function cableLength(byte: number): string {
  return byte === 0xff ? '> 6.3km' : `${fixed(scaled(byte, 0.1), 2)}m`;
}

/** Byte 212, and what goes with it. */
function medium({ page0, page1 }: CmisPages): string {
  const technology = page0[212]!;
  // What SFF-8636 calls "Copper cable unequalized" has a comma here.
  const name = technologies[technology]?.replace(/^Copper cable,? /, 'Copper cable, ');
  // One that has no name ends no line either.
  const shown =
    name === undefined
      ? line('Transmitter technology', hexByte(technology)).trimEnd()
      : line('Transmitter technology', `${hexByte(technology)} (${name})`);
  if (technology >= FIRST_COPPER)
    return `${shown}${['5GHz', '7GHz', '12.9GHz', '25.8GHz'].map((frequency, i) => line(`Attenuation at ${frequency}`, `${page0[204 + i]!}db`)).join('')}`;
  return `${shown}${page1 === null ? '' : wavelength(page1, 138)}`;
}

/** Page 01h, bytes 132 to 136. */
function lengths(page1: Uint8Array | null): string {
  if (page1 === null) return '';
  const [smf, om5, om4, om3, om2] = [132, 133, 134, 135, 136].map((at) => page1[at]!) as [number, number, number, number, number];
  return [
    line('Length (SMF)', `${fixed((smf & 0x3f) * (smf >>> 6 === 0 ? 0.1 : 1), 2)}km`),
    line('Length (OM5)', `${om5 * 2}m`),
    line('Length (OM4)', `${om4 * 2}m`),
    line('Length (OM3 50/125um)', `${om3 * 2}m`),
    line('Length (OM2 50/125um)', `${om2}m`),
  ].join('');
}

/** Page 01h, bytes 161 and 162: clock and data recovery. */
function clockRecovery(page1: Uint8Array | null): string {
  if (page1 === null) return '';
  const has = (at: number, bit: number) => yesNo((page1[at]! & (1 << bit)) !== 0);
  return [
    line('Tx CDR bypass control', has(161, 1)),
    line('Rx CDR bypass control', has(162, 1)),
    line('Tx CDR', has(161, 0)),
    line('Rx CDR', has(162, 0)),
  ].join('');
}

/** Bytes 3, 26 and 41. */
function state(page0: Uint8Array): string {
  const now = (page0[3]! >>> 1) & 7;
  const cause = page0[41]!;
  return [
    line('Module State', `${hexByte(now)} (${states[now] ?? 'reserved or unknown'})`),
    now === FAULT ? line('Module Fault Cause', `${hexByte(cause)} (${faults[cause] ?? 'reserved or unknown'})`) : '',
    line('LowPwrAllowRequestHW', onOff((page0[26]! & 0x40) !== 0)),
    line('LowPwrRequestSW', onOff((page0[26]! & 0x10) !== 0)),
  ].join('');
}

/** Blanks stand for none. */
const hasClei = (page0: Uint8Array) => page0[190] !== 0 && page0.subarray(190, 200).some((byte) => byte !== 0x20);

export function cmis(pages: CmisPages): string {
  const { page0, page1 } = pages;
  return [
    identifier(page0[0]!),
    line('Power class', `${(page0[200]! >>> 5) + 1}`),
    line('Max power', `${fixed(page0[201]! * 0.25, 2)}W`),
    connector(page0[203]!),
    line('Cable assembly length', cableLength(page0[202]!)),
    clockRecovery(page1),
    medium(pages),
    lengths(page1),
    text('Vendor name', page0, 129, 144),
    oui(page0, 145),
    text('Vendor PN', page0, 148, 163),
    text('Vendor rev', page0, 164, 165),
    text('Vendor SN', page0, 166, 181),
    text('Date code', page0, 182, 189),
    hasClei(page0) ? text('CLEI code', page0, 190, 199) : '',
    line('Revision compliance', `Rev. ${page0[1]! >>> 4}.${page0[1]! & 15}`),
    state(page0),
    cmisMonitors(pages),
  ].join('');
}
