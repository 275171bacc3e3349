import { TCP_ESTABLISHED } from './constants.js';
import { setState } from './close.js';
import { startFromMetrics } from './metrics.js';
import { initMtuProbing } from './mtu-probe.js';
import { initBufferSpace, initRcvMss } from './receive-buffer.js';
import { initialCwnd } from './route-metrics.js';
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
  initMtuProbing(sk);
  startFromMetrics(sk);
  sk.cwnd = synRepeated ? 1 : initialCwnd(sk);
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
