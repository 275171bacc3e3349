import { Arena } from './arena.js';
import { ASK, DirectTable } from './direct-table.js';

/** From so many prefixes on a DirectTable is worth its 32 MB: 54 bytes a prefix. */
const DIRECT_FROM = 600_000;

/**
 * Longest-prefix match over 32-bit addresses: prefix -> a value that is a positive u32.
 *
 * The first 8 bits index `#values8`, the next 8 a page of 256 that exists only where a prefix of 9 bits or more is; both hold the
 * best match down to there. Below that stands a tree bitmap (Eatherton, Dittia, Varghese: "Tree Bitmap: Hardware/Software IP
 * Lookups with Incremental Updates", 2004) of 4 bits a level. A node is four words:
 *
 *   0  bit (1 << l) - 2 + v: the node holds the prefix that has the l (1..4) bits v below the node's own
 *   1  bit n: the node has a child for the nibble n
 *   2  index of its first child; its children lie in a row
 *   3  index of its first value; its values lie in a row, in the order of the bits of word 0
 *
 * Inserting and deleting touch one block of children and one of values, whatever the size of the table.
 */
export class PrefixTable {
  readonly #values8 = new Uint32Array(256);
  readonly #length8 = new Int8Array(256).fill(-1);
  /** Page of each top byte plus one; 0: none. */
  readonly #pageOf = new Uint16Array(256);
  /** Two words an entry of a page: the best value of 9 to 16 bits; its length less 8 in the top four bits, and the node below. */
  #pageWords = new Uint32Array(0);
  #pages = 0;
  /** Prefixes of up to 16 bits, by shortKey(). */
  readonly #short = new Map<number, number>();
  readonly #nodes = new Arena(4, 16, 16);
  readonly #values = new Arena(1, 30, 16);
  #size = 0;
  /** Of them, those of more than 24 bits, for which a DirectTable does nothing. */
  #long = 0;
  /** Of a large table: what most lookups are answered from. */
  #direct: DirectTable | null = null;
  #directFrom: number;
  /** Length of the prefix that the last lookup found. */
  matchedLength = 0;

  /** `directFrom`: how many prefixes of up to 24 bits make a table large. */
  constructor(directFrom = DIRECT_FROM) {
    this.#directFrom = directFrom;
  }

  /** Number of prefixes. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of its arrays, the free ones included. */
  get bytes(): number {
    return (
      this.#nodes.bytes + this.#values.bytes + this.#pageWords.byteLength + 256 * 7 + this.#short.size * 40 + (this.#direct?.bytes ?? 0)
    );
  }

  /** The value of the longest prefix that holds `address`; 0: none. `matchedLength` then says its length. */
  lookup(address: number): number {
    const top = address >>> 24;
    let value = this.#values8[top]!;
    let length = this.#length8[top]!;
    const direct = this.#direct;
    if (direct !== null) {
      const entry = direct.entries[address >>> 8]!;
      if (entry !== ASK) {
        this.matchedLength = entry === 0 ? length : direct.lengths[entry]!;
        return entry === 0 ? value : direct.values[entry]!;
      }
    }
    const page = this.#pageOf[top]!;
    if (page !== 0) {
      const at = ((page - 1) << 9) | ((address >>> 15) & 0x1fe);
      const wide = this.#pageWords[at]!;
      const below = this.#pageWords[at + 1]!;
      if (wide !== 0) {
        value = wide;
        length = 8 + (below >>> LENGTH_SHIFT);
      }
      let node = below & NODE_MASK;
      const words = this.#nodes.words;
      let held = 0;
      let bit = 0;
      let base = 0;
      let shift = 12;
      while (node !== 0) {
        const word = node << 2;
        const nibble = (address >>> shift) & 15;
        const matches = words[word]! & MATCHING[nibble]!;
        if (matches !== 0) {
          held = words[word]!;
          bit = 31 - Math.clz32(matches);
          base = words[word + 3]!;
          length = 28 - shift + LENGTH_OF_BIT[bit]!;
        }
        const children = words[word + 1]!;
        if (((children >>> nibble) & 1) === 0) break;
        node = words[word + 2]! + popcount(children & ((1 << nibble) - 1));
        shift -= 4;
      }
      if (held !== 0) value = this.#values.words[base + popcount(held & ((1 << bit) - 1))]!;
    }
    this.matchedLength = length;
    return value;
  }

  /** As lookup(), among prefixes of at most `longest` bits: where the longer ones did not suit. */
  lookupShorter(address: number, longest: number): number {
    let value = 0;
    const page = this.#pageOf[address >>> 24]!;
    if (longest > 16 && page !== 0) {
      let node = this.#pageWords[((page - 1) << 9) | ((address >>> 15) & 0x1fe) | 1]! & NODE_MASK;
      const words = this.#nodes.words;
      for (let shift = 12; node !== 0; shift -= 4) {
        const room = longest - 28 + shift;
        if (room <= 0) break;
        const word = node << 2;
        const nibble = (address >>> shift) & 15;
        const matches = words[word]! & MATCHING[nibble]! & UP_TO_LENGTH[Math.min(room, 4)]!;
        if (matches !== 0) {
          const bit = 31 - Math.clz32(matches);
          value = this.#values.words[words[word + 3]! + popcount(words[word]! & ((1 << bit) - 1))]!;
          this.matchedLength = 28 - shift + LENGTH_OF_BIT[bit]!;
        }
        const children = words[word + 1]!;
        if (((children >>> nibble) & 1) === 0) break;
        node = words[word + 2]! + popcount(children & ((1 << nibble) - 1));
      }
      if (value !== 0) return value;
    }
    for (let length = Math.min(longest, 16); length >= 0; length--) {
      const found = this.#short.get(shortKey(address, length));
      if (found !== undefined) {
        this.matchedLength = length;
        return found;
      }
    }
    return 0;
  }

  /** The value of exactly this prefix; 0: none. */
  get(prefix: number, length: number): number {
    if (length <= 16) return this.#short.get(shortKey(prefix, length)) ?? 0;
    const page = this.#pageOf[prefix >>> 24]!;
    if (page === 0) return 0;
    let node = this.#pageWords[((page - 1) << 9) | ((prefix >>> 15) & 0x1fe) | 1]! & NODE_MASK;
    const words = this.#nodes.words;
    let shift = 12;
    for (let left = length - 16; node !== 0; left -= 4, shift -= 4) {
      const word = node << 2;
      const nibble = (prefix >>> shift) & 15;
      if (left <= 4) {
        const bit = bitOf(nibble, left);
        if (((words[word]! >>> bit) & 1) === 0) return 0;
        return this.#values.words[words[word + 3]! + popcount(words[word]! & ((1 << bit) - 1))]!;
      }
      const children = words[word + 1]!;
      if (((children >>> nibble) & 1) === 0) return 0;
      node = words[word + 2]! + popcount(children & ((1 << nibble) - 1));
    }
    return 0;
  }

  /** Gives a prefix its value, new or in place of the old one. `value` is not 0, the bits of `prefix` behind `length` are 0. */
  set(prefix: number, length: number, value: number): void {
    const direct = this.#direct;
    const before = direct === null ? 0 : this.get(prefix, length);
    const size = this.#size;
    this.#set(prefix, length, value);
    if (length > 24) this.#long += this.#size - size;
    if (direct === null) {
      if (this.#size - this.#long >= this.#directFrom && this.#long < this.#size / 4) this.#makeDirect();
    } else if (!direct.set(prefix, length, value, before)) this.#giveUpDirect();
  }

  /** Takes a prefix out; false: it was not there. */
  delete(prefix: number, length: number): boolean {
    const direct = this.#direct;
    const before = direct === null ? 0 : this.get(prefix, length);
    if (!this.#delete(prefix, length)) return false;
    if (length > 24) this.#long--;
    if (direct === null) return true;
    // Not at once: a table about as large as that is not to be filled and dropped again and again.
    if (this.#size - this.#long < this.#directFrom * 0.75) this.#direct = null;
    else {
      const value = length === 0 ? 0 : this.lookupShorter(prefix, length - 1);
      direct.delete(prefix, length, before, value, this.matchedLength, length > 24 && this.#holdsLonger(prefix));
    }
    return true;
  }

  #makeDirect(): void {
    const direct = new DirectTable();
    let fits = true;
    this.walk((prefix, length, value) => {
      fits = direct.set(prefix, length, value, 0);
      return fits;
    });
    if (fits) this.#direct = direct;
    else this.#giveUpDirect();
  }

  /** More different values than a DirectTable can name. */
  #giveUpDirect(): void {
    this.#direct = null;
    this.#directFrom = Number.POSITIVE_INFINITY;
  }

  /** Does the block of 256 addresses that `address` is in hold prefixes of more than 24 bits? */
  #holdsLonger(address: number): boolean {
    const page = this.#pageOf[address >>> 24]!;
    if (page === 0) return false;
    const words = this.#nodes.words;
    let node = this.#pageWords[((page - 1) << 9) | ((address >>> 15) & 0x1fe) | 1]! & NODE_MASK;
    for (const shift of [12, 8]) {
      if (node === 0) return false;
      const nibble = (address >>> shift) & 15;
      const children = words[(node << 2) + 1]!;
      if (((children >>> nibble) & 1) === 0) return false;
      node = words[(node << 2) + 2]! + popcount(children & ((1 << nibble) - 1));
    }
    return true;
  }

  #set(prefix: number, length: number, value: number): void {
    if (length <= 16) {
      const key = shortKey(prefix, length);
      if (!this.#short.has(key)) this.#size++;
      this.#short.set(key, value);
      this.#paint(prefix, length, length, value, length);
      return;
    }
    const entry = this.#pageEntry(prefix);
    let node = this.#pageWords[entry + 1]! & NODE_MASK;
    if (node === 0) {
      node = this.#nodes.take(1);
      this.#nodes.words.fill(0, node << 2, (node << 2) + 4);
      this.#pageWords[entry + 1]! |= node;
    }
    let shift = 12;
    for (let left = length - 16; left > 4; left -= 4, shift -= 4) node = this.#childOf(node, (prefix >>> shift) & 15);
    const bit = bitOf((prefix >>> shift) & 15, length - 28 + shift);
    this.#setValue(node, bit, value);
  }

  #delete(prefix: number, length: number): boolean {
    if (length <= 16) {
      if (!this.#short.delete(shortKey(prefix, length))) return false;
      this.#size--;
      this.#uncover(prefix, length);
      return true;
    }
    const page = this.#pageOf[prefix >>> 24]!;
    if (page === 0) return false;
    const entry = ((page - 1) << 9) | ((prefix >>> 15) & 0x1fe);
    const root = this.#pageWords[entry + 1]! & NODE_MASK;
    if (root === 0 || !this.#deleteBelow(root, prefix, length - 16, 12)) return false;
    this.#size--;
    const words = this.#nodes.words;
    if (words[root << 2] === 0 && words[(root << 2) + 1] === 0) {
      this.#nodes.give(root, 1);
      this.#pageWords[entry + 1]! &= ~NODE_MASK;
    }
    return true;
  }

  /**
   * Calls `visit` for each prefix in the order of a dump: by address, a longer prefix before a shorter one of the same address.
   * Begins at the address `from`; false from `visit` ends it. The table is not changed meanwhile.
   */
  walk(visit: (prefix: number, length: number, value: number) => boolean, from = 0): void {
    const pending: number[] = [];
    const flush = (prefix: number): boolean => {
      while (pending.length > 0) {
        const value = pending.pop()!;
        if (!visit(prefix, pending.pop()!, value)) return false;
      }
      return true;
    };
    for (let top = from >>> 24; top < 256; top++) {
      const prefix8 = (top << 24) >>> 0;
      const skipped = prefix8 < from;
      if (!skipped) this.#pushShort(prefix8, 0, 8, pending);
      const page = this.#pageOf[top]!;
      if (page === 0) {
        if (!flush(prefix8)) return;
        continue;
      }
      for (let second = skipped ? (from >>> 16) & 0xff : 0; second < 256; second++) {
        const prefix16 = (prefix8 | (second << 16)) >>> 0;
        if (prefix16 >= from) this.#pushShort(prefix16, 9, 16, pending);
        const node = this.#pageWords[((page - 1) << 9) | (second << 1) | 1]! & NODE_MASK;
        if (node === 0 ? !flush(prefix16) : !this.#walkNode(node, prefix16, 12, from, pending, visit, flush)) return;
      }
    }
  }

  #walkNode(
    node: number,
    prefix: number,
    shift: number,
    from: number,
    pending: number[],
    visit: (prefix: number, length: number, value: number) => boolean,
    flush: (prefix: number) => boolean,
  ): boolean {
    const words = this.#nodes.words;
    const held = words[node << 2]!;
    const children = words[(node << 2) + 1]!;
    for (let nibble = 0; nibble < 16; nibble++) {
      const at = (prefix | (nibble << shift)) >>> 0;
      if (at + 2 ** shift <= from) continue;
      if (at >= from)
        for (let length = 1; length <= 4; length++) {
          if ((nibble & (15 >>> length)) !== 0) continue;
          const bit = bitOf(nibble, length);
          if (((held >>> bit) & 1) === 0) continue;
          pending.push(28 - shift + length, this.#values.words[words[(node << 2) + 3]! + popcount(held & ((1 << bit) - 1))]!);
        }
      if (((children >>> nibble) & 1) !== 0) {
        const child = words[(node << 2) + 2]! + popcount(children & ((1 << nibble) - 1));
        if (!this.#walkNode(child, at, shift - 4, from, pending, visit, flush)) return false;
      } else if (!flush(at)) return false;
    }
    return true;
  }

  /** Pushes the prefixes that begin at `prefix` and have `first` to `last` bits, shortest first. */
  #pushShort(prefix: number, first: number, last: number, pending: number[]): void {
    for (let length = first; length <= last; length++) {
      if (length < 32 && (prefix & (0xffff_ffff >>> length)) !== 0) continue;
      const value = this.#short.get(shortKey(prefix, length));
      if (value !== undefined) pending.push(length, value);
    }
  }

  /** The best match of entries that `prefix`/`covered` covers becomes `value` of `length`, where what they have is not longer than `held`. */
  #paint(prefix: number, covered: number, length: number, value: number, held: number): void {
    if (covered <= 8) {
      const first = prefix >>> 24;
      const last = first + (1 << (8 - covered));
      for (let i = first; i < last; i++) {
        if (this.#length8[i]! > held) continue;
        this.#values8[i] = value;
        this.#length8[i] = length;
      }
      return;
    }
    const first = this.#pageEntry(prefix);
    const last = first + (2 << (16 - covered));
    const words = this.#pageWords;
    for (let i = first; i < last; i += 2) {
      if (words[i + 1]! >>> LENGTH_SHIFT > held - 8) continue;
      words[i] = value;
      words[i + 1] = (words[i + 1]! & NODE_MASK) | (value === 0 ? 0 : (length - 8) << LENGTH_SHIFT);
    }
  }

  /** After a short prefix is gone, what it covered falls to the next shorter one of its own level. */
  #uncover(prefix: number, length: number): void {
    const floor = length <= 8 ? 0 : 9;
    for (let shorter = length - 1; shorter >= floor; shorter--) {
      const value = this.#short.get(shortKey(prefix, shorter));
      if (value === undefined) continue;
      this.#paint(prefix, length, shorter, value, length);
      return;
    }
    this.#paint(prefix, length, -1, 0, length);
  }

  #pageEntry(prefix: number): number {
    const top = prefix >>> 24;
    if (this.#pageOf[top] === 0) {
      const page = this.#pages++;
      this.#pageOf[top] = page + 1;
      if (this.#pages << 9 > this.#pageWords.length) {
        const words = new Uint32Array(Math.min(256, Math.max(2, this.#pages + (this.#pages >>> 1))) << 9);
        words.set(this.#pageWords);
        this.#pageWords = words;
      }
    }
    return ((this.#pageOf[top]! - 1) << 9) | ((prefix >>> 15) & 0x1fe);
  }

  /** The child of `node` for `nibble`, made if need be. */
  #childOf(node: number, nibble: number): number {
    const word = node << 2;
    const children = this.#nodes.words[word + 1]!;
    const rank = popcount(children & ((1 << nibble) - 1));
    const base = this.#nodes.words[word + 2]!;
    if (((children >>> nibble) & 1) !== 0) return base + rank;
    const count = popcount(children);
    const block = this.#nodes.take(count + 1);
    const words = this.#nodes.words;
    words.copyWithin(block << 2, base << 2, (base + rank) << 2);
    words.copyWithin((block + rank + 1) << 2, (base + rank) << 2, (base + count) << 2);
    words.fill(0, (block + rank) << 2, (block + rank + 1) << 2);
    if (count > 0) this.#nodes.give(base, count);
    words[word + 1] = children | (1 << nibble);
    words[word + 2] = block;
    return block + rank;
  }

  #setValue(node: number, bit: number, value: number): void {
    const nodes = this.#nodes.words;
    const word = node << 2;
    const held = nodes[word]!;
    const base = nodes[word + 3]!;
    const rank = popcount(held & ((1 << bit) - 1));
    if (((held >>> bit) & 1) !== 0) {
      this.#values.words[base + rank] = value;
      return;
    }
    this.#size++;
    const count = popcount(held);
    const block = this.#values.take(count + 1);
    const values = this.#values.words;
    values.copyWithin(block, base, base + rank);
    values.copyWithin(block + rank + 1, base + rank, base + count);
    values[block + rank] = value;
    if (count > 0) this.#values.give(base, count);
    nodes[word] = held | (1 << bit);
    nodes[word + 3] = block;
  }

  #deleteBelow(node: number, prefix: number, left: number, shift: number): boolean {
    const word = node << 2;
    const nibble = (prefix >>> shift) & 15;
    if (left <= 4) return this.#clearValue(node, bitOf(nibble, left));
    const children = this.#nodes.words[word + 1]!;
    if (((children >>> nibble) & 1) === 0) return false;
    const rank = popcount(children & ((1 << nibble) - 1));
    const base = this.#nodes.words[word + 2]!;
    const child = base + rank;
    if (!this.#deleteBelow(child, prefix, left - 4, shift - 4)) return false;
    if (this.#nodes.words[child << 2] !== 0 || this.#nodes.words[(child << 2) + 1] !== 0) return true;
    const count = popcount(children);
    let block = 0;
    if (count > 1) {
      block = this.#nodes.take(count - 1);
      const words = this.#nodes.words;
      words.copyWithin(block << 2, base << 2, child << 2);
      words.copyWithin((block + rank) << 2, (child + 1) << 2, (base + count) << 2);
    }
    this.#nodes.give(base, count);
    this.#nodes.words[word + 1] = children & ~(1 << nibble);
    this.#nodes.words[word + 2] = block;
    return true;
  }

  #clearValue(node: number, bit: number): boolean {
    const nodes = this.#nodes.words;
    const word = node << 2;
    const held = nodes[word]!;
    if (((held >>> bit) & 1) === 0) return false;
    const base = nodes[word + 3]!;
    const rank = popcount(held & ((1 << bit) - 1));
    const count = popcount(held);
    let block = 0;
    if (count > 1) {
      block = this.#values.take(count - 1);
      const values = this.#values.words;
      values.copyWithin(block, base, base + rank);
      values.copyWithin(block + rank, base + rank + 1, base + count);
    }
    this.#values.give(base, count);
    nodes[word] = held & ~(1 << bit);
    nodes[word + 3] = block;
    return true;
  }
}

const LENGTH_SHIFT = 28;
const NODE_MASK = 0x0fff_ffff;

/** A small integer for a prefix of up to 16 bits. */
const shortKey = (prefix: number, length: number): number => (length === 0 ? 1 : (1 << length) | (prefix >>> (32 - length)));

/** Where a node notes the prefix of the first `length` bits of `nibble`. */
const bitOf = (nibble: number, length: number): number => (1 << length) - 2 + (nibble >>> (4 - length));

/** For each nibble, the bits of all prefixes of it. */
const MATCHING = Uint32Array.from(
  { length: 16 },
  (_, n) => (1 << bitOf(n, 1)) | (1 << bitOf(n, 2)) | (1 << bitOf(n, 3)) | (1 << bitOf(n, 4)),
);
const LENGTH_OF_BIT = Uint8Array.from({ length: 30 }, (_, bit) => (bit < 2 ? 1 : bit < 6 ? 2 : bit < 14 ? 3 : 4));
/** The bits of all prefixes of at most that length. */
const UP_TO_LENGTH = Uint32Array.of(0, 0x3, 0x3f, 0x3fff, 0x3fff_ffff);

function popcount(word: number): number {
  let n = word - ((word >>> 1) & 0x5555_5555);
  n = (n & 0x3333_3333) + ((n >>> 2) & 0x3333_3333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
