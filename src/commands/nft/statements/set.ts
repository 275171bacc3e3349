import * as wire from '../../../netlink/nfnl/expressions/dynset.js';
import type { ElementExpr, MeterStatement, SetStatement, Statement } from '../ast.js';
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
  evaluate: (s, context) => context.setStatement(s),
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
  evaluate: (s, context) => context.meter(s),
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
