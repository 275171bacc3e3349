// Value numbers: two places that hold the same number hold the same value. Statements whose result is known become constants.
import * as bpf from '../../../../bpf/instruction.js';
import { A_ATOM, filterError, NOP, type Statement, X_ATOM } from '../code.js';

export const UNKNOWN = 0;
export const IMMEDIATE = bpf.LD | bpf.IMM;

export class Values {
  #values = new Map<string, number>();
  #lastValue = 0;
  /** Constants by value number. */
  #constants = new Map<number, number>();
  readonly #change: () => void;

  /** `change` is told of each statement that becomes another. */
  constructor(change: () => void) {
    this.#change = change;
  }

  reset(): void {
    this.#lastValue = 0;
    this.#values = new Map();
    this.#constants = new Map();
  }

  /** The constant that has a value number. */
  known(value: number): number | undefined {
    return this.#constants.get(value);
  }

  #value(code: number, v0: number, v1: number): number {
    const key = `${code} ${v0} ${v1}`;
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = ++this.#lastValue;
    if (bpf.modeOf(code) === bpf.IMM && (bpf.classOf(code) === bpf.LD || bpf.classOf(code) === bpf.LDX)) this.#constants.set(value, v0);
    this.#values.set(key, value);
    return value;
  }

  /** The value number of a constant. */
  constant(k: number): number {
    return this.#value(IMMEDIATE, k, 0);
  }

  /** What a statement computes is known already: it goes. */
  #store(s: Statement, values: Uint32Array, atom: number, value: number, alter: boolean): void {
    if (alter && value !== UNKNOWN && values[atom] === value) s.code = NOP;
    else values[atom] = value;
  }

  /**
   * Numbers what `s` writes in `values`, which go by atom; `alter`: `s` becomes a simpler one, or none, where its result is known.
   * Throws FilterError for a division by zero.
   */
  statement(s: Statement, values: Uint32Array, alter: boolean): void {
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
        return this.#store(s, values, atom, this.constant(s.k), alter);
      case bpf.IND: {
        const x = values[X_ATOM]!;
        const known = this.known(x);
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
        const known = this.known(value);
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
    const known = this.known(values[A_ATOM]!);
    if (alter && known !== undefined) {
      s.code = IMMEDIATE;
      s.k = -known >>> 0;
      values[A_ATOM] = this.constant(s.k);
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
            values[A_ATOM] = this.constant(s.k);
            return;
          case bpf.DIV:
            return filterError('division by zero');
          case bpf.MOD:
            return filterError('modulus by zero');
        }
      }
      const known = this.known(values[A_ATOM]!);
      if (known !== undefined) {
        this.#fold(s, known, s.k);
        values[A_ATOM] = this.constant(s.k);
        return;
      }
    }
    values[A_ATOM] = this.#value(s.code, values[A_ATOM]!, this.constant(s.k));
  }

  #calculateByX(s: Statement, values: Uint32Array, alter: boolean): void {
    const operation = bpf.operationOf(s.code);
    const knownX = this.known(values[X_ATOM]!);
    const knownA = this.known(values[A_ATOM]!);
    if (alter && knownX !== undefined) {
      if (knownA !== undefined) {
        this.#fold(s, knownA, knownX);
        values[A_ATOM] = this.constant(s.k);
        return;
      }
      s.code = bpf.ALU | bpf.K | operation;
      s.k = knownX;
      if ((operation === bpf.LSH || operation === bpf.RSH) && s.k > 31) filterError('shift by more than 31 bits');
      this.#change();
      values[A_ATOM] = this.#value(s.code, values[A_ATOM]!, this.constant(s.k));
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
          return this.#store(s, values, A_ATOM, this.constant(0), alter);
      }
    }
    values[A_ATOM] = this.#value(s.code, values[A_ATOM]!, values[X_ATOM]!);
  }

  #fold(s: Statement, a: number, b: number): void {
    s.k = fold(bpf.operationOf(s.code), a, b);
    s.code = IMMEDIATE;
    this.#change();
  }
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

export function holds(comparison: number, a: number, k: number): boolean {
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
