import { BOND_LINK_BACK, BOND_LINK_DOWN, BOND_LINK_FAIL, BOND_LINK_UP, BOND_MODE_ACTIVEBACKUP } from '../../netlink/rtnl/link/bond.js';
import { notifyPeers, selectActive, shouldNotifyPeers } from './active.js';
import { updateCarrier } from './carrier.js';
import type { BondDevice } from './device.js';
import { askTargets } from './probe.js';
import { LINK_NOCHANGE, type Slave } from './slave.js';
import { activate, deactivate, makeActive, makeBackup, setLink } from './state.js';
import { inInterval, lastReceived } from './validate.js';

/** One round of arp_interval. Linux: bond_arp_monitor() */
export function arpMonitor(bond: BondDevice): void {
  const { stack, parameters } = bond;
  stack.timers.schedule(bond.monitorTimer, stack.nowUs + parameters.arpIntervalMs * 1000);
  if (bond.slaves.length === 0) return;
  if (parameters.mode === BOND_MODE_ACTIVEBACKUP) watchOne(bond);
  else watchAll(bond);
}

/** One slave works, the others hear what it asks. Linux: bond_activebackup_arp_mon() */
function watchOne(bond: BondDevice): void {
  const notifies = shouldNotifyPeers(bond);
  if (inspect(bond)) commit(bond);
  probe(bond);
  if (notifies) notifyPeers(bond);
}

// Linux: bond_ab_arp_inspect()
function inspect(bond: BondDevice): boolean {
  const missed = bond.parameters.arpMissedMax;
  let changes = false;
  for (const slave of bond.slaves) {
    slave.proposed = LINK_NOCHANGE;
    const received = lastReceived(bond, slave);
    if (slave.link !== BOND_LINK_UP) {
      if (inInterval(bond, received, 1)) slave.proposed = BOND_LINK_UP;
      else if (slave.link === BOND_LINK_BACK) slave.proposed = BOND_LINK_FAIL;
    } else if (!inInterval(bond, slave.lastLinkUpUs, 2)) {
      const silent = slave.backup
        ? bond.tried === null && !inInterval(bond, received, missed + 1)
        : !inInterval(bond, slave.lastSentUs, missed) || !inInterval(bond, received, missed);
      if (silent) slave.proposed = BOND_LINK_DOWN;
    }
    if (slave.proposed !== LINK_NOCHANGE) changes = true;
  }
  return changes;
}

// Linux: bond_ab_arp_commit()
function commit(bond: BondDevice): void {
  let failover = false;
  for (const slave of bond.slaves) {
    if (slave.proposed === BOND_LINK_UP) {
      if (cameUp(bond, slave)) failover = true;
    } else if (slave.proposed === BOND_LINK_DOWN) {
      wentDown(slave);
      if (slave === bond.active) {
        bond.tried = null;
        failover = true;
      }
    } else if (slave.proposed === BOND_LINK_FAIL) {
      setLink(slave, BOND_LINK_FAIL);
      deactivate(slave);
      // One that is tried again later may have become the active one.
      if (slave === bond.active) {
        bond.tried = null;
        failover = true;
      }
    }
  }
  if (failover) selectActive(bond);
  updateCarrier(bond);
}

/** True: it may take over. */
function cameUp(bond: BondDevice, slave: Slave): boolean {
  const { active } = bond;
  if (active === slave || (active === null && !inInterval(bond, slave.lastSentUs, 1))) return false;
  if (bond.tried !== null) {
    deactivate(bond.tried);
    bond.tried = null;
  }
  setLink(slave, BOND_LINK_UP);
  return active === null || slave === bond.primary || slave.priority > active.priority;
}

function wentDown(slave: Slave): void {
  slave.linkFailureCount++;
  setLink(slave, BOND_LINK_DOWN);
  deactivate(slave);
}

/** Asks by the slave that works; where none does, by one after the other. Linux: bond_ab_arp_probe() */
function probe(bond: BondDevice): void {
  const { active, slaves } = bond;
  if (active !== null) {
    askTargets(bond, active);
    return;
  }
  const last = bond.tried ?? slaves[0]!;
  for (const slave of slaves) {
    if (slave.running || slave.link !== BOND_LINK_UP) continue;
    wentDown(slave);
  }
  const at = slaves.indexOf(last);
  const next = slaves.slice(at + 1).find((slave) => slave.running) ?? slaves.slice(0, at + 1).find((slave) => slave.running);
  if (bond.tried !== null) deactivate(bond.tried);
  if (next === undefined) return;
  setLink(next, BOND_LINK_BACK);
  activate(next);
  askTargets(bond, next);
  next.lastLinkUpUs = bond.stack.nowUs;
  bond.tried = next;
}

/** All slaves work, each as long as it sends and hears something. Linux: bond_loadbalance_arp_mon() */
function watchAll(bond: BondDevice): void {
  const missed = bond.parameters.arpMissedMax;
  const { active } = bond;
  let changed = false;
  let failover = false;
  for (const slave of bond.slaves) {
    slave.proposed = LINK_NOCHANGE;
    const sentUs = slave.lastSentUs;
    if (slave.link !== BOND_LINK_UP) {
      if (inInterval(bond, sentUs, 1) && inInterval(bond, slave.lastReceivedUs, 1)) {
        slave.proposed = BOND_LINK_UP;
        if (active === null) failover = true;
      }
    } else if (!inInterval(bond, sentUs, missed) || !inInterval(bond, slave.lastReceivedUs, missed)) {
      slave.proposed = BOND_LINK_DOWN;
      slave.linkFailureCount++;
      if (slave === active) failover = true;
    }
    if (slave.proposed !== LINK_NOCHANGE) changed = true;
    if (slave.running) askTargets(bond, slave);
  }
  if (!changed) return;
  for (const slave of bond.slaves) {
    if (slave.proposed === LINK_NOCHANGE) continue;
    setLink(slave, slave.proposed);
    if (slave.proposed === BOND_LINK_UP) makeActive(slave);
    else makeBackup(slave);
  }
  bond.updateUsable();
  if (failover) selectActive(bond);
  updateCarrier(bond);
}
