import type { Chain } from './chain.js';
import type { Rule } from './rule.js';
import type { NftSet } from './set.js';

/**
 * What a batch has done so far. Changes are made at once - no packet comes by until the batch is done - and each leaves behind how it is
 * undone and, for when all succeed, who is told. All or nothing: abort() leaves everything as it was.
 */
export class Transaction {
  readonly #undo: (() => void)[] = [];
  readonly #done: (() => void)[] = [];
  readonly #finish: (() => void)[] = [];
  /** Chains whose rules are others now. */
  readonly chains = new Set<Chain>();
  /** Sets whose elements must fit together. */
  readonly sets = new Set<NftSet>();
  /** What later messages of the batch may call by a number of the sender's (NFTA_*_ID). */
  readonly chainIds = new Map<number, Chain>();
  readonly ruleIds = new Map<number, Rule>();
  readonly setIds = new Map<number, NftSet>();
  /** Verdicts or chains have changed: jumps are looked at anew. */
  needsValidation = false;
  /** Names of modules that this batch, or an earlier attempt at it, has asked for. */
  readonly asked: Set<string>;
  /** A rule may not be where it is; which one is found out when the batch begins anew. */
  invalid = false;
  changed = false;
  #aborting = false;

  /** `before`: the attempt that ended for want of a module. */
  constructor(before?: Transaction) {
    this.asked = before?.asked ?? new Set();
  }

  /** Something was done; `undo` takes it back, `told` is called in order once all have succeeded. */
  did(undo: () => void, told?: () => void): void {
    // What is taken back needs no way back.
    if (this.#aborting) return;
    this.changed = true;
    this.#undo.push(undo);
    if (told !== undefined) this.#done.push(told);
  }

  /** Runs once the transaction has succeeded, after all were told: what deleted things held is let go. */
  finally(work: () => void): void {
    this.#finish.push(work);
  }

  commit(tell: boolean): void {
    for (const chain of this.chains) chain.commit();
    const tables = new Set([...this.chains].map((chain) => chain.table));
    for (const set of this.sets) tables.add(set.table);
    for (const table of tables) for (const chain of table.chains.values()) chain.forgetCode();
    if (tell) for (const told of this.#done) told();
    for (const work of this.#finish) work();
  }

  abort(): void {
    this.#aborting = true;
    for (const undo of this.#undo.reverse()) undo();
  }
}
