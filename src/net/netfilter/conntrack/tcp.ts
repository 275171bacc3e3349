import * as tcp from '../../../wire/tcp.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import { seqGe, seqGt, seqLe, seqLt } from '../../tcp/sequence.js';
import type { Conntrack } from './conntrack.js';
import {
  directionOf,
  IPCT_ASSURED,
  IPCT_PROTOINFO,
  IPS_ASSURED,
  IPS_SEEN_REPLY,
  IPS_SEQ_ADJUST,
  STATE,
  STATUS,
  TCP_DIRECTION_WORDS,
  TCP_LAST,
  TCP_LAST_END,
  TCP_LAST_SEQ,
  TCP_LAST_WINDOW,
  TCP_MAX_ACK,
  TCP_SENT,
} from './layout.js';
import { ACCEPT, type ConntrackProtocol, INVALID, REPEAT } from './protocol.js';
import { IPPROTO_TCP } from './tuple.js';

// enum tcp_conntrack
export const NONE = 0;
export const SYN_SENT = 1;
export const SYN_RECV = 2;
export const ESTABLISHED = 3;
export const FIN_WAIT = 4;
export const CLOSE_WAIT = 5;
export const LAST_ACK = 6;
export const TIME_WAIT = 7;
export const CLOSE = 8;
export const SYN_SENT2 = 9;
/** Not states, but timeouts that a policy has behind them. */
const TIMEOUT_RETRANS = 10;
const TIMEOUT_UNACK = 11;
/** Not a state: the packet belongs to no connection, or tells nothing about it. */
const BAD = 10;
const IGNORED = 11;

export const stateNames = [
  'NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2',
]; // biome-ignore format: a table

// What a packet is, by the flag that says most.
const IS_SYN = 0;
const IS_SYNACK = 1;
const IS_FIN = 2;
const IS_ACK = 3;
const IS_RST = 4;
const IS_OTHER = 5;

/**
 * Where a packet leads from each state, as seen from the middle: a letter a state, in their order (N none, s SYN_SENT, r SYN_RECV,
 * E established, F FIN_WAIT, W CLOSE_WAIT, L LAST_ACK, T TIME_WAIT, C close, 2 both opened, x bad, . ignored).
 */
const letters = 'NsrEFWLTC2x.';
const original = ['ss.....ss2', 'xxrxxxxxxr', 'xxFFLLLTCx', 'ExEEWWTTCx', 'xCCCCCCCCC', 'xxxxxxxxxx'];
const reply = ['x2xxxxxsx2', 'xr.......r', 'xxFFLLLTCx', 'x.rEWWTTC.', 'xCCCCCCCCC', 'xxxxxxxxxx'];
const transitions = Uint8Array.from([...original, ...reply].flatMap((row) => [...row].map((letter) => letters.indexOf(letter))));
const STATES = 10;
const KINDS = 6;

// Flags of a direction.
export const FLAG_WINDOW_SCALE = 0x01;
export const FLAG_SACK_PERM = 0x02;
export const FLAG_CLOSE_INIT = 0x04;
export const FLAG_BE_LIBERAL = 0x08;
const FLAG_DATA_UNACKNOWLEDGED = 0x10;
const FLAG_MAXACK_SET = 0x20;

// Of a direction's words.
const END = 0;
const MAX_END = 1;
const MAX_WINDOW = 2;
const FLAGS = 3;

const MAX_SCALE = 14;
/** What a receiver may be behind with its acknowledgments at least (MAXACKWINCONST). */
const MAX_ACK_WINDOW = 66_000;

function kindOf(flags: number): number {
  if ((flags & tcp.RST) !== 0) return IS_RST;
  if ((flags & tcp.SYN) !== 0) return (flags & tcp.ACK) !== 0 ? IS_SYNACK : IS_SYN;
  if ((flags & tcp.FIN) !== 0) return IS_FIN;
  return (flags & tcp.ACK) !== 0 ? IS_ACK : IS_OTHER;
}

/** Combinations of flags that a sane TCP sends (PSH, ECE and CWR aside). Linux: tcp_valid_flags */
function saneFlags(flags: number): boolean {
  const f = flags & (tcp.FIN | tcp.SYN | tcp.RST | tcp.ACK | tcp.URG);
  if ((f & tcp.SYN) !== 0) return (f & (tcp.FIN | tcp.RST)) === 0;
  if ((f & tcp.RST) !== 0) return (f & (tcp.FIN | tcp.URG)) === 0;
  return (f & tcp.ACK) !== 0;
}

/** What the options of the packet in hand say. */
const options = { scale: 0, flags: 0, sack: 0, hasSack: false };

/** Linux: tcp_options() and tcp_sack() */
function readOptions(v: DataView, at: number, end: number): void {
  options.scale = 0;
  options.flags = 0;
  options.hasSack = false;
  for (let i = at; i < end; ) {
    const kind = v.getUint8(i);
    if (kind === tcp.OPTION_END) return;
    if (kind === tcp.OPTION_NOP) {
      i++;
      continue;
    }
    const length = i + 1 < end ? v.getUint8(i + 1) : 0;
    if (length < 2 || i + length > end) return;
    if (kind === tcp.OPTION_SACK_PERMITTED && length === 2) options.flags |= FLAG_SACK_PERM;
    else if (kind === tcp.OPTION_WINDOW_SCALE && length === 3) {
      options.scale = Math.min(v.getUint8(i + 2), MAX_SCALE);
      options.flags |= FLAG_WINDOW_SCALE;
    } else if (kind === tcp.OPTION_SACK)
      for (let block = i + 2; block + 8 <= i + length; block += 8) {
        const right = v.getInt32(block + 4);
        if (!options.hasSack || seqGt(right, options.sack)) options.sack = right;
        options.hasSack = true;
      }
    i += length;
  }
}

/** TCP, RFC 9293, as one in the middle sees it. The windows are judged as in G. van Rooij, "Real Stateful TCP Packet Filtering in IP Filter". */
export const tcpProtocol: ConntrackProtocol = {
  protocol: IPPROTO_TCP,
  isNew,
  packet,
  timeout: (conntrack) => conntrack.settings.tcpTimeouts[SYN_SENT]!,
};

const segmentBytes = (skb: PacketBuffer, at: number, flags: number): number =>
  skb.tail - at - tcp.headerBytes(skb.view, at) + ((flags & tcp.SYN) !== 0 ? 1 : 0) + ((flags & tcp.FIN) !== 0 ? 1 : 0);

/** Whether a connection may begin with this packet, and what is known from it. Linux: tcp_new() */
function isNew(conntrack: Conntrack, id: number, skb: PacketBuffer, at: number): boolean {
  if (!tcp.check(skb.view, at, skb.tail - at) || !saneFlags(tcp.flags(skb.view, at))) return false;
  const v = skb.view;
  const flags = tcp.flags(v, at);
  const state = transitions[kindOf(flags) * STATES + NONE]!;
  if (state >= BAD) return false;
  const { table } = conntrack;
  const w = table.words(id);
  const sent = table.base(id) + TCP_SENT;
  const other = sent + TCP_DIRECTION_WORDS;
  const sequence = tcp.sequence(v, at);
  w[sent + END] = (sequence + segmentBytes(skb, at, flags)) | 0;
  w[sent + MAX_WINDOW] = Math.max(tcp.window(v, at), 1);
  w[sent + MAX_END] = w[sent + END]!;
  if (state === SYN_SENT) {
    readOptions(v, at + tcp.HEADER, at + tcp.headerBytes(v, at));
    w[sent + FLAGS] = options.flags | (options.scale << 8);
  } else {
    // In the middle of something: it is believed, if at all.
    if (conntrack.settings.tcpLoose === 0) return false;
    w[sent + MAX_END] = (w[sent + END]! + w[sent + MAX_WINDOW]!) | 0;
    w[sent + FLAGS] = FLAG_SACK_PERM | FLAG_BE_LIBERAL;
    w[other + FLAGS] = FLAG_SACK_PERM | FLAG_BE_LIBERAL;
  }
  w[table.base(id) + TCP_LAST] = IS_OTHER;
  return true;
}

// TCP_LAST: what kind the last packet was | its direction << 4 | how often it came again << 8

/** Linux: nf_conntrack_tcp_packet() */
function packet(conntrack: Conntrack, id: number, skb: PacketBuffer, at: number, info: number): number {
  const v = skb.view;
  if (!tcp.check(v, at, skb.tail - at)) return INVALID;
  const flags = tcp.flags(v, at);
  if (!saneFlags(flags)) return INVALID;
  const { table, settings } = conntrack;
  const w = table.words(id);
  const base = table.base(id);
  const direction = directionOf(info);
  const kind = kindOf(flags);
  const old = w[base + STATE]!;
  let next = transitions[(direction * KINDS + kind) * STATES + old]!;
  const sent = base + TCP_SENT;
  const own = sent + direction * TCP_DIRECTION_WORDS;
  const other = sent + (1 - direction) * TCP_DIRECTION_WORDS;
  const lastKind = w[base + TCP_LAST]! & 0xf;
  const lastDirection = (w[base + TCP_LAST]! >>> 4) & 1;
  if (next === SYN_SENT && old >= TIME_WAIT) {
    // A new connection with the same ports: the old one is over.
    const closed = ((w[own + FLAGS]! | w[other + FLAGS]!) & FLAG_CLOSE_INIT) !== 0 || (old === CLOSE && lastKind === IS_RST);
    if (closed && old !== SYN_SENT) {
      conntrack.kill(id);
      return REPEAT;
    }
    next = SYN_SENT;
  }
  if (next === IGNORED) {
    // It may answer something that we did not see: what it says is kept until the answer shows.
    if (kind === IS_SYNACK && lastKind === IS_SYN && lastDirection !== direction && tcp.acknowledgment(v, at) === w[base + TCP_LAST_END]) {
      // The SYN was let by in a state where none fits: both ends agree on a new beginning.
      w[own + END] = (tcp.sequence(v, at) + segmentBytes(skb, at, flags)) | 0;
      w[own + MAX_END] = w[own + END]!;
      w[own + MAX_WINDOW] = Math.max(tcp.window(v, at), 1);
      w[other + END] = w[base + TCP_LAST_END]!;
      w[other + MAX_END] = w[base + TCP_LAST_END]!;
      w[other + MAX_WINDOW] = Math.max(w[base + TCP_LAST_WINDOW]!, 1);
      readOptions(v, at + tcp.HEADER, at + tcp.headerBytes(v, at));
      w[own + FLAGS] = options.flags | (options.scale << 8);
      next = SYN_RECV;
    } else {
      remember(w, base, kind, direction, skb, at, flags);
      return ACCEPT;
    }
  } else if (next === BAD) {
    // RFC 5961 4.2 has stacks answer a SYN out of nowhere by an ACK: it may pass.
    if (old === SYN_SENT && kind === IS_ACK && direction === 1 && lastKind === IS_SYN) return ACCEPT;
    return INVALID;
  } else if (next === TIME_WAIT && old === CLOSE_WAIT && kind === IS_RST) next = CLOSE;
  else if (next === CLOSE && kind === IS_RST) {
    const maxAckSet = (w[other + FLAGS]! & FLAG_MAXACK_SET) !== 0;
    const sequence = tcp.sequence(v, at);
    // A reset that lies before all that was acknowledged is none of this connection.
    if (
      maxAckSet &&
      seqLt(sequence, w[base + TCP_MAX_ACK + 1 - direction]!) &&
      settings.tcpIgnoreInvalidRst === 0 &&
      !(lastKind === IS_SYN && old === SYN_SENT)
    )
      if (lastDirection !== direction) return INVALID;
    // Answers a SYN that was ignored: the connection itself goes on.
    if (
      (table.status(id) & IPS_SEEN_REPLY) !== 0 &&
      lastKind === IS_SYN &&
      lastDirection !== direction &&
      tcp.acknowledgment(v, at) === w[base + TCP_LAST_END] &&
      old >= ESTABLISHED
    )
      return ACCEPT;
  }
  if (!inWindow(conntrack, w, base, direction, kind, skb, at, flags, old)) return settings.tcpBeLiberal !== 0 ? ACCEPT : INVALID;
  w[base + STATE] = next;
  if (old !== next && next === FIN_WAIT) w[own + FLAGS]! |= FLAG_CLOSE_INIT;
  const timeouts = conntrack.timeoutsOf(id) ?? settings.tcpTimeouts;
  const maxRetransmitted = timeouts[TIMEOUT_RETRANS] ?? settings.tcpTimeoutMaxRetrans;
  const unacknowledged = timeouts[TIMEOUT_UNACK] ?? settings.tcpTimeoutUnacknowledged;
  let seconds = timeouts[next] ?? settings.tcpTimeouts[next]!;
  const retransmissions = (w[base + TCP_LAST]! >>> 8) & 0xff;
  if (retransmissions >= settings.tcpMaxRetrans && seconds > maxRetransmitted) seconds = maxRetransmitted;
  else if (kind === IS_RST && next === CLOSE) seconds = timeouts[CLOSE] ?? settings.tcpTimeouts[CLOSE]!;
  else if (((w[own + FLAGS]! | w[other + FLAGS]!) & FLAG_DATA_UNACKNOWLEDGED) !== 0 && seconds > unacknowledged) seconds = unacknowledged;
  if (old !== next) conntrack.event(id, IPCT_PROTOINFO);
  if ((table.status(id) & IPS_SEEN_REPLY) === 0) {
    // Reset before anything came back: it is over.
    if (kind === IS_RST && old === SYN_SENT) {
      conntrack.kill(id);
      return ACCEPT;
    }
    // In the middle of something unanswered: not for five days.
    if (old === next && next === ESTABLISHED && seconds > unacknowledged) seconds = unacknowledged;
  } else if ((table.status(id) & IPS_ASSURED) === 0 && (old === SYN_RECV || old === ESTABLISHED) && next === ESTABLISHED) {
    if (table.setStatus(id, IPS_ASSURED)) conntrack.event(id, IPCT_ASSURED);
  }
  conntrack.refresh(id, seconds);
  return ACCEPT;
}

function remember(w: Int32Array, base: number, kind: number, direction: number, skb: PacketBuffer, at: number, flags: number): void {
  const v = skb.view;
  w[base + TCP_LAST] = kind | (direction << 4);
  w[base + TCP_LAST_SEQ] = tcp.sequence(v, at);
  w[base + TCP_LAST_END] = (tcp.sequence(v, at) + segmentBytes(skb, at, flags)) | 0;
  w[base + TCP_LAST_WINDOW] = tcp.window(v, at);
}

/**
 * Whether a segment's data and acknowledgment lie where both ends may send them, and what is known of both ends after it.
 * Linux: tcp_in_window()
 */
function inWindow(
  conntrack: Conntrack,
  w: Int32Array,
  base: number,
  direction: number,
  kind: number,
  skb: PacketBuffer,
  at: number,
  flags: number,
  state: number,
): boolean {
  const v = skb.view;
  const own = base + TCP_SENT + direction * TCP_DIRECTION_WORDS;
  const other = base + TCP_SENT + (1 - direction) * TCP_DIRECTION_WORDS;
  const sequence = tcp.sequence(v, at);
  const bytes = segmentBytes(skb, at, flags);
  let end = (sequence + bytes) | 0;
  let seq = sequence;
  let ack = tcp.acknowledgment(v, at);
  if ((w[base + STATUS]! & IPS_SEQ_ADJUST) !== 0) ack = (ack - conntrack.sequences.offset(skb.conntrack, 1 - direction, ack - 1)) | 0;
  const headerEnd = at + tcp.headerBytes(v, at);
  readOptions(v, at + tcp.HEADER, headerEnd);
  let sack = options.hasSack && (w[other + FLAGS]! & FLAG_SACK_PERM) !== 0 ? options.sack : ack;
  if ((flags & tcp.SYN) === 0 && seqLt(sack, ack)) sack = ack;
  const window = tcp.window(v, at);
  const scaleOf = (at2: number) => (w[at2 + FLAGS]! >>> 8) & 0xf;
  if (w[own + MAX_WINDOW] === 0) {
    // The first that is seen of this end.
    if ((flags & tcp.SYN) !== 0) {
      w[own + END] = end;
      w[own + MAX_END] = end;
      w[own + MAX_WINDOW] = Math.max(window, 1);
      w[own + FLAGS] = options.flags | (options.scale << 8);
      // RFC 7323 2.2: windows are scaled where both ends want it.
      if ((w[own + FLAGS]! & FLAG_WINDOW_SCALE) === 0 || (w[other + FLAGS]! & FLAG_WINDOW_SCALE) === 0) {
        w[own + FLAGS]! &= 0xff;
        w[other + FLAGS]! &= 0xff;
      }
      if ((flags & tcp.ACK) === 0) return true;
    } else {
      w[own + END] = end;
      const scaled = window << scaleOf(own);
      w[own + MAX_WINDOW] = Math.max(scaled, 1);
      w[own + MAX_END] = (end + w[own + MAX_WINDOW]!) | 0;
      if (w[other + MAX_WINDOW] === 0) {
        // Nothing is known of the other end either.
        w[other + END] = sack;
        w[other + MAX_END] = sack;
      } else if (sack === ((w[other + END]! + 1) | 0)) w[other + END]!++;
    }
  } else if ((flags & tcp.SYN) !== 0 && (flags & tcp.ACK) === 0 && state === SYN_SENT && direction === 0) {
    // A SYN again, or another in its place.
    w[own + END] = end;
    w[own + MAX_END] = end;
    w[own + MAX_WINDOW] = Math.max(window, 1);
    w[own + FLAGS] = options.flags | (options.scale << 8);
  }
  if ((flags & tcp.ACK) === 0) {
    ack = w[other + END]!;
    sack = ack;
  } else if ((flags & (tcp.ACK | tcp.RST)) === (tcp.ACK | tcp.RST) && ack === 0) {
    // Some send a reset with ACK set and no acknowledgment.
    ack = w[other + END]!;
    sack = ack;
  }
  if ((flags & tcp.RST) !== 0 && seq === 0 && state === SYN_SENT) {
    // A reset that answers a SYN has no sequence number of its own.
    seq = w[own + END]!;
    end = seq;
  }
  const maxAckWindow = Math.max(w[own + MAX_WINDOW]!, MAX_ACK_WINDOW);
  const receiverWindow = w[other + MAX_WINDOW]!;
  const upper = seqLe(seq, w[own + MAX_END]!);
  const lower =
    bytes === 0
      ? receiverWindow === 0 || seqGe(end, (w[own + END]! - receiverWindow - 1) | 0)
      : seqGe(end, (w[own + END]! - receiverWindow) | 0);
  const acksSent = seqLe(sack, w[other + END]!);
  const acksRecent = seqGe(ack, (w[other + END]! - maxAckWindow) | 0);
  if (upper && lower && acksSent && acksRecent) {
    let scaled = window;
    if ((flags & tcp.SYN) === 0) scaled = (window << scaleOf(own)) >>> 0;
    const reach = scaled + (sack - ack);
    if (w[own + MAX_WINDOW]! < reach) w[own + MAX_WINDOW] = reach;
    if (seqGt(end, w[own + END]!)) {
      w[own + END] = end;
      w[own + FLAGS]! |= FLAG_DATA_UNACKNOWLEDGED;
    }
    if ((flags & tcp.ACK) !== 0) {
      const max = base + TCP_MAX_ACK + direction;
      if ((w[own + FLAGS]! & FLAG_MAXACK_SET) === 0 || seqGt(ack, w[max]!)) w[max] = ack;
      w[own + FLAGS]! |= FLAG_MAXACK_SET;
    }
    if (receiverWindow !== 0 && seqGt(end, w[own + MAX_END]!)) w[other + MAX_WINDOW] = receiverWindow + (end - w[own + MAX_END]!);
    if (seqGe((sack + scaled) | 0, w[other + MAX_END]!)) w[other + MAX_END] = (sack + Math.max(scaled, 1)) | 0;
    if (ack === w[other + END]) w[other + FLAGS]! &= ~FLAG_DATA_UNACKNOWLEDGED;
    countRepeats(w, base, kind, direction, skb, at, flags);
    return true;
  }
  return ((w[own + FLAGS]! | w[other + FLAGS]!) & FLAG_BE_LIBERAL) !== 0 || conntrack.settings.tcpBeLiberal !== 0;
}

/** An ACK that comes again and again shows that something was lost. */
function countRepeats(w: Int32Array, base: number, kind: number, direction: number, skb: PacketBuffer, at: number, flags: number): void {
  const v = skb.view;
  const last = w[base + TCP_LAST]!;
  const bytes = segmentBytes(skb, at, flags);
  const same =
    kind === IS_ACK &&
    bytes !== 0 &&
    (last & 0x1f) === (kind | (direction << 4)) &&
    w[base + TCP_LAST_SEQ] === tcp.sequence(v, at) &&
    w[base + TCP_LAST_END] === ((tcp.sequence(v, at) + bytes) | 0) &&
    w[base + TCP_LAST_WINDOW] === tcp.window(v, at);
  remember(w, base, kind, direction, skb, at, flags);
  if (same) w[base + TCP_LAST]! |= Math.min(((last >>> 8) & 0xff) + 1, 255) << 8;
}
