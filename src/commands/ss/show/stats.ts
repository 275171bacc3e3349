import type { StructOf } from '../../../netlink/attributes.js';
import type { skMeminfo } from '../../../netlink/diag/sock-diag.js';

/** "skmem:(r0,rb212992,...)" */
export function memoryText(m: StructOf<typeof skMeminfo>): string {
  return `skmem:(r${m.rmemAlloc},rb${m.rcvbuf},t${m.wmemAlloc},tb${m.sndbuf},f${m.fwdAlloc},w${m.wmemQueued},o${m.optmem},bl${m.backlog},d${m.drops})`;
}

/** "<->": which directions are open; a shut one loses its arrow head. */
export const shutdownText = (mask: number) => `${(mask & 1) === 0 ? '<' : '-'}-${(mask & 2) === 0 ? '>' : '-'}`;
