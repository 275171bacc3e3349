import type { RandomSource } from '../../base/random.js';
import type { Neighbour } from './neighbour.js';
import { NEIGHBOUR_DEFAULTS, NeighbourParameters, type NeighbourSettings } from './neighbour-parameters.js';
import type { NeighbourTable } from './neighbour-table.js';

/** struct neigh_statistics, as /proc/net/stat/arp_cache and RTM_GETNEIGHTBL show it. */
export class NeighbourStatistics {
  allocs = 0;
  destroys = 0;
  hashGrows = 0;
  resFailed = 0;
  lookups = 0;
  hits = 0;
  rcvProbesMcast = 0;
  rcvProbesUcast = 0;
  periodicGcRuns = 0;
  forcedGcRuns = 0;
  unresDiscards = 0;
  tableFulls = 0;
}

/**
 * What the tables of one protocol have in common in all namespaces, as Linux has but one arp_tbl and one nd_tbl: limits, defaults,
 * counters and how many entries there are.
 */
export class NeighbourFamily {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  /** For new devices of all namespaces. */
  readonly defaults: NeighbourParameters;
  readonly statistics = new NeighbourStatistics();
  readonly tables: NeighbourTable[] = [];
  /** Fewer entries than this are left alone. */
  gcThresh1 = 128;
  /** With more, old ones go when a new one is wanted. */
  gcThresh2 = 512;
  /** More there cannot be. */
  gcThresh3 = 1024;
  /** Kept for who asks: collection follows the reachable time. */
  gcIntervalMs = 30_000;
  entries = 0;
  /** Those that may be collected. */
  collectable = 0;
  lastFlushUs = Number.NEGATIVE_INFINITY;
  lastDrawUs: number;

  constructor(family: number, settings: Partial<NeighbourSettings>, random: RandomSource, nowUs: number) {
    this.family = family;
    this.defaults = new NeighbourParameters(null, { ...NEIGHBOUR_DEFAULTS, ...settings }, random);
    this.lastDrawUs = nowUs;
  }

  /** A default by the user: devices of the first namespace that were not set otherwise follow. Linux: neigh_copy_dflt_parms() */
  setDefault(name: keyof NeighbourSettings, value: number): void {
    this.defaults.set(name, value);
    for (const table of this.tables) if (table.namespace === table.namespace.stack.initial) table.inherit(name, value);
  }

  /** Entries of all namespaces that may be collected, those longest unchanged first. */
  candidates(): Neighbour[] {
    const found: Neighbour[] = [];
    for (const table of this.tables) for (const entry of table.entries()) if (!entry.exempt) found.push(entry);
    return found.sort((a, b) => a.updatedUs - b.updatedUs);
  }
}
