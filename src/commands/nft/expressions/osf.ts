import * as wire from '../../../netlink/nfnl/expressions/osf.js';
import type { Expr, OsfExpr } from '../ast.js';
import { stringType } from '../datatypes/basic.js';
import { fail } from '../errors.js';
import type { Location } from '../location.js';
import { typed } from '../parser/make.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';
import type { SelectorKind } from './selector.js';

const ttls = ['', 'loose', 'skip'];

export const osfExpr = (loc: Location, ttl: number, version: boolean): OsfExpr => ({
  kind: 'osf',
  ttl,
  version,
  ...typed(loc, stringType, wire.NFT_OSF_MAXGENRELEN * 8, 'host'),
});

function parse(p: Parser, word: Token): Expr {
  let ttl = 0;
  if (p.acceptWord('ttl')) {
    if (p.peek().kind !== 'word') return p.unexpected('string');
    const option = p.take();
    ttl = ttls.indexOf(option.text);
    if (ttl === -1) return fail('invalid ttl option', option.loc);
  }
  const what = p.expectWord('version', 'name').text;
  return osfExpr(p.since(word.loc), ttl, what === 'version');
}

export const osf: SelectorKind<OsfExpr> = {
  kind: 'osf',
  words: ['osf'],
  parse,
  load: (e, register, code) => code.emit(wire.osf, { dreg: register, ttl: e.ttl, flags: e.version ? wire.NFT_OSF_F_VERSION : 0 }),
  print: (e) => `osf ${e.ttl === 0 ? '' : `ttl ${ttls[e.ttl]} `}${e.version ? 'version' : 'name'}`,
  json: (e) => ({ osf: { key: e.version ? 'version' : 'name', ...(e.ttl === 0 ? {} : { ttl: ttls[e.ttl]! }) } }),
  jsonNames: ['osf'],
  fromJson(_name, value, r) {
    const ttl = r.optionalString(value, 'ttl');
    if (ttl !== undefined && !ttls.includes(ttl)) return r.fail('Invalid osf ttl option');
    const key = r.string(r.member(value, 'key'));
    return osfExpr(r.loc, ttl === undefined ? 0 : ttls.indexOf(ttl), key === 'version');
  },
  typeof: {
    id: 11,
    save: (e) => [
      [0, e.ttl],
      [1, e.version ? 1 : 0],
    ],
    restore: (numbers, loc) => osfExpr(loc, numbers.get(0) ?? 0, numbers.get(1) === 1),
  },
};
