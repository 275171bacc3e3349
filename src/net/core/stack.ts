import type { Clock } from '../../base/clock.js';
import type { RandomSource } from '../../base/random.js';
import { TimerWheel } from '../../base/timer-wheel.js';
import { CoreSettings } from './core-settings.js';
import type { NetDevice } from './device.js';
import { DROP_REASONS, type DropReason } from './drop-reason.js';
import { KernelLog } from './kernel-log.js';
import type { LinkKind } from './link-kind.js';
import { Namespace } from './namespace.js';
import { NeighbourFamily } from './neighbour-family.js';
import type { NeighbourProtocol } from './neighbour-table.js';
import { Notifier } from './notifier.js';
import type { PacketBuffer } from './packet-buffer.js';
import { PacketPool } from './packet-pool.js';
import type { ProgramUnixSocket } from './program-unix-socket.js';
import { MemoryReserve, ProtocolMemory } from './protocol-memory.js';
import { SocketTable } from './socket.js';

/** Receives packets of one EtherType, `skb.data` at the network header; takes ownership. */
export type PacketHandler = (skb: PacketBuffer, device: NetDevice) => void;

/** A protocol's part of every namespace: handed to the stack when it is made (pernet_operations). */
export interface NamespaceModule {
  readonly name: string;
  /** Runs once a stack: packet types and the like. */
  attach?(stack: Stack): void;
  init(namespace: Namespace): void;
  exit(namespace: Namespace): void;
}

export interface StackOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly modules: readonly NamespaceModule[];
  readonly linkKinds: readonly LinkKind[];
  /** Pool that throws on double free and poisons freed packets: for tests. */
  readonly debugPool?: boolean;
  readonly poolLimitBytes?: number;
}

export interface NamespaceEvent {
  readonly type: 'created' | 'deleted';
  readonly namespace: Namespace;
}

/**
 * One Linux networking stack, as a library: no thread, no I/O, no clock of its own. Whoever owns it calls in - with frames,
 * netlink messages, socket calls - and then poll()s: until it returns false there is work to be done at once, and after
 * that until nextDeadlineUs() there is none.
 */
export class Stack {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly timers: TimerWheel;
  readonly pool: PacketPool;
  readonly settings = new CoreSettings();
  /** Names of the kernel modules that were loaded by name, in that order (/proc/modules). */
  readonly modules = new Set<string>();
  /** What they were told when they were loaded, by module and parameter. */
  readonly moduleParameters = new Map<string, ReadonlyMap<string, string>>();
  /** Bytes of memory that are free on the machine; its owner says so. */
  availableBytes: () => number = () => 2 ** 30;
  /** Seed of the tables that packets touch. */
  readonly hashSeed: number;
  /** The clock as read at the last entry; all of one round sees the same time (Linux: jiffies). */
  nowUs: number;
  readonly drops = new Float64Array(DROP_REASONS);
  readonly namespaces = new Map<number, Namespace>();
  readonly namespaceEvents = new Notifier<NamespaceEvent>();
  readonly initial: Namespace;
  readonly linkKinds = new Map<string, LinkKind>();
  readonly packetTypes = new Map<number, PacketHandler>();
  readonly neighbourFamilies = new Map<number, NeighbourFamily>();
  /** Called when work appears outside of poll(): the owner is to call poll() soon. */
  onWork: (() => void) | null = null;
  readonly log = new KernelLog(this);
  /** Unix sockets that programs in a namespace have from the host's kernel; null: there are no programs. */
  unixSocketsOfPrograms: ((namespace: Namespace) => readonly ProgramUnixSocket[]) | null = null;
  /** Told of each packet dropped, for traces; null when nobody traces. */
  onDrop: ((skb: PacketBuffer, reason: DropReason) => void) | null = null;

  /** The memory of sockets (net.ipv4.tcp_mem, udp_mem): pages, as for a machine with a gigabyte. */
  readonly memoryReserve = new MemoryReserve();
  readonly tcpMemory = new ProtocolMemory([9561, 12_749, 19_122], this.memoryReserve);
  readonly udpMemory = new ProtocolMemory([19_122, 25_498, 38_244], this.memoryReserve);

  /** How many tunnels deep the packet in hand is on its way out (XMIT_RECURSION_LIMIT). */
  tunnelDepth = 0;

  readonly #modules: readonly NamespaceModule[];
  #nextNamespaceId = 0;
  #backlogHead: PacketBuffer | null = null;
  #backlogTail: PacketBuffer | null = null;
  #backlogLength = 0;
  #polling = false;
  #deferred: (() => void)[] = [];
  #trailing: (() => void)[] = [];
  readonly #receive: (skb: PacketBuffer) => void;

  /** `receive` is netifReceive() of receive.ts, handed in because it stands above this file. */
  constructor(options: StackOptions, receive: (skb: PacketBuffer) => void) {
    this.clock = options.clock;
    this.random = options.random;
    this.nowUs = options.clock.monotonicUs();
    this.timers = new TimerWheel(this.nowUs);
    this.hashSeed = options.random.u32();
    this.pool = new PacketPool({
      debug: options.debugPool === true,
      ...(options.poolLimitBytes === undefined ? {} : { limitBytes: options.poolLimitBytes }),
    });
    this.#modules = options.modules;
    this.#receive = receive;
    for (const kind of options.linkKinds) this.linkKinds.set(kind.kind, kind);
    for (const module of options.modules) module.attach?.(this);
    this.initial = this.createNamespace();
  }

  /** `creator` is the namespace of who wants another: settings may come from there. */
  createNamespace(creator: Namespace | null = null): Namespace {
    const namespace = new Namespace(this, this.#nextNamespaceId++, new SocketTable());
    this.namespaces.set(namespace.id, namespace);
    namespace.creator = creator;
    for (const module of this.#modules) module.init(namespace);
    namespace.creator = null;
    this.namespaceEvents.notify({ type: 'created', namespace });
    return namespace;
  }

  /** What the neighbour tables of a protocol have in common; made with the first of them. */
  neighbourFamily(protocol: NeighbourProtocol): NeighbourFamily {
    let family = this.neighbourFamilies.get(protocol.family);
    if (family === undefined) {
      family = new NeighbourFamily(protocol.family, protocol.settings, this.random, this.nowUs);
      this.neighbourFamilies.set(protocol.family, family);
    }
    return family;
  }

  /** Tears a namespace down: modules leave in the reverse of their order, devices go as each kind has it. */
  destroyNamespace(namespace: Namespace): void {
    if (namespace.dead) return;
    namespace.dead = true;
    this.namespaceEvents.notify({ type: 'deleted', namespace });
    for (const module of [...this.#modules].reverse()) module.exit(namespace);
    this.namespaces.delete(namespace.id);
    for (const other of this.namespaces.values()) other.nsids.delete(namespace);
  }

  /**
   * Reads the clock for what follows, and ends what the last entry left over. Every entry from outside (a netlink message, a
   * socket call) begins with it.
   */
  refreshClock(): void {
    this.nowUs = this.clock.monotonicUs();
    if (this.#trailing.length > 0 && !this.#polling) this.#runTrailing();
  }

  /** Frees a packet that did not reach its end, and counts why (kfree_skb_reason). */
  drop(skb: PacketBuffer, reason: DropReason): void {
    this.drops[reason]!++;
    if (this.onDrop !== null) this.onDrop(skb, reason);
    this.pool.release(skb);
  }

  /** Frees a packet whose work is done (consume_skb). */
  consume(skb: PacketBuffer): void {
    this.pool.release(skb);
  }

  /** netif_rx(): queues a packet that a device received, to be processed in this round; false: the backlog is full and the packet the caller's. */
  enqueue(skb: PacketBuffer): boolean {
    if (this.#backlogLength >= this.settings.netdevMaxBacklog) return false;
    skb.next = null;
    if (this.#backlogTail === null) this.#backlogHead = skb;
    else this.#backlogTail.next = skb;
    this.#backlogTail = skb;
    // Once is enough: until it polls, the owner knows.
    if (this.#backlogLength++ === 0 && !this.#polling && this.onWork !== null) this.onWork();
    return true;
  }

  /** Runs `work` at the end of this round (a coalesced ACK, a batch to be flushed). The function is made once by its owner. */
  defer(work: () => void): void {
    this.#deferred.push(work);
    if (!this.#polling && this.onWork !== null) this.onWork();
  }

  /**
   * Runs `work` behind what goes on now - at the end of this round, or before the next entry from outside if that comes first:
   * consequences that come after the answer to a request, but that the next request sees.
   */
  trail(work: () => void): void {
    this.#trailing.push(work);
    if (!this.#polling && this.onWork !== null) this.onWork();
  }

  /** One round: timers that are due, then the backlog up to the budget. True: there is more to do at once. */
  poll(): boolean {
    this.refreshClock();
    this.#polling = true;
    try {
      this.timers.advance(this.nowUs);
      let budget = Math.max(this.settings.netdevBudget, 1);
      do {
        while (this.#backlogHead !== null && budget-- > 0) this.#receive(this.#takeFromBacklog(this.#backlogHead));
        this.#runDeferred();
        this.#runTrailing();
      } while (this.#backlogHead !== null && budget > 0);
    } finally {
      this.#polling = false;
    }
    return this.#backlogHead !== null || this.#deferred.length > 0 || this.#trailing.length > 0;
  }

  /** When poll() is next needed if nothing comes from outside; Infinity: never. */
  nextDeadlineUs(): number {
    const busy = this.#backlogHead !== null || this.#deferred.length > 0 || this.#trailing.length > 0;
    return busy ? this.nowUs : this.timers.nextUs();
  }

  #takeFromBacklog(skb: PacketBuffer): PacketBuffer {
    this.#backlogHead = skb.next;
    if (this.#backlogHead === null) this.#backlogTail = null;
    skb.next = null;
    this.#backlogLength--;
    return skb;
  }

  #runTrailing(): void {
    if (this.#trailing.length === 0) return;
    const work = this.#trailing;
    this.#trailing = [];
    for (const run of work) run();
  }

  #runDeferred(): void {
    if (this.#deferred.length === 0) return;
    const work = this.#deferred;
    this.#deferred = [];
    for (const run of work) run();
  }
}
