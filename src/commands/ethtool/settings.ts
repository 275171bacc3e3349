import { hasBit, readBitset } from '../../netlink/genl/ethtool/bitset.js';
import { Answer, Request, SPEED_UNKNOWN, StringSet } from '../../netlink/genl/ethtool/constants.js';
import { debugMessage, linkinfoMessage, linkmodesMessage, linkstateMessage, wolMessage } from '../../netlink/genl/ethtool/messages.js';
import type { EthtoolShape } from '../../netlink/genl/ethtool/messages.js';
import type { EthtoolContext } from './context.js';
import { ourModes, peerModes } from './link-modes.js';
import { Refused } from './netlink.js';
import type { Shown } from './run.js';
import type { SubCommand } from './subcommand.js';

const portNames: Readonly<Record<number, string>> = {
  0: 'Twisted Pair',
  1: 'AUI',
  2: 'MII',
  3: 'FIBRE',
  4: 'BNC',
  5: 'Direct Attach Copper',
  0xef: 'None',
  0xff: 'Other',
};
const masterSlaveNames = [
  'Unsupported',
  'unknown',
  'preferred master',
  'preferred slave',
  'forced master',
  'forced slave',
  'resolution error',
];
const extStates: Readonly<Record<number, string>> = {
  0: 'Autoneg',
  1: 'Link training failure',
  2: 'Logical mismatch',
  3: 'Bad signal integrity',
  4: 'No cable',
  5: 'Cable issue',
  6: 'EEPROM issue',
  7: 'Calibration failure',
  8: 'Power budget exceeded',
  9: 'Overheat',
  10: 'Module',
};
/** WAKE_* by their bits. */
export const WOL_LETTERS = 'pumbagsf';

const linkmodes: Shown<typeof linkmodesMessage.attributes.shape> = {
  schema: linkmodesMessage,
  get: Request.LINKMODES_GET,
  notification: Answer.LINKMODES_NTF,
  async show(context, { values }) {
    const { autoneg, speed, duplex, lanes, masterSlaveConfig, masterSlaveState } = values;
    const names = await (await context.netlink()).strings(StringSet.LINK_MODES);
    const ours = readBitset(values.ours);
    if (ours !== null) context.print(ourModes(ours, names));
    const peer = readBitset(values.peer);
    if (peer !== null) context.print(peerModes(peer, names));
    if (speed !== undefined) {
      const known = speed !== 0 && speed !== 0xffff && speed !== SPEED_UNKNOWN;
      context.print(`\tSpeed: ${known ? `${speed}Mb/s` : 'Unknown!'}\n`);
    }
    if (lanes !== undefined) context.print(`\tLanes: ${lanes}\n`);
    if (duplex !== undefined) context.print(`\tDuplex: ${duplex === 0 ? 'Half' : duplex === 1 ? 'Full' : `Unknown! (${duplex})`}\n`);
    if (autoneg !== undefined)
      context.print(`\tAuto-negotiation: ${autoneg === 0 ? 'off' : autoneg === 1 ? 'on' : `Unknown! (${autoneg})`}\n`);
    if (masterSlaveConfig !== undefined) context.print(`\tmaster-slave cfg: ${masterSlaveNames[masterSlaveConfig] ?? masterSlaveConfig}\n`);
    if (masterSlaveState !== undefined) context.print(`\tmaster-slave status: ${masterSlaveNames[masterSlaveState] ?? masterSlaveState}\n`);
  },
};

/** ETH_TP_MDI_* */
function mdixText(now: number, control: number): string {
  if (control === 1) return 'off (forced)';
  if (control === 2) return 'on (forced)';
  return `${now === 1 ? 'off' : now === 2 ? 'on' : 'Unknown'}${control === 3 ? ' (auto)' : ''}`;
}

const linkinfo: Shown<typeof linkinfoMessage.attributes.shape> = {
  schema: linkinfoMessage,
  get: Request.LINKINFO_GET,
  notification: Answer.LINKINFO_NTF,
  show(context, { values: { port, phyAddress, transceiver, mdix, mdixControl } }) {
    if (port !== undefined) context.print(`\tPort: ${portNames[port] ?? `Unknown! (${port})`}\n`);
    if (phyAddress !== undefined) context.print(`\tPHYAD: ${phyAddress}\n`);
    if (transceiver !== undefined)
      context.print(`\tTransceiver: ${transceiver === 0 ? 'internal' : transceiver === 1 ? 'external' : `Unknown! (${transceiver})`}\n`);
    if (port === 0 && mdix !== undefined && mdixControl !== undefined) context.print(`\tMDI-X: ${mdixText(mdix, mdixControl)}\n`);
  },
};

const wolText = (value: number) => [...WOL_LETTERS].filter((_, index) => (value & (1 << index)) !== 0).join('') || 'd';

const wol: Shown<typeof wolMessage.attributes.shape> = {
  schema: wolMessage,
  get: Request.WOL_GET,
  notification: Answer.WOL_NTF,
  show(context, { values: { modes, sopass } }) {
    const bits = readBitset(modes);
    if (bits !== null) {
      context.print(`\tSupports Wake-on: ${wolText(bits.mask[0] ?? 0)}\n`);
      context.print(`\tWake-on: ${wolText(bits.value[0] ?? 0)}\n`);
    }
    if (sopass !== undefined)
      context.print(`        SecureOn password: ${[...sopass].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}\n`);
  },
};

const debug: Shown<typeof debugMessage.attributes.shape> = {
  schema: debugMessage,
  get: Request.DEBUG_GET,
  notification: Answer.DEBUG_NTF,
  async show(context, { values: { messageMask } }) {
    const bits = readBitset(messageMask);
    if (bits === null) return;
    const names = await (await context.netlink()).strings(StringSet.MSG_CLASSES);
    const level = bits.value[0] ?? 0;
    context.print(`        Current message level: 0x${level.toString(16).padStart(8, '0')} (${level})\n`);
    const set = names.filter((_, index) => hasBit(bits.value, index)).map((name) => ` ${name}`);
    context.print(`                              ${set.join('')}\n`);
  },
};

const linkstate: Shown<typeof linkstateMessage.attributes.shape> = {
  schema: linkstateMessage,
  get: Request.LINKSTATE_GET,
  show(context, { values: { link, sqi, sqiMax, extState } }) {
    const why = extState === undefined ? '' : ` (${extStates[extState] ?? extState})`;
    if (link !== undefined) context.print(`\tLink detected: ${link === 0 ? 'no' : 'yes'}${why}\n`);
    if (sqi !== undefined) context.print(`\tSQI: ${sqi}${sqiMax === undefined ? '' : `/${sqiMax}`}\n`);
  },
};

/** What the settings of a link are made of, in the order in which they are shown. */
const parts = [linkmodes, linkinfo, wol, debug, linkstate] as unknown as readonly Shown<EthtoolShape>[];
/** Those that the monitor hears of. */
export const settingsParts = parts.filter((part) => part.notification !== undefined);

const hasMore = (values: object) => Object.keys(values).some((key) => key !== 'header');

/** ethtool DEVNAME */
export const settings: SubCommand = {
  options: [],
  summary: 'Display standard information about device',
  json: false,
  // Linux ethtool: nl_gset()
  async netlink(context: EthtoolContext) {
    const netlink = await context.netlink();
    netlink.quietAboutUnsupported = true;
    let banner = false;
    for (const part of parts) {
      try {
        for (const answered of await netlink.get(part.schema, part.get)) {
          if (!hasMore(answered.values)) continue;
          if (netlink.isDump || !banner) context.print(`Settings for ${answered.device}:\n`);
          banner = true;
          await part.show(context, answered, false);
        }
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
      }
    }
    if (banner) return 0;
    context.print('No data available\n');
    return 75;
  },
};
