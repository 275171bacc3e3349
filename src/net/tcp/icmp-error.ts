import { EMSGSIZE, EPROTO } from '../../base/errno.js';
import * as wire from '../../wire/tcp.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { done, reportError } from './close.js';
import { CA_LOSS, HANDSHAKE_STATES, inState, RTO_MAX_US, TCP_CLOSE, TCP_LISTEN, TCP_SYN_SENT, TIMEOUT_INIT_US } from './constants.js';
import { ENDPOINT_REQUEST, ENDPOINT_SOCKET } from './demux.js';
import { dropRequest } from './listen.js';
import { armTimer } from './rearm.js';
import { currentThreshold, setCaState } from './reduction.js';
import { dataBytes, markLost, retransmitLost } from './retransmit.js';
import { currentMss, ensureRoute, flowOf, syncMss } from './route.js';
import { computedRto } from './rtt.js';
import { seqGe, seqLe } from './sequence.js';
import { TIMER_RETRANSMIT, type Tcb } from './tcb.js';
import { retransmitTimeout } from './timers.js';
import type { TcpTransport } from './transport.js';

/**
 * An ICMP error about a segment of ours (tcp_v4_err()). RFC 5927: only one whose sequence number is under way is believed; RFC 9293
 * 3.9.2.2: an established connection is not ended by it, it only explains a later time-out.
 */
export function icmpError(transport: TcpTransport, skb: PacketBuffer, type: number, code: number, errno: number, info: number): void {
  const tcp = transport.tcp;
  const v = skb.view;
  const at = skb.data + transport.networkHeaderBytes(v, skb.data);
  const key = tcp.key;
  transport.readAddresses(v, skb.data, false, key);
  key.localPort = wire.sourcePort(v, at);
  key.remotePort = wire.destinationPort(v, at);
  key.domain = skb.sdif === 0 ? 0 : skb.iif;
  const endpoint = tcp.endpoints.find(key);
  if (endpoint === null) return;
  const seq = wire.sequence(v, at);
  if (endpoint.kind === ENDPOINT_REQUEST) {
    if (seq !== endpoint.isn) tcp.stats.OutOfWindowIcmps++;
    else if (errno !== 0 && !transport.tooBig(type, code)) {
      // The host that sent the SYN is not to be reached: a forged one, very likely.
      dropRequest(endpoint);
      tcp.stats.ListenDrops++;
    }
    return;
  }
  if (endpoint.kind !== ENDPOINT_SOCKET) return;
  const early = endpoint.fastOpenRequest;
  if (!seqGe(seq, early === null ? endpoint.sndUna : early.isn) || !seqLe(seq, endpoint.sndNxt)) {
    tcp.stats.OutOfWindowIcmps++;
    return;
  }
  if (transport.tooBig(type, code)) {
    mtuReduced(endpoint, info);
    return;
  }
  if (errno === 0) return;
  if (early === null && transport.revertsBackoff(type, code)) revertBackoff(endpoint, seq);
  // A connection of Fast Open that was accepted is treated as a whole one.
  if (inState(endpoint.state, HANDSHAKE_STATES) && (early === null || endpoint.parent !== null)) {
    reportError(endpoint, errno);
    done(endpoint);
    return;
  }
  if (endpoint.receiveErrors && !endpoint.orphan && errno !== EPROTO) reportError(endpoint, errno);
  else endpoint.softError = errno;
}

/**
 * RFC 6069: a router has no way to the peer for a retransmission: the time-out says nothing of congestion, and its last doubling is
 * taken back (tcp_ld_RTO_revert()).
 */
function revertBackoff(sk: Tcb, seq: number): void {
  const head = sk.sent.head;
  if (seq !== sk.sndUna || sk.retransmits === 0 || sk.backoff === 0 || head === null) return;
  sk.backoff--;
  sk.rtoUs = Math.min((sk.srtt8 === 0 ? TIMEOUT_INIT_US : computedRto(sk)) * 2 ** sk.backoff, RTO_MAX_US);
  const leftUs = head.sentUs + sk.rtoUs - sk.tcp.stack.nowUs;
  if (leftUs > 0) armTimer(sk, TIMER_RETRANSMIT, leftUs);
  else retransmitTimeout(sk);
}

/** RFC 1191 6.3: a router could not pass a segment on; smaller ones follow, what was too big goes again at once. */
function mtuReduced(sk: Tcb, mtu: number): void {
  if (sk.state === TCP_LISTEN || sk.state === TCP_CLOSE || sk.transport === null) return;
  const layer = sk.transport.layer;
  layer.updatePathMtu(flowOf(sk), mtu);
  // The way is looked up anew, so that it knows of the exception.
  sk.dst = null;
  if (ensureRoute(sk) !== 0 || sk.dst === null) return;
  const path = layer.pathMtu(sk.dst);
  if (mtu < path && sk.dontFragment) sk.softError = EMSGSIZE;
  if (!sk.dontFragment || sk.pmtu <= path) return;
  syncMss(sk, path);
  repeatTooBig(sk);
}

/** Marks what no longer fits as lost and sends it again; that is not congestion (tcp_simple_retransmit()). */
function repeatTooBig(sk: Tcb): void {
  // Data that went with a SYN was too big: the SYN goes again at once, alone.
  const mss = sk.synData > 0 && sk.state === TCP_SYN_SENT ? -1 : currentMss(sk);
  const before = sk.lostOut;
  for (let segment = sk.sent.head; segment !== null; segment = segment.next) {
    if (Math.min(dataBytes(segment), segment.mss) > mss) markLost(sk, segment);
  }
  if (sk.lostOut === before) return;
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
