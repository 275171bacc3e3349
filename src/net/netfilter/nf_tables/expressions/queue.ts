import { EINVAL } from '../../../../base/errno.js';
import { hashStep } from '../../../../base/hash.js';
import { fail } from '../../../../base/net-error.js';
import { NFT_QUEUE_FLAG_BYPASS, NFT_QUEUE_FLAG_CPU_FANOUT, queue as schema } from '../../../../netlink/nfnl/expressions/queue.js';
import { NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import { Expression, expressionKind, loadRegister, showRegister } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { NF_QUEUE } from '../verdict.js';

/** A queue of several by the flow, the same for both directions (nfqueue_hash()), or with fanout by the CPU, of which there is one. */
export function chooseQueue(packet: PacketInfo, first: number, total: number, fanout: boolean): number {
  if (total <= 1 || fanout) return first;
  const { skb } = packet;
  const at = skb.networkHeader;
  let words = packet.tables.namespace.stack.hashSeed;
  if (packet.networkFamily === NFPROTO_IPV4) words = hashStep(words, skb.view.getUint32(at + 12) ^ skb.view.getUint32(at + 16));
  else for (let i = 0; i < 16; i += 4) words = hashStep(words, skb.view.getUint32(at + 8 + i) ^ skb.view.getUint32(at + 24 + i));
  words = hashStep(words, packet.protocol);
  return first + Math.floor(((words >>> 0) / 0x1_0000_0000) * total);
}

/** [ queue num 0-3 bypass ]: a program that listens to the queue decides. Linux: nft_queue_eval() */
class Queue extends Expression {
  constructor(
    readonly word: number | null,
    readonly num: number,
    readonly total: number,
    readonly flags: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    packet.queueBypass = (this.flags & NFT_QUEUE_FLAG_BYPASS) !== 0;
    packet.queueNumber =
      this.word === null
        ? chooseQueue(packet, this.num, this.total, (this.flags & NFT_QUEUE_FLAG_CPU_FANOUT) !== 0)
        : packet.registers[this.word]! & 0xffff;
    return NF_QUEUE;
  }

  override get reads(): readonly (readonly [number, number])[] {
    return this.word === null ? [] : [[this.word, 1]];
  }

  describe() {
    return this.word === null
      ? { num: this.num, total: this.total, flags: this.flags }
      : { sregQnum: showRegister(this.word), flags: this.flags };
  }
}

export const queue = expressionKind(schema, (values) => {
  const flags = values.flags ?? 0;
  if ((flags & ~3) !== 0) return fail(EINVAL);
  if (values.sregQnum !== undefined) return new Queue(loadRegister(values.sregQnum, 4), 0, 0, flags);
  const num = values.num ?? fail(EINVAL);
  const total = values.total ?? 1;
  if (total === 0 || num + total - 1 > 0xffff) return fail(EINVAL);
  return new Queue(null, num, total, flags);
});
