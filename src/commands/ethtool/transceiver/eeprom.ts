import { NetError } from '../../../base/net-error.js';
import { Eeprom, Ioctl, ModuleInfo } from '../../../netlink/genl/ethtool/ioctl.js';
import { CommandFailure } from '../../shared/failure.js';
import type { EthtoolContext } from '../context.js';
import { hexLines } from '../dumps.js';
import { readPairs, struct, viewOf } from '../ioctl-words.js';
import { onOff, readOne, u32 } from '../parameters.js';
import { orStatus } from '../run.js';
import type { SubCommand } from '../subcommand.js';
import { decode } from './decode.js';
import { I2C_LOW, ModuleMemory, PAGE } from './memory.js';

const parameters = [
  { name: 'offset', key: 'offset', read: u32 },
  { name: 'length', key: 'length', read: u32 },
  { name: 'page', key: 'page', read: u32 },
  { name: 'bank', key: 'bank', read: u32 },
  { name: 'i2c', key: 'i2cAddress', read: u32 },
  { name: 'hex', key: 'hex', read: onOff },
  { name: 'raw', key: 'raw', read: onOff },
];

interface Wish {
  readonly offset?: number;
  readonly length?: number;
  readonly page?: number;
  readonly bank?: number;
  readonly i2cAddress?: number;
  readonly hex?: number;
  readonly raw?: number;
}

async function show(context: EthtoolContext, bytes: Uint8Array, offset: number, raw: boolean): Promise<void> {
  if (!raw) return context.print(hexLines(bytes, offset));
  await context.flush();
  await context.io.stdout.write(bytes);
}

/** -m: what a plug-in module says of itself. All of its bytes at once only the ioctl gives; netlink reads by pages. */
export const moduleEeprom: SubCommand = {
  options: ['-m', '--dump-module-eeprom', '--module-info'],
  summary: 'Query/Decode Module EEPROM information and optical diagnostics if available',
  parameters: `\t\t[ raw on|off ]
\t\t[ hex on|off ]
\t\t[ offset N ]
\t\t[ length N ]
\t\t[ page N ]
\t\t[ bank N ]
\t\t[ i2c N ]
`,
  speaksNetlink(words) {
    const { hex, raw, page, bank, i2cAddress } = readOne('-m', words, parameters) as Wish;
    if (hex === 1 && raw === 1) throw new CommandFailure(1, 'Hex and raw dump cannot be specified together\n');
    return !((hex === 1 || raw === 1) && !page && !bank && !i2cAddress);
  },
  async netlink(context) {
    const { offset = 0, length = 0, page = 0, bank = 0, i2cAddress = I2C_LOW, raw } = readOne('-m', context.words, parameters) as Wish;
    return orStatus(1, async () => {
      const memory = new ModuleMemory(await context.netlink());
      // An address alone, or what is 0 anyhow, asks for nothing else than no words at all do.
      if (offset !== 0 || length !== 0 || page !== 0 || bank !== 0) {
        const start = page !== 0 && offset === 0 ? PAGE : offset;
        // One byte each: what does not fit is cut, as the real tool cuts it.
        const where = { page: page & 0xff, bank: bank & 0xff, i2cAddress: i2cAddress & 0xff };
        await show(context, await memory.read({ offset: start, length: length === 0 ? PAGE : length, ...where }), start, raw === 1);
        return 0;
      }
      const lower = await memory.read({ offset: 0, length: PAGE });
      const decoded = await decode(memory, lower);
      context.print(decoded ?? hexLines(lower, 0));
      return 0;
    });
  },
  async ioctl(context) {
    const words = readPairs(context.words, {
      raw: 'on-off',
      hex: 'on-off',
      offset: 'number',
      length: 'number',
      page: 'number',
      bank: 'number',
      i2c: 'number',
    });
    const info = await context.ioctl(struct(ModuleInfo.size, Ioctl.GMODULEINFO).bytes);
    if (info instanceof NetError) {
      await context.perror('Cannot get module EEPROM information', info);
      return 1;
    }
    const all = viewOf(info).getUint32(ModuleInfo.length, true);
    const offset = Number(words['offset'] ?? 0);
    const length = Math.min(Number(words['length'] ?? all), all - offset);
    if (length < 0) {
      await context.complain('Cannot get Module EEPROM data: Invalid argument');
      return 1;
    }
    const request = struct(Eeprom.size + length, Ioctl.GMODULEEEPROM);
    request.view.setUint32(Eeprom.offset, offset, true);
    request.view.setUint32(Eeprom.length, length, true);
    const answer = await context.ioctl(request.bytes);
    if (answer instanceof NetError) {
      await context.perror('Cannot get Module EEPROM data', answer);
      return 1;
    }
    await show(context, answer.subarray(Eeprom.data, Eeprom.data + length), offset, words['raw'] === 1);
    return 0;
  },
};
