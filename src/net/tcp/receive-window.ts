import { CHECKSUM_PARTIAL, type PacketBuffer } from '../core/packet-buffer.js';
import { MAX_WINDOW, MAX_WSCALE } from './constants.js';
import { seqDiff } from './sequence.js';
import type { TcpSettings } from './settings.js';
import type { Tcb } from './tcb.js';
import { SEGMENT_TRUESIZE } from './unsent-segments.js';

/**
 * What `skb` costs of the receive buffer (skb->truesize): of what another socket of this stack sent, what it cost there; of what came in by a
 * device, what a driver of Linux takes for its size.
 */
export const truesize = (skb: PacketBuffer): number =>
  skb.ipSummed === CHECKSUM_PARTIAL
    ? SEGMENT_TRUESIZE + skb.tail - skb.data
    : skb.device?.receivesLinear
      ? linearTruesize(skb.tail - skb.data)
      : truesizeOf(skb.tail - skb.data);

/** All in one piece of memory, which comes in powers of two: headers, room before them, skb_shared_info behind it; and the sk_buff. */
function linearTruesize(bytes: number): number {
  return bytes <= 1664 ? truesizeOf(bytes) : (1 << (32 - Math.clz32(bytes + 424 - 1))) + 256;
}

export function truesizeOf(bytes: number): number {
  if (bytes <= 448) return 768;
  if (bytes <= 1664) return 2304;
  return 768 + ((bytes + 4095) & ~4095);
}

/** How many bytes of window `space` bytes of buffer stand for; the rest is for overhead (tcp_adv_win_scale). */
export function windowFromSpace(settings: TcpSettings, space: number): number {
  const scale = settings.advWinScale;
  return scale <= 0 ? space >> -scale : space - (space >> scale);
}

/** Room for data now. */
export const freeSpace = (sk: Tcb): number => windowFromSpace(sk.tcp.settings, sk.receiveBuffer - sk.receiveMemory);
/** Room for data in an empty buffer. */
export const fullSpace = (sk: Tcb): number => windowFromSpace(sk.tcp.settings, sk.receiveBuffer);

/** What is left of the window last told (RFC 9293: RCV.WND now). Never negative. */
export function currentWindow(sk: Tcb): number {
  const left = sk.rcvWnd - seqDiff(sk.rcvNxt, sk.rcvWup);
  return Math.max(left, 0);
}

/** A buffer that the user chose bounds the window, and with it the scale (tcp_openreq_init_rwin(), tcp_connect_init()). `clamp` 0: none. */
export function lockedClamp(sk: Tcb, clamp: number): number {
  const full = fullSpace(sk);
  return sk.receiveBufferLocked && (clamp === 0 || clamp > full) ? full : clamp;
}

/** The result of initialWindow(): reused. */
export const initial = { window: 0, scale: 0, clamp: 0 };

/**
 * The first window to offer and the scale for later ones (Linux: tcp_select_initial_window()). The window of a SYN fits its 16
 * bits; the scale is for the largest buffer that this connection may come to have. `segments`: most of the first window, 0: not said.
 */
export function initialWindow(settings: TcpSettings, rmemMax: number, space: number, mss: number, clamp: number, segments: number): void {
  const limit = clamp === 0 ? 0xffff << MAX_WSCALE : clamp;
  let room = Math.min(space, limit);
  if (room > mss && mss > 0) room -= room % mss;
  initial.window = Math.min(room, settings.workaroundSignedWindows !== 0 ? MAX_WINDOW : 0xffff);
  if (segments > 0) initial.window = Math.min(initial.window, segments * mss);
  initial.scale = 0;
  if (settings.windowScaling !== 0) {
    const most = Math.min(Math.max(room, settings.rmem[2], rmemMax), limit);
    initial.scale = Math.min(Math.max(31 - Math.clz32(most) - 15, 0), MAX_WSCALE);
  }
  initial.clamp = Math.min(0xffff << initial.scale, limit);
}

/** RFC 9293 3.8.6.2.2, avoiding the silly window as receiver: the window to offer if nothing was ever promised. */
export function wantedWindow(sk: Tcb): number {
  if (mayShrink(sk)) return shrunkenWindow(sk);
  const all = fullSpace(sk);
  const full = Math.min(sk.windowClamp, all);
  const mss = Math.min(sk.rcvMss, full);
  if (mss <= 0) return 0;
  const now = freeSpace(sk);
  let free = Math.max(now, 0);
  if (free < full >> 1) {
    // The reader is slow: let ACKs be delayed again.
    sk.quick = 0;
    if (sk.tcp.memory.underPressure) sk.rcvSsthresh = Math.min(sk.rcvSsthresh, 4 * sk.advMss);
    free -= free % (1 << sk.rcvWscale);
    // Less than a sixteenth of the buffer or than a segment is no window.
    if (free < all >> 4 || free < mss) return 0;
  }
  if (free > sk.rcvSsthresh) free = sk.rcvSsthresh;
  if (sk.rcvWscale !== 0) return roundUp(free, 1 << sk.rcvWscale);
  // Without scaling the window keeps to multiples of the segment size, and stays where it is for changes below one.
  const window = sk.rcvWnd;
  if (window <= free - mss || window > free) return free - (free % mss);
  if (mss === full && free > window + (full >> 1)) return free;
  return window;
}

const mayShrink = (sk: Tcb): boolean => sk.tcp.settings.shrinkWindow !== 0 && sk.rcvWscale !== 0;

/** What may be shrunk is exact: a multiple of what the scale can tell, and none where that or a segment does not fit (tcp_shrink_window). */
function shrunkenWindow(sk: Tcb): number {
  const all = fullSpace(sk);
  const full = Math.min(sk.windowClamp, all);
  const mss = Math.min(sk.rcvMss, full);
  if (mss <= 0) return 0;
  const unit = 1 << sk.rcvWscale;
  const now = Math.max(freeSpace(sk), 0);
  const free = now - (now % unit);
  if (free < full >> 1) {
    sk.quick = 0;
    if (sk.tcp.memory.underPressure) sk.rcvSsthresh = Math.min(sk.rcvSsthresh, 4 * sk.advMss);
    if (free < all >> 4 || free < mss || free < unit) return 0;
  }
  return free > sk.rcvSsthresh ? roundUp(sk.rcvSsthresh, unit) : free;
}

/** Settles the window of a segment that leaves now and returns its 16-bit field. RFC 9293 3.8.6: what was promised is never taken back. */
export function selectWindow(sk: Tcb): number {
  const stats = sk.tcp.stats;
  const promised = currentWindow(sk);
  let next = wantedWindow(sk);
  if (next < promised && !mayShrink(sk)) {
    if (next === 0) stats.TCPWantZeroWindowAdv++;
    next = roundUp(promised, 1 << sk.rcvWscale);
  }
  const old = sk.rcvWnd;
  sk.rcvWnd = next;
  sk.rcvWup = sk.rcvNxt;
  const most = sk.rcvWscale === 0 && sk.tcp.settings.workaroundSignedWindows !== 0 ? MAX_WINDOW : 0xffff << sk.rcvWscale;
  if (next > most) next = most;
  const field = next >> sk.rcvWscale;
  if (field === 0) {
    if (old !== 0) stats.TCPToZeroWindowAdv++;
  } else if (old === 0) stats.TCPFromZeroWindowAdv++;
  return field;
}

const roundUp = (value: number, unit: number): number => value + ((unit - (value % unit)) % unit);
