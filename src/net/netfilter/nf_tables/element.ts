import { NFT_SET_ELEM_INTERVAL_END } from '../../../netlink/nfnl/nf-tables.js';
import type { Chain } from './chain.js';
import type { StatefulObject } from './object.js';
import type { RuleExpression } from './rule.js';

/** An element of a set or map (struct nft_set_elem with its extensions). */
export class SetElement {
  /** Null: the element that stands for all keys that have none (catch-all). */
  readonly key: Uint8Array | null;
  /** Of concatenated ranges: the last key. */
  readonly keyEnd: Uint8Array | null;
  /** NFT_SET_ELEM_* */
  readonly flags: number;
  /** A map's value as words of registers, and how many bytes of them count. */
  data: Int32Array | null = null;
  dataBytes = 0;
  /** A verdict map's value: a verdict and the chain it leads to. */
  verdict = 0;
  chain: Chain | null = null;
  hasVerdict = false;
  object: StatefulObject | null = null;
  expressions: readonly RuleExpression[] = [];
  /** Milliseconds, where it has one of its own or its set's; 0: it stays. */
  timeoutMs = 0;
  /** Its timeout was given with it and is not the set's, or a packet's rule gave it. */
  ownTimeout = false;
  /** When it goes, microseconds of the stack's clock; 0: never. */
  expiresUs = 0;
  userdata: Uint8Array | undefined;

  constructor(key: Uint8Array | null, keyEnd: Uint8Array | null, flags: number) {
    this.key = key;
    this.keyEnd = keyEnd;
    this.flags = flags;
  }

  /** It is nothing but its key: sets need not keep it as it is. */
  get isPlain(): boolean {
    return (
      this.data === null &&
      !this.hasVerdict &&
      this.object === null &&
      this.expressions.length === 0 &&
      this.timeoutMs === 0 &&
      this.userdata === undefined &&
      this.keyEnd === null
    );
  }

  get endsInterval(): boolean {
    return (this.flags & NFT_SET_ELEM_INTERVAL_END) !== 0;
  }

  expired(nowUs: number): boolean {
    return this.expiresUs !== 0 && this.expiresUs <= nowUs;
  }

  sameValue(other: SetElement): boolean {
    if (this.object !== other.object || this.hasVerdict !== other.hasVerdict) return false;
    if (this.verdict !== other.verdict || this.chain !== other.chain) return false;
    if (this.data === null || other.data === null) return this.data === other.data;
    for (let i = 0; i < this.data.length; i++) if (this.data[i] !== other.data[i]) return false;
    return true;
  }
}
