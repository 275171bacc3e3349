import { hsiphash } from '../../../../base/siphash.js';
import { IP_VS_SVC_F_SCHED1, IP_VS_SVC_F_SCHED2 } from '../../../../netlink/genl/ip-vs.js';
import type { Destination } from '../destination.js';
import type { Scheduler } from '../scheduler.js';
import { foldAddress } from './buckets.js';
import { gcd } from './gcd.js';

/** The prime of CONFIG_IP_VS_MH_TAB_INDEX=12, and the bits that weights are shifted into. */
const TABLE_SIZE = 4093;
const WEIGHT_BITS = 6;
// The keys of both hashes: k0 and k1, low and high halves.
const KEY1 = Uint32Array.of(2_654_435_761, 0, 2_654_435_761, 0);
const KEY2 = Uint32Array.of(2_654_446_892, 0, 2_654_446_892, 0);

/**
 * Maglev hashing (Eisenbud and others, NSDI 2016, 3.4): each server has its own permutation of the table's places, and they take turns
 * - as many as their weights say - to occupy the next free one. When a server goes, few clients of others move. Linux: ip_vs_mh_populate()
 */
export const mh: Scheduler = {
  name: 'mh',
  start(service) {
    let table: (Destination | null)[] = [];
    const fill = () => {
      table = maglevTable(service.destinations);
    };
    fill();
    return {
      choose(packet) {
        const { flags } = service;
        const port = (flags & IP_VS_SVC_F_SCHED2) === 0 ? 0 : packet.sourcePort;
        const value = (port + foldAddress(packet.family, packet.source)) >>> 0;
        const first = hsiphash(KEY1, value) % TABLE_SIZE;
        const server = table[first] ?? null;
        if (server !== null && !server.unavailable) return server;
        if (server === null || (flags & IP_VS_SVC_F_SCHED1) === 0) return null;
        for (let offset = 0; offset < TABLE_SIZE; offset++) {
          const other = table[hsiphash(KEY1, (value + ((offset + first) % TABLE_SIZE)) >>> 0) % TABLE_SIZE] ?? null;
          if (other !== null && !other.unavailable) return other;
        }
        return null;
      },
      changed: fill,
    };
  },
};

function maglevTable(servers: readonly Destination[]): (Destination | null)[] {
  const table: (Destination | null)[] = new Array(TABLE_SIZE).fill(null);
  const divisor = servers.reduce((sum, { weight }) => (weight > 0 ? gcd(weight, sum) : sum), 0) || 1;
  const largest = servers.reduce((most, { weight }) => Math.max(most, weight), 0);
  const shift = Math.max(32 - Math.clz32(Math.floor(largest / divisor)) - WEIGHT_BITS, 0);
  const places = servers.map(({ family, address, port, weight }) => {
    const value = (port + foldAddress(family, address)) >>> 0;
    return {
      next: hsiphash(KEY1, value) % TABLE_SIZE,
      skip: (hsiphash(KEY2, value) % (TABLE_SIZE - 1)) + 1,
      turns: Math.floor(weight / divisor) >> shift || (weight > 0 ? 1 : 0),
    };
  });
  if (!places.some(({ turns }) => turns > 0)) return table;
  for (let filled = 0; ; )
    for (const [index, place] of places.entries())
      for (let turn = 0; turn < place.turns; turn++) {
        while (table[place.next] !== null) place.next = (place.next + place.skip) % TABLE_SIZE;
        table[place.next] = servers[index]!;
        if (++filled === TABLE_SIZE) return table;
      }
}
