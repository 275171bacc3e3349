import { CA_LOSS, TCP_SYN_SENT } from './constants.js';
import { currentThreshold, setCaState } from './reduction.js';
import { dataBytes } from './segment-counts.js';
import { markLost, retransmitLost } from './retransmit.js';
import { currentMss } from './route.js';
import type { Tcb } from './tcb.js';

/** Marks what no longer fits as lost and sends it again; that is not congestion (tcp_simple_retransmit()). */
export function repeatTooBig(sk: Tcb): void {
  // Data that went with a SYN was too big: the SYN goes again at once, alone.
  const mss = sk.synData > 0 && sk.state === TCP_SYN_SENT ? -1 : currentMss(sk);
  for (let segment = sk.sent.head; segment !== null; segment = segment.next) {
    if (Math.min(dataBytes(segment), segment.mss) > mss) markLost(sk, segment);
  }
  if (sk.lostOut === 0) return;
  if (!sk.sackOk) sk.sackedOut = Math.min(sk.sackedOut, Math.max(0, sk.packetsOut - sk.lostOut));
  if (sk.caState !== CA_LOSS) {
    sk.highSeq = sk.sndNxt;
    sk.ssthresh = currentThreshold(sk);
    sk.priorSsthresh = 0;
    sk.undoPossible = false;
    setCaState(sk, CA_LOSS);
  }
  retransmitLost(sk);
}
