import { EBUSY, EINVAL, EPERM } from '../../base/errno.js';
import { fail, NetError } from '../../base/net-error.js';
import {
  BOND_FOM_ACTIVE,
  BOND_FOM_NONE,
  BOND_LINK_BACK,
  BOND_LINK_DOWN,
  BOND_LINK_UP,
  BOND_MODE_8023AD,
  BOND_MODE_ACTIVEBACKUP,
} from '../../netlink/rtnl/link/bond.js';
import { IFF_MASTER, IFF_SLAVE, IFF_UP } from '../../netlink/rtnl/constants.js';
import { NET_ADDR_RANDOM, type NetDevice } from '../../net/core/device.js';
import { closeDevice, openDevice, setAddress, setMtu } from '../../net/core/device-state.js';
import { addStatistics } from '../../net/core/device-statistics.js';
import { linkMaster, unlinkMaster } from '../../net/core/upper-devices.js';
import { askSlave, changeActive, selectActive } from './active.js';
import { addBalanced, removeBalanced } from './alb/alb.js';
import { updateCarrier } from './carrier.js';
import { sameLinkAddress } from '../../net/core/device-addresses.js';
import type { BondDevice } from './device.js';
import { shareGroups, unshareGroups } from './groups.js';
import { bindSlave, unbindSlave } from './lacp/lacp.js';
import { hasLink, needsSpeed } from './mii-monitor.js';
import { balancesLoad, usesPrimary } from './parameters.js';
import { receiveAtSlave } from './receive.js';
import { Slave } from './slave.js';
import { activate, deactivate, makeActive } from './state.js';

/** Why `device` cannot be a slave: EPERM, EBUSY, EINVAL with Linux's texts. */
function checkEnslavable(bond: BondDevice, device: NetDevice): void {
  if ((device.flags & IFF_MASTER) !== 0 && device.kind !== bond.kind) fail(EPERM, 'Device type (master device) cannot be enslaved');
  if (device.rxHandler !== null) fail(EBUSY, 'Device is in use and cannot be enslaved');
  if (device === bond) fail(EPERM, 'Cannot enslave bond to itself.');
  if (device.vlanChallenged && bond.vlans !== null) fail(EPERM, 'Can not enslave VLAN challenged device to VLAN enabled bond');
  if (device.up) fail(EPERM, 'Device can not be enslaved while up');
  if (device.type !== bond.type) fail(EINVAL, 'Device type is different from other slaves');
}

/** Makes `device` a slave; on a refusal nothing of it is left. Linux: bond_enslave() */
export function enslave(bond: BondDevice, device: NetDevice): void {
  checkEnslavable(bond, device);
  const { parameters } = bond;
  const { mode } = parameters;
  if (bond.slaves.length === 0 && bond.addressAssignType === NET_ADDR_RANDOM) bond.takeAddress(device.address);
  const slave = new Slave(bond, device);
  const undo: (() => void)[] = [];
  try {
    setMtu(device, bond.mtu);
    undo.push(() => setMtu(device, slave.originalMtu));
    if (mode !== BOND_MODE_ACTIVEBACKUP || parameters.failOverMac === BOND_FOM_NONE || !canFollow(bond)) {
      setAddress(device, bond.address);
      undo.push(() => setAddress(device, slave.permanentAddress));
    }
    device.flags |= IFF_SLAVE;
    undo.push(() => {
      device.flags &= ~IFF_SLAVE;
    });
    openDevice(device);
    undo.push(() => closeDevice(device));
    join(bond, slave);
  } catch (error) {
    if (error instanceof NetError) {
      for (const step of undo.reverse()) step();
      // The address that it would have got is not its own.
      if (bond.slaves.length === 0 && sameLinkAddress(bond.address, slave.permanentAddress)) bond.setRandomAddress();
    }
    throw error;
  }
}

/** fail_over_mac leaves all but the first slave with addresses of their own. */
const canFollow = (bond: BondDevice): boolean => bond.parameters.failOverMac === BOND_FOM_ACTIVE || bond.slaves.length > 0;

function join(bond: BondDevice, slave: Slave): void {
  const { device } = slave;
  const { mode, primary, arpIntervalMs } = bond.parameters;
  addStatistics(slave.counted, device.statistics, slave.counted);
  slave.readSpeed();
  if (balancesLoad(mode)) addBalanced(bond, slave);
  const soonUs = bond.stack.nowUs - arpIntervalMs * 1000 - 1;
  slave.lastReceivedUs = soonUs;
  slave.lastSentUs = soonUs;
  slave.targetReceivedUs.fill(soonUs);
  firstLink(bond, slave);
  if (usesPrimary(mode) && device.name === primary) {
    bond.primary = slave;
    bond.forcePrimary = true;
  }
  firstState(bond, slave);
  device.rxHandler = (skb) => receiveAtSlave(slave, skb);
  device.port = slave;
  try {
    linkMaster(device, bond);
  } catch (error) {
    if (error instanceof NetError) forget(bond, slave);
    throw error;
  }
  bond.slaves = [...bond.slaves, slave];
  if (!usesPrimary(mode)) askSlave(bond, slave, 1);
  shareGroups(bond);
  bond.updateFeatures();
  updateCarrier(bond);
  if (usesPrimary(mode)) selectActive(bond);
  bond.updateUsable();
}

/** Its link as the monitor would have found it. */
function firstLink(bond: BondDevice, slave: Slave): void {
  const { mode, miimonMs, updelay, arpIntervalMs } = bond.parameters;
  if (miimonMs !== 0) {
    slave.link = !hasLink(slave) ? BOND_LINK_DOWN : updelay > 0 ? BOND_LINK_BACK : BOND_LINK_UP;
    slave.delay = updelay;
  } else if (arpIntervalMs !== 0) slave.link = slave.device.carrier ? BOND_LINK_UP : BOND_LINK_DOWN;
  else slave.link = BOND_LINK_UP;
  if (!slave.fullDuplex && needsSpeed(mode)) slave.link = BOND_LINK_DOWN;
  if (slave.link !== BOND_LINK_DOWN) slave.lastLinkUpUs = bond.stack.nowUs;
}

function firstState(bond: BondDevice, slave: Slave): void {
  const { mode } = bond.parameters;
  if (mode === BOND_MODE_ACTIVEBACKUP) deactivate(slave);
  else if (mode === BOND_MODE_8023AD) {
    deactivate(slave);
    bindSlave(slave);
  } else if (balancesLoad(mode)) {
    makeActive(slave);
    deactivate(slave);
  } else {
    activate(slave);
    if (bond.active === null && slave.link === BOND_LINK_UP) bond.active = slave;
  }
}

function forget(bond: BondDevice, slave: Slave): void {
  slave.device.rxHandler = null;
  slave.device.port = null;
  if (bond.primary === slave) bond.primary = null;
  if (bond.active === slave) bond.active = null;
}

/** Lets a slave go, as it was before. `all`: the others go as well. Linux: __bond_release_one() */
export function release(bond: BondDevice, slave: Slave, all = false): void {
  const { device } = slave;
  const { mode, failOverMac } = bond.parameters;
  const wasActive = bond.active === slave;
  deactivate(slave);
  addStatistics(bond.statistics, device.statistics, slave.counted);
  if (mode === BOND_MODE_8023AD) unbindSlave(slave);
  bond.slaves = bond.slaves.filter((other) => other !== slave);
  device.rxHandler = null;
  device.port = null;
  unshareGroups(slave);
  unlinkMaster(device);
  device.flags &= ~IFF_SLAVE;
  bond.updateFeatures();
  bond.updateUsable();
  bond.tried = null;
  if (bond.primary === slave) bond.primary = null;
  if (wasActive) changeActive(bond, null);
  if (balancesLoad(mode)) removeBalanced(bond, slave);
  if (wasActive && !all) selectActive(bond);
  updateCarrier(bond);
  if (bond.slaves.length === 0 && !all) {
    bond.setRandomAddress();
    bond.namespace.deviceEvents.notify({ type: 'address', device: bond });
  }
  if (!usesPrimary(mode)) askSlave(bond, slave, -1);
  if ((device.flags & IFF_UP) !== 0) closeDevice(device);
  restore(slave, mode !== BOND_MODE_ACTIVEBACKUP || failOverMac !== BOND_FOM_ACTIVE);
}

function restore({ device, permanentAddress, originalMtu }: Slave, address: boolean): void {
  try {
    if (address) setAddress(device, permanentAddress);
    setMtu(device, originalMtu);
  } catch (error) {
    // A device that refuses keeps what it has.
    if (!(error instanceof NetError)) throw error;
  }
}

export function releaseAll(bond: BondDevice): void {
  for (const slave of bond.slaves) release(bond, slave, true);
}

/** Takes the slave of `device` out. EINVAL: it is none of this bond's. */
export function releaseDevice(bond: BondDevice, device: NetDevice): void {
  release(bond, bond.slaves.find((slave) => slave.device === device) ?? fail(EINVAL));
}
