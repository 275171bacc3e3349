import { IP_VS_SVC_F_SCHED1, IP_VS_SVC_F_SCHED2 } from '../../../../netlink/genl/ip-vs.js';
import type { Destination } from '../destination.js';
import type { Scheduler } from '../scheduler.js';
import { foldAddress, hash32, TABLE_BITS, TABLE_MASK, TABLE_SIZE } from './buckets.js';

/**
 * Source hashing: servers fill a table, as often as their weights say, that is looked up by the client's address - with sh-port its
 * port as well. With sh-fallback those whose server takes nobody go to another. Linux: ip_vs_sh_schedule()
 */
export const sh: Scheduler = {
  name: 'sh',
  start(service) {
    const buckets: (Destination | null)[] = new Array(TABLE_SIZE).fill(null);
    const fill = () => {
      const { destinations } = service;
      let at = 0;
      let turns = 0;
      for (let i = 0; i < TABLE_SIZE; i++) {
        buckets[i] = destinations[at] ?? null;
        if (destinations.length === 0 || ++turns < destinations[at]!.weight) continue;
        at = (at + 1) % destinations.length;
        turns = 0;
      }
    };
    fill();
    const hash = (value: number, offset: number) => (offset + hash32(value, TABLE_BITS)) & TABLE_MASK;
    return {
      choose(packet) {
        const { flags } = service;
        const port = (flags & IP_VS_SVC_F_SCHED2) === 0 ? 0 : packet.sourcePort;
        const value = (port + foldAddress(packet.family, packet.source)) | 0;
        const first = hash(value, 0);
        const server = buckets[first]!;
        if (server !== null && !server.unavailable) return server;
        if (server === null || (flags & IP_VS_SVC_F_SCHED1) === 0) return null;
        for (let offset = 0; offset < TABLE_SIZE; offset++) {
          const other = buckets[hash(value, (offset + first) % TABLE_SIZE)]!;
          if (other !== null && !other.unavailable) return other;
        }
        return null;
      },
      changed: fill,
    };
  },
};
