import { takeFlowLabel } from './flow-label.js';
import { Timer } from '../../base/timer-wheel.js';
import * as wire from '../../wire/tcp.js';
import { DropReason } from '../core/drop-reason.js';
import type { Dst } from '../core/dst.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { tooSoon } from './challenge.js';
import { MSS_DEFAULT, RTO_MAX_US, TCP_LISTEN, TIMEOUT_INIT_US, TIMESTAMPS_ALIGNED } from './constants.js';
import type { ConnectionKey } from './demux.js';
import { agreeByRoute, takeEcnOfSyn } from './ecn.js';
import { cookieFor, encodeTimestamp } from './cookie-code.js';
import { initialSequence } from './isn.js';
import { MD5_BYTES, md5KeyFor, signSegment } from './md5.js';
import { fullSpace, initial, initialWindow, lockedClamp } from './receive-window.js';
import { reply, sendReply, sendReset } from './reply.js';
import { TcpRequest } from './request.js';
import { scopeOf } from './route.js';
import { advertisedMssOf, initialReceiveWindowOf, windowClampOf } from './route-metrics.js';
import { seqAdd } from './sequence.js';
import type { Tcb } from './tcb.js';
import { sendSegment } from './transmit.js';
import type { TcpTransport } from './transport.js';

/** RFC 9293 3.10.7.2: a segment for a listener. `isn`: the one to take (after TIME_WAIT), 0: choose. Takes ownership. */
export function listenSegment(listener: Tcb, transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey, isn: number): void {
  const tcp = listener.tcp;
  const flags = wire.flags(skb.view, skb.data);
  if ((flags & wire.RST) !== 0) {
    tcp.stack.drop(skb, DropReason.TCP_RESET);
    return;
  }
  if ((flags & wire.ACK) !== 0) {
    sendReset(transport, skb, key);
    tcp.stack.drop(skb, DropReason.TCP_FLAGS);
    return;
  }
  if ((flags & (wire.SYN | wire.FIN)) !== wire.SYN) {
    tcp.stack.drop(skb, DropReason.TCP_FLAGS);
    return;
  }
  const verdict = admits(listener, isn !== 0);
  if (verdict === REFUSED) {
    tcp.stats.ListenDrops++;
    tcp.stack.drop(skb, DropReason.SOCKET_BACKLOG);
    return;
  }
  if (!openRequest(listener, transport, skb, key, isn, verdict === BY_COOKIE)) tcp.stack.consume(skb);
}

const ADMITTED = 0;
const BY_COOKIE = 1;
const REFUSED = 2;

/** Whether a SYN may open a handshake (tcp_conn_request()); `after`: in the place of a connection in TIME_WAIT, which has its ISN. */
function admits(listener: Tcb, after: boolean): number {
  const { stats, settings } = listener.tcp;
  const queue = listener.listenQueue;
  if (queue === null) return REFUSED;
  let verdict = ADMITTED;
  if ((queue.requestsFull || settings.syncookies === 2) && !after) {
    if (settings.syncookies === 0) {
      stats.TCPReqQFullDrop++;
      return REFUSED;
    }
    stats.TCPReqQFullDoCookies++;
    verdict = BY_COOKIE;
  }
  if (queue.full) {
    stats.ListenOverflows++;
    return REFUSED;
  }
  // Without cookies the last quarter of tcp_max_syn_backlog is kept for peers that proved themselves; none has, here.
  const scarce = settings.maxSynBacklog - queue.requests < settings.maxSynBacklog >> 2;
  return settings.syncookies === 0 && !after && scarce ? REFUSED : verdict;
}

/** True: `skb` is used up. */
function openRequest(
  listener: Tcb,
  transport: TcpTransport,
  skb: PacketBuffer,
  key: ConnectionKey,
  isn: number,
  byCookie: boolean,
): boolean {
  const tcp = listener.tcp;
  const settings = tcp.settings;
  const options = tcp.options;
  const request = new TcpRequest(listener, transport, listener.family, tcp.upper.requestTimer);
  request.remoteIsn = wire.sequence(skb.view, skb.data);
  request.rcvNxt = seqAdd(request.remoteIsn, 1);
  request.isn = isn !== 0 ? isn : initialSequence(tcp.isnSecret, key, tcp.stack.nowUs);
  const offered = options.mss === 0 ? MSS_DEFAULT : options.mss;
  request.peerMss = listener.userMss !== 0 ? Math.min(listener.userMss, offered) : offered;
  request.md5Key = md5KeyFor(listener.md5Keys, key.remote, key.domain);
  request.sackPermitted = options.sackPermitted && settings.sack !== 0;
  // Both, and a signature, do not fit beside SACK blocks.
  request.timestamps = options.hasTimestamps && settings.timestamps !== 0 && !(request.md5Key !== null && request.sackPermitted);
  request.timestampOffset = settings.timestamps === 1 ? tcp.timestampSecret.ofAddresses(key) : 0;
  request.tsRecent = request.timestamps ? options.timestampValue : 0;
  request.sendWindowScale = settings.windowScaling !== 0 ? options.windowScale : -1;
  const dsField = transport.dsField(skb);
  takeEcnOfSyn(request, wire.flags(skb.view, skb.data), dsField);
  request.tos = settings.reflectTos !== 0 ? (dsField & ~3) | (listener.tos & 3) : listener.tos;
  if (listener.saveSyn !== 0) request.savedSyn = keepSyn(skb, listener.saveSyn);
  request.mark = listener.mark === 0 && settings.fwmarkAccept !== 0 ? skb.mark : listener.mark;
  request.ifindex = listener.boundIfindex !== 0 ? listener.boundIfindex : transport.linkOf(key, skb);
  takeFlowLabel(request, skb);
  request.peerWindow = wire.window(skb.view, skb.data);
  request.sentUs = tcp.stack.nowUs;
  if (byCookie) {
    request.cookie = true;
    request.isn = cookieFor(request, key);
    sendSynAck(request, key);
    return false;
  }
  const end = seqAdd(
    request.remoteIsn,
    1 + skb.length - wire.headerBytes(skb.view, skb.data) + (wire.flags(skb.view, skb.data) & wire.FIN),
  );
  if (tcp.upper.fastOpen(request, transport, skb, key, end)) return true;
  // A way back there must be; else nothing is kept (Linux: inet_csk_route_req()).
  if (!sendSynAck(request, key) || !tcp.endpoints.add(key, request)) return false;
  listener.listenQueue!.requests++;
  tcp.stack.timers.schedule(request.timer, tcp.stack.nowUs + TIMEOUT_INIT_US);
  return false;
}

/** Settles our MSS and window by the way to the peer; null: there is none. The namespace's flow is filled afterwards. */
export function offerWindow(request: TcpRequest, key: ConnectionKey): Dst | null {
  const { transport, listener } = request;
  const { tcp, layer } = transport;
  const flow = tcp.flow;
  transport.fillFlow(flow, key.local, key.remote, key.localPort, key.remotePort);
  flow.oif = request.ifindex;
  flow.mark = request.mark;
  flow.scope = scopeOf(listener, transport);
  flow.anySource = listener.transparent;
  const dst = layer.route(flow);
  if (dst.error !== 0) return null;
  agreeByRoute(request, dst);
  request.ownMss = advertisedMssOf(layer, dst, listener.userMss);
  if (request.receiveWindow === 0) {
    const usable = request.ownMss - (request.timestamps ? TIMESTAMPS_ALIGNED : 0);
    const clamp = lockedClamp(listener, windowClampOf(dst, listener.userWindowClamp));
    initialWindow(tcp.settings, tcp.stack.settings.rmemMax, fullSpace(listener), usable, clamp, initialReceiveWindowOf(dst));
    request.receiveWindow = initial.window;
    request.receiveWindowScale = request.sendWindowScale >= 0 ? initial.scale : -1;
    request.windowClamp = request.sendWindowScale >= 0 ? initial.clamp : Math.min(initial.clamp, 0xffff);
  }
  return dst;
}

/** Sends SYN-ACK, for the first time or again. False: there is no way to the peer. */
export function sendSynAck(request: TcpRequest, key: ConnectionKey): boolean {
  const { transport, listener } = request;
  const tcp = transport.tcp;
  const dst = offerWindow(request, key);
  if (dst === null) return false;
  const options = tcp.synOptions;
  options.mss = request.ownMss;
  options.windowScale = request.receiveWindowScale;
  options.fastOpen = request.fastOpenCookie;
  options.fastOpenExperimental = request.fastOpenExperimental;
  options.sackPermitted = request.sackPermitted;
  options.timestamps = request.timestamps;
  const now = request.cookie ? encodeTimestamp(tcp.timestampNow, request) : tcp.timestampNow;
  options.timestampValue = (now + request.timestampOffset) | 0;
  options.timestampEcho = request.tsRecent;
  const signed = request.md5Key === null ? 0 : MD5_BYTES;
  const headerBytes = wire.HEADER + signed + options.bytes;
  const skb = tcp.stack.pool.allocate(headerBytes);
  if (skb === null) return true;
  const at = skb.put(headerBytes);
  const window = Math.min(request.receiveWindow, 0xffff);
  const flags = wire.SYN | wire.ACK | (request.ecnOk ? wire.ECE : 0);
  wire.write(skb.view, at, key.localPort, key.remotePort, request.isn, request.rcvNxt, headerBytes >> 2, flags, window, 0);
  options.write(skb.view, at + wire.HEADER + signed);
  if (request.md5Key !== null) signSegment(transport, request.md5Key, skb, at + wire.HEADER, key.local, key.remote);
  skb.mark = request.mark;
  skb.priority = listener.priority;
  const header = tcp.header;
  header.ttl = Math.max(listener.ttl, 0);
  header.tos = request.tos;
  header.dontFragment = true;
  header.options = null;
  header.id = -1;
  header.flowLabel = request.flowLabel;
  header.autoFlowLabel = listener.autoFlowLabel;
  header.flowHash = request.txHash;
  // What is dropped below will be sent again.
  sendSegment(transport, skb, dst, tcp.flow);
  return true;
}

/** The headers of the SYN at `skb.data`, for TCP_SAVED_SYN. */
function keepSyn(skb: PacketBuffer, from: number): Uint8Array {
  const start = from === 2 ? skb.macHeader : skb.networkHeader;
  return skb.bytes.slice(start, skb.data + wire.headerBytes(skb.view, skb.data));
}

/** Repeats the SYN-ACK and counts it. */
export function repeatSynAck(request: TcpRequest): void {
  const tcp = request.transport.tcp;
  if (!sendSynAck(request, tcp.endpoints.keyOf(request, tcp.key))) return;
  request.retransmits++;
  tcp.stats.RetransSegs++;
  tcp.stats.TCPSynRetrans++;
}

/** Forgets a handshake. */
export function dropRequest(request: TcpRequest): void {
  if (request.slot < 0) return;
  const tcp = request.transport.tcp;
  tcp.stack.timers.cancel(request.timer);
  tcp.endpoints.remove(request);
  const queue = request.listener.listenQueue;
  if (queue !== null) queue.requests--;
}

/** The timer of one handshake (reqsk_timer_handler()): the SYN-ACK again after 1, 2, 4, ... seconds. */
export function requestTimer(request: TcpRequest): Timer {
  return new Timer(() => requestTimeout(request));
}

function requestTimeout(request: TcpRequest): void {
  const listener = request.listener;
  const tcp = listener.tcp;
  if (listener.state !== TCP_LISTEN) {
    dropRequest(request);
    return;
  }
  const most = listener.synRetries !== 0 ? listener.synRetries : tcp.settings.synackRetries;
  let expired = request.timeouts >= most;
  let resend = true;
  if (listener.deferAccept !== 0) {
    // The ACK came, the data did not: silence until shortly before the end.
    expired = expired && (!request.acked || request.timeouts >= listener.deferAccept);
    resend = !request.acked || request.timeouts >= listener.deferAccept - 1;
  }
  if (expired) {
    tcp.stats.AttemptFails++;
    dropRequest(request);
    return;
  }
  if (resend) repeatSynAck(request);
  request.timeouts++;
  const delay = Math.min(TIMEOUT_INIT_US * 2 ** request.timeouts, RTO_MAX_US);
  tcp.stack.timers.schedule(request.timer, tcp.stack.nowUs + delay);
}

/** The ACK that a handshake answers what is out of its window with. */
export function sendRequestAck(request: TcpRequest, key: ConnectionKey): void {
  const tcp = request.transport.tcp;
  if (tooSoon(tcp, request.lastOutOfWindowUs, 'TCPACKSkippedSynRecv')) return;
  request.lastOutOfWindowUs = tcp.stack.nowUs;
  reply.seq = seqAdd(request.isn, 1);
  reply.ack = seqAdd(request.remoteIsn, 1);
  reply.flags = wire.ACK;
  reply.window = request.receiveWindow >> Math.max(request.receiveWindowScale, 0);
  reply.timestamps = request.timestamps;
  reply.timestampValue = (tcp.timestampNow + request.timestampOffset) | 0;
  reply.timestampEcho = request.tsRecent;
  reply.oif = request.ifindex;
  reply.mark = request.mark;
  reply.anySource = request.listener.transparent;
  reply.tos = 0;
  reply.flowLabel = 0;
  reply.txHash = request.txHash;
  reply.md5Key = request.md5Key;
  sendReply(request.transport, key);
}
