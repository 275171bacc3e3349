import * as ip from '../../../wire/ipv4.js';
import * as ip6 from '../../../wire/ipv6.js';
import * as checksum from '../../../wire/checksum.js';
import * as tcp from '../../../wire/tcp.js';
import { NFPROTO_IPV4 } from '../../../netlink/nfnl/nfnetlink.js';
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, type PacketBuffer } from '../../core/packet-buffer.js';
import { seqGt } from '../../tcp/sequence.js';
import type { Conntrack } from './conntrack.js';
import type { HelpedPacket } from './helpers/helper.js';
import { IPS_SEQ_ADJUST, PROTOCOL } from './layout.js';

/** Of one direction: by how much its sequence numbers are off, up to `position` and behind it (struct nf_ct_seqadj). */
export interface SequenceOffset {
  position: number;
  before: number;
  after: number;
}

/** Connections whose data were made longer or shorter: there are few. */
export class SequenceAdjustments {
  readonly #offsets = new Map<number, readonly [SequenceOffset, SequenceOffset]>();

  of(id: number): readonly [SequenceOffset, SequenceOffset] {
    let both = this.#offsets.get(id);
    if (both === undefined) {
      both = [
        { position: 0, before: 0, after: 0 },
        { position: 0, before: 0, after: 0 },
      ];
      this.#offsets.set(id, both);
    }
    return both;
  }

  /** By how much a sequence number of a direction is off. Linux: nf_ct_seq_offset() */
  offset(id: number, direction: number, sequence: number): number {
    return offsetAt(this.of(id)[direction]!, sequence);
  }

  forget(id: number): void {
    this.#offsets.delete(id);
  }
}

/** What comes behind `sequence` is off by `bytes` more. Linux: nf_ct_seqadj_set() */
export function adjustFrom(conntrack: Conntrack, id: number, direction: number, sequence: number, bytes: number): void {
  if (bytes === 0) return;
  const offset = conntrack.sequences.of(id)[direction]!;
  conntrack.table.setStatus(id, IPS_SEQ_ADJUST);
  if (offset.before === offset.after || seqGt(sequence, offset.position)) {
    offset.position = sequence;
    offset.before = offset.after;
    offset.after += bytes;
  }
}

const offsetAt = ({ position, before, after }: SequenceOffset, sequence: number): number => (seqGt(sequence, position) ? after : before);

/** A segment's numbers become those that its receiver knows. Linux: nf_ct_seq_adjust() */
export function adjustSegment(conntrack: Conntrack, id: number, direction: number, skb: PacketBuffer, at: number): boolean {
  if (at + tcp.HEADER > skb.tail) return true;
  if (skb.shared && !conntrack.namespace.stack.pool.makeWritable(skb)) return false;
  const both = conntrack.sequences.of(id);
  const own = both[direction]!;
  const theirs = both[1 - direction]!;
  const v = skb.view;
  const sequence = tcp.sequence(v, at);
  v.setUint32(at + 4, (sequence + offsetAt(own, sequence)) >>> 0);
  if ((tcp.flags(v, at) & tcp.ACK) !== 0) {
    const acknowledged = tcp.acknowledgment(v, at);
    v.setUint32(at + 8, (acknowledged - offsetAt(theirs, (acknowledged - theirs.before) | 0)) >>> 0);
    adjustSack(v, at, skb.tail, theirs);
  }
  writeChecksum(conntrack, id, skb, at);
  return true;
}

// Linux: nf_ct_sack_adjust()
function adjustSack(v: DataView, at: number, tail: number, offset: SequenceOffset): void {
  const end = Math.min(at + tcp.headerBytes(v, at), tail);
  for (let option = at + tcp.HEADER; option + 2 <= end; ) {
    const kind = v.getUint8(option);
    if (kind === tcp.OPTION_END) return;
    const length = kind === tcp.OPTION_NOP ? 1 : v.getUint8(option + 1);
    if (length < 1 || option + length > end) return;
    if (kind === tcp.OPTION_SACK)
      for (let edge = option + 2; edge + 4 <= option + length; edge += 4) {
        const value = v.getInt32(edge);
        v.setUint32(edge, (value - offsetAt(offset, (value - offset.before) | 0)) >>> 0);
      }
    option += length;
  }
}

/** The transport's checksum anew; one that is computed on the way out depends on the length alone. */
function writeChecksum(conntrack: Conntrack, id: number, skb: PacketBuffer, at: number): void {
  const v = skb.view;
  const n = skb.networkHeader;
  const protocol = conntrack.table.get(id, PROTOCOL) & 0xff;
  const four = conntrack.table.get(id, PROTOCOL) >>> 8 === NFPROTO_IPV4;
  const bytes = skb.tail - at;
  const place = at + (protocol === tcp.PROTOCOL ? tcp.CHECKSUM_OFFSET : 6);
  const pseudo = four
    ? ip.pseudoHeaderSum(ip.source(v, n), ip.destination(v, n), protocol, bytes)
    : ip6.pseudoHeaderSumAt(v, n + ip6.SOURCE, protocol, bytes);
  if (skb.ipSummed === CHECKSUM_PARTIAL) {
    v.setUint16(place, checksum.fold(pseudo));
    return;
  }
  v.setUint16(place, 0);
  v.setUint16(place, checksum.checksum(v, at, bytes, pseudo));
}

/**
 * Puts `text` in the place of `length` bytes of a TCP segment's data, and remembers how much longer it is now. False: there is no room.
 * Linux: __nf_nat_mangle_tcp_packet()
 */
export function replaceText(packet: HelpedPacket, from: number, length: number, text: string): boolean {
  const { conntrack, skb, id, direction, at } = packet;
  const { pool } = conntrack.namespace.stack;
  const more = text.length - length;
  if (skb.tail + more > skb.bytes.length) return false;
  if (skb.shared && !pool.makeWritable(skb)) return false;
  const { bytes, view } = skb;
  bytes.copyWithin(from + text.length, from + length, skb.tail);
  for (let i = 0; i < text.length; i++) bytes[from + i] = text.charCodeAt(i);
  skb.tail += more;
  const n = skb.networkHeader;
  if (conntrack.table.get(id, PROTOCOL) >>> 8 === NFPROTO_IPV4) {
    view.setUint16(n + 2, skb.tail - n);
    ip.writeChecksum(view, n, ip.headerLength(view, n));
  } else view.setUint16(n + 4, skb.tail - n - ip6.HEADER);
  if (skb.ipSummed !== CHECKSUM_PARTIAL) skb.ipSummed = CHECKSUM_NONE;
  writeChecksum(conntrack, id, skb, at);
  adjustFrom(conntrack, id, direction, tcp.sequence(view, at), more);
  return true;
}
