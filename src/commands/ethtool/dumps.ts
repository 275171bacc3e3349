import { NetError } from '../../base/net-error.js';
import { DriverInfo, Eeprom, Ioctl, Registers } from '../../netlink/genl/ethtool/ioctl.js';
import { readAll } from '../../client/command.js';
import type { EthtoolContext } from './context.js';
import { readPairs, struct, viewOf } from './ioctl-words.js';
import { driverInfo } from './string-sets.js';
import type { SubCommand } from './subcommand.js';

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

/** "0x0010:\t\t00 30 ..." Linux ethtool: dump_hex() */
export function hexLines(bytes: Uint8Array, offset: number): string {
  let text = 'Offset\t\tValues\n------\t\t------';
  for (const [i, byte] of bytes.entries()) {
    if (i % 16 === 0) text += `\n0x${hex(offset + i, 4)}:\t\t`;
    text += `${hex(byte, 2)} `;
  }
  return `${text}\n`;
}

/** -d */
export const registerDump: SubCommand = {
  options: ['-d', '--register-dump'],
  summary: 'Do a register dump',
  parameters: '\t\t[ raw on|off ]\n\t\t[ file FILENAME ]\n',
  async ioctl(context: EthtoolContext) {
    const { raw = 0, file } = readPairs(context.words, { raw: 'on-off', hex: 'on-off', file: 'text' });
    const info = await driverInfo(context);
    if (info instanceof NetError) {
      await context.perror('Cannot get driver information', info);
      return 72;
    }
    const length = viewOf(info).getUint32(DriverInfo.registerBytes, true);
    const request = struct(Registers.size + length, Ioctl.GREGS);
    request.view.setUint32(Registers.length, length, true);
    const answer = await context.ioctl(request.bytes);
    if (answer instanceof NetError) {
      await context.perror('Cannot get register dump', answer);
      return 74;
    }
    const dump = answer.subarray(Registers.data, Registers.data + length);
    if (typeof file === 'string') {
      context.print(hexLines(await context.io.files.read(file), 0));
      return 0;
    }
    if (raw === 1) {
      await context.flush();
      await context.io.stdout.write(dump);
    } else context.print(hexLines(dump, 0));
    return 0;
  },
};

/** -e */
export const eepromDump: SubCommand = {
  options: ['-e', '--eeprom-dump'],
  summary: 'Do a EEPROM dump',
  parameters: '\t\t[ raw on|off ]\n\t\t[ offset N ]\n\t\t[ length N ]\n',
  async ioctl(context) {
    const words = readPairs(context.words, { raw: 'on-off', offset: 'number', length: 'number' });
    const info = await driverInfo(context);
    if (info instanceof NetError) {
      await context.perror('Cannot get driver information', info);
      return 74;
    }
    const all = viewOf(info).getUint32(DriverInfo.eepromBytes, true);
    const offset = Number(words['offset'] ?? 0);
    const asked = words['length'] === undefined ? all : Number(words['length']);
    const length = all < offset + asked ? all - offset : asked;
    if (length < 0) {
      await context.complain('Cannot allocate memory for EEPROM data: Cannot allocate memory');
      return 75;
    }
    const request = struct(Eeprom.size + length, Ioctl.GEEPROM);
    request.view.setUint32(Eeprom.offset, offset, true);
    request.view.setUint32(Eeprom.length, length, true);
    const answer = await context.ioctl(request.bytes);
    if (answer instanceof NetError) {
      await context.perror('Cannot get EEPROM data', answer);
      return 74;
    }
    const dump = answer.subarray(Eeprom.data, Eeprom.data + length);
    if (words['raw'] === 1) {
      await context.flush();
      await context.io.stdout.write(dump);
    } else context.print(hexLines(dump, offset));
    return 0;
  },
};

/** -E */
export const changeEeprom: SubCommand = {
  options: ['-E', '--change-eeprom'],
  summary: 'Change bytes in device EEPROM',
  parameters: '\t\t[ magic N ]\n\t\t[ offset N ]\n\t\t[ length N ]\n\t\t[ value N ]\n',
  async ioctl(context) {
    const words = readPairs(context.words, { magic: 'number', offset: 'number', length: 'number', value: 'number' });
    const info = await driverInfo(context);
    if (info instanceof NetError) {
      await context.perror('Cannot get driver information', info);
      return 74;
    }
    const all = viewOf(info).getUint32(DriverInfo.eepromBytes, true);
    const offset = Number(words['offset'] ?? 0);
    const { value } = words;
    // With a value it is one byte; without, the bytes come from standard input.
    const length = value !== undefined ? 1 : words['length'] === undefined ? all : Number(words['length']);
    if (all < offset + length) {
      await context.complain('offset & length out of bounds');
      return 1;
    }
    const request = struct(Eeprom.size + length, Ioctl.SEEPROM);
    request.view.setUint32(Eeprom.magic, Number(words['magic'] ?? 0), true);
    request.view.setUint32(Eeprom.offset, offset, true);
    request.view.setUint32(Eeprom.length, length, true);
    if (value === undefined) request.bytes.set(new TextEncoder().encode(await readAll(context.io.stdin)).subarray(0, length), Eeprom.data);
    else request.bytes[Eeprom.data] = Number(value) & 0xff;
    const answer = await context.ioctl(request.bytes);
    if (!(answer instanceof NetError)) return 0;
    await context.perror('Cannot set EEPROM data', answer);
    return 87;
  },
};
