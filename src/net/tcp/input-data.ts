import * as wire from '../../wire/tcp.js';
import { DropReason } from '../core/drop-reason.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { RCV_SHUTDOWN, setState, timeWait } from './close.js';
import { TCP_CLOSE_WAIT, TCP_CLOSING, TCP_ESTABLISHED, TCP_FIN_WAIT1, TCP_FIN_WAIT2, TCP_SYN_RECV } from './constants.js';
import { enterQuickAck, noteData } from './delayed-ack.js';
import { sendAck } from './output.js';
import { noteMark, takeCwr } from './ecn.js';
import { growWindow, measureRcvMss, measureRcvRtt } from './receive-buffer.js';
import { joinOutOfOrder, purgeOutOfOrder, queueInOrder, queueOutOfOrder } from './receive-queue.js';
import { currentWindow } from './receive-window.js';
import { clearBlocks, dropReached, noteDuplicate } from './sack-blocks.js';
import { seqAdd, seqGe, seqGt, seqLe, seqLt } from './sequence.js';
import { ACK_NOW, ACK_OWED, keepsOutOfOrder, type Tcb } from './tcb.js';
import { takeUrgent, URGENT_AWAITED } from './urgent.js';

/** Data or FIN that is of no use: the peer is told at once where we are (RFC 9293 3.10.7.4 first). */
function answerOutOfWindow(sk: Tcb, skb: PacketBuffer, reason: DropReason): void {
  enterQuickAck(sk);
  sk.ackState |= ACK_OWED;
  sk.tcp.stack.drop(skb, reason);
}

/**
 * Takes the data and FIN of an acceptable segment (RFC 9293 3.10.7.4 seventh and eighth; tcp_data_queue()). Takes ownership.
 */
export function receiveData(sk: Tcb, skb: PacketBuffer, endSeq: number): void {
  const v = skb.view;
  const at = skb.data;
  const seq = wire.sequence(v, at);
  const flags = wire.flags(v, at);
  const stack = sk.tcp.stack;
  if (sk.ecnOk && (flags & wire.CWR) !== 0) takeCwr(sk, seq !== endSeq);
  if (seq === endSeq) {
    stack.consume(skb);
    return;
  }
  skb.dst = null;
  // A queue of data must not hold what the packet's way here needed.
  if (skb.conntrack !== 0) stack.pool.dropConntrack(skb);
  skb.pull(wire.headerBytes(v, at));
  const bytes = skb.length;
  if (sk.urgentState === URGENT_AWAITED) takeUrgent(sk, skb, skb.data, seq, bytes);
  skb.cb0 = seq;
  skb.cb1 = endSeq;
  skb.cb2 = flags & wire.FIN;
  if (seqLe(endSeq, sk.rcvNxt)) {
    // It was received before: our ACK got lost, or the peer was impatient.
    sk.tcp.stats.DelayedACKLost++;
    noteDuplicate(sk, seq, endSeq);
    answerOutOfWindow(sk, skb, DropReason.TCP_OLD_DATA);
    return;
  }
  const window = currentWindow(sk);
  if (seqGt(seq, sk.rcvNxt)) {
    if (seqGe(seq, seqAdd(sk.rcvNxt, window))) {
      answerOutOfWindow(sk, skb, DropReason.TCP_OVERWINDOW);
      return;
    }
    sk.ackState |= ACK_OWED;
    if (sk.ecnOk) noteMark(sk, sk.transport!.dsField(skb));
    measureRcvMss(sk, skb, bytes, (flags & (wire.PSH | wire.FIN)) !== 0);
    queueOutOfOrder(sk, skb);
    return;
  }
  if (seqLt(seq, sk.rcvNxt)) noteDuplicate(sk, seq, sk.rcvNxt);
  // A FIN alone, too: Linux takes it from 6.12 on.
  if (window === 0) {
    sk.tcp.stats.TCPZeroWindowDrop++;
    answerOutOfWindow(sk, skb, DropReason.TCP_ZEROWINDOW);
    return;
  }
  inOrder(sk, skb, bytes, flags);
}

function inOrder(sk: Tcb, skb: PacketBuffer, bytes: number, flags: number): void {
  let fin = skb.cb2 !== 0;
  const dsField = sk.ecnOk ? sk.transport!.dsField(skb) : 0;
  if (bytes > 0) {
    measureRcvMss(sk, skb, bytes, (flags & (wire.PSH | wire.FIN)) !== 0);
    measureRcvRtt(sk, bytes);
    if (bytes >= 128) growWindow(sk, skb, bytes);
    sk.dataSegmentsIn += skb.gsoSegments === 0 ? 1 : skb.gsoSegments;
  }
  if (!queueInOrder(sk, skb)) {
    // The reader is asked to make room; the peer hears that the window is closed.
    sk.ackState |= ACK_OWED | ACK_NOW;
    sk.tcp.wake(sk);
    return;
  }
  // A FIN alone is no data: before the first, ACKs are not delayed at all.
  if (bytes > 0) {
    noteData(sk);
    if (sk.ecnOk) noteMark(sk, dsField);
  }
  if (fin) purgeOutOfOrder(sk);
  else if (keepsOutOfOrder(sk)) {
    fin = joinOutOfOrder(sk);
    // RFC 5681 4.2: when a gap is filled the sender should know at once.
    if (!keepsOutOfOrder(sk)) sk.ackState |= ACK_NOW;
    dropReached(sk);
  }
  if (fin) receivedFin(sk);
  sk.tcp.wake(sk);
}

/** RFC 9293 3.10.7.4 eighth: the peer has nothing more to send (tcp_fin()). */
export function receivedFin(sk: Tcb): void {
  sk.ackState |= ACK_OWED;
  sk.shutdownMask |= RCV_SHUTDOWN;
  sk.finReceived = true;
  // Linux: nothing more is told by SACK, not even of what came twice.
  clearBlocks(sk);
  sk.duplicatePending = false;
  switch (sk.state) {
    case TCP_SYN_RECV:
    case TCP_ESTABLISHED:
      setState(sk, TCP_CLOSE_WAIT);
      // An answer is likely to follow and to carry the ACK.
      sk.pingpong = true;
      break;
    case TCP_FIN_WAIT1:
      // Both ends closed at once.
      sendAck(sk);
      setState(sk, TCP_CLOSING);
      break;
    case TCP_FIN_WAIT2:
      sendAck(sk);
      timeWait(sk);
      break;
    default:
      break;
  }
}
