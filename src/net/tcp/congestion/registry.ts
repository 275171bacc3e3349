import type { CongestionControl } from './congestion-control.js';
import { cubic } from './cubic.js';
import { newReno } from './newreno.js';

/** All congestion controls there are: tcp_available_congestion_control. */
export const congestionControls: readonly CongestionControl[] = [newReno, cubic];

export function congestionByName(name: string): CongestionControl | undefined {
  return congestionControls.find((control) => control.name === name);
}
