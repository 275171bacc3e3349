import * as wire from '../../../netlink/nfnl/expressions/hash.js';
import type { Expr, HashExpr } from '../ast.js';
import { integerType } from '../datatypes/basic.js';
import { fail } from '../errors.js';
import type { Location } from '../location.js';
import { typed } from '../parser/make.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';
import type { SelectorKind } from './selector.js';

export interface HashOptions {
  readonly modulus: number;
  readonly offset: number;
  readonly seed?: number | undefined;
}

export const hashExpr = (loc: Location, hash: number, options: HashOptions, of?: Expr): HashExpr => ({
  kind: 'hash',
  hash,
  modulus: options.modulus,
  offset: options.offset,
  ...(options.seed === undefined ? {} : { seed: options.seed }),
  ...(of === undefined ? {} : { of }),
  ...typed(loc, integerType, 32, 'host'),
});

function parse(p: Parser, word: Token): Expr {
  const of = word.text === 'jhash' ? p.concatExpression() : undefined;
  p.expectWord('mod');
  const modulus = p.expectNumber();
  const seed = word.text === 'jhash' && p.acceptWord('seed') ? p.expectNumber() : undefined;
  const offset = p.acceptWord('offset') ? p.expectNumber() : 0;
  return hashExpr(p.since(word.loc), word.text === 'jhash' ? wire.NFT_HASH_JENKINS : wire.NFT_HASH_SYM, { modulus, offset, seed }, of);
}

export const hash: SelectorKind<HashExpr> = {
  kind: 'hash',
  words: ['jhash', 'symhash'],
  parse,
  load(e, register, code) {
    const common = { dreg: register, modulus: e.modulus, offset: e.offset, type: e.hash };
    if (e.of === undefined) {
      code.emit(wire.hash, common);
      return;
    }
    const source = code.allocate(e.of.bits);
    code.load(e.of, source);
    code.release(e.of.bits);
    code.emit(wire.hash, {
      ...common,
      sreg: source,
      len: Math.ceil(e.of.bits / 8),
      ...(e.seed === undefined ? {} : { seed: e.seed }),
    });
  },
  print(e, show) {
    const seed = e.seed === undefined ? '' : ` seed 0x${e.seed.toString(16)}`;
    const of = e.of === undefined ? 'symhash' : `jhash ${show.expr(e.of)}`;
    return `${of} mod ${e.modulus}${seed}${e.offset === 0 ? '' : ` offset ${e.offset}`}`;
  },
  json(e, show) {
    const common = {
      mod: e.modulus,
      ...(e.seed === undefined ? {} : { seed: e.seed }),
      ...(e.offset === 0 ? {} : { offset: e.offset }),
    };
    if (e.of === undefined) return { symhash: common };
    return { jhash: { ...common, expr: show.exprJson(e.of) } };
  },
  jsonNames: ['jhash', 'symhash'],
  fromJson(name, value, r) {
    const options = {
      modulus: r.number(r.member(value, 'mod')),
      offset: r.optionalNumber(value, 'offset') ?? 0,
      seed: r.optionalNumber(value, 'seed'),
    };
    if (name === 'symhash') return hashExpr(r.loc, wire.NFT_HASH_SYM, options);
    return hashExpr(r.loc, wire.NFT_HASH_JENKINS, options, r.expression(r.member(value, 'expr')));
  },
};

/** The numbers that a hash may give are below 2^32. */
export function checkRange(e: { readonly loc: Location; readonly modulus: number; readonly offset: number }): void {
  if (e.modulus + e.offset - 1 > 0xffff_ffff) fail('hash modulus and offset are too large', e.loc);
}
