import { copyBytes } from '../core/packet-pool.js';
import { seqDiff } from './sequence.js';

const CHUNK_BYTES = 16_384;

/** Chunks of send queues that are not in use: shared by all sockets of a namespace, so that an idle socket holds none. */
export class ChunkPool {
  readonly #free: Uint8Array[] = [];

  take(): Uint8Array {
    return this.#free.length === 0 ? new Uint8Array(CHUNK_BYTES) : this.#free.pop()!;
  }

  give(chunk: Uint8Array): void {
    if (this.#free.length < 1024) this.#free.push(chunk);
  }
}

/**
 * The bytes a user sent and the peer did not acknowledge, from `headSeq` on. Segments, first and repeated, are cut out of it
 * by sequence number, so their boundaries may differ each time.
 */
export class SendQueue {
  /** Sequence number of the first byte. */
  headSeq = 0;
  length = 0;
  readonly #pool: ChunkPool;
  readonly #chunks: Uint8Array[] = [];
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
      copyBytes(bytes, at, this.#chunks[index]!, within, run);
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
      copyBytes(this.#chunks[index]!, within, into, at, run);
      position += run;
      at += run;
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
