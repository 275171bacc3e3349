import type { PacketBuffer } from '../core/packet-buffer.js';
import { seqLe } from './sequence.js';

/**
 * Segments kept beyond a hole, by sequence number, without overlaps (Linux: out_of_order_queue, a tree). An array with a free front:
 * a place is found by halving, the ends cost nothing, and what is inserted in the middle moves some thousand
 * references at most, since the receive buffer bounds the number - so nobody can make it slow by many tiny segments
 * (CVE-2018-5390).
 */
export class OutOfOrderQueue {
  readonly #segments: PacketBuffer[] = [];
  #first = 0;

  get length(): number {
    return this.#segments.length - this.#first;
  }

  at(index: number): PacketBuffer {
    return this.#segments[this.#first + index]!;
  }

  get last(): PacketBuffer | null {
    return this.length === 0 ? null : this.#segments[this.#segments.length - 1]!;
  }

  /** How many segments begin at or before `seq`. */
  countUpTo(seq: number): number {
    const segments = this.#segments;
    let low = this.#first;
    let high = segments.length;
    // What comes now mostly lies behind all that came before.
    if (high > low && seqLe(segments[high - 1]!.cb0, seq)) return high - low;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (seqLe(segments[middle]!.cb0, seq)) low = middle + 1;
      else high = middle;
    }
    return low - this.#first;
  }

  insert(index: number, skb: PacketBuffer): void {
    const segments = this.#segments;
    const place = this.#first + index;
    if (index === 0 && this.#first > 0) {
      segments[--this.#first] = skb;
      return;
    }
    segments.push(skb);
    for (let i = segments.length - 1; i > place; i--) segments[i] = segments[i - 1]!;
    segments[place] = skb;
  }

  /** Takes `count` segments out from `index` on; the caller has taken care of them. */
  remove(index: number, count: number): void {
    const segments = this.#segments;
    if (index === 0) {
      this.#first += count;
      if (this.#first === segments.length) this.clear();
      else if (this.#first > 64 && this.#first > segments.length >> 1) this.#compact();
      return;
    }
    for (let i = this.#first + index; i + count < segments.length; i++) segments[i] = segments[i + count]!;
    segments.length -= count;
  }

  #compact(): void {
    const segments = this.#segments;
    const count = this.length;
    for (let i = 0; i < count; i++) segments[i] = segments[this.#first + i]!;
    segments.length = count;
    this.#first = 0;
  }

  clear(): void {
    this.#segments.length = 0;
    this.#first = 0;
  }
}
