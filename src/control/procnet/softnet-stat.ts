import { DropReason } from '../../net/core/drop-reason.js';
import { hex } from './hex.js';
import type { ProcNetView } from './view.js';

/** Columns after packets taken and dropped; none of what they count (flow limits, RPS, budgets) is there. */
const ZEROS = 11;

/** /proc/net/softnet_stat: one processor; packets it took, those its backlog had no room for. Linux: softnet_seq_show() */
export const softnetStat: ProcNetView = {
  path: 'softnet_stat',
  text(namespace) {
    let taken = 0;
    for (const { statistics } of namespace.devices()) taken += statistics.rxPackets;
    const words = [taken >>> 0, namespace.stack.drops[DropReason.CPU_BACKLOG]! >>> 0, ...Array.from({ length: ZEROS }, () => 0)];
    return `${words.map((word) => hex(word, 8)).join(' ')}\n`;
  },
};
