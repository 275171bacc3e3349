import { hasBit, readBitset, type WireBitset } from '../../netlink/genl/ethtool/bitset.js';
import { Request, StringSet } from '../../netlink/genl/ethtool/constants.js';
import { tsinfoMessage } from '../../netlink/genl/ethtool/messages.js';
import type { EthtoolContext } from './context.js';
import { showing } from './run.js';
import type { SubCommand } from './subcommand.js';

/** "Title:" and the names below it, or `none` behind it. */
async function list(context: EthtoolContext, title: string, wire: WireBitset | undefined, set: number, none: string): Promise<void> {
  const bits = readBitset(wire);
  const names = bits === null ? [] : (await (await context.netlink()).strings(set)).filter((_, index) => hasBit(bits.value, index));
  context.print(names.length === 0 ? `${title}:${none}\n` : `${title}:\n${names.map((name) => `\t${name}\n`).join('')}`);
}

/** -T */
export const timestamps: SubCommand = {
  options: ['-T', '--show-time-stamping'],
  summary: 'Show time stamping capabilities',
  netlink: showing({
    schema: tsinfoMessage,
    get: Request.TSINFO_GET,
    async show(context, { device, values: { timestamping, txTypes, rxFilters, phcIndex } }, silent) {
      context.print(`${silent ? '\n' : ''}Time stamping parameters for ${device}:\n`);
      await list(context, 'Capabilities', timestamping, StringSet.SOF_TIMESTAMPING, '');
      context.print(`PTP Hardware Clock: ${phcIndex ?? 'none'}\n`);
      await list(context, 'Hardware Transmit Timestamp Modes', txTypes, StringSet.TS_TX_TYPES, ' none');
      await list(context, 'Hardware Receive Filter Modes', rxFilters, StringSet.TS_RX_FILTERS, ' none');
    },
  }),
};
