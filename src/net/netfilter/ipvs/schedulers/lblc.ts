import type { Destination } from '../destination.js';
import type { Scheduler } from '../scheduler.js';
import { AddressCache } from './cache.js';
import { isOverloaded, leastForWeight, overhead } from './least.js';

/**
 * Locality-based least connections: what goes to one address goes to one server, until that is overloaded while another has less than
 * half its load. Linux: ip_vs_lblc_schedule()
 */
export const lblc: Scheduler = {
  name: 'lblc',
  start(service) {
    const cache = new AddressCache<Destination>();
    return {
      choose(packet) {
        const { destinations, settings } = service;
        const now = service.nowMs();
        const known = cache.get(packet.destination, now);
        if (known?.available && known.weight > 0 && !isOverloaded(known, destinations)) return known;
        const server = leastForWeight(destinations, overhead);
        if (server !== null) cache.set(packet.destination, server, now, settings.lblcExpiration * 1000);
        return server;
      },
    };
  },
};
