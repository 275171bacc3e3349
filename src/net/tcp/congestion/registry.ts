import { bbr } from './bbr.js';
import type { CongestionControl } from './congestion-control.js';
import { cubic } from './cubic.js';
import { newReno } from './newreno.js';

/** All congestion controls there are; those that Linux has as modules come into tcp_available_congestion_control when they are first asked for. */
export const congestionControls: readonly CongestionControl[] = [newReno, cubic, bbr];

export function congestionByName(name: string): CongestionControl | undefined {
  return congestionControls.find((control) => control.name === name);
}
