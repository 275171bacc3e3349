/**
 * The level- and path-compressed trie that Linux keeps a table of routes in (net/ipv4/fib_trie.c, after Nilsson and Karlsson). Lookups
 * here go another way; the shape is made anew for /proc/net/fib_trie, by the rules after which Linux doubles, halves and drops nodes.
 */

const KEY_BITS = 32;
/** Rounds of doubling or halving in one visit. */
const MAX_WORK = 10;
// Per cent of children in use from which a node doubles, and below which it halves; the root is kept larger.
const INFLATE = 50;
const INFLATE_ROOT = 30;
const HALVE = 25;
const HALVE_ROOT = 15;

export class TrieLeaf<T> {
  readonly key: number;
  readonly pos = 0;
  readonly bits = 0;
  readonly entries: T[] = [];
  parent: TrieNode<T> | null = null;

  constructor(key: number) {
    this.key = key;
  }
}

/** A node of 2^bits children, chosen by the bits of a key from `pos` on. */
export class TrieNode<T> {
  readonly key: number;
  readonly pos: number;
  readonly bits: number;
  readonly children: (TrieLeaf<T> | TrieNode<T> | null)[];
  parent: TrieNode<T> | null = null;

  constructor(key: number, pos: number, bits: number) {
    const shift = pos + bits;
    this.key = shift < KEY_BITS ? ((key >>> shift) << shift) >>> 0 : 0;
    this.pos = pos;
    this.bits = bits;
    this.children = Array.from({ length: 2 ** bits }, () => null);
  }

  indexOf(key: number): number {
    return ((key ^ this.key) >>> 0) >>> this.pos;
  }

  get empty(): number {
    return this.children.reduce((sum, child) => sum + (child === null ? 1 : 0), 0);
  }

  /** Children that are nodes of the very next bits. */
  get full(): number {
    return this.children.reduce((sum, child) => sum + (this.isFull(child) ? 1 : 0), 0);
  }

  isFull(child: TrieLeaf<T> | TrieNode<T> | null | undefined): child is TrieNode<T> {
    return child instanceof TrieNode && child.pos + child.bits === this.pos;
  }
}

type Member<T> = TrieLeaf<T> | TrieNode<T>;

export class Trie<T> {
  root: Member<T> | null = null;

  /** The leaf of `key`, made if there is none. */
  leaf(key: number): TrieLeaf<T> {
    let parent: TrieNode<T> | null = null;
    let member = this.root;
    while (member !== null) {
      if (member instanceof TrieLeaf) {
        if (member.key === key) return member;
        break;
      }
      const index = member.indexOf(key);
      if (index >= member.children.length) break;
      parent = member;
      member = member.children[index]!;
    }
    const leaf = new TrieLeaf<T>(key);
    if (member !== null) {
      // Something else is in the place: both hang below a node of the first bit in which they differ.
      const node = new TrieNode<T>(key, 31 - Math.clz32(key ^ member.key), 1);
      node.children[node.indexOf(key) ^ 1] = member;
      this.#put(parent, key, node);
      member.parent = node;
      parent = node;
    }
    this.#put(parent, key, leaf);
    for (let node = parent; node !== null; ) node = this.#resize(node);
    return leaf;
  }

  #put(parent: TrieNode<T> | null, key: number, member: Member<T> | null): void {
    if (parent === null) this.root = member;
    else parent.children[parent.indexOf(key)] = member;
    if (member !== null) member.parent = parent;
  }

  /** Doubles, halves or drops `node` as its children want it; returns what is above. Linux: resize() */
  #resize(node: TrieNode<T>): TrieNode<T> | null {
    const parent = node.parent;
    let present = node;
    let work = MAX_WORK;
    for (; work > 0 && wantsInflating(present); work--) present = this.#inflate(present);
    if (work !== MAX_WORK) return present.parent;
    for (; work > 0 && wantsHalving(present); work--) present = this.#halve(present);
    const used = present.children.filter((child) => child !== null);
    if (used.length >= 2) return present.parent;
    this.#put(parent, present.key, used[0] ?? null);
    return parent;
  }

  #replace(old: TrieNode<T>, node: TrieNode<T>): TrieNode<T> {
    this.#put(old.parent, node.key, node);
    for (const child of node.children) if (child !== null) child.parent = node;
    for (let i = node.children.length - 1; i >= 0; i--) {
      const child = node.children[i];
      if (node.isFull(child)) this.#resize(child);
    }
    return node;
  }

  #inflate(old: TrieNode<T>): TrieNode<T> {
    const node = new TrieNode<T>(old.key, old.pos - 1, old.bits + 1);
    const bit = 2 ** node.pos;
    for (const [i, child] of old.children.entries()) {
      if (child === null) continue;
      if (!old.isFull(child)) {
        node.children[node.indexOf(child.key)] = child;
        continue;
      }
      if (child.bits === 1) {
        node.children[2 * i] = child.children[0]!;
        node.children[2 * i + 1] = child.children[1]!;
        continue;
      }
      const half = child.children.length / 2;
      for (const upper of [0, 1]) {
        const part = new TrieNode<T>((upper === 0 ? child.key : child.key | bit) >>> 0, child.pos, child.bits - 1);
        for (let j = 0; j < half; j++) {
          const grandchild = child.children[upper * half + j]!;
          part.children[j] = grandchild;
          if (grandchild !== null) grandchild.parent = part;
        }
        node.children[2 * i + upper] = part;
      }
    }
    return this.#replace(old, node);
  }

  #halve(old: TrieNode<T>): TrieNode<T> {
    const node = new TrieNode<T>(old.key, old.pos + 1, old.bits - 1);
    for (let i = 0; i < old.children.length; i += 2) {
      const lower = old.children[i]!;
      const upper = old.children[i + 1]!;
      if (lower === null || upper === null) {
        node.children[i / 2] = lower ?? upper;
        continue;
      }
      const pair = new TrieNode<T>(lower.key, old.pos, 1);
      pair.children[0] = lower;
      pair.children[1] = upper;
      lower.parent = pair;
      upper.parent = pair;
      node.children[i / 2] = pair;
    }
    return this.#replace(old, node);
  }
}

function wantsInflating<T>(node: TrieNode<T>): boolean {
  const length = node.children.length;
  const used = length - node.empty + node.full;
  // A node that doubled has twice as many places: hence 50.
  return used > 1 && node.pos > 0 && 50 * used >= length * (node.parent === null ? INFLATE_ROOT : INFLATE);
}

function wantsHalving<T>(node: TrieNode<T>): boolean {
  const length = node.children.length;
  const used = length - node.empty;
  return used > 1 && node.bits > 1 && 100 * used < length * (node.parent === null ? HALVE_ROOT : HALVE);
}
