import type { RateSample } from '../ack-event.js';
import type { Tcb } from '../tcb.js';

/** A congestion control algorithm: one file each, one descriptor, listed in registry.ts (struct tcp_congestion_ops). */
export interface CongestionControl {
  readonly name: string;
  /** The module it comes in; left out: it is built in. */
  readonly module?: string;
  /** It cannot do without ECN. */
  readonly needsEcn?: boolean;
  /** Data came with a congestion mark. */
  marked?(sk: Tcb): void;
  /** struct tcp_cc_info for TCP_CC_INFO and INET_DIAG_INFO extensions; left out: there is none. */
  info?(sk: Tcb): Uint8Array;
  /** A socket begins to use it, or starts anew after a disconnect. */
  init?(sk: Tcb): void;
  release?(sk: Tcb): void;
  /** The slow start threshold after a loss; it may look at anything of the connection. */
  slowStartThreshold(sk: Tcb): number;
  /** `acked` packets were newly acknowledged, with ACK number `ack`, while the window may grow. */
  congestionAvoidance(sk: Tcb, ack: number, acked: number): void;
  /** The window to return to when a reduction turns out to have been unfounded. */
  undoWindow(sk: Tcb): number;
  /** Data leaves again after `idleUs` in which nothing was under way (CA_EVENT_TX_START). */
  idleEnded?(sk: Tcb, idleUs: number): void;
  /** Least packets of a super-packet; left out: tcp_min_tso_segs. */
  minTsoSegments?(sk: Tcb): number;
  /** Instead of growth and reduction: sets window and pacing rate after each ACK by itself (cong_control). */
  control?(sk: Tcb, rate: RateSample): void;
  setState?(sk: Tcb, state: number): void;
  /** A round trip was measured with `packets` acknowledged; -1: no measurement. */
  packetsAcked?(sk: Tcb, packets: number, rttUs: number): void;
}
