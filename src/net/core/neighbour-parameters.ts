import type { RandomSource } from '../../base/random.js';
import type { NetDevice } from './device.js';

/** What of the parameters users may set (net.ipv4.neigh.*, RTM_SETNEIGHTBL); times in milliseconds. */
export const NEIGHBOUR_DEFAULTS = {
  mcastProbes: 3,
  ucastProbes: 3,
  appProbes: 0,
  mcastReprobes: 0,
  retransTimeMs: 1000,
  baseReachableTimeMs: 30_000,
  delayProbeTimeMs: 5000,
  intervalProbeTimeMs: 5000,
  gcStaletimeMs: 60_000,
  queueLenBytes: 212_992,
  proxyQlen: 64,
  anycastDelayMs: 1000,
  proxyDelayMs: 800,
  locktimeMs: 1000,
};
export type NeighbourSettings = typeof NEIGHBOUR_DEFAULTS;

/** How neighbours on one device are found and kept (struct neigh_parms). A device of null: the defaults for new devices. */
export class NeighbourParameters {
  readonly device: NetDevice | null;
  readonly values: NeighbourSettings;
  /** Drawn anew now and then around the base, so that hosts do not move in step. RFC 4861 6.3.4 */
  reachableTimeMs: number;
  /** Which were set for this device: a change of the defaults does not touch them. */
  readonly #own = new Set<keyof NeighbourSettings>();
  readonly #random: RandomSource;

  constructor(device: NetDevice | null, values: NeighbourSettings, random: RandomSource) {
    this.device = device;
    this.values = { ...values };
    this.#random = random;
    this.reachableTimeMs = this.#drawn();
  }

  /** One parameter by the user. */
  set(name: keyof NeighbourSettings, value: number): void {
    this.#own.add(name);
    this.#assign(name, value);
  }

  /** The defaults have changed. Linux: neigh_copy_dflt_parm() */
  inherit(name: keyof NeighbourSettings, value: number): void {
    if (!this.#own.has(name)) this.#assign(name, value);
  }

  draw(): void {
    this.reachableTimeMs = this.#drawn();
  }

  #assign(name: keyof NeighbourSettings, value: number): void {
    this.values[name] = value;
    if (name === 'baseReachableTimeMs') this.draw();
  }

  /** neigh_rand_reach_time(): half to one and a half of the base. */
  #drawn(): number {
    const base = this.values.baseReachableTimeMs;
    return base === 0 ? 0 : (this.#random.u32() % base) + (base >>> 1);
  }
}
