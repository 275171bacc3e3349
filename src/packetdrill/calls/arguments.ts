import type { Expression, Field } from '../language/ast.js';
import { symbol } from './symbols.js';

/** An argument that a call cannot make anything of. */
export class ArgumentError extends Error {}

const bad = (what: string): never => {
  throw new ArgumentError(what);
};

export const describe = (expression: Expression | undefined): string => {
  if (expression === undefined) return 'nothing';
  switch (expression.kind) {
    case 'integer':
      return expression.hex ? `0x${expression.value.toString(16)}` : String(expression.value);
    case 'word':
    case 'call':
      return expression.name;
    case 'string':
      return JSON.stringify(expression.text);
    default:
      return `a ${expression.kind}`;
  }
};

/** A number, a name or several of them joined by `|`. */
export function integer(expression: Expression | undefined, what = 'argument'): number {
  switch (expression?.kind) {
    case 'integer':
      return expression.value;
    case 'word':
      return symbol(expression.name) ?? bad(`unknown symbol: ${expression.name}`);
    case 'or':
      return (integer(expression.left, what) | integer(expression.right, what)) >>> 0;
    case 'call':
      if (expression.name === 'htons' || expression.name === 'htonl') return integer(expression.args[0], what);
      return bad(`bad ${what}: ${describe(expression)}`);
    default:
      return bad(`bad ${what}: an integer was expected, not ${describe(expression)}`);
  }
}

/** An integer, or the default where the script leaves it open. */
export const integerOr = (expression: Expression | undefined, fallback: number, what?: string): number =>
  expression === undefined || expression.kind === 'ellipsis' ? fallback : integer(expression, what);

export const isEllipsis = (expression: Expression | undefined): boolean => expression === undefined || expression.kind === 'ellipsis';

export function list(expression: Expression | undefined, what = 'argument'): readonly Expression[] {
  return expression?.kind === 'list' ? expression.items : bad(`bad ${what}: a list was expected, not ${describe(expression)}`);
}

export function fields(expression: Expression | undefined, what = 'argument'): readonly Field[] {
  return expression?.kind === 'struct' ? expression.fields : bad(`bad ${what}: a structure was expected, not ${describe(expression)}`);
}

/** A field by its name; undefined: it is not there. */
export const field = (all: readonly Field[], name: string): Expression | undefined => all.find((one) => one.name === name)?.value;

/** Bytes of a string: one for each of its characters. */
export const stringBytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);
