import { EINVAL, EMSGSIZE } from '../../base/errno.js';
import type { RingMemory } from './ring-memory.js';
import { frameAt, framesOf, HEADERS, type RingRequest, TPACKET_V1, TPACKET_V2, TPACKET_V3 } from './ring-layout.js';

// TP_STATUS_* of frames to be sent, linux/if_packet.h
const AVAILABLE = 0;
const SEND_REQUEST = 1;
const SENDING = 2;
const WRONG_FORMAT = 4;

/** Where a frame's header has its status, its length and the offsets of link and network header (PACKET_TX_HAS_OFF). */
const PLACES = {
  [TPACKET_V1]: { status: 0, length: 8, mac: 16, net: 18 },
  [TPACKET_V2]: { status: 0, length: 4, mac: 12, net: 14 },
  [TPACKET_V3]: { status: 20, length: 16, mac: 24, net: 26 },
} as const;

export interface TransmitOptions {
  /** PACKET_LOSS: what cannot be sent is passed over. */
  readonly loss: boolean;
  /** PACKET_TX_HAS_OFF: the header says where the packet begins. */
  readonly hasOffset: boolean;
  /** SOCK_DGRAM: it begins with the network header. */
  readonly datagrams: boolean;
}

/** A ring that a program fills with packets to be sent (PACKET_TX_RING): frames of memory that it and we share. Linux: tpacket_snd() */
export class TransmitRing {
  readonly request: RingRequest;
  readonly #version: typeof TPACKET_V1 | typeof TPACKET_V2 | typeof TPACKET_V3;
  readonly #memory: RingMemory;
  /** Where in the memory it begins, bytes. */
  readonly #start: number;
  #head = 0;

  constructor(version: typeof TPACKET_V1 | typeof TPACKET_V2 | typeof TPACKET_V3, request: RingRequest, memory: RingMemory, start: number) {
    this.#version = version;
    this.request = request;
    this.#memory = memory;
    this.#start = start;
  }

  /**
   * Sends what waits, by `send(bytes, start, length)`, a count or a negative errno each: bytes that went, or the errno of the first that
   * did not where none went before.
   */
  transmit(options: TransmitOptions, send: (bytes: Uint8Array, start: number, length: number) => number): number {
    const { bytes, view, words } = this.#memory;
    const places = PLACES[this.#version];
    const frames = framesOf(this.request);
    let total = 0;
    for (let i = 0; i < frames; i++) {
      const at = this.#start + frameAt(this.request, this.#head);
      const status = (at + places.status) >> 2;
      if (Atomics.load(words, status) !== SEND_REQUEST) break;
      const offset = this.#offset(at, options);
      const length = view.getUint32(at + places.length, true);
      let result = -EINVAL;
      if (offset >= 0) {
        result = -EMSGSIZE;
        if (length <= this.request.frameSize - offset) {
          Atomics.store(words, status, SENDING);
          result = send(bytes, at + offset, length);
        }
      }
      if (result < 0 && !options.loss) {
        Atomics.store(words, status, WRONG_FORMAT);
        return total > 0 ? total : result;
      }
      Atomics.store(words, status, AVAILABLE);
      this.#head = (this.#head + 1) % frames;
      if (result >= 0) total += length;
    }
    return total;
  }

  /** Where in a frame its packet begins; -1: it is none (tpacket_parse_header()). */
  #offset(at: number, { hasOffset, datagrams }: TransmitOptions): number {
    const { view } = this.#memory;
    const places = PLACES[this.#version];
    // Frames of different sizes are not to be had.
    if (this.#version === TPACKET_V3 && view.getUint32(at, true) !== 0) return -1;
    const least = HEADERS[this.#version];
    if (!hasOffset) return least;
    const offset = view.getUint16(at + (datagrams ? places.net : places.mac), true);
    return offset < least || offset > this.request.frameSize ? -1 : offset;
  }
}
