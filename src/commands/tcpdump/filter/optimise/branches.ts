// Branches between blocks: edges past tests whose outcome is known, and tests of one value brought together.
import * as bpf from '../../../../bpf/instruction.js';
import { A_ATOM, ATOMS, type Block, type Edge } from '../code.js';
import { isMember } from './atoms.js';

/**
 * An edge goes straight to where it would get in the end, as tests on the way to it tell; `edges` go by their id.
 * Returns whether it was moved; `change` is told of targets that branch nowhere.
 */
export function shortcut(edge: Edge, edges: readonly Edge[], change: () => void): boolean {
  const target = edge.successor!;
  if (target.yes.successor === null) return false;
  let moved = false;
  if (target.yes.successor === target.no.successor && !conflicts(edge.predecessor, target.yes.successor)) {
    change();
    edge.successor = target.yes.successor;
  }
  // Each turn goes to a block of a lower level.
  for (let again = true; again; ) {
    again = false;
    search: for (let i = 0; i < edge.dominators.length; i++) {
      for (let word = edge.dominators[i]!; word !== 0; word &= word - 1) {
        const k = i * 32 + 31 - Math.clz32(word & -word);
        const known = foldEdge(edge.successor!, edges[k]!);
        if (known === null || conflicts(edge.predecessor, known)) continue;
        moved = true;
        edge.successor = known;
        if (known.yes.successor === null) return true;
        again = true;
        break search;
      }
    }
  }
  return moved;
}

/**
 * Tests of the same value are brought together: or_pullup() for `same` "yes", where a chain of alternatives leads to the same
 * target, and and_pullup() for "no". Returns whether blocks were moved.
 */
export function pullUp(block: Block, same: 'yes' | 'no'): boolean {
  const other = same === 'yes' ? 'no' : 'yes';
  let edge = block.inEdges;
  if (edge === null) return false;
  const value = edge.predecessor.values[A_ATOM]!;
  for (edge = edge.next; edge !== null; edge = edge.next) if (value !== edge.predecessor.values[A_ATOM]) return false;
  const first = block.inEdges!.predecessor;
  let different: Edge = first.yes.successor === block ? first.yes : first.no;
  const target = block[same].successor;
  const follows = (at: Block | null): at is Block =>
    at !== null && at[same].successor === target && (at.dominators[block.id >>> 5]! & (1 << (block.id & 31))) !== 0;
  let atTop = true;
  for (;;) {
    const at = different.successor;
    if (!follows(at)) return false;
    if (at.values[A_ATOM] !== value) break;
    different = at[other];
    atTop = false;
  }
  let equal: Edge = different.successor![other];
  for (;;) {
    const at = equal.successor;
    if (!follows(at)) return false;
    if (at.values[A_ATOM] === value) break;
    equal = at[other];
  }
  const pulled = equal.successor!;
  equal.successor = pulled[other].successor;
  pulled[other].successor = different.successor;
  if (atTop) {
    for (edge = block.inEdges; edge !== null; edge = edge.next) {
      if (edge.predecessor.yes.successor === block) edge.predecessor.yes.successor = pulled;
      else edge.predecessor.no.successor = pulled;
    }
  } else different.successor = pulled;
  return true;
}

/** Would something that is used after `target` have another value when it is come to from `block`? */
function conflicts(block: Block, target: Block): boolean {
  for (let atom = 0, use = target.usedAfter; use !== 0 && atom < ATOMS; atom++)
    if (isMember(use, atom) && block.values[atom] !== target.values[atom]) return true;
  return false;
}

/** Where `child` goes, given that `edge` was taken before; null: that is not known. */
function foldEdge(child: Block, edge: Edge): Block | null {
  const sense = edge.code >= 0;
  const code = Math.abs(edge.code);
  if (child.code !== code) return null;
  if (child.values[A_ATOM] !== edge.predecessor.values[A_ATOM]) return null;
  if (child.operandValue === edge.predecessor.operandValue) return sense ? child.yes.successor : child.no.successor;
  // It equals another constant, so it does not equal this one.
  return sense && code === (bpf.JMP | bpf.JEQ | bpf.K) ? child.no.successor : null;
}
