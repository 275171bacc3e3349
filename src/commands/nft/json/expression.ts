import type { Show } from '../show.js';
import type * as ast from '../ast.js';
import { verdictType } from '../datatypes/basic.js';
import { jsonOf, type JsonValue } from '../datatypes/datatype.js';
import { isBitmask } from '../datatypes/meta.js';
import { isSelector, selectorOf } from '../expressions/selectors.js';
import { isAnonymous } from '../print/expression.js';

/** Expressions as libnftables-json(5) has them. */

export function exprJson(e: ast.Expr, show: Show): JsonValue {
  if (isSelector(e)) return selectorOf(e).json(e, show);
  switch (e.kind) {
    case 'symbol':
      return e.text;
    case 'setref':
      return e.set?.elements !== undefined && isAnonymous(e.set) ? exprJson(e.set.elements, show) : `@${e.name}`;
    case 'value':
      if (e.symbolic === 'bits') return bitsJson(e, show, '|');
      return e.symbolic === 'flags' ? bitsJson(e, show, 'list') : jsonOf(e.type, e.value, show.style, e.bits);
    case 'prefix': {
      if (e.of.type.name === 'ifname' || e.of.type.name === 'string') return `${String(exprJson(e.of, show))}*`;
      return { prefix: { addr: exprJson(e.of, show), len: e.length } };
    }
    case 'range': {
      const plain = show.plainRange();
      return { range: [exprJson(e.left, plain), exprJson(e.right, plain)] };
    }
    case 'concat':
      return { concat: e.parts.map((part) => exprJson(part, show)) };
    case 'list':
      return e.items.map((item) => exprJson(item, show));
    case 'set':
      return { set: e.elements.map((element) => elementJson(element, show)) };
    case 'element':
      return elementJson(e, show);
    case 'catchall':
      return '*';
    case 'map':
      return { [e.type === verdictType ? 'vmap' : 'map']: { key: exprJson(e.key, show), data: exprJson(e.mappings, show) } };
    case 'binop':
      return {
        [e.op]: [
          exprJson(e.left, show),
          e.right.kind === 'value' && isBitmask(e.right.type) ? bitsJson(e.right, show, '|') : exprJson(e.right, show),
        ],
      };
    case 'unary':
      return exprJson(e.of, show);
    case 'verdict':
      if (e.verb !== 'jump' && e.verb !== 'goto') return { [e.verb]: null };
      return { [e.verb]: { target: e.chain === undefined ? '' : String(exprJson(e.chain, show)) } };
    case 'relational':
    case 'flagcmp':
      return jsonOfMatch(e, show);
  }
}

function bitsJson(e: ast.ValueExpr, show: Show, how: '|' | 'list'): JsonValue {
  const names: JsonValue[] = [];
  for (let bit = 0n; 1n << bit <= e.value; bit++)
    if ((e.value & (1n << bit)) !== 0n) names.push(jsonOf(e.type, 1n << bit, show.style, e.bits));
  if (names.length === 0) return jsonOf(e.type, e.value, show.style, e.bits);
  if (names.length === 1) return names[0]!;
  return how === 'list' ? names : names.slice(1).reduce<JsonValue>((left, right) => ({ '|': [left, right] }), names[0]!);
}

/** A key alone where nothing more is known of the element; with data a pair. */
export function elementJson(e: ast.ElementExpr, show: Show): JsonValue {
  const more: Record<string, JsonValue> = {};
  if (e.timeout !== undefined) more['timeout'] = Math.floor(e.timeout / 1000);
  if (e.expires !== undefined && !show.style.stateless) more['expires'] = Math.floor(e.expires / 1000);
  if (e.comment !== undefined) more['comment'] = e.comment;
  // Of several statements nft 1.0.6 shows the first.
  const [statement] = e.statements ?? [];
  if (statement !== undefined) Object.assign(more, show.statementJson(statement));
  const key = exprJson(e.key, show);
  const left: JsonValue = Object.keys(more).length === 0 ? key : { elem: { val: key, ...more } };
  return e.data === undefined ? left : [left, exprJson(e.data, show)];
}

export function jsonOfMatch(e: ast.Expr, show: Show): JsonValue {
  if (e.kind === 'flagcmp') {
    const left = { '&': [exprJson(e.left, show), exprJson(e.mask, show)] };
    return { match: { op: e.op, left, right: exprJson(e.value, show) } };
  }
  if (e.kind !== 'relational') return exprJson(e, show);
  const flags = e.right.kind === 'value' && isBitmask(e.right.type) && (e.op === 'implicit' || e.op === '!');
  const op = e.op === 'implicit' ? (flags ? 'in' : '==') : e.op;
  const right = flags ? bitsJson(e.right as ast.ValueExpr, show, 'list') : exprJson(e.right, show);
  return { match: { op, left: exprJson(e.left, show), right } };
}
