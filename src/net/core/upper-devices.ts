import { EBUSY, EEXIST, EINVAL, EMLINK, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { setCarrier, setDormant } from './device-state.js';
import type { NetDevice } from './device.js';

// Devices upon devices: a master and its members, a VLAN and the device that it is on.

/** Linux: MAX_NEST_DEV, how many devices may stand upon each other. */
const MAX_NEST_DEV = 8;

/** Whether `upper` stands upon `device`, directly or over others. */
export function standsUpon(upper: NetDevice, device: NetDevice): boolean {
  return device.uppers.some((next) => next === upper || standsUpon(upper, next));
}

/** How many devices the longest stack of those on one side has, `device` included. */
const height = (device: NetDevice, side: 'uppers' | 'lowers'): number =>
  1 + device[side].reduce((most, next) => Math.max(most, height(next, side)), 0);

/** Whether linkUpper() would refuse. EBUSY for a circle, EEXIST, EMLINK for a stack too high. Linux: __netdev_upper_dev_link() */
export function checkUpper(lower: NetDevice, upper: NetDevice): void {
  if (upper === lower || standsUpon(lower, upper)) fail(EBUSY);
  if (height(lower, 'lowers') + height(upper, 'uppers') > MAX_NEST_DEV) fail(EMLINK);
  if (lower.uppers.includes(upper)) fail(EEXIST);
}

/** Puts `upper` upon `lower`: it hears of what happens to it. Throws as checkUpper(). Linux: netdev_upper_dev_link() */
export function linkUpper(lower: NetDevice, upper: NetDevice): void {
  checkUpper(lower, upper);
  lower.uppers = [...lower.uppers, upper];
  upper.lowers = [...upper.lowers, lower];
}

/** Linux: netdev_upper_dev_unlink() */
export function unlinkUpper(lower: NetDevice, upper: NetDevice): void {
  lower.uppers = lower.uppers.filter((other) => other !== upper);
  upper.lowers = upper.lowers.filter((other) => other !== lower);
}

/** Makes `master` the one master of `device`, and tells. Linux: netdev_master_upper_dev_link() */
export function linkMaster(device: NetDevice, master: NetDevice): void {
  if (device.master !== null) fail(EBUSY);
  linkUpper(device, master);
  device.master = master;
  device.namespace.deviceEvents.notify({ type: 'master', device, master, upper: master });
}

export function unlinkMaster(device: NetDevice): void {
  const { master } = device;
  if (master === null) return;
  unlinkUpper(device, master);
  device.master = null;
  device.namespace.deviceEvents.notify({ type: 'master', device, master: null, upper: master });
}

/** IFLA_MASTER: out of the old master's hands, into those of the new one; 0: nobody's. Linux: do_set_master() */
export function setMaster(device: NetDevice, ifindex: number): void {
  const { master } = device;
  if (master !== null) {
    if (master.ifindex === ifindex) return;
    if (master.kind?.release === undefined) fail(EOPNOTSUPP);
    else master.kind.release(master, device);
  }
  if (ifindex === 0) return;
  const wanted = device.namespace.deviceByIndex(ifindex) ?? fail(EINVAL);
  if (wanted.kind?.enslave === undefined) fail(EOPNOTSUPP);
  else wanted.kind.enslave(wanted, device);
}

/** The state of a device that stands upon `lower` follows it. Linux: netif_stacked_transfer_operstate() */
export function transferOperState(lower: NetDevice, device: NetDevice): void {
  setDormant(device, lower.dormant);
  setCarrier(device, lower.carrier);
}
