import * as wire from '../../../netlink/nfnl/expressions/fib.js';
import type { Expr, FibExpr } from '../ast.js';
import { ifnameType } from '../datatypes/basic.js';
import { booleanType, fibAddrType, ifindexType } from '../datatypes/meta.js';
import type { Location } from '../location.js';
import { typed } from '../parser/make.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';
import type { SelectorKind } from './selector.js';

const flagNames = ['saddr', 'daddr', 'mark', 'iif', 'oif'];
const results: readonly (readonly [number, string])[] = [
  [wire.NFT_FIB_RESULT_OIF, 'oif'],
  [wire.NFT_FIB_RESULT_OIFNAME, 'oifname'],
  [wire.NFT_FIB_RESULT_ADDRTYPE, 'type'],
];

export function fibExpr(loc: Location, flags: number, result: number): FibExpr {
  const common = { kind: 'fib', flags, result } as const;
  if ((flags & wire.NFTA_FIB_F_PRESENT) !== 0) return { ...common, ...typed(loc, booleanType, 32, 'host') };
  if (result === wire.NFT_FIB_RESULT_OIFNAME) return { ...common, ...typed(loc, ifnameType, 128, 'host') };
  return { ...common, ...typed(loc, result === wire.NFT_FIB_RESULT_OIF ? ifindexType : fibAddrType, 32, 'host') };
}

function parse(p: Parser, word: Token): Expr {
  let flags = 0;
  const start = p.peek().loc;
  do flags |= 1 << flagNames.indexOf(p.expectWord(...flagNames).text);
  while (p.acceptSign('.') !== null);
  const flagsLoc = p.since(start);
  const name = p.expectWord('type', 'oif', 'oifname').text;
  return { ...fibExpr(p.since(word.loc), flags, results.find(([, known]) => known === name)![0]), flagsLoc };
}

const namesOf = (flags: number) => flagNames.filter((_, bit) => (flags & (1 << bit)) !== 0);
const resultName = (result: number) => results.find(([number]) => number === result)?.[1] ?? 'unknown';

export const fib: SelectorKind<FibExpr> = {
  kind: 'fib',
  words: ['fib'],
  parse,
  load: (e, register, code) => code.emit(wire.fib, { dreg: register, result: e.result, flags: e.flags }),
  print: (e) => `fib ${namesOf(e.flags).join(' . ')} ${resultName(e.result)}`,
  json(e) {
    return { fib: { result: resultName(e.result), flags: namesOf(e.flags) } };
  },
  jsonNames: ['fib'],
  fromJson(_name, value, r) {
    const result = r.string(r.member(value, 'result'));
    const found = results.find(([, name]) => name === result);
    if (found === undefined) return r.fail(`Invalid fib result '${result}'.`);
    let flags = 0;
    for (const flag of r.list(r.member(value, 'flags'))) {
      const bit = flagNames.indexOf(r.string(flag));
      if (bit === -1) return r.fail('Unknown fib flag.');
      flags |= 1 << bit;
    }
    return fibExpr(r.loc, flags, found[0]);
  },
  typeof: {
    id: 26,
    save: (e) => [
      [0, e.result],
      [1, e.flags],
    ],
    restore: (numbers, loc) => fibExpr(loc, numbers.get(1) ?? 0, numbers.get(0) ?? 0),
  },
};
