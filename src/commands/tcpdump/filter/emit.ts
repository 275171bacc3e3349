// Blocks in a row, as libpcap lays them out: icode_to_fcode().
import { classOf, type Instruction, JA, JMP } from '../../../bpf/instruction.js';
import { type Block, filterError, type Graph, NOP, type Statement } from './code.js';

/** The most instructions that come out: far beyond what any machine takes. */
const MAXIMUM = 1 << 16;
const FARTHEST = 255;

interface Slot {
  code: number;
  jt: number;
  jf: number;
  k: number;
}

export function emit(graph: Graph): Instruction[] {
  // Each round makes one more jump a long one.
  for (;;) {
    graph.mark++;
    const count = countStatements(graph, graph.root);
    if (count > MAXIMUM) filterError('filter is too complex');
    const program: Slot[] = Array.from({ length: count }, () => ({ code: 0, jt: 0, jf: 0, k: 0 }));
    graph.mark++;
    if (new Emitter(graph, program).block(graph.root)) return program;
  }
}

function lengthOf(statements: Statement | null): number {
  let count = 0;
  for (let s = statements; s !== null; s = s.next) if (s.code !== NOP) count++;
  return count;
}

function countStatements(graph: Graph, block: Block | null): number {
  if (block === null || block.mark === graph.mark) return 0;
  block.mark = graph.mark;
  const others = countStatements(graph, block.yes.successor) + countStatements(graph, block.no.successor);
  return lengthOf(block.statements) + others + 1 + block.longYes + block.longNo;
}

class Emitter {
  readonly #graph: Graph;
  readonly #program: Slot[];
  /** Where the next block ends: they are laid from the end to the start. */
  #tail: number;

  constructor(graph: Graph, program: Slot[]) {
    this.#graph = graph;
    this.#program = program;
    this.#tail = program.length;
  }

  /** False: a jump was too far, and is a long one from now on. */
  block(block: Block | null): boolean {
    if (block === null || block.mark === this.#graph.mark) return true;
    block.mark = this.#graph.mark;
    if (!this.block(block.no.successor) || !this.block(block.yes.successor)) return false;
    const length = lengthOf(block.statements);
    this.#tail -= length + 1 + block.longYes + block.longNo;
    block.offset = this.#tail;
    this.#statements(block, length);
    return this.#branch(block, length);
  }

  #statements(block: Block, length: number): void {
    const places: Statement[] = [];
    for (let s = block.statements; s !== null && places.length < length; s = s.next) places.push(s);
    let at = 0;
    for (let s = block.statements; s !== null; s = s.next) {
      if (s.code === NOP) continue;
      const slot = this.#program[block.offset + at]!;
      slot.code = s.code;
      slot.k = s.k;
      // As there: the last statement but one is never looked at.
      if (classOf(s.code) === JMP && s.code !== (JMP | JA) && at !== length - 2) {
        slot.jt = distance(places, s.jt, at);
        slot.jf = distance(places, s.jf, at);
      }
      at++;
    }
  }

  #branch(block: Block, length: number): boolean {
    const at = block.offset + length;
    const slot = this.#program[at]!;
    slot.code = block.code;
    slot.k = block.k;
    if (block.yes.successor === null) return true;
    let extra = 0;
    const jump = (far: number): number => {
      if (far <= FARTHEST) return far;
      const taken = extra++;
      const long = this.#program[at + extra]!;
      long.code = JMP | JA;
      long.k = far - extra;
      return taken;
    };
    const yes = block.yes.successor.offset - at - 1;
    if (yes > FARTHEST && block.longYes === 0) {
      block.longYes++;
      return false;
    }
    slot.jt = jump(yes);
    const no = block.no.successor!.offset - at - 1;
    if (no > FARTHEST && block.longNo === 0) {
      block.longNo++;
      return false;
    }
    slot.jf = jump(no);
    return true;
  }
}

function distance(places: readonly Statement[], target: Statement | null, from: number): number {
  const found = target === null ? -1 : places.indexOf(target);
  if (found < 0) filterError(`no jmp destination for block-local relative jump: off=${from}`);
  const far = found - from - 1;
  return far >= 0 && far <= FARTHEST ? far : filterError(`out-of-range jump for block-local relative jump: off=${from}`);
}
