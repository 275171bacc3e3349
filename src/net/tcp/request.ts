import type { Timer } from '../../base/timer-wheel.js';
import { ENDPOINT_REQUEST, type Endpoint } from './demux.js';
import type { Md5Key } from './md5.js';
import type { Tcb } from './tcb.js';
import type { TcpTransport } from './transport.js';

/**
 * A connection between SYN and the last ACK of the handshake (Linux: tcp_request_sock). Small, since anyone can make us keep
 * many; its addresses lie in the endpoint table.
 */
export class TcpRequest implements Endpoint {
  readonly kind = ENDPOINT_REQUEST;
  slot = -1;
  /** Another one where that closed (listen-migrate.ts). */
  listener: Tcb;
  readonly transport: TcpTransport;
  readonly family: number;
  remoteIsn = 0;
  isn = 0;
  /** What we offered, and the peer: -1 for no window scaling. */
  peerMss = 0;
  sendWindowScale = -1;
  receiveWindowScale = -1;
  sackPermitted = false;
  timestamps = false;
  timestampOffset = 0;
  /** The peer's last timestamp. */
  tsRecent = 0;
  receiveWindow = 0;
  windowClamp = 0;
  /** The MSS we offered. */
  ownMss = 0;
  /** The window of the SYN. */
  peerWindow = 0;
  mark = 0;
  ecnOk = false;
  /** The SYN asked for ECN, which is agreed to only where the way back wants it. */
  ecnByRoute = false;
  /** DSCP of the SYN, which tcp_reflect_tos answers with. */
  tos = 0;
  /** IPv6: the label of the SYN, where the listener reflects it, and what one is made of else. */
  flowLabel = 0;
  txHash = 0;
  savedSyn: Uint8Array | null = null;
  /** The listener's key for this peer (RFC 2385). */
  md5Key: Md5Key | null = null;
  ifindex = 0;
  /** A right ACK came, but no socket was made: DEFER_ACCEPT or a full accept queue. */
  acked = false;
  /** It is not kept: its ISN is a cookie, which brings it back. */
  cookie = false;
  /** The cookie of Fast Open that the SYN-ACK brings; null: none. */
  fastOpenCookie: Uint8Array | null = null;
  fastOpenExperimental = false;
  /** What the SYN-ACK acknowledges: the SYN, and its data where Fast Open took it. */
  rcvNxt = 0;
  retransmits = 0;
  timeouts = 0;
  sentUs = 0;
  lastOutOfWindowUs = Number.NEGATIVE_INFINITY;
  readonly timer: Timer;

  constructor(listener: Tcb, transport: TcpTransport, family: number, timer: (request: TcpRequest) => Timer) {
    this.listener = listener;
    this.transport = transport;
    this.family = family;
    this.timer = timer(this);
  }
}
