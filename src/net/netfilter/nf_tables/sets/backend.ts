import type { SetElement } from '../element.js';

/** How a set keeps and finds its elements (struct nft_set_ops). Keys are bytes as they lie in registers. */
export interface SetBackend {
  readonly size: number;
  /** The element that is there already, which stays; null: it was added. EEXIST: it overlaps another. */
  insert(element: SetElement): SetElement | null;
  remove(element: SetElement): void;
  /** The element with this very key, and end where there are such. */
  find(key: Uint8Array, keyEnd: Uint8Array | null, flags: number): SetElement | null;
  /** The element that a packet's key, in registers from `word` on, is in. */
  lookup(registers: Int32Array, word: number): SetElement | null;
  /** What a user who asks for a key gets: of intervals their beginning, or with NFT_SET_ELEM_INTERVAL_END their end. */
  get(key: Uint8Array, keyEnd: Uint8Array | null, flags: number): SetElement | null;
  /** Looks whether all fits together, before a transaction ends. EEXIST for intervals that overlap. */
  check?(): void;
  clear(): void;
  /** In the order of dumps. */
  elements(): Iterable<SetElement>;
}

/** A set that keeps what is nothing but its key without an object for it. */
export interface PlainSetBackend extends SetBackend {
  /** Adds the key that lies in `bytes` at `at`; false: there is one, whatever it is. `flags`: NFT_SET_ELEM_*. */
  insertPlain(bytes: Uint8Array, at: number, flags: number): boolean;
  removePlain(bytes: Uint8Array, at: number, flags: number): void;
}

export const isPlainBackend = (backend: SetBackend): backend is PlainSetBackend => 'insertPlain' in backend;
