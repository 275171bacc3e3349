import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { bitsOf, combine, equalBits, wordBits } from '../../../netlink/genl/ethtool/bitset.js';
import { Answer, Request } from '../../../netlink/genl/ethtool/constants.js';
import { debugMessage, linkinfoMessage, linkmodesMessage, linkstateMessage, wolMessage } from '../../../netlink/genl/ethtool/messages.js';
import { linkModeNames, messageClassNames, wolModeNames } from '../../../netlink/genl/ethtool/strings.js';
import type { NetDevice } from '../../../net/core/device.js';
import type { LinkSettings } from '../../../net/core/ethtool-ops.js';
import { modesOf } from '../../../net/ethtool/link-modes.js';
import { updateBits, writeBits } from './bits.js';
import { type EthtoolObject, unsupported } from './object.js';

const MODES = linkModeNames.length;
/** WAKE_MAGICSECURE */
const MAGIC_SECURE = 1 << 6;

const settingsOf = (device: NetDevice): LinkSettings =>
  device.ethtool.linkSettings?.get(device) ?? unsupported('failed to retrieve link settings');

export const linkinfo: EthtoolObject<typeof linkinfoMessage.attributes.shape> = {
  schema: linkinfoMessage,
  get: Request.LINKINFO_GET,
  reply: Answer.LINKINFO_GET_REPLY,
  describe(device) {
    const { port, phyAddress, mdix, mdixControl, transceiver } = settingsOf(device);
    return { port, phyAddress, mdix, mdixControl, transceiver };
  },
  set: {
    command: Request.LINKINFO_SET,
    notification: Answer.LINKINFO_NTF,
    // Linux: ethnl_set_linkinfo()
    apply(device, { attributes }) {
      const knob = device.ethtool.linkSettings;
      if (knob?.set === undefined) return unsupported();
      const before = knob.get(device);
      const { port = before.port, phyAddress = before.phyAddress, mdixControl = before.mdixControl } = attributes;
      if (port === before.port && phyAddress === before.phyAddress && mdixControl === before.mdixControl) return false;
      knob.set(device, { ...before, port, phyAddress, mdixControl });
      return true;
    },
  },
};

export const linkmodes: EthtoolObject<typeof linkmodesMessage.attributes.shape> = {
  schema: linkmodesMessage,
  get: Request.LINKMODES_GET,
  reply: Answer.LINKMODES_GET_REPLY,
  describe(device, flags) {
    const { autoneg, advertising, supported, linkPartner, speed, duplex } = settingsOf(device);
    const hasPeer = linkPartner.some((word) => word !== 0);
    return {
      autoneg: autoneg ? 1 : 0,
      ours: writeBits(flags, MODES, advertising, supported, linkModeNames),
      ...(hasPeer ? { peer: writeBits(flags, MODES, linkPartner, null, linkModeNames) } : {}),
      speed,
      duplex,
    };
  },
  set: {
    command: Request.LINKMODES_SET,
    notification: Answer.LINKMODES_NTF,
    // Linux: ethnl_set_linkmodes(), ethnl_update_linkmodes()
    apply(device, { attributes, offsetOf }) {
      const { masterSlaveConfig, lanes } = attributes;
      if (lanes !== undefined && (lanes & (lanes - 1)) !== 0) fail(EINVAL, 'lanes value is invalid', offsetOf('lanes'));
      const knob = device.ethtool.linkSettings;
      if (knob?.set === undefined) return unsupported();
      const before = knob.get(device);
      if (masterSlaveConfig !== undefined)
        return unsupported('master/slave configuration not supported by device', offsetOf('masterSlaveConfig'));
      const autoneg = attributes.autoneg === undefined ? before.autoneg : attributes.autoneg !== 0;
      if (lanes !== undefined && !autoneg) return unsupported('lanes configuration not supported by device', offsetOf('lanes'));
      const { speed = before.speed, duplex = before.duplex } = attributes;
      let advertising = updateBits(before.advertising, attributes.ours, MODES, linkModeNames, offsetOf('ours'));
      if (attributes.ours === undefined && autoneg && (attributes.speed !== undefined || attributes.duplex !== undefined))
        advertising = autoModes(before, attributes.speed, attributes.duplex);
      if (autoneg === before.autoneg && speed === before.speed && duplex === before.duplex && equalBits(advertising, before.advertising))
        return false;
      knob.set(device, { ...before, autoneg, speed, duplex, advertising });
      return true;
    },
  },
};

/** Of what the link can be, what has the speed and duplex asked for. Linux: ethnl_auto_linkmodes() */
function autoModes(before: LinkSettings, speed: number | undefined, duplex: number | undefined) {
  const chosen = bitsOf(
    MODES,
    modesOf(before.supported)
      .filter((mode) => (speed === undefined || mode.speed === speed) && (duplex === undefined || mode.duplex === duplex))
      .map(({ index }) => index),
  );
  const all = bitsOf(
    MODES,
    modesOf(before.supported).map(({ index }) => index),
  );
  // What is no speed - pause, ports - stays as it was.
  return combine(
    combine(before.advertising, all, (a, b) => a & ~b),
    chosen,
    (a, b) => a | b,
  );
}

export const linkstate: EthtoolObject<typeof linkstateMessage.attributes.shape> = {
  schema: linkstateMessage,
  get: Request.LINKSTATE_GET,
  reply: Answer.LINKSTATE_GET_REPLY,
  // Linux: __ethtool_get_link()
  describe: (device) => (device.ethtool.reportsLink === true ? { link: device.up && device.carrier ? 1 : 0 } : {}),
};

export const debug: EthtoolObject<typeof debugMessage.attributes.shape> = {
  schema: debugMessage,
  get: Request.DEBUG_GET,
  reply: Answer.DEBUG_GET_REPLY,
  describe(device, flags) {
    const level = device.ethtool.messageLevel?.get(device) ?? unsupported();
    return { messageMask: writeBits(flags, messageClassNames.length, wordBits(level), null, messageClassNames) };
  },
  set: {
    command: Request.DEBUG_SET,
    notification: Answer.DEBUG_NTF,
    apply(device, { attributes, offsetOf }) {
      const knob = device.ethtool.messageLevel;
      if (knob?.set === undefined) return unsupported();
      const before = wordBits(knob.get(device));
      const after = updateBits(before, attributes.messageMask, messageClassNames.length, messageClassNames, offsetOf('messageMask'));
      if (equalBits(before, after)) return false;
      knob.set(device, after[0]!);
      return true;
    },
  },
};

export const wol: EthtoolObject<typeof wolMessage.attributes.shape> = {
  schema: wolMessage,
  get: Request.WOL_GET,
  reply: Answer.WOL_GET_REPLY,
  describe(device, flags) {
    const { supported, active, sopass } = device.ethtool.wakeOnLan?.get(device) ?? unsupported();
    return {
      modes: writeBits(flags, wolModeNames.length, wordBits(active), wordBits(supported), wolModeNames),
      ...((supported & MAGIC_SECURE) === 0 ? {} : { sopass }),
    };
  },
  set: {
    command: Request.WOL_SET,
    notification: Answer.WOL_NTF,
    // Linux: ethnl_set_wol()
    apply(device, { attributes, offsetOf }) {
      const knob = device.ethtool.wakeOnLan;
      if (knob?.set === undefined) return unsupported();
      const { supported, active, sopass } = knob.get(device);
      const modes = updateBits(wordBits(active), attributes.modes, wolModeNames.length, wolModeNames, offsetOf('modes'))[0]!;
      if ((modes & ~supported) !== 0) fail(EINVAL, 'cannot enable unsupported WoL mode', offsetOf('modes'));
      if (attributes.sopass !== undefined && (supported & MAGIC_SECURE) === 0)
        fail(EINVAL, 'magicsecure not supported, cannot set password', offsetOf('sopass'));
      if (modes === active && attributes.sopass === undefined) return false;
      knob.set(device, { supported, active: modes, sopass: attributes.sopass ?? sopass });
      return true;
    },
  },
};
