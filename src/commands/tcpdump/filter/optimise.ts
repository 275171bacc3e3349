// The optimiser of libpcap 1.10 (optimize.c), pass by pass, so that its programs come out: value numbers, folding of constants, dead
// stores, branches whose outcome is known, tests pulled up, equal blocks made one.
import * as bpf from '../../../bpf/instruction.js';
import { A_ATOM, ATOMS, type Block, type Edge, filterError, type Graph, X_ATOM } from './code.js';
import { localUses } from './optimise/atoms.js';
import { internBlocks, simplifyRoot } from './optimise/blocks.js';
import { pullUp, shortcut } from './optimise/branches.js';
import { deadStores, shorten } from './optimise/statements.js';
import { UNKNOWN, Values } from './optimise/values.js';

const TOO_COMPLEX = 'filter is too complex to optimize';
/** Blocks beyond which a filter is refused: walks through them go as deep. */
const MAXIMUM_BLOCKS = 4000;
/** Rounds of passes; those that move branches alone end after MAXIMUM_MOVES, as in libpcap. */
const MAXIMUM_ROUNDS = 20_000;
const MAXIMUM_MOVES = 100;

/** Replaces graph.root by an optimised one. Throws FilterError. */
export function optimise(graph: Graph): void {
  const optimiser = new Optimiser(graph);
  optimiser.loop(false);
  optimiser.loop(true);
  internBlocks(graph, optimiser.blocks);
  simplifyRoot(graph);
}

function intersect(a: Uint32Array, b: Uint32Array): void {
  for (let i = 0; i < a.length; i++) a[i]! &= b[i]!;
}

class Optimiser {
  readonly #graph: Graph;
  readonly blocks: Block[] = [];
  readonly #edges: Edge[] = [];
  #levels: (Block | null)[] = [];
  #done = false;
  /** Something other than branches changed in this round. */
  #changed = false;
  readonly #change = (): void => {
    this.#changed = true;
    this.#done = false;
  };
  readonly #values = new Values(this.#change);

  constructor(graph: Graph) {
    this.#graph = graph;
    graph.mark++;
    this.#number(graph.root);
    const count = this.blocks.length;
    const blockWords = Math.floor(count / 32) + 1;
    const edgeWords = Math.floor((2 * count) / 32) + 1;
    for (const [i, block] of this.blocks.entries()) {
      block.dominators = new Uint32Array(blockWords);
      block.yes.dominators = new Uint32Array(edgeWords);
      block.no.dominators = new Uint32Array(edgeWords);
      block.yes.id = i;
      block.no.id = count + i;
      this.#edges[i] = block.yes;
      this.#edges[count + i] = block.no;
    }
  }

  #number(block: Block | null): void {
    if (block === null || block.mark === this.#graph.mark) return;
    block.mark = this.#graph.mark;
    if (this.blocks.length >= MAXIMUM_BLOCKS) filterError(TOO_COMPLEX);
    block.id = this.blocks.length;
    this.blocks.push(block);
    this.#number(block.yes.successor);
    this.#number(block.no.successor);
  }

  loop(statements: boolean): void {
    let moves = 0;
    for (let round = 0; ; round++) {
      if (round >= MAXIMUM_ROUNDS) filterError(TOO_COMPLEX);
      this.#done = true;
      this.#changed = false;
      this.#findLevels();
      this.#findDominators();
      this.#findUses();
      this.#findEdgeDominators();
      this.#allBlocks(statements);
      if (this.#done) return;
      moves = this.#changed ? 0 : moves + 1;
      if (moves >= MAXIMUM_MOVES) return;
    }
  }

  // Analysis.

  #findLevels(): void {
    this.#levels = new Array<Block | null>(this.blocks.length).fill(null);
    this.#graph.mark++;
    this.#level(this.#graph.root);
  }

  #level(block: Block): void {
    if (block.mark === this.#graph.mark) return;
    block.mark = this.#graph.mark;
    block.link = null;
    const yes = block.yes.successor;
    const no = block.no.successor;
    block.level = 0;
    if (yes !== null && no !== null) {
      this.#level(yes);
      this.#level(no);
      block.level = Math.max(yes.level, no.level) + 1;
    }
    block.link = this.#levels[block.level]!;
    this.#levels[block.level] = block;
  }

  /** Blocks of a level in their order. */
  *#at(level: number): Generator<Block> {
    for (let block = this.#levels[level] ?? null; block !== null; block = block.link) yield block;
  }

  #findDominators(): void {
    const { root } = this.#graph;
    for (const block of this.blocks) block.dominators.fill(0xffffffff);
    root.dominators.fill(0);
    for (let level = root.level; level >= 0; level--)
      for (const block of this.#at(level)) {
        block.dominators[block.id >>> 5]! |= 1 << (block.id & 31);
        if (block.yes.successor === null) continue;
        intersect(block.yes.successor.dominators, block.dominators);
        intersect(block.no.successor!.dominators, block.dominators);
      }
  }

  #findEdgeDominators(): void {
    const { root } = this.#graph;
    for (const edge of this.#edges) edge.dominators.fill(0xffffffff);
    root.yes.dominators.fill(0);
    root.no.dominators.fill(0);
    const propagate = (edge: Edge) => {
      edge.dominators[edge.id >>> 5]! |= 1 << (edge.id & 31);
      if (edge.successor === null) return;
      intersect(edge.successor.yes.dominators, edge.dominators);
      intersect(edge.successor.no.dominators, edge.dominators);
    };
    for (let level = root.level; level >= 0; level--)
      for (const block of this.#at(level)) {
        propagate(block.yes);
        propagate(block.no);
      }
  }

  #findUses(): void {
    const { level: highest } = this.#graph.root;
    for (let level = highest; level >= 0; level--)
      for (const block of this.#at(level)) {
        localUses(block);
        block.usedAfter = 0;
      }
    for (let level = 1; level <= highest; level++)
      for (const block of this.#at(level)) {
        block.usedAfter |= block.yes.successor!.used | block.no.successor!.used;
        block.used |= block.usedAfter & ~block.killed;
      }
  }

  #findInEdges(): void {
    for (const block of this.blocks) block.inEdges = null;
    for (let level = this.#graph.root.level; level > 0; level--)
      for (const block of this.#at(level))
        for (const edge of [block.yes, block.no]) {
          edge.next = edge.successor!.inEdges;
          edge.successor!.inEdges = edge;
        }
  }

  #allBlocks(statements: boolean): void {
    this.#values.reset();
    const { level: highest } = this.#graph.root;
    this.#findInEdges();
    for (let level = highest; level >= 0; level--) for (const block of this.#at(level)) this.#block(block, statements);
    // Branches move only while statements stay: the two confuse each other.
    if (statements) return;
    for (let level = 1; level <= highest; level++)
      for (const block of this.#at(level)) {
        for (const edge of [block.yes, block.no]) if (shortcut(edge, this.#edges, this.#change)) this.#done = false;
      }
    this.#findInEdges();
    for (let level = 1; level <= highest; level++)
      for (const block of this.#at(level)) {
        for (const same of ['yes', 'no'] as const) if (pullUp(block, same)) this.#done = false;
      }
  }

  #block(block: Block, alter: boolean): void {
    const { values } = block;
    let edge = block.inEdges;
    if (edge === null) values.fill(0);
    else {
      values.set(edge.predecessor.values);
      for (edge = edge.next; edge !== null; edge = edge.next)
        for (let i = 0; i < ATOMS; i++) if (values[i] !== edge.predecessor.values[i]) values[i] = UNKNOWN;
    }
    const a = values[A_ATOM]!;
    const x = values[X_ATOM]!;
    for (let s = block.statements; s !== null; s = s.next) this.#values.statement(s, values, alter);
    const useless = block.usedAfter === 0 && a !== UNKNOWN && values[A_ATOM] === a && x !== UNKNOWN && values[X_ATOM] === x;
    if (alter && (useless || bpf.classOf(block.code) === bpf.RET)) {
      if (block.statements !== null) {
        block.statements = null;
        this.#change();
      }
    } else {
      shorten(block, this.#values, this.#change);
      deadStores(block, this.#change);
    }
    block.operandValue = bpf.sourceOf(block.code) === bpf.K ? this.#values.constant(block.k) : values[X_ATOM]!;
    block.yes.code = block.code;
    block.no.code = -block.code;
  }
}
