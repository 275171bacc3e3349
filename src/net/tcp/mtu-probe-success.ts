import { INFINITE_SSTHRESH } from './constants.js';
import { mtuOf } from './mtu-probe.js';
import { currentThreshold } from './reduction.js';
import { syncMss } from './route.js';
import { seqLe } from './sequence.js';
import type { Tcb } from './tcb.js';

/** SND.UNA moved: over a probe, which arrived then (tcp_mtup_probe_success()). */
export function checkProbe(sk: Tcb): void {
  if (sk.mtuProbe === 0 || !seqLe(sk.mtuProbeEnd, sk.sndUna)) return;
  sk.priorSsthresh = currentThreshold(sk);
  sk.cwnd = Math.max(1, Math.floor((sk.cwnd * mtuOf(sk, sk.mssCache)) / sk.mtuProbe));
  sk.cwndCount = 0;
  sk.cwndStampUs = sk.tcp.stack.nowUs;
  sk.ssthresh = Math.min(currentThreshold(sk), INFINITE_SSTHRESH);
  sk.mtuLow = sk.mtuProbe;
  sk.mtuProbe = 0;
  syncMss(sk, sk.pmtu);
  sk.tcp.stats.TCPMTUPSuccess++;
}
