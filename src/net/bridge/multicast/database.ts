import { Timer } from '../../../base/timer-wheel.js';
import type { BridgePort } from '../port.js';
import type { GroupKey } from './group-key.js';

// Filter modes of a port's membership, linux/in.h.
export const MCAST_EXCLUDE = 0;
export const MCAST_INCLUDE = 1;

// Flags of a port's membership (MDB_PG_FLAGS_*).
export const PG_PERMANENT = 1 << 0;
export const PG_FAST_LEAVE = 1 << 2;
/** In a source's entry only because the port wants all sources but some. */
export const PG_STAR_EXCLUDE = 1 << 3;
/** The source is one that the port does not want. */
export const PG_BLOCKED = 1 << 4;

// Flags of a source.
export const SOURCE_DELETE = 1 << 0;
export const SOURCE_SEND = 1 << 1;
export const SOURCE_INSTALLED = 1 << 2;

/** Linux: PG_SRC_ENT_LIMIT */
export const MAX_SOURCES = 32;

/** What is done when timers of the database expire. */
export interface DatabaseTimers {
  host(entry: MdbEntry): void;
  membership(membership: PortMembership): void;
  retransmission(membership: PortMembership): void;
  source(source: GroupSource): void;
}

/** A source that a port's members asked for, or do not want (struct net_bridge_group_src). */
export class GroupSource {
  readonly membership: PortMembership;
  readonly address: Uint32Array;
  flags = 0;
  /** Source-specific queries that are still to be sent. */
  queriesLeft = 0;
  readonly timer: Timer;

  constructor(membership: PortMembership, address: Uint32Array, timers: DatabaseTimers) {
    this.membership = membership;
    this.address = address.slice();
    this.timer = new Timer(() => timers.source(this));
  }
}

/** A port that has members of a group behind it (struct net_bridge_port_group). */
export class PortMembership {
  readonly entry: MdbEntry;
  readonly port: BridgePort;
  filterMode: number;
  flags = 0;
  /** RTPROT_*: who put it there. */
  protocol: number;
  /** Who asked, where packets go to each member by itself (mcast_to_unicast). */
  readonly member: Uint8Array | null;
  sources: readonly GroupSource[] = [];
  queriesLeft = 0;
  /** False once it is out of its entry. */
  live = true;
  readonly timer: Timer;
  readonly retransmissionTimer: Timer;

  constructor(entry: MdbEntry, port: BridgePort, filterMode: number, protocol: number, member: Uint8Array | null, timers: DatabaseTimers) {
    this.entry = entry;
    this.port = port;
    this.filterMode = filterMode;
    this.protocol = protocol;
    this.member = member;
    this.timer = new Timer(() => timers.membership(this));
    this.retransmissionTimer = new Timer(() => timers.retransmission(this));
  }

  source(address: Uint32Array): GroupSource | undefined {
    return this.sources.find((held) => held.address.every((word, i) => word === address[i]));
  }
}

/** One group, or one source of a group (struct net_bridge_mdb_entry). */
export class MdbEntry {
  readonly key: GroupKey;
  /** By port number, the highest first; of one port several where packets go to each member by itself. */
  ports: readonly PortMembership[] = [];
  /** The host itself is a member. */
  hostJoined = false;
  readonly timer: Timer;
  /** The table's own chain. */
  next: MdbEntry | null = null;

  constructor(key: GroupKey, timers: DatabaseTimers) {
    this.key = key.copy();
    this.timer = new Timer(() => timers.host(this));
  }
}

/** The groups of a bridge: a seeded table, found without allocating. */
export class MulticastDatabase {
  readonly #seed: number;
  readonly #timers: DatabaseTimers;
  #buckets: (MdbEntry | null)[] = new Array<MdbEntry | null>(16).fill(null);
  #entries = new Set<MdbEntry>();

  constructor(seed: number, timers: DatabaseTimers) {
    this.#seed = seed;
    this.#timers = timers;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The newest first, as they are listed. */
  entries(): MdbEntry[] {
    return [...this.#entries].reverse();
  }

  find(key: GroupKey): MdbEntry | null {
    let entry: MdbEntry | null = this.#buckets[key.hash(this.#seed) & (this.#buckets.length - 1)]!;
    while (entry !== null && !entry.key.equals(key)) entry = entry.next;
    return entry;
  }

  /** For a key that is not there yet. */
  insert(key: GroupKey): MdbEntry {
    const entry = new MdbEntry(key, this.#timers);
    this.#entries.add(entry);
    if (this.#entries.size > this.#buckets.length) this.#grow();
    else this.#link(entry);
    return entry;
  }

  remove(entry: MdbEntry): void {
    if (!this.#entries.delete(entry)) return;
    const at = entry.key.hash(this.#seed) & (this.#buckets.length - 1);
    const first = this.#buckets[at]!;
    if (first === entry) this.#buckets[at] = entry.next;
    else for (let held: MdbEntry | null = first; held !== null; held = held.next) if (held.next === entry) held.next = entry.next;
    entry.next = null;
  }

  membership(entry: MdbEntry, port: BridgePort, filterMode: number, protocol: number, member: Uint8Array | null): PortMembership {
    return new PortMembership(entry, port, filterMode, protocol, member, this.#timers);
  }

  newSource(membership: PortMembership, address: Uint32Array): GroupSource {
    return new GroupSource(membership, address, this.#timers);
  }

  #link(entry: MdbEntry): void {
    const at = entry.key.hash(this.#seed) & (this.#buckets.length - 1);
    entry.next = this.#buckets[at]!;
    this.#buckets[at] = entry;
  }

  #grow(): void {
    this.#buckets = new Array<MdbEntry | null>(this.#buckets.length * 2).fill(null);
    for (const entry of this.#entries) this.#link(entry);
  }
}
