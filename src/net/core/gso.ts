import { DropReason } from './drop-reason.js';
import { GSO_TCPV4, GSO_TCPV6, GSO_UDP_L4, type PacketBuffer } from './packet-buffer.js';
import { copyBytes, HEADROOM } from './packet-pool.js';

/** Network-layer length of the largest packet that a super-packet is cut into (skb_gso_network_seglen()). */
export function gsoNetworkLength(skb: PacketBuffer): number {
  return skb.transportHeader - skb.networkHeader + transportHeaderBytes(skb) + skb.gsoSize;
}

function transportHeaderBytes(skb: PacketBuffer): number {
  return skb.gsoType === GSO_UDP_L4 ? 8 : (skb.view.getUint8(skb.transportHeader + 12) >>> 4) << 2;
}

const IPV6_HEADER = 40;
const TCP_FIN = 0x01;
const TCP_PSH = 0x08;
const TCP_CWR = 0x80;

/**
 * Cuts an IPv4 or IPv6 super-packet into packets of `gsoSize` bytes of payload (skb_gso_segment()): TCP with its sequence numbers and flags,
 * UDP datagrams one by one. The pieces hang together by `next`; each still has its checksum to be completed
 * (CHECKSUM_PARTIAL). Takes ownership; null: it could not be cut and was dropped.
 */
export function segment(skb: PacketBuffer): PacketBuffer | null {
  const stack = skb.device!.stack;
  if (!stack.pool.bringIn(skb)) {
    stack.drop(skb, DropReason.NOMEM);
    return null;
  }
  const transportBytes = transportHeaderBytes(skb);
  const headerBytes = skb.transportHeader + transportBytes - skb.data;
  const payload = skb.tail - skb.data - headerBytes;
  if (
    (skb.gsoType !== GSO_TCPV4 && skb.gsoType !== GSO_TCPV6 && skb.gsoType !== GSO_UDP_L4) ||
    skb.gsoSize <= 0 ||
    payload < 0 ||
    transportBytes < 8
  ) {
    stack.drop(skb, DropReason.SKB_GSO_SEG);
    return null;
  }
  const network = skb.networkHeader - skb.data;
  const transport = skb.transportHeader - skb.data;
  const view = skb.view;
  const protocol = skb.gsoType === GSO_UDP_L4 ? 17 : 6;
  const isV4 = view.getUint8(skb.networkHeader) >>> 4 === 4;
  const firstId = view.getUint16(skb.networkHeader + 4);
  // The field holds the pseudo-header's sum with the full length; each piece gets its own.
  const checkAt = skb.gsoType === GSO_UDP_L4 ? 6 : 16;
  let head: PacketBuffer | null = null;
  let tail: PacketBuffer | null = null;
  let index = 0;
  for (let done = 0; done < payload || index === 0; index++) {
    const bytes = Math.min(skb.gsoSize, payload - done);
    const piece = stack.pool.allocate(headerBytes + bytes, HEADROOM);
    if (piece === null) {
      while (head !== null) {
        const next: PacketBuffer | null = head.next;
        stack.pool.release(head);
        head = next;
      }
      stack.drop(skb, DropReason.NOMEM);
      return null;
    }
    const at = piece.put(headerBytes + bytes);
    copyBytes(skb.bytes, skb.data, piece.bytes, at, headerBytes);
    copyBytes(skb.bytes, skb.data + headerBytes + done, piece.bytes, at + headerBytes, bytes);
    piece.device = skb.device;
    piece.protocol = skb.protocol;
    piece.packetType = skb.packetType;
    piece.mark = skb.mark;
    piece.priority = skb.priority;
    piece.hash = skb.hash;
    piece.iif = skb.iif;
    piece.sdif = skb.sdif;
    piece.timestampUs = skb.timestampUs;
    piece.dst = skb.dst;
    stack.pool.copyConntrack(skb, piece);
    piece.vlanTci = skb.vlanTci;
    piece.vlanProtocol = skb.vlanProtocol;
    piece.cb0 = skb.cb0;
    piece.networkHeader = at + network;
    piece.transportHeader = at + transport;
    if (skb.macHeader >= 0) piece.macHeader = at + skb.macHeader - skb.data;
    const last = done + bytes >= payload;
    const v = piece.view;
    const ip = piece.networkHeader;
    if (isV4) {
      v.setUint16(ip + 2, headerBytes - network + bytes);
      v.setUint16(ip + 4, firstId + index);
      refreshHeaderChecksum(v, ip, transport - network);
    } else v.setUint16(ip + 4, headerBytes - network - IPV6_HEADER + bytes);
    const th = piece.transportHeader;
    if (skb.gsoType !== GSO_UDP_L4) {
      v.setUint32(th + 4, view.getUint32(skb.transportHeader + 4) + done);
      let flags = v.getUint8(th + 13);
      if (!last) flags &= ~(TCP_FIN | TCP_PSH);
      if (index > 0) flags &= ~TCP_CWR;
      v.setUint8(th + 13, flags);
    } else v.setUint16(th + 4, 8 + bytes);
    v.setUint16(th + checkAt, isV4 ? pseudoSum(v, ip, transportBytes + bytes) : pseudoSum6(v, ip, protocol, transportBytes + bytes));
    piece.ipSummed = 3;
    piece.csumStart = th;
    piece.csumOffset = checkAt;
    if (tail === null) head = piece;
    else tail.next = piece;
    tail = piece;
    done += bytes;
  }
  stack.consume(skb);
  return head;
}

function pseudoSum(v: DataView, ip: number, bytes: number): number {
  let sum = bytes + v.getUint8(ip + 9);
  for (let i = ip + 12; i < ip + 20; i += 2) sum += v.getUint16(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

function pseudoSum6(v: DataView, ip: number, protocol: number, bytes: number): number {
  let sum = bytes + protocol;
  for (let i = ip + 8; i < ip + IPV6_HEADER; i += 2) sum += v.getUint16(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

function refreshHeaderChecksum(v: DataView, ip: number, bytes: number): void {
  v.setUint16(ip + 10, 0);
  let sum = 0;
  for (let i = ip; i < ip + bytes; i += 2) sum += v.getUint16(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  v.setUint16(ip + 10, ~sum & 0xffff);
}
