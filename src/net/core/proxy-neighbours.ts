import { ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { Timer } from '../../base/timer-wheel.js';
import type { NetDevice } from './device.js';
import { DropReason } from './drop-reason.js';
import type { NeighbourParameters } from './neighbour-parameters.js';
import { Notifier } from './notifier.js';
import type { PacketBuffer } from './packet-buffer.js';
import type { Stack } from './stack.js';

/** An address that this host answers for on a device (null: on all): struct pneigh_entry. */
export interface ProxyNeighbour {
  readonly device: NetDevice | null;
  readonly key0: number;
  readonly key1: number;
  readonly key2: number;
  readonly key3: number;
  flags: number;
  protocol: number;
}

interface Waiting {
  readonly skb: PacketBuffer;
  readonly atUs: number;
}

const US_PER_MS = 1000;

/** The addresses that are answered for, and the questions whose answers wait a little, so that the true owner comes first. */
export class ProxyNeighbours {
  readonly events = new Notifier<{ readonly type: 'new' | 'delete'; readonly entry: ProxyNeighbour }>();
  readonly #stack: Stack;
  readonly #answer: (skb: PacketBuffer) => void;
  #entries: ProxyNeighbour[] = [];
  #waiting: Waiting[] = [];
  readonly #timer = new Timer(() => this.#due());

  constructor(stack: Stack, answer: (skb: PacketBuffer) => void) {
    this.#stack = stack;
    this.#answer = answer;
  }

  get list(): readonly ProxyNeighbour[] {
    return this.#entries;
  }

  /** Questions that wait for their answer. */
  get waiting(): number {
    return this.#waiting.length;
  }

  lookup(device: NetDevice, k0: number, k1 = 0, k2 = 0, k3 = 0): ProxyNeighbour | null {
    for (const entry of this.#entries)
      if (entry.key0 === k0 && entry.key1 === k1 && entry.key2 === k2 && entry.key3 === k3)
        if (entry.device === null || entry.device === device) return entry;
    return null;
  }

  /** Linux: pneigh_lookup() with creat, as RTM_NEWNEIGH with NTF_PROXY does. */
  add(device: NetDevice | null, flags: number, protocol: number, k0: number, k1 = 0, k2 = 0, k3 = 0): void {
    let entry = this.#exactly(device, k0, k1, k2, k3);
    if (entry === undefined) {
      entry = { device, key0: k0, key1: k1, key2: k2, key3: k3, flags: 0, protocol: 0 };
      this.#entries.push(entry);
    }
    entry.flags = flags;
    if (protocol !== 0) entry.protocol = protocol;
    this.events.notify({ type: 'new', entry });
  }

  /** ENOENT. Linux: pneigh_delete() */
  delete(device: NetDevice | null, k0: number, k1 = 0, k2 = 0, k3 = 0): void {
    const entry = this.#exactly(device, k0, k1, k2, k3) ?? fail(ENOENT);
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.events.notify({ type: 'delete', entry });
  }

  /** Keeps a question for a random part of the proxy delay. Takes ownership. Linux: pneigh_enqueue() */
  enqueue(skb: PacketBuffer, parameters: NeighbourParameters): void {
    if (this.#waiting.length >= parameters.values.proxyQlen) {
      this.#stack.drop(skb, DropReason.NEIGH_QUEUEFULL);
      return;
    }
    const delayMs = this.#stack.random.u32() % Math.max(1, parameters.values.proxyDelayMs);
    this.#waiting.push({ skb, atUs: this.#stack.nowUs + delayMs * US_PER_MS });
    this.#arm();
  }

  deviceDown(device: NetDevice): void {
    for (const entry of this.#entries.filter((held) => held.device === device)) {
      this.#entries.splice(this.#entries.indexOf(entry), 1);
      this.events.notify({ type: 'delete', entry });
    }
    this.#purge((skb) => skb.device === device);
  }

  destroy(): void {
    this.#purge(() => true);
  }

  #purge(which: (skb: PacketBuffer) => boolean): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ skb }) => !which(skb));
    for (const { skb } of waiting) if (which(skb)) this.#stack.drop(skb, DropReason.NEIGH_DEAD);
    this.#arm();
  }

  #exactly(device: NetDevice | null, k0: number, k1: number, k2: number, k3: number): ProxyNeighbour | undefined {
    return this.#entries.find(
      (entry) => entry.device === device && entry.key0 === k0 && entry.key1 === k1 && entry.key2 === k2 && entry.key3 === k3,
    );
  }

  #due(): void {
    const { nowUs } = this.#stack;
    const due = this.#waiting.filter(({ atUs }) => atUs <= nowUs);
    this.#waiting = this.#waiting.filter(({ atUs }) => atUs > nowUs);
    for (const { skb } of due) this.#answer(skb);
    this.#arm();
  }

  #arm(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const { atUs } of this.#waiting) if (atUs < next) next = atUs;
    if (next === Number.POSITIVE_INFINITY) this.#stack.timers.cancel(this.#timer);
    else this.#stack.timers.schedule(this.#timer, next);
  }
}
