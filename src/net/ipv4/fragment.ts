import * as ip from '../../wire/ipv4.js';
import { DropReason } from '../core/drop-reason.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes, HEADROOM } from '../core/packet-pool.js';
import type { Ipv4 } from './ipv4.js';

const IPOPT_COPY = 0x80;
const IPOPT_END = 0;
const IPOPT_NOOP = 1;

/**
 * Cuts a packet (`skb.data` at its header) into fragments of at most `mtu` bytes, RFC 791 3.2, hanging together by `next`.
 * Takes ownership; null: there was no memory, and the packet was dropped.
 */
export function fragment(ipv4: Ipv4, skb: PacketBuffer, mtu: number): PacketBuffer | null {
  const stack = ipv4.namespace.stack;
  const at = skb.networkHeader;
  const view = skb.view;
  const headerBytes = skb.transportHeader - at;
  // All but the last carry a multiple of eight bytes.
  const room = (mtu - headerBytes) & ~7;
  const payload = skb.tail - skb.transportHeader;
  const old = view.getUint16(at + 6);
  const offset = (old & ip.OFFSET_MASK) * 8;
  let head: PacketBuffer | null = null;
  let tail: PacketBuffer | null = null;
  for (let done = 0; done < payload && room > 0; ) {
    const bytes = payload - done > mtu - headerBytes ? room : payload - done;
    const piece = stack.pool.allocate(headerBytes + bytes, HEADROOM);
    if (piece === null) {
      while (head !== null) {
        const next: PacketBuffer | null = head.next;
        stack.pool.release(head);
        head = next;
      }
      break;
    }
    const start = piece.put(headerBytes + bytes);
    copyBytes(skb.bytes, at, piece.bytes, start, headerBytes);
    copyBytes(skb.bytes, skb.transportHeader + done, piece.bytes, start + headerBytes, bytes);
    copyForFragment(skb, piece);
    piece.networkHeader = start;
    piece.transportHeader = start + headerBytes;
    const v = piece.view;
    // From the second on, options that are not to be copied become no-operations, so that the header keeps its length.
    if (done > 0 && headerBytes > ip.HEADER) blankOptions(v, start + ip.HEADER, start + headerBytes);
    const more = done + bytes < payload || (old & ip.MF) !== 0 ? ip.MF : 0;
    v.setUint16(start + 2, headerBytes + bytes);
    v.setUint16(start + 6, (old & ip.DF) | more | ((offset + done) >>> 3));
    ip.writeChecksum(v, start, headerBytes);
    if (tail === null) head = piece;
    else tail.next = piece;
    tail = piece;
    done += bytes;
  }
  if (head === null) {
    ipv4.stats.fragFails++;
    stack.drop(skb, room > 0 ? DropReason.NOMEM : DropReason.PKT_TOO_BIG);
    return null;
  }
  stack.consume(skb);
  return head;
}

function copyForFragment(from: PacketBuffer, to: PacketBuffer): void {
  to.device = from.device;
  to.protocol = from.protocol;
  to.packetType = from.packetType;
  to.iif = from.iif;
  to.mark = from.mark;
  to.priority = from.priority;
  to.dst = from.dst;
  to.cb0 = from.cb0;
  from.device!.stack.pool.copyConntrack(from, to);
}

/** ip_options_fragment() */
function blankOptions(v: DataView, start: number, end: number): void {
  for (let at = start; at < end; ) {
    const kind = v.getUint8(at);
    if (kind === IPOPT_END) return;
    if (kind === IPOPT_NOOP) {
      at++;
      continue;
    }
    const length = at + 1 < end ? v.getUint8(at + 1) : 0;
    if (length < 2 || at + length > end) return;
    if ((kind & IPOPT_COPY) === 0) for (let i = 0; i < length; i++) v.setUint8(at + i, IPOPT_NOOP);
    at += length;
  }
}
