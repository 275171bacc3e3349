import type { PacketInfo } from './packet-info.js';
import type { Rule } from './rule.js';
import type { Table } from './table.js';
import { evaluate } from './evaluate.js';
import { compileChain } from './compile.js';
import { Program } from './machine.js';

/** What makes a chain a base chain: where packets enter it. */
export interface BaseChain {
  readonly type: 'filter' | 'nat' | 'route';
  /** NF_INET_*, NF_ARP_*, NF_NETDEV_* */
  readonly hook: number;
  readonly priority: number;
  /** NF_ACCEPT or NF_DROP. */
  policy: number;
  /** Of family netdev, and inet's ingress: the names of its devices; `single` where NFTA_HOOK_DEV named the only one. */
  readonly devices: string[];
  /** Counters of packets that the policy decided, where the user gave them. */
  counters: { packets: number; bytes: number } | null;
  /** How it leaves the hooks; null: it is not on them (its table is dormant). */
  unhook: (() => void) | null;
}

/** How many packets a chain's rules run on the bytecode machine for before they are compiled. */
const HOT = 200;

type Compiled = (packet: PacketInfo) => number;

/** A chain of rules (struct nft_chain). */
export class Chain {
  readonly table: Table;
  name: string;
  readonly handle: number;
  base: BaseChain | null = null;
  /** NFT_CHAIN_* */
  flags = 0;
  userdata: Uint8Array | undefined;
  rules: Rule[] = [];
  /** References to it from rules and elements; its own rules do not count. */
  references = 0;
  /** It came with a verdict, and goes with it (NFT_CHAIN_BINDING): bound to a rule. */
  bound = false;
  /** What packets pass: as of the last transaction. */
  active: readonly Rule[] = [];
  #compiled: Compiled | null = null;
  /** Undefined: not made yet; null: it cannot be. */
  #program: Program | null | undefined = undefined;
  #passed = 0;
  /** Off: always the interpreter. For tests and benchmarks. */
  static compiles = true;

  constructor(table: Table, name: string, handle: number) {
    this.table = table;
    this.name = name;
    this.handle = handle;
  }

  /** NFTA_CHAIN_USE */
  get use(): number {
    return this.rules.length + this.references;
  }

  /** What was added to and taken from it becomes what packets pass. */
  commit(): void {
    this.active = this.rules.slice();
  }

  /** Its rules, or some that they lead to, are others now: the code made of them is no longer true. */
  forgetCode(): void {
    this.#compiled = null;
    this.#program = undefined;
    this.#passed = 0;
  }

  /**
   * Runs its rules over a packet: a verdict, or CONTINUE where they decide nothing.
   */
  run(packet: PacketInfo): number {
    if (packet.skb.trace !== 0 || !Chain.compiles) return evaluate(this, packet, 0);
    if (this.#compiled !== null) return this.#compiled(packet);
    if (++this.#passed === HOT) this.#compiled = compileChain(this);
    if (this.#program === undefined) this.#program = Program.of(this);
    return this.#program === null ? evaluate(this, packet, 0) : this.#program.run(packet);
  }
}
