import type * as ast from '../ast.js';
import { verdictType } from '../datatypes/basic.js';
import { jsonOf, type JsonValue, type OutputStyle } from '../datatypes/datatype.js';
import { isBitmask } from '../datatypes/meta.js';
import { isSelector, selectorOf } from '../expressions/selectors.js';
import { isAnonymous } from '../print/expression.js';
import { statementJson } from '../statements/registry.js';

/** Expressions as libnftables-json(5) has them. */

export function exprJson(e: ast.Expr, style: OutputStyle): JsonValue {
  if (isSelector(e)) return selectorOf(e).json(e, style);
  switch (e.kind) {
    case 'symbol':
      return e.text;
    case 'setref':
      return e.set?.elements !== undefined && isAnonymous(e.set) ? exprJson(e.set.elements, style) : `@${e.name}`;
    case 'value':
      if (e.symbolic === 'bits') return bitsJson(e, style, '|');
      return e.symbolic === 'flags' ? bitsJson(e, style, 'list') : jsonOf(e.type, e.value, style, e.bits);
    case 'prefix': {
      if (e.of.type.name === 'ifname' || e.of.type.name === 'string') return `${String(exprJson(e.of, style))}*`;
      return { prefix: { addr: exprJson(e.of, style), len: e.length } };
    }
    case 'range':
      return { range: [exprJson(e.left, style), exprJson(e.right, style)] };
    case 'concat':
      return { concat: e.parts.map((part) => exprJson(part, style)) };
    case 'list':
      return e.items.map((item) => exprJson(item, style));
    case 'set':
      return { set: e.elements.map((element) => elementJson(element, style)) };
    case 'element':
      return elementJson(e, style);
    case 'catchall':
      return '*';
    case 'map':
      return { [e.type === verdictType ? 'vmap' : 'map']: { key: exprJson(e.key, style), data: exprJson(e.mappings, style) } };
    case 'binop':
      return { [e.op]: [exprJson(e.left, style), exprJson(e.right, style)] };
    case 'unary':
      return exprJson(e.of, style);
    case 'verdict':
      if (e.verb !== 'jump' && e.verb !== 'goto') return { [e.verb]: null };
      return { [e.verb]: { target: e.chain === undefined ? '' : String(exprJson(e.chain, style)) } };
    case 'relational':
    case 'flagcmp':
      return jsonOfMatch(e, style);
  }
}

function bitsJson(e: ast.ValueExpr, style: OutputStyle, how: '|' | 'list'): JsonValue {
  const names: JsonValue[] = [];
  for (let bit = 0n; 1n << bit <= e.value; bit++) if ((e.value & (1n << bit)) !== 0n) names.push(jsonOf(e.type, 1n << bit, style, e.bits));
  if (names.length === 0) return jsonOf(e.type, e.value, style, e.bits);
  if (names.length === 1) return names[0]!;
  return how === 'list' ? names : { '|': names };
}

/** A key alone where nothing more is known of the element; with data a pair. */
export function elementJson(e: ast.ElementExpr, style: OutputStyle): JsonValue {
  const more: Record<string, JsonValue> = {};
  if (e.timeout !== undefined) more['timeout'] = Math.floor(e.timeout / 1000);
  if (e.expires !== undefined && !style.stateless) more['expires'] = Math.floor(e.expires / 1000);
  if (e.comment !== undefined) more['comment'] = e.comment;
  for (const statement of e.statements ?? []) Object.assign(more, statementJson(statement, style));
  const key = exprJson(e.key, style);
  const left: JsonValue = Object.keys(more).length === 0 ? key : { elem: { val: key, ...more } };
  return e.data === undefined ? left : [left, exprJson(e.data, style)];
}

export function jsonOfMatch(e: ast.Expr, style: OutputStyle): JsonValue {
  if (e.kind === 'flagcmp') {
    const left = { '&': [exprJson(e.left, style), exprJson(e.mask, style)] };
    return { match: { op: e.op, left, right: exprJson(e.value, style) } };
  }
  if (e.kind !== 'relational') return exprJson(e, style);
  const flags = e.right.kind === 'value' && isBitmask(e.right.type) && (e.op === 'implicit' || e.op === '!');
  const op = e.op === 'implicit' ? (flags ? 'in' : '==') : e.op;
  const right = flags ? bitsJson(e.right as ast.ValueExpr, style, 'list') : exprJson(e.right, style);
  return { match: { op, left: exprJson(e.left, style), right } };
}
