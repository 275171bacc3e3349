import * as wire from '../../../netlink/nfnl/expressions/dynset.js';
import { NFT_SET_EVAL, NFT_SET_TIMEOUT } from '../../../netlink/nfnl/nf-tables.js';
import type { ElementExpr, MeterStatement, SetDecl, SetStatement, Statement } from '../ast.js';
import { fail } from '../errors.js';
import { isConstant, sameKinds, shapeOf } from '../evaluate/constants.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import type { Code } from '../linearise/code.js';
import * as make from '../parser/make.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';
import type { StatementKind } from './statement.js';

/** Statements that put elements into sets from packets. */

const operations: Readonly<Record<SetStatement['op'], number>> = {
  add: wire.NFT_DYNSET_OP_ADD,
  update: wire.NFT_DYNSET_OP_UPDATE,
  delete: wire.NFT_DYNSET_OP_DELETE,
};

function parseKey(p: Parser): ElementExpr {
  const start = p.peek().loc;
  const key = make.element(start, p.concatExpression());
  key.loc = p.since(start);
  if (p.acceptWord('timeout')) key.timeout = p.timeSpan();
  if (p.acceptWord('expires')) key.expires = p.timeSpan();
  if (p.acceptWord('comment')) key.comment = p.expectString().text;
  return key;
}

/** { key timeout 1m counter ... : data } behind the set's name. */
function parseElement(p: Parser): { key: ElementExpr; statements: Statement[]; data?: ReturnType<Parser['argument']> } {
  p.expectSign('{');
  const key = parseKey(p);
  const statements: Statement[] = [];
  while (!p.isSign('}') && !p.isSign(':')) statements.push(p.statement());
  const data = p.acceptSign(':') ? p.argument() : undefined;
  while (!p.isSign('}')) statements.push(p.statement());
  p.expectSign('}');
  return { key, statements, ...(data === undefined ? {} : { data }) };
}

/** "set add ip saddr timeout 5s @s": the older form. */
function parseOldForm(p: Parser, word: Token): SetStatement {
  const op = p.expectWord('add', 'update', 'delete').text as SetStatement['op'];
  const key = parseKey(p);
  return { kind: 'setstmt', op, key, set: p.setReference() as SetStatement['set'], statements: [], loc: p.since(word.loc) };
}

/** "add @set { ... }": the key and the data have the types of the set. */
function evaluateSet(s: SetStatement, context: Evaluation): void {
  const set = context.ruleset.findSet(s.set.name, s.set.loc);
  s.set.set = set;
  s.key = setKey(s, set, context);
  if (s.data !== undefined) {
    if (set.dataType === undefined) fail('set is not a map', s.data.loc);
    s.data = context.argument(s, s.data, set.dataType, set.dataBits ?? set.dataType.bits, set.dataByteorder ?? 'host');
  }
  for (const inner of s.statements) context.statement(inner);
}

function setKey(s: SetStatement, set: SetDecl, context: Evaluation): ElementExpr {
  const { key } = s;
  const done = context.expression(key.key, undefined);
  if (isConstant(done)) fail('Key expression comprises no packet data', key.loc);
  if (!sameKinds(done.type, set.keyType))
    fail(`datatype mismatch: expected ${set.keyType.description}, expression has type ${done.type.description}`, key.loc, s.loc);
  return { ...key, key: done, ...shapeOf(done) };
}

function evaluateMeter(s: MeterStatement, context: Evaluation): void {
  const key = context.expression(s.key.key);
  s.key = { ...s.key, key, ...shapeOf(key) };
  context.statement(s.statement);
  const set: SetDecl = {
    kind: 'set',
    name: s.name,
    keyType: key.type,
    keyBits: key.bits,
    keyByteorder: key.byteorder,
    flags: NFT_SET_EVAL | (s.key.timeout === undefined ? 0 : NFT_SET_TIMEOUT),
    ...(s.size === 0 ? {} : { size: s.size }),
    statements: [],
    loc: s.loc,
  };
  context.ruleset.declareMeter(set);
  s.set = set;
}

function linearise(
  s: { readonly key: ElementExpr; readonly data?: SetStatement['data'] },
  operation: number,
  set: { readonly name: string; readonly id: number },
  statements: readonly Statement[],
  code: Code,
): void {
  const key = code.loadNew(s.key.key);
  const data = s.data === undefined ? undefined : code.loadNew(s.data);
  if (s.data !== undefined) code.release(s.data.bits);
  code.release(s.key.key.bits);
  const inner = statements.map((statement) => code.inside(statement));
  code.emit(wire.dynset, {
    sregKey: key,
    ...(data === undefined ? {} : { sregData: data }),
    op: operation,
    setName: set.name,
    setId: set.id,
    ...(s.key.timeout === undefined ? {} : { timeout: s.key.timeout }),
    ...(inner.length === 1 ? { expr: inner[0]! } : {}),
    ...(inner.length > 1 ? { expressions: inner, flags: wire.NFT_DYNSET_F_EXPR } : {}),
  });
}

export const setStatement: StatementKind<SetStatement> = {
  kind: 'setstmt',
  words: ['add', 'update', 'delete', 'set'],
  parse(p, word) {
    if (word.text === 'set') return parseOldForm(p, word);
    const set = p.setReference();
    const { key, statements, data } = parseElement(p);
    return {
      kind: 'setstmt',
      op: word.text as SetStatement['op'],
      set: set as SetStatement['set'],
      key,
      statements,
      ...(data === undefined ? {} : { data }),
      loc: p.since(word.loc),
    };
  },
  evaluate: evaluateSet,
  linearise: (s, code) => linearise(s, operations[s.op], code.setOf(s.set), s.statements, code),
  print(s, show) {
    const statements = s.statements.map((statement) => ` ${show.stateless().statement(statement)}`).join('');
    return `${s.op} @${s.set.name} { ${show.expr(s.key)}${statements}${s.data === undefined ? '' : ` : ${show.expr(s.data)}`} }`;
  },
  json(s, show) {
    const statements = s.statements.map((statement) => show.stateless().statementJson(statement));
    const body = {
      op: s.op,
      elem: show.exprJson(s.key),
      ...(s.data === undefined ? {} : { data: show.exprJson(s.data) }),
    };
    if (s.data !== undefined) return { map: { ...body, map: `@${s.set.name}` } };
    return { set: { ...body, set: `@${s.set.name}`, ...(statements.length === 0 ? {} : { stmt: statements }) } };
  },
  jsonNames: ['set', 'map'],
  fromJson(name, value, r) {
    const set = r.string(r.member(value, name));
    const op = r.string(r.member(value, 'op'));
    if (op !== 'add' && op !== 'update' && op !== 'delete') return r.fail(`Unknown set statement operator '${op}'.`);
    if (!set.startsWith('@')) return r.fail('Illegal set reference in set statement.');
    const elem = r.expression(r.member(value, 'elem'));
    return {
      kind: 'setstmt',
      op,
      set: make.setRef(r.loc, set.slice(1)),
      key: elem.kind === 'element' ? elem : make.element(r.loc, elem),
      statements: r.has(value, 'stmt') ? r.statements(r.member(value, 'stmt')) : [],
      ...(r.has(value, 'data') ? { data: r.expression(r.member(value, 'data')) } : {}),
      loc: r.loc,
    };
  },
};

/** meter m { key statement }: a dynamic set made by the rule itself. */
export const meter: StatementKind<MeterStatement> = {
  kind: 'meter',
  words: ['meter'],
  parse(p, word) {
    const name = p.expectName().text;
    const size = p.acceptWord('size') ? p.expectNumber() : 0;
    if (!p.isSign('{')) return p.unexpected(...(size === 0 ? ['size'] : []), "'{'");
    const { key, statements } = parseElement(p);
    return { kind: 'meter', name, size, key, statement: statements[0] ?? p.unexpected(), loc: p.since(word.loc) };
  },
  evaluate: evaluateMeter,
  linearise: (s, code) =>
    linearise(
      s,
      s.key.timeout === undefined ? wire.NFT_DYNSET_OP_ADD : wire.NFT_DYNSET_OP_UPDATE,
      code.declared(s.set!),
      [s.statement],
      code,
    ),
  print(s, show) {
    return `meter ${s.name} size ${s.size} { ${show.expr(s.key)} ${show.stateless().statement(s.statement)} }`;
  },
  json: (s, show) => ({
    meter: {
      key: show.exprJson(s.key),
      stmt: show.stateless().statementJson(s.statement),
      size: s.size,
      name: s.name,
    },
  }),
  jsonNames: ['meter'],
  fromJson(_name, value, r) {
    const key = r.expression(r.member(value, 'key'));
    return {
      kind: 'meter',
      name: r.string(r.member(value, 'name')),
      size: r.optionalNumber(value, 'size') ?? 0,
      key: key.kind === 'element' ? key : make.element(r.loc, key),
      statement: r.statement(r.member(value, 'stmt')),
      loc: r.loc,
    };
  },
};
