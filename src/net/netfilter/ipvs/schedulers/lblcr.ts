import type { Destination } from '../destination.js';
import type { Scheduler } from '../scheduler.js';
import { AddressCache } from './cache.js';
import { isOverloaded, leastForWeight, overhead } from './least.js';

/** The servers that an address is spread over, and since when they are. */
interface ServerSet {
  servers: Destination[];
  changedMs: number;
}

/**
 * Locality-based least connections with replication: an address has a set of servers, of which the least loaded takes the connection;
 * it grows when that is overloaded, and loses its busiest when nothing has changed for long. Linux: ip_vs_lblcr_schedule()
 */
export const lblcr: Scheduler = {
  name: 'lblcr',
  start(service) {
    const cache = new AddressCache<ServerSet>();
    return {
      choose(packet) {
        const { destinations, settings } = service;
        const now = service.nowMs();
        const keepMs = settings.lblcrExpiration * 1000;
        const set = cache.get(packet.destination, now);
        if (set !== undefined) {
          const known = leastForWeight(
            set.servers.filter((server) => server.available),
            overhead,
          );
          if (set.servers.length > 1 && now - set.changedMs > keepMs) shrink(set, now);
          if (known !== null && !isOverloaded(known, destinations)) return known;
        }
        const server = leastForWeight(destinations, overhead);
        if (server === null) return null;
        if (set === undefined) cache.set(packet.destination, { servers: [server], changedMs: now }, now, keepMs);
        else if (!set.servers.includes(server)) {
          set.servers.push(server);
          set.changedMs = now;
        }
        return server;
      },
    };
  },
};

/** The busiest for its weight goes. */
function shrink(set: ServerSet, now: number): void {
  const [first, ...others] = set.servers;
  if (first === undefined) return;
  let busiest = first;
  for (const server of others)
    if (overhead(server) * busiest.weight > overhead(busiest) * server.weight && server.weight > 0) busiest = server;
  set.servers = set.servers.filter((server) => server !== busiest);
  set.changedMs = now;
}
