import { hasBit, readBitset } from '../../netlink/genl/ethtool/bitset.js';
import { Request, StringSet } from '../../netlink/genl/ethtool/constants.js';
import { fecMessage } from '../../netlink/genl/ethtool/messages.js';
import { LinkMode } from '../../netlink/genl/ethtool/strings.js';
import { CommandFailure } from '../shared/failure.js';
import { noWords, orStatus } from './run.js';
import type { SubCommand } from './subcommand.js';

/** What the link modes of forward error correction are called here. */
const names: Readonly<Record<number, string>> = {
  [LinkMode.FEC_NONE]: 'Off',
  [LinkMode.FEC_RS]: 'RS',
  [LinkMode.FEC_BASER]: 'BaseR',
  [LinkMode.FEC_LLRS]: 'LLRS',
};

export const showFec: SubCommand = {
  options: ['--show-fec'],
  summary: 'Show FEC settings',
  json: true,
  async netlink(context) {
    noWords(context);
    const json = context.flags.json ? context.jsonWriter() : null;
    json?.openArray();
    const status = await orStatus(1, async () => {
      const netlink = await context.netlink();
      for (const { device, values } of await netlink.get(fecMessage, Request.FEC_GET, { flags: context.flags.statistics ? 4 : 0 })) {
        const bits = readBitset(values.modes);
        const configured = [
          ...(values.auto === 1 ? ['Auto'] : []),
          ...Object.keys(names)
            .filter((index) => bits !== null && hasBit(bits.value, Number(index)))
            .map((index) => names[Number(index)]!),
        ];
        const active = values.active === undefined ? 'None' : (names[values.active] ?? 'Unknown');
        if (json === null) {
          if (netlink.isDump) context.print('\n');
          context.print(
            `FEC parameters for ${device}:\nSupported/Configured FEC encodings:${configured.map((name) => ` ${name}`).join('') || ' None'}\n`,
          );
          context.print(`Active FEC encoding: ${active}\n`);
          continue;
        }
        json.openObject();
        json.name('ifname');
        json.value(device);
        json.name('config');
        json.openArray();
        for (const name of configured) json.value(name);
        json.closeArray();
        json.name('active');
        json.openArray();
        json.value(active);
        json.closeArray();
        json.closeObject();
      }
      return 0;
    });
    json?.closeArray();
    json?.end();
    return status;
  },
};

const words: Readonly<Record<string, number>> = {
  off: LinkMode.FEC_NONE,
  rs: LinkMode.FEC_RS,
  baser: LinkMode.FEC_BASER,
  llrs: LinkMode.FEC_LLRS,
};

export const setFec: SubCommand = {
  options: ['--set-fec'],
  summary: 'Set FEC settings',
  parameters: '\t\t[ encoding auto|off|rs|baser|llrs [...]]\n',
  async netlink(context) {
    const [first, ...encodings] = context.words;
    if (first === undefined) throw new CommandFailure(1, 'ethtool (--set-fec): parameters missing\n');
    if (first !== 'encoding') throw new CommandFailure(1, `ethtool (--set-fec): unknown parameter '${first}'\n`);
    if (encodings.length === 0) throw new CommandFailure(1, "ethtool (--set-fec): no value for parameter 'encoding'\n");
    return orStatus(83, async () => {
      const netlink = await context.netlink();
      const modes = await netlink.strings(StringSet.LINK_MODES);
      const lower = encodings.map((word) => word.toLowerCase());
      const bits = lower
        .filter((word) => word !== 'auto')
        .map((word) => {
          const known = words[word];
          return { name: known === undefined ? word : (modes[known] ?? word) };
        });
      await netlink.set(fecMessage, Request.FEC_SET, { modes: { noMask: true, bits: { bits } }, auto: lower.includes('auto') ? 1 : 0 });
      return 0;
    });
  },
};
