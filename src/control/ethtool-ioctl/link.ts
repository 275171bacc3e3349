import { EINVAL, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Bits } from '../../netlink/genl/ethtool/bitset.js';
import { Answer } from '../../netlink/genl/ethtool/constants.js';
import { Ioctl, LinkCommand, LinkSettingsStruct, TimestampInfo, Value, WakeOnLan } from '../../netlink/genl/ethtool/ioctl.js';
import { linkModeNames } from '../../netlink/genl/ethtool/strings.js';
import type { NetDevice } from '../../net/core/device.js';
import type { LinkSettings } from '../../net/core/ethtool-ops.js';
import { stampsOf } from '../genl/ethtool/others.js';
import { wordCommands } from './knob-word.js';
import { tellSet } from './notify.js';
import type { IoctlCommand, IoctlRequest } from './request.js';

/** Words of a set of link modes. */
const WORDS = Math.ceil(linkModeNames.length / 32);

const settingsOf = (device: NetDevice): LinkSettings => device.ethtool.linkSettings?.get(device) ?? fail(EOPNOTSUPP);

function setSettings(device: NetDevice, settings: Partial<LinkSettings>): void {
  const knob = device.ethtool.linkSettings;
  if (knob?.set === undefined) fail(EOPNOTSUPP);
  knob.set(device, { ...knob.get(device), ...settings });
  tellSet(device, Answer.LINKINFO_NTF, Answer.LINKMODES_NTF);
}

/** ETHTOOL_GSET and ETHTOOL_SSET: struct ethtool_cmd, with the first 32 link modes. */
const getCommand: IoctlCommand = {
  command: Ioctl.GSET,
  reads: true,
  size: LinkCommand.size,
  handle(request) {
    const settings = settingsOf(request.device);
    const { view } = request;
    request.bytes.fill(0, 4);
    view.setUint32(LinkCommand.supported, settings.supported[0]!, true);
    view.setUint32(LinkCommand.advertising, settings.advertising[0]!, true);
    view.setUint32(LinkCommand.linkPartner, settings.linkPartner[0]!, true);
    view.setUint16(LinkCommand.speed, settings.speed & 0xffff, true);
    view.setUint16(LinkCommand.speedHigh, settings.speed >>> 16, true);
    view.setUint8(LinkCommand.duplex, settings.duplex);
    view.setUint8(LinkCommand.port, settings.port);
    view.setUint8(LinkCommand.phyAddress, settings.phyAddress);
    view.setUint8(LinkCommand.transceiver, settings.transceiver);
    view.setUint8(LinkCommand.autoneg, Number(settings.autoneg));
    view.setUint8(LinkCommand.mdix, settings.mdix);
    view.setUint8(LinkCommand.mdixControl, settings.mdixControl);
  },
};
const setCommand: IoctlCommand = {
  command: Ioctl.SSET,
  size: LinkCommand.size,
  handle({ device, view }) {
    const advertising = settingsOf(device).advertising.slice();
    advertising[0] = view.getUint32(LinkCommand.advertising, true);
    setSettings(device, {
      speed: (view.getUint16(LinkCommand.speed, true) | (view.getUint16(LinkCommand.speedHigh, true) << 16)) >>> 0,
      duplex: view.getUint8(LinkCommand.duplex),
      port: view.getUint8(LinkCommand.port),
      phyAddress: view.getUint8(LinkCommand.phyAddress),
      autoneg: view.getUint8(LinkCommand.autoneg) !== 0,
      mdixControl: view.getUint8(LinkCommand.mdixControl),
      advertising,
    });
  },
};

/** ETHTOOL_GLINKSETTINGS: who asks with another number of words is told the right one, negative. Linux: ethtool_get_link_ksettings() */
const getSettings: IoctlCommand = {
  command: Ioctl.GLINKSETTINGS,
  reads: true,
  size: LinkSettingsStruct.size,
  handle(request) {
    const settings = settingsOf(request.device);
    const { view } = request;
    const words = view.getInt8(LinkSettingsStruct.words);
    request.bytes.fill(0, 4);
    if (words !== WORDS) return view.setInt8(LinkSettingsStruct.words, -WORDS);
    view.setUint32(LinkSettingsStruct.speed, settings.speed, true);
    view.setUint8(LinkSettingsStruct.duplex, settings.duplex);
    view.setUint8(LinkSettingsStruct.port, settings.port);
    view.setUint8(LinkSettingsStruct.phyAddress, settings.phyAddress);
    view.setUint8(LinkSettingsStruct.autoneg, Number(settings.autoneg));
    view.setUint8(LinkSettingsStruct.mdix, settings.mdix);
    view.setUint8(LinkSettingsStruct.mdixControl, settings.mdixControl);
    view.setInt8(LinkSettingsStruct.words, WORDS);
    view.setUint8(LinkSettingsStruct.transceiver, settings.transceiver);
    for (const [set, bits] of [settings.supported, settings.advertising, settings.linkPartner].entries())
      for (let word = 0; word < WORDS; word++) request.setU32(LinkSettingsStruct.modes + (set * WORDS + word) * 4, bits[word] ?? 0);
  },
};

const modesAt = (request: IoctlRequest, set: number): Bits =>
  Uint32Array.from({ length: WORDS }, (_, word) => request.u32(LinkSettingsStruct.modes + (set * WORDS + word) * 4));

const changeSettings: IoctlCommand = {
  command: Ioctl.SLINKSETTINGS,
  size: LinkSettingsStruct.size,
  behind: ({ view }) => (view.getInt8(LinkSettingsStruct.words) === WORDS ? 3 * WORDS * 4 : fail(EINVAL)),
  handle(request) {
    const { device, view } = request;
    setSettings(device, {
      speed: view.getUint32(LinkSettingsStruct.speed, true),
      duplex: view.getUint8(LinkSettingsStruct.duplex),
      port: view.getUint8(LinkSettingsStruct.port),
      phyAddress: view.getUint8(LinkSettingsStruct.phyAddress),
      autoneg: view.getUint8(LinkSettingsStruct.autoneg) !== 0,
      mdixControl: view.getUint8(LinkSettingsStruct.mdixControl),
      advertising: modesAt(request, 1),
    });
  },
};

/** ETHTOOL_GLINK */
const getLink: IoctlCommand = {
  command: Ioctl.GLINK,
  reads: true,
  size: Value.size,
  handle(request) {
    const { device } = request;
    if (device.ethtool.reportsLink !== true) fail(EOPNOTSUPP);
    request.setU32(Value.value, device.up && device.carrier ? 1 : 0);
  },
};

const wakeOnLan: IoctlCommand = {
  command: Ioctl.GWOL,
  size: WakeOnLan.size,
  handle(request) {
    const { supported, active, sopass } = request.device.ethtool.wakeOnLan?.get(request.device) ?? fail(EOPNOTSUPP);
    request.setU32(WakeOnLan.supported, supported);
    request.setU32(WakeOnLan.options, active);
    request.setBytes(WakeOnLan.sopass, sopass);
  },
};

const setWakeOnLan: IoctlCommand = {
  command: Ioctl.SWOL,
  size: WakeOnLan.size,
  handle(request) {
    const { device } = request;
    const knob = device.ethtool.wakeOnLan;
    if (knob?.set === undefined) fail(EOPNOTSUPP);
    const { supported } = knob.get(device);
    const active = request.u32(WakeOnLan.options);
    if ((active & ~supported) !== 0) fail(EINVAL);
    knob.set(device, { supported, active, sopass: request.bytes.slice(WakeOnLan.sopass, WakeOnLan.sopass + 6) });
    tellSet(device, Answer.WOL_NTF);
  },
};

/** ETHTOOL_GET_TS_INFO: libpcap asks it. There are no hardware clocks. */
const timestamps: IoctlCommand = {
  command: Ioctl.GET_TS_INFO,
  reads: true,
  size: TimestampInfo.size,
  handle(request) {
    request.bytes.fill(0, 4);
    request.setU32(TimestampInfo.stamps, stampsOf(request.device));
    request.setU32(TimestampInfo.clock, 0xffff_ffff);
  },
};

export const linkCommands: readonly IoctlCommand[] = [
  getCommand,
  setCommand,
  getSettings,
  changeSettings,
  getLink,
  ...wordCommands(Ioctl.GMSGLVL, Ioctl.SMSGLVL, Answer.DEBUG_NTF, (device) => device.ethtool.messageLevel),
  wakeOnLan,
  setWakeOnLan,
  timestamps,
];
