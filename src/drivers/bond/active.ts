import {
  BOND_FOM_ACTIVE,
  BOND_FOM_FOLLOW,
  BOND_LINK_BACK,
  BOND_LINK_UP,
  BOND_MODE_8023AD,
  BOND_MODE_ACTIVEBACKUP,
  BOND_MODE_ROUNDROBIN,
  BOND_PRI_RESELECT_ALWAYS,
  BOND_PRI_RESELECT_BETTER,
} from '../../netlink/rtnl/link/bond.js';
import { IFF_ALLMULTI, IFF_PROMISC } from '../../netlink/rtnl/constants.js';
import { addAllMulticast, addPromiscuity, setAddress } from '../../net/core/device-state.js';
import { NetError } from '../../base/net-error.js';
import { activeChanged, linkChanged as balancedLinkChanged } from './alb/alb.js';
import { updateCarrier } from './carrier.js';
import type { BondDevice } from './device.js';
import { shareGroups } from './groups.js';
import { linkChanged as lacpLinkChanged } from './lacp/lacp.js';
import { balancesLoad, usesPrimary } from './parameters.js';
import type { Slave } from './slave.js';
import { activate, deactivate, setLink } from './state.js';

// The one slave that works, and how another takes its place.

const IGMP_PERIOD_US = 200_000;

/** Makes the best slave the active one. Linux: bond_select_active_slave() */
export function selectActive(bond: BondDevice): void {
  const best = bestSlave(bond);
  if (best === bond.active) return;
  changeActive(bond, best);
  updateCarrier(bond);
}

// Linux: bond_find_best_slave()
function bestSlave(bond: BondDevice): Slave | null {
  const chosen = preferred(bond);
  if (chosen !== null) return chosen;
  let soonest: Slave | null = null;
  for (const slave of bond.slaves) {
    if (slave.link === BOND_LINK_UP) return slave;
    if (slave.link === BOND_LINK_BACK && slave.running && slave.delay < (soonest?.delay ?? bond.parameters.updelay)) soonest = slave;
  }
  return soonest;
}

/** The primary slave or the one of the highest priority where it may take over, else the active one. Linux: bond_choose_primary_or_current() */
function preferred(bond: BondDevice): Slave | null {
  const { active, primary } = bond;
  let candidate: Slave | null = null;
  if (primary !== null && primary.link === BOND_LINK_UP) {
    if (bond.forcePrimary) {
      bond.forcePrimary = false;
      return primary;
    }
    candidate = primary;
  } else {
    for (const slave of bond.slaves)
      if (slave.link === BOND_LINK_UP && (candidate === null || slave.priority > candidate.priority)) candidate = slave;
    if (candidate === null || candidate === active) return active !== null && active.link === BOND_LINK_UP ? active : null;
  }
  if (active === null || active.link !== BOND_LINK_UP) return candidate;
  switch (bond.parameters.primaryReselect) {
    case BOND_PRI_RESELECT_ALWAYS:
      return candidate;
    case BOND_PRI_RESELECT_BETTER:
      return isBetter(candidate, active) ? candidate : active;
    default:
      return active;
  }
}

function isBetter(a: Slave, b: Slave): boolean {
  if (a.speedMbps !== b.speedMbps) return a.speedMbps > b.speedMbps;
  return a.fullDuplex && !b.fullDuplex;
}

/** Linux: bond_change_active_slave() */
export function changeActive(bond: BondDevice, next: Slave | null): void {
  const { active: old, parameters } = bond;
  const { mode } = parameters;
  if (old === next) return;
  if (next !== null) {
    next.lastLinkUpUs = bond.stack.nowUs;
    if (next.link === BOND_LINK_BACK) {
      next.delay = 0;
      setLink(next, BOND_LINK_UP);
      if (mode === BOND_MODE_8023AD) lacpLinkChanged(next, true);
      if (balancesLoad(mode)) balancedLinkChanged(bond, next);
    }
  }
  if (usesPrimary(mode)) moveRxMode(bond, next, old);
  if (balancesLoad(mode)) {
    activeChanged(bond, next);
    if (old !== null) deactivate(old);
    if (next !== null) activate(next);
  } else bond.active = next;
  shareGroups(bond);
  if (mode === BOND_MODE_ACTIVEBACKUP) {
    if (old !== null) deactivate(old);
    if (next !== null) failOver(bond, next, old);
  }
  const rejoins = (usesPrimary(mode) && next !== null) || mode === BOND_MODE_ROUNDROBIN;
  if (bond.up && parameters.resendIgmp > 0 && rejoins) {
    bond.igmpRetransmissions = parameters.resendIgmp;
    bond.stack.timers.schedule(bond.igmpTimer, bond.stack.nowUs);
  }
}

function failOver(bond: BondDevice, next: Slave, old: Slave | null): void {
  const { parameters } = bond;
  activate(next);
  moveAddress(bond, next, old);
  let notifies = false;
  if (bond.up) {
    bond.peerNotifications = parameters.peerNotifications * Math.max(1, parameters.peerNotifyDelay);
    notifies = shouldNotifyPeers(bond);
  }
  bond.namespace.deviceEvents.notify({ type: 'bondingFailover', device: bond });
  if (notifies) notifyPeers(bond);
}

/** Whether a gratuitous ARP and its like are due in this round of the monitor. Linux: bond_should_notify_peers() */
export function shouldNotifyPeers(bond: BondDevice): boolean {
  const { active, peerNotifications, parameters } = bond;
  if (active === null || peerNotifications === 0 || !bond.carrier || active.device.linkWatchPending) return false;
  return peerNotifications % Math.max(1, parameters.peerNotifyDelay) === 0;
}

export function notifyPeers(bond: BondDevice): void {
  bond.peerNotifications--;
  bond.namespace.deviceEvents.notify({ type: 'notifyPeers', device: bond });
}

/** Routers hear again which groups the bond is in, as often as resend_igmp says. Linux: bond_resend_igmp_join_requests_delayed() */
export function resendIgmp(bond: BondDevice): void {
  bond.namespace.deviceEvents.notify({ type: 'resendIgmp', device: bond });
  if (bond.igmpRetransmissions <= 1) return;
  bond.igmpRetransmissions--;
  bond.stack.timers.schedule(bond.igmpTimer, bond.stack.nowUs + IGMP_PERIOD_US);
}

/** What the bond wants to receive is asked of the slave that works. Linux: bond_hw_addr_swap() */
function moveRxMode(bond: BondDevice, next: Slave | null, old: Slave | null): void {
  if (old !== null) askSlave(bond, old, -1);
  if (next !== null) askSlave(bond, next, 1);
}

/** Takes over (1) or gives back (-1) the bond's promiscuity and the like at a slave. */
export function askSlave(bond: BondDevice, { device }: Slave, count: number): void {
  if ((bond.flags & IFF_PROMISC) !== 0) addPromiscuity(device, count);
  if ((bond.flags & IFF_ALLMULTI) !== 0) addAllMulticast(device, count);
}

/** fail_over_mac: the bond's address is the active slave's, or goes to it. Linux: bond_do_fail_over_mac() */
function moveAddress(bond: BondDevice, next: Slave, old: Slave | null): void {
  if (bond.parameters.failOverMac === BOND_FOM_ACTIVE) {
    bond.takeAddress(next.device.address);
    return;
  }
  if (bond.parameters.failOverMac !== BOND_FOM_FOLLOW) return;
  // The others keep addresses of their own: the new one's goes to the old one.
  const own = next.device.address;
  try {
    if (old !== null) {
      setAddress(next.device, old.device.address.slice());
      setAddress(old.device, own.slice());
    } else setAddress(next.device, bond.address);
  } catch (error) {
    // A slave that refuses keeps what it has, and the bond works on, as in Linux.
    if (!(error instanceof NetError)) throw error;
  }
}
