import { EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { Answer } from '../../netlink/genl/ethtool/constants.js';
import type { EthtoolShape } from '../../netlink/genl/ethtool/messages.js';
import { CHANNELS_BYTES, Coalesce, Ioctl, PAUSE_BYTES, RING_BYTES } from '../../netlink/genl/ethtool/ioctl.js';
import type { ValuesOf } from '../../netlink/attributes.js';
import type { NetDevice } from '../../net/core/device.js';
import type { EthtoolObject } from '../genl/ethtool/object.js';
import { channels, coalesce, pause, rings } from '../genl/ethtool/parameters.js';
import { readCoalesce, writeCoalesce } from './hardware.js';
import { wordCommands } from './knob-word.js';
import { tellSet } from './notify.js';
import type { IoctlCommand, IoctlRequest } from './request.js';

/** Changes what netlink changes too, by the same rules, and tells of it. */
export function change<S extends EthtoolShape>(object: EthtoolObject<S>, device: NetDevice, attributes: Omit<ValuesOf<S>, 'header'>): void {
  if (object.set === undefined) fail(EOPNOTSUPP);
  object.set.apply(device, { attributes: attributes as ValuesOf<S>, flags: 0, offsetOf: () => undefined });
  if (object.set.notification !== undefined) tellSet(device, object.set.notification);
}

/** Words behind the command that stand for as many values. */
const putWords = (request: IoctlRequest, values: readonly number[]) => {
  for (const [i, value] of values.entries()) request.setU32(4 + i * 4, value);
};

const getRings: IoctlCommand = {
  command: Ioctl.GRINGPARAM,
  size: RING_BYTES,
  handle(request) {
    const r = request.device.ethtool.rings?.get(request.device) ?? fail(EOPNOTSUPP);
    putWords(request, [r.rxMax, r.rxMiniMax, r.rxJumboMax, r.txMax, r.rx, r.rxMini, r.rxJumbo, r.tx]);
  },
};
const setRings: IoctlCommand = {
  command: Ioctl.SRINGPARAM,
  size: RING_BYTES,
  handle: (request) =>
    change(rings, request.device, { rx: request.u32(20), rxMini: request.u32(24), rxJumbo: request.u32(28), tx: request.u32(32) }),
};

const getChannels: IoctlCommand = {
  command: Ioctl.GCHANNELS,
  size: CHANNELS_BYTES,
  handle(request) {
    const c = request.device.ethtool.channels?.get(request.device) ?? fail(EOPNOTSUPP);
    putWords(request, [c.rxMax, c.txMax, c.otherMax, c.combinedMax, c.rx, c.tx, c.other, c.combined]);
  },
};
const setChannels: IoctlCommand = {
  command: Ioctl.SCHANNELS,
  size: CHANNELS_BYTES,
  handle: (request) =>
    change(channels, request.device, { rx: request.u32(20), tx: request.u32(24), other: request.u32(28), combined: request.u32(32) }),
};

const getPause: IoctlCommand = {
  command: Ioctl.GPAUSEPARAM,
  reads: true,
  size: PAUSE_BYTES,
  handle(request) {
    const { autoneg, rx, tx } = request.device.ethtool.pause?.get(request.device) ?? fail(EOPNOTSUPP);
    putWords(request, [Number(autoneg), Number(rx), Number(tx)]);
  },
};
const setPause: IoctlCommand = {
  command: Ioctl.SPAUSEPARAM,
  size: PAUSE_BYTES,
  handle: (request) => change(pause, request.device, { autoneg: request.u32(4), rx: request.u32(8), tx: request.u32(12) }),
};

const getCoalesce: IoctlCommand = {
  command: Ioctl.GCOALESCE,
  reads: true,
  size: Coalesce.size,
  handle: (request) => writeCoalesce(request, 0, request.device.ethtool.coalesce?.get(request.device) ?? fail(EOPNOTSUPP)),
};
const setCoalesce: IoctlCommand = {
  command: Ioctl.SCOALESCE,
  size: Coalesce.size,
  handle(request) {
    const knob = request.device.ethtool.coalesce ?? fail(EOPNOTSUPP);
    // A struct says something of all: what a device has not may be 0 (ethtool_set_coalesce_supported()).
    const said = Object.entries(readCoalesce(request, 0)).filter(
      ([key, value]) => value !== 0 || knob.supported.some((name) => name === key),
    );
    change(coalesce, request.device, Object.fromEntries(said));
  },
};

export const parameterCommands: readonly IoctlCommand[] = [
  getRings,
  setRings,
  getChannels,
  setChannels,
  getPause,
  setPause,
  getCoalesce,
  setCoalesce,
  ...wordCommands(Ioctl.GPFLAGS, Ioctl.SPFLAGS, Answer.PRIVFLAGS_NTF, (device) => device.ethtool.privateFlags),
];
