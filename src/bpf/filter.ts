import { checkProgram } from './check.js';
import { compileProgram, type CompiledFilter } from './compile.js';
import type { FilterInput } from './input.js';
import type { Program } from './instruction.js';
import { flatten, interpret } from './machine.js';

/** Packets after which a filter is worth compiling: below that, making the function costs more than it saves. */
const HOT = 64;

/** A checked program, ready to run: on the interpreter at first, compiled once it is hot. */
export class Filter {
  readonly program: Program;
  readonly #flat: Int32Array;
  #compiled: CompiledFilter | null = null;
  #runs = 0;

  /** Throws NetError EINVAL for a program that Linux would not take. */
  constructor(program: Program) {
    checkProgram(program);
    this.program = program;
    this.#flat = flatten(program);
  }

  /** How many bytes of the packet are wanted, a u32; 0: the packet is dropped. */
  run(input: FilterInput): number {
    if (this.#compiled !== null) return this.#compiled(input);
    if (++this.#runs === HOT) this.#compiled = compileProgram(this.program);
    return interpret(this.#flat, input);
  }
}
