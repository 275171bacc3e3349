import { COLLECTING, DISTRIBUTING, LACP_ACTIVITY, LACP_TIMEOUT, SYNCHRONIZATION } from '../../../wire/lacp.js';
import { activate, deactivate } from '../state.js';
import { BOND_LINK_UP } from '../../../netlink/rtnl/link/bond.js';
import { sendLacpdu } from './lacpdu.js';
import {
  type AdPort,
  type Aggregator,
  CHURN,
  CHURN_MONITOR,
  MAX_TX_IN_SECOND,
  MUX_ATTACHED,
  MUX_COLLECTING_DISTRIBUTING,
  MUX_DETACHED,
  MUX_WAITING,
  NO_CHURN,
  PERIODIC_FAST,
  PERIODIC_NO,
  PERIODIC_NONE,
  PERIODIC_SLOW,
  PERIODIC_TX,
  TICKS_PER_SECOND,
} from './port.js';

const FAST_PERIOD = 1 * TICKS_PER_SECOND;
const SLOW_PERIOD = 30 * TICKS_PER_SECOND;
const AGGREGATE_WAIT = 2 * TICKS_PER_SECOND;
const CHURN_TIME = 60 * TICKS_PER_SECOND;

/** When to send again, 6.4.13. Linux: ad_periodic_machine() */
export function periodicMachine(port: AdPort): void {
  const last = port.periodicState;
  const passive = !port.has(LACP_ACTIVITY) && !port.partnerHas(LACP_ACTIVITY);
  if (port.begin || !port.lacpEnabled || !port.enabled || passive || !port.slave.bond.parameters.lacpActive)
    port.periodicState = PERIODIC_NO;
  else if (port.periodicTimer > 0) {
    if (--port.periodicTimer === 0) port.periodicState = PERIODIC_TX;
    else if (last === PERIODIC_FAST && !port.partnerHas(LACP_TIMEOUT)) port.periodicState = PERIODIC_SLOW;
    else if (last === PERIODIC_SLOW && port.partnerHas(LACP_TIMEOUT)) {
      port.periodicTimer = 0;
      port.periodicState = PERIODIC_TX;
    }
  } else if (last === PERIODIC_NO) port.periodicState = PERIODIC_FAST;
  else if (last === PERIODIC_TX) port.periodicState = port.partnerHas(LACP_TIMEOUT) ? PERIODIC_FAST : PERIODIC_SLOW;
  if (port.periodicState === last || port.periodicState === PERIODIC_NONE) return;
  // The round that PERIODIC_TX takes is part of the period.
  if (port.periodicState === PERIODIC_FAST) port.periodicTimer = FAST_PERIOD - 1;
  else if (port.periodicState === PERIODIC_SLOW) port.periodicTimer = SLOW_PERIOD - 1;
  else if (port.periodicState === PERIODIC_TX) port.needToTransmit = true;
  else port.periodicTimer = 0;
}

/** Whether the port is in the aggregation, 6.4.15, coupled control. True: who sends has changed. Linux: ad_mux_machine() */
export function muxMachine(port: AdPort, selectionPending: boolean): boolean {
  const { aggregator } = port;
  const last = port.muxState;
  let changed = false;
  if (port.begin) port.muxState = MUX_DETACHED;
  else if (aggregator === null) return false;
  else if (last === MUX_DETACHED) {
    if (port.selected || port.standby) port.muxState = MUX_WAITING;
  } else if (last === MUX_WAITING) wait(port, aggregator);
  else if (last === MUX_ATTACHED) attached(port, aggregator, selectionPending);
  else if (last === MUX_COLLECTING_DISTRIBUTING) {
    if (!port.selected || port.standby || !port.partnerHas(SYNCHRONIZATION) || !port.has(SYNCHRONIZATION)) port.muxState = MUX_ATTACHED;
    else if (aggregator.active && port.slave.backup) {
      enablePort(port);
      changed = true;
    }
  }
  return port.muxState === last ? changed : enterMux(port);
}

function wait(port: AdPort, aggregator: Aggregator): void {
  if (!port.selected) {
    port.readyN = false;
    updateReady(aggregator);
    port.muxState = MUX_DETACHED;
    return;
  }
  if (port.muxTimer > 0 && --port.muxTimer === 0) port.readyN = true;
  updateReady(aggregator);
  if (port.ready && port.muxTimer === 0) port.muxState = MUX_ATTACHED;
}

function attached(port: AdPort, aggregator: Aggregator, selectionPending: boolean): void {
  if (port.selected && port.partnerHas(SYNCHRONIZATION) && !selectionPending) {
    if (aggregator.active) port.muxState = MUX_COLLECTING_DISTRIBUTING;
  } else if (!port.selected || port.standby) {
    port.readyN = false;
    updateReady(aggregator);
    port.muxState = MUX_DETACHED;
  } else if (aggregator.active) port.actor.state |= SYNCHRONIZATION;
}

function enterMux(port: AdPort): boolean {
  switch (port.muxState) {
    case MUX_DETACHED:
      port.actor.state &= ~(SYNCHRONIZATION | COLLECTING | DISTRIBUTING);
      disablePort(port);
      port.needToTransmit = true;
      return true;
    case MUX_WAITING:
      port.muxTimer = AGGREGATE_WAIT;
      return false;
    case MUX_ATTACHED:
      if (port.aggregator?.active === true) port.actor.state |= SYNCHRONIZATION;
      else port.actor.state &= ~SYNCHRONIZATION;
      port.actor.state &= ~(COLLECTING | DISTRIBUTING);
      disableDistributing(port);
      port.needToTransmit = true;
      return true;
    case MUX_COLLECTING_DISTRIBUTING:
      port.actor.state |= COLLECTING | DISTRIBUTING | SYNCHRONIZATION;
      if (port.aggregator?.active === true) enablePort(port);
      port.needToTransmit = true;
      return true;
    default:
      return false;
  }
}

/** A port of an aggregator that has a partner stops. Linux: ad_disable_collecting_distributing() */
function disableDistributing(port: AdPort): void {
  if (port.aggregator?.hasPartner === true) disablePort(port);
}

/** Ports of an aggregator begin together. Linux: __agg_ports_are_ready(), __set_agg_ports_ready() */
export function updateReady(aggregator: Aggregator): void {
  const ready = aggregator.ports.every((port) => port.readyN);
  for (const port of aggregator.ports) port.ready = ready;
}

/** Linux: __enable_port() */
export function enablePort({ slave }: AdPort): void {
  if (slave.link === BOND_LINK_UP && slave.running) activate(slave);
}

/** Linux: __disable_port() */
export function disablePort({ slave }: AdPort): void {
  deactivate(slave);
}

/** Sends what is to be said, three times a second at most, 6.4.16. Linux: ad_tx_machine() */
export function transmitMachine(port: AdPort): void {
  if (port.txTimer === 0 || --port.txTimer > 0) return;
  if (port.needToTransmit && port.lacpEnabled && sendLacpdu(port)) port.needToTransmit = false;
  port.txTimer = Math.floor(TICKS_PER_SECOND / MAX_TX_IN_SECOND);
}

/** Notices sides that do not come into sync, 6.4.17. Linux: ad_churn_machine() */
export function churnMachine(port: AdPort): void {
  if (port.churned) {
    port.churned = false;
    port.churnActorState = CHURN_MONITOR;
    port.churnPartnerState = CHURN_MONITOR;
    port.churnActorTimer = CHURN_TIME;
    port.churnPartnerTimer = CHURN_TIME;
    return;
  }
  if (port.churnActorTimer > 0 && --port.churnActorTimer === 0 && port.churnActorState === CHURN_MONITOR) {
    if (port.has(SYNCHRONIZATION)) port.churnActorState = NO_CHURN;
    else {
      port.churnActorCount++;
      port.churnActorState = CHURN;
    }
  }
  if (port.churnPartnerTimer > 0 && --port.churnPartnerTimer === 0 && port.churnPartnerState === CHURN_MONITOR) {
    if (port.partnerHas(SYNCHRONIZATION)) port.churnPartnerState = NO_CHURN;
    else {
      port.churnPartnerCount++;
      port.churnPartnerState = CHURN;
    }
  }
}
