import { INIT_CWND, TCP_ESTABLISHED, TIMEOUT_FALLBACK_US } from './constants.js';
import { setState } from './close.js';
import { initBufferSpace, initRcvMss } from './receive-buffer.js';
import { noteMinRtt, sampleRtt } from './rtt.js';
import type { Tcb } from './tcb.js';
import { armKeepalive, keepaliveTimeUs } from './timers.js';

/** The handshake is complete (tcp_finish_connect(), tcp_init_transfer()). `synRepeated`: more often than once. */
export function establish(sk: Tcb, synRepeated: boolean): void {
  setState(sk, TCP_ESTABLISHED);
  initTransfer(sk, synRepeated);
  if (sk.keepAlive) armKeepalive(sk, keepaliveTimeUs(sk));
  sk.tcp.wake(sk);
}

/** Data may flow (tcp_init_transfer()). */
export function initTransfer(sk: Tcb, synRepeated: boolean): void {
  const nowUs = sk.tcp.stack.nowUs;
  sk.lastSentUs = nowUs;
  sk.lastReceivedUs = nowUs;
  if (sk.srtt8 === 0) {
    // RFC 6298 5.7: the SYN had to be repeated, so the first time-out is a careful one.
    sk.rttvar4 = TIMEOUT_FALLBACK_US;
    sk.mdev4 = TIMEOUT_FALLBACK_US;
    sk.mdevMax4 = TIMEOUT_FALLBACK_US;
    sk.rtoUs = TIMEOUT_FALLBACK_US;
  }
  sk.cwnd = synRepeated ? 1 : INIT_CWND;
  sk.cwndStampUs = nowUs;
  sk.congestion.init?.(sk);
  initRcvMss(sk);
  initBufferSpace(sk);
}

/** The time a SYN-ACK took to be acknowledged. */
export function takeHandshakeRtt(sk: Tcb, sentUs: number): void {
  const rttUs = sk.tcp.stack.nowUs - sentUs;
  noteMinRtt(sk, rttUs, false);
  sampleRtt(sk, rttUs);
}
