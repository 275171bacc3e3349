// ATA over Ethernet, version 1.
import type { Dissector } from '../dissector.js';
import { type Bits, bits, hex0x, type Words, word } from '../words.js';
import type { EthertypePrinter } from './registry-types.js';

const commandWords: Words = {
  0: 'Issue ATA Command',
  1: 'Query Config Information',
  2: 'MAC Mask List',
  3: 'Reserve/Release',
};

const flagBits: Bits = [
  [0x8, 'Response'],
  [0x4, 'Error'],
  [0x2, 'MBZ-1'],
  [0x1, 'MBZ-0'],
];

const errorWords: Words = {
  1: 'Unrecognized command code',
  2: 'Bad argument parameter',
  3: 'Device unavailable',
  4: 'Config string present',
  5: 'Unsupported version',
  6: 'Target is reserved',
};

const ataFlagBits: Bits = [
  [0x80, 'MBZ-7'],
  [0x40, 'Ext48'],
  [0x20, 'MBZ-5'],
  [0x10, 'Device'],
  [0x8, 'MBZ-3'],
  [0x4, 'MBZ-2'],
  [0x2, 'Async'],
  [0x1, 'Write'],
];

const configWords: Words = {
  0: 'read config string',
  1: 'test config string',
  2: 'test config string prefix',
  3: 'set config string',
  4: 'force set config string',
};

const maskWords: Words = {
  0: 'Read Mac Mask List',
  1: 'Edit Mac Mask List',
};

const maskErrorWords: Words = {
  1: 'Unspecified Error',
  2: 'Bad DCmd directive',
  3: 'Mask list full',
};

const directiveWords: Words = {
  0: 'No Directive',
  1: 'Add mac address to mask list',
  2: 'Delete mac address from mask list',
};

const reserveWords: Words = {
  0: 'Read reserve list',
  1: 'Set reserve list',
  2: 'Force set reserve list',
};

const COMMON = 10;
const ERROR = 0x04;
const CONFIG_LIMIT = 1024;
const unknown = (value: number) => `Unknown (${hex0x(value, 2)})`;

/** Shows a command's part; false: its length is wrong. */
type Part = (d: Dissector, at: number, length: number) => boolean;

const ata: Part = (d, at, length) => {
  if (length < 12) return false;
  const u8 = (offset: number) => d.u8(at + offset);
  d.put(`\n\tAFlags: [${bits(ataFlagBits, u8(0))}], Err/Feature: ${u8(1)}, Sector Count: ${u8(2)}, Cmd/Status: ${u8(3)}`);
  d.put(`\n\tlba0: ${u8(4)}, lba1: ${u8(5)}, lba2: ${u8(6)}, lba3: ${u8(7)}, lba4: ${u8(8)}, lba5: ${u8(9)}`);
  d.need(at + 10, 2);
  if (length > 12) d.put(`\n\tData: ${length - 12} bytes`);
  return true;
};

const config: Part = (d, at, length) => {
  if (length < 8) return false;
  d.put(`\n\tBuffer Count: ${d.be16(at)}, Firmware Version: ${d.be16(at + 2)}, Sector Count: ${d.u8(at + 4)}`);
  const last = d.u8(at + 5);
  d.put(`, AoE: ${last >>> 4}, CCmd: ${word(configWords, last & 0xf, () => 'Unknown (0x02x)')}`);
  const count = d.be16(at + 6);
  if (count > CONFIG_LIMIT || count > length - 8) return false;
  if (count > 0) {
    d.put(`\n\tConfig String (length ${count}): `);
    d.chars(at + 8, count);
  }
  return true;
};

const mask: Part = (d, at, length) => {
  if (length < 4) return false;
  const count = d.u8(at + 3);
  d.put(`\n\tMCmd: ${word(maskWords, d.u8(at + 1), unknown)}, MError: ${word(maskErrorWords, d.u8(at + 2), unknown)}, Dir Count: ${count}`);
  if (count * 8 > length - 4) return false;
  for (let i = 0, entry = at + 4; i < count; i++, entry += 8)
    d.put(`\n\t DCmd: ${word(directiveWords, d.u8(entry + 1), unknown)}, Ethernet Address: ${d.mac(entry + 2)}`);
  return true;
};

const reserve: Part = (d, at, length) => {
  if (length < 2 || (length - 2) % 6 !== 0) return false;
  const count = d.u8(at + 1);
  d.put(`\n\tRCmd: ${word(reserveWords, d.u8(at), unknown)}, NMacs: ${count}`);
  if (count * 6 !== length - 2) return false;
  for (let i = 0; i < count; i++) d.put(`\n\tEthernet Address ${i}: ${d.mac(at + 2 + i * 6)}`);
  return true;
};

const parts: readonly Part[] = [ata, config, mask, reserve];

function aoe(d: Dissector, at: number, length: number): void {
  d.protocol = 'aoe';
  d.put(`AoE length ${length}`);
  if (length < 1) return d.invalid();
  const version = d.u8(at) >>> 4;
  d.put(`, Ver ${version}`);
  if (version !== 1) return;
  const end = at + length;
  const fail = () => {
    d.invalid();
    d.need(at, end - at);
  };
  if (length < COMMON) return fail();
  const flags = d.u8(at) & 0xf;
  d.put(`, Flags: [${bits(flagBits, flags)}]`);
  if (d.options.verbose === 0) return;
  if ((flags & ERROR) !== 0) d.put(`\n\tError: ${word(errorWords, d.u8(at + 1), (n) => `Invalid (${n})`)}`);
  const command = d.u8(at + 5);
  d.put(`\n\tMajor: ${hex0x(d.be16(at + 2), 4)}, Minor: ${hex0x(d.u8(at + 4), 2)}`);
  d.put(`, Command: ${word(commandWords, command, unknown)}, Tag: ${hex0x(d.be32(at + 6), 8)}`);
  if (parts[command]?.(d, at + COMMON, length - COMMON) === false) fail();
}

export const aoeType: EthertypePrinter = { types: [0x88a2], print: aoe };
