import type { CapturedPacket } from '../print-packet.js';
import type { ByteStream } from './byte-stream.js';

/** What next() says. */
export const PACKET = 0;
/** More input is needed: await fill(), then ask again. */
export const MORE = 1;
export const END = 2;
export type Next = typeof PACKET | typeof MORE | typeof END;

/**
 * Packets of a file, one after the other, without a promise for each: next() moves to the following one, whose fields stay right
 * until the next call. A packet's time is read out of the file where it is asked for. next() throws CaptureError for what is wrong with the file.
 */
export interface CaptureReader extends CapturedPacket {
  /** DLT_* number. */
  readonly linkType: number;
  readonly snapshot: number;
  /** Written by a host of the other byte order. */
  readonly swapped: boolean;
  next(): Next;
  /** next() until `filter` takes a packet. */
  nextTaken(filter: PacketTaker): Next;
  /** Waits for more input. */
  fill(): Promise<void>;
}

export interface PacketTaker {
  takes(packet: CapturedPacket): boolean;
}

/** What libpcap says of a file that it cannot read on. */
export class CaptureError extends Error {}

/** The part that both formats share: where the present packet lies. */
export abstract class StreamReader implements CaptureReader {
  abstract readonly linkType: number;
  abstract readonly snapshot: number;
  abstract readonly swapped: boolean;
  abstract readonly seconds: number;
  abstract readonly fraction: number;
  length = 0;
  start = 0;
  end = 0;
  protected readonly stream: ByteStream;
  /** Bytes that next() misses. */
  protected wanted = 0;

  constructor(stream: ByteStream) {
    this.stream = stream;
  }

  get bytes(): Uint8Array {
    return this.stream.bytes;
  }

  get view(): DataView {
    return this.stream.view;
  }

  abstract next(): Next;

  nextTaken(filter: PacketTaker): Next {
    for (;;) {
      const next = this.next();
      if (next === PACKET ? filter.takes(this) : next === END || !this.stream.needNow(this.wanted)) return next;
    }
  }

  async fill(): Promise<void> {
    await this.stream.need(this.wanted);
  }

  /** True: `count` bytes from the stream's place on are there. Else next() is to return MORE, or the input is over. */
  protected there(count: number): boolean {
    if (this.stream.available >= count) return true;
    this.wanted = count;
    return false;
  }
}

/** A snapshot length of a file that makes no sense is the largest: pcap_adjust_snapshot(). */
export const adjustSnapshot = (snapshot: number, largest: number) => (snapshot <= 0 || snapshot > 0x7fffffff ? largest : snapshot);
