import { type AckEvent, DATA_SACKED, NOT_DUPLICATE, PROBE_DUPLICATED, UNA_ADVANCED } from './ack-event.js';
import { unsentBytes, windowEnd, writePending } from './output.js';
import { rearmRto } from './rearm.js';
import { probeRepaired } from './recovery.js';
import { dataBytes } from './segment-counts.js';
import { sendAgain, splitSegment } from './retransmit.js';
import { currentMss } from './route.js';
import { seqAdd, seqGt, seqLe, seqLt } from './sequence.js';
import { NAGLE_OFF, TIMER_NONE, type Tcb } from './tcb.js';

/**
 * Tail loss probe, RFC 8985 7: the last packets of a flight have none behind them that could show their loss; two round trips after
 * the last was sent, new data or the last packet once more draws an ACK that does.
 */
export function sendLossProbe(sk: Tcb): void {
  // One at a time.
  if (!sk.tlpPending && probe(sk)) {
    sk.tlpPending = true;
    sk.tlpHighSeq = sk.sndNxt;
    sk.tcp.stats.TCPLossProbes++;
    // The time-out begins anew with the probe.
    sk.pendingTimer = TIMER_NONE;
  }
  rearmRto(sk);
}

/** True: something left. */
function probe(sk: Tcb): boolean {
  const mss = currentMss(sk);
  const before = sk.packetsOut;
  sk.tlpRetransmitted = false;
  if (sk.writeSeq !== sk.sndNxt && seqLe(seqAdd(sk.sndNxt, Math.min(unsentBytes(sk), mss)), windowEnd(sk))) {
    writePending(sk, mss, NAGLE_OFF, 1, true);
    return sk.packetsOut > before;
  }
  return repeatLast(sk, mss);
}

function repeatLast(sk: Tcb, mss: number): boolean {
  let last = sk.sent.tail;
  if (last === null) return false;
  const bytes = dataBytes(last);
  if (last.packets > 1 && bytes > (last.packets - 1) * last.mss) {
    splitSegment(sk, last, (last.packets - 1) * last.mss, last.mss);
    last = sk.sent.tail!;
  }
  if (sendAgain(sk, last, Math.max(1, Math.ceil(bytes / mss))) !== 0) return false;
  sk.tlpRetransmitted = true;
  return true;
}

/** What the ACK says of the probe (RFC 8985 7.4.2): whether it repaired a loss, which the window has to pay for. */
export function processProbeAck(sk: Tcb, ack: number, event: AckEvent): void {
  if (seqLt(ack, sk.tlpHighSeq)) return;
  if (!sk.tlpRetransmitted || (event.flags & PROBE_DUPLICATED) !== 0) sk.tlpPending = false;
  else if (seqGt(ack, sk.tlpHighSeq)) {
    sk.tlpPending = false;
    probeRepaired(sk);
    sk.tcp.stats.TCPLossProbeRecovery++;
  } else if ((event.flags & (UNA_ADVANCED | NOT_DUPLICATE | DATA_SACKED)) === 0) sk.tlpPending = false;
}
