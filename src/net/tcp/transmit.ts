import { FLOWLABEL_MASK } from '../ipv6/flow-label.js';
import { ENOBUFS } from '../../base/errno.js';
import { fold, sum } from '../../wire/checksum.js';
import * as wire from '../../wire/tcp.js';
import { NETIF_F_HW_CSUM } from '../core/device.js';
import type { Dst } from '../core/dst.js';
import { DropReason } from '../core/drop-reason.js';
import type { Flow } from '../core/flow.js';
import { CHECKSUM_PARTIAL, type PacketBuffer } from '../core/packet-buffer.js';
import { payloadLeftOut } from '../core/payload.js';
import { ATO_MIN_US } from './constants.js';
import { writeTimestamps } from './options.js';
import { MD5_BYTES, signSegment } from './md5.js';
import { pacedSend } from './pacing.js';
import { selectWindow } from './receive-window.js';
import { ensureRoute, flowOf } from './route.js';
import { sackBytes, writeSack } from './sack-blocks.js';
import { seqLt } from './sequence.js';
import { ACK_TIMER, type Tcb } from './tcb.js';
import type { TcpTransport } from './transport.js';

const ECT_0 = 2;

/** Below this a copy costs less than a further piece does. */
const LEAST_LEFT_OUT = 4096;

/**
 * Puts the checksum into the segment at `skb.data`, or leaves it to the device, and hands it to the internet layer.
 * 0 or a negative errno.
 */
export function sendSegment(transport: TcpTransport, skb: PacketBuffer, dst: Dst, flow: Flow): number {
  const bytes = skb.length;
  const at = skb.data;
  const pseudo = transport.layer.pseudoHeaderSum(flow, wire.PROTOCOL, bytes);
  skb.transportHeader = at;
  if ((dst.device!.features & NETIF_F_HW_CSUM) !== 0) {
    skb.ipSummed = CHECKSUM_PARTIAL;
    skb.csumStart = at;
    skb.csumOffset = wire.CHECKSUM_OFFSET;
    skb.view.setUint16(at + wire.CHECKSUM_OFFSET, fold(pseudo));
  } else skb.view.setUint16(at + wire.CHECKSUM_OFFSET, ~fold(sum(skb.view, at, bytes, pseudo)) & 0xffff);
  transport.tcp.stats.OutSegs += skb.gsoSegments === 0 ? 1 : skb.gsoSegments;
  return transport.layer.output(skb, dst, flow, transport.tcp.header);
}

/**
 * Sends one segment of an established (or once established) connection: `bytes` of the send queue from `seq` on, cut by the
 * device into packets of `mss` if it is longer. Window, ACK number and timestamps are those of now. 0, a negative errno, or NET_XMIT_DROP.
 */
export function transmit(sk: Tcb, seq: number, bytes: number, flags: number, mss: number): number {
  const error = ensureRoute(sk);
  if (error !== 0) return error;
  const tcp = sk.tcp;
  const transport = sk.transport!;
  const dst = sk.dst!;
  if (dst.device!.queue?.paces === true) sk.paced = true;
  const sack = (flags & wire.SYN) === 0 ? sackBytes(sk) : 0;
  const headerBytes = wire.HEADER + sk.optionBytes + sack;
  const leftOut = bytes >= LEAST_LEFT_OUT && mayLeaveOut(sk, dst, transport);
  const skb = tcp.stack.pool.allocate(leftOut ? headerBytes : headerBytes + bytes);
  if (skb === null) {
    tcp.stack.drops[DropReason.NOMEM]!++;
    return -ENOBUFS;
  }
  const at = skb.put(headerBytes + bytes);
  const v = skb.view;
  let urgent = 0;
  // Linux: __tcp_transmit_skb() pushes all super-packets, for the sake of GRO at the peer.
  let bits = bytes > mss ? flags | wire.PSH : flags;
  if (sk.urgentMode) {
    // RFC 9293 3.8.5: the pointer leads behind the urgent byte, if it lies within reach of 16 bits.
    const ahead = (sk.sndUrgent - seq) | 0;
    if (ahead > 0 && ahead <= 0xffff) {
      urgent = ahead;
      bits |= wire.URG;
    }
  }
  // RFC 3168 6.1.5: only data that was never sent before is ECN-capable.
  let codepoint = 0;
  if (sk.ecnOk) {
    if (bytes > 0 && !seqLt(seq, sk.sndNxt)) {
      codepoint = ECT_0;
      if (sk.ecnQueueCwr) {
        sk.ecnQueueCwr = false;
        bits |= wire.CWR;
      }
    }
    if (sk.ecnDemandCwr) bits |= wire.ECE;
  }
  wire.write(v, at, sk.local.port, sk.remote.port, seq, sk.rcvNxt, headerBytes >> 2, bits, selectWindow(sk), urgent);
  if (sk.timestampsOk)
    writeTimestamps(v, at + wire.HEADER + (sk.md5Key === null ? 0 : MD5_BYTES), (tcp.timestampNow + sk.tsOffset) | 0, sk.tsRecent);
  if (sack > 0) writeSack(sk, v, at + wire.HEADER + sk.optionBytes, sack);
  if (leftOut) {
    skb.payload = sk.queue;
    skb.payloadSeq = seq;
    skb.payloadBytes = bytes;
  } else if (bytes > 0) sk.queue.copyTo(seq, skb.bytes, at + headerBytes, bytes);
  if (sk.md5Key !== null) signSegment(transport, sk.md5Key, skb, at + wire.HEADER, sk.local.words, sk.remote.words);
  let packets = 1;
  if (bytes > mss) {
    packets = Math.ceil(bytes / mss);
    skb.gsoType = transport.gsoType;
    skb.gsoSize = mss;
    skb.gsoSegments = packets;
  }
  finishHeader(sk, skb, codepoint);
  if ((bits & wire.ACK) !== 0) ackSent(sk, packets);
  if (bytes > 0) {
    dataSent(sk);
    sk.bytesSent += bytes;
    sk.dataSegmentsOut += packets;
    pacedSend(sk, skb.length);
  }
  sk.segmentsOut += packets;
  const result = sendSegment(transport, skb, dst, flowOf(sk));
  // The queue below is full: as after a congestion mark.
  if (result > 0) tcp.upper.congested(sk);
  return result;
}

/** The payload of a super-packet stays in the send queue, where the device takes it from. */
const mayLeaveOut = (sk: Tcb, dst: Dst, transport: TcpTransport): boolean =>
  sk.md5Key === null &&
  payloadLeftOut(dst.device!) &&
  (dst.device!.features & NETIF_F_HW_CSUM) !== 0 &&
  (dst.device!.features & transport.tsoFeature) !== 0 &&
  !transport.layer.looksAtOutput;

/** What the socket's options say of packet and network header; `codepoint`: of ECN. */
export function finishHeader(sk: Tcb, skb: PacketBuffer, codepoint = 0): void {
  const header = sk.tcp.header;
  header.ttl = Math.max(sk.ttl, 0);
  header.tos = sk.tos | codepoint;
  header.dontFragment = sk.dontFragment;
  header.options = sk.ipOptions;
  header.id = sk.ipId;
  header.flowLabel = sk.flowLabels === null ? 0 : sk.flowLabels.label & FLOWLABEL_MASK;
  header.autoFlowLabel = sk.autoFlowLabel;
  header.flowHash = sk.txHash;
  sk.ipId = (sk.ipId + Math.max(1, skb.gsoSegments)) & 0xffff;
  skb.mark = sk.mark;
  skb.priority = sk.priority;
  skb.socket = sk;
}

/** An ACK left: nothing is owed any more (Linux: tcp_event_ack_sent()). */
export function ackSent(sk: Tcb, packets: number): void {
  if (sk.quick > 0) {
    if (packets >= sk.quick) {
      sk.quick = 0;
      sk.atoUs = ATO_MIN_US;
    } else sk.quick -= packets;
  }
  if ((sk.ackState & ACK_TIMER) !== 0) sk.tcp.stack.timers.cancel(sk.delackTimer);
  sk.ackState = 0;
  if (sk.compressedAcks > 0) {
    sk.tcp.stats.TCPAckCompressed += sk.compressedAcks;
    sk.compressedAcks = 0;
  }
  if (sk.compressTimer !== null) sk.tcp.stack.timers.cancel(sk.compressTimer);
}

/** Data left: an answer soon after data came makes the connection an interactive one, whose ACKs wait for answers. */
function dataSent(sk: Tcb): void {
  const nowUs = sk.tcp.stack.nowUs;
  if (sk.packetsOut === 0) sk.congestion.idleEnded?.(sk, nowUs - sk.lastSentUs);
  sk.lastSentUs = nowUs;
  if (nowUs - sk.lastReceivedUs < sk.atoUs) sk.pingpong = true;
}
