import type { Destination } from '../destination.js';
import type { Scheduler } from '../scheduler.js';

/** Weighted overflow: to the server with the largest weight, until it has more connections than that. Linux: ip_vs_ovf_schedule() */
export const ovf: Scheduler = {
  name: 'ovf',
  start: (service) => ({
    choose() {
      let highest: Destination | null = null;
      for (const server of service.destinations) {
        if (server.unavailable || server.activeConns > server.weight) continue;
        if (highest === null || server.weight > highest.weight) highest = server;
      }
      return highest;
    },
  }),
};
