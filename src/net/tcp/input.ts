import * as wire from '../../wire/tcp.js';
import { DropReason } from '../core/drop-reason.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { ACK_OLD, ACK_TOO_OLD, processAck } from './ack.js';
import { BUFFER_LIMITED, chronoStop } from './chrono.js';
import { challengeAck, tooSoon } from './challenge.js';
import { done, finTimeUs, RCV_SHUTDOWN, receivedReset, SEND_SHUTDOWN, setState, timeWait } from './close.js';
import { synSentSegment } from './connect.js';
import {
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_LAST_ACK,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TIMEWAIT_US,
} from './constants.js';
import { enterQuickAck, settleAck } from './delayed-ack.js';
import type { ConnectionKey } from './demux.js';
import { resetOutOfOrder } from './fastopen-blackhole.js';
import { completeFastOpen, isSynAgain, repeatFastOpen } from './fastopen-handshake.js';
import { establish } from './establish.js';
import { receiveData } from './input-data.js';
import { saveMetrics } from './metrics.js';
import { hasUnsent, pushPending, sendAck } from './output.js';
import { growSendBuffer, mayGrowSendBuffer } from './receive-buffer.js';
import { currentWindow } from './receive-window.js';
import { updatePacingRate } from './pacing.js';
import { sendReset } from './reply.js';
import { noteDuplicate } from './sack-blocks.js';
import { seqAdd, seqDiff, seqGe, seqGt, seqLt, seqMin } from './sequence.js';
import type { Tcb } from './tcb.js';
import { pawsRejects } from './timestamps.js';
import { armKeepalive, keepaliveTimeUs } from './timers.js';
import type { TcpTransport } from './transport.js';
import { l3DomainOfIndex } from '../core/l3mdev.js';
import { noteUrgent } from './urgent.js';
import { isWritable } from './user-send.js';

/** A segment for a connection that has a socket; options are read, checksum holds. Takes ownership. */
export function socketSegment(sk: Tcb, transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey, endSeq: number): void {
  sk.segmentsIn += skb.gsoSegments === 0 ? 1 : skb.gsoSegments;
  sk.incomingCpu = 0;
  if (sk.state === TCP_SYN_SENT) {
    synSentSegment(sk, transport, skb, key, endSeq);
    return;
  }
  if (sk.state === TCP_CLOSE) {
    sendReset(transport, skb, key);
    sk.tcp.stack.drop(skb, DropReason.TCP_CLOSE);
    return;
  }
  if (sk.fastOpenRequest !== null && isSynAgain(sk, wire.flags(skb.view, skb.data), wire.sequence(skb.view, skb.data))) {
    repeatFastOpen(sk);
    sk.tcp.stack.consume(skb);
    return;
  }
  if (!acceptable(sk, skb, endSeq)) return;
  const v = skb.view;
  const flags = wire.flags(v, skb.data);
  if ((flags & wire.ACK) === 0) {
    sk.tcp.stack.drop(skb, DropReason.TCP_FLAGS);
    return;
  }
  if (!acknowledgment(sk, transport, skb, key, endSeq)) return;
  if ((flags & wire.URG) !== 0) noteUrgent(sk, wire.sequence(v, skb.data), wire.urgentPointer(v, skb.data));
  if (!segmentText(sk, transport, skb, key, endSeq)) return;
  if (sk.state !== TCP_CLOSE) afterSegment(sk);
}

/** What may leave now, room for the user, and the ACK that is owed (tcp_data_snd_check(), tcp_ack_snd_check()). */
export function afterSegment(sk: Tcb): void {
  if (hasUnsent(sk)) pushPending(sk);
  if (sk.noSpace) checkSpace(sk);
  settleAck(sk);
}

/** The user was told to wait: is there room again, a third of the buffer as Linux wants it? */
function checkSpace(sk: Tcb): void {
  if (mayGrowSendBuffer(sk)) growSendBuffer(sk);
  if (!isWritable(sk)) return;
  sk.noSpace = false;
  chronoStop(sk, BUFFER_LIMITED);
  sk.tcp.wake(sk);
}

/** RFC 9293 3.10.7.4 first to fourth, RFC 5961, RFC 7323 5 (tcp_validate_incoming()). False: the segment is used up. */
function acceptable(sk: Tcb, skb: PacketBuffer, endSeq: number): boolean {
  const tcp = sk.tcp;
  const v = skb.view;
  const at = skb.data;
  const flags = wire.flags(v, at);
  const seq = wire.sequence(v, at);
  const reset = (flags & wire.RST) !== 0;
  const duplicate = seq === endSeq && seq === sk.rcvNxt && (flags & wire.ACK) !== 0 && wire.acknowledgment(v, at) === sk.sndUna;
  if (!reset && pawsRejects(sk, duplicate)) {
    tcp.stats.PAWSEstab++;
    answerDuplicate(sk, seq, endSeq, flags, 'TCPACKSkippedPAWS');
    tcp.stack.drop(skb, DropReason.TCP_RFC7323_PAWS);
    return false;
  }
  // Linux: tcp_sequence(); what overlaps the window at all is looked at.
  if (seqLt(endSeq, sk.rcvWup) || seqGt(seq, seqAdd(sk.rcvNxt, currentWindow(sk)))) {
    if (!reset) {
      if ((flags & wire.SYN) !== 0) synChallenge(sk);
      else answerDuplicate(sk, seq, endSeq, flags, 'TCPACKSkippedSeq');
    } else if (resetAfterFin(sk, seq)) receivedReset(sk);
    tcp.stack.drop(skb, DropReason.TCP_INVALID_SEQUENCE);
    return false;
  }
  if (reset) {
    // RFC 5961 3.2: exactly at RCV.NXT, or it is asked back.
    if (seq === sk.rcvNxt || resetAfterFin(sk, seq)) receivedReset(sk);
    else {
      resetOutOfOrder(sk);
      challengeAck(sk);
    }
    tcp.stack.drop(skb, DropReason.TCP_RESET);
    return false;
  }
  if ((flags & wire.SYN) !== 0) {
    synChallenge(sk);
    tcp.stack.drop(skb, DropReason.TCP_INVALID_SYN);
    return false;
  }
  return true;
}

/** RFC 5961 4.2 */
function synChallenge(sk: Tcb): void {
  sk.tcp.stats.TCPSYNChallenge++;
  challengeAck(sk);
}

/** Linux: tcp_reset_check(): some stacks number the reset that follows their FIN as if the FIN had not been. */
function resetAfterFin(sk: Tcb, seq: number): boolean {
  return seq === seqAdd(sk.rcvNxt, -1) && (sk.state === TCP_CLOSE_WAIT || sk.state === TCP_LAST_ACK || sk.state === TCP_CLOSING);
}

/** An ACK for a segment that lies outside: at once for data, seldom for what has none (tcp_send_dupack()). */
function answerDuplicate(sk: Tcb, seq: number, endSeq: number, flags: number, counter: 'TCPACKSkippedPAWS' | 'TCPACKSkippedSeq'): void {
  const hasData = seq !== endSeq && (flags & wire.SYN) === 0;
  if (!hasData) {
    if (tooSoon(sk.tcp, sk.lastOutOfWindowUs, counter)) return;
    sk.lastOutOfWindowUs = sk.tcp.stack.nowUs;
  }
  if (seq !== endSeq && seqLt(seq, sk.rcvNxt)) {
    sk.tcp.stats.DelayedACKLost++;
    enterQuickAck(sk);
    noteDuplicate(sk, seq, seqMin(endSeq, sk.rcvNxt));
  }
  sendAck(sk);
}

/** RFC 9293 3.10.7.4 fifth: the ACK field and what it means for the state. False: the segment is used up. */
function acknowledgment(sk: Tcb, transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey, endSeq: number): boolean {
  const tcp = sk.tcp;
  const result = processAck(sk, skb, endSeq);
  if (sk.state === TCP_ESTABLISHED) {
    if (result >= 0) return true;
    // RFC 5961 5.2 in Linux's reading: an ACK of what was never sent is dropped without an answer.
    tcp.stack.drop(skb, result === ACK_TOO_OLD ? DropReason.TCP_TOO_OLD_ACK : DropReason.TCP_ACK_UNSENT_DATA);
    return false;
  }
  // An old one may come with the peer's FIN, which was overtaken.
  if (result < 0 || (result === ACK_OLD && sk.state === TCP_SYN_RECV)) {
    if (sk.state === TCP_SYN_RECV) sendReset(transport, skb, key);
    else if (result !== ACK_TOO_OLD) challengeAck(sk);
    tcp.stack.drop(skb, DropReason.TCP_OLD_ACK);
    return false;
  }
  const early = sk.fastOpenRequest !== null;
  if (early) completeFastOpen(sk);
  const finAcknowledged = sk.finQueued && sk.sndUna === sk.writeSeq;
  switch (sk.state) {
    case TCP_SYN_RECV:
      if (early) fastOpenDone(sk, skb);
      else synReceivedDone(sk, skb);
      return true;
    case TCP_FIN_WAIT1:
      return !finAcknowledged || finWait2(sk, skb, endSeq);
    case TCP_CLOSING:
      if (!finAcknowledged) return true;
      timeWait(sk);
      break;
    case TCP_LAST_ACK:
      if (!finAcknowledged) return true;
      saveMetrics(sk);
      done(sk);
      break;
    default:
      return true;
  }
  tcp.stack.consume(skb);
  return false;
}

/** The last ACK of the handshake, of a passive or a simultaneous open. */
function synReceivedDone(sk: Tcb, skb: PacketBuffer): void {
  const v = skb.view;
  const seq = wire.sequence(v, skb.data);
  const repeated = sk.totalRetrans > 1;
  sk.sndWnd = wire.window(v, skb.data) << sk.sndWscale;
  sk.sndWl1 = seq;
  sk.maxWindow = Math.max(sk.maxWindow, sk.sndWnd);
  establish(sk, repeated);
  if (sk.congestion.control === undefined) updatePacingRate(sk);
}

/** The same for a connection that went on without it. */
function fastOpenDone(sk: Tcb, skb: PacketBuffer): void {
  sk.sndWnd = wire.window(skb.view, skb.data) << sk.sndWscale;
  sk.maxWindow = Math.max(sk.maxWindow, sk.sndWnd);
  setState(sk, TCP_ESTABLISHED);
  if (sk.keepAlive) armKeepalive(sk, keepaliveTimeUs(sk));
  sk.tcp.wake(sk);
}

/** Our FIN is acknowledged. False: the connection went on without a socket, or is over. */
function finWait2(sk: Tcb, skb: PacketBuffer, endSeq: number): boolean {
  const tcp = sk.tcp;
  setState(sk, TCP_FIN_WAIT2);
  sk.shutdownMask |= SEND_SHUTDOWN;
  if (!sk.orphan) {
    tcp.wake(sk);
    return true;
  }
  const fin = (wire.flags(skb.view, skb.data) & wire.FIN) !== 0;
  const news = seqGt(seqAdd(endSeq, fin ? -1 : 0), sk.rcvNxt);
  if (sk.linger2 < 0 || news) {
    tcp.stats.TCPAbortOnData++;
    sendReset(sk.transport!, skb, tcp.key.set(sk.local, sk.remote, l3DomainOfIndex(sk.namespace, sk.boundIfindex)));
    done(sk);
    tcp.stack.drop(skb, DropReason.TCP_CLOSE);
    return false;
  }
  const waitUs = finTimeUs(sk);
  if (waitUs > TIMEWAIT_US) armKeepalive(sk, waitUs - TIMEWAIT_US);
  else if (fin) armKeepalive(sk, waitUs);
  else {
    timeWait(sk, TCP_FIN_WAIT2, waitUs);
    tcp.stack.consume(skb);
    return false;
  }
  return true;
}

const DATA_STATES = (1 << TCP_ESTABLISHED) | (1 << TCP_FIN_WAIT1) | (1 << TCP_FIN_WAIT2);

/** RFC 9293 3.10.7.4 seventh: data. False: the connection was reset over it. */
function segmentText(sk: Tcb, transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey, endSeq: number): boolean {
  const seq = wire.sequence(skb.view, skb.data);
  const state = sk.state;
  // After the peer's FIN only what repeats old data is of interest: it is answered.
  if (((1 << state) & DATA_STATES) === 0 && seqGe(seq, sk.rcvNxt)) {
    sk.tcp.stack.consume(skb);
    return true;
  }
  if (state !== TCP_ESTABLISHED && (sk.shutdownMask & RCV_SHUTDOWN) !== 0 && !sk.finReceived) {
    // RFC 9293 3.6.1: nobody will read it, so the peer learns that it is lost.
    const fin = wire.flags(skb.view, skb.data) & wire.FIN;
    if (seqDiff(endSeq, seq) > 0 && seqGt(seqAdd(endSeq, -fin), sk.rcvNxt)) {
      sk.tcp.stats.TCPAbortOnData++;
      sendReset(transport, skb, key);
      receivedReset(sk);
      sk.tcp.stack.drop(skb, DropReason.TCP_CLOSE);
      return false;
    }
  }
  receiveData(sk, skb, endSeq);
  return true;
}
