import type { Destination } from '../destination.js';
import type { Scheduler } from '../scheduler.js';

/** Weighted fail over: all to the server with the largest weight that is there. Linux: ip_vs_fo_schedule() */
export const fo: Scheduler = {
  name: 'fo',
  start: (service) => ({
    choose() {
      let highest: Destination | null = null;
      for (const server of service.destinations) if (!server.overloaded && server.weight > (highest?.weight ?? 0)) highest = server;
      return highest;
    },
  }),
};
