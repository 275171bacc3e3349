import { align4, NLA_HDRLEN, NLA_TYPE_MASK, NLM_F_CREATE } from '../../../netlink/constants.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import * as nft from '../../../netlink/nfnl/nf-tables.js';
import { SetElement } from '../../../net/netfilter/nf_tables/element.js';
import type { NftSet } from '../../../net/netfilter/nf_tables/set.js';
import { isPlainBackend, type PlainSetBackend } from '../../../net/netfilter/nf_tables/sets/backend.js';
import type { Transaction } from '../../../net/netfilter/nf_tables/transaction.js';
import type { AttributeShape } from '../../../netlink/attributes.js';
import type { Context } from './context.js';

// enum nft_set_elem_attributes, nft_data_attributes
const NFTA_SET_ELEM_KEY = 1;
const NFTA_SET_ELEM_FLAGS = 3;
const NFTA_DATA_VALUE = 1;

/** What only elements with more than a key need. */
const MORE = nft.NFT_SET_MAP | nft.NFT_SET_OBJECT | nft.NFT_SET_TIMEOUT | nft.NFT_SET_CONCAT;

/**
 * Elements of one message that are nothing but their key: they go from its bytes into the set, without an object for each. Where the
 * transaction fails, they are taken out again by the same bytes.
 */
export class PlainElements {
  readonly #context: Context<AttributeShape>;
  readonly #set: NftSet;
  readonly #backend: PlainSetBackend;
  readonly #message: NetlinkMessage;
  /** Where the keys of those that were added lie, and their flags in the highest bit. */
  readonly #added: number[] = [];
  #flags = 0;

  private constructor(context: Context<AttributeShape>, set: NftSet, backend: PlainSetBackend) {
    this.#context = context;
    this.#set = set;
    this.#backend = backend;
    this.#message = context.request.message;
  }

  /** Null: elements of the set are more than that. */
  static of(context: Context<AttributeShape>, set: NftSet): PlainElements | null {
    const { backend } = set;
    if (!isPlainBackend(backend) || (set.flags & MORE) !== 0 || set.templates.length > 0) return null;
    return new PlainElements(context, set, backend);
  }

  /** False: it is more than a key, there is one already, or there is no room: not by this way. */
  add(at: number, end: number): boolean {
    const set = this.#set;
    if (set.parameters.size !== 0) return false;
    const key = this.#keyAt(at, end);
    if (key < 0) return false;
    const flags = this.#flags;
    if (flags !== 0 && (flags !== nft.NFT_SET_ELEM_INTERVAL_END || (set.flags & nft.NFT_SET_INTERVAL) === 0)) return false;
    if (!this.#backend.insertPlain(this.#message.bytes, key, flags)) return false;
    set.count++;
    this.#added.push(key * 2 + flags);
    return true;
  }

  done(transaction: Transaction): void {
    const added = this.#added;
    if (added.length === 0) return;
    const { bytes } = this.#message;
    transaction.did(
      () => {
        for (const one of added) this.#backend.removePlain(bytes, Math.floor(one / 2), one & 1);
        this.#set.count -= added.length;
      },
      () => this.#tell(),
    );
  }

  #tell(): void {
    const set = this.#set;
    if ((set.flags & nft.NFT_SET_ANONYMOUS) !== 0 || !this.#context.isHeard) return;
    const { bytes } = this.#message;
    for (const one of this.#added) {
      const at = Math.floor(one / 2);
      const { key, flags } = new SetElement(bytes.slice(at, at + set.parameters.keyBytes), null, one & 1);
      this.#context.notify(nft.elementListMessage, nft.NFT_MSG_NEWSETELEM, NLM_F_CREATE, set.table.family, () => ({
        table: set.table.name,
        set: set.name,
        elements: [{ key: { value: key! }, ...(flags === 0 ? {} : { flags }) }],
      }));
    }
  }

  /** Where the bytes of the key lie; -1: there is more than a key and flags. */
  #keyAt(from: number, end: number): number {
    const { view } = this.#message;
    let key = -1;
    this.#flags = 0;
    for (let at = from; end - at >= NLA_HDRLEN; ) {
      const length = view.getUint16(at, true);
      if (length < NLA_HDRLEN || length > end - at) return -1;
      const type = view.getUint16(at + 2, true) & NLA_TYPE_MASK;
      if (type === NFTA_SET_ELEM_KEY) {
        const value = at + NLA_HDRLEN;
        const bytes = this.#set.parameters.keyBytes;
        if (length !== 2 * NLA_HDRLEN + align4(bytes) && length !== 2 * NLA_HDRLEN + bytes) return -1;
        if ((view.getUint16(value + 2, true) & NLA_TYPE_MASK) !== NFTA_DATA_VALUE) return -1;
        if (view.getUint16(value, true) !== NLA_HDRLEN + bytes) return -1;
        key = value + NLA_HDRLEN;
      } else if (type === NFTA_SET_ELEM_FLAGS && length === NLA_HDRLEN + 4) this.#flags = view.getUint32(at + NLA_HDRLEN);
      else return -1;
      at += align4(length);
    }
    return key;
  }
}
