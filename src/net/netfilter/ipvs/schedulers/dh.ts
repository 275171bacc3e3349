import type { Destination } from '../destination.js';
import type { Scheduler } from '../scheduler.js';
import { foldAddress, hash32, TABLE_BITS, TABLE_SIZE } from './buckets.js';

/** Destination hashing: servers in turn fill a table that is looked up by the packet's destination. Linux: ip_vs_dh_schedule() */
export const dh: Scheduler = {
  name: 'dh',
  start(service) {
    const buckets: (Destination | null)[] = new Array(TABLE_SIZE).fill(null);
    const fill = () => {
      const { destinations } = service;
      for (let i = 0; i < TABLE_SIZE; i++) buckets[i] = destinations[i % destinations.length] ?? null;
    };
    fill();
    return {
      choose(packet) {
        const server = buckets[hash32(foldAddress(packet.family, packet.destination), TABLE_BITS)]!;
        return server === null || server.unavailable || !server.available ? null : server;
      },
      changed: fill,
    };
  },
};
