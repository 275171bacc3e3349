import { ADDRESS_BYTES } from '../../../wire/ethernet.js';
import { AGGREGATION, COLLECTING, DISTRIBUTING, SYNCHRONIZATION } from '../../../wire/lacp.js';
import type { BondDevice } from '../device.js';
import type { Slave } from '../slave.js';
import { sendLacpdu } from './lacpdu.js';
import { churnMachine, muxMachine, periodicMachine, transmitMachine } from './machines.js';
import { AdPort, TICK_US, TICKS_PER_SECOND } from './port.js';
import { receiveMachine } from './receive-machine.js';
import { selectAggregator, selectPort, unbindPort } from './selection.js';

// Link aggregation control over the slaves of a bond in mode 802.3ad, IEEE 802.1AX-2014 clause 6.4.

/** How long the first choice of an aggregator waits for partners to show up. Linux: AD_AGGREGATOR_SELECTION_TIMER */
const SELECTION_WAIT = 3 * TICKS_PER_SECOND;

/** What the bond itself is to LACP (struct ad_bond_info). */
export class AdSystem {
  readonly address = new Uint8Array(ADDRESS_BYTES);
  priority = 0;
  lastAggregator = 0;
  /** Rounds until an aggregator is chosen; 0: one was. */
  selectionTimer = 0;

  /** The first slave has come. Linux: bond_3ad_initialize() */
  initialise(bond: BondDevice): void {
    this.lastAggregator = 0;
    this.follow(bond);
    this.selectionTimer = SELECTION_WAIT;
  }

  /** ad_actor_system, ad_actor_sys_prio as they are now. Linux: bond_3ad_update_ad_actor_settings() */
  follow(bond: BondDevice): void {
    const { adActorSystem, adActorSystemPriority } = bond.parameters;
    this.address.set(adActorSystem.some((byte) => byte !== 0) ? adActorSystem : bond.address);
    this.priority = adActorSystemPriority;
    for (const { port } of bond.slaves) if (port !== null) this.mark(port);
  }

  mark(port: AdPort): void {
    port.actor.system.set(this.address);
    port.actor.systemPriority = this.priority;
    port.needToTransmit = true;
  }
}

/** Linux: bond_3ad_bind_slave() */
export function bindSlave(slave: Slave): void {
  const { bond } = slave;
  const last = bond.slaves.at(-1)?.port ?? null;
  if (last === null) bond.ad.initialise(bond);
  const port = new AdPort(slave, last === null ? 1 : last.actor.port + 1);
  slave.port = port;
  bond.ad.mark(port);
  port.needToTransmit = false;
  port.own.id = ++bond.ad.lastAggregator;
}

/** The slave goes; the partner hears that the link is no longer for aggregation. Linux: bond_3ad_unbind_slave() */
export function unbindSlave(slave: Slave): void {
  const { port, bond } = slave;
  if (port === null) return;
  port.actor.state &= ~(SYNCHRONIZATION | COLLECTING | DISTRIBUTING | AGGREGATION);
  if (slave.device.up) sendLacpdu(port);
  unbindPort(bond, port);
}

/** A slave's link came or went. Linux: bond_3ad_handle_link_change() */
export function linkChanged(slave: Slave, up: boolean): void {
  const { port } = slave;
  if (port === null) return;
  port.enabled = up;
  port.updateKeys(!up);
  selectAggregator(slave.bond);
}

/** One round of all machines. Linux: bond_3ad_state_machine_handler() */
export function tick(bond: BondDevice): void {
  bond.stack.timers.schedule(bond.adTimer, bond.stack.nowUs + TICK_US);
  if (bond.slaves.length === 0) return;
  const { ad } = bond;
  if (ad.selectionTimer > 0 && --ad.selectionTimer === 0) selectAggregator(bond);
  let changed = false;
  for (const { port } of bond.slaves) {
    if (port === null) continue;
    receiveMachine(port, null);
    periodicMachine(port);
    selectPort(bond, port);
    if (muxMachine(port, ad.selectionTimer > 0)) changed = true;
    transmitMachine(port);
    churnMachine(port);
    port.begin = false;
  }
  if (changed) bond.updateUsable();
}
