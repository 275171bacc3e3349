import { crc32c } from '../../../wire/crc32c.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { Conntrack } from './conntrack.js';
import { directionOf, IPCT_ASSURED, IPCT_PROTOINFO, IPS_ASSURED, STATE, TCP_SENT } from './layout.js';
import { ACCEPT, type ConntrackProtocol, INVALID } from './protocol.js';
import { IPPROTO_SCTP } from './tuple.js';

// enum sctp_conntrack
const NONE = 0;
export const COOKIE_ECHOED = 3;
export const ESTABLISHED = 4;
/** Not a state. */
const BAD = 9;
const STATES = 9;

export const stateNames = [
  'NONE', 'CLOSED', 'COOKIE_WAIT', 'COOKIE_ECHOED', 'ESTABLISHED', 'SHUTDOWN_SENT', 'SHUTDOWN_RECD', 'SHUTDOWN_ACK_SENT', 'HEARTBEAT_SENT',
]; // biome-ignore format: a table

// Chunk types, RFC 9260 3.2.
const INIT = 1;
const INIT_ACK = 2;
const HEARTBEAT = 4;
const HEARTBEAT_ACK = 5;
const ABORT = 6;
const SHUTDOWN = 7;
const SHUTDOWN_ACK = 8;
const ERROR = 9;
const COOKIE_ECHO = 10;
const COOKIE_ACK = 11;
const SHUTDOWN_COMPLETE = 14;
/** In the order of the rows below; of other chunks no state comes. */
const ROWS = [INIT, INIT_ACK, ABORT, SHUTDOWN, SHUTDOWN_ACK, ERROR, COOKIE_ECHO, COOKIE_ACK, SHUTDOWN_COMPLETE, HEARTBEAT, HEARTBEAT_ACK];

/**
 * Where a chunk leads from each state, as seen from the middle, a letter a state in their order: N none, c CLOSED, w COOKIE_WAIT,
 * e COOKIE_ECHOED, E ESTABLISHED, s SHUTDOWN_SENT, r SHUTDOWN_RECD, a SHUTDOWN_ACK_SENT, h HEARTBEAT_SENT, x bad.
 */
const letters = 'NcweEsrahx';
const original = [
  'ccweEccaw', 'ccweEsrac', 'ccccccccc', 'ccwessrac', 'acweEaaaa', 'ccweEsrac', 'cceeEsrac', 'ccwEEsrac', 'ccweEsrcc', 'hcweEsrah', 'ccweEsrah',
]; // biome-ignore format: a table
const reply = [
  'xcweEsrax', 'xwweEsrax', 'xcccccccx', 'xcwersrax', 'xcweEaaax', 'xcwcEsrax', 'xceeEsrax', 'xcwEEsrax', 'xcweEsrcx', 'xcweEsrah', 'xcweEsraE',
]; // biome-ignore format: a table
const transitions = Uint8Array.from([...original, ...reply].flatMap((row) => [...row].map((letter) => letters.indexOf(letter))));

function nextState(direction: number, state: number, chunk: number): number {
  const row = ROWS.indexOf(chunk);
  return row < 0 ? state : transitions[(direction * ROWS.length + row) * STATES + state]!;
}

const HEADER = 12;
const CHUNK_HEADER = 4;
const INIT_BYTES = 20;
/** An ABORT or SHUTDOWN COMPLETE of one that knows no tag has that of its peer. */
const FLAG_T = 1;

/** Kinds of chunks that a packet has, a bit each; -1: they do not stand as they must (RFC 9260 3.1: some stand alone, some first). Linux: do_basic_checks() */
function chunksOf(v: DataView, at: number, end: number): number {
  let map = 0;
  let count = 0;
  let alone = false;
  for (let chunk = at + HEADER; chunk + CHUNK_HEADER <= end; ) {
    const type = v.getUint8(chunk);
    const length = v.getUint16(chunk + 2);
    if (length < CHUNK_HEADER) return -1;
    if (type === INIT || type === INIT_ACK || type === SHUTDOWN_COMPLETE) alone = true;
    if (count > 0 && (type === COOKIE_ACK || type === COOKIE_ECHO || alone)) return -1;
    if (type < 31) map |= 1 << type;
    count++;
    chunk += (length + 3) & ~3;
  }
  return count === 0 ? -1 : map;
}

const bit = (...types: number[]): number => types.reduce((map, type) => map | (1 << type), 0);
/** Chunks that may come with another tag than the connection's. */
const OTHER_TAGS = bit(INIT, ABORT, SHUTDOWN_COMPLETE, COOKIE_ECHO, HEARTBEAT, HEARTBEAT_ACK);

/** Whether the checksum is right. */
export const sctpChecksumHolds = (v: DataView, at: number, end: number): boolean =>
  v.getUint32(at + 8, true) === crc32c(v, at, end, at + 8);

/** SCTP, RFC 9260, by the chunks that one in the middle sees. Verification tags lie where TCP has its windows: of each direction the tag that it sends. */
export const sctpProtocol: ConntrackProtocol = {
  protocol: IPPROTO_SCTP,

  // Linux: sctp_new()
  isNew(conntrack, id, skb, at) {
    const v = skb.view;
    if (at + HEADER > skb.tail || chunksOf(v, at, skb.tail) < 0) return false;
    const { table } = conntrack;
    const w = table.words(id);
    const tags = table.base(id) + TCP_SENT;
    const tag = v.getInt32(at + 4);
    for (let chunk = at + HEADER; chunk + CHUNK_HEADER <= skb.tail; ) {
      const type = v.getUint8(chunk);
      const next = nextState(0, NONE, type);
      if (next === NONE || next >= BAD) return false;
      if (type === INIT) {
        if (tag !== 0 || chunk + INIT_BYTES > skb.tail) return false;
        w[tags + 1] = v.getInt32(chunk + 4);
      } else if (type === HEARTBEAT) w[tags] = tag;
      // What is out of the blue is answered with its own tag.
      else w[tags + 1] = tag;
      w[table.base(id) + STATE] = NONE;
      chunk += (Math.max(v.getUint16(chunk + 2), CHUNK_HEADER) + 3) & ~3;
    }
    return true;
  },

  packet,
  timeout: (conntrack) => conntrack.settings.sctpTimeouts[1]!,
};

// Linux: nf_conntrack_sctp_packet()
function packet(conntrack: Conntrack, id: number, skb: PacketBuffer, at: number, info: number): number {
  const v = skb.view;
  if (at + HEADER > skb.tail) return INVALID;
  const map = chunksOf(v, at, skb.tail);
  if (map < 0) return INVALID;
  const { table } = conntrack;
  const w = table.words(id);
  const base = table.base(id);
  const direction = directionOf(info);
  const own = base + TCP_SENT + direction;
  const other = base + TCP_SENT + 1 - direction;
  const tag = v.getInt32(at + 4);
  if ((map & OTHER_TAGS) === 0 && tag !== w[own]) return INVALID;
  const old = w[base + STATE]!;
  let state = old;
  for (let chunk = at + HEADER; chunk + CHUNK_HEADER <= skb.tail; ) {
    const type = v.getUint8(chunk);
    const flags = v.getUint8(chunk + 1);
    if (!tagFits(type, flags, tag, w, own, other)) return INVALID;
    const next = nextState(direction, state, type);
    if (next >= BAD) return INVALID;
    if (type === INIT || type === INIT_ACK) {
      if (chunk + INIT_BYTES > skb.tail) return INVALID;
      w[other] = v.getInt32(chunk + 4);
    }
    state = next;
    chunk += (v.getUint16(chunk + 2) + 3) & ~3;
  }
  w[base + STATE] = state;
  if (state !== old) conntrack.event(id, IPCT_PROTOINFO);
  const timeouts = conntrack.timeoutsOf(id) ?? conntrack.settings.sctpTimeouts;
  conntrack.refresh(id, timeouts[state] ?? conntrack.settings.sctpTimeouts[state]!);
  if (old === COOKIE_ECHOED && direction === 1 && state === ESTABLISHED && table.setStatus(id, IPS_ASSURED))
    conntrack.event(id, IPCT_ASSURED);
  return ACCEPT;
}

/** RFC 9260 8.5.1: exceptions from the rule that a packet has the tag of its receiver. */
function tagFits(type: number, flags: number, tag: number, w: Int32Array, own: number, other: number): boolean {
  switch (type) {
    case INIT:
      return tag === 0;
    case ABORT:
    case SHUTDOWN_COMPLETE:
      return tag === w[own] || (tag === w[other] && (type === ABORT || (flags & FLAG_T) !== 0));
    case COOKIE_ECHO:
      return tag === w[own];
    case HEARTBEAT:
    case HEARTBEAT_ACK:
      // Another path of an association whose beginning was not seen.
      if (w[own] === 0) w[own] = tag;
      return tag === w[own];
    default:
      return true;
  }
}
