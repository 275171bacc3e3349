import { arpMonitor } from './arp-monitor.js';
import type { BondDevice } from './device.js';
import { miiMonitor } from './mii-monitor.js';

/** Starts what watches the slaves, or - `round` - does one round of it; a bond that watches by neither way does nothing. */
export function startMonitor(bond: BondDevice, round = false): void {
  const { miimonMs, arpIntervalMs } = bond.parameters;
  if (miimonMs === 0 && arpIntervalMs === 0) return;
  if (!round) bond.stack.timers.schedule(bond.monitorTimer, bond.stack.nowUs);
  else if (miimonMs !== 0) miiMonitor(bond);
  else arpMonitor(bond);
}

export function stopMonitor(bond: BondDevice): void {
  bond.stack.timers.cancel(bond.monitorTimer);
}
