import { EINVAL } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { NFT_QUEUE_FLAG_BYPASS, queue as schema } from '../../../../netlink/nfnl/expressions/queue.js';
import { Expression, expressionKind, loadRegister, showRegister } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { NF_QUEUE } from '../verdict.js';

/** nfnetlink_queue is not there: who queues finds nobody listening, as on a host where no program does. */
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
    return NF_QUEUE;
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
