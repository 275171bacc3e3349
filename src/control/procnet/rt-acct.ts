import type { ProcNetView } from './view.js';

/** Four counters of 32 bits for each of 256 realms. */
const BYTES = 256 * 16;

/** /proc/net/rt_acct: traffic by realms, binary; nothing is counted by realm here. Linux: rt_acct_proc_show() */
export const rtAcct: ProcNetView = { path: 'rt_acct', text: () => '\0'.repeat(BYTES) };
