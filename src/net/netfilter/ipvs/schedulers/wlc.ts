import type { Scheduler } from '../scheduler.js';
import { leastForWeight, overhead } from './least.js';

/** Weighted least connections: what `ipvsadm -A` takes if it is told nothing. */
export const wlc: Scheduler = {
  name: 'wlc',
  start: (service) => ({ choose: () => leastForWeight(service.destinations, overhead) }),
};
