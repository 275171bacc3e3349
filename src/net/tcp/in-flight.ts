import type { Tcb } from './tcb.js';

/** Packets that are believed to be in the network (RFC 6675's pipe in Linux's terms). */
export const packetsInFlight = (sk: Tcb): number => sk.packetsOut - (sk.sackedOut + sk.lostOut) + sk.retransOut;

/** Packets that are sent and not in flight: selectively acknowledged or lost. */
export const leftOut = (sk: Tcb): number => sk.sackedOut + sk.lostOut;
