import { Request } from '../../netlink/genl/ethtool/constants.js';
import {
  debugMessage,
  type EthtoolMessage,
  type EthtoolShape,
  linkinfoMessage,
  linkmodesMessage,
  wolMessage,
} from '../../netlink/genl/ethtool/messages.js';
import type { EthtoolContext } from './context.js';
import { bitset, hexBytes, letters, lookup, onOff, type Parameter, readParameters, u32, u8 } from './parameters.js';
import { orStatus } from './run.js';
import { WOL_LETTERS } from './settings.js';
import type { SubCommand } from './subcommand.js';

const deprecated: Parameter['read'] = (_words, problem) =>
  problem.failure(`deprecated parameter '${problem.parameter}' not supported by kernel`);

const table: readonly Parameter[] = [
  { name: 'port', group: 'linkinfo', key: 'port', read: lookup({ tp: 0, aui: 1, mii: 2, fibre: 3, bnc: 4, da: 5 }) },
  { name: 'mdix', group: 'linkinfo', key: 'mdixControl', read: lookup({ auto: 3, on: 2, off: 1 }) },
  { name: 'phyad', group: 'linkinfo', key: 'phyAddress', read: u8 },
  { name: 'autoneg', group: 'linkmodes', key: 'autoneg', read: onOff },
  { name: 'advertise', group: 'linkmodes', key: 'ours', read: bitset({ hex: true }) },
  { name: 'speed', group: 'linkmodes', key: 'speed', read: u32 },
  { name: 'lanes', group: 'linkmodes', key: 'lanes', read: u32 },
  { name: 'duplex', group: 'linkmodes', key: 'duplex', read: lookup({ half: 0, full: 1 }) },
  {
    name: 'master-slave',
    group: 'linkmodes',
    key: 'masterSlaveConfig',
    read: lookup({ 'preferred-master': 2, 'preferred-slave': 3, 'forced-master': 4, 'forced-slave': 5 }),
  },
  { name: 'wol', group: 'wol', key: 'modes', read: letters(WOL_LETTERS, 'd') },
  { name: 'sopass', group: 'wol', key: 'sopass', read: hexBytes(6) },
  { name: 'msglvl', group: 'debug', key: 'messageMask', read: bitset() },
  { name: 'xcvr', group: 'linkinfo', key: 'transceiver', read: deprecated },
];

const groups = [
  ['linkinfo', linkinfoMessage, Request.LINKINFO_SET],
  ['linkmodes', linkmodesMessage, Request.LINKMODES_SET],
  ['wol', wolMessage, Request.WOL_SET],
  ['debug', debugMessage, Request.DEBUG_SET],
] as unknown as readonly (readonly [string, EthtoolMessage<EthtoolShape>, number])[];

/** -s: one message for each group of settings that is named. */
export const change: SubCommand = {
  options: ['-s', '--change'],
  summary: 'Change generic options',
  parameters: `\t\t[ speed %d ]
\t\t[ lanes %d ]
\t\t[ duplex half|full ]
\t\t[ port tp|aui|bnc|mii|fibre|da ]
\t\t[ mdix auto|on|off ]
\t\t[ autoneg on|off ]
\t\t[ advertise %x[/%x] | mode on|off ... [--] ]
\t\t[ phyad %d ]
\t\t[ xcvr internal|external ]
\t\t[ wol %d[/%d] | p|u|m|b|a|g|s|f|d... ]
\t\t[ sopass %x:%x:%x:%x:%x:%x ]
\t\t[ msglvl %d[/%d] | type on|off ... [--] ]
\t\t[ master-slave preferred-master|preferred-slave|forced-master|forced-slave ]
`,
  async netlink(context: EthtoolContext) {
    const asked = readParameters('-s', context.words, table);
    return orStatus(75, async () => {
      const netlink = await context.netlink();
      for (const [name, schema, command] of groups) {
        const attributes = asked.get(name);
        if (attributes !== undefined) await netlink.set(schema, command, attributes);
      }
      return 0;
    });
  },
};
