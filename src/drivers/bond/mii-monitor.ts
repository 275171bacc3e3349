import {
  BOND_LINK_BACK,
  BOND_LINK_DOWN,
  BOND_LINK_FAIL,
  BOND_LINK_UP,
  BOND_MODE_8023AD,
  BOND_MODE_ACTIVEBACKUP,
} from '../../netlink/rtnl/link/bond.js';
import { selectActive, shouldNotifyPeers } from './active.js';
import { linkChanged as balancedLinkChanged } from './alb/alb.js';
import { updateCarrier } from './carrier.js';
import type { BondDevice } from './device.js';
import { linkChanged as lacpLinkChanged } from './lacp/lacp.js';
import { balancesLoad, usesHash, usesPrimary } from './parameters.js';
import { LINK_NOCHANGE, type Slave } from './slave.js';
import { deactivate, makeActive, makeBackup, setLink } from './state.js';

/** Whether the slave's wire is there. Linux: bond_check_dev_link() */
export const hasLink = (slave: Slave): boolean => slave.device.up && slave.device.carrier;

/** A link whose speed is unknown is of no use to a mode that counts it. Linux: bond_needs_speed_duplex() */
export const needsSpeed = (mode: number): boolean => mode === BOND_MODE_8023AD || balancesLoad(mode);

/** One round of miimon. Linux: bond_mii_monitor() */
export function miiMonitor(bond: BondDevice): void {
  const { stack, parameters } = bond;
  stack.timers.schedule(bond.monitorTimer, stack.nowUs + parameters.miimonMs * 1000);
  if (bond.slaves.length === 0) return;
  const notifies = shouldNotifyPeers(bond);
  const changes = inspect(bond);
  if (bond.peerNotifications > 0) bond.peerNotifications--;
  if (changes) commit(bond);
  if (notifies) bond.namespace.deviceEvents.notify({ type: 'notifyPeers', device: bond });
}

/** Proposes what changes. Linux: bond_miimon_inspect() */
function inspect(bond: BondDevice): boolean {
  let changes = false;
  // Without a slave that works nobody waits for updelay.
  const atOnce = bond.active === null && usesPrimary(bond.parameters.mode);
  for (const slave of bond.slaves) {
    slave.proposed = LINK_NOCHANGE;
    const up = hasLink(slave);
    switch (slave.link) {
      case BOND_LINK_UP:
        if (up) continue;
        slave.proposed = BOND_LINK_FAIL;
        slave.delay = bond.parameters.downdelay;
        goingDown(slave, up);
        break;
      case BOND_LINK_FAIL:
        goingDown(slave, up);
        break;
      case BOND_LINK_DOWN:
        if (!up) continue;
        slave.proposed = BOND_LINK_BACK;
        slave.delay = bond.parameters.updelay;
        goingUp(slave, up, atOnce);
        break;
      default:
        goingUp(slave, up, atOnce);
    }
    if (slave.proposed !== LINK_NOCHANGE) changes = true;
  }
  return changes;
}

function goingDown(slave: Slave, up: boolean): void {
  if (up) {
    slave.proposed = BOND_LINK_UP;
    slave.lastLinkUpUs = slave.bond.stack.nowUs;
  } else if (slave.delay <= 0) slave.proposed = BOND_LINK_DOWN;
  else slave.delay--;
}

function goingUp(slave: Slave, up: boolean, atOnce: boolean): void {
  if (atOnce) slave.delay = 0;
  if (!up) slave.proposed = BOND_LINK_DOWN;
  else if (slave.delay <= 0) slave.proposed = BOND_LINK_UP;
  else slave.delay--;
}

/** Linux: bond_miimon_commit() */
function commit(bond: BondDevice): void {
  let failover = false;
  for (const slave of bond.slaves) {
    switch (slave.proposed) {
      case LINK_NOCHANGE:
        if (bond.parameters.mode === BOND_MODE_8023AD && slave.link === BOND_LINK_UP) slave.port?.updateKeys(false);
        break;
      case BOND_LINK_UP:
        if (cameUp(bond, slave)) failover = true;
        break;
      case BOND_LINK_DOWN:
        wentDown(bond, slave);
        if (slave === bond.active) failover = true;
        break;
      default:
        setLink(slave, slave.proposed);
    }
  }
  if (failover) selectActive(bond);
  updateCarrier(bond);
}

/** True: it may take over. */
function cameUp(bond: BondDevice, slave: Slave): boolean {
  const { mode } = bond.parameters;
  slave.readSpeed();
  if (!slave.fullDuplex && needsSpeed(mode)) {
    slave.link = BOND_LINK_DOWN;
    return false;
  }
  setLink(slave, BOND_LINK_UP);
  slave.lastLinkUpUs = bond.stack.nowUs;
  if (mode === BOND_MODE_8023AD) makeBackup(slave);
  else if (!usesPrimary(mode)) makeActive(slave);
  else if (slave !== bond.primary && mode === BOND_MODE_ACTIVEBACKUP && slave !== bond.active) makeBackup(slave);
  linkChanged(bond, slave);
  return bond.active === null || slave === bond.primary || slave.priority > bond.active.priority;
}

function wentDown(bond: BondDevice, slave: Slave): void {
  const { mode } = bond.parameters;
  slave.linkFailureCount++;
  setLink(slave, BOND_LINK_DOWN);
  if (mode === BOND_MODE_ACTIVEBACKUP || mode === BOND_MODE_8023AD) deactivate(slave);
  linkChanged(bond, slave);
}

// Linux: bond_miimon_link_change()
function linkChanged(bond: BondDevice, slave: Slave): void {
  const { mode, tlbDynamic } = bond.parameters;
  if (mode === BOND_MODE_8023AD) lacpLinkChanged(slave, slave.link === BOND_LINK_UP);
  else if (balancesLoad(mode)) balancedLinkChanged(bond, slave);
  if (usesHash(mode, tlbDynamic)) bond.updateUsable();
}
