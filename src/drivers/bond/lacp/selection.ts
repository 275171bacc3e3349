import { BOND_AD_BANDWIDTH, BOND_AD_COUNT, BOND_AD_STABLE } from '../../../netlink/rtnl/link/bond.js';
import { SYNCHRONIZATION } from '../../../wire/lacp.js';
import { setCarrier } from '../../../net/core/device-state.js';
import type { BondDevice } from '../device.js';
import { disablePort, enablePort, updateReady } from './machines.js';
import type { AdPort, Aggregator } from './port.js';

const aggregatorsOf = (bond: BondDevice): Aggregator[] => bond.slaves.flatMap(({ port }) => (port === null ? [] : [port.own]));

/** Linux: __get_active_agg() */
export const activeAggregator = (bond: BondDevice): Aggregator | null => aggregatorsOf(bond).find(({ active }) => active) ?? null;

/** Finds an aggregator for a port that has none that fits, 6.4.14. Linux: ad_port_selection_logic() */
export function selectPort(bond: BondDevice, port: AdPort): void {
  if (port.selected) return;
  leave(port);
  const aggregators = aggregatorsOf(bond);
  const fitting = aggregators.find((candidate) => fits(candidate, port));
  const aggregator = fitting ?? aggregators.find(({ ports }) => ports.length === 0);
  // Each port brought one along: there is always one that is free.
  if (aggregator === undefined) return;
  if (fitting === undefined) found(aggregator, port);
  port.aggregator = aggregator;
  aggregator.ports = [port, ...aggregator.ports];
  port.selected = true;
  updateReady(aggregator);
  selectAggregator(bond);
  if (!aggregator.active) port.actor.state &= ~SYNCHRONIZATION;
}

function leave(port: AdPort): void {
  const { aggregator } = port;
  if (aggregator === null) return;
  aggregator.ports = aggregator.ports.filter((other) => other !== port);
  if (aggregator.ports.length === 0) aggregator.clear();
  port.aggregator = null;
}

/** Same keys and partner; a port without a partner joins nobody. */
function fits(aggregator: Aggregator, { actor, partner }: AdPort): boolean {
  return (
    aggregator.ports.length > 0 &&
    !aggregator.individual &&
    aggregator.key === actor.key &&
    aggregator.partnerSystemPriority === partner.systemPriority &&
    aggregator.partnerKey === partner.key &&
    partner.system.some((byte) => byte !== 0) &&
    aggregator.partnerSystem.every((byte, i) => byte === partner.system[i])
  );
}

function found(aggregator: Aggregator, port: AdPort): void {
  aggregator.individual = !port.fullDuplex;
  aggregator.key = port.actor.key;
  aggregator.partnerSystem.set(port.partner.system);
  aggregator.partnerSystemPriority = port.partner.systemPriority;
  aggregator.partnerKey = port.partner.key;
}

/** Chooses the aggregator that carries the bond's traffic (ad_select). Linux: ad_agg_selection_logic() */
export function selectAggregator(bond: BondDevice): void {
  const aggregators = aggregatorsOf(bond);
  const active = aggregators.find((candidate) => candidate.active) ?? null;
  const policy = bond.parameters.adSelect;
  let best: Aggregator | null = active?.running === true ? active : null;
  for (const candidate of aggregators) {
    candidate.active = false;
    if (candidate.running) best = better(best, candidate, policy);
  }
  if (best !== null && active !== null && policy === BOND_AD_STABLE && keeps(active, best)) best = active;
  if (best !== null) best.active = true;
  if (best !== null && best !== active && active !== null) for (const port of active.ports) disablePort(port);
  // Links without a partner on the other side work at once, one of them.
  if (best !== null && !best.hasPartner) for (const port of best.ports) enablePort(port);
  bond.updateUsable();
  updateAggregatorCarrier(bond);
}

/** A working aggregator stays, though another were better, unless only the other has a partner. */
function keeps(active: Aggregator, best: Aggregator): boolean {
  if (active.activePorts === 0 || !(active.hasPartner || !best.hasPartner)) return false;
  return active.key !== 0 || best.key === 0;
}

/** Linux: ad_agg_selection_test() */
function better(best: Aggregator | null, candidate: Aggregator, policy: number): Aggregator {
  if (best === null) return candidate;
  if (candidate.individual !== best.individual) return candidate.individual ? best : candidate;
  if (candidate.hasPartner !== best.hasPartner) return candidate.hasPartner ? candidate : best;
  if (policy === BOND_AD_COUNT && candidate.activePorts !== best.activePorts)
    return candidate.activePorts > best.activePorts ? candidate : best;
  if (policy === BOND_AD_COUNT || policy === BOND_AD_STABLE || policy === BOND_AD_BANDWIDTH)
    return candidate.bandwidth > best.bandwidth ? candidate : best;
  return best;
}

/** The bond has carrier while enough ports of the aggregator in use are up (min_links). Linux: bond_3ad_set_carrier() */
export function updateAggregatorCarrier(bond: BondDevice): void {
  const active = activeAggregator(bond);
  setCarrier(bond, active !== null && active.activePorts >= bond.parameters.minLinks);
}

/**
 * The slave of `port` goes: others of its aggregator go on in another, as this one goes with it. `bond.slaves` still has the slave.
 * Linux: bond_3ad_unbind_slave()
 */
export function unbindPort(bond: BondDevice, port: AdPort): void {
  const { own } = port;
  const others = own.ports.filter((other) => other !== port);
  const wasActive = own.active;
  if (others.length > 0) {
    const heir = aggregatorsOf(bond).find((candidate) => candidate !== own && candidate.ports.every((other) => other === port));
    if (heir !== undefined) moveTo(heir, own, others);
  }
  own.clear();
  const joined = port.aggregator;
  if (joined !== null && joined !== own) {
    joined.ports = joined.ports.filter((other) => other !== port);
    if (joined.ports.length === 0) joined.clear();
  }
  port.aggregator = null;
  port.slave.port = null;
  if (wasActive || joined?.active !== true) selectAggregator(bond);
}

function moveTo(heir: Aggregator, from: Aggregator, ports: readonly AdPort[]): void {
  heir.individual = from.individual;
  heir.key = from.key;
  heir.partnerSystem.set(from.partnerSystem);
  heir.partnerSystemPriority = from.partnerSystemPriority;
  heir.partnerKey = from.partnerKey;
  heir.active = from.active;
  heir.ports = ports;
  for (const port of ports) port.aggregator = heir;
}
