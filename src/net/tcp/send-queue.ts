import type { PinnedBytes } from '../../base/pinned-bytes.js';
import { copyBytes } from '../core/packet-pool.js';
import type { GatherList, PayloadSource } from '../core/payload.js';
import { seqDiff } from './sequence.js';

const CHUNK_BYTES = 16_384;

class Chunk implements PinnedBytes {
  readonly bytes = new Uint8Array(CHUNK_BYTES);
  hostAddress = 0;
}

/** Chunks of send queues that are not in use: shared by all sockets of a namespace, so that an idle socket holds none. */
export class ChunkPool {
  readonly #free: Chunk[] = [];

  take(): Chunk {
    return this.#free.length === 0 ? new Chunk() : this.#free.pop()!;
  }

  give(chunk: Chunk): void {
    if (this.#free.length < 1024) this.#free.push(chunk);
  }
}

/**
 * The bytes a user sent and the peer did not acknowledge, from `headSeq` on. Segments, first and repeated, are cut out of it
 * by sequence number, so their boundaries may differ each time.
 */
export class SendQueue implements PayloadSource {
  /** Sequence number of the first byte. */
  headSeq = 0;
  length = 0;
  readonly #pool: ChunkPool;
  readonly #chunks: Chunk[] = [];
  /** Where the first byte lies in the first chunk. */
  #offset = 0;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
  }

  append(bytes: Uint8Array, start: number, count: number): void {
    let at = start;
    let left = count;
    while (left > 0) {
      const end = this.#offset + this.length;
      const index = Math.floor(end / CHUNK_BYTES);
      if (index === this.#chunks.length) this.#chunks.push(this.#pool.take());
      const within = end - index * CHUNK_BYTES;
      const run = Math.min(left, CHUNK_BYTES - within);
      copyBytes(bytes, at, this.#chunks[index]!.bytes, within, run);
      this.length += run;
      at += run;
      left -= run;
    }
  }

  /** Copies `count` bytes from sequence number `seq` on; the caller knows that they are there. */
  copyTo(seq: number, into: Uint8Array, intoAt: number, count: number): void {
    let position = this.#offset + seqDiff(seq, this.headSeq);
    let at = intoAt;
    let left = count;
    while (left > 0) {
      const index = Math.floor(position / CHUNK_BYTES);
      const within = position - index * CHUNK_BYTES;
      const run = Math.min(left, CHUNK_BYTES - within);
      copyBytes(this.#chunks[index]!.bytes, within, into, at, run);
      position += run;
      at += run;
      left -= run;
    }
  }

  /**
   * Adds memory for up to `count` bytes behind the last, as far as the list has room; how much it is. What was put there is taken by take(),
   * and what was not is given back by release().
   */
  reserve(count: number, list: GatherList): number {
    let position = this.#offset + this.length;
    let left = count;
    while (left > 0 && !list.isFull) {
      const index = Math.floor(position / CHUNK_BYTES);
      if (index === this.#chunks.length) this.#chunks.push(this.#pool.take());
      const within = position - index * CHUNK_BYTES;
      const run = Math.min(left, CHUNK_BYTES - within);
      list.add(this.#chunks[index]!, within, run);
      position += run;
      left -= run;
    }
    return count - left;
  }

  /** The next `count` bytes of what reserve() gave are the queue's now. */
  take(count: number): void {
    this.length += count;
  }

  /** Gives back what reserve() took beyond the bytes that came. */
  release(): void {
    const used = Math.ceil((this.#offset + this.length) / CHUNK_BYTES);
    while (this.#chunks.length > used) this.#pool.give(this.#chunks.pop()!);
    if (this.length === 0) this.clear();
  }

  gather(seq: number, count: number, list: GatherList): void {
    let position = this.#offset + seqDiff(seq, this.headSeq);
    let left = count;
    while (left > 0) {
      const index = Math.floor(position / CHUNK_BYTES);
      const within = position - index * CHUNK_BYTES;
      const run = Math.min(left, CHUNK_BYTES - within);
      list.add(this.#chunks[index]!, within, run);
      position += run;
      left -= run;
    }
  }

  /** Forgets what lies before `seq`: it was acknowledged. */
  acknowledge(seq: number): void {
    const count = Math.min(seqDiff(seq, this.headSeq), this.length);
    if (count <= 0) return;
    this.headSeq = (this.headSeq + count) | 0;
    this.length -= count;
    this.#offset += count;
    while (this.#offset >= CHUNK_BYTES) {
      this.#pool.give(this.#chunks.shift()!);
      this.#offset -= CHUNK_BYTES;
    }
    if (this.length === 0) this.clear();
  }

  clear(): void {
    while (this.#chunks.length > 0) this.#pool.give(this.#chunks.pop()!);
    this.#offset = 0;
    this.length = 0;
  }
}
