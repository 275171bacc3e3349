import * as ip6 from '../../wire/ipv6.js';
import { DropReason } from '../core/drop-reason.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes, HEADROOM } from '../core/packet-pool.js';
import { FRAGMENT_HEADER, unfragmentablePart } from '../../wire/ipv6-extensions.js';
import { ip6Count, routeOwner } from './count.js';
import type { Ipv6 } from './ipv6.js';
import { Ip6Mib } from './snmp.js';

/**
 * Cuts a packet (`skb.data` at its header) into fragments of at most `mtu` bytes, RFC 8200 4.5, hanging together by `next`.
 * Takes ownership; null: there was no memory, and the packet was dropped.
 */
export function fragment6(ipv6: Ipv6, skb: PacketBuffer, mtu: number): PacketBuffer | null {
  const { stack } = ipv6.namespace;
  const at = skb.networkHeader;
  // Where the fragmentable part begins, and where its number stands.
  const part = unfragmentablePart(skb.view, at, skb.tail);
  const headerBytes = part[0];
  const nextAt = part[1];
  const next = skb.view.getUint8(at + nextAt);
  const room = (mtu - headerBytes - FRAGMENT_HEADER) & ~7;
  const start = at + headerBytes;
  const payload = skb.tail - start;
  const id = ipv6.fragmentId();
  let head: PacketBuffer | null = null;
  let tail: PacketBuffer | null = null;
  for (let done = 0; done < payload && room >= 8; ) {
    const last = payload - done <= mtu - headerBytes - FRAGMENT_HEADER;
    const bytes = last ? payload - done : room;
    const piece = stack.pool.allocate(headerBytes + FRAGMENT_HEADER + bytes, HEADROOM);
    if (piece === null) {
      while (head !== null) {
        const after: PacketBuffer | null = head.next;
        stack.pool.release(head);
        head = after;
      }
      break;
    }
    const to = piece.put(headerBytes + FRAGMENT_HEADER + bytes);
    copyBytes(skb.bytes, at, piece.bytes, to, headerBytes);
    copyBytes(skb.bytes, start + done, piece.bytes, to + headerBytes + FRAGMENT_HEADER, bytes);
    const v = piece.view;
    v.setUint16(to + 4, headerBytes - ip6.HEADER + FRAGMENT_HEADER + bytes);
    v.setUint8(to + nextAt, ip6.NEXTHDR_FRAGMENT);
    const fragment = to + headerBytes;
    v.setUint16(fragment, next << 8);
    v.setUint16(fragment + 2, done | (last ? 0 : 1));
    v.setUint32(fragment + 4, id);
    piece.networkHeader = to;
    piece.transportHeader = fragment;
    copyForFragment(skb, piece);
    if (tail === null) head = piece;
    else tail.next = piece;
    tail = piece;
    done += bytes;
  }
  if (head === null) {
    ip6Count(ipv6, routeOwner(ipv6, skb), Ip6Mib.FragFails);
    stack.drop(skb, room >= 8 ? DropReason.NOMEM : DropReason.PKT_TOO_BIG);
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
