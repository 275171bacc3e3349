import { hash4, hashStep } from '../../base/hash.js';
import { Timer } from '../../base/timer-wheel.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import { FRAGMENT_HEADER } from '../../wire/ipv6-extensions.js';
import * as ip6 from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import { DropReason } from '../core/drop-reason.js';
import { CHECKSUM_NONE, CHECKSUM_UNNECESSARY, type PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes, HEADROOM } from '../core/packet-pool.js';
import { FRAG_COMPLETE } from './control-block.js';
import { enteredBy, heldBy, ip6Count, routeOwner } from './count.js';
import type { Ipv6 } from './ipv6.js';
import { Ip6Mib } from './snmp.js';

const BUCKETS = 1024;
const FIRST_IN = 1;
const LAST_IN = 2;
/** ECN: 1 << codepoint of each fragment. */
const NOT_ECT = 1;
const CE = 8;

/** Fragments of one packet that came so far, in order, none overlapping: cb4 their start, cb5 their end, cb3 where their header ends. */
class Queue {
  readonly source = new Uint32Array(4);
  readonly destination = new Uint32Array(4);
  id = 0;
  /** Of packets that belong to one link; else 0. */
  ifindex = 0;
  bucket = 0;
  nextInBucket: Queue | null = null;
  head: PacketBuffer | null = null;
  state = 0;
  length = 0;
  meat = 0;
  memory = 0;
  ecn = 0;
  maxSize = 0;
  readonly timer: Timer;

  constructor(expired: (queue: Queue) => void) {
    this.timer = new Timer(() => expired(this));
  }
}

/** Puts fragments together, RFC 8200 4.5 and RFC 5722. Linux: net/ipv6/reassembly.c */
export class Reassembly6 {
  readonly #ipv6: Ipv6;
  readonly #seed: number;
  readonly #buckets: (Queue | null)[] = new Array(BUCKETS).fill(null);
  readonly #spare: Queue[] = [];
  readonly #expire = (queue: Queue): void => this.#expired(queue);
  readonly #from = new Uint32Array(4);
  readonly #to = new Uint32Array(4);
  /** Bytes of all that waits. */
  memory = 0;
  queues = 0;

  constructor(ipv6: Ipv6) {
    this.#ipv6 = ipv6;
    this.#seed = ipv6.namespace.stack.random.u32();
  }

  /** ipv6_frag_rcv(): `skb.data` at the fragment header. The whole packet, read on from the header behind; null: it waits, or was dropped. */
  add(skb: PacketBuffer, device: NetDevice): PacketBuffer | null {
    const ipv6 = this.#ipv6;
    const { icmp, namespace } = ipv6;
    const owner = routeOwner(ipv6, skb);
    const v = skb.view;
    const at = skb.data;
    ip6Count(ipv6, owner, Ip6Mib.ReasmReqds);
    if (at + FRAGMENT_HEADER > skb.tail) {
      ip6Count(ipv6, owner, Ip6Mib.InHdrErrors);
      namespace.stack.drop(skb, DropReason.IP_INHDR);
      return null;
    }
    const field = v.getUint16(at + 2);
    if ((field & 0xfff9) === 0) {
      // RFC 6946: an atomic fragment is a whole packet.
      ip6Count(ipv6, owner, Ip6Mib.ReasmOKs);
      skb.cb2 = at - skb.networkHeader;
      skb.cb3 = skb.cb2 + FRAGMENT_HEADER;
      return skb;
    }
    const offset = field & 0xfff8;
    const end = offset + skb.tail - at - FRAGMENT_HEADER;
    if (end + at - skb.networkHeader - ip6.HEADER > ip6.MAX_PAYLOAD) {
      ip6Count(ipv6, owner, Ip6Mib.InHdrErrors);
      icmp.sendError(skb, icmpv6.PARAMETER_PROBLEM, icmpv6.HEADER_FIELD, at + 2 - skb.networkHeader);
      namespace.stack.drop(skb, DropReason.PKT_TOO_BIG);
      return null;
    }
    if ((field & 1) !== 0 && (end & 7) !== 0) {
      ip6Count(ipv6, owner, Ip6Mib.InHdrErrors);
      icmp.sendError(skb, icmpv6.PARAMETER_PROBLEM, icmpv6.HEADER_FIELD, 4);
      namespace.stack.drop(skb, DropReason.IP_INHDR);
      return null;
    }
    const queue = this.#find(skb, v.getUint32(at + 4), device);
    if (queue === null) {
      ip6Count(ipv6, owner, Ip6Mib.ReasmFails);
      namespace.stack.drop(skb, DropReason.NOMEM);
      return null;
    }
    return this.#insert(queue, skb, offset, end, (field & 1) !== 0);
  }

  destroy(): void {
    for (let i = 0; i < BUCKETS; i++) while (this.#buckets[i] !== null) this.#kill(this.#buckets[i]!, DropReason.NOT_SPECIFIED);
  }

  #find(skb: PacketBuffer, id: number, device: NetDevice): Queue | null {
    const from = ip6.readAddress(skb.view, skb.networkHeader + ip6.SOURCE, this.#from);
    const to = ip6.readAddress(skb.view, skb.networkHeader + ip6.DESTINATION, this.#to);
    const ifindex = ip6.needsScopeId(to) ? device.ifindex : 0;
    const bucket = hash4(hashStep(this.#seed, id), from[1]!, from[3]!, to[1]!, to[3]!) & (BUCKETS - 1);
    for (let queue = this.#buckets[bucket]!; queue !== null; queue = queue.nextInBucket!)
      if (queue.id === id && queue.ifindex === ifindex && ip6.equalAddress(queue.source, from) && ip6.equalAddress(queue.destination, to))
        return queue;
    if (this.memory + skb.bytes.length > this.#ipv6.settings.ip6fragHighThresh) return null;
    const queue = this.#spare.pop() ?? new Queue(this.#expire);
    ip6.copyAddress(from, queue.source);
    ip6.copyAddress(to, queue.destination);
    queue.id = id;
    queue.ifindex = ifindex;
    queue.bucket = bucket;
    queue.nextInBucket = this.#buckets[bucket]!;
    this.#buckets[bucket] = queue;
    this.queues++;
    const { stack } = this.#ipv6.namespace;
    stack.timers.schedule(queue.timer, stack.nowUs + this.#ipv6.settings.ip6fragTime * 1_000_000);
    return queue;
  }

  /** ip6_frag_queue() */
  #insert(queue: Queue, skb: PacketBuffer, offset: number, end: number, more: boolean): PacketBuffer | null {
    const ipv6 = this.#ipv6;
    const { namespace, settings } = ipv6;
    if (!more) {
      if (end < queue.length || ((queue.state & LAST_IN) !== 0 && end !== queue.length)) return this.#discard(queue, skb);
      queue.state |= LAST_IN;
      queue.length = end;
    } else if (end > queue.length) {
      if ((queue.state & LAST_IN) !== 0) return this.#discard(queue, skb);
      queue.length = end;
    }
    if (end === offset) return this.#discard(queue, skb);
    if (this.memory + skb.bytes.length > settings.ip6fragHighThresh) {
      ip6Count(ipv6, routeOwner(ipv6, skb), Ip6Mib.ReasmFails);
      namespace.stack.drop(skb, DropReason.NOMEM);
      return null;
    }
    skb.cb4 = offset;
    skb.cb5 = end;
    let before: PacketBuffer | null = null;
    let behind = queue.head;
    while (behind !== null && behind.cb5 <= offset) {
      before = behind;
      behind = behind.next;
    }
    if (behind !== null && behind.cb4 < end) {
      if (behind.cb4 === offset && behind.cb5 === end) {
        namespace.stack.drop(skb, DropReason.DUP_FRAG);
        return null;
      }
      // RFC 5722 4: of an overlap nothing is kept.
      return this.#discard(queue, skb);
    }
    skb.next = behind;
    if (before === null) queue.head = skb;
    else before.next = skb;
    queue.meat += end - offset;
    queue.memory += skb.bytes.length;
    this.memory += skb.bytes.length;
    queue.ecn |= 1 << (ip6.trafficClass(skb.view, skb.networkHeader) & 3);
    if (offset === 0) queue.state |= FIRST_IN;
    queue.maxSize = Math.max(queue.maxSize, skb.tail - skb.networkHeader);
    if (queue.state === (FIRST_IN | LAST_IN) && queue.meat === queue.length) return this.#assemble(queue);
    skb.dst = null;
    return null;
  }

  /** ip6_frag_reasm(): the headers of the first fragment without its fragment header, and all the rest. */
  #assemble(queue: Queue): PacketBuffer | null {
    const ipv6 = this.#ipv6;
    const { stack } = ipv6.namespace;
    const first = queue.head!;
    const headerBytes = first.data - first.networkHeader;
    const total = headerBytes + queue.length;
    const ecnInvalid = (queue.ecn & NOT_ECT) !== 0 && queue.ecn !== NOT_ECT;
    const whole = total - ip6.HEADER > ip6.MAX_PAYLOAD || ecnInvalid ? null : stack.pool.allocate(total, HEADROOM);
    if (whole === null) {
      ip6Count(ipv6, enteredBy(ipv6, first), Ip6Mib.ReasmFails);
      this.#kill(queue, DropReason.IP_INHDR);
      return null;
    }
    const at = whole.put(total);
    copyBytes(first.bytes, first.networkHeader, whole.bytes, at, headerBytes);
    let summed = CHECKSUM_UNNECESSARY;
    for (let part: PacketBuffer | null = first; part !== null; part = part.next) {
      copyBytes(part.bytes, part.data + FRAGMENT_HEADER, whole.bytes, at + headerBytes + part.cb4, part.cb5 - part.cb4);
      if (part.ipSummed !== CHECKSUM_UNNECESSARY) summed = CHECKSUM_NONE;
    }
    const v = whole.view;
    v.setUint16(at + 4, total - ip6.HEADER);
    v.setUint8(at + first.cb2, first.view.getUint8(first.data));
    if ((queue.ecn & CE) !== 0) v.setUint8(at + 1, v.getUint8(at + 1) | 0x30);
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
    whole.cb1 = queue.maxSize;
    whole.cb2 = first.cb2;
    whole.cb3 = headerBytes;
    whole.dst = ipv6.routes.input(whole, at, first.device!);
    ip6Count(ipv6, enteredBy(ipv6, whole), Ip6Mib.ReasmOKs);
    for (let part = queue.head; part !== null; ) {
      const next: PacketBuffer | null = part.next;
      part.next = null;
      stack.consume(part);
      part = next;
    }
    this.#reset(queue);
    this.#unlink(queue);
    return whole;
  }

  #discard(queue: Queue, skb: PacketBuffer): null {
    const ipv6 = this.#ipv6;
    ip6Count(ipv6, routeOwner(ipv6, skb), Ip6Mib.ReasmFails);
    this.#kill(queue, DropReason.NOT_SPECIFIED);
    ipv6.namespace.stack.drop(skb, DropReason.NOT_SPECIFIED);
    return null;
  }

  /** ip6frag_expire_frag_queue(): who sent the first fragment is told (RFC 8200 4.5). */
  #expired(queue: Queue): void {
    const ipv6 = this.#ipv6;
    const first = queue.head;
    const owner = first === null ? null : heldBy(first);
    ip6Count(ipv6, owner, Ip6Mib.ReasmFails);
    ip6Count(ipv6, owner, Ip6Mib.ReasmTimeout);
    if ((queue.state & FIRST_IN) !== 0 && first !== null && first.device!.registered) {
      first.data = first.networkHeader;
      ipv6.icmp.sendError(first, icmpv6.TIME_EXCEEDED, icmpv6.EXCEEDED_REASSEMBLY, 0);
    }
    this.#kill(queue, DropReason.FRAG_REASM_TIMEOUT);
  }

  #kill(queue: Queue, reason: DropReason): void {
    const { stack } = this.#ipv6.namespace;
    for (let part = queue.head; part !== null; ) {
      const next: PacketBuffer | null = part.next;
      part.next = null;
      stack.drop(part, reason);
      part = next;
    }
    this.#reset(queue);
    this.#unlink(queue);
  }

  #reset(queue: Queue): void {
    this.memory -= queue.memory;
    queue.head = null;
    queue.state = 0;
    queue.length = 0;
    queue.meat = 0;
    queue.memory = 0;
    queue.ecn = 0;
    queue.maxSize = 0;
  }

  #unlink(queue: Queue): void {
    this.#ipv6.namespace.stack.timers.cancel(queue.timer);
    let previous: Queue | null = null;
    for (let other = this.#buckets[queue.bucket]!; other !== queue; other = other.nextInBucket!) previous = other;
    if (previous === null) this.#buckets[queue.bucket] = queue.nextInBucket;
    else previous.nextInBucket = queue.nextInBucket;
    queue.nextInBucket = null;
    this.queues--;
    this.#spare.push(queue);
  }
}
