import { be16, be32 } from '../../attributes.js';
import { expression, words } from '../expression.js';

/** In flags: where nobody listens, the packet is accepted. */
export const NFT_QUEUE_FLAG_BYPASS = 1;
/** In flags: the queue is chosen by CPU. */
export const NFT_QUEUE_FLAG_CPU_FANOUT = 2;

/** [ queue num 1-3 bypass ], [ queue sreg_qnum 1 ]: to a program by nfnetlink_queue; `total` queues from `num` on. */
export const queue = expression('queue', { num: be16(1), total: be16(2), flags: be16(3), sregQnum: be32(4) }, (e) => {
  const last = (e.num ?? 0) + (e.total ?? 1) - 1;
  return words(
    e.sregQnum !== undefined ? `sreg_qnum ${e.sregQnum}` : `num ${e.num ?? 0}${(e.total ?? 0) > 1 ? `-${last}` : ''}`,
    ((e.flags ?? 0) & NFT_QUEUE_FLAG_BYPASS) !== 0 && 'bypass',
    ((e.flags ?? 0) & NFT_QUEUE_FLAG_CPU_FANOUT) !== 0 && 'fanout',
  );
});
