import { EINVAL } from '../base/errno.js';
import { fail } from '../base/net-error.js';
import type { RandomSource } from '../base/random.js';
import { Timer } from '../base/timer-wheel.js';
import { NETIF_F_GSO_UDP_L4, NETIF_F_HW_CSUM, NETIF_F_TSO, NETIF_F_TSO6, type NetDevice } from '../net/core/device.js';
import { DropReason } from '../net/core/drop-reason.js';
import type { FramePort, FrameReceiver } from '../net/core/frame-port.js';
import { CHECKSUM_NONE, type PacketBuffer } from '../net/core/packet-buffer.js';
import type { Stack } from '../net/core/stack.js';

/** What a bad wire does to frames. Probabilities are between 0 and 1; a frame may meet several of them. */
export interface Faults {
  readonly loss: number;
  /** One bit of it, behind the link header, is turned over. */
  readonly corrupt: number;
  readonly duplicate: number;
  /** It is held back for `reorderUs`, so that others overtake it. */
  readonly reorder: number;
  readonly reorderUs: number;
  /** Every frame takes so long. */
  readonly delayUs: number;
}

export const noFaults: Faults = { loss: 0, corrupt: 0, duplicate: 0, reorder: 0, reorderUs: 2000, delayUs: 0 };

/** Frames under way on a slow wire; more are lost (the limit that netem has). */
const MAX_HELD = 1000;

const isProbability = (key: string): key is 'loss' | 'corrupt' | 'duplicate' | 'reorder' =>
  key === 'loss' || key === 'corrupt' || key === 'duplicate' || key === 'reorder';

/** Whether `key=...` is a word of parseFaults(). */
export const isFaultKey = (key: string): boolean => isProbability(key) || key === 'delay' || key === 'gap';

/**
 * `loss=1%,corrupt=0.1%,duplicate=0.01,reorder=2%,gap=3ms,delay=10ms`: probabilities with or without a percent sign, times in
 * us, ms or s. `gap` is how long a reordered frame is held back. Throws NetError EINVAL that names the word.
 */
export function parseFaults(text: string): Faults {
  const faults = { ...noFaults };
  for (const word of text.split(',')) {
    const equals = word.indexOf('=');
    const key = word.slice(0, Math.max(equals, 0));
    const value = word.slice(equals + 1);
    if (isProbability(key)) faults[key] = probability(word, value);
    else if (key === 'delay') faults.delayUs = duration(word, value);
    else if (key === 'gap') faults.reorderUs = duration(word, value);
    else fail(EINVAL, `"${word}" is none of loss=P, corrupt=P, duplicate=P, reorder=P, gap=TIME, delay=TIME`);
  }
  return faults;
}

function probability(word: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  return value >= 0 && value <= 1 ? value : fail(EINVAL, `"${word}": a probability is 0% to 100%`);
}

function duration(word: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s)$/.exec(text);
  if (match === null) return fail(EINVAL, `"${word}": a time is a number and us, ms or s`);
  return Number(match[1]) * (match[2] === 's' ? 1_000_000 : match[2] === 'ms' ? 1000 : 1);
}

/** One direction of a bad wire: frames go in by pass() and come out of `deliver`, or do not. */
export class FaultyPath {
  faults: Faults;
  readonly #stack: Stack;
  readonly #random: RandomSource;
  readonly #deliver: (skb: PacketBuffer) => void;
  /** Frames under way, in the order in which they come out, and when. */
  readonly #held: PacketBuffer[] = [];
  readonly #dueUs: number[] = [];
  readonly #timer: Timer;

  /** `random`: the stack's own, unless a test wants faults that do not depend on what else draws. */
  constructor(stack: Stack, faults: Faults, deliver: (skb: PacketBuffer) => void, random: RandomSource = stack.random) {
    this.#stack = stack;
    this.#random = random;
    this.#deliver = deliver;
    this.faults = faults;
    this.#timer = new Timer(() => this.#release());
  }

  get held(): number {
    return this.#held.length;
  }

  /** A frame with its link header at `skb.data`; takes ownership. */
  pass(skb: PacketBuffer): void {
    const { faults } = this;
    if (this.#happens(faults.loss)) {
      this.#stack.drop(skb, DropReason.FAULT_INJECTED);
      return;
    }
    const twin = this.#happens(faults.duplicate) ? this.#stack.pool.copy(skb) : null;
    if (this.#happens(faults.corrupt)) this.#corrupt(skb);
    this.#send(skb, faults.delayUs + (this.#happens(faults.reorder) ? faults.reorderUs : 0));
    if (twin !== null) this.#send(twin, faults.delayUs);
  }

  /** Loses what is under way: the wire is gone. */
  clear(): void {
    this.#stack.timers.cancel(this.#timer);
    this.#dueUs.length = 0;
    for (const skb of this.#held.splice(0)) this.#stack.drop(skb, DropReason.FAULT_INJECTED);
  }

  #happens(probability: number): boolean {
    // No draw for what never happens: other settings do not change the trace.
    return probability > 0 && this.#random.u32() < probability * 0x1_0000_0000;
  }

  #corrupt(skb: PacketBuffer): void {
    const behindHeader = skb.length - 14;
    if (behindHeader <= 0 || !this.#stack.pool.makeWritable(skb)) return;
    const bit = Math.floor((this.#random.u32() / 0x1_0000_0000) * behindHeader * 8);
    const at = skb.data + 14 + (bit >>> 3);
    skb.bytes[at] = skb.bytes[at]! ^ (1 << (bit & 7));
    skb.ipSummed = CHECKSUM_NONE;
  }

  #send(skb: PacketBuffer, delayUs: number): void {
    if (delayUs <= 0) {
      this.#deliver(skb);
      return;
    }
    if (this.#held.length >= MAX_HELD) {
      this.#stack.drop(skb, DropReason.FAULT_INJECTED);
      return;
    }
    const due = this.#stack.nowUs + delayUs;
    let at = this.#held.length;
    while (at > 0 && this.#dueUs[at - 1]! > due) at--;
    this.#held.splice(at, 0, skb);
    this.#dueUs.splice(at, 0, due);
    if (at === 0) this.#stack.timers.schedule(this.#timer, due);
  }

  #release(): void {
    while (this.#held.length > 0 && this.#dueUs[0]! <= this.#stack.nowUs) {
      this.#dueUs.shift();
      this.#deliver(this.#held.shift()!);
    }
    if (this.#held.length > 0 && !this.#timer.armed) this.#stack.timers.schedule(this.#timer, this.#dueUs[0]!);
  }
}

/**
 * Makes the wire behind any device a bad one: what it sends meets `faults`, and is cut and checksummed before, so that one
 * frame is one fault and a corrupt one is noticed. Returns how to undo it.
 */
export function injectFaults(device: NetDevice, faults: Faults, random?: RandomSource): () => void {
  const transmit = device.transmit.bind(device);
  const path = new FaultyPath(
    device.stack,
    faults,
    (skb) => {
      if (device.up && device.registered) transmit(skb);
      else device.stack.drop(skb, DropReason.DEV_READY);
    },
    random,
  );
  const { features } = device;
  device.features &= ~(NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_GSO_UDP_L4);
  device.transmit = (skb) => path.pass(skb);
  return () => {
    path.clear();
    device.transmit = transmit;
    device.features = features;
  };
}

/** A port whose wire is bad in both directions: what a NIC with faults is plugged into. */
export class FaultyPort implements FramePort, FrameReceiver {
  /** Nothing is left to the far end: see injectFaults(). */
  readonly offloads = 0;
  receiver: FrameReceiver | null = null;
  readonly #port: FramePort;
  readonly #out: FaultyPath;
  readonly #in: FaultyPath;

  constructor(stack: Stack, port: FramePort, faults: Faults) {
    this.#port = port;
    port.receiver = this;
    this.#out = new FaultyPath(stack, faults, (skb) => {
      if (!port.send(skb)) stack.drop(skb, DropReason.FULL_RING);
    });
    this.#in = new FaultyPath(stack, faults, (skb) => {
      if (this.receiver === null) stack.drop(skb, DropReason.DEV_READY);
      else this.receiver.frameReceived(skb);
    });
  }

  send(skb: PacketBuffer): boolean {
    this.#out.pass(skb);
    return true;
  }

  frameReceived(skb: PacketBuffer): void {
    this.#in.pass(skb);
  }

  carrierChanged(up: boolean): void {
    this.receiver?.carrierChanged(up);
  }

  close(): void {
    this.#out.clear();
    this.#in.clear();
    this.receiver = null;
    this.#port.close();
  }
}
