import { ECE, SYN } from '../../wire/tcp.js';
import type { Tcb } from './tcb.js';

/** The peer saw a congestion mark (RFC 3168 6.1.2). */
export const echoesMark = (sk: Tcb, flags: number): boolean => sk.ecnOk && (flags & (ECE | SYN)) === ECE;
