import { EADDRNOTAVAIL } from '../../../base/errno.js';
import { fail, NetError } from '../../../base/net-error.js';
import { BOND_LINK_DOWN, BOND_MODE_ALB, BOND_MODE_TLB } from '../../../netlink/rtnl/link/bond.js';
import { isValidAddress } from '../../../wire/ethernet.js';
import { setAddress } from '../../../net/core/device-state.js';
import { sameLinkAddress } from '../../../net/core/device-addresses.js';
import type { BondDevice } from '../device.js';
import type { Slave } from '../slave.js';
import { teach } from './learning.js';
import { leaveSlave, ReceiveBalance, receiveTick, redoClientsAt } from './receive-balance.js';
import { REBALANCE_INTERVAL, TransmitTable } from './tables.js';

// Adaptive load balancing (balance-tlb, balance-alb): what slaves, their links and their addresses mean to it.

const TICK_US = 100_000;
const TICKS_PER_SECOND = 10;
const REBALANCE_TICKS = REBALANCE_INTERVAL * TICKS_PER_SECOND;

export class AlbState {
  readonly transmit = new TransmitTable();
  readonly receive = new ReceiveBalance();
  /** Rounds since the last balance, and since switches were taught last. */
  rebalanceTicks = 0;
  learningTicks = 0;

  /** One round. Linux: bond_alb_monitor() */
  tick(bond: BondDevice): void {
    bond.stack.timers.schedule(bond.albTimer, bond.stack.nowUs + TICK_US);
    if (bond.slaves.length === 0) {
      this.rebalanceTicks = 0;
      this.learningTicks = 0;
      return;
    }
    const balancesReceive = bond.parameters.mode === BOND_MODE_ALB;
    if (++this.learningTicks >= bond.parameters.lpInterval * TICKS_PER_SECOND) {
      for (const slave of bond.slaves) teach(slave, slave.device.address, slave !== bond.active || balancesReceive);
      this.learningTicks = 0;
    }
    if (++this.rebalanceTicks >= REBALANCE_TICKS) {
      for (const slave of bond.slaves) {
        this.transmit.clear(slave, true);
        if (slave !== bond.active) continue;
        slave.load = Math.floor(this.transmit.unbalanced / REBALANCE_INTERVAL);
        this.transmit.unbalanced = 0;
      }
      this.rebalanceTicks = 0;
    }
    if (balancesReceive) receiveTick(bond);
  }
}

/** Linux: bond_alb_initialize() */
export function startBalancing(bond: BondDevice): void {
  bond.alb.rebalanceTicks = REBALANCE_TICKS;
  bond.alb.learningTicks = bond.parameters.lpInterval * TICKS_PER_SECOND;
  if (bond.parameters.tlbDynamic || bond.parameters.mode === BOND_MODE_ALB) bond.stack.timers.schedule(bond.albTimer, bond.stack.nowUs);
}

/** Linux: bond_alb_deinitialize() */
export function stopBalancing(bond: BondDevice): void {
  for (const slave of bond.slaves) bond.alb.transmit.clear(slave, false);
  bond.alb.receive.table.clear();
  bond.alb.receive.pending = false;
}

/** A slave keeps an address of its own: switches and clients tell them apart by it. Linux: bond_alb_init_slave() */
export function addBalanced(bond: BondDevice, slave: Slave): void {
  give(slave, slave.permanentAddress);
  bond.alb.rebalanceTicks = REBALANCE_TICKS;
  bond.alb.receive.rebalances = true;
}

/** Linux: bond_alb_deinit_slave() */
export function removeBalanced(bond: BondDevice, slave: Slave): void {
  bond.alb.transmit.clear(slave, false);
  leaveSlave(bond, slave);
}

/** Linux: bond_alb_handle_link_change() */
export function linkChanged(bond: BondDevice, slave: Slave): void {
  if (slave.link === BOND_LINK_DOWN) removeBalanced(bond, slave);
  else {
    bond.alb.rebalanceTicks = REBALANCE_TICKS;
    bond.alb.receive.rebalances = true;
  }
}

/** `next` works from now on, with the bond's address. Linux: bond_alb_handle_active_change() */
export function activeChanged(bond: BondDevice, next: Slave | null): void {
  const old = bond.active ?? bond.slaves.find(({ device }) => sameLinkAddress(device.address, bond.address)) ?? null;
  bond.active = next;
  if (next === null || bond.slaves.length === 0) return;
  if (old !== null) bond.alb.transmit.clear(old, true);
  bond.alb.transmit.clear(next, true);
  if (old !== null && bond.slaves.includes(old)) swap(bond, old, next);
  else {
    give(next, bond.address);
    teach(next, bond.address, false);
  }
}

/** Two slaves change addresses, and switches and clients hear of it. Linux: alb_swap_mac_addr(), alb_fasten_mac_swap() */
function swap(bond: BondDevice, a: Slave, b: Slave): void {
  const address = a.device.address.slice();
  give(a, b.device.address.slice());
  give(b, address);
  for (const slave of [a, b]) {
    if (!slave.running) continue;
    teach(slave, slave.device.address, false);
    if (bond.parameters.mode === BOND_MODE_ALB) redoClientsAt(bond, slave);
  }
}

/** In balance-tlb the address is only written into frames; the device keeps to what it hears. Linux: alb_set_slave_mac_addr() */
function give(slave: Slave, address: Uint8Array): void {
  if (slave.bond.parameters.mode === BOND_MODE_TLB) {
    slave.device.address = address.slice();
    return;
  }
  try {
    if (!sameLinkAddress(slave.device.address, address)) setAddress(slave.device, address);
  } catch (error) {
    // A slave that cannot change its address keeps it.
    if (!(error instanceof NetError)) throw error;
  }
}

/** `ip link set BOND address`: the active slave gets it. Linux: bond_alb_set_mac_address() */
export function setAlbAddress(bond: BondDevice, address: Uint8Array): void {
  if (!isValidAddress(address)) fail(EADDRNOTAVAIL);
  const { active } = bond;
  if (active === null) return;
  const other = bond.slaves.find(({ device }) => sameLinkAddress(device.address, address));
  if (other !== undefined) swap(bond, other, active);
  else {
    give(active, address);
    teach(active, address, false);
    redoClientsAt(bond, active);
  }
}
