import type { ReceiveInfo } from '../../net/core/socket.js';
import { TP_STATUS_USER } from '../../net/packet/constants.js';
import { frameAt, framesOf, HEADERS, type RingRequest, TPACKET_V2, TPACKET_V3 } from './ring-layout.js';
import type { RingMemory } from './ring-memory.js';

// linux/if_packet.h
const TP_STATUS_KERNEL = 0;
const TP_STATUS_BLK_TMO = 0x20;

const SOCKADDR_LL = 20;
/** struct tpacket_block_desc. */
const BLOCK_HEADER = 48;
/** The least room for a link header before the network header. */
const LEAST_LINK_HEADER = 16;

const align16 = (value: number) => (value + 15) & ~15;

/** A ring of packets that a program reads by mmap(): memory that it and we share. Frames (V1, V2), or blocks of packets (V3). */
export class PacketRing {
  readonly version: number;
  readonly request: RingRequest;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #words: Int32Array;
  readonly #reserve: number;
  /** The frame or block that is next, or being filled. */
  #current = 0;
  /** Of the block being filled. */
  #packets = 0;
  #end = 0;
  #last = 0;
  #sequence = 1;

  /** At the beginning of `memory`. */
  constructor(version: number, request: RingRequest, reserve: number, memory: RingMemory) {
    this.version = version;
    this.request = request;
    this.#reserve = reserve;
    this.#bytes = memory.bytes;
    this.#view = memory.view;
    this.#words = memory.words;
    if (version === TPACKET_V3) for (let i = 0; i < request.blockCount; i++) this.#openBlock(i);
  }

  get #slots(): number {
    return this.version === TPACKET_V3 ? this.request.blockCount : framesOf(this.request);
  }

  /** Where a frame or a block begins. */
  #slotAt(index: number): number {
    return this.version === TPACKET_V3 ? index * this.request.blockSize : frameAt(this.request, index);
  }

  #statusAt(index: number): number {
    return (this.#slotAt(index) + (this.version === TPACKET_V3 ? 8 : 0)) >> 2;
  }

  #isOurs(index: number): boolean {
    return (Atomics.load(this.#words, this.#statusAt(index)) & TP_STATUS_USER) === 0;
  }

  /** Nothing waits for the program. */
  get read(): boolean {
    for (let i = 0; i < this.#slots; i++) if (!this.#isOurs(i)) return false;
    return true;
  }

  /** A packet waits in a block that is not handed over yet. */
  get filling(): boolean {
    return this.#packets > 0;
  }

  /** Puts a packet in; false: there is no room. True in `handed` where the program got something to read by it. */
  put(packet: Uint8Array, length: number, info: ReceiveInfo, wallUs: number, linkHeader: number): boolean {
    return this.version === TPACKET_V3
      ? this.#putInBlock(packet, length, info, wallUs, linkHeader)
      : this.#putFrame(packet, length, info, wallUs, linkHeader);
  }

  /** Where a packet's network header goes behind its frame header. */
  #networkOffset(linkHeader: number): number {
    const header = align16(HEADERS[this.version]!) + SOCKADDR_LL;
    return align16(header + Math.max(linkHeader, LEAST_LINK_HEADER)) + this.#reserve;
  }

  #putFrame(packet: Uint8Array, length: number, info: ReceiveInfo, wallUs: number, linkHeader: number): boolean {
    if (!this.#isOurs(this.#current)) return false;
    const at = this.#slotAt(this.#current);
    const net = this.#networkOffset(linkHeader);
    const mac = net - linkHeader;
    const kept = Math.max(0, Math.min(length, this.request.frameSize - mac));
    const v = this.#view;
    this.#bytes.set(packet.subarray(0, kept), at + mac);
    const seconds = Math.floor(wallUs / 1_000_000);
    const micros = Math.floor(wallUs % 1_000_000);
    if (this.version === TPACKET_V2) {
      v.setUint32(at + 4, info.fullLength, true);
      v.setUint32(at + 8, kept, true);
      v.setUint16(at + 12, mac, true);
      v.setUint16(at + 14, net, true);
      v.setUint32(at + 16, seconds, true);
      v.setUint32(at + 20, micros * 1000, true);
      if (info.vlanTci >= 0) {
        v.setUint16(at + 24, info.vlanTci, true);
        v.setUint16(at + 26, info.vlanProtocol, true);
      }
    } else {
      v.setUint32(at + 8, info.fullLength, true);
      v.setUint32(at + 12, kept, true);
      v.setUint16(at + 16, mac, true);
      v.setUint16(at + 18, net, true);
      v.setUint32(at + 20, seconds, true);
      v.setUint32(at + 24, micros, true);
    }
    this.#writeAddress(at + HEADERS[this.version]!, info);
    Atomics.store(this.#words, this.#statusAt(this.#current), info.frameStatus);
    this.#current = (this.#current + 1) % this.#slots;
    return true;
  }

  #openBlock(index: number): void {
    const at = this.#slotAt(index);
    this.#view.setUint32(at, 1, true);
    this.#view.setUint32(at + 4, BLOCK_HEADER, true);
    Atomics.store(this.#words, this.#statusAt(index), TP_STATUS_KERNEL);
  }

  #putInBlock(packet: Uint8Array, length: number, info: ReceiveInfo, wallUs: number, linkHeader: number): boolean {
    const net = this.#networkOffset(linkHeader);
    const mac = net - linkHeader;
    const room = this.request.blockSize - BLOCK_HEADER;
    const kept = Math.max(0, Math.min(length, room - mac));
    const size = align16(mac + kept);
    if (this.#packets > 0 && this.#end + size > this.request.blockSize) this.retire(false);
    if (!this.#isOurs(this.#current)) return false;
    const block = this.#slotAt(this.#current);
    if (this.#packets === 0) this.#end = BLOCK_HEADER;
    const at = block + this.#end;
    const v = this.#view;
    this.#bytes.set(packet.subarray(0, kept), at + mac);
    const seconds = Math.floor(wallUs / 1_000_000);
    const nanos = Math.floor(wallUs % 1_000_000) * 1000;
    const tagged = info.vlanTci >= 0;
    v.setUint32(at, 0, true);
    v.setUint32(at + 4, seconds, true);
    v.setUint32(at + 8, nanos, true);
    v.setUint32(at + 12, kept, true);
    v.setUint32(at + 16, info.fullLength, true);
    v.setUint32(at + 20, info.frameStatus, true);
    v.setUint16(at + 24, mac, true);
    v.setUint16(at + 26, net, true);
    v.setUint32(at + 28, 0, true);
    v.setUint32(at + 32, tagged ? info.vlanTci : 0, true);
    v.setUint16(at + 36, tagged ? info.vlanProtocol : 0, true);
    this.#writeAddress(at + HEADERS[TPACKET_V3], info);
    if (this.#packets === 0) {
      v.setUint32(block + 32, seconds, true);
      v.setUint32(block + 36, nanos, true);
    } else v.setUint32(this.#last, at - this.#last, true);
    v.setUint32(block + 40, seconds, true);
    v.setUint32(block + 44, nanos, true);
    this.#last = at;
    this.#packets++;
    this.#end += size;
    return true;
  }

  /** Hands the block that is being filled to the program. */
  retire(byTimeout: boolean): void {
    if (this.#packets === 0) return;
    const block = this.#slotAt(this.#current);
    const v = this.#view;
    v.setUint32(block + 12, this.#packets, true);
    v.setUint32(block + 16, BLOCK_HEADER, true);
    v.setUint32(block + 20, this.#end, true);
    v.setUint32(block + 24, this.#sequence++, true);
    Atomics.store(this.#words, this.#statusAt(this.#current), TP_STATUS_USER | (byTimeout ? TP_STATUS_BLK_TMO : 0));
    this.#current = (this.#current + 1) % this.#slots;
    this.#packets = 0;
  }

  /** struct sockaddr_ll. */
  #writeAddress(at: number, { from }: ReceiveInfo): void {
    const v = this.#view;
    v.setUint16(at, 17, true);
    v.setUint16(at + 2, from.port);
    v.setInt32(at + 4, from.scopeId, true);
    v.setUint16(at + 8, from.hardwareType, true);
    v.setUint8(at + 10, from.packetType);
    const bytes = from.bytes ?? new Uint8Array(0);
    v.setUint8(at + 11, bytes.length);
    this.#bytes.set(bytes.subarray(0, 8), at + 12);
  }
}
