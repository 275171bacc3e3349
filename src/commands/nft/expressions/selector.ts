import type { Show } from '../show.js';
import type { Expr, SelectorExpr } from '../ast.js';
import type { JsonValue } from '../datatypes/datatype.js';
import type { JsonReader } from '../json/reader.js';
import type { Code } from '../linearise/code.js';
import type { Location } from '../location.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';

/** One kind of thing that is read from a packet or from around it. A kind is one file here and one line in selectors.ts. */
export interface SelectorKind<E extends SelectorExpr> {
  readonly kind: E['kind'];
  /** Words that it begins with. */
  readonly words: readonly string[];
  /** `word` is taken already. */
  parse(p: Parser, word: Token): Expr;
  /** Bytecode that brings it into a register. */
  load(e: E, register: number, code: Code): void;
  /** Bytecode that sets it from a register, where that can be. */
  store?(e: E, register: number, code: Code): void;
  print(e: E, show: Show): string;
  json(e: E, show: Show): JsonValue;
  readonly jsonNames: readonly string[];
  fromJson(name: string, value: JsonValue, r: JsonReader): Expr;
  /** How `typeof` of a set is kept in its userdata: nft's number of the kind, and numbered u32 (host byte order). */
  readonly typeof?: {
    readonly id: number;
    save(e: E): readonly (readonly [number, number])[] | null;
    restore(numbers: ReadonlyMap<number, number>, loc: Location): Expr | null;
  };
}
