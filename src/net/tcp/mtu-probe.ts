import { CA_OPEN } from './constants.js';
import { packetsInFlight } from './in-flight.js';
import { currentMss, syncMss } from './route.js';
import { seqAdd, seqDiff } from './sequence.js';
import type { Tcb } from './tcb.js';
import { unsentLength } from './unsent-segments.js';

/**
 * Packetization layer path MTU discovery (RFC 4821; tcp_mtu_probing): what the path carries is found by larger and larger segments,
 * without ICMP. 1: once packets seem to vanish (a black hole), 2: from the start.
 */

/** The congestion window that a probe, which counts twice, may be a part of. */
const LEAST_CWND = 11;

const headers = (sk: Tcb): number => sk.transport!.layer.headerBytes + 20;
/** Segment size and packet size, options of each segment included (tcp_mtu_to_mss(), tcp_mss_to_mtu()). */
const mssOf = (sk: Tcb, mtu: number): number => mtu - headers(sk) - sk.optionBytes;
export const mtuOf = (sk: Tcb, mss: number): number => mss + headers(sk) + sk.optionBytes;

/** A new connection (tcp_mtup_init()); the segment size follows when the path's MTU is next looked at. */
export function initMtuProbing(sk: Tcb): void {
  const { settings, stack } = sk.tcp;
  sk.mtuProbing = settings.mtuProbing > 1;
  sk.mtuHigh = sk.mssClamp + headers(sk);
  sk.mtuLow = mtuOf(sk, settings.baseMss);
  sk.mtuProbe = 0;
  sk.mtuProbedUs = stack.nowUs;
}

/** Repetitions do not arrive: perhaps it is their size. Smaller segments each time (Linux: tcp_mtu_probing()). */
export function suspectBlackHole(sk: Tcb): void {
  const { settings, stack } = sk.tcp;
  if (settings.mtuProbing === 0) return;
  if (!sk.mtuProbing) {
    sk.mtuProbing = true;
    sk.mtuProbedUs = stack.nowUs;
  } else {
    const half = mssOf(sk, sk.mtuLow) >> 1;
    sk.mtuLow = mtuOf(sk, Math.max(Math.min(settings.baseMss, half), settings.mtuProbeFloor, settings.minSndMss));
  }
  syncMss(sk, sk.pmtu);
}

// probeSize(): what is to be done now beside the bytes of a probe.
export const NO_PROBE = -1;
/** A probe is due and must wait; nothing else may leave meanwhile. */
export const PROBE_WAITS = 0;

/** Bytes of the probe that is to leave now, PROBE_WAITS or NO_PROBE (tcp_mtu_probe()). */
export function probeSize(sk: Tcb): number {
  if (!sk.mtuProbing || sk.mtuProbe !== 0 || sk.caState !== CA_OPEN || sk.cwnd < LEAST_CWND || sk.sackBlockCount > 0 || sk.duplicatePending)
    return NO_PROBE;
  const size = mssOf(sk, (sk.mtuHigh + sk.mtuLow) >> 1);
  if (size > mssOf(sk, sk.mtuHigh) || sk.mtuHigh - sk.mtuLow < sk.tcp.settings.probeThreshold) {
    probeAnew(sk);
    return NO_PROBE;
  }
  // As much must follow that its loss shows.
  const needed = size + (sk.reordering + 1) * sk.mssCache;
  if (seqDiff(sk.writeSeq, sk.sndNxt) < needed || sk.sndWnd < needed) return NO_PROBE;
  if (seqDiff(seqAdd(sk.sndUna, sk.sndWnd), sk.sndNxt) < needed) return PROBE_WAITS;
  const inFlight = packetsInFlight(sk);
  if (inFlight + 2 > sk.cwnd) return inFlight === 0 ? NO_PROBE : PROBE_WAITS;
  return mayGather(sk, size) ? size : NO_PROBE;
}

/** Whether the first `bytes` that wait may be one segment: no record ends among them. */
function mayGather(sk: Tcb, bytes: number): boolean {
  let gathered = 0;
  for (let segment = sk.unsent.head; segment !== null; segment = segment.next) {
    gathered += unsentLength(segment);
    if (gathered >= bytes) return true;
    if (segment.endsRecord) return false;
  }
  return false;
}

/** Paths change: after tcp_probe_interval the search begins anew (tcp_mtu_check_reprobe()). */
function probeAnew(sk: Tcb): void {
  const { settings, stack } = sk.tcp;
  if (stack.nowUs - sk.mtuProbedUs < settings.probeInterval * 1_000_000) return;
  sk.mtuProbe = 0;
  sk.mtuHigh = sk.mssClamp + headers(sk);
  sk.mtuLow = mtuOf(sk, currentMss(sk));
  sk.mtuProbedUs = stack.nowUs;
}

/** A probe of `bytes` left: it counts as two packets. */
export function probeSent(sk: Tcb, seq: number, bytes: number): void {
  sk.cwnd--;
  sk.mtuProbe = mtuOf(sk, bytes);
  sk.mtuProbeSeq = seq;
  sk.mtuProbeEnd = seqAdd(seq, bytes);
}

/** What is lost is the probe alone: that says something of the path's MTU, nothing of congestion. */
export const isLostProbe = (sk: Tcb): boolean => sk.mtuProbe !== 0 && sk.sndUna === sk.mtuProbeSeq;

/** ... tcp_mtup_probe_failed() */
export function probeFailed(sk: Tcb): void {
  sk.mtuHigh = sk.mtuProbe - 1;
  sk.mtuProbe = 0;
  sk.cwnd++;
  sk.tcp.stats.TCPMTUPFail++;
}
