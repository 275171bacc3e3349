import type { Named } from '../ast.js';
import { fail } from '../errors.js';
import { type Location, span } from '../location.js';
import * as make from './make.js';
import type { Parser } from './parser.js';
import type { Token } from './scanner.js';

/** What commands and the blocks of tables have in common. */

/** Reads other files for include; the parser itself does no I/O. */
export type IncludeResolver = (parser: Parser, pattern: string, at: Location) => void;

export const named = (token: Token): Named => ({ text: token.text, loc: token.loc });

/** include, define, redefine, undefine: allowed in all blocks. */
export function parseCommon(p: Parser, include: IncludeResolver): boolean {
  const word = p.peek();
  if (word.kind !== 'word') return false;
  if (word.text === 'include') {
    p.take();
    const file = p.peek().kind === 'quoted' ? p.take() : p.unexpected('quoted string');
    if (!p.atSeparator) p.unexpected('newline', 'semicolon');
    include(p, file.text, span(p.since(word.loc), p.peek().loc));
    return true;
  }
  if (word.text === 'define' || word.text === 'redefine') {
    p.take();
    const name = p.peek().kind === 'word' ? p.take() : p.unexpected('string');
    p.expectSign('=');
    const value = p.isSign('{') && p.isSign('}', 1) ? emptySet(p) : initializer(p);
    if (word.text === 'redefine') p.scope.redefine(name.text, value);
    else if (!p.scope.define(name.text, value)) fail(`redefinition of symbol '${name.text}'`, p.since(word.loc));
    return true;
  }
  if (word.text === 'undefine') {
    p.take();
    const name = p.peek().kind === 'word' ? p.take() : p.unexpected('string');
    if (!p.scope.undefine(name.text)) fail(`undefined symbol '${name.text}'`, p.since(word.loc));
    return true;
  }
  return false;
}

export function emptySet(p: Parser) {
  const open = p.take();
  p.take();
  return make.set(p.since(open.loc), []);
}

const initializer = (p: Parser) => p.rightExpression();
