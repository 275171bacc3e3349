// The intermediate form of filters, after libpcap's gencode.h: blocks of statements that end in a branch, and how conditions are
// joined by `and`, `or` and `not` before their targets are known.
import { JEQ, JMP, K, MEMORY_WORDS, RET } from '../../../bpf/instruction.js';

/** A statement that the optimiser took out. */
export const NOP = -1;

/** What an analysis follows: the scratch words, A, X; and both for instructions that use both. */
export const A_ATOM = MEMORY_WORDS;
export const X_ATOM = MEMORY_WORDS + 1;
export const ATOMS = MEMORY_WORDS + 2;
export const AX_ATOM = ATOMS;

/** What libpcap says is wrong with a filter. */
export class FilterError extends Error {}

export function filterError(text: string): never {
  throw new FilterError(text);
}

/** An instruction, in a list. Jumps inside a block name the statements that they go to. */
export class Statement {
  code: number;
  k: number;
  jt: Statement | null = null;
  jf: Statement | null = null;
  next: Statement | null = null;

  constructor(code: number, k = 0) {
    this.code = code;
    this.k = k >>> 0;
  }
}

/** Puts `more` behind the last of `list`. */
export function append(list: Statement, more: Statement | null): void {
  let last = list;
  while (last.next !== null) last = last.next;
  last.next = more;
}

/** A list of statements in the order given; each may be a list itself. */
export function chain(first: Statement, ...rest: (Statement | null)[]): Statement {
  for (const statement of rest) append(first, statement);
  return first;
}

/** One of the two ways out of a block. */
export class Edge {
  readonly predecessor: Block;
  id = 0;
  /** The branch's code; negative on the way of "no". */
  code = 0;
  /** Edges that every path through this one takes. */
  dominators: Uint32Array = new Uint32Array(0);
  successor: Block | null = null;
  /** Another edge into the same block. */
  next: Edge | null = null;

  constructor(predecessor: Block) {
    this.predecessor = predecessor;
  }
}

/** Statements and the branch or return after them. */
export class Block {
  /** First block of the condition that this is the last of. */
  head: Block = this;
  statements: Statement | null = null;
  code: number;
  k: number;
  readonly yes = new Edge(this);
  readonly no = new Edge(this);
  /** False: an open end of "yes" is where the condition holds; true: it is negated. */
  sense = false;
  mark = 0;
  /** A jump over 255 instructions needs an instruction of its own. */
  longYes = 0;
  longNo = 0;
  level = 0;
  offset = 0;
  id = 0;
  link: Block | null = null;
  dominators: Uint32Array = new Uint32Array(0);
  inEdges: Edge | null = null;
  // Sets of atoms.
  killed = 0;
  used = 0;
  usedAfter = 0;
  /** Value number of what A or X is compared with. */
  operandValue = 0;
  /** Value numbers of the atoms at the end of the block. */
  readonly values = new Uint32Array(ATOMS);

  constructor(code: number, k = 0, statements: Statement | null = null) {
    this.code = code;
    this.k = k >>> 0;
    this.statements = statements;
  }
}

/** A block that compares A with a constant. */
export const branch = (comparison: number, k: number, statements: Statement | null) => new Block(JMP | comparison | K, k, statements);
export const compare = (k: number, statements: Statement | null) => branch(JEQ, k, statements);
export const returnBlock = (bytes: number) => new Block(RET | K, bytes);

/** The open ends of a condition are kept as a list through the very places where their targets will stand. */
function nextOpen(block: Block): Edge {
  return block.sense ? block.no : block.yes;
}

export function backpatch(list: Block, target: Block): void {
  for (let at: Block | null = list; at !== null; ) {
    const edge = nextOpen(at);
    at = edge.successor;
    edge.successor = target;
  }
}

function merge(one: Block, other: Block): void {
  let at = one;
  for (;;) {
    const edge = nextOpen(at);
    if (edge.successor === null) {
      edge.successor = other;
      return;
    }
    at = edge.successor;
  }
}

/** Makes `second` the condition "first and second". */
export function and(first: Block, second: Block): Block {
  backpatch(first, second.head);
  first.sense = !first.sense;
  second.sense = !second.sense;
  merge(second, first);
  second.sense = !second.sense;
  second.head = first.head;
  return second;
}

/** Makes `second` the condition "first or second". */
export function or(first: Block, second: Block): Block {
  first.sense = !first.sense;
  backpatch(first, second.head);
  first.sense = !first.sense;
  merge(second, first);
  second.head = first.head;
  return second;
}

export function not(block: Block): Block {
  block.sense = !block.sense;
  return block;
}

/** The whole program: its first block, and marks for walks through it. */
export interface Graph {
  root: Block;
  mark: number;
}
