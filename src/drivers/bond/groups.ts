import { BOND_MODE_8023AD } from '../../netlink/rtnl/link/bond.js';
import { SLOW_PROTOCOLS } from '../../wire/lacp.js';
import { sameLinkAddress, setExtraAddresses } from '../../net/core/device-addresses.js';
import type { BondDevice } from './device.js';
import type { Slave } from './slave.js';

// Slaves listen to the link-layer groups and further addresses of a bond that is up: the one that works, or all; and in 802.3ad to
// the group of LACP.

/** Brings the lists of all slaves up to date. Linux: bond_set_rx_mode(), dev_mc_sync(), dev_uc_sync() */
export function shareGroups(bond: BondDevice, up = bond.up): void {
  const groups = up ? bond.multicastList.groups.map(({ address }) => address) : [];
  if (up && bond.parameters.mode === BOND_MODE_8023AD) groups.push(SLOW_PROTOCOLS);
  const listening = bond.listening();
  for (const slave of bond.slaves) {
    const listens = listening.includes(slave);
    setShared(slave, listens ? groups : []);
    setSharedAddresses(slave, listens && up ? bond.extraAddresses : []);
  }
}

/** Linux: dev_mc_unsync() */
export function unshareGroups(slave: Slave): void {
  setShared(slave, []);
  setSharedAddresses(slave, []);
}

function setSharedAddresses(slave: Slave, addresses: readonly Uint8Array[]): void {
  const { device, sharedAddresses } = slave;
  if (addresses.length === 0 && sharedAddresses.length === 0) return;
  slave.sharedAddresses = addresses;
  const own = device.extraAddresses.filter((address) => !sharedAddresses.includes(address));
  setExtraAddresses(device, [...own, ...addresses]);
}

function setShared(slave: Slave, groups: readonly Uint8Array[]): void {
  const { device, sharedGroups } = slave;
  const has = (list: readonly Uint8Array[], address: Uint8Array) => list.some((other) => sameLinkAddress(other, address));
  slave.sharedGroups = groups;
  let changed = false;
  for (const address of sharedGroups) {
    if (has(groups, address)) continue;
    device.multicastList.remove(address, false);
    changed = true;
  }
  for (const address of groups) {
    if (has(sharedGroups, address)) continue;
    device.multicastList.add(address);
    changed = true;
  }
  if (changed) device.rxModeChanged();
}
