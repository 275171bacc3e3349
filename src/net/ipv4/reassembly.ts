import { hash3 } from '../../base/hash.js';
import { Timer } from '../../base/timer-wheel.js';
import { EXCEEDED_REASSEMBLY, TIME_EXCEEDED } from '../../wire/icmp.js';
import * as ip from '../../wire/ipv4.js';
import { DropReason } from '../core/drop-reason.js';
import { CHECKSUM_NONE, CHECKSUM_UNNECESSARY, type PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes, HEADROOM } from '../core/packet-pool.js';
import { FRAG_COMPLETE } from './control-block.js';
import type { Ipv4 } from './ipv4.js';

const FIRST_IN = 1;
const LAST_IN = 2;
const BUCKETS = 256;
// What ECN marks of the fragments, a bit each, mean together (ip_frag_ecn_table): RFC 3168 5.3.
const NOT_ECT = 1;
const CE = 8;

/** A datagram whose fragments are coming in (struct ipq). Kept and used again. */
class Queue {
  source = 0;
  destination = 0;
  id = 0;
  protocol = 0;
  nextInBucket: Queue | null = null;
  /** In order of their offsets; `cb4` is where a fragment's payload begins in the datagram, `cb5` where it ends. */
  head: PacketBuffer | null = null;
  tail: PacketBuffer | null = null;
  state = 0;
  /** Bytes of payload there are to be, as known so far, and how many there are. */
  length = 0;
  meat = 0;
  memory = 0;
  ecn = 0;
  maxSize = 0;
  maxDfSize = 0;
  peerCount = 0;
  readonly timer: Timer;

  constructor(expire: (queue: Queue) => void) {
    this.timer = new Timer(() => expire(this));
  }
}

/**
 * Reassembly of IPv4 datagrams, RFC 791 3.2, RFC 815, with what RFC 5722 teaches: fragments that overlap end their datagram. Memory is
 * bounded by ipfrag_high_thresh, counted as the bytes that the buffers really hold.
 */
export class Reassembly {
  readonly #ipv4: Ipv4;
  readonly #seed: number;
  readonly #buckets: (Queue | null)[] = new Array(BUCKETS).fill(null);
  readonly #spare: Queue[] = [];
  readonly #expire = (queue: Queue): void => this.#expired(queue);
  /** Bytes that fragments hold: "FRAG: inuse N memory M" of /proc/net/sockstat. */
  memory = 0;
  queues = 0;

  constructor(ipv4: Ipv4) {
    this.#ipv4 = ipv4;
    this.#seed = ipv4.namespace.stack.random.u32();
  }

  /** ip_defrag(): takes a fragment over; the whole datagram, `skb.data` at its header, if this was what it lacked. */
  add(skb: PacketBuffer): PacketBuffer | null {
    const ipv4 = this.#ipv4;
    ipv4.stats.reasmReqds++;
    const queue = this.#find(skb);
    if (queue === null) {
      ipv4.stats.reasmFails++;
      ipv4.namespace.stack.drop(skb, DropReason.NOMEM);
      return null;
    }
    return this.#insert(queue, skb);
  }

  /** Lets everything go. */
  destroy(): void {
    for (let i = 0; i < BUCKETS; i++) while (this.#buckets[i] !== null) this.#kill(this.#buckets[i]!, DropReason.NOT_SPECIFIED);
  }

  #bucketOf(source: number, destination: number, id: number, protocol: number): number {
    return hash3(this.#seed, source, destination, (id << 8) | protocol) & (BUCKETS - 1);
  }

  #find(skb: PacketBuffer): Queue | null {
    const at = skb.networkHeader;
    const v = skb.view;
    const id = v.getUint16(at + 4);
    const protocol = v.getUint8(at + 9);
    const source = v.getUint32(at + 12);
    const destination = v.getUint32(at + 16);
    const bucket = this.#bucketOf(source, destination, id, protocol);
    for (let queue = this.#buckets[bucket]!; queue !== null; queue = queue.nextInBucket!)
      if (queue.id === id && queue.source === source && queue.destination === destination && queue.protocol === protocol) return queue;
    const settings = this.#ipv4.settings;
    if (this.memory + skb.bytes.length > settings.ipfragHighThresh) return null;
    const queue = this.#spare.pop() ?? new Queue(this.#expire);
    queue.source = source;
    queue.destination = destination;
    queue.id = id;
    queue.protocol = protocol;
    queue.nextInBucket = this.#buckets[bucket]!;
    this.#buckets[bucket] = queue;
    queue.peerCount = this.#ipv4.peers.get(source).fragments;
    this.queues++;
    const stack = this.#ipv4.namespace.stack;
    stack.timers.schedule(queue.timer, stack.nowUs + settings.ipfragTimeS * 1_000_000);
    return queue;
  }

  /** ip_frag_queue() */
  #insert(queue: Queue, skb: PacketBuffer): PacketBuffer | null {
    const ipv4 = this.#ipv4;
    const stack = ipv4.namespace.stack;
    if (this.#tooFar(queue)) this.#restart(queue);
    const at = skb.networkHeader;
    const field = skb.view.getUint16(at + 6);
    const offset = (field & ip.OFFSET_MASK) * 8;
    let end = offset + skb.tail - skb.transportHeader;
    if ((field & ip.MF) === 0) {
      // The last one: nothing may lie behind it, and there is one only.
      if (end < queue.length || ((queue.state & LAST_IN) !== 0 && end !== queue.length)) return this.#discard(queue, skb);
      queue.state |= LAST_IN;
      queue.length = end;
    } else {
      if ((end & 7) !== 0) {
        end &= ~7;
        if (skb.ipSummed !== CHECKSUM_UNNECESSARY) skb.ipSummed = CHECKSUM_NONE;
      }
      if (end > queue.length) {
        if ((queue.state & LAST_IN) !== 0) return this.#discard(queue, skb);
        queue.length = end;
      }
    }
    if (end <= offset) return this.#discard(queue, skb);
    if (this.memory + skb.bytes.length > ipv4.settings.ipfragHighThresh) {
      ipv4.stats.reasmFails++;
      stack.drop(skb, DropReason.NOMEM);
      return null;
    }
    skb.cb4 = offset;
    skb.cb5 = end;
    skb.tail = skb.transportHeader + end - offset;
    const placed = place(queue, skb);
    if (placed === DUPLICATE) {
      stack.drop(skb, DropReason.DUP_FRAG);
      return null;
    }
    if (placed === OVERLAP) {
      ipv4.stats.reasmOverlaps++;
      return this.#discard(queue, skb);
    }
    queue.meat += end - offset;
    queue.memory += skb.bytes.length;
    this.memory += skb.bytes.length;
    queue.ecn |= 1 << (skb.view.getUint8(at + 1) & 3);
    if (offset === 0) queue.state |= FIRST_IN;
    const size = skb.tail - at;
    if (size > queue.maxSize) queue.maxSize = size;
    if ((field & ip.DF) !== 0 && size > queue.maxDfSize) queue.maxDfSize = size;
    if (queue.state === (FIRST_IN | LAST_IN) && queue.meat === queue.length) return this.#assemble(queue);
    skb.dst = null;
    return null;
  }

  /** ip_frag_reasm() */
  #assemble(queue: Queue): PacketBuffer | null {
    const ipv4 = this.#ipv4;
    const stack = ipv4.namespace.stack;
    const first = queue.head!;
    const headerBytes = first.transportHeader - first.networkHeader;
    const total = headerBytes + queue.length;
    const ecnInvalid = (queue.ecn & NOT_ECT) !== 0 && queue.ecn !== NOT_ECT;
    if (total > ip.MAX_LENGTH || ecnInvalid) {
      ipv4.stats.reasmFails++;
      this.#kill(queue, DropReason.IP_INHDR);
      return null;
    }
    const whole = stack.pool.allocate(total, HEADROOM);
    if (whole === null) {
      ipv4.stats.reasmFails++;
      this.#kill(queue, DropReason.NOMEM);
      return null;
    }
    const at = whole.put(total);
    copyBytes(first.bytes, first.networkHeader, whole.bytes, at, headerBytes);
    let summed = CHECKSUM_UNNECESSARY;
    for (let part: PacketBuffer | null = first; part !== null; part = part.next) {
      copyBytes(part.bytes, part.transportHeader, whole.bytes, at + headerBytes + part.cb4, part.cb5 - part.cb4);
      if (part.ipSummed !== CHECKSUM_UNNECESSARY) summed = CHECKSUM_NONE;
    }
    const v = whole.view;
    whole.networkHeader = at;
    whole.transportHeader = at + headerBytes;
    whole.protocol = first.protocol;
    whole.packetType = first.packetType;
    whole.device = first.device;
    whole.iif = first.iif;
    whole.sdif = first.sdif;
    whole.mark = first.mark;
    whole.hash = first.hash;
    whole.priority = first.priority;
    whole.timestampUs = first.timestampUs;
    whole.ipSummed = summed;
    whole.cb0 = first.cb0 | FRAG_COMPLETE;
    whole.cb2 = first.cb2;
    whole.cb3 = first.cb3;
    // Where the fragments had DF, their size tells a path MTU that must be kept to (Linux: IPSKB_FRAG_PMTU).
    const keepSize = queue.maxDfSize !== 0 && queue.maxDfSize === queue.maxSize;
    whole.cb1 = Math.max(queue.maxSize, queue.maxDfSize);
    v.setUint16(at + 2, total);
    v.setUint16(at + 6, keepSize ? ip.DF : 0);
    if ((queue.ecn & CE) !== 0) v.setUint8(at + 1, v.getUint8(at + 1) | 3);
    ip.writeChecksum(v, at, headerBytes);
    whole.dst = ipv4.routeInput(whole, queue.destination, queue.source, v.getUint8(at + 1), first.device!);
    ipv4.stats.reasmOKs++;
    this.#free(queue);
    return whole;
  }

  /** ip_frag_too_far(): so many other fragments of this source came meanwhile that the id may have been used again. */
  #tooFar(queue: Queue): boolean {
    const limit = this.#ipv4.settings.ipfragMaxDist;
    if (limit <= 0) return false;
    const peer = this.#ipv4.peers.get(queue.source);
    const before = queue.peerCount;
    queue.peerCount = ++peer.fragments;
    return queue.head !== null && queue.peerCount - before > limit;
  }

  /** ip_frag_reinit() */
  #restart(queue: Queue): void {
    this.#ipv4.stats.reasmFails++;
    this.#dropFragments(queue, DropReason.FRAG_TOO_FAR);
    const stack = this.#ipv4.namespace.stack;
    stack.timers.schedule(queue.timer, stack.nowUs + this.#ipv4.settings.ipfragTimeS * 1_000_000);
  }

  #discard(queue: Queue, skb: PacketBuffer): null {
    const ipv4 = this.#ipv4;
    ipv4.stats.reasmFails++;
    this.#kill(queue, DropReason.NOT_SPECIFIED);
    ipv4.namespace.stack.drop(skb, DropReason.NOT_SPECIFIED);
    return null;
  }

  /** ip_expire(): the rest did not come in time; who sent the first fragment is told (RFC 792). */
  #expired(queue: Queue): void {
    const ipv4 = this.#ipv4;
    ipv4.stats.reasmFails++;
    ipv4.stats.reasmTimeout++;
    const first = queue.head;
    if ((queue.state & FIRST_IN) !== 0 && first !== null && first.device!.registered) {
      first.dst = ipv4.routeInput(first, queue.destination, queue.source, ip.tos(first.view, first.networkHeader), first.device!);
      if (first.dst.error === 0) ipv4.icmp.sendError(first, TIME_EXCEEDED, EXCEEDED_REASSEMBLY, 0);
    }
    this.#kill(queue, DropReason.FRAG_REASM_TIMEOUT);
  }

  #kill(queue: Queue, reason: DropReason): void {
    this.#dropFragments(queue, reason);
    this.#unlink(queue);
  }

  #dropFragments(queue: Queue, reason: DropReason): void {
    const stack = this.#ipv4.namespace.stack;
    for (let part = queue.head; part !== null; ) {
      const next: PacketBuffer | null = part.next;
      part.next = null;
      stack.drop(part, reason);
      part = next;
    }
    this.#reset(queue);
  }

  /** The fragments have done their work. */
  #free(queue: Queue): void {
    const stack = this.#ipv4.namespace.stack;
    for (let part = queue.head; part !== null; ) {
      const next: PacketBuffer | null = part.next;
      part.next = null;
      stack.consume(part);
      part = next;
    }
    this.#reset(queue);
    this.#unlink(queue);
  }

  #reset(queue: Queue): void {
    this.memory -= queue.memory;
    queue.head = null;
    queue.tail = null;
    queue.state = 0;
    queue.length = 0;
    queue.meat = 0;
    queue.memory = 0;
    queue.ecn = 0;
    queue.maxSize = 0;
    queue.maxDfSize = 0;
  }

  #unlink(queue: Queue): void {
    this.#ipv4.namespace.stack.timers.cancel(queue.timer);
    const bucket = this.#bucketOf(queue.source, queue.destination, queue.id, queue.protocol);
    let previous: Queue | null = null;
    for (let other = this.#buckets[bucket]!; other !== queue; other = other.nextInBucket!) previous = other;
    if (previous === null) this.#buckets[bucket] = queue.nextInBucket;
    else previous.nextInBucket = queue.nextInBucket;
    queue.nextInBucket = null;
    this.queues--;
    this.#spare.push(queue);
  }
}

const PLACED = 0;
const DUPLICATE = 1;
const OVERLAP = 2;

/** Puts a fragment where it belongs (inet_frag_queue_insert()); mostly that is the end. */
function place(queue: Queue, skb: PacketBuffer): number {
  const tail = queue.tail;
  skb.next = null;
  if (tail === null) {
    queue.head = skb;
    queue.tail = skb;
    return PLACED;
  }
  if (skb.cb4 >= tail.cb5) {
    tail.next = skb;
    queue.tail = skb;
    return PLACED;
  }
  let before: PacketBuffer | null = null;
  let behind = queue.head;
  while (behind !== null && behind.cb5 <= skb.cb4) {
    before = behind;
    behind = behind.next;
  }
  // `behind` ends after our start: it must begin at or after our end.
  if (behind !== null && behind.cb4 < skb.cb5) return coveredBy(behind, skb) ? DUPLICATE : OVERLAP;
  skb.next = behind;
  if (before === null) queue.head = skb;
  else before.next = skb;
  return PLACED;
}

/** Linux: a fragment that lies wholly in a run of those that are there is a duplicate, not an overlap. */
function coveredBy(run: PacketBuffer, skb: PacketBuffer): boolean {
  if (run.cb4 > skb.cb4) return false;
  let end = run.cb5;
  for (let next = run.next; end < skb.cb5 && next !== null && next.cb4 === end; next = next.next) end = next.cb5;
  return end >= skb.cb5;
}
