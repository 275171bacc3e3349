import * as wire from '../../../netlink/nfnl/expressions/objref.js';
import * as objects from '../../../netlink/nfnl/objects.js';
import type { Expr, ObjrefStatement, SetExpr } from '../ast.js';
import { stringType } from '../datatypes/basic.js';
import { fail } from '../errors.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import * as make from '../parser/make.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';
import type { StatementKind } from './statement.js';

/** How a reference to an object of a type begins. */
const phrases: ReadonlyMap<number, string> = new Map([
  [objects.NFT_OBJECT_COUNTER, 'counter name'],
  [objects.NFT_OBJECT_QUOTA, 'quota name'],
  [objects.NFT_OBJECT_LIMIT, 'limit name'],
  [objects.NFT_OBJECT_CT_HELPER, 'ct helper set'],
  [objects.NFT_OBJECT_CT_TIMEOUT, 'ct timeout set'],
  [objects.NFT_OBJECT_CT_EXPECT, 'ct expectation set'],
  [objects.NFT_OBJECT_SECMARK, 'meta secmark set'],
  [objects.NFT_OBJECT_SYNPROXY, 'synproxy name'],
]);

export const objectKindNames: ReadonlyMap<number, string> = new Map([
  [objects.NFT_OBJECT_COUNTER, 'counter'],
  [objects.NFT_OBJECT_QUOTA, 'quota'],
  [objects.NFT_OBJECT_LIMIT, 'limit'],
  [objects.NFT_OBJECT_CT_HELPER, 'ct helper'],
  [objects.NFT_OBJECT_CT_TIMEOUT, 'ct timeout'],
  [objects.NFT_OBJECT_CT_EXPECT, 'ct expectation'],
  [objects.NFT_OBJECT_SECMARK, 'secmark'],
  [objects.NFT_OBJECT_SYNPROXY, 'synproxy'],
]);

/** Behind "counter": name, and the name or a map of names. */
export function objectReference(p: Parser, word: Token, objectType: number): ObjrefStatement {
  p.take();
  const expr = p.argument();
  return { kind: 'objref', objectType, expr, loc: p.since(word.loc) };
}

/** The name of an object, or a map that gives names. */
function objectName(e: Expr, objectType: number, context: Evaluation): Expr {
  if (e.kind !== 'map') return context.expression(e, { type: stringType, bits: 128 * 8, byteorder: 'host' });
  const key = context.expression(e.key);
  if (e.mappings.kind === 'setref') {
    const set = context.ruleset.findSet(e.mappings.name, e.mappings.loc);
    if (set.objectType === undefined) fail('Expression is not a map', e.mappings.loc);
    return { ...e, key: context.sets.lookupKey(key, set), mappings: { ...e.mappings, set } };
  }
  const literal = context.sets.mapLiteral(e.mappings as SetExpr, key, { type: stringType, bits: 128 * 8, byteorder: 'host' });
  const mappings = context.sets.anonymous(literal, key, true, undefined, objectType);
  return { ...e, key: context.sets.lookupKey(key, mappings.set!), mappings };
}

export const objref: StatementKind<ObjrefStatement> = {
  kind: 'objref',
  words: [],
  evaluate(s, context) {
    s.expr = objectName(s.expr, s.objectType, context);
  },
  linearise(s, code) {
    if (s.expr.kind !== 'map') {
      code.emit(wire.objref, { immType: s.objectType, immName: code.text(s.expr) });
      return;
    }
    const register = code.allocate(s.expr.key.bits);
    code.load(s.expr.key, register);
    code.release(s.expr.key.bits);
    const { name, id } = code.setOf(s.expr.mappings);
    code.emit(wire.objref, { setSreg: register, setName: name, setId: id });
  },
  print(s, show) {
    const what = s.expr.kind === 'map' ? show.expr(s.expr) : `"${nameIn(s.expr)}"`;
    return `${phrases.get(s.objectType) ?? 'unknown'} ${what}`;
  },
  json: (s, show) => ({
    [objectKindNames.get(s.objectType) ?? 'unknown']: s.expr.kind === 'map' ? show.exprJson(s.expr) : nameIn(s.expr),
  }),
  jsonNames: ['ct helper', 'ct timeout', 'ct expectation', 'secmark'],
  fromJson(name, value, r) {
    const type = [...objectKindNames].find(([, known]) => known === name)![0];
    return r.objectReference(type, value);
  },
};

function nameIn(e: ObjrefStatement['expr']): string {
  if (e.kind === 'symbol') return e.text;
  return e.kind === 'value' ? make.stringOf(e) : '';
}
