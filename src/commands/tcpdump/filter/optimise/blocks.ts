// The end of the optimiser: equal blocks become one, and tests at the start that decide nothing go.
import * as bpf from '../../../../bpf/instruction.js';
import { append, type Block, type Graph } from '../code.js';
import { left } from './atoms.js';

/** Equal blocks become one. Each round makes at least one fewer. */
export function internBlocks(graph: Graph, blocks: readonly Block[]): void {
  for (let again = true; again; ) {
    again = false;
    for (const block of blocks) block.link = null;
    graph.mark++;
    markReachable(graph, graph.root);
    for (let i = blocks.length - 2; i >= 0; i--) {
      const block = blocks[i]!;
      if (block.mark !== graph.mark) continue;
      for (let j = i + 1; j < blocks.length; j++) {
        const other = blocks[j]!;
        if (other.mark !== graph.mark || !equalBlocks(block, other)) continue;
        block.link = other.link ?? other;
        break;
      }
    }
    for (const block of blocks) {
      if (block.yes.successor === null) continue;
      for (const edge of [block.yes, block.no]) {
        const { link } = edge.successor!;
        if (link === null) continue;
        edge.successor = link;
        again = true;
      }
    }
  }
}

function markReachable(graph: Graph, block: Block): void {
  if (block.mark === graph.mark) return;
  block.mark = graph.mark;
  if (bpf.classOf(block.code) === bpf.RET) return;
  markReachable(graph, block.yes.successor!);
  markReachable(graph, block.no.successor!);
}

/** Branches at the start that lead to one place either way go. */
export function simplifyRoot(graph: Graph): void {
  let { root } = graph;
  const statements = root.statements;
  root.statements = null;
  while (bpf.classOf(root.code) === bpf.JMP && root.yes.successor === root.no.successor) root = root.yes.successor!;
  if (root.statements !== null && statements !== null) append(statements, root.statements);
  root.statements = bpf.classOf(root.code) === bpf.RET ? null : statements;
  graph.root = root;
}

function equalBlocks(one: Block, other: Block): boolean {
  if (one.code !== other.code || one.k !== other.k) return false;
  if (one.yes.successor !== other.yes.successor || one.no.successor !== other.no.successor) return false;
  let a = left(one.statements);
  let b = left(other.statements);
  while (a !== null && b !== null) {
    if (a.code !== b.code || a.k !== b.k) return false;
    a = left(a.next);
    b = left(b.next);
  }
  return a === b;
}
