import { inheritFlowLabel } from './flow-label.js';
import * as wire from '../../wire/tcp.js';
import { DropReason } from '../core/drop-reason.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { tooSoon } from './challenge.js';
import { TCP_SYN_RECV, TIMEOUT_INIT_US } from './constants.js';
import type { ConnectionKey } from './demux.js';
import { takeHandshakeRtt } from './establish.js';
import { socketSegment } from './input.js';
import { dropRequest, listenSegment, repeatSynAck, sendRequestAck } from './listen.js';
import { shareHold } from './ports.js';
import { sendReset } from './reply.js';
import type { TcpRequest } from './request.js';
import { ensureRoute, setTimestamps, syncMss } from './route.js';
import { takeRouteCongestion } from './route-metrics.js';
import { seqAdd, seqGt, seqLe, seqLt } from './sequence.js';
import { setState } from './close.js';
import type { Tcb } from './tcb.js';
import { nowSeconds, pawsAccepts } from './timestamps.js';
import type { TcpTransport } from './transport.js';

/**
 * A segment for a handshake that we answered: RFC 9293 3.10.7.4 in SYN_RECV, on the small object that stands for the connection
 * until it is complete (tcp_check_req()). Takes ownership.
 */
export function requestSegment(request: TcpRequest, transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey, endSeq: number): void {
  const tcp = transport.tcp;
  const stack = tcp.stack;
  const options = tcp.options;
  const v = skb.view;
  const flags = wire.flags(v, skb.data);
  const seq = wire.sequence(v, skb.data);
  const next = seqAdd(request.remoteIsn, 1);
  const reset = (flags & wire.RST) !== 0;
  const old =
    request.timestamps &&
    options.hasTimestamps &&
    !reset &&
    !pawsAccepts(request.tsRecent, nowSeconds(request.sentUs), options.timestampValue, nowSeconds(stack.nowUs), 0);
  if (seq === request.remoteIsn && (flags & (wire.SYN | wire.ACK | wire.RST | wire.FIN)) === wire.SYN && !old) {
    // The SYN again: our SYN-ACK was lost.
    if (!tooSoon(tcp, request.lastOutOfWindowUs, 'TCPACKSkippedSynRecv')) {
      request.lastOutOfWindowUs = stack.nowUs;
      repeatSynAck(request);
      stack.timers.schedule(request.timer, stack.nowUs + TIMEOUT_INIT_US * 2 ** request.timeouts);
    }
    stack.consume(skb);
    return;
  }
  if ((flags & wire.ACK) !== 0 && !reset && wire.acknowledgment(v, skb.data) !== seqAdd(request.isn, 1)) {
    // It acknowledges something else: what a listener answers by a reset.
    listenSegment(request.listener, transport, skb, key, 0);
    return;
  }
  const inWindow = (seqLe(next, endSeq) && seqLt(seq, seqAdd(next, request.receiveWindow))) || seq === next;
  if (old || !inWindow) {
    if (!reset) sendRequestAck(request, key);
    if (old) tcp.stats.PAWSEstab++;
    stack.drop(skb, old ? DropReason.TCP_RFC7323_PAWS : DropReason.TCP_INVALID_SEQUENCE);
    return;
  }
  if (request.timestamps && options.hasTimestamps && !seqGt(seq, next)) request.tsRecent = options.timestampValue;
  // A SYN at its own old place is not one (a SYN-ACK of a simultaneous open); anywhere else it is an error.
  const syn = (flags & wire.SYN) !== 0 && seq !== request.remoteIsn;
  if (reset || syn) {
    tcp.stats.AttemptFails++;
    embryonicReset(request, transport, skb, key);
    return;
  }
  if ((flags & wire.ACK) === 0) {
    stack.drop(skb, DropReason.TCP_FLAGS);
    return;
  }
  const listener = request.listener;
  if (request.timeouts < listener.deferAccept && endSeq === next) {
    request.acked = true;
    tcp.stats.TCPDeferAcceptDrop++;
    stack.drop(skb, DropReason.NOT_SPECIFIED);
    return;
  }
  if (listener.listenQueue!.full) {
    overflow(request, transport, skb, key);
    return;
  }
  createChild(request, transport, skb, key, endSeq);
}

/** Linux: the accept queue is full: the ACK is forgotten and comes again with data or our next SYN-ACK, or it is refused if set so. */
function overflow(request: TcpRequest, transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey): void {
  const tcp = transport.tcp;
  tcp.stats.ListenOverflows++;
  tcp.stats.ListenDrops++;
  if (tcp.settings.abortOnOverflow !== 0) {
    embryonicReset(request, transport, skb, key);
    return;
  }
  request.acked = true;
  tcp.stack.drop(skb, DropReason.SOCKET_BACKLOG);
}

function embryonicReset(request: TcpRequest, transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey): void {
  sendReset(transport, skb, key);
  dropRequest(request);
  transport.tcp.stats.EmbryonicRsts++;
  transport.tcp.stack.drop(skb, DropReason.TCP_RESET);
}

/** The handshake is complete: a socket takes the request's place and the segment (tcp_v4_syn_recv_sock()). */
export function createChild(request: TcpRequest, transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey, endSeq: number): void {
  const child = newChild(request, transport, key);
  setState(child, TCP_SYN_RECV);
  if (request.retransmits === 0) takeHandshakeRtt(child, request.sentUs);
  socketSegment(child, transport, skb, key, endSeq);
  child.tcp.wake(request.listener);
}

/** A socket in the request's place, in the listener's queue (tcp_create_openreq_child()). */
export function newChild(request: TcpRequest, transport: TcpTransport, key: ConnectionKey): Tcb {
  const listener = request.listener;
  const tcp = listener.tcp;
  const child = tcp.upper.createSocket(tcp, listener.family, listener.uid, listener.privileged);
  child.inherit(listener);
  takeAddresses(child, key);
  // A link-local peer is one of its link alone, another of its VRF.
  if (request.ifindex !== 0) child.boundIfindex = request.ifindex;
  child.transport = transport;
  shareHold(child, listener);
  if (request.slot >= 0) {
    tcp.stack.timers.cancel(request.timer);
    tcp.endpoints.replace(request, child);
    listener.listenQueue!.requests--;
  } else tcp.endpoints.add(key, child);
  fromRequest(child, request);
  // The way that the SYN-ACK went.
  if (ensureRoute(child) === 0) takeRouteCongestion(child);
  tcp.stats.PassiveOpens++;
  child.parent = listener;
  listener.listenQueue!.push(child);
  return child;
}

function takeAddresses(child: Tcb, key: ConnectionKey): void {
  for (let i = 0; i < 4; i++) {
    child.local.words[i] = key.local[i]!;
    child.remote.words[i] = key.remote[i]!;
  }
  child.local.port = key.localPort;
  child.remote.port = key.remotePort;
}

/** What both ends agreed on (tcp_create_openreq_child()). */
function fromRequest(child: Tcb, request: TcpRequest): void {
  const isn = request.isn;
  const next = seqAdd(request.remoteIsn, 1);
  child.rcvNxt = next;
  child.rcvWup = next;
  child.copiedSeq = next;
  child.sndWl1 = request.remoteIsn;
  child.sndUna = seqAdd(isn, 1);
  child.sndNxt = child.sndUna;
  child.writeSeq = child.sndUna;
  child.pushedSeq = child.sndUna;
  child.sndSmall = child.sndUna;
  child.cwndUsageSeq = child.sndUna;
  child.queue.headSeq = child.sndUna;
  child.totalRetrans = Math.max(0, request.retransmits);
  child.tsOffset = request.timestampOffset;
  if (request.md5Key !== null) {
    child.md5Key = request.md5Key;
    child.md5Keys = [request.md5Key];
  }
  setTimestamps(child, request.timestamps);
  if (request.timestamps) {
    child.tsRecent = request.tsRecent;
    child.tsRecentStamp = nowSeconds(child.tcp.stack.nowUs);
  }
  child.sackOk = request.sackPermitted;
  child.ecnOk = request.ecnOk;
  child.tos = request.tos;
  inheritFlowLabel(child, request);
  child.mark = request.mark;
  child.savedSyn = request.savedSyn;
  child.wscaleOk = request.sendWindowScale >= 0;
  child.sndWscale = Math.max(request.sendWindowScale, 0);
  child.rcvWscale = Math.max(request.receiveWindowScale, 0);
  child.rcvWnd = request.receiveWindow;
  child.rcvSsthresh = request.receiveWindow;
  child.windowClamp = request.windowClamp;
  child.mssClamp = request.peerMss;
  child.advMss = request.ownMss - child.optionBytes;
  child.sndWnd = request.peerWindow;
  child.maxWindow = request.peerWindow;
  child.pmtu = request.ownMss + child.transport!.layer.headerBytes + wire.HEADER;
  syncMss(child, child.pmtu);
}
