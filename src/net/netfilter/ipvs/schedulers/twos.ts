import type { Destination } from '../destination.js';
import type { Scheduler } from '../scheduler.js';
import { overhead } from './least.js';

/**
 * Power of two choices: of two servers chosen at random, by weight, the one with fewer connections for its weight
 * (Mitzenmacher 2001). Linux: ip_vs_twos_schedule()
 */
export const twos: Scheduler = {
  name: 'twos',
  loadedByName: true,
  start(service) {
    const pick = (total: number): Destination | null => {
      let left = service.random.u32() % total;
      for (const server of service.destinations) {
        if (server.unavailable) continue;
        left -= server.weight;
        if (left < 0) return server;
      }
      return null;
    };
    return {
      choose() {
        const total = service.destinations.reduce((sum, server) => (server.unavailable ? sum : sum + server.weight), 0);
        if (total === 0) return null;
        const first = pick(total);
        const second = pick(total);
        if (first === null || second === null) return first ?? second;
        return overhead(first) * second.weight <= overhead(second) * first.weight ? first : second;
      },
    };
  },
};
