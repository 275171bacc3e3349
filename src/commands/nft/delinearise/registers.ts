import { registerWord } from '../../../netlink/nfnl/data.js';
import type * as ast from '../ast.js';
import { concatType } from '../datatypes/registry.js';
import { nowhere } from '../location.js';
import * as make from '../parser/make.js';

/** What the registers hold while a rule's bytecode is read. */
export class Registers {
  readonly #words = new Map<number, ast.Expr>();

  set(register: number, e: ast.Expr): void {
    const first = registerWord(register);
    for (let word = 0; word < Math.ceil(e.bits / 32); word++) this.#words.delete(first + word);
    this.#words.set(first, e);
  }

  get(register: number): ast.Expr | undefined {
    return this.#words.get(registerWord(register));
  }

  /** So many bytes from a register on: one value, or several that lie behind each other. */
  read(register: number, bytes: number): ast.Expr | undefined {
    const first = registerWord(register);
    const parts: ast.Expr[] = [];
    let word = 0;
    while (word * 4 < bytes) {
      const part = this.#words.get(first + word);
      if (part === undefined) break;
      parts.push(part);
      word += Math.max(1, Math.ceil(part.bits / 32));
    }
    if (parts.length === 0) return undefined;
    if (parts.length === 1) return parts[0];
    return {
      ...make.concat(nowhere, parts),
      type: concatType(parts.map((part) => part.type)),
      bits: parts.reduce((bits, part) => bits + Math.ceil(part.bits / 32) * 32, 0),
    };
  }
}
