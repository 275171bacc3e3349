import { gcd } from './gcd.js';
import type { Destination } from '../destination.js';
import type { Scheduler } from '../scheduler.js';

/**
 * Weighted round robin: rounds with a threshold that goes down from the largest weight by the weights' common divisor; who is at or
 * above it has a turn. Linux: ip_vs_wrr_schedule()
 */
export const wrr: Scheduler = {
  name: 'wrr',
  start(service) {
    let last: Destination | null = null;
    let divisor = 1;
    let most = 0;
    let threshold = 0;
    const measure = () => {
      last = null;
      divisor = 0;
      let largest = 0;
      for (const { weight } of service.destinations) {
        if (weight <= 0) continue;
        divisor = gcd(weight, divisor);
        largest = Math.max(largest, weight);
      }
      if (divisor === 0) divisor = 1;
      most = largest === 0 ? 0 : largest - (divisor - 1);
      if (threshold > most || threshold === 0) threshold = most;
      else if (divisor > 1) threshold = Math.floor(threshold / divisor) * divisor + 1;
    };
    measure();
    return {
      choose() {
        if (most === 0) return null;
        const { destinations } = service;
        let index = last === null ? 0 : destinations.indexOf(last) + 1;
        // Once more than all thresholds have been tried, nobody takes it.
        for (let rounds = Math.ceil(most / divisor) + 1; rounds >= 0; rounds--) {
          for (; index < destinations.length; index++) {
            const server = destinations[index]!;
            if (server.overloaded || server.weight < threshold) continue;
            last = server;
            return server;
          }
          index = 0;
          threshold -= divisor;
          if (threshold <= 0) {
            threshold = most;
            if (destinations.every((server) => server.unavailable)) return null;
          }
        }
        return null;
      },
      changed: measure,
    };
  },
};
