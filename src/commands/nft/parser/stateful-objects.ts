import * as objects from '../../../netlink/nfnl/objects.js';
import type { Named, ObjectDecl } from '../ast.js';
import { fail } from '../errors.js';
import { parseLimit, parseQuota } from '../statements/stateful.js';
import { parseSynproxy } from '../statements/synproxy.js';
import { parseBlock } from './block.js';
import { secmarkBlock } from './ct-objects.js';
import type { Parser } from './parser.js';

export const objectWords: ReadonlyMap<string, number> = new Map([
  ['counter', objects.NFT_OBJECT_COUNTER],
  ['quota', objects.NFT_OBJECT_QUOTA],
  ['limit', objects.NFT_OBJECT_LIMIT],
  ['secmark', objects.NFT_OBJECT_SECMARK],
  ['synproxy', objects.NFT_OBJECT_SYNPROXY],
]);

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
