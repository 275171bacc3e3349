// Statements of one block: sequences that have a shorter form, and stores that nobody reads.
import * as bpf from '../../../../bpf/instruction.js';
import { A_ATOM, ATOMS, AX_ATOM, type Block, NOP, type Statement, X_ATOM } from '../code.js';
import { atomDefined, atomUsed, isMember, left } from './atoms.js';
import { holds, IMMEDIATE, type Values } from './values.js';

/** Sequences and the branch of `block` get their shorter form; `change` is told. */
export function shorten(block: Block, values: Values, change: () => void): void {
  if (block.statements === null) return;
  let last = block.statements;
  for (let s = left(block.statements); s !== null; ) {
    const next = left(s.next);
    if (next === null) break;
    last = next;
    if (s.code === bpf.ST && next.code === (bpf.LDX | bpf.MEM) && s.k === next.k) {
      change();
      next.code = bpf.MISC | bpf.TAX;
    }
    if (s.code === IMMEDIATE && next.code === (bpf.MISC | bpf.TAX)) {
      s.code = bpf.LDX | bpf.IMM;
      next.code = bpf.MISC | bpf.TXA;
      change();
    }
    if (s.code === IMMEDIATE && !isMember(block.usedAfter, X_ATOM)) foldOffset(s, next, change);
    s = next;
  }
  shortenBranch(block, last, values, change);
}

/** `ld #k; [ldxb msh]; add x; tax; ld [x + n]` is `[ldxb msh]; ld [x + n + k]`. */
function foldOffset(s: Statement, next: Statement, change: () => void): void {
  const add = next.code === (bpf.LDX | bpf.MSH | bpf.B) ? left(next.next) : next;
  if (add === null || add.code !== (bpf.ALU | bpf.ADD | bpf.X)) return;
  const tax = left(add.next);
  if (tax === null || tax.code !== (bpf.MISC | bpf.TAX)) return;
  const load = left(tax.next);
  if (load === null || bpf.classOf(load.code) !== bpf.LD || bpf.modeOf(load.code) !== bpf.IND) return;
  load.k = (load.k + s.k) >>> 0;
  s.code = NOP;
  add.code = NOP;
  tax.code = NOP;
  change();
}

function shortenBranch(block: Block, last: Statement, values: Values, change: () => void): void {
  if (block.code === (bpf.JMP | bpf.JEQ | bpf.K) && !isMember(block.usedAfter, A_ATOM)) {
    if (last.code === (bpf.ALU | bpf.SUB | bpf.X)) {
      const known = values.known(block.values[X_ATOM]!);
      if (known !== undefined) {
        block.k = (block.k + known) >>> 0;
        last.code = NOP;
        change();
      } else if (block.k === 0) {
        last.code = NOP;
        block.code = bpf.JMP | bpf.JEQ | bpf.X;
        change();
      }
    } else if (last.code === (bpf.ALU | bpf.SUB | bpf.K)) {
      last.code = NOP;
      block.k = (block.k + last.k) >>> 0;
      change();
    } else if (last.code === (bpf.ALU | bpf.AND | bpf.K) && block.k === 0) {
      block.k = last.k;
      block.code = bpf.JMP | bpf.K | bpf.JSET;
      last.code = NOP;
      change();
      const yes = block.yes.successor;
      block.yes.successor = block.no.successor;
      block.no.successor = yes;
    }
  }
  if (block.code === (bpf.JMP | bpf.K | bpf.JSET)) {
    if (block.k === 0) block.yes.successor = block.no.successor;
    if (block.k === 0xffffffff) block.no.successor = block.yes.successor;
  }
  const knownX = values.known(block.values[X_ATOM]!);
  if (knownX !== undefined && bpf.sourceOf(block.code) === bpf.X) {
    block.code &= ~bpf.X;
    block.k = knownX;
  }
  const knownA = values.known(block.values[A_ATOM]!);
  if (knownA === undefined || bpf.sourceOf(block.code) !== bpf.K) return;
  const outcome = holds(bpf.operationOf(block.code), knownA, block.k);
  if (block.no.successor !== block.yes.successor) change();
  if (outcome) block.no.successor = block.yes.successor;
  else block.yes.successor = block.no.successor;
}

/** Stores go that another follows, or the block's end, before anything reads them. */
export function deadStores(block: Block, change: () => void): void {
  const last: (Statement | Block | null)[] = new Array<null>(ATOMS).fill(null);
  const look = (s: Statement | Block) => {
    const used = atomUsed(s.code, s.k);
    if (used === AX_ATOM) {
      last[X_ATOM] = null;
      last[A_ATOM] = null;
    } else if (used >= 0) last[used] = null;
    const defined = atomDefined(s.code, s.k);
    if (defined < 0) return;
    const before = last[defined];
    if (before) {
      change();
      before.code = NOP;
    }
    last[defined] = s;
  };
  for (let s = block.statements; s !== null; s = s.next) look(s);
  look(block);
  for (let atom = 0; atom < ATOMS; atom++) {
    const store = last[atom];
    if (!store || isMember(block.usedAfter, atom)) continue;
    store.code = NOP;
    change();
  }
}
