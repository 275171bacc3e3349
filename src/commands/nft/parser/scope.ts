import type { Expr } from '../ast.js';

/** Variables of a file or block, and those around it. */
export class Scope {
  readonly #outer: Scope | null;
  readonly #variables = new Map<string, Expr>();

  constructor(outer: Scope | null = null) {
    this.#outer = outer;
  }

  /** False where it is defined here already. */
  define(name: string, value: Expr): boolean {
    if (this.#variables.has(name)) return false;
    this.#variables.set(name, value);
    return true;
  }

  redefine(name: string, value: Expr): void {
    this.#variables.set(name, value);
  }

  undefine(name: string): boolean {
    return this.#variables.delete(name);
  }

  find(name: string): Expr | undefined {
    return this.#variables.get(name) ?? this.#outer?.find(name);
  }

  names(): string[] {
    return [...this.#variables.keys(), ...(this.#outer?.names() ?? [])];
  }
}
