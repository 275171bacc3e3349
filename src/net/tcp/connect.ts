import * as wire from '../../wire/tcp.js';
import { DropReason } from '../core/drop-reason.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { ACK_OK, processAck } from './ack.js';
import { receivedReset, setState } from './close.js';
import {
  DELACK_MAX_US,
  MSS_DEFAULT,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TIMEOUT_INIT_US,
  TIMEOUT_MIN_US,
  TIMESTAMPS_ALIGNED,
} from './constants.js';
import { enterQuickAck } from './delayed-ack.js';
import type { ConnectionKey } from './demux.js';
import { agreedBySynAck, asksForEcn, ECN_SETUP } from './ecn.js';
import { clientEnabled, mayOpenFast, synRoom } from './fastopen-client.js';
import { takeSynAck } from './fastopen-synack.js';
import { establish } from './establish.js';
import { initialSequence } from './isn.js';
import { hasUnsent, pushPending, sendAck } from './output.js';
import { initMtuProbing } from './mtu-probe.js';
import { armTimer, rearmRto } from './rearm.js';
import { MD5_BYTES, md5KeyFor } from './md5.js';
import { sendReset } from './reply.js';
import { initial, initialWindow, lockedClamp } from './receive-window.js';
import { initRcvMss } from './receive-buffer.js';
import { fullSpace } from './receive-window.js';
import { advertisedMss, ensureRoute, setTimestamps, syncMss } from './route.js';
import { initialReceiveWindowOf, takeRouteCongestion, windowClampOf } from './route-metrics.js';
import { seqAdd, seqGt, seqLe, seqLt } from './sequence.js';
import { sendSyn } from './syn.js';
import { ACK_OWED, ACK_TIMER, TIMER_RETRANSMIT, type Tcb } from './tcb.js';
import { nowSeconds, pawsAccepts } from './timestamps.js';
import type { TcpTransport } from './transport.js';
import { l3DomainOfIndex } from '../core/l3mdev.js';

/**
 * Active open, RFC 9293 3.10.1: the addresses are settled, `sk` is in the table. Of `data`, what the user would send with the SYN
 * (Fast Open), as much goes along as may; null: nothing of the kind. 0 or a negative errno (tcp_connect()).
 */
export function startConnect(sk: Tcb, data: Uint8Array | null = null): number {
  const tcp = sk.tcp;
  const settings = tcp.settings;
  const error = ensureRoute(sk);
  if (error !== 0) return error;
  const key = tcp.key.set(sk.local, sk.remote, l3DomainOfIndex(sk.namespace, sk.boundIfindex));
  const isn = sk.reusedTsRecentStamp !== 0 ? sk.reusedSequence : initialSequence(tcp.isnSecret, key, tcp.stack.nowUs);
  sk.tsOffset = settings.timestamps === 1 ? tcp.timestampSecret.ofAddresses(key) : 0;
  sk.tsRecent = sk.reusedTsRecent;
  sk.tsRecentStamp = sk.reusedTsRecentStamp;
  sk.reusedTsRecentStamp = 0;
  sk.mssClamp = sk.userMss !== 0 ? sk.userMss : 0xffff;
  sk.maxWindow = 0;
  sk.md5Key = md5KeyFor(sk.md5Keys, sk.remote.words);
  // Timestamps and a signature leave no room for SACK: Linux does without timestamps.
  sk.optionBytes = sk.md5Key !== null ? MD5_BYTES : settings.timestamps !== 0 ? TIMESTAMPS_ALIGNED : 0;
  initMtuProbing(sk);
  syncMss(sk, sk.transport!.layer.pathMtu(sk.dst!));
  sk.advMss = advertisedMss(sk);
  takeRouteCongestion(sk);
  const clamp = lockedClamp(sk, windowClampOf(sk.dst, sk.userWindowClamp));
  initialWindow(settings, tcp.stack.settings.rmemMax, fullSpace(sk), sk.advMss, clamp, initialReceiveWindowOf(sk.dst));
  sk.rcvWnd = initial.window;
  sk.rcvWscale = initial.scale;
  sk.windowClamp = initial.clamp;
  sk.rcvSsthresh = sk.rcvWnd;
  sk.pendingError = 0;
  sk.sndWnd = 0;
  sk.sndWl1 = 0;
  sk.rcvNxt = 0;
  sk.rcvWup = 0;
  sk.copiedSeq = 0;
  sk.rtoUs = TIMEOUT_INIT_US;
  sk.retransmits = 0;
  sk.sndUna = isn;
  sk.sndNxt = isn;
  sk.sndSmall = isn;
  sk.undoPossible = false;
  sk.ecnAsked = asksForEcn(sk);
  sk.ecnOk = false;
  sk.ecnSeen = false;
  sk.ecnDemandCwr = false;
  sk.ecnQueueCwr = false;
  sk.writeSeq = seqAdd(isn, 1);
  sk.pushedSeq = sk.writeSeq;
  sk.cwndUsageSeq = isn;
  sk.queue.headSeq = sk.writeSeq;
  setState(sk, TCP_SYN_SENT);
  sk.retransStartUs = tcp.stack.nowUs;
  sk.sent.append(isn, sk.writeSeq, wire.SYN, MSS_DEFAULT, tcp.stack.nowUs);
  sk.packetsOut = 1;
  sk.sndNxt = sk.writeSeq;
  tcp.stats.ActiveOpens++;
  sk.synFastOpen = data !== null && clientEnabled(sk);
  sk.synData = 0;
  if (data !== null && data.length > 0 && mayOpenFast(sk)) takeSynData(sk, data);
  // Linux: an ECONNREFUSED-like answer from below is reported; what is only lost will be repeated.
  const sent = sendSyn(sk, false, sk.synData);
  if (sent < 0 && sk.dst === null) return sent;
  rearmRto(sk);
  return 0;
}

/** Puts as much of `data` behind the SYN as fits a packet and the least window there is. */
function takeSynData(sk: Tcb, data: Uint8Array): void {
  const count = Math.min(data.length, synRoom(sk));
  if (count === 0) return;
  const seq = sk.writeSeq;
  sk.queue.append(data, 0, count);
  sk.writeSeq = seqAdd(seq, count);
  sk.pushedSeq = sk.writeSeq;
  sk.sent.append(seq, sk.writeSeq, wire.PSH, sk.mssCache, sk.tcp.stack.nowUs);
  sk.packetsOut++;
  sk.sndNxt = sk.writeSeq;
  sk.synData = count;
  sk.bytesSent += count;
  sk.dataSegmentsOut++;
  sk.tcp.stats.TCPOrigDataSent++;
}

/** Takes a peer's SYN options over, for both directions of an open. */
function takePeerOptions(sk: Tcb): void {
  const options = sk.tcp.options;
  const settings = sk.tcp.settings;
  const mss = options.mss === 0 ? MSS_DEFAULT : options.mss;
  sk.mssClamp = sk.userMss !== 0 ? Math.min(sk.userMss, mss) : mss;
  sk.wscaleOk = options.windowScale >= 0 && settings.windowScaling !== 0;
  if (sk.wscaleOk) sk.sndWscale = options.windowScale;
  else {
    sk.sndWscale = 0;
    sk.rcvWscale = 0;
    sk.windowClamp = Math.min(sk.windowClamp, 0xffff);
  }
  sk.sackOk = options.sackPermitted && settings.sack !== 0;
  setTimestamps(sk, options.hasTimestamps && settings.timestamps !== 0);
  if (sk.timestampsOk) {
    sk.tsRecent = options.timestampValue;
    sk.tsRecentStamp = nowSeconds(sk.tcp.stack.nowUs);
  }
}

/** RFC 9293 3.10.7.3: a segment in SYN_SENT. Takes ownership (tcp_rcv_synsent_state_process()). */
export function synSentSegment(sk: Tcb, transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey, endSeq: number): void {
  const tcp = sk.tcp;
  const stack = tcp.stack;
  const options = tcp.options;
  const v = skb.view;
  const at = skb.data;
  const flags = wire.flags(v, at);
  const seq = wire.sequence(v, at);
  if ((flags & wire.ACK) !== 0) {
    const ack = wire.acknowledgment(v, at);
    if (seqLe(ack, sk.sndUna) || seqGt(ack, sk.sndNxt)) {
      // Linux: what the peer has of an old connection may have kept it from looking at the SYN: it goes again soon.
      if (sk.retransmits === 0) armTimer(sk, TIMER_RETRANSMIT, TIMEOUT_MIN_US);
      refuse(transport, skb, key);
      return;
    }
    if (options.hasTimestamps && options.timestampEcho !== 0 && !echoIsOurs(sk)) {
      tcp.stats.PAWSActive++;
      refuse(transport, skb, key);
      return;
    }
    if ((flags & wire.RST) !== 0) {
      receivedReset(sk);
      stack.consume(skb);
      return;
    }
    if ((flags & wire.SYN) === 0) {
      stack.drop(skb, DropReason.TCP_FLAGS);
      return;
    }
    established(sk, skb, seq, endSeq);
    return;
  }
  const pawsFails =
    sk.tsRecentStamp !== 0 &&
    options.hasTimestamps &&
    !pawsAccepts(sk.tsRecent, sk.tsRecentStamp, options.timestampValue, nowSeconds(stack.nowUs), 0);
  if ((flags & wire.RST) !== 0 || (flags & wire.SYN) === 0 || pawsFails) {
    stack.drop(skb, pawsFails ? DropReason.TCP_RFC7323_PAWS : DropReason.TCP_FLAGS);
    return;
  }
  simultaneous(sk, skb, seq);
}

function refuse(transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey): void {
  sendReset(transport, skb, key);
  transport.tcp.stack.drop(skb, DropReason.TCP_INVALID_SEQUENCE);
}

/** RFC 7323 3.2: the echo must be of a SYN of this attempt. */
function echoIsOurs(sk: Tcb): boolean {
  const echo = sk.tcp.options.timestampEcho;
  const first = (Math.floor(sk.sent.head === null ? 0 : sk.sent.head.firstSentUs / 1000) + sk.tsOffset) | 0;
  const now = (sk.tcp.timestampNow + sk.tsOffset) | 0;
  return !seqLt(echo, first) && seqLe(echo, now);
}

/** SYN-ACK for our SYN. */
function established(sk: Tcb, skb: PacketBuffer, seq: number, endSeq: number): void {
  const v = skb.view;
  const stack = sk.tcp.stack;
  const repeated = sk.totalRetrans > 1;
  takePeerOptions(sk);
  if (sk.timestampsOk) sk.advMss -= TIMESTAMPS_ALIGNED;
  sk.ecnOk = sk.ecnAsked && agreedBySynAck(wire.flags(v, skb.data));
  sk.sndWl1 = seq;
  const window = wire.window(v, skb.data);
  sk.rcvNxt = seqAdd(seq, 1);
  sk.rcvWup = sk.rcvNxt;
  if (processAck(sk, skb, endSeq) !== ACK_OK) {
    stack.drop(skb, DropReason.TCP_OLD_ACK);
    return;
  }
  sk.sndWnd = window;
  sk.maxWindow = Math.max(sk.maxWindow, window);
  initMtuProbing(sk);
  syncMss(sk, sk.pmtu);
  initRcvMss(sk);
  sk.copiedSeq = sk.rcvNxt;
  stack.consume(skb);
  const { mss } = sk.tcp.options;
  establish(sk, repeated);
  // The data that goes again has the ACK.
  if (sk.synFastOpen && takeSynAck(sk, mss)) return;
  if (hasUnsent(sk) || sk.deferAccept !== 0 || sk.pingpong) {
    // The ACK of the handshake rides on the data that follows.
    enterQuickAck(sk);
    sk.ackState |= ACK_OWED | ACK_TIMER;
    stack.timers.schedule(sk.delackTimer, stack.nowUs + DELACK_MAX_US);
    pushPending(sk);
  } else sendAck(sk);
}

/** RFC 9293 3.5, figure 8: both ends opened at once; we answer their SYN with SYN-ACK and wait for its ACK. */
function simultaneous(sk: Tcb, skb: PacketBuffer, seq: number): void {
  setState(sk, TCP_SYN_RECV);
  takePeerOptions(sk);
  sk.ecnOk = sk.ecnAsked && (wire.flags(skb.view, skb.data) & ECN_SETUP) === ECN_SETUP;
  sk.rcvNxt = seqAdd(seq, 1);
  sk.copiedSeq = sk.rcvNxt;
  sk.rcvWup = sk.rcvNxt;
  sk.sndWnd = wire.window(skb.view, skb.data);
  sk.sndWl1 = seq;
  sk.maxWindow = sk.sndWnd;
  initMtuProbing(sk);
  syncMss(sk, sk.pmtu);
  initRcvMss(sk);
  sk.tcp.stack.consume(skb);
  sendSyn(sk, true);
  // The SYN-ACK told it in full.
  if (sk.timestampsOk) sk.advMss -= TIMESTAMPS_ALIGNED;
}
