import type { PacketBuffer } from '../core/packet-buffer.js';
import { MIN_MSS, MSS_DEFAULT } from './constants.js';
import { packetsInFlight } from './in-flight.js';
import { underPressure } from './memory.js';
import { freeSpace, fullSpace, truesize, windowFromSpace } from './receive-window.js';
import { seqAdd, seqDiff, seqLt } from './sequence.js';
import { ACK_PUSHED, ACK_PUSHED2, type Tcb } from './tcb.js';

// How much the receiver lets the sender send: estimates of the peer's segment size and of the round trip time as seen from here,
// growth of the window with what the buffer can really hold, growth of the buffer with what the user really reads.

/** Before any data came (tcp_initialize_rcv_mss()). */
export function initRcvMss(sk: Tcb): void {
  const hint = Math.min(sk.advMss, sk.mssCache, sk.rcvWnd >> 1, MSS_DEFAULT);
  sk.rcvMss = Math.max(hint, MIN_MSS);
}

/** Learns the peer's segment size, by which ACKs and the window are measured (tcp_measure_rcv_mss()). */
export function measureRcvMss(sk: Tcb, skb: PacketBuffer, bytes: number, pushed: boolean): void {
  const last = sk.lastSegmentBytes;
  sk.lastSegmentBytes = 0;
  const size = skb.gsoSize !== 0 ? skb.gsoSize : bytes;
  if (size >= sk.rcvMss) {
    sk.rcvMss = Math.min(size, sk.advMss);
    return;
  }
  // A smaller one counts once it came twice in a row and does not look like the tail of something.
  if (size >= MSS_DEFAULT - sk.optionBytes || (size >= MIN_MSS - sk.optionBytes && !pushed)) {
    sk.lastSegmentBytes = size;
    if (size === last) {
      sk.rcvMss = size;
      return;
    }
  }
  if ((sk.ackState & ACK_PUSHED) !== 0) sk.ackState |= ACK_PUSHED2;
  sk.ackState |= ACK_PUSHED;
}

/** The window follows what came: twice as fast as the data, while segments fill the memory they take (tcp_grow_window()). */
export function growWindow(sk: Tcb, skb: PacketBuffer, bytes: number): void {
  const room = Math.min(sk.windowClamp, freeSpace(sk)) - sk.rcvSsthresh;
  if (room <= 0 || underPressure(sk)) return;
  const settings = sk.tcp.settings;
  let window = windowFromSpace(settings, truesize(skb));
  let increase = 0;
  if (window <= bytes) increase = 2 * sk.advMss;
  else {
    // Wasteful segments let it grow only while the buffer is mostly empty.
    window >>= 1;
    for (let all = windowFromSpace(settings, settings.rmem[2]) >> 1; sk.rcvSsthresh <= all; all >>= 1, window >>= 1) {
      if (window <= bytes) {
        increase = 2 * sk.rcvMss;
        break;
      }
    }
  }
  if (increase === 0) return;
  sk.rcvSsthresh += Math.min(room, Math.max(increase, 2 * bytes));
  sk.quick |= 1;
}

/** A new connection: buffers as large as the settings and the first window want them (tcp_init_buffer_space()). */
export function initBufferSpace(sk: Tcb): void {
  if (!sk.sendBufferLocked) growSendBuffer(sk);
  sk.spaceBytes = Math.min(sk.rcvWnd, 10 * sk.advMss);
  sk.spaceSeq = sk.copiedSeq;
  sk.spaceStampUs = sk.tcp.stack.nowUs;
  const most = fullSpace(sk);
  const { appWin } = sk.tcp.settings;
  if (sk.windowClamp >= most) {
    sk.windowClamp = most;
    if (appWin !== 0 && most > 4 * sk.advMss) sk.windowClamp = Math.max(most - (most >> appWin), 4 * sk.advMss);
  }
  // One segment is kept back, so that a window that is full of tiny ones can still take a whole one.
  if (appWin !== 0 && sk.windowClamp > 2 * sk.advMss && sk.windowClamp + sk.advMss > most)
    sk.windowClamp = Math.max(2 * sk.advMss, most - sk.advMss);
  sk.rcvSsthresh = Math.min(sk.rcvSsthresh, sk.windowClamp);
  sk.cwndStampUs = sk.tcp.stack.nowUs;
}

/** Whether a larger send buffer is of use, and there is memory for it (tcp_should_expand_sndbuf()). */
export function mayGrowSendBuffer(sk: Tcb): boolean {
  const { memory } = sk.tcp;
  return !sk.sendBufferLocked && !memory.underPressure && memory.allocated < memory.limits[0] && packetsInFlight(sk) < sk.cwnd;
}

/** The send buffer holds two windows of full segments (tcp_sndbuf_expand()). */
export function growSendBuffer(sk: Tcb): void {
  const segment = (1 << (32 - Math.clz32(Math.max(sk.mssClamp, sk.mssCache) + 320 + 320 - 1))) + 256;
  const want = 2 * segment * Math.max(10, sk.cwnd, sk.reordering + 1);
  if (sk.sendBuffer < want) sk.sendBuffer = Math.min(want, sk.tcp.settings.wmem[2]);
}

/** The round trip time as the receiver sees it: by the echo of our timestamps, else by the time a window takes. */
export function measureRcvRtt(sk: Tcb, bytes: number): void {
  const nowUs = sk.tcp.stack.nowUs;
  const options = sk.tcp.options;
  if (sk.timestampsOk && options.hasTimestamps && options.timestampEcho !== 0) {
    if (options.timestampEcho === sk.rcvRttLastEcho || bytes < sk.rcvMss) return;
    sk.rcvRttLastEcho = options.timestampEcho;
    const ms = seqDiff((sk.tcp.timestampNow + sk.tsOffset) | 0, options.timestampEcho);
    if (ms >= 0) takeRcvRtt(sk, Math.max(ms, 1) * 1000, false);
    return;
  }
  if (sk.rcvRttStampUs !== 0) {
    if (seqLt(sk.rcvNxt, sk.rcvRttSeq)) return;
    takeRcvRtt(sk, Math.max(nowUs - sk.rcvRttStampUs, 1), true);
  }
  sk.rcvRttSeq = seqAdd(sk.rcvNxt, sk.rcvWnd);
  sk.rcvRttStampUs = nowUs;
}

function takeRcvRtt(sk: Tcb, sampleUs: number, windowBased: boolean): void {
  if (sk.rcvRtt8 === 0) {
    sk.rcvRtt8 = sampleUs * 8;
    return;
  }
  // A window takes a round trip at least: of those the smallest counts.
  if (windowBased) sk.rcvRtt8 = Math.min(sk.rcvRtt8, sampleUs * 8);
  else sk.rcvRtt8 += sampleUs - sk.rcvRtt8 / 8;
}

/**
 * Once a round trip: the buffer grows to hold twice what the user read in the last one, and more while that increases
 * (dynamic right-sizing; Linux: tcp_rcv_space_adjust()).
 */
export function adjustReceiveSpace(sk: Tcb): void {
  const nowUs = sk.tcp.stack.nowUs;
  if (sk.rcvRtt8 === 0 || nowUs - sk.spaceStampUs < sk.rcvRtt8 / 8) return;
  const copied = seqDiff(sk.copiedSeq, sk.spaceSeq);
  if (copied > sk.spaceBytes) {
    const settings = sk.tcp.settings;
    if (settings.moderateRcvbuf !== 0 && !sk.receiveBufferLocked) {
      let window = 2 * copied + 16 * sk.advMss;
      window += 2 * Math.floor((window * (copied - sk.spaceBytes)) / sk.spaceBytes);
      // The overhead that a segment of this size has.
      let perSegment = sk.advMss + 320 + 576;
      while (windowFromSpace(settings, perSegment) < sk.advMss) perSegment += 128;
      const buffer = Math.min(Math.ceil(window / sk.advMss) * perSegment, settings.rmem[2]);
      if (buffer > sk.receiveBuffer) {
        sk.receiveBuffer = buffer;
        sk.windowClamp = Math.min(windowFromSpace(settings, buffer), sk.userWindowClamp || 0x7fff_ffff, 0xffff << sk.rcvWscale);
      }
    }
    sk.spaceBytes = copied;
  }
  sk.spaceSeq = sk.copiedSeq;
  sk.spaceStampUs = nowUs;
}
