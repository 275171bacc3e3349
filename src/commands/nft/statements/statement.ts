import type { Show } from '../show.js';
import type { Statement } from '../ast.js';
import type { JsonValue } from '../datatypes/datatype.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import type { JsonReader } from '../json/reader.js';
import type { Code } from '../linearise/code.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';

/**
 * One kind of statement, the whole of it: how it is written, what is right, its bytecode, and how it is shown. A kind is one file
 * here and one line in registry.ts; bytecode is turned back in delinearise/.
 */
export interface StatementKind<S extends Statement> {
  readonly kind: S['kind'];
  /** Words that it begins with; `word` is taken already. Null: it is none of this kind, and nothing more was taken. */
  readonly words: readonly string[];
  parse?(p: Parser, word: Token): Statement | null;
  /** Completes it in place. */
  evaluate?(s: S, context: Evaluation): void;
  linearise(s: S, code: Code): void;
  print(s: S, show: Show): string;
  json(s: S, show: Show): JsonValue;
  readonly jsonNames?: readonly string[];
  fromJson?(name: string, value: JsonValue, r: JsonReader): Statement;
  /** Nothing may come behind it in a rule. */
  terminal?(s: S): boolean;
}
