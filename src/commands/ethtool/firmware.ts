import { NetError } from '../../base/net-error.js';
import { Ioctl, Value } from '../../netlink/genl/ethtool/ioctl.js';
import { integer, readPairs, struct, viewOf } from './ioctl-words.js';
import { badArguments, type SubCommand } from './subcommand.js';

/** struct ethtool_flash: u32 cmd | u32 region | name of 128 bytes. */
const FLASH_BYTES = 136;
const MOST_NAME = 128;
/** struct ethtool_dump: u32 cmd | u32 version | u32 flag | u32 length | data. */
const DUMP_BYTES = 16;

/** -f */
export const flash: SubCommand = {
  options: ['-f', '--flash'],
  summary: 'Flash firmware image from the specified file to a region on the device',
  parameters: '               FILENAME [ REGION-NUMBER-TO-FLASH ]\n',
  async ioctl(context) {
    const [file, region, more] = context.words;
    if (file === undefined || more !== undefined) return badArguments();
    if (file.length >= MOST_NAME) {
      await context.complain(`Filename too long`);
      return 99;
    }
    const request = struct(FLASH_BYTES, Ioctl.FLASHDEV);
    request.view.setUint32(4, region === undefined ? 0 : integer(region), true);
    request.bytes.set(new TextEncoder().encode(file), 8);
    const answer = await context.ioctl(request.bytes);
    if (!(answer instanceof NetError)) return 0;
    await context.perror('Flashing failed', answer);
    return 1;
  },
};

/** -w */
export const getDump: SubCommand = {
  options: ['-w', '--get-dump'],
  summary: 'Get dump flag, data',
  parameters: '\t\t[ data FILENAME ]\n',
  async ioctl(context) {
    const { data: file } = readPairs(context.words, { data: 'text' });
    const flag = await context.ioctl(struct(DUMP_BYTES, Ioctl.GET_DUMP_FLAG).bytes);
    if (flag instanceof NetError) {
      await context.perror('Can not get dump level', flag);
      return 1;
    }
    const view = viewOf(flag);
    const length = view.getUint32(12, true);
    if (file === undefined) {
      context.print(`flag: ${view.getUint32(8, true)}, version: ${view.getUint32(4, true)}, length: ${length}\n`);
      return 0;
    }
    const request = struct(DUMP_BYTES + length, Ioctl.GET_DUMP_DATA);
    request.view.setUint32(12, length, true);
    const dump = await context.ioctl(request.bytes);
    if (dump instanceof NetError) {
      await context.perror('Can not get dump data', dump);
      return 1;
    }
    await context.io.files.write(String(file), dump.subarray(DUMP_BYTES, DUMP_BYTES + length));
    return 0;
  },
};

/** -W */
export const setDump: SubCommand = {
  options: ['-W', '--set-dump'],
  summary: 'Set dump flag of the device',
  parameters: '\t\tN\n',
  async ioctl(context) {
    const [word] = context.words;
    if (word === undefined) return badArguments();
    const request = struct(DUMP_BYTES, Ioctl.SET_DUMP);
    request.view.setUint32(8, integer(word), true);
    const answer = await context.ioctl(request.bytes);
    if (!(answer instanceof NetError)) return 0;
    await context.perror('Can not set dump level', answer);
    return 1;
  },
};

/** ETH_RESET_*: bits of a device's own parts; those it shares with others lie 16 bits higher. */
const resetParts: Readonly<Record<string, number>> = {
  mgmt: 1 << 0,
  irq: 1 << 1,
  dma: 1 << 2,
  filter: 1 << 3,
  offload: 1 << 4,
  mac: 1 << 5,
  phy: 1 << 6,
  ram: 1 << 7,
  ap: 1 << 8,
};
const resetWords: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    Object.entries(resetParts).flatMap(([name, bit]) => [
      [name, bit],
      [`${name}-shared`, bit << 16],
    ]),
  ),
  dedicated: 0x0000_ffff,
  all: 0xffff_ffff,
};

/** --reset */
export const reset: SubCommand = {
  options: ['--reset'],
  summary: 'Reset components',
  parameters: `\t\t[ flags %x ]
${Object.keys(resetWords)
  .map((word) => `\t\t[ ${word} ]\n`)
  .join('')}`,
  async ioctl(context) {
    const { words } = context;
    if (words.length === 0) return badArguments();
    let flags = 0;
    for (let at = 0; at < words.length; at++) {
      const word = words[at]!;
      if (word === 'flags') flags |= integer(words[++at] ?? badArguments(), 16);
      else flags |= Object.hasOwn(resetWords, word) ? resetWords[word]! : badArguments();
    }
    context.print(`ETHTOOL_RESET 0x${(flags >>> 0).toString(16)}\n`);
    const request = struct(Value.size, Ioctl.RESET);
    request.view.setUint32(Value.value, flags >>> 0, true);
    const answer = await context.ioctl(request.bytes);
    if (answer instanceof NetError) {
      await context.perror('Cannot issue ETHTOOL_RESET', answer);
      return 1;
    }
    const left = viewOf(answer).getUint32(Value.value, true);
    if (left !== 0) context.print(`Components not reset:     0x${left.toString(16)}\n`);
    if ((flags & ~left) >>> 0 !== 0) context.print(`Components reset:     0x${((flags & ~left) >>> 0).toString(16)}\n`);
    return 0;
  },
};
