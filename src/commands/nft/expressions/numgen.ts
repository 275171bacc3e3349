import * as wire from '../../../netlink/nfnl/expressions/numgen.js';
import type { Expr, NumgenExpr } from '../ast.js';
import { integerType } from '../datatypes/basic.js';
import type { Location } from '../location.js';
import { typed } from '../parser/make.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';
import type { SelectorKind } from './selector.js';

const modes = ['inc', 'random'];

export const numgenExpr = (loc: Location, mode: number, modulus: number, offset: number): NumgenExpr => ({
  kind: 'numgen',
  mode,
  modulus,
  offset,
  ...typed(loc, integerType, 32, 'host'),
});

function parse(p: Parser, word: Token): Expr {
  const mode = modes.indexOf(p.expectWord('random', 'inc').text);
  p.expectWord('mod');
  const modulus = p.expectNumber();
  const offset = p.acceptWord('offset') ? p.expectNumber() : 0;
  return numgenExpr(p.since(word.loc), mode, modulus, offset);
}

export const numgen: SelectorKind<NumgenExpr> = {
  kind: 'numgen',
  words: ['numgen'],
  parse,
  load: (e, register, code) => code.emit(wire.numgen, { dreg: register, modulus: e.modulus, type: e.mode, offset: e.offset }),
  print: (e) => `numgen ${modes[e.mode]} mod ${e.modulus}${e.offset === 0 ? '' : ` offset ${e.offset}`}`,
  json: (e) => ({ numgen: { mode: modes[e.mode]!, mod: e.modulus, offset: e.offset } }),
  jsonNames: ['numgen'],
  fromJson(_name, value, r) {
    const mode = r.string(r.member(value, 'mode'));
    if (!modes.includes(mode)) return r.fail(`Unknown numgen mode '${mode}'.`);
    return numgenExpr(r.loc, modes.indexOf(mode), r.number(r.member(value, 'mod')), r.optionalNumber(value, 'offset') ?? 0);
  },
  typeof: {
    id: 23,
    save: (e) => [
      [0, e.mode],
      [1, e.modulus],
      [2, e.offset],
    ],
    restore: (numbers, loc) => numgenExpr(loc, numbers.get(0) ?? 0, numbers.get(1) ?? 0, numbers.get(2) ?? 0),
  },
};
