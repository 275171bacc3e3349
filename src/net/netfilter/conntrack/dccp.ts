import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { Conntrack } from './conntrack.js';
import { directionOf, IPCT_ASSURED, IPCT_PROTOINFO, IPS_ASSURED, IPS_SEEN_REPLY, STATE, TCP_SENT } from './layout.js';
import { ACCEPT, type ConntrackProtocol, INVALID } from './protocol.js';
import { IPPROTO_DCCP } from './tuple.js';

// enum ct_dccp_states
const NONE = 0;
const RESPOND = 2;
const PARTOPEN = 3;
const TIMEWAIT = 7;
const IGNORED = 8;
const BAD = 9;
const STATES = 8;

export const stateNames = ['NONE', 'REQUEST', 'RESPOND', 'PARTOPEN', 'OPEN', 'CLOSEREQ', 'CLOSING', 'TIMEWAIT', 'IGNORE', 'INVALID'];

// RFC 4340 5.1
const REQUEST = 0;
const RESPONSE = 1;
const ACK = 3;
const RESET = 7;
const TYPES = 10;

/**
 * Where a packet leads from each state, by who of both sent it, a letter a state in their order: q REQUEST, r RESPOND, p PARTOPEN, O OPEN,
 * R CLOSEREQ, C CLOSING, T TIMEWAIT, . ignored, x bad. Rows by packet type: Request, Response, Data, Ack, DataAck, CloseReq, Close,
 * Reset, Sync, SyncAck.
 */
const letters = 'NqrpORCT.x';
const client = ['qqr....q', 'x......x', 'xxxxORCx', 'xxppORCx', 'xxppORCx', 'xxxxxxxx', 'xxxCCCxx', 'xTTTTTT.', 'x......x', 'x......x'];
const server = ['x......q', 'xrr....x', 'xxxOORCx', 'xxxOORCx', 'xxxOORCx', 'xxxRRRCx', 'xxxCCxCx', 'xTTTTTT.', 'x......x', 'x......x'];
const transitions = Uint8Array.from([...client, ...server].flatMap((row) => [...row].map((letter) => letters.indexOf(letter))));

const HEADER = 12;
/** Words that it keeps, in the place of TCP's windows: whether the reply direction is the client's; the sequence number of the Response, low and high. */
const SWAPPED = TCP_SENT;
const HANDSHAKE_LOW = TCP_SENT + 1;
const HANDSHAKE_HIGH = TCP_SENT + 2;

const typeOf = (v: DataView, at: number): number => (v.getUint8(at + 8) >>> 1) & 0xf;
const isExtended = (v: DataView, at: number): boolean => (v.getUint8(at + 8) & 1) !== 0;

/** RFC 4340 5: as long as its type needs, and as its data offset says. Linux: dccp_error() */
function isWhole(v: DataView, at: number, end: number): boolean {
  if (at + HEADER > end) return false;
  const header = (v.getUint8(at + 4) << 2) >>> 0;
  return header >= HEADER && at + header <= end && typeOf(v, at) < TYPES;
}

/** DCCP, RFC 4340, as one in the middle sees it. */
export const dccpProtocol: ConntrackProtocol = {
  protocol: IPPROTO_DCCP,
  isNew: (_conntrack, _id, skb, at) => isWhole(skb.view, at, skb.tail) && transitions[typeOf(skb.view, at) * STATES + NONE]! < IGNORED,
  packet,
  timeout: (conntrack) => conntrack.settings.dccpTimeouts[1]!,
};

// Linux: nf_conntrack_dccp_packet()
function packet(conntrack: Conntrack, id: number, skb: PacketBuffer, at: number, info: number): number {
  const v = skb.view;
  if (!isWhole(v, at, skb.tail)) return INVALID;
  const { table, settings } = conntrack;
  const w = table.words(id);
  const base = table.base(id);
  const type = typeOf(v, at);
  const direction = directionOf(info);
  if (type === RESET && (table.status(id) & IPS_SEEN_REPLY) === 0) {
    // Reset before anything came back: it is over.
    conntrack.kill(id);
    return ACCEPT;
  }
  const old = w[base + STATE]!;
  const fromServer = direction !== w[base + SWAPPED]!;
  const next = transitions[((fromServer ? TYPES : 0) + type) * STATES + old]!;
  if (next === BAD) return INVALID;
  if (next === IGNORED) return ACCEPT;
  // A new connection with the same ports, begun by the other end.
  if (type === REQUEST && old === TIMEWAIT && fromServer) w[base + SWAPPED]! ^= 1;
  if (type === RESPONSE && isExtended(v, at) && at + 16 <= skb.tail) {
    w[base + HANDSHAKE_HIGH] = v.getUint16(at + 10);
    w[base + HANDSHAKE_LOW] = v.getInt32(at + 12);
  }
  if (
    next === PARTOPEN &&
    old === RESPOND &&
    type === ACK &&
    at + 24 <= skb.tail &&
    v.getUint16(at + 18) === w[base + HANDSHAKE_HIGH] &&
    v.getInt32(at + 20) === w[base + HANDSHAKE_LOW] &&
    table.setStatus(id, IPS_ASSURED)
  )
    conntrack.event(id, IPCT_ASSURED);
  w[base + STATE] = next;
  if (next !== old) conntrack.event(id, IPCT_PROTOINFO);
  const timeouts = conntrack.timeoutsOf(id) ?? settings.dccpTimeouts;
  conntrack.refresh(id, timeouts[next] ?? settings.dccpTimeouts[next]!);
  return ACCEPT;
}
