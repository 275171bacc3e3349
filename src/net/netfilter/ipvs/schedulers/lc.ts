import type { Destination } from '../destination.js';
import type { Scheduler } from '../scheduler.js';
import { overhead } from './least.js';

/** Least connections, whatever the weights. Linux: ip_vs_lc_schedule() */
export const lc: Scheduler = {
  name: 'lc',
  start: (service) => ({
    choose() {
      let least: Destination | null = null;
      let leastCost = 0;
      for (const server of service.destinations) {
        if (server.unavailable) continue;
        const cost = overhead(server);
        if (least !== null && cost >= leastCost) continue;
        least = server;
        leastCost = cost;
      }
      return least;
    },
  }),
};
