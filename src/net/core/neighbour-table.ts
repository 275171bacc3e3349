import { ENOBUFS, ENOENT } from '../../base/errno.js';
import { hash2, hash4 } from '../../base/hash.js';
import { fail } from '../../base/net-error.js';
import { Timer } from '../../base/timer-wheel.js';
import { NTF_EXT_LEARNED, NUD_FAILED, NUD_NOARP, NUD_PERMANENT } from '../../netlink/rtnl/constants.js';
import type { NetDevice } from './device.js';
import type { Namespace } from './namespace.js';
import { NUD_IN_TIMER, NEIGH_UPDATE_F_ADMIN, NEIGH_UPDATE_F_OVERRIDE, NTF_MANAGED, Neighbour } from './neighbour.js';
import type { NeighbourFamily, NeighbourStatistics } from './neighbour-family.js';
import { NeighbourParameters, type NeighbourSettings } from './neighbour-parameters.js';
import { Notifier } from './notifier.js';
import type { PacketBuffer } from './packet-buffer.js';
import { ProxyNeighbours } from './proxy-neighbours.js';

/** What ARP and neighbour discovery do each in their own way (struct neigh_table's functions and neigh_ops). */
export interface NeighbourProtocol {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  /** "arp_cache", "ndisc_cache" */
  readonly name: string;
  /** 4 or 16. */
  readonly keyBytes: number;
  /** Of the packets that go to neighbours. */
  readonly etherType: number;
  /** Defaults of its own. */
  readonly settings: Partial<NeighbourSettings>;
  /** The first word of the key that a new entry gets: 0 on links where all neighbours are one. */
  createdKey(device: NetDevice, k0: number): number;
  /** Gives a new entry its type, and its state where nothing is to be resolved; false: there can be none. */
  created(neighbour: Neighbour): boolean;
  /** Asks for its address. `skb` is a packet that waits (not to be kept), `probes` how many questions went before. */
  solicit(neighbour: Neighbour, skb: PacketBuffer | null, probes: number): void;
  /** No answer came: the sender of `skb` is told. Takes ownership. */
  failed(neighbour: Neighbour, skb: PacketBuffer): void;
  /** A question that waited at a proxy is answered. Takes ownership. */
  proxyAnswer(skb: PacketBuffer): void;
  /** Entries for groups are the first to be collected. */
  isMulticast(neighbour: Neighbour): boolean;
}

/** RTM_NEWNEIGH and RTM_DELNEIGH. */
export interface NeighbourEvent {
  readonly type: 'new' | 'delete';
  readonly neighbour: Neighbour;
}

const US_PER_MS = 1000;
const US_PER_SECOND = 1_000_000;
/** How often the reachable times are drawn anew. */
const DRAW_INTERVAL_US = 300 * US_PER_SECOND;
/** An entry younger than this is not collected for want of room. */
const FORCED_AGE_US = 5 * US_PER_SECOND;

/** The neighbours of one protocol in one namespace (struct neigh_table): seeded, open-addressed by device and address. */
export class NeighbourTable {
  readonly namespace: Namespace;
  readonly protocol: NeighbourProtocol;
  readonly events = new Notifier<NeighbourEvent>();
  readonly proxies: ProxyNeighbours;
  /** What it shares with the tables of other namespaces. */
  readonly shared: NeighbourFamily;
  readonly statistics: NeighbourStatistics;
  readonly #parameters = new Map<NetDevice, NeighbourParameters>();
  /** Called before a question where the user's own resolver is to be asked (app_solicit); null: nobody listens. */
  onApplicationProbe: ((neighbour: Neighbour) => void) | null = null;
  readonly #seed: number;
  #slots: (Neighbour | null)[] = new Array(16).fill(null);
  #entries = 0;
  readonly #gcTimer = new Timer(() => this.#collect());
  /** Entries that are kept resolved (NTF_EXT_MANAGED). */
  readonly #managed = new Set<Neighbour>();
  readonly #managedTimer = new Timer(() => this.#tendManaged());

  constructor(namespace: Namespace, protocol: NeighbourProtocol) {
    this.namespace = namespace;
    this.protocol = protocol;
    this.#seed = namespace.stack.random.u32();
    this.shared = namespace.stack.neighbourFamily(protocol);
    this.shared.tables.push(this);
    this.statistics = this.shared.statistics;
    this.proxies = new ProxyNeighbours(namespace.stack, (skb) => protocol.proxyAnswer(skb));
    namespace.neighbourTables.push(this);
  }

  get family(): number {
    return this.protocol.family;
  }

  get size(): number {
    return this.#entries;
  }

  /** The parameters of a device; it has its own from when it is first asked for to when it goes. */
  parametersOf(device: NetDevice): NeighbourParameters {
    let parameters = this.#parameters.get(device);
    if (parameters === undefined) {
      parameters = new NeighbourParameters(device, this.shared.defaults.values, this.namespace.stack.random);
      this.#parameters.set(device, parameters);
    }
    return parameters;
  }

  /** Those of its devices. */
  deviceParameters(): readonly NeighbourParameters[] {
    return [...this.#parameters.values()];
  }

  get slots(): number {
    return this.#slots.length;
  }

  get seed(): number {
    return this.#seed;
  }

  /** A default has changed: devices that were not set otherwise follow. */
  inherit(name: keyof NeighbourSettings, value: number): void {
    for (const parameters of this.#parameters.values()) parameters.inherit(name, value);
  }

  lookup(device: NetDevice, k0: number, k1 = 0, k2 = 0, k3 = 0): Neighbour | null {
    this.statistics.lookups++;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#hash(device, k0, k1, k2, k3) & mask;
    for (let entry = slots[slot]!; entry !== null; entry = slots[slot]!) {
      if (entry.key0 === k0 && entry.device === device && entry.key1 === k1 && entry.key2 === k2 && entry.key3 === k3) {
        this.statistics.hits++;
        return entry;
      }
      slot = (slot + 1) & mask;
    }
    return null;
  }

  /** The entry, made if need be; null: there can be none, or the table is full (`tableFulls` counts that). */
  obtain(device: NetDevice, k0: number, k1 = 0, k2 = 0, k3 = 0): Neighbour | null {
    return this.lookup(device, k0, k1, k2, k3) ?? this.#create(device, false, k0, k1, k2, k3);
  }

  /** As obtain() for an entry by the user: `exempt` ones are never collected. ENOBUFS. */
  create(device: NetDevice, exempt: boolean, k0: number, k1 = 0, k2 = 0, k3 = 0): Neighbour {
    return this.#create(device, exempt, k0, k1, k2, k3) ?? fail(ENOBUFS);
  }

  /** RTM_DELNEIGH of the user. ENOENT. Linux: neigh_delete() */
  delete(device: NetDevice, k0: number, k1 = 0, k2 = 0, k3 = 0): void {
    const entry = this.lookup(device, k0, k1, k2, k3) ?? fail(ENOENT);
    entry.update(null, NUD_FAILED, NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN);
    this.remove(entry);
  }

  remove(entry: Neighbour): void {
    if (entry.dead) return;
    this.#unlink(entry);
    entry.discard();
    this.#managed.delete(entry);
    this.#entries--;
    this.shared.entries--;
    if (!entry.exempt) this.shared.collectable--;
    this.statistics.destroys++;
    this.events.notify({ type: 'delete', neighbour: entry });
  }

  /** All entries, in the order of the table. */
  entries(): Neighbour[] {
    return this.#slots.filter((entry): entry is Neighbour => entry !== null);
  }

  /** The device went down or got another address: what is known on it goes. Linux: neigh_ifdown(), neigh_changeaddr() */
  flush(device: NetDevice, options: { readonly keepPermanent: boolean }): void {
    for (const entry of this.entries())
      if (entry.device === device && !(options.keepPermanent && (entry.state & NUD_PERMANENT) !== 0)) this.remove(entry);
  }

  deviceDown(device: NetDevice): void {
    this.flush(device, { keepPermanent: false });
    this.proxies.deviceDown(device);
  }

  deviceGone(device: NetDevice): void {
    this.deviceDown(device);
    this.#parameters.delete(device);
  }

  destroy(): void {
    for (const entry of this.entries()) this.remove(entry);
    this.proxies.destroy();
    this.namespace.stack.timers.cancel(this.#gcTimer);
    this.namespace.stack.timers.cancel(this.#managedTimer);
    for (const tables of [this.namespace.neighbourTables, this.shared.tables]) {
      const at = tables.indexOf(this);
      if (at >= 0) tables.splice(at, 1);
    }
  }

  notify(neighbour: Neighbour): void {
    this.events.notify({ type: 'new', neighbour });
  }

  /** Permanent and externally learned entries are not collected. Linux: neigh_update_gc_list() */
  updateExempt(entry: Neighbour): void {
    if (entry.dead) return;
    const exempt = (entry.state & NUD_PERMANENT) !== 0 || (entry.flags & NTF_EXT_LEARNED) !== 0;
    if (exempt === entry.exempt) return;
    entry.exempt = exempt;
    this.shared.collectable += exempt ? -1 : 1;
  }

  /** Linux: neigh_update_managed_list() */
  updateManaged(entry: Neighbour): void {
    if (entry.dead || (entry.flags & NTF_MANAGED) === 0) this.#managed.delete(entry);
    else this.#managed.add(entry);
    if (this.#managed.size > 0 && !this.#managedTimer.armed) this.#armManaged();
  }

  /** Linux: neigh_managed_work() */
  #tendManaged(): void {
    for (const entry of this.#managed) entry.use();
    if (this.#managed.size > 0) this.#armManaged();
  }

  #armManaged(): void {
    const { stack } = this.namespace;
    stack.timers.schedule(this.#managedTimer, stack.nowUs + this.shared.defaults.values.intervalProbeTimeMs * US_PER_MS);
  }

  #hash(device: NetDevice, k0: number, k1: number, k2: number, k3: number): number {
    return this.protocol.keyBytes === 4 ? hash2(this.#seed, k0, device.ifindex) : hash4(this.#seed ^ device.ifindex, k0, k1, k2, k3);
  }

  #create(device: NetDevice, exempt: boolean, wanted: number, k1: number, k2: number, k3: number): Neighbour | null {
    const k0 = this.protocol.createdKey(device, wanted);
    if (k0 !== wanted) {
      const same = this.lookup(device, k0, k1, k2, k3);
      if (same !== null) return same;
    }
    if (!exempt && !this.#makeRoom()) return null;
    const hash = this.#hash(device, k0, k1, k2, k3);
    const entry = new Neighbour(this, device, this.parametersOf(device), hash, k0, k1, k2, k3);
    if (!this.protocol.created(entry)) return null;
    entry.exempt = exempt;
    if ((this.#entries + 1) * 2 > this.#slots.length) this.#grow();
    this.#link(this.#slots, entry);
    this.#entries++;
    this.shared.entries++;
    if (!exempt) this.shared.collectable++;
    this.statistics.allocs++;
    if (!this.#gcTimer.armed) this.#armGc();
    return entry;
  }

  #link(slots: (Neighbour | null)[], entry: Neighbour): void {
    const mask = slots.length - 1;
    let slot = entry.hash & mask;
    while (slots[slot] !== null) slot = (slot + 1) & mask;
    slots[slot] = entry;
  }

  /** Takes an entry out and moves up those that stand behind it, so that no hole parts them from their place. */
  #unlink(entry: Neighbour): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = entry.hash & mask;
    while (slots[hole] !== entry) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; slots[slot] !== null; slot = (slot + 1) & mask) {
      const home = slots[slot]!.hash & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots[hole] = slots[slot]!;
      hole = slot;
    }
    slots[hole] = null;
  }

  #grow(): void {
    const slots: (Neighbour | null)[] = new Array(this.#slots.length * 2).fill(null);
    for (const entry of this.#slots) if (entry !== null) this.#link(slots, entry);
    this.#slots = slots;
    this.statistics.hashGrows++;
  }

  /** Linux: neigh_alloc() */
  #makeRoom(): boolean {
    const { nowUs } = this.namespace.stack;
    const { shared } = this;
    const full = shared.collectable >= shared.gcThresh3;
    if (!full && !(shared.collectable >= shared.gcThresh2 && nowUs > shared.lastFlushUs + FORCED_AGE_US)) return true;
    this.#forcedCollect(nowUs);
    if (shared.collectable < shared.gcThresh3) return true;
    this.statistics.tableFulls++;
    return false;
  }

  /** Linux: neigh_forced_gc() */
  #forcedCollect(nowUs: number): void {
    const { shared } = this;
    this.statistics.forcedGcRuns++;
    let surplus = shared.collectable - shared.gcThresh2;
    for (const entry of shared.candidates()) {
      if (surplus <= 0) break;
      const old = entry.updatedUs < nowUs - FORCED_AGE_US;
      if ((entry.state & (NUD_FAILED | NUD_NOARP)) === 0 && !this.protocol.isMulticast(entry) && !old) continue;
      entry.table.remove(entry);
      surplus--;
    }
    shared.lastFlushUs = nowUs;
  }

  /** Linux: neigh_periodic_work() */
  #collect(): void {
    const { nowUs } = this.namespace.stack;
    const { shared } = this;
    this.statistics.periodicGcRuns++;
    if (nowUs > shared.lastDrawUs + DRAW_INTERVAL_US) {
      shared.lastDrawUs = nowUs;
      shared.defaults.draw();
      for (const table of shared.tables) for (const parameters of table.deviceParameters()) parameters.draw();
    }
    if (shared.entries >= shared.gcThresh1)
      for (const entry of this.entries()) {
        if ((entry.state & (NUD_PERMANENT | NUD_IN_TIMER)) !== 0 || (entry.flags & NTF_EXT_LEARNED) !== 0) continue;
        if (entry.usedUs < entry.confirmedUs) entry.usedUs = entry.confirmedUs;
        const unused = nowUs >= entry.usedUs + entry.parameters.values.gcStaletimeMs * US_PER_MS;
        if ((entry.state & NUD_FAILED) !== 0 || unused) this.remove(entry);
      }
    if (this.#entries > 0) this.#armGc();
  }

  #armGc(): void {
    const { stack } = this.namespace;
    stack.timers.schedule(this.#gcTimer, stack.nowUs + (this.shared.defaults.values.baseReachableTimeMs * US_PER_MS) / 2);
  }
}
