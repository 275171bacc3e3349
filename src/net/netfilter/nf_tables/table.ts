import type { Chain } from './chain.js';
import type { Flowtable } from './flowtable.js';
import type { StatefulObject } from './object.js';
import type { NftSet } from './set.js';

/** A table (struct nft_table): a namespace of chains, sets, objects and flowtables. */
export class Table {
  /** NFPROTO_* */
  readonly family: number;
  readonly name: string;
  readonly handle: number;
  /** NFT_TABLE_F_* */
  flags = 0;
  /** Port of the socket that it goes with; 0: nobody's. */
  owner = 0;
  userdata: Uint8Array | undefined;
  readonly chains = new Map<string, Chain>();
  readonly sets = new Map<string, NftSet>();
  /** By type and name. */
  readonly objects = new Map<string, StatefulObject>();
  readonly flowtables = new Map<string, Flowtable>();
  #handles = 0;

  constructor(family: number, name: string, handle: number) {
    this.family = family;
    this.name = name;
    this.handle = handle;
  }

  /** NFTA_TABLE_USE */
  get use(): number {
    return this.chains.size + this.sets.size + this.objects.size + this.flowtables.size;
  }

  /** A handle for what comes into the table: never used twice. */
  nextHandle(): number {
    return ++this.#handles;
  }

  static objectKey(type: number, name: string): string {
    return `${type} ${name}`;
  }
}
