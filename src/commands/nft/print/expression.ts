import type * as ast from '../ast.js';
import { verdictType } from '../datatypes/basic.js';
import { type OutputStyle, printValue } from '../datatypes/datatype.js';
import { isBitmask } from '../datatypes/meta.js';
import { spanText } from '../datatypes/time.js';
import { isSelector, selectorOf } from '../expressions/selectors.js';
import { printStatement } from '../statements/registry.js';

/** Expressions as text. */

export function printExpr(e: ast.Expr, style: OutputStyle): string {
  if (isSelector(e)) return selectorOf(e).print(e, style);
  switch (e.kind) {
    case 'symbol':
      return e.text;
    case 'setref':
      return e.set !== undefined && e.set.elements !== undefined && isAnonymous(e.set) ? printExpr(e.set.elements, style) : `@${e.name}`;
    case 'value':
      if (e.symbolic !== undefined) return printBits(e, style, e.symbolic === 'bits' ? ' | ' : ',');
      return printValue(e.type, e.value, style, e.bits);
    case 'prefix':
      return printPrefix(e, style);
    case 'range':
      return printRange(e, style);
    case 'concat':
      return e.parts.map((part) => printExpr(part, style)).join(' . ');
    case 'list':
      return e.items.map((item) => printExpr(item, style)).join(',');
    case 'set':
      return `{ ${e.elements.map((element) => printElement(element, style)).join(', ')} }`;
    case 'element':
      return printElement(e, style);
    case 'catchall':
      return '*';
    case 'map':
      return `${printExpr(e.key, style)} ${e.type === verdictType ? 'vmap' : 'map'} ${printExpr(e.mappings, style)}`;
    case 'binop':
      return `${printOperand(e.left, e, style)} ${e.op} ${printOperand(e.right, e, style)}`;
    case 'unary':
      return printExpr(e.of, style);
    case 'verdict':
      return printVerdict(e, style);
    case 'relational':
      return printRelational(e, style);
    case 'flagcmp':
      return `${printExpr(e.left, style)}${e.op === '!=' ? ' !=' : ''} ${printExpr(e.value, style)} / ${printExpr(e.mask, style)}`;
  }
}

export const isAnonymous = (set: ast.SetDecl): boolean => (set.flags & 1) !== 0;

const strength: Readonly<Record<ast.BinaryOperator, number>> = { '<<': 4, '>>': 4, '&': 3, '^': 2, '|': 1 };

/** Parentheses where an operand binds less than its operator. */
function printOperand(e: ast.Expr, around: ast.BinopExpr, style: OutputStyle): string {
  const text = printExpr(e, style);
  return e.kind === 'binop' && strength[e.op] < strength[around.op] ? `(${text})` : text;
}

/** A value of flags as the names of its bits. */
export function printBits(e: ast.ValueExpr, style: OutputStyle, between = ','): string {
  if (e.value === 0n) return printValue(e.type, e.value, style, e.bits);
  const names: string[] = [];
  for (let bit = 0n; 1n << bit <= e.value; bit++) {
    const mask = 1n << bit;
    if ((e.value & mask) !== 0n) names.push(printValue(e.type, mask, style, e.bits));
  }
  return names.join(between);
}

function printPrefix(e: ast.PrefixExpr, style: OutputStyle): string {
  if (e.of.type.name === 'ifname' || e.of.type.name === 'string') {
    const text = printExpr(e.of, style);
    return text.endsWith('"') ? `${text.slice(0, -1)}*"` : `${text}*`;
  }
  return `${printExpr(e.of, style)}/${e.length}`;
}

/** Ends of ranges are numbers: no names of services. */
function printRange(e: ast.RangeExpr, style: OutputStyle): string {
  return `${printExpr(e.left, style)}-${printExpr(e.right, style)}`;
}

export function printElement(e: ast.ElementExpr, style: OutputStyle): string {
  let text = printExpr(e.key, style);
  const timed = e.timeout !== undefined;
  if (timed) text += ` timeout ${spanText(BigInt(e.timeout!))}`;
  if (!style.stateless && e.expires !== undefined) text += ` expires ${spanText(BigInt(e.expires))}`;
  for (const statement of e.statements ?? []) text += ` ${printStatement(statement, style)}`;
  if (e.comment !== undefined) text += ` comment "${e.comment}"`;
  if (e.data !== undefined) text += ` : ${e.data.kind === 'symbol' ? `"${e.data.text}"` : printExpr(e.data, style)}`;
  return text;
}

function printVerdict(e: ast.VerdictExpr, style: OutputStyle): string {
  if (e.verb !== 'jump' && e.verb !== 'goto') return e.verb;
  if (e.block !== undefined) {
    const lines = e.block.rules.map((rule) => `\t\t\t${rule.statements.map((s) => printStatement(s, style)).join(' ')}\n`);
    return `${e.verb} {\n${lines.join('')}\t\t}`;
  }
  return `${e.verb} ${e.chain === undefined ? '' : e.chain.kind === 'symbol' ? e.chain.text : printExpr(e.chain, style).replaceAll('"', '')}`;
}

function printRelational(e: ast.RelationalExpr, style: OutputStyle): string {
  const left = printExpr(e.left, style);
  const right = e.right.kind === 'value' && isBitmask(e.right.type) && (e.op === 'implicit' || e.op === '!') ? printBits(e.right, style) : printExpr(e.right, style);
  if (e.op === 'implicit') return `${left} ${right}`;
  if (e.op === '==') return mustShowEquals(e) ? `${left} == ${right}` : `${left} ${right}`;
  return `${left} ${e.op} ${right}`;
}

const mustShowEquals = (e: ast.RelationalExpr): boolean =>
  e.left.kind === 'binop' || (e.right.kind === 'value' && isBitmask(e.right.type));
