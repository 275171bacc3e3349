import { NFT_OBJECT_CT_EXPECT, NFT_OBJECT_CT_HELPER, NFT_OBJECT_CT_TIMEOUT, NFT_OBJECT_SECMARK } from '../../../netlink/nfnl/objects.js';
import type { Statement } from '../ast.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';
import { objectReference } from './objref.js';

const assigned: readonly (readonly [string, number])[] = [
  ['helper', NFT_OBJECT_CT_HELPER],
  ['timeout', NFT_OBJECT_CT_TIMEOUT],
  ['expectation', NFT_OBJECT_CT_EXPECT],
];

/** Statements that begin with "ct" or "meta" and are no matches: objects that are set, and "ct count". Null for all others. */
export function parseAssigned(p: Parser): Statement | null {
  const word: Token = p.peek();
  if (p.isWord('ct')) {
    if (p.isWord('count', 1)) {
      p.take();
      p.take();
      const over = p.acceptWord('over') !== null;
      const count = p.expectNumber();
      return { kind: 'connlimit', count, over, loc: p.since(word.loc) };
    }
    const found = assigned.find(([name]) => p.isWord(name, 1) && p.isWord('set', 2));
    if (found === undefined) return null;
    p.take();
    p.take();
    return objectReference(p, word, found[1]);
  }
  if (p.isWord('meta') && p.isWord('secmark', 1) && p.isWord('set', 2)) {
    p.take();
    p.take();
    return objectReference(p, word, NFT_OBJECT_SECMARK);
  }
  return null;
}
