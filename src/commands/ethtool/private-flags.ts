import { hasBit, readBitset, type WireBit } from '../../netlink/genl/ethtool/bitset.js';
import { Answer, Request, StringSet } from '../../netlink/genl/ethtool/constants.js';
import { privflagsMessage } from '../../netlink/genl/ethtool/messages.js';
import { CommandFailure } from '../shared/failure.js';
import { orStatus, showing, type Shown } from './run.js';
import type { SubCommand } from './subcommand.js';

export const privateFlagsShown: Shown<typeof privflagsMessage.attributes.shape> = {
  schema: privflagsMessage,
  get: Request.PRIVFLAGS_GET,
  notification: Answer.PRIVFLAGS_NTF,
  flags: 1,
  async show(context, { device, values: { flags } }, silent) {
    const bits = readBitset(flags);
    if (bits === null) return;
    const names = await (await context.netlink()).strings(StringSet.PRIV_FLAGS, device);
    const width = Math.max(0, ...names.map((name) => name.length));
    if (silent) context.print('\n');
    context.print(`Private flags for ${device}:\n`);
    for (const [index, name] of names.entries()) {
      if (!hasBit(bits.mask, index)) continue;
      context.print(`${name.padEnd(width)}: ${hasBit(bits.value, index) ? 'on' : 'off'}\n`);
    }
  },
};

export const showPrivateFlags: SubCommand = {
  options: ['--show-priv-flags'],
  summary: 'Query private flags',
  netlink: showing(privateFlagsShown),
};

export const setPrivateFlags: SubCommand = {
  options: ['--set-priv-flags'],
  summary: 'Set private flags',
  parameters: '\t\tFLAG on|off ...\n',
  async netlink(context) {
    const { words } = context;
    const bits: WireBit[] = [];
    for (let at = 0; at < words.length; at += 2) {
      const state = words[at + 1];
      if (state !== 'on' && state !== 'off')
        throw new CommandFailure(1, `ethtool (--set-priv-flags): flag '${words[at]}' is not followed by 'on' or 'off'\n`);
      bits.push({ name: words[at]!, ...(state === 'on' ? { value: true } : {}) });
    }
    return orStatus(1, async () => {
      await (await context.netlink()).set(privflagsMessage, Request.PRIVFLAGS_SET, { flags: { bits: { bits } } });
      return 0;
    });
  },
};
