import { fold, sum } from '../../wire/checksum.js';
import { ETH_P_IP, ETH_P_IPV6 } from '../../wire/ethernet.js';
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, GSO_NONE, GSO_TCPV4, GSO_TCPV6, type PacketBuffer } from './packet-buffer.js';
import { copyBytes, HEADROOM } from './packet-pool.js';
import type { Stack } from './stack.js';

/** Flows that are joined at the same time (Linux: MAX_GRO_SKBS, a bucket's). */
const FLOWS = 8;
/** Longest IP packet that segments are joined to. */
const LONGEST = 65_535;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const TCP = 6;
const TCP_HEADER = 20;
const TCP_FIN = 0x01;
const TCP_PSH = 0x08;
const TCP_ACK = 0x10;
/** SYN, RST, URG, CWR: what is said with the segment alone. */
const TCP_ALONE = 0x02 | 0x04 | 0x20 | 0x80;
const TCP_CHECK = 16;

/**
 * Generic receive offload: TCP segments of a flow that come in behind each other in one batch go up as one super-packet, as if the
 * NIC had received them so. Only what segment() would cut back into the same bytes is joined. Linux: dev_gro_receive(), tcp_gro_receive()
 */
export class GroBatch {
  readonly #stack: Stack;
  readonly #deliver: (skb: PacketBuffer) => void;
  readonly #flush = () => this.flush();
  #held: PacketBuffer[] = [];
  #flushIsDue = false;

  /** `deliver` gets each packet once it is as long as it gets, `skb.data` at the network header. */
  constructor(stack: Stack, deliver: (skb: PacketBuffer) => void) {
    this.#stack = stack;
    this.#deliver = deliver;
  }

  /** Takes a received packet, `skb.data` at the network header and `macHeader` set. */
  receive(skb: PacketBuffer): void {
    const header = joinable(skb);
    if (header < 0) {
      // What cannot be joined is not to overtake what it belongs behind.
      if (this.#held.length > 0) this.#release(skb);
      this.#deliver(skb);
      return;
    }
    const held = this.#held;
    for (let i = 0; i < held.length; i++) {
      const head = held[i]!;
      if (!sameFlow(head, skb)) continue;
      const joined = this.#join(head, skb, header);
      if (joined === null) {
        held.splice(i, 1);
        this.#deliver(head);
        break;
      }
      held[i] = joined;
      // A segment that is shorter than the others, or pushed, is the last.
      if (isLast(joined)) {
        held.splice(i, 1);
        this.#deliver(joined);
      }
      return;
    }
    if (isPushed(skb)) {
      this.#deliver(skb);
      return;
    }
    if (held.length >= FLOWS) this.#deliver(held.shift()!);
    skb.cb0 = skb.tail - skb.transportHeader - header;
    skb.cb1 = header;
    skb.cb2 = 0;
    held.push(skb);
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    this.#stack.defer(this.#flush);
  }

  /** The batch is over: all that is held goes up. */
  flush(): void {
    this.#flushIsDue = false;
    const held = this.#held;
    if (held.length === 0) return;
    this.#held = [];
    for (const skb of held) this.#deliver(skb);
  }

  /** Sends up what is held of the flow that `skb` may be of; of what is no TCP it can be any. */
  #release(skb: PacketBuffer): void {
    if (skb.transportHeader < 0) return;
    const held = this.#held;
    for (let i = 0; i < held.length; i++) {
      if (!sameFlow(held[i]!, skb)) continue;
      this.#deliver(held.splice(i, 1)[0]!);
      return;
    }
  }

  /** `skb` behind `head`; null: it does not go there, and both are as before. */
  #join(head: PacketBuffer, skb: PacketBuffer, header: number): PacketBuffer | null {
    const payload = skb.tail - skb.transportHeader - header;
    const size = head.cb0;
    if (header !== head.cb1 || payload > size || head.tail - head.data + payload > LONGEST || !continues(head, skb, header)) return null;
    let target = head;
    if (head.tail + payload > head.bytes.length || head.memory.references !== 1) {
      const larger = this.#grown(head);
      if (larger === null) return null;
      target = larger;
    }
    copyBytes(skb.bytes, skb.transportHeader + header, target.bytes, target.tail, payload);
    target.tail += payload;
    const flags = skb.view.getUint8(skb.transportHeader + 13) & (TCP_PSH | TCP_FIN);
    target.view.setUint8(target.transportHeader + 13, target.view.getUint8(target.transportHeader + 13) | flags);
    target.cb2 = payload < size || flags !== 0 ? 1 : 0;
    target.gsoSegments = (target.gsoSegments === 0 ? 1 : target.gsoSegments) + 1;
    target.gsoSize = size;
    target.gsoType = target.protocol === ETH_P_IP ? GSO_TCPV4 : GSO_TCPV6;
    writeLength(target);
    this.#stack.consume(skb);
    return target;
  }

  /** The packet in memory of 64 KB. */
  #grown(head: PacketBuffer): PacketBuffer | null {
    const larger = this.#stack.pool.allocate(LONGEST, HEADROOM);
    if (larger === null) return null;
    const from = head.macHeader >= 0 && head.macHeader < head.data ? head.macHeader : head.data;
    const shift = larger.data - head.data;
    copyBytes(head.bytes, from, larger.bytes, from + shift, head.tail - from);
    larger.tail = head.tail + shift;
    larger.macHeader = head.macHeader < 0 ? -1 : head.macHeader + shift;
    larger.networkHeader = head.networkHeader + shift;
    larger.transportHeader = head.transportHeader + shift;
    larger.protocol = head.protocol;
    larger.packetType = head.packetType;
    larger.device = head.device;
    larger.hash = head.hash;
    larger.timestampUs = head.timestampUs;
    larger.ipSummed = head.ipSummed;
    larger.gsoSegments = head.gsoSegments;
    larger.cb0 = head.cb0;
    larger.cb1 = head.cb1;
    larger.cb2 = head.cb2;
    this.#stack.consume(head);
    return larger;
  }
}

const isLast = (skb: PacketBuffer) => skb.cb2 !== 0;
const isPushed = (skb: PacketBuffer) => (skb.view.getUint8(skb.transportHeader + 13) & (TCP_PSH | TCP_FIN)) !== 0;

/** Bytes of the TCP header of a segment that may be joined, with its headers found and its checksum good; -1: it may not. */
function joinable(skb: PacketBuffer): number {
  const { view, data, tail } = skb;
  skb.transportHeader = -1;
  if (skb.gsoType !== GSO_NONE || skb.vlanTci >= 0) return -1;
  let transport: number;
  if (skb.protocol === ETH_P_IP) {
    // No options, no fragments, and nothing behind the packet.
    if (tail - data < IPV4_HEADER + TCP_HEADER || view.getUint8(data) !== 0x45 || view.getUint8(data + 9) !== TCP) return -1;
    if ((view.getUint16(data + 6) & 0x3fff) !== 0 || view.getUint16(data + 2) !== tail - data) return -1;
    transport = data + IPV4_HEADER;
  } else if (skb.protocol === ETH_P_IPV6) {
    if (tail - data < IPV6_HEADER + TCP_HEADER || view.getUint8(data) >>> 4 !== 6 || view.getUint8(data + 6) !== TCP) return -1;
    if (view.getUint16(data + 4) !== tail - data - IPV6_HEADER) return -1;
    transport = data + IPV6_HEADER;
  } else return -1;
  skb.networkHeader = data;
  skb.transportHeader = transport;
  const header = (view.getUint8(transport + 12) >>> 4) << 2;
  const flags = view.getUint8(transport + 13);
  if (header < TCP_HEADER || transport + header >= tail || (flags & TCP_ALONE) !== 0 || (flags & TCP_ACK) === 0) return -1;
  if (skb.protocol === ETH_P_IP && fold(sum(view, data, IPV4_HEADER, 0)) !== 0xffff) return -1;
  if (skb.ipSummed === CHECKSUM_NONE && fold(sum(view, transport, tail - transport, pseudo(skb))) !== 0xffff) return -1;
  return header;
}

/** The pseudo-header's sum. */
function pseudo(skb: PacketBuffer): number {
  const { view, data } = skb;
  const ipv4 = skb.protocol === ETH_P_IP;
  const bytes = skb.tail - skb.transportHeader;
  return sum(view, data + (ipv4 ? 12 : 8), ipv4 ? 8 : 32, TCP + bytes);
}

/** Addresses and ports are the same, and so is the frame's header. */
function sameFlow(head: PacketBuffer, skb: PacketBuffer): boolean {
  if (head.protocol !== skb.protocol || head.packetType !== skb.packetType) return false;
  const a = head.view;
  const b = skb.view;
  if (a.getUint32(head.transportHeader) !== b.getUint32(skb.transportHeader)) return false;
  const ipv4 = head.protocol === ETH_P_IP;
  const at = ipv4 ? 12 : 8;
  for (let i = at; i < (ipv4 ? 20 : IPV6_HEADER); i += 4)
    if (a.getUint32(head.networkHeader + i) !== b.getUint32(skb.networkHeader + i)) return false;
  if (head.macHeader < 0 || skb.macHeader < 0) return head.macHeader === skb.macHeader;
  for (let i = 0; i < 12; i += 4) if (a.getUint32(head.macHeader + i) !== b.getUint32(skb.macHeader + i)) return false;
  return true;
}

/** `skb` is what segment() would have cut behind `head`. */
function continues(head: PacketBuffer, skb: PacketBuffer, header: number): boolean {
  const a = head.view;
  const b = skb.view;
  const from = head.networkHeader;
  const to = skb.networkHeader;
  if (head.protocol === ETH_P_IP) {
    // Type of service, flags, TTL; the identification counts up with the segments.
    if (a.getUint8(from + 1) !== b.getUint8(to + 1) || a.getUint16(from + 6) !== b.getUint16(to + 6)) return false;
    if (a.getUint8(from + 8) !== b.getUint8(to + 8)) return false;
    const count = head.gsoSegments === 0 ? 1 : head.gsoSegments;
    if (((a.getUint16(from + 4) + count) & 0xffff) !== b.getUint16(to + 4)) return false;
  } else if (a.getUint32(from) !== b.getUint32(to) || a.getUint8(from + 7) !== b.getUint8(to + 7)) return false;
  const at = head.transportHeader;
  const bt = skb.transportHeader;
  const sequence = (a.getUint32(at + 4) + (head.tail - at - header)) >>> 0;
  if (sequence !== b.getUint32(bt + 4) || a.getUint32(at + 8) !== b.getUint32(bt + 8)) return false;
  const mask = ~(TCP_PSH | TCP_FIN) & 0xff;
  if ((a.getUint8(at + 13) & mask) !== (b.getUint8(bt + 13) & mask) || a.getUint16(at + 14) !== b.getUint16(bt + 14)) return false;
  for (let i = TCP_HEADER; i < header; i += 4) if (a.getUint32(at + i) !== b.getUint32(bt + i)) return false;
  return true;
}

/** The lengths of a joined packet, and its checksum left to whoever needs it. */
function writeLength(skb: PacketBuffer): void {
  const { view, networkHeader: ip, transportHeader: tcp } = skb;
  if (skb.protocol === ETH_P_IP) {
    view.setUint16(ip + 2, skb.tail - ip);
    view.setUint16(ip + 10, 0);
    view.setUint16(ip + 10, ~fold(sum(view, ip, IPV4_HEADER, 0)) & 0xffff);
  } else view.setUint16(ip + 4, skb.tail - ip - IPV6_HEADER);
  view.setUint16(tcp + TCP_CHECK, fold(pseudo(skb)));
  skb.ipSummed = CHECKSUM_PARTIAL;
  skb.csumStart = tcp;
  skb.csumOffset = TCP_CHECK;
}
