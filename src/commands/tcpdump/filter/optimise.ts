// The optimiser of libpcap 1.10 (optimize.c), pass by pass, so that its programs come out: value numbers, folding of constants, dead
// stores, branches whose outcome is known, tests pulled up, equal blocks made one.
import * as bpf from '../../../bpf/instruction.js';
import { A_ATOM, ATOMS, AX_ATOM, append, type Block, type Edge, filterError, type Graph, NOP, type Statement, X_ATOM } from './code.js';

const UNKNOWN = 0;
const TOO_COMPLEX = 'filter is too complex to optimize';
/** Blocks beyond which a filter is refused: walks through them go as deep. */
const MAXIMUM_BLOCKS = 4000;
/** Rounds of passes; those that move branches alone end after MAXIMUM_MOVES, as in libpcap. */
const MAXIMUM_ROUNDS = 20_000;
const MAXIMUM_MOVES = 100;

const IMMEDIATE = bpf.LD | bpf.IMM;

/** Replaces graph.root by an optimised one. Throws FilterError. */
export function optimise(graph: Graph): void {
  const optimiser = new Optimiser(graph);
  optimiser.loop(false);
  optimiser.loop(true);
  optimiser.internBlocks();
  optimiser.simplifyRoot();
}

const isMember = (set: number, atom: number) => (set & (1 << atom)) !== 0;

function intersect(a: Uint32Array, b: Uint32Array): void {
  for (let i = 0; i < a.length; i++) a[i]! &= b[i]!;
}

/** The atom that an instruction reads; AX_ATOM for A and X; -1: none. */
function atomUsed(code: number, k: number): number {
  if (code === NOP) return -1;
  switch (bpf.classOf(code)) {
    case bpf.RET:
      return (code & 0x18) === bpf.A ? A_ATOM : (code & 0x18) === bpf.X ? X_ATOM : -1;
    case bpf.LD:
    case bpf.LDX:
      return bpf.modeOf(code) === bpf.IND ? X_ATOM : bpf.modeOf(code) === bpf.MEM ? k : -1;
    case bpf.ST:
      return A_ATOM;
    case bpf.STX:
      return X_ATOM;
    case bpf.JMP:
    case bpf.ALU:
      return bpf.sourceOf(code) === bpf.X ? AX_ATOM : A_ATOM;
    default:
      return (code & 0xf8) === bpf.TXA ? X_ATOM : A_ATOM;
  }
}

/** The atom that an instruction writes; -1: none. */
function atomDefined(code: number, k: number): number {
  if (code === NOP) return -1;
  switch (bpf.classOf(code)) {
    case bpf.LD:
    case bpf.ALU:
      return A_ATOM;
    case bpf.LDX:
      return X_ATOM;
    case bpf.ST:
    case bpf.STX:
      return k;
    case bpf.MISC:
      return (code & 0xf8) === bpf.TAX ? X_ATOM : A_ATOM;
    default:
      return -1;
  }
}

/** The next statement that is left, from `statement` on. */
function left(statement: Statement | null): Statement | null {
  let at = statement;
  while (at !== null && at.code === NOP) at = at.next;
  return at;
}

class Optimiser {
  readonly #graph: Graph;
  readonly #blocks: Block[] = [];
  readonly #edges: Edge[] = [];
  #levels: (Block | null)[] = [];
  #done = false;
  /** Something other than branches changed in this round. */
  #changed = false;
  #values = new Map<string, number>();
  #lastValue = 0;
  /** Constants by value number. */
  #constants = new Map<number, number>();

  constructor(graph: Graph) {
    this.#graph = graph;
    graph.mark++;
    this.#number(graph.root);
    const count = this.#blocks.length;
    const blockWords = Math.floor(count / 32) + 1;
    const edgeWords = Math.floor((2 * count) / 32) + 1;
    for (const [i, block] of this.#blocks.entries()) {
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
    if (this.#blocks.length >= MAXIMUM_BLOCKS) filterError(TOO_COMPLEX);
    block.id = this.#blocks.length;
    this.#blocks.push(block);
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

  #change(): void {
    this.#changed = true;
    this.#done = false;
  }

  // Analysis.

  #findLevels(): void {
    this.#levels = new Array<Block | null>(this.#blocks.length).fill(null);
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
    for (const block of this.#blocks) block.dominators.fill(0xffffffff);
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
    for (const block of this.#blocks) block.inEdges = null;
    for (let level = this.#graph.root.level; level > 0; level--)
      for (const block of this.#at(level))
        for (const edge of [block.yes, block.no]) {
          edge.next = edge.successor!.inEdges;
          edge.successor!.inEdges = edge;
        }
  }

  // Value numbers.

  #value(code: number, v0: number, v1: number): number {
    const key = `${code} ${v0} ${v1}`;
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = ++this.#lastValue;
    if (bpf.modeOf(code) === bpf.IMM && (bpf.classOf(code) === bpf.LD || bpf.classOf(code) === bpf.LDX)) this.#constants.set(value, v0);
    this.#values.set(key, value);
    return value;
  }

  #constant(k: number): number {
    return this.#value(IMMEDIATE, k, 0);
  }

  #allBlocks(statements: boolean): void {
    this.#lastValue = 0;
    this.#values = new Map();
    this.#constants = new Map();
    const { level: highest } = this.#graph.root;
    this.#findInEdges();
    for (let level = highest; level >= 0; level--) for (const block of this.#at(level)) this.#block(block, statements);
    // Branches move only while statements stay: the two confuse each other.
    if (statements) return;
    for (let level = 1; level <= highest; level++)
      for (const block of this.#at(level)) {
        this.#jump(block.yes);
        this.#jump(block.no);
      }
    this.#findInEdges();
    for (let level = 1; level <= highest; level++)
      for (const block of this.#at(level)) {
        this.#pullUp(block, 'yes');
        this.#pullUp(block, 'no');
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
    for (let s = block.statements; s !== null; s = s.next) this.#statement(s, values, alter);
    const useless = block.usedAfter === 0 && a !== UNKNOWN && values[A_ATOM] === a && x !== UNKNOWN && values[X_ATOM] === x;
    if (alter && (useless || bpf.classOf(block.code) === bpf.RET)) {
      if (block.statements !== null) {
        block.statements = null;
        this.#change();
      }
    } else {
      this.#peep(block);
      this.#deadStores(block);
    }
    block.operandValue = bpf.sourceOf(block.code) === bpf.K ? this.#constant(block.k) : values[X_ATOM]!;
    block.yes.code = block.code;
    block.no.code = -block.code;
  }

  /** What a statement computes is known already: it goes. */
  #store(s: Statement, values: Uint32Array, atom: number, value: number, alter: boolean): void {
    if (alter && value !== UNKNOWN && values[atom] === value) s.code = NOP;
    else values[atom] = value;
  }

  #statement(s: Statement, values: Uint32Array, alter: boolean): void {
    const { code } = s;
    switch (bpf.classOf(code)) {
      case bpf.LD:
      case bpf.LDX:
        if (code !== NOP) this.#load(s, values, alter);
        return;
      case bpf.ALU:
        if (bpf.operationOf(code) === bpf.NEG) this.#negate(s, values, alter);
        else if (bpf.sourceOf(code) === bpf.K) this.#calculateByK(s, values, alter);
        else this.#calculateByX(s, values, alter);
        return;
      case bpf.ST:
        return this.#store(s, values, s.k, values[A_ATOM]!, alter);
      case bpf.STX:
        return this.#store(s, values, s.k, values[X_ATOM]!, alter);
      case bpf.MISC:
        if (code === (bpf.MISC | bpf.TXA)) this.#store(s, values, A_ATOM, values[X_ATOM]!, alter);
        else if (code === (bpf.MISC | bpf.TAX)) this.#store(s, values, X_ATOM, values[A_ATOM]!, alter);
    }
  }

  #load(s: Statement, values: Uint32Array, alter: boolean): void {
    const atom = bpf.classOf(s.code) === bpf.LD ? A_ATOM : X_ATOM;
    switch (bpf.modeOf(s.code)) {
      case bpf.ABS:
      case bpf.MSH:
        return this.#store(s, values, atom, this.#value(s.code, s.k, 0), alter);
      case bpf.LEN:
        return this.#store(s, values, atom, this.#value(s.code, 0, 0), alter);
      case bpf.IMM:
        return this.#store(s, values, atom, this.#constant(s.k), alter);
      case bpf.IND: {
        const x = values[X_ATOM]!;
        const known = this.#constants.get(x);
        if (alter && known !== undefined) {
          s.code = bpf.LD | bpf.ABS | bpf.sizeOf(s.code);
          s.k = (s.k + known) >>> 0;
          this.#change();
          return this.#store(s, values, A_ATOM, this.#value(s.code, s.k, 0), alter);
        }
        return this.#store(s, values, A_ATOM, this.#value(s.code, s.k, x), alter);
      }
      case bpf.MEM: {
        const value = values[s.k]!;
        const known = this.#constants.get(value);
        if (alter && known !== undefined) {
          s.code = bpf.classOf(s.code) | bpf.IMM;
          s.k = known;
          this.#change();
        }
        return this.#store(s, values, atom, value, alter);
      }
    }
  }

  #negate(s: Statement, values: Uint32Array, alter: boolean): void {
    const known = this.#constants.get(values[A_ATOM]!);
    if (alter && known !== undefined) {
      s.code = IMMEDIATE;
      s.k = -known >>> 0;
      values[A_ATOM] = this.#constant(s.k);
    } else values[A_ATOM] = this.#value(s.code, values[A_ATOM]!, 0);
  }

  #calculateByK(s: Statement, values: Uint32Array, alter: boolean): void {
    const operation = bpf.operationOf(s.code);
    if (alter) {
      if (s.k === 0) {
        switch (operation) {
          case bpf.ADD:
          case bpf.LSH:
          case bpf.RSH:
          case bpf.OR:
          case bpf.XOR:
            s.code = NOP;
            return;
          case bpf.MUL:
          case bpf.AND:
            s.code = IMMEDIATE;
            values[A_ATOM] = this.#constant(s.k);
            return;
          case bpf.DIV:
            return filterError('division by zero');
          case bpf.MOD:
            return filterError('modulus by zero');
        }
      }
      const known = this.#constants.get(values[A_ATOM]!);
      if (known !== undefined) {
        this.#fold(s, known, s.k);
        values[A_ATOM] = this.#constant(s.k);
        return;
      }
    }
    values[A_ATOM] = this.#value(s.code, values[A_ATOM]!, this.#constant(s.k));
  }

  #calculateByX(s: Statement, values: Uint32Array, alter: boolean): void {
    const operation = bpf.operationOf(s.code);
    const knownX = this.#constants.get(values[X_ATOM]!);
    const knownA = this.#constants.get(values[A_ATOM]!);
    if (alter && knownX !== undefined) {
      if (knownA !== undefined) {
        this.#fold(s, knownA, knownX);
        values[A_ATOM] = this.#constant(s.k);
        return;
      }
      s.code = bpf.ALU | bpf.K | operation;
      s.k = knownX;
      if ((operation === bpf.LSH || operation === bpf.RSH) && s.k > 31) filterError('shift by more than 31 bits');
      this.#change();
      values[A_ATOM] = this.#value(s.code, values[A_ATOM]!, this.#constant(s.k));
      return;
    }
    if (alter && knownA === 0) {
      switch (operation) {
        case bpf.ADD:
        case bpf.OR:
        case bpf.XOR:
          s.code = bpf.MISC | bpf.TXA;
          return this.#store(s, values, A_ATOM, values[X_ATOM]!, alter);
        case bpf.MUL:
        case bpf.DIV:
        case bpf.MOD:
        case bpf.AND:
        case bpf.LSH:
        case bpf.RSH:
          s.code = IMMEDIATE;
          s.k = 0;
          return this.#store(s, values, A_ATOM, this.#constant(0), alter);
      }
    }
    values[A_ATOM] = this.#value(s.code, values[A_ATOM]!, values[X_ATOM]!);
  }

  #fold(s: Statement, a: number, b: number): void {
    s.k = fold(bpf.operationOf(s.code), a, b);
    s.code = IMMEDIATE;
    this.#change();
  }

  // Statements.

  #peep(block: Block): void {
    if (block.statements === null) return;
    let last = block.statements;
    for (let s = left(block.statements); s !== null; ) {
      const next = left(s.next);
      if (next === null) break;
      last = next;
      if (s.code === bpf.ST && next.code === (bpf.LDX | bpf.MEM) && s.k === next.k) {
        this.#change();
        next.code = bpf.MISC | bpf.TAX;
      }
      if (s.code === IMMEDIATE && next.code === (bpf.MISC | bpf.TAX)) {
        s.code = bpf.LDX | bpf.IMM;
        next.code = bpf.MISC | bpf.TXA;
        this.#change();
      }
      if (s.code === IMMEDIATE && !isMember(block.usedAfter, X_ATOM)) this.#foldOffset(s, next);
      s = next;
    }
    this.#peepBranch(block, last);
  }

  /** `ld #k; [ldxb msh]; add x; tax; ld [x + n]` is `[ldxb msh]; ld [x + n + k]`. */
  #foldOffset(s: Statement, next: Statement): void {
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
    this.#change();
  }

  #peepBranch(block: Block, last: Statement): void {
    if (block.code === (bpf.JMP | bpf.JEQ | bpf.K) && !isMember(block.usedAfter, A_ATOM)) {
      if (last.code === (bpf.ALU | bpf.SUB | bpf.X)) {
        const known = this.#constants.get(block.values[X_ATOM]!);
        if (known !== undefined) {
          block.k = (block.k + known) >>> 0;
          last.code = NOP;
          this.#change();
        } else if (block.k === 0) {
          last.code = NOP;
          block.code = bpf.JMP | bpf.JEQ | bpf.X;
          this.#change();
        }
      } else if (last.code === (bpf.ALU | bpf.SUB | bpf.K)) {
        last.code = NOP;
        block.k = (block.k + last.k) >>> 0;
        this.#change();
      } else if (last.code === (bpf.ALU | bpf.AND | bpf.K) && block.k === 0) {
        block.k = last.k;
        block.code = bpf.JMP | bpf.K | bpf.JSET;
        last.code = NOP;
        this.#change();
        const yes = block.yes.successor;
        block.yes.successor = block.no.successor;
        block.no.successor = yes;
      }
    }
    if (block.code === (bpf.JMP | bpf.K | bpf.JSET)) {
      if (block.k === 0) block.yes.successor = block.no.successor;
      if (block.k === 0xffffffff) block.no.successor = block.yes.successor;
    }
    const knownX = this.#constants.get(block.values[X_ATOM]!);
    if (knownX !== undefined && bpf.sourceOf(block.code) === bpf.X) {
      block.code &= ~bpf.X;
      block.k = knownX;
    }
    const knownA = this.#constants.get(block.values[A_ATOM]!);
    if (knownA === undefined || bpf.sourceOf(block.code) !== bpf.K) return;
    const outcome = holds(bpf.operationOf(block.code), knownA, block.k);
    if (block.no.successor !== block.yes.successor) this.#change();
    if (outcome) block.no.successor = block.yes.successor;
    else block.yes.successor = block.no.successor;
  }

  #deadStores(block: Block): void {
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
        this.#change();
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
      this.#change();
    }
  }

  // Branches.

  #jump(edge: Edge): void {
    const target = edge.successor!;
    if (target.yes.successor === null) return;
    if (target.yes.successor === target.no.successor && !conflicts(edge.predecessor, target.yes.successor)) {
      this.#change();
      edge.successor = target.yes.successor;
    }
    // Each turn goes to a block of a lower level.
    for (let again = true; again; ) {
      again = false;
      search: for (let i = 0; i < edge.dominators.length; i++) {
        for (let word = edge.dominators[i]!; word !== 0; word &= word - 1) {
          const k = i * 32 + 31 - Math.clz32(word & -word);
          const known = foldEdge(edge.successor!, this.#edges[k]!);
          if (known === null || conflicts(edge.predecessor, known)) continue;
          this.#done = false;
          edge.successor = known;
          if (known.yes.successor === null) return;
          again = true;
          break search;
        }
      }
    }
  }

  /**
   * Tests of the same value are brought together: or_pullup() for `same` "yes", where a chain of alternatives leads to the same
   * target, and and_pullup() for "no".
   */
  #pullUp(block: Block, same: 'yes' | 'no'): void {
    const other = same === 'yes' ? 'no' : 'yes';
    let edge = block.inEdges;
    if (edge === null) return;
    const value = edge.predecessor.values[A_ATOM]!;
    for (edge = edge.next; edge !== null; edge = edge.next) if (value !== edge.predecessor.values[A_ATOM]) return;
    const first = block.inEdges!.predecessor;
    let different: Edge = first.yes.successor === block ? first.yes : first.no;
    const target = block[same].successor;
    const follows = (at: Block | null): at is Block =>
      at !== null && at[same].successor === target && (at.dominators[block.id >>> 5]! & (1 << (block.id & 31))) !== 0;
    let atTop = true;
    for (;;) {
      const at = different.successor;
      if (!follows(at)) return;
      if (at.values[A_ATOM] !== value) break;
      different = at[other];
      atTop = false;
    }
    let equal: Edge = different.successor![other];
    for (;;) {
      const at = equal.successor;
      if (!follows(at)) return;
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
    this.#done = false;
  }

  /** Equal blocks become one. Each round makes at least one fewer. */
  internBlocks(): void {
    const blocks = this.#blocks;
    for (let again = true; again; ) {
      again = false;
      for (const block of blocks) block.link = null;
      this.#graph.mark++;
      this.#markReachable(this.#graph.root);
      for (let i = blocks.length - 2; i >= 0; i--) {
        const block = blocks[i]!;
        if (block.mark !== this.#graph.mark) continue;
        for (let j = i + 1; j < blocks.length; j++) {
          const other = blocks[j]!;
          if (other.mark !== this.#graph.mark || !equalBlocks(block, other)) continue;
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

  #markReachable(block: Block): void {
    if (block.mark === this.#graph.mark) return;
    block.mark = this.#graph.mark;
    if (bpf.classOf(block.code) === bpf.RET) return;
    this.#markReachable(block.yes.successor!);
    this.#markReachable(block.no.successor!);
  }

  /** Branches at the start that lead to one place either way go. */
  simplifyRoot(): void {
    let { root } = this.#graph;
    const statements = root.statements;
    root.statements = null;
    while (bpf.classOf(root.code) === bpf.JMP && root.yes.successor === root.no.successor) root = root.yes.successor!;
    if (root.statements !== null && statements !== null) append(statements, root.statements);
    root.statements = bpf.classOf(root.code) === bpf.RET ? null : statements;
    this.#graph.root = root;
  }
}

function localUses(block: Block): void {
  let defined = 0;
  let used = 0;
  let killed = 0;
  const use = (code: number, k: number) => {
    const atom = atomUsed(code, k);
    const atoms = atom === AX_ATOM ? (1 << X_ATOM) | (1 << A_ATOM) : atom >= 0 ? 1 << atom : 0;
    used |= atoms & ~defined;
  };
  for (let s = block.statements; s !== null; s = s.next) {
    use(s.code, s.k);
    const atom = atomDefined(s.code, s.k);
    if (atom < 0) continue;
    if (!isMember(used, atom)) killed |= 1 << atom;
    defined |= 1 << atom;
  }
  if (bpf.classOf(block.code) === bpf.JMP) use(block.code, block.k);
  block.killed = killed;
  block.used = used;
}

function fold(operation: number, a: number, b: number): number {
  switch (operation) {
    case bpf.ADD:
      return (a + b) >>> 0;
    case bpf.SUB:
      return (a - b) >>> 0;
    case bpf.MUL:
      return Math.imul(a, b) >>> 0;
    case bpf.DIV:
      return b === 0 ? filterError('division by zero') : Math.floor(a / b);
    case bpf.MOD:
      return b === 0 ? filterError('modulus by zero') : a % b;
    case bpf.AND:
      return (a & b) >>> 0;
    case bpf.OR:
      return (a | b) >>> 0;
    case bpf.XOR:
      return (a ^ b) >>> 0;
    case bpf.LSH:
      return b < 32 ? (a << b) >>> 0 : 0;
    default:
      return b < 32 ? a >>> b : 0;
  }
}

function holds(comparison: number, a: number, k: number): boolean {
  switch (comparison) {
    case bpf.JEQ:
      return a === k;
    case bpf.JGT:
      return a > k;
    case bpf.JGE:
      return a >= k;
    default:
      return (a & k) !== 0;
  }
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
