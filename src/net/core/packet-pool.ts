import { PacketBuffer, PacketMemory } from './packet-buffer.js';
import { CHECKSUM_NONE, GSO_NONE, PACKET_HOST, REDIRECTED_NOT } from './packet-buffer.js';

/** Room before a packet's data for the headers that tunnels and links put there (Linux: LL_MAX_HEADER and NET_SKB_PAD). */
export const HEADROOM = 192;

/** Sizes of packet memories: an ordinary frame, a jumbo frame, a super-packet of 64 KB with its headers. */
const SIZES = [2048, 10_240, 67_584] as const;
const SLAB_BYTES = 1 << 20;

/** The table of connections, as packets know it: an entry lives as long as anything refers to it. */
export interface ConntrackReferences {
  hold(id: number): void;
  release(id: number): void;
}

/**
 * Packet buffers for one stack: allocation and free are a push and a pop. Memories are cut from slabs that are never given
 * back; the number grows with the most packets that were ever under way at once, up to `limitBytes`.
 */
export class PacketPool {
  readonly #memories: PacketMemory[][] = SIZES.map(() => []);
  readonly #buffers: PacketBuffer[] = [];
  readonly #debug: boolean;
  readonly #limitBytes: number;
  /** All slabs ever made, so that a host can find their addresses. */
  readonly slabs: ArrayBuffer[] = [];
  /** Counts the references of packets to their connections; null while connections are not tracked. */
  conntracks: ConntrackReferences | null = null;
  /** Buffers that are out of the pool; 0 when nothing is under way or kept in a queue. */
  inUse = 0;

  constructor(options: { readonly debug?: boolean; readonly limitBytes?: number } = {}) {
    this.#debug = options.debug === true;
    this.#limitBytes = options.limitBytes ?? 1 << 30;
  }

  /**
   * An empty buffer with `headroom` before its data and room for `size` bytes; null when the pool's limit is reached
   * (the caller drops with NOMEM). `size` is at most 64 KB and headers.
   */
  allocate(size: number, headroom: number = HEADROOM): PacketBuffer | null {
    const need = size + headroom;
    const sizeClass = need <= SIZES[0] ? 0 : need <= SIZES[1] ? 1 : 2;
    if (need > SIZES[2]) return null;
    const memories = this.#memories[sizeClass]!;
    if (memories.length === 0 && !this.#grow(sizeClass)) return null;
    const memory = memories.pop()!;
    memory.references = 1;
    const buffer = this.#takeBuffer(memory);
    buffer.data = headroom;
    buffer.tail = headroom;
    return buffer;
  }

  /** A second buffer over the same bytes, with the same metadata (skb_clone). */
  clone(original: PacketBuffer): PacketBuffer {
    // Without memory for it, the copy is one of the headers alone.
    if (original.payload !== null && !this.bringIn(original)) this.#leaveOut(original);
    original.memory.references++;
    const copy = this.#takeBuffer(original.memory);
    this.#copyMetadata(original, copy);
    return copy;
  }

  /** A copy with bytes of its own (skb_copy); null at the pool's limit. */
  copy(original: PacketBuffer): PacketBuffer | null {
    if (original.payload !== null && !this.bringIn(original)) return null;
    const memories = this.#memories[original.memory.sizeClass]!;
    if (memories.length === 0 && !this.#grow(original.memory.sizeClass)) return null;
    const memory = memories.pop()!;
    memory.references = 1;
    const copy = this.#takeBuffer(memory);
    this.#copyMetadata(original, copy);
    copyBytes(original.bytes, original.data, copy.bytes, original.data, original.tail - original.data);
    // Headers before `data` that are still meant (a mac header that was pulled) come along.
    if (original.macHeader >= 0 && original.macHeader < original.data)
      copyBytes(original.bytes, original.macHeader, copy.bytes, original.macHeader, original.data - original.macHeader);
    return copy;
  }

  /** Gives `buffer` bytes that nobody shares (skb_ensure_writable); false at the pool's limit, the buffer being as before. */
  makeWritable(buffer: PacketBuffer): boolean {
    if (buffer.memory.references === 1) return true;
    const old = buffer.memory;
    const memories = this.#memories[old.sizeClass]!;
    if (memories.length === 0 && !this.#grow(old.sizeClass)) return false;
    const memory = memories.pop()!;
    memory.references = 1;
    const from = buffer.macHeader >= 0 && buffer.macHeader < buffer.data ? buffer.macHeader : buffer.data;
    copyBytes(old.bytes, from, memory.bytes, from, buffer.tail - from);
    old.references--;
    buffer.memory = memory;
    buffer.bytes = memory.bytes;
    buffer.view = memory.view;
    return true;
  }

  /** Copies a payload that lies elsewhere into the packet: whoever keeps it or looks at it wants that. False: there is no memory for it. */
  bringIn(buffer: PacketBuffer): boolean {
    const { payload, memory: old } = buffer;
    if (payload === null) return true;
    const memories = this.#memories[2]!;
    if (memories.length === 0 && !this.#grow(2)) return false;
    const memory = memories.pop()!;
    memory.references = 1;
    const headers = buffer.tail - buffer.payloadBytes;
    copyBytes(old.bytes, 0, memory.bytes, 0, headers);
    payload.copyTo(buffer.payloadSeq, memory.bytes, headers, buffer.payloadBytes);
    buffer.payload = null;
    buffer.memory = memory;
    buffer.bytes = memory.bytes;
    buffer.view = memory.view;
    this.#letGo(old);
    return true;
  }

  #leaveOut(buffer: PacketBuffer): void {
    buffer.tail -= buffer.payloadBytes;
    buffer.payload = null;
  }

  #letGo(memory: PacketMemory): void {
    if (--memory.references > 0) return;
    if (this.#debug) memory.bytes.fill(0xdd);
    this.#memories[memory.sizeClass]!.push(memory);
  }

  /** Back into the pool. Stack.drop() and Stack.consume() are what others call. */
  release(buffer: PacketBuffer): void {
    if (buffer.free) {
      if (this.#debug) throw new Error('a packet buffer was freed twice');
      return;
    }
    buffer.free = true;
    this.#letGo(buffer.memory);
    buffer.payload = null;
    buffer.device = null;
    buffer.dst = null;
    buffer.socket = null;
    buffer.tunnel = null;
    if (buffer.conntrack !== 0) this.dropConntrack(buffer);
    buffer.next = null;
    this.inUse--;
    // In a debug pool a freed buffer is never used again, so that a stale reference is seen.
    if (this.#debug) {
      buffer.data = -1;
      buffer.tail = -1;
    } else this.#buffers.push(buffer);
  }

  /** Makes `id` the connection of a packet that has none; the reference is the packet's from now on. */
  setConntrack(buffer: PacketBuffer, id: number, info: number): void {
    this.conntracks!.hold(id);
    buffer.conntrack = id;
    buffer.conntrackInfo = info;
  }

  /** Forgets a packet's connection (nf_reset_ct()). */
  dropConntrack(buffer: PacketBuffer): void {
    const id = buffer.conntrack;
    buffer.conntrack = 0;
    buffer.conntrackInfo = 0;
    if (id !== 0) this.conntracks!.release(id);
  }

  /** Gives `to` the connection of `from` as well (nf_copy()). */
  copyConntrack(from: PacketBuffer, to: PacketBuffer): void {
    if (from.conntrack === 0) to.conntrackInfo = from.conntrackInfo;
    else this.setConntrack(to, from.conntrack, from.conntrackInfo);
  }

  /** What is sent about a packet (an ICMP error, a reset) is related to its connection, other way round (nf_ct_attach()). */
  attachConntrack(about: PacketBuffer, answer: PacketBuffer): void {
    if (about.conntrack === 0) return;
    // IP_CT_RELATED of what came as a reply (IP_CT_IS_REPLY and above), IP_CT_RELATED_REPLY of the rest.
    this.setConntrack(answer, about.conntrack, about.conntrackInfo >= 3 ? 1 : 4);
  }

  /**
   * `shell` becomes what `content` is, its bytes and all that is known of it, and `content` is freed: who was handed `shell` goes on
   * with it (a whole datagram in place of its last fragment).
   */
  adopt(shell: PacketBuffer, content: PacketBuffer): void {
    const { memory } = shell;
    this.dropConntrack(shell);
    this.#copyMetadata(content, shell);
    shell.memory = content.memory;
    shell.bytes = content.bytes;
    shell.view = content.view;
    content.memory = memory;
    content.bytes = memory.bytes;
    content.view = memory.view;
    this.release(content);
  }

  #copyMetadata(from: PacketBuffer, to: PacketBuffer): void {
    copyMetadata(from, to);
    this.copyConntrack(from, to);
  }

  #takeBuffer(memory: PacketMemory): PacketBuffer {
    this.inUse++;
    const buffer = this.#buffers.length === 0 ? new PacketBuffer(memory) : this.#buffers.pop()!;
    buffer.memory = memory;
    buffer.bytes = memory.bytes;
    buffer.view = memory.view;
    buffer.macHeader = -1;
    buffer.networkHeader = -1;
    buffer.transportHeader = -1;
    buffer.protocol = 0;
    buffer.packetType = PACKET_HOST;
    buffer.iif = 0;
    buffer.sdif = 0;
    buffer.mark = 0;
    buffer.priority = 0;
    buffer.hash = 0;
    buffer.ipSummed = CHECKSUM_NONE;
    buffer.gsoType = GSO_NONE;
    buffer.gsoSize = 0;
    buffer.gsoSegments = 0;
    buffer.vlanTci = -1;
    buffer.timestampUs = 0;
    buffer.redirected = REDIRECTED_NOT;
    buffer.conntrackInfo = 0;
    buffer.conntrackZone = 0;
    buffer.trace = 0;
    buffer.ndiscNode = 0;
    buffer.ipvs = false;
    buffer.free = false;
    return buffer;
  }

  #grow(sizeClass: number): boolean {
    if ((this.slabs.length + 1) * SLAB_BYTES > this.#limitBytes) return false;
    const size = SIZES[sizeClass]!;
    const slab = new ArrayBuffer(SLAB_BYTES);
    this.slabs.push(slab);
    for (let at = 0; at + size <= SLAB_BYTES; at += size) this.#memories[sizeClass]!.push(new PacketMemory(slab, at, size, sizeClass));
    return true;
  }
}

function copyMetadata(from: PacketBuffer, to: PacketBuffer): void {
  to.data = from.data;
  to.tail = from.tail;
  to.macHeader = from.macHeader;
  to.networkHeader = from.networkHeader;
  to.transportHeader = from.transportHeader;
  to.protocol = from.protocol;
  to.packetType = from.packetType;
  to.device = from.device;
  to.iif = from.iif;
  to.sdif = from.sdif;
  to.mark = from.mark;
  to.priority = from.priority;
  to.hash = from.hash;
  to.ipSummed = from.ipSummed;
  to.csumStart = from.csumStart;
  to.csumOffset = from.csumOffset;
  to.gsoType = from.gsoType;
  to.gsoSize = from.gsoSize;
  to.gsoSegments = from.gsoSegments;
  to.vlanTci = from.vlanTci;
  to.vlanProtocol = from.vlanProtocol;
  to.timestampUs = from.timestampUs;
  to.dst = from.dst;
  to.tunnel = from.tunnel;
  to.redirected = from.redirected;
  to.conntrackZone = from.conntrackZone;
  to.trace = from.trace;
  to.ndiscNode = from.ndiscNode;
  to.ipvs = from.ipvs;
  to.cb0 = from.cb0;
  to.cb1 = from.cb1;
  to.cb2 = from.cb2;
  to.cb3 = from.cb3;
  to.cb4 = from.cb4;
  to.cb5 = from.cb5;
}

/** Copies without allocating: short runs by a loop, long ones by copyWithin's sibling set() on one subarray. */
export function copyBytes(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number, count: number): void {
  if (count <= 256) for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + i]!;
  else to.set(from.subarray(fromAt, fromAt + count), toAt);
}
