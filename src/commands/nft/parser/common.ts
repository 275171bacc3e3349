import * as objects from '../../../netlink/nfnl/objects.js';
import type { Named, ObjectDecl } from '../ast.js';
import { fail } from '../errors.js';
import type { Location } from '../location.js';
import { parseLimit, parseQuota } from '../statements/stateful.js';
import { parseSynproxy } from '../statements/synproxy.js';
import { secmarkBlock } from './ct-objects.js';
import * as make from './make.js';
import type { Parser } from './parser.js';
import type { Token } from './scanner.js';

/** What commands and the blocks of tables have in common. */

/** Reads other files for include; the parser itself does no I/O. */
export type IncludeResolver = (parser: Parser, pattern: string, at: Location) => void;

export const named = (token: Token): Named => ({ text: token.text, loc: token.loc });

export const objectWords: ReadonlyMap<string, number> = new Map([
  ['counter', objects.NFT_OBJECT_COUNTER],
  ['quota', objects.NFT_OBJECT_QUOTA],
  ['limit', objects.NFT_OBJECT_LIMIT],
  ['secmark', objects.NFT_OBJECT_SECMARK],
  ['synproxy', objects.NFT_OBJECT_SYNPROXY],
]);

/** include, define, redefine, undefine: allowed in all blocks. */
export function parseCommon(p: Parser, include: IncludeResolver): boolean {
  const word = p.peek();
  if (word.kind !== 'word') return false;
  if (word.text === 'include') {
    p.take();
    const file = p.peek().kind === 'quoted' ? p.take() : p.unexpected('quoted string');
    if (!p.atSeparator) p.unexpected('newline', 'semicolon');
    include(p, file.text, p.since(word.loc));
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

function initializer(p: Parser) {
  return p.isWord('jump') || p.isWord('goto') || p.isWord('accept') || p.isWord('drop') ? p.elementData() : p.rightExpression();
}

/** What an object is, in braces or without. */
export function objectConfig(p: Parser, kind: string, name: Named): ObjectDecl {
  const type = objectWords.get(kind)!;
  const decl: ObjectDecl = { kind: 'object', type, name: name.text, loc: name.loc };
  const braces = p.acceptSign('{') !== null;
  const skip = () => {
    if (braces) p.skipSeparators();
  };
  skip();
  const comment = () => {
    skip();
    if (!braces || !p.acceptWord('comment')) return;
    decl.comment = p.expectString().text;
    skip();
  };
  comment();
  switch (kind) {
    case 'counter': {
      let packets = 0;
      let bytes = 0;
      for (;;) {
        skip();
        if (p.acceptWord('packets')) packets = p.expectNumber();
        else if (p.acceptWord('bytes')) bytes = p.expectNumber();
        else break;
      }
      decl.counter = { packets, bytes };
      break;
    }
    case 'quota':
      decl.quota = parseQuota(p);
      if (Number.isNaN(decl.quota.bytes)) fail('Wrong rate format', name.loc);
      break;
    case 'limit':
      decl.limit = parseLimit(p);
      break;
    case 'synproxy':
      decl.synproxy = parseSynproxy(p, skip);
      break;
    case 'secmark':
      decl.secmark = secmarkBlock(p);
      break;
  }
  comment();
  skip();
  if (braces) p.expectSign('}');
  return decl;
}
