import type { Scheduler } from '../scheduler.js';
import { expectedDelay, leastForWeight } from './least.js';

/** Never queue: the first idle server there is, else the shortest expected delay. Linux: ip_vs_nq_schedule() */
export const nq: Scheduler = {
  name: 'nq',
  start: (service) => ({
    choose: () =>
      service.destinations.find((server) => !server.unavailable && server.activeConns === 0) ??
      leastForWeight(service.destinations, expectedDelay),
  }),
};
