import type { Scheduler } from '../scheduler.js';
import { expectedDelay, leastForWeight } from './least.js';

/** Shortest expected delay. */
export const sed: Scheduler = {
  name: 'sed',
  start: (service) => ({ choose: () => leastForWeight(service.destinations, expectedDelay) }),
};
