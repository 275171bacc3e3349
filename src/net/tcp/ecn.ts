import { CWR, ECE, SYN } from '../../wire/tcp.js';
import type { Dst } from '../core/dst.js';
import { enterQuickAckFor } from './delayed-ack.js';
import type { TcpRequest } from './request.js';
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

/**
 * What the SYN at hand, with `dsField` in its IP header, asks of us: to be agreed to, or to be agreed to where the way back wants
 * ECN (`features ecn`). A SYN must not be ECN-capable itself. Linux: tcp_ecn_create_request()
 */
export function takeEcnOfSyn(request: TcpRequest, flags: number, dsField: number): void {
  const { listener } = request;
  if ((flags & ECN_SETUP) !== ECN_SETUP) return;
  const fine = (dsField & MASK) === NOT_ECT;
  request.ecnOk = (fine && listener.tcp.settings.ecn !== 0) || listener.congestion.needsEcn === true;
  request.ecnByRoute = fine && !request.ecnOk;
}

/** The way to the peer is known. */
export function agreeByRoute(request: TcpRequest, dst: Dst): void {
  if (request.ecnByRoute && asksForEcnByRoute(dst)) request.ecnOk = true;
}

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
