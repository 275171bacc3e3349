import type { ProcNetView } from './view.js';

/** /proc/net/psched: ticks and nanoseconds of packet scheduling, and what its clock counts in a second. Linux: psched_show() */
export const psched: ProcNetView = { path: 'psched', text: () => '000003e8 00000040 000f4240 3b9aca00\n' };
