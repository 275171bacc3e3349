import { type ReadBits, readBitset, hasBit } from '../../netlink/genl/ethtool/bitset.js';
import { Answer, Request, StringSet } from '../../netlink/genl/ethtool/constants.js';
import { eeeMessage } from '../../netlink/genl/ethtool/messages.js';
import { bitset, onOff, u32 } from './parameters.js';
import { setting, showing, type Shown } from './run.js';
import type { SubCommand } from './subcommand.js';

function modes(title: string, bits: ReadBits, mask: boolean, names: readonly string[]): string {
  const found = names.filter((_, index) => hasBit(mask ? bits.mask : bits.value, index));
  return `\t${title}${found.length === 0 ? 'Not reported' : found.join(`\n\t${' '.repeat(title.length)}`)}\n`;
}

/** Energy-Efficient Ethernet. */
export const eeeShown: Shown<typeof eeeMessage.attributes.shape> = {
  schema: eeeMessage,
  get: Request.EEE_GET,
  notification: Answer.EEE_NTF,
  async show(context, { device, values }, silent) {
    const { enabled = 0, active = 0, txLpiEnabled = 0, txLpiTimer = 0 } = values;
    const names = await (await context.netlink()).strings(StringSet.LINK_MODES);
    if (silent) context.print('\n');
    context.print(`EEE settings for ${device}:\n\tEEE status: `);
    const ours = readBitset(values.modesOurs);
    if (ours === null || ours.mask.every((word) => word === 0)) {
      context.print('not supported\n');
      return;
    }
    context.print(enabled === 0 ? 'disabled\n' : `enabled - ${active === 0 ? 'inactive' : 'active'}\n`);
    context.print(`\tTx LPI: ${txLpiEnabled === 0 ? 'disabled' : `${txLpiTimer} (us)`}\n`);
    context.print(modes('Supported EEE link modes:  ', ours, true, names));
    context.print(modes('Advertised EEE link modes:  ', ours, false, names));
    const peer = readBitset(values.modesPeer);
    if (peer !== null) context.print(modes('Link partner advertised EEE link modes:  ', peer, false, names));
  },
};

export const showEee: SubCommand = { options: ['--show-eee'], summary: 'Show EEE settings', netlink: showing(eeeShown) };

export const setEee: SubCommand = {
  options: ['--set-eee'],
  summary: 'Set EEE settings',
  parameters: '\t\t[ eee on|off ]\n\t\t[ advertise %x ]\n\t\t[ tx-lpi on|off ]\n\t\t[ tx-timer %d ]\n',
  netlink: setting(
    eeeMessage,
    Request.EEE_SET,
    '--set-eee',
    [
      { name: 'advertise', key: 'modesOurs', read: bitset({ hex: true }) },
      { name: 'tx-lpi', key: 'txLpiEnabled', read: onOff },
      { name: 'tx-timer', key: 'txLpiTimer', read: u32 },
      { name: 'eee', key: 'enabled', read: onOff },
    ],
    76,
  ),
};
