import {
  ACTOR,
  AGGREGATION,
  DEFAULTED,
  EXPIRED,
  LACP_ACTIVITY,
  LACP_TIMEOUT,
  newPortParameters,
  PARTNER,
  type PortParameters,
  readParameters,
  SYNCHRONIZATION,
} from '../../../wire/lacp.js';
import {
  type AdPort,
  defaultPartner,
  RX_CURRENT,
  RX_DEFAULTED,
  RX_EXPIRED,
  RX_INITIALIZE,
  RX_LACP_DISABLED,
  RX_PORT_DISABLED,
  TICKS_PER_SECOND,
} from './port.js';

// The receive machine, IEEE 802.1AX-2014 6.4.12. Linux: ad_rx_machine()

const SHORT_TIMEOUT = 3 * TICKS_PER_SECOND;
const LONG_TIMEOUT = 90 * TICKS_PER_SECOND;

/** What the LACPDU in hand says of its sender, and of us. */
const theirs = newPortParameters();
const ours = newPortParameters();

/** Bits of the state that must be known to the other side: 6.4.9, update_NTT. */
const TOLD = LACP_ACTIVITY | LACP_TIMEOUT | SYNCHRONIZATION | AGGREGATION;

/** One round. `view`, `at`: a LACPDU has come in; null: only time has passed. */
export function receiveMachine(port: AdPort, view: DataView | null, at = 0): void {
  const last = port.rxState;
  if (port.begin) {
    port.rxState = RX_INITIALIZE;
    port.churned = true;
  } else if (!port.enabled) port.rxState = RX_PORT_DISABLED;
  else if (view !== null && (last === RX_EXPIRED || last === RX_DEFAULTED || last === RX_CURRENT)) {
    if (last !== RX_CURRENT) port.churned = true;
    port.rxTimer = 0;
    port.rxState = RX_CURRENT;
  } else passTime(port);
  if (port.rxState !== last || view !== null) enter(port, view, at);
}

function passTime(port: AdPort): void {
  if (port.rxTimer > 0 && --port.rxTimer === 0) {
    if (port.rxState === RX_EXPIRED) port.rxState = RX_DEFAULTED;
    else if (port.rxState === RX_CURRENT) port.rxState = RX_EXPIRED;
  } else if (port.rxState === RX_PORT_DISABLED) port.rxState = port.lacpEnabled ? RX_EXPIRED : RX_LACP_DISABLED;
}

function enter(port: AdPort, view: DataView | null, at: number): void {
  switch (port.rxState) {
    case RX_INITIALIZE:
      port.lacpEnabled = port.fullDuplex;
      port.selected = false;
      recordDefault(port);
      port.actor.state &= ~EXPIRED;
      port.rxState = RX_PORT_DISABLED;
      port.matched = false;
      break;
    case RX_PORT_DISABLED:
      port.matched = false;
      break;
    case RX_LACP_DISABLED:
      port.selected = false;
      recordDefault(port);
      port.partner.state &= ~AGGREGATION;
      port.matched = true;
      port.actor.state &= ~EXPIRED;
      break;
    case RX_EXPIRED:
      port.partner.state &= ~SYNCHRONIZATION;
      port.matched = false;
      port.partner.state |= LACP_TIMEOUT | LACP_ACTIVITY;
      port.rxTimer = SHORT_TIMEOUT;
      port.actor.state |= EXPIRED;
      port.churned = true;
      break;
    case RX_DEFAULTED:
      updateDefaultSelected(port);
      recordDefault(port);
      port.matched = true;
      port.actor.state &= ~EXPIRED;
      break;
    case RX_CURRENT:
      if (view !== null) current(port, view, at);
      break;
  }
}

function current(port: AdPort, view: DataView, at: number): void {
  readParameters(view, at + ACTOR, theirs);
  readParameters(view, at + PARTNER, ours);
  // Our own LACPDU: the wire is a loop, or two slaves are on one.
  if (sameSystem(theirs, port.actor)) return;
  if (!sameParameters(theirs, port.partner)) port.selected = false;
  if (!sameParameters(ours, port.actor) || ((ours.state ^ port.actor.state) & TOLD) !== 0) port.needToTransmit = true;
  record(port);
  port.rxTimer = port.has(LACP_TIMEOUT) ? SHORT_TIMEOUT : LONG_TIMEOUT;
  port.actor.state &= ~EXPIRED;
}

/** 6.4.9, recordPDU and choose_Matched. */
function record(port: AdPort): void {
  port.matched = sameParameters(ours, port.actor) || (theirs.state & AGGREGATION) === 0;
  const { partner } = port;
  partner.systemPriority = theirs.systemPriority;
  partner.system.set(theirs.system);
  partner.key = theirs.key;
  partner.portPriority = theirs.portPriority;
  partner.port = theirs.port;
  partner.state = theirs.state;
  port.actor.state &= ~DEFAULTED;
  if (!port.matched) partner.state &= ~SYNCHRONIZATION;
}

/** 6.4.9, recordDefault. */
function recordDefault(port: AdPort): void {
  defaultPartner(port.partner);
  port.actor.state |= DEFAULTED;
}

/** 6.4.9, update_Default_Selected. */
function updateDefaultSelected(port: AdPort): void {
  defaultPartner(theirs);
  if (!sameParameters(theirs, port.partner)) port.selected = false;
}

function sameSystem(a: PortParameters, b: PortParameters): boolean {
  for (let i = 0; i < a.system.length; i++) if (a.system[i] !== b.system[i]) return false;
  return true;
}

/** All but the state, of which only AGGREGATION counts. */
function sameParameters(a: PortParameters, b: PortParameters): boolean {
  return (
    a.port === b.port &&
    a.portPriority === b.portPriority &&
    a.systemPriority === b.systemPriority &&
    a.key === b.key &&
    ((a.state ^ b.state) & AGGREGATION) === 0 &&
    sameSystem(a, b)
  );
}
