import { CWR, ECE, SYN } from '../../wire/tcp.js';
import { enterQuickAckFor } from './delayed-ack.js';
import { asksForEcnByRoute } from './route-metrics.js';
import { ACK_NOW, type Tcb } from './tcb.js';

// Explicit congestion notification, RFC 3168 6.1, as Linux has it.

const NOT_ECT = 0;
const CE = 3;
const MASK = 3;

// net.ipv4.tcp_ecn: 2 answers only
const ASKS = 1;

/** Whether a connection that is made here asks for ECN. */
export const asksForEcn = (sk: Tcb): boolean =>
  sk.tcp.settings.ecn === ASKS || sk.congestion.needsEcn === true || asksForEcnByRoute(sk.dst);

/** Flags of a SYN that asks, and of one that agrees. */
export const ECN_SETUP = ECE | CWR;

/** The SYN-ACK came: does the peer agree (6.1.1)? A broken peer that reflects both bits does not. */
export const agreedBySynAck = (flags: number): boolean => (flags & ECN_SETUP) === ECE;

/** Whether the SYN at hand, with `dsField` in its IP header, is to be agreed to. A SYN must not be ECN-capable itself. */
export const agreesToSyn = (listener: Tcb, flags: number, dsField: number): boolean =>
  (flags & ECN_SETUP) === ECN_SETUP &&
  ((listener.tcp.settings.ecn !== 0 && (dsField & MASK) === NOT_ECT) || listener.congestion.needsEcn === true);

/** The peer saw a congestion mark (6.1.2). */
export const echoesMark = (sk: Tcb, flags: number): boolean => sk.ecnOk && (flags & (ECE | SYN)) === ECE;

/** Data came with `dsField` in its IP header (6.1.3): a mark is echoed until the peer says that it reduced its window. */
export function noteMark(sk: Tcb, dsField: number): void {
  const codepoint = dsField & MASK;
  if (codepoint === NOT_ECT) {
    // Marked before and not now: it was sent again, very likely.
    if (sk.ecnSeen) enterQuickAckFor(sk, 2);
    return;
  }
  sk.ecnSeen = true;
  if (codepoint !== CE) return;
  sk.congestion.marked?.(sk);
  if (sk.ecnDemandCwr) return;
  // Its window may be small now: it should not wait for ACKs.
  enterQuickAckFor(sk, 2);
  sk.ecnDemandCwr = true;
}

/** The peer reduced its window; with data, it hears of it at once. */
export function takeCwr(sk: Tcb, hasData: boolean): void {
  sk.ecnDemandCwr = false;
  if (hasData) sk.ackState |= ACK_NOW;
}
