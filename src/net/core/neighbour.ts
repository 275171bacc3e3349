import { EINVAL, EPERM } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { Timer } from '../../base/timer-wheel.js';
import {
  NTF_EXT_LEARNED,
  NTF_EXT_MANAGED,
  NTF_ROUTER,
  NUD_DELAY,
  NUD_FAILED,
  NUD_INCOMPLETE,
  NUD_NOARP,
  NUD_NONE,
  NUD_PERMANENT,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
} from '../../netlink/rtnl/constants.js';
import type { NetDevice } from './device.js';
import { DropReason } from './drop-reason.js';
import type { NeighbourParameters } from './neighbour-parameters.js';
import type { NeighbourTable } from './neighbour-table.js';
import type { PacketBuffer } from './packet-buffer.js';
import { devQueueXmit } from './transmit.js';

export type { NeighbourTable } from './neighbour-table.js';

/** A timer runs. */
export const NUD_IN_TIMER = NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE;
/** Its link-layer address is known. */
export const NUD_VALID = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY;
/** Packets go without a question. */
export const NUD_CONNECTED = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE;

// NEIGH_UPDATE_F_*
/** Another link-layer address than the known one is taken. */
export const NEIGH_UPDATE_F_OVERRIDE = 1 << 0;
/** ... or at least the known one becomes suspect. */
export const NEIGH_UPDATE_F_WEAK_OVERRIDE = 1 << 1;
export const NEIGH_UPDATE_F_OVERRIDE_ISROUTER = 1 << 2;
export const NEIGH_UPDATE_F_USE = 1 << 3;
/** The stack itself sees that it stays resolved. */
export const NEIGH_UPDATE_F_MANAGED = 1 << 4;
export const NEIGH_UPDATE_F_EXT_LEARNED = 1 << 5;
export const NEIGH_UPDATE_F_ISROUTER = 1 << 6;
/** By the user: permanent entries change too. */
export const NEIGH_UPDATE_F_ADMIN = 1 << 7;

/** NTF_EXT_MANAGED, as `flags` has it: NTF_EXT_* stand above NTF_*. */
export const NTF_MANAGED = NTF_EXT_MANAGED << 8;

const US_PER_MS = 1000;
/** The one kind of header that is kept: it is the same for all packets to one neighbour. */
const ETHERNET_HEADER = 14;
/** Linux: HZ/100, the shortest wait between two looks at one neighbour. */
const SHORTEST_WAIT_US = 10_000;

/**
 * A neighbour: an address on a link, and what is known of the link-layer address that it has (struct neighbour). Its states and
 * timers are those of RFC 4861 7.3, for ARP too.
 */
export class Neighbour {
  readonly table: NeighbourTable;
  readonly device: NetDevice;
  /** The address: an IPv4 address is `key0`. */
  readonly key0: number;
  readonly key1: number;
  readonly key2: number;
  readonly key3: number;
  /** Of its key and device; where the table looks for it first. */
  readonly hash: number;
  parameters: NeighbourParameters;
  /** NUD_* */
  state = NUD_NONE;
  /** NTF_* */
  flags = 0;
  /** RTN_* of the address. */
  type = 0;
  /** NDA_PROTOCOL */
  protocol = 0;
  /** The link-layer address; meaningful in a NUD_VALID state. */
  readonly address: Uint8Array;
  /** Microseconds of the stack's clock. */
  confirmedUs: number;
  usedUs: number;
  updatedUs: number;
  /** Questions asked without an answer. */
  probes = 0;
  /** True once it left its table: whoever kept it looks it up anew. */
  dead = false;
  /** Never collected, and not counted as what may be (exempt_from_gc). */
  exempt = false;
  queueHead: PacketBuffer | null = null;
  #queueTail: PacketBuffer | null = null;
  #queueBytes = 0;
  /** The link header of packets to it, once one was made (hh_cache); valid while `#headerValid`. */
  readonly #header: Uint8Array;
  #headerValid = false;
  readonly #timer = new Timer(() => this.#timerFired());

  constructor(
    table: NeighbourTable,
    device: NetDevice,
    parameters: NeighbourParameters,
    hash: number,
    k0: number,
    k1: number,
    k2: number,
    k3: number,
  ) {
    this.table = table;
    this.device = device;
    this.parameters = parameters;
    this.hash = hash;
    this.key0 = k0;
    this.key1 = k1;
    this.key2 = k2;
    this.key3 = k3;
    this.address = new Uint8Array(device.address.length);
    this.#header = new Uint8Array(device.hardHeaderBytes);
    const { nowUs } = device.stack;
    this.usedUs = nowUs;
    this.updatedUs = nowUs;
    this.confirmedUs = nowUs - 2 * parameters.values.baseReachableTimeMs * US_PER_MS;
  }

  get valid(): boolean {
    return (this.state & NUD_VALID) !== 0;
  }

  get timerArmed(): boolean {
    return this.#timer.armed;
  }

  /** Sends a packet to it, `skb.data` at the network header: resolves, queues meanwhile. Takes ownership; 0 or negative errno. */
  output(skb: PacketBuffer): number {
    if ((this.state & NUD_CONNECTED) === 0 && this.#eventSend(skb)) return 0;
    return this.#transmit(skb);
  }

  /** The upper layer saw proof that it is reachable (dst_confirm). */
  confirm(): void {
    this.confirmedUs = this.device.stack.nowUs;
  }

  /** Somebody is about to use it: it is resolved or verified if need be (neigh_event_send() without a packet). */
  use(): void {
    if ((this.state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE)) === 0) this.#eventSend(null);
    else this.usedUs = this.device.stack.nowUs;
  }

  /**
   * What was learned, or what the user says: a state, and a link-layer address (null: the known one). Throws EPERM for a
   * permanent entry that is not the user's to change here, EINVAL for no address where one is needed. Linux: __neigh_update()
   */
  update(address: Uint8Array | null, wanted: number, flags: number): void {
    let notify = false;
    if (this.dead) fail(EPERM, 'Neighbor entry is now dead');
    if ((flags & NEIGH_UPDATE_F_ADMIN) === 0 && (this.state & (NUD_NOARP | NUD_PERMANENT)) !== 0) fail(EPERM);
    notify = this.#updateExternal(flags);
    if ((flags & (NEIGH_UPDATE_F_USE | NEIGH_UPDATE_F_MANAGED)) !== 0) {
      this.#setState(this.state & ~NUD_PERMANENT);
      if (notify) this.table.notify(this);
      return;
    }
    if ((wanted & NUD_VALID) === 0) this.#invalidateTo(wanted, notify);
    else this.#updateValid(address, wanted, flags, notify);
  }

  /** As update() for what comes from the net: what may not be changed stays. */
  learn(address: Uint8Array | null, wanted: number, flags: number): void {
    if (this.dead || (this.state & (NUD_NOARP | NUD_PERMANENT)) !== 0 || (address === null && !this.valid)) return;
    this.update(address, wanted, flags);
  }

  /** It leaves its table: packets that wait are dropped, no timer stays. The table's to call. */
  discard(): void {
    this.dead = true;
    this.#stopTimer();
    this.#purge(DropReason.NEIGH_DEAD);
    if ((this.state & (NUD_VALID | NUD_FAILED)) === 0) this.state = NUD_NONE;
    this.#headerValid = false;
  }

  /** The state that the constructor of its protocol gives it: it needs no resolution. */
  setResolved(state: number, address: Uint8Array | null): void {
    this.state = state;
    if (address !== null) this.address.set(address.subarray(0, this.address.length));
  }

  #updateExternal(flags: number): boolean {
    if ((flags & NEIGH_UPDATE_F_ADMIN) === 0) return false;
    const wanted =
      ((flags & NEIGH_UPDATE_F_EXT_LEARNED) === 0 ? 0 : NTF_EXT_LEARNED) | ((flags & NEIGH_UPDATE_F_MANAGED) === 0 ? 0 : NTF_MANAGED);
    const changed = (this.flags ^ wanted) & (NTF_EXT_LEARNED | NTF_MANAGED);
    this.flags ^= changed;
    if ((changed & NTF_EXT_LEARNED) !== 0) this.table.updateExempt(this);
    if ((changed & NTF_MANAGED) !== 0) this.table.updateManaged(this);
    return changed !== 0;
  }

  #invalidateTo(wanted: number, told: boolean): void {
    const old = this.state;
    let notify = told || (old & NUD_VALID) !== 0;
    this.#stopTimer();
    this.#setState(wanted);
    if ((old & (NUD_INCOMPLETE | NUD_PROBE)) !== 0 && (wanted & NUD_FAILED) !== 0) {
      this.#failed();
      notify = true;
    }
    if (notify) this.table.notify(this);
  }

  #updateValid(given: Uint8Array | null, wantedState: number, flags: number, told: boolean): void {
    const old = this.state;
    const wasValid = (old & NUD_VALID) !== 0;
    const { nowUs } = this.device.stack;
    let wanted = wantedState;
    let notify = told;
    let address = given;
    if (this.address.length > 0) {
      if (address === null) {
        if (!wasValid) fail(EINVAL, 'No link layer address given');
      } else if (wasValid && this.#hasAddress(address)) address = null;
    } else address = null;
    // An answer that changes nothing confirms all the same.
    if ((wanted & NUD_CONNECTED) !== 0) this.confirmedUs = nowUs;
    let updateRouter = (flags & NEIGH_UPDATE_F_OVERRIDE_ISROUTER) !== 0;
    if (wasValid) {
      if (address !== null && (flags & NEIGH_UPDATE_F_OVERRIDE) === 0) {
        updateRouter = false;
        if ((flags & NEIGH_UPDATE_F_WEAK_OVERRIDE) === 0 || (old & NUD_CONNECTED) === 0) return;
        address = null;
        wanted = NUD_STALE;
      } else if (address === null && wanted === NUD_STALE && (flags & NEIGH_UPDATE_F_ADMIN) === 0) wanted = old;
    }
    if (wanted !== old || address !== null) this.updatedUs = nowUs;
    if (wanted !== old) {
      this.#stopTimer();
      if ((wanted & NUD_PROBE) !== 0) this.probes = 0;
      if ((wanted & NUD_IN_TIMER) !== 0)
        this.#arm(nowUs + ((wanted & NUD_REACHABLE) !== 0 ? this.parameters.reachableTimeMs * US_PER_MS : 0));
      this.#setState(wanted);
      notify = true;
    }
    if (address !== null) {
      this.address.set(address.subarray(0, this.address.length));
      this.#headerValid = false;
      if ((wanted & NUD_CONNECTED) === 0) this.confirmedUs = nowUs - 2 * this.parameters.values.baseReachableTimeMs * US_PER_MS;
      notify = true;
    }
    if (wanted !== old && !wasValid) this.#releaseQueue();
    if (updateRouter && ((flags & NEIGH_UPDATE_F_ISROUTER) !== 0) !== ((this.flags & NTF_ROUTER) !== 0)) {
      this.flags ^= NTF_ROUTER;
      notify = true;
    }
    if (notify) this.table.notify(this);
  }

  #hasAddress(address: Uint8Array): boolean {
    for (let i = 0; i < this.address.length; i++) if (this.address[i] !== address[i]) return false;
    return true;
  }

  #setState(state: number): void {
    const permanent = (this.state ^ state) & NUD_PERMANENT;
    this.state = state;
    if (permanent !== 0) this.table.updateExempt(this);
  }

  /** True: `skb` waits, or was dropped. Linux: __neigh_event_send() */
  #eventSend(skb: PacketBuffer | null): boolean {
    const { stack } = this.device;
    const { nowUs } = stack;
    this.usedUs = nowUs;
    const { state } = this;
    if ((state & (NUD_DELAY | NUD_PROBE | NUD_CONNECTED)) !== 0) return false;
    if (this.dead) {
      if (skb !== null) stack.drop(skb, DropReason.NEIGH_DEAD);
      return true;
    }
    const { values } = this.parameters;
    if ((state & NUD_STALE) !== 0) {
      this.#stopTimer();
      this.state = NUD_DELAY;
      this.updatedUs = nowUs;
      this.#arm(nowUs + values.delayProbeTimeMs * US_PER_MS);
      return false;
    }
    let ask = false;
    if ((state & NUD_INCOMPLETE) === 0) {
      this.#stopTimer();
      this.updatedUs = nowUs;
      if (values.mcastProbes + values.appProbes === 0) {
        this.state = NUD_FAILED;
        if (skb !== null) stack.drop(skb, DropReason.NEIGH_FAILED);
        return true;
      }
      this.probes = values.ucastProbes;
      this.state = NUD_INCOMPLETE;
      this.#arm(nowUs + Math.max(values.retransTimeMs * US_PER_MS, SHORTEST_WAIT_US));
      ask = true;
    }
    if (skb !== null) {
      if (stack.pool.bringIn(skb)) this.#enqueue(skb);
      else stack.drop(skb, DropReason.NOMEM);
    }
    if (ask) this.#probe();
    return true;
  }

  #enqueue(skb: PacketBuffer): void {
    const size = skb.memory.bytes.length;
    while (this.queueHead !== null && this.#queueBytes + size > this.parameters.values.queueLenBytes) {
      const oldest = this.#dequeue()!;
      this.table.statistics.unresDiscards++;
      this.device.stack.drop(oldest, DropReason.NEIGH_QUEUEFULL);
    }
    skb.next = null;
    if (this.#queueTail === null) this.queueHead = skb;
    else this.#queueTail.next = skb;
    this.#queueTail = skb;
    this.#queueBytes += size;
  }

  #dequeue(): PacketBuffer | null {
    const skb = this.queueHead;
    if (skb === null) return null;
    this.queueHead = skb.next;
    if (this.queueHead === null) this.#queueTail = null;
    skb.next = null;
    this.#queueBytes -= skb.memory.bytes.length;
    return skb;
  }

  #purge(reason: DropReason): void {
    for (let skb = this.#dequeue(); skb !== null; skb = this.#dequeue()) this.device.stack.drop(skb, reason);
  }

  #releaseQueue(): void {
    while (this.valid && this.queueHead !== null) this.output(this.#dequeue()!);
    this.#purge(DropReason.NEIGH_FAILED);
  }

  /** Puts the link header before the packet and lets it go. */
  #transmit(skb: PacketBuffer): number {
    const { device } = this;
    skb.device = device;
    const length = this.#header.length;
    if (length === 0) return devQueueXmit(skb);
    const { etherType } = this.table.protocol;
    // The gateway of a packet of another family has the header made each time. Linux: neigh_output(skip_cache)
    if (skb.protocol !== etherType) {
      device.createHeader(skb, skb.protocol, this.address, null);
      return devQueueXmit(skb);
    }
    if (this.#headerValid && length === device.hardHeaderBytes) {
      const header = this.#header;
      const at = skb.push(length);
      const bytes = skb.bytes;
      for (let i = 0; i < length; i++) bytes[at + i] = header[i]!;
      skb.macHeader = at;
      return devQueueXmit(skb);
    }
    const before = skb.data;
    device.createHeader(skb, etherType, this.address, null);
    if (before - skb.data === length && length === ETHERNET_HEADER) {
      for (let i = 0; i < length; i++) this.#header[i] = skb.bytes[skb.data + i]!;
      this.#headerValid = true;
    }
    return devQueueXmit(skb);
  }

  /** Asks who it is, of the packet that waits for longest no word is lost. */
  #probe(): void {
    this.probes++;
    this.table.protocol.solicit(this, this.#queueTail, this.probes - 1);
  }

  /** Nobody answered: who sent to it is told. Linux: neigh_invalidate() */
  #failed(): void {
    this.table.statistics.resFailed++;
    this.updatedUs = this.device.stack.nowUs;
    // What an error message sets off may come back here: it finds the queue shorter each time.
    while (this.state === NUD_FAILED && this.queueHead !== null) this.table.protocol.failed(this, this.#dequeue()!);
    this.#purge(DropReason.NEIGH_FAILED);
  }

  #maxProbes(): number {
    const { values } = this.parameters;
    return values.ucastProbes + values.appProbes + ((this.state & NUD_PROBE) !== 0 ? values.mcastReprobes : values.mcastProbes);
  }

  /** Linux: neigh_timer_handler() */
  #timerFired(): void {
    const { state } = this;
    if ((state & NUD_IN_TIMER) === 0) return;
    const { nowUs } = this.device.stack;
    const { values, reachableTimeMs } = this.parameters;
    const reachableUs = reachableTimeMs * US_PER_MS;
    const delayUs = values.delayProbeTimeMs * US_PER_MS;
    const retransUs = Math.max(values.retransTimeMs * US_PER_MS, SHORTEST_WAIT_US);
    let next = nowUs + retransUs;
    let notify = false;
    if ((state & NUD_REACHABLE) !== 0) {
      if (nowUs <= this.confirmedUs + reachableUs) next = this.confirmedUs + reachableUs;
      else {
        this.updatedUs = nowUs;
        if (nowUs <= this.usedUs + delayUs) {
          this.state = NUD_DELAY;
          next = nowUs + delayUs;
        } else {
          this.state = NUD_STALE;
          notify = true;
        }
      }
    } else if ((state & NUD_DELAY) !== 0) {
      this.updatedUs = nowUs;
      notify = true;
      if (nowUs <= this.confirmedUs + delayUs) {
        this.state = NUD_REACHABLE;
        next = this.confirmedUs + reachableUs;
      } else {
        this.state = NUD_PROBE;
        this.probes = 0;
      }
    }
    if ((this.state & (NUD_INCOMPLETE | NUD_PROBE)) !== 0 && this.probes >= this.#maxProbes()) {
      this.state = NUD_FAILED;
      this.#failed();
      this.table.notify(this);
      return;
    }
    if ((this.state & NUD_IN_TIMER) !== 0) this.#arm(Math.max(next, nowUs + SHORTEST_WAIT_US));
    if ((this.state & (NUD_INCOMPLETE | NUD_PROBE)) !== 0) this.#probe();
    if (notify) this.table.notify(this);
  }

  #arm(atUs: number): void {
    this.device.stack.timers.schedule(this.#timer, atUs);
  }

  #stopTimer(): void {
    this.device.stack.timers.cancel(this.#timer);
  }
}
