import { AF_INET6 } from '../../netlink/constants.js';
import { REFLECT_ESTABLISHED } from '../ipv6/flow-label.js';
import { stateOf } from '../ipv6/flow-label-table.js';
import { SOL_SOCKET } from '../core/socket-options.js';
import type { ErrorQueue } from './error-queue.js';
import { Timer } from '../../base/timer-wheel.js';
import type { Dst } from '../core/dst.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { InetSocket, IP_PMTUDISC_DO, IP_PMTUDISC_WANT } from '../core/inet-socket.js';
import { SOCK_STREAM } from '../core/socket.js';
import { PROTOCOL } from '../../wire/tcp.js';
import type { CongestionControl } from './congestion/congestion-control.js';
import { CA_OPEN, INFINITE_SSTHRESH, INIT_CWND, MSS_DEFAULT, RTO_MIN_US, TCP_CLOSE, TIMEOUT_INIT_US } from './constants.js';
import { ENDPOINT_SOCKET, type Endpoint } from './demux.js';
import type { ListenQueue } from './listen-queue.js';
import type { PortHold } from './port-hold.js';
import type { Md5Key } from './md5.js';
import type { OutOfOrderQueue } from './out-of-order.js';
import { SendQueue } from './send-queue.js';
import { SentSegments } from './sent-segments.js';
import type { TcpRequest } from './request.js';
import type { Tcp } from './tcp.js';
import type { TcpTransport } from './transport.js';
import { UnsentSegments } from './unsent-segments.js';

/** asm-generic/socket.h */
export const SO_ZEROCOPY = 60;

/** What the three timers of a connection do; handed in because the functions stand above this file. */
export interface TimerHandlers {
  retransmit(sk: Tcb): void;
  delayedAck(sk: Tcb): void;
  keepalive(sk: Tcb): void;
}

/** What the retransmission timer stands for (icsk_pending). */
export const TIMER_NONE = 0;
export const TIMER_RETRANSMIT = 1;
export const TIMER_PROBE = 3;
/** The tail loss probe, and what RACK gives packets that the network may reorder (RFC 8985). */
export const TIMER_LOSS_PROBE = 5;
export const TIMER_REORDER = 6;

// Nagle (tp->nonagle)
export const NAGLE_OFF = 1;
export const NAGLE_CORK = 2;
export const NAGLE_PUSH = 4;

// ackState
/** An ACK is owed (ICSK_ACK_SCHED). */
export const ACK_OWED = 1;
/** The delayed ACK timer runs (ICSK_ACK_TIMER). */
export const ACK_TIMER = 2;
/** A segment was sent since the last data came (ICSK_ACK_PUSHED and PUSHED2): the reader's read sends the ACK at once. */
export const ACK_PUSHED = 4;
export const ACK_PUSHED2 = 8;
/** To be sent at once (ICSK_ACK_NOW). */
export const ACK_NOW = 16;

/** Transmission Control Block, RFC 9293 3.3.1: all that is known of one connection or listener. The user's calls are TcpSocket's. */
export abstract class Tcb extends InetSocket implements Endpoint {
  readonly kind = ENDPOINT_SOCKET;
  readonly tcp: Tcp;
  slot = -1;
  state = TCP_CLOSE;
  /** Over which internet layer it talks; null until connected. */
  transport: TcpTransport | null = null;
  dst: Dst | null = null;
  hold: PortHold | null = null;
  /** Identification of the next packet (inet_id). */
  ipId: number;
  /** Present while it listens. */
  listenQueue: ListenQueue | null = null;
  /** The listener in whose accept queue it waits, and the next there. */
  parent: Tcb | null = null;
  nextAccept: Tcb | null = null;
  /** No user holds it (SOCK_DEAD). */
  orphan = false;
  /** An error that is reported only if the connection ends by a time-out (sk_err_soft). */
  softError = 0;
  /** Waits in the namespace's list of sockets to be woken. */
  wakePending = false;
  /** Waits in the namespace's list of sockets that owe an ACK. */
  ackPending = false;

  // Send: RFC 9293 3.3.1
  sndUna = 0;
  sndNxt = 0;
  sndWnd = 0;
  sndWl1 = 0;
  /** Behind the last byte the user sent, FIN counted. */
  writeSeq = 0;
  /** Highest sequence number that left with PSH to come (pushed_seq). */
  pushedSeq = 0;
  /** End of the last segment below MSS sent (Minshall's Nagle). */
  sndSmall = 0;
  sndUrgent = 0;
  urgentMode = false;
  finQueued = false;
  /** The user could not send all and is to be woken when there is room (SOCK_NOSPACE). */
  noSpace = false;
  /** The largest window the peer ever offered. */
  maxWindow = 0;
  sndWscale = 0;
  readonly queue: SendQueue;
  readonly unsent: UnsentSegments;
  readonly sent: SentSegments;
  corkNagle = 0;
  /** The MSS in use, options of each segment subtracted (mss_cache less options comes from currentMss()). */
  mssCache = MSS_DEFAULT;
  /** What the peer's MSS option allows (mss_clamp). */
  mssClamp = MSS_DEFAULT;
  /** TCP_MAXSEG; 0: none. */
  userMss = 0;
  /** The MSS we tell the peer. */
  advMss = MSS_DEFAULT;
  /** Path MTU that mssCache was computed from (icsk_pmtu_cookie). */
  pmtu = 0;
  // Probes for a larger path MTU (mtu-probe.ts): whether there are any, what is known to pass and not to, the one under way; 0: none
  mtuProbing = false;
  mtuLow = 0;
  mtuHigh = 0xffff;
  mtuProbe = 0;
  mtuProbeSeq = 0;
  mtuProbeEnd = 0;
  mtuProbedUs = 0;
  /** Bytes of options in each segment (timestamps: 12). */
  optionBytes = 0;

  // Round trip time, RFC 6298 and Linux's tcp_rtt_estimator(); microseconds
  /** Times eight. */
  srtt8 = 0;
  /** Times four. */
  mdev4 = TIMEOUT_INIT_US;
  mdevMax4 = RTO_MIN_US;
  rttvar4 = 0;
  rttSeq = 0;
  /** The least of some minutes and when it was; 0: none yet. Then that of their second half. */
  minRttUs = 0;
  minRttStampUs = 0;
  minRttNextUs = 0;
  minRttNextStampUs = 0;
  rtoUs = TIMEOUT_INIT_US;
  backoff = 0;
  retransmits = 0;
  probesOut = 0;
  probesStartUs = 0;
  pendingTimer = TIMER_NONE;
  /** When the connection last had nothing retransmitted: start of the time-out of retries2 (retrans_stamp); -1: none. */
  retransStartUs = -1;
  lastSentUs = 0;
  lastAckUs = 0;

  // Loss recovery and congestion control
  packetsOut = 0;
  retransOut = 0;
  lostOut = 0;
  /** Packets that duplicate ACKs say have left the network (or, with SACK, that were selectively acknowledged). */
  sackedOut = 0;
  totalRetrans = 0;
  /** Packets ever marked lost, and ever delivered; of those, with a congestion mark echoed. */
  lost = 0;
  delivered = 0;
  deliveredCe = 0;
  // The delivery rate (delivery-rate.ts)
  deliveredUs = 0;
  flightStartUs = 0;
  /** What `delivered` will be once all is through that was sent while the user had nothing more; 0: he has. */
  appLimited = 0;
  rateDelivered = 0;
  rateIntervalUs = 0;
  rateAppLimited = true;
  /** Counts what leaves, first or again. */
  sendOrder = 0;
  // SACK as sender (sack-scoreboard.ts)
  highestSackSeq = 0;
  /** Ranges that the last ACK told of. */
  sackCache: Int32Array | null = null;
  sackCached = 0;
  /** Packets that D-SACKs told of. */
  duplicateSacks = 0;
  /** The peer took back what it had selectively acknowledged. */
  sackReneged = false;
  // RACK (rack.ts): the packet sent last of those that arrived
  rackSentUs = 0;
  rackOrder = 0;
  rackEndSeq = 0;
  rackRttUs = 0;
  rackAdvanced = false;
  rackDuplicateSeen = false;
  rackSteps = 1;
  rackPersist = 0;
  rackLastDelivered = 0;
  // Tail loss probe
  tlpPending = false;
  tlpHighSeq = 0;
  tlpRetransmitted = false;
  /** F-RTO looks whether the time-out was needless (RFC 5682). */
  frto = false;
  // ECN (RFC 3168)
  ecnOk = false;
  /** The next data is to say that the window was reduced. */
  ecnQueueCwr = false;
  /** A mark came: it is echoed until the peer says so. */
  ecnDemandCwr = false;
  /** The peer's data is ECN-capable. */
  ecnSeen = false;
  /** The SYN asks for ECN; its repetition may not (tcp_ecn_fallback). */
  ecnAsked = false;
  /** Bytes a second by which what leaves is spread. */
  pacingRate = Number.POSITIVE_INFINITY;
  /** The rate is kept to (sk_pacing_status); when the next packet may leave, and what waits for that. */
  paced = false;
  nextSendUs = 0;
  pacingTimer: Timer | null = null;
  // What held the sender up (chrono.ts), microseconds
  chrono = 0;
  chronoStartUs = 0;
  busyUs = 0;
  windowLimitedUs = 0;
  bufferLimitedUs = 0;
  caState = CA_OPEN;
  /** sndNxt when the present recovery began. */
  highSeq = 0;
  /** Where recovery began, if it may be undone. */
  undoMarker = 0;
  undoPossible = false;
  undoRetrans = 0;
  priorSsthresh = 0;
  priorCwnd = 0;
  prrDelivered = 0;
  prrOut = 0;
  reordering: number;
  cwnd = INIT_CWND;
  cwndCount = 0;
  cwndClamp = 0x7fff_ffff;
  ssthresh = INFINITE_SSTHRESH;
  cwndStampUs = 0;
  cwndUsed = 0;
  cwndLimited = false;
  maxPacketsOut = 0;
  cwndUsageSeq = 0;
  congestion: CongestionControl;
  /** Words of the congestion control's own; null: it needs none. */
  congestionState: Float64Array | null = null;
  /** ... or an object of its own. */
  congestionObject: object | null = null;

  // Receive: RFC 9293 3.3.1
  rcvNxt = 0;
  copiedSeq = 0;
  /** rcvNxt at the last window told, and that window. */
  rcvWup = 0;
  rcvWnd = 0;
  rcvWscale = 0;
  rcvSsthresh = 0;
  windowClamp = 0;
  /** Upper bound of the window that the user set (TCP_WINDOW_CLAMP); 0: none. */
  userWindowClamp = 0;
  receiveHead: PacketBuffer | null = null;
  receiveTail: PacketBuffer | null = null;
  outOfOrder: OutOfOrderQueue | null = null;
  /** What is told of it by SACK (sack-blocks.ts). */
  sackBlocks: Int32Array | null = null;
  sackBlockCount = 0;
  duplicatePending = false;
  /** ACKs held back beyond a hole, and how many left since RCV.NXT last moved. */
  compressedAcks = 0;
  compressedRcvNxt = 0;
  duplicateAcksSent = 0;
  compressTimer: Timer | null = null;
  /** The size of segments the peer sends, as far as known (icsk_ack.rcv_mss). */
  rcvMss = MSS_DEFAULT;
  lastSegmentBytes = 0;
  wscaleOk = false;
  sackOk = false;
  timestampsOk = false;
  /** Added to the clock in the timestamps we send, milliseconds. */
  tsOffset = 0;
  tsRecent = 0;
  /** Seconds of the stack's clock; 0: tsRecent is not valid. */
  tsRecentStamp = 0;
  /** Of the TIME_WAIT entry whose ports this connection took over; reusedTsRecentStamp 0: none. */
  reusedTsRecent = 0;
  reusedTsRecentStamp = 0;
  reusedSequence = 0;
  /** Sequence number of the urgent byte, what is known of it (urgent.ts), and the byte. */
  urgentSeq = 0;
  urgentState = 0;
  urgentByte = 0;
  /** Whoever reads has no way to tell the urgent byte apart: it stays in the stream. */
  ignoresUrgent = false;
  /** Set when FIN was received and all before it (RCV_SHUTDOWN is in shutdownMask). */
  finReceived = false;
  // Receive buffer growth (rcvq_space)
  spaceBytes = 0;
  spaceSeq = 0;
  spaceStampUs = 0;
  // Our estimate of the round trip time as receiver (rcv_rtt_est)
  rcvRtt8 = 0;
  rcvRttSeq = 0;
  rcvRttStampUs = 0;
  rcvRttLastEcho = 0;

  // Delayed ACK
  ackState = 0;
  quick = 0;
  pingpong = false;
  /** Time an ACK is held back, learnt from the gaps between data; 0: no data came yet. */
  atoUs = 0;
  lastReceivedUs = 0;
  lastOutOfWindowUs = 0;

  // The user's choices
  synRetries = 0;
  /** Retransmissions of the SYN-ACK to wait for data (TCP_DEFER_ACCEPT); 0: off. */
  deferAccept = 0;
  /** Seconds; 0: the setting; -1: no FIN_WAIT2 at all. */
  linger2 = 0;
  /** Milliseconds; 0: none. */
  userTimeoutMs = 0;
  /** Seconds; 0: the setting. */
  keepIdle = 0;
  keepInterval = 0;
  keepCount = 0;
  notsentLowat = 0;
  /** Bits that are reported by TCP_INFO. */
  synDataAcked = false;
  /** Keys of the MD5 option, and the one for the peer of this connection (md5.ts). */
  md5Keys: readonly Md5Key[] | null = null;
  md5Key: Md5Key | null = null;
  /** The handshake of a connection that Fast Open made before it was complete. */
  fastOpenRequest: TcpRequest | null = null;
  /** How many of those a listener may have (TCP_FASTOPEN); its own keys; whether it asks for no cookie. */
  fastopenQueue = 0;
  fastopenKeys: readonly Uint32Array[] | null = null;
  fastopenNoCookie = false;
  /** TCP_FASTOPEN_CONNECT: connect() leaves the SYN to the first data; and it did. */
  fastopenConnect = false;
  fastopenDeferred = false;
  /** Bytes of data that left with the SYN; whether it asked for a cookie, or brought one. */
  synData = 0;
  synFastOpen = false;
  /** The SYN had the option; and it was the first again after a pause (fastopen-blackhole.ts). */
  fastopenOption = false;
  fastopenTries = false;
  /** Why the last Fast Open from here failed (enum tcp_fastopen_client_fail). */
  fastopenFail = 0;
  /** Linear time-outs for thin streams (TCP_THIN_LINEAR_TIMEOUTS). */
  thinLinear = false;
  /** TCP_SAVE_SYN: 1 keeps the headers of a SYN from the network layer on, 2 from the link layer on; and what was kept. */
  saveSyn = 0;
  savedSyn: Uint8Array | null = null;
  /** TCP_INQ: receive calls tell how much is left. */
  tellsQueue = false;
  /** Lengths of the buffers that a send with MSG_ZEROCOPY is of; null: it is one. */
  zerocopyPieces: readonly number[] | null = null;
  /** What MSG_ZEROCOPY and SO_TIMESTAMPING wait for and have to tell; null: nobody asked. */
  errorQueue: ErrorQueue | null = null;
  bytesAcked = 0;
  bytesReceived = 0;
  bytesSent = 0;
  bytesRetrans = 0;
  segmentsOut = 0;
  segmentsIn = 0;
  dataSegmentsOut = 0;
  dataSegmentsIn = 0;
  reordSeen = 0;
  receivedOutOfOrder = 0;

  readonly retransmitTimer: Timer;
  readonly delackTimer: Timer;
  /** Keep-alive, and FIN_WAIT2 of an orphan (sk_timer). */
  readonly keepaliveTimer: Timer;

  constructor(tcp: Tcp, family: number, uid: number, privileged: boolean, handlers: TimerHandlers) {
    super(tcp.namespace, family, SOCK_STREAM, PROTOCOL, uid, privileged);
    this.tcp = tcp;
    this.queue = new SendQueue(tcp.chunks);
    this.unsent = new UnsentSegments(tcp.segments);
    this.sent = new SentSegments(tcp.segments);
    this.congestion = tcp.congestion();
    this.reordering = tcp.settings.reordering;
    tcp.memory.sockets++;
    this.ipId = tcp.stack.random.u32() & 0xffff;
    if (family === AF_INET6 && (tcp.namespace.ipv6.settings.flowlabelReflect & REFLECT_ESTABLISHED) !== 0) stateOf(this).reflects = true;
    this.receiveBuffer = tcp.settings.rmem[1];
    this.sendBuffer = tcp.settings.wmem[1];
    this.lastOutOfWindowUs = Number.NEGATIVE_INFINITY;
    this.retransmitTimer = new Timer(() => handlers.retransmit(this));
    this.delackTimer = new Timer(() => handlers.delayedAck(this));
    this.keepaliveTimer = new Timer(() => handlers.keepalive(this));
  }

  /** ip_dont_fragment() */
  get dontFragment(): boolean {
    return this.pmtuDiscover === IP_PMTUDISC_WANT || this.pmtuDiscover === IP_PMTUDISC_DO;
  }

  /** An accepted connection has what its listener was set to (sk_clone_lock()). */
  inherit(from: Tcb): void {
    this.reuseAddress = from.reuseAddress;
    if (from.kept.get(SOL_SOCKET, SO_ZEROCOPY) !== 0) this.kept.set(SOL_SOCKET, SO_ZEROCOPY, 1);
    this.timestampingFlags = from.timestampingFlags;
    this.tellsQueue = from.tellsQueue;
    this.reusePort = from.reusePort;
    this.keepAlive = from.keepAlive;
    this.linger = from.linger;
    this.mark = from.mark;
    this.filter = from.filter;
    this.filterLocked = from.filterLocked;
    this.priority = from.priority;
    this.boundIfindex = from.boundIfindex;
    this.dontRoute = from.dontRoute;
    this.transparent = from.transparent;
    this.freebind = from.freebind;
    this.ttl = from.ttl;
    this.tos = from.tos;
    this.pmtuDiscover = from.pmtuDiscover;
    this.minTtl = from.minTtl;
    this.ipv6Only = from.ipv6Only;
    this.oobInline = from.oobInline;
    this.receiveLowWater = from.receiveLowWater;
    this.receiveErrors = from.receiveErrors;
    this.receiveBuffer = from.receiveBuffer;
    this.sendBuffer = from.sendBuffer;
    this.receiveBufferLocked = from.receiveBufferLocked;
    this.sendBufferLocked = from.sendBufferLocked;
    this.receiveTimeoutMs = from.receiveTimeoutMs;
    this.sendTimeoutMs = from.sendTimeoutMs;
    this.corkNagle = from.corkNagle;
    this.userMss = from.userMss;
    this.userWindowClamp = from.userWindowClamp;
    this.userTimeoutMs = from.userTimeoutMs;
    this.keepIdle = from.keepIdle;
    this.keepInterval = from.keepInterval;
    this.keepCount = from.keepCount;
    this.synRetries = from.synRetries;
    this.linger2 = from.linger2;
    this.notsentLowat = from.notsentLowat;
    this.thinLinear = from.thinLinear;
    this.fastopenNoCookie = from.fastopenNoCookie;
    this.maxPacingRate = from.maxPacingRate;
    this.paced = from.paced;
    this.pingpong = from.pingpong;
    this.congestion = from.congestion;
  }

  /** Wakes the user; the namespace's TCP calls it once the round's segments are processed. */
  deliverWake(): void {
    this.wake();
  }
}

/** Whether anything beyond a hole is kept. */
export const keepsOutOfOrder = (sk: Tcb): boolean => sk.outOfOrder !== null && sk.outOfOrder.length > 0;
