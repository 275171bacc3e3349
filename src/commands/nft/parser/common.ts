import * as objects from '../../../netlink/nfnl/objects.js';
import type { Named, ObjectDecl } from '../ast.js';
import { fail } from '../errors.js';
import type { Location } from '../location.js';
import { parseLimit, parseQuota } from '../statements/stateful.js';
import { parseSynproxy } from '../statements/synproxy.js';
import { parseBlock } from './block.js';
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

const initializer = (p: Parser) => p.rightExpression();

/** What an object is, in braces or without. */
export function objectConfig(p: Parser, kind: string, name: Named): ObjectDecl {
  const decl: ObjectDecl = { kind: 'object', type: objectWords.get(kind)!, name: name.text, loc: name.loc };
  // What is left out, or was not understood, is zero.
  if (kind === 'counter') decl.counter = { packets: 0, bytes: 0 };
  if (kind === 'quota') decl.quota = { bytes: 0, used: 0, over: false };
  if (kind === 'limit') decl.limit = { rate: 0, unit: 1, burst: 0, bytes: false, over: false };
  if (kind === 'synproxy') decl.synproxy = { mss: 0, wscale: 0, flags: 0 };
  if (kind === 'secmark') decl.secmark = { context: '' };
  if (p.isSign('{'))
    parseBlock(p, () => {
      if (p.acceptWord('comment')) decl.comment = p.expectString().text;
      else objectLine(p, kind, decl, true);
    });
  else if (!p.atSeparator || kind !== 'counter') objectLine(p, kind, decl, false);
  return decl;
}

function objectLine(p: Parser, kind: string, decl: ObjectDecl, inBlock: boolean): void {
  switch (kind) {
    case 'counter': {
      const start = p.acceptWord('packets');
      if (start === null) return p.unexpected(...(inBlock ? [] : ['end of file', 'newline', 'semicolon', 'packets']));
      const packets = p.expectNumber();
      p.expectWord('bytes');
      decl.counter = { packets, bytes: p.expectNumber() };
      return;
    }
    case 'quota': {
      const start = p.peek();
      if (inBlock && start.kind !== 'number' && !p.isWord('over') && !p.isWord('until')) return p.unexpected();
      const quota = parseQuota(p);
      if (Number.isNaN(quota.bytes)) fail('Wrong rate format', p.since(start.loc));
      decl.quota = quota;
      return;
    }
    case 'limit':
      // A word that begins no limit is an unknown line of the block.
      if (inBlock && !p.isWord('rate')) return p.unexpected();
      decl.limit = parseLimit(p);
      return;
    case 'synproxy':
      if (inBlock && !p.isWord('mss')) return p.unexpected();
      decl.synproxy = parseSynproxy(p, inBlock);
      return;
    case 'secmark':
      decl.secmark = secmarkBlock(p);
      return;
  }
}
