import { NFPROTO_IPV4, NF_REPEAT } from '../../../netlink/nfnl/nfnetlink.js';
import * as ip from '../../../wire/ipv4.js';
import { completeChecksum } from '../../core/checksum-offload.js';
import type { NetDevice } from '../../core/device.js';
import { DropReason } from '../../core/drop-reason.js';
import { segment } from '../../core/gso.js';
import { LOCAL_OUT, NF_ACCEPT, NF_DROP, NF_STOLEN } from '../../core/hooks.js';
import type { Namespace } from '../../core/namespace.js';
import { CHECKSUM_NONE, type PacketBuffer } from '../../core/packet-buffer.js';
import { reroute4, reroute6 } from '../reroute.js';
import { type HookPlace, reinject } from './reinject.js';

/** NFQNL_QMAX_DEFAULT */
const DEFAULT_LENGTH = 1024;
const VERDICT_MASK = 0xff;
const VERDICT_BITS = 16;
const NF_QUEUE = 3;
/** NFQA_CFG_F_FAIL_OPEN, NFQA_CFG_F_GSO */
const FAIL_OPEN = 1;
const TAKES_GSO = 4;

/** A packet that waits for a program's verdict (struct nf_queue_entry). */
export interface QueueEntry {
  readonly id: number;
  readonly skb: PacketBuffer;
  readonly place: HookPlace;
}

/** A queue that a program listens to (struct nfqnl_instance). */
export class QueueInstance {
  readonly number: number;
  /** Port of the socket that gives the verdicts. */
  readonly portId: number;
  maxLength = DEFAULT_LENGTH;
  /** NFQNL_COPY_* */
  copyMode = 0;
  copyRange = 0xffff;
  /** NFQA_CFG_F_* */
  flags = 0;
  /** In the order in which they came. */
  readonly waiting = new Map<number, QueueEntry>();
  /** Packets lost as the queue was full, and as the program did not read. */
  dropped = 0;
  userDropped = 0;
  sequence = 0;
  /** Tells the program; false: it does not read. */
  readonly tell: (queue: QueueInstance, entry: QueueEntry) => boolean;

  constructor(number: number, portId: number, tell: QueueInstance['tell']) {
    this.number = number;
    this.portId = portId;
    this.tell = tell;
  }
}

/** Queues of one namespace (struct nfnl_queue_net). */
export class Queues {
  readonly namespace: Namespace;
  readonly instances = new Map<number, QueueInstance>();

  constructor(namespace: Namespace) {
    this.namespace = namespace;
  }

  /**
   * A rule wants a program to decide: NF_STOLEN where one will. Nobody listens: dropped, or let by with `bypass`. Linux: nf_queue(),
   * nfqnl_enqueue_packet()
   */
  enqueue(skb: PacketBuffer, place: HookPlace, number: number, bypass: boolean): number {
    const queue = this.instances.get(number);
    if (queue === undefined || queue.copyMode === 0) return bypass ? NF_ACCEPT : NF_DROP;
    const { stack } = this.namespace;
    // What is of another family than IP's has no way back into the stack.
    if (skb.gsoSize === 0 || (queue.flags & TAKES_GSO) !== 0) return this.#add(queue, skb, place);
    for (let piece = segment(skb); piece !== null; ) {
      const next: PacketBuffer | null = piece.next;
      piece.next = null;
      const verdict = this.#add(queue, piece, place);
      if (verdict === NF_DROP) stack.drop(piece, DropReason.NETFILTER_DROP);
      else if (verdict === NF_ACCEPT) reinject(piece, place, false);
      piece = next;
    }
    return NF_STOLEN;
  }

  #add(queue: QueueInstance, skb: PacketBuffer, place: HookPlace): number {
    const open = (queue.flags & FAIL_OPEN) !== 0;
    if (queue.waiting.size >= queue.maxLength) {
      if (open) return NF_ACCEPT;
      queue.dropped++;
      return NF_DROP;
    }
    if ((queue.flags & TAKES_GSO) === 0 && !completeChecksum(skb)) return NF_DROP;
    queue.sequence = (queue.sequence + 1) >>> 0;
    const entry = { id: queue.sequence, skb, place };
    queue.waiting.set(entry.id, entry);
    if (queue.tell(queue, entry)) return NF_STOLEN;
    queue.waiting.delete(entry.id);
    if (open) return NF_ACCEPT;
    queue.userDropped++;
    return NF_DROP;
  }

  /** The program's verdict: NF_*, of NF_QUEUE with another queue's number in the upper half. Linux: nfqnl_reinject() */
  decide(queue: QueueInstance, entry: QueueEntry, verdict: number): void {
    queue.waiting.delete(entry.id);
    const { stack } = this.namespace;
    const { skb, place } = entry;
    const kind = verdict & VERDICT_MASK;
    if (kind === NF_DROP) {
      stack.drop(skb, DropReason.NETFILTER_DROP);
      return;
    }
    if (kind === NF_QUEUE) {
      const again = this.enqueue(skb, place, verdict >>> VERDICT_BITS, (verdict & 0x8000) !== 0);
      if (again === NF_DROP) stack.drop(skb, DropReason.NETFILTER_DROP);
      if (again !== NF_ACCEPT) return;
    }
    reinject(skb, place, kind === NF_REPEAT);
  }

  /** Puts other bytes in the packet's place; false: there is no room. Linux: nfqnl_mangle(), nf_reroute() */
  replace(entry: QueueEntry, bytes: Uint8Array): boolean {
    const { skb, place } = entry;
    const { pool } = this.namespace.stack;
    if (skb.shared && !pool.makeWritable(skb)) return false;
    const at = skb.networkHeader;
    if (at + bytes.length > skb.bytes.length) return false;
    const four = place.family === NFPROTO_IPV4;
    const span = four ? 20 : 40;
    if (bytes.length < span) return false;
    const before = four ? skb.view.getUint32(at + 16) : addressSum(skb);
    const source = four ? skb.view.getUint32(at + 12) : 0;
    skb.bytes.set(bytes, at);
    skb.tail = at + bytes.length;
    skb.ipSummed = CHECKSUM_NONE;
    if (four) skb.transportHeader = at + ip.headerLength(skb.view, at);
    if (place.hook !== LOCAL_OUT) return true;
    const same = four ? skb.view.getUint32(at + 16) === before && skb.view.getUint32(at + 12) === source : addressSum(skb) === before;
    const { ipv4, ipv6 } = this.namespace;
    return same || (four ? reroute4(ipv4, skb) : reroute6(ipv6, skb));
  }

  /** A device goes: what waits and came by it, or was to leave by it, goes too. Linux: nfqnl_dev_drop() */
  deviceGone(device: NetDevice): void {
    for (const queue of this.instances.values())
      for (const entry of [...queue.waiting.values()])
        if (entry.place.input === device || entry.place.output === device) this.decide(queue, entry, NF_DROP);
  }

  /** Nobody listens any more: what waits is dropped. Linux: instance_destroy() */
  destroy(queue: QueueInstance): void {
    this.instances.delete(queue.number);
    for (const entry of [...queue.waiting.values()]) this.decide(queue, entry, NF_DROP);
  }
}

function addressSum(skb: PacketBuffer): number {
  let sum = 0;
  for (let i = 8; i < 40; i += 4) sum = (Math.imul(sum, 31) + skb.view.getInt32(skb.networkHeader + i)) | 0;
  return sum;
}
