import type { Show } from '../show.js';
import type * as ast from '../ast.js';
import { verdictType } from '../datatypes/basic.js';
import { printValue } from '../datatypes/datatype.js';
import { isBitmask } from '../datatypes/meta.js';
import { timeText } from '../datatypes/time.js';
import { isSelector, selectorOf } from '../expressions/selectors.js';

/** Expressions as text. */

export function printExpr(e: ast.Expr, show: Show): string {
  if (isSelector(e)) return selectorOf(e).print(e, show);
  switch (e.kind) {
    case 'symbol':
      return e.text;
    case 'setref':
      return e.set !== undefined && e.set.elements !== undefined && isAnonymous(e.set) ? printExpr(e.set.elements, show) : `@${e.name}`;
    case 'value':
      if (e.symbolic !== undefined) return printBits(e, show, e.symbolic === 'bits' ? ' | ' : ',');
      return printValue(e.type, e.value, show.style, e.bits);
    case 'prefix':
      return printPrefix(e, show);
    case 'range':
      return printRange(e, show);
    case 'concat':
      return e.parts.map((part) => printExpr(part, show)).join(' . ');
    case 'list':
      return e.items.map((item) => printExpr(item, show)).join(',');
    case 'set':
      return `{ ${e.elements.map((element) => printElement(element, show)).join(', ')} }`;
    case 'element':
      return printElement(e, show);
    case 'catchall':
      return '*';
    case 'map':
      return `${printExpr(e.key, show)} ${e.type === verdictType ? 'vmap' : 'map'} ${printExpr(e.mappings, show)}`;
    case 'binop':
      return `${printOperand(e.left, e, show)} ${e.op} ${printMask(e.right, show) ?? printOperand(e.right, e, show)}`;
    case 'unary':
      return printExpr(e.of, show);
    case 'verdict':
      return printVerdict(e, show);
    case 'relational':
      return printRelational(e, show);
    case 'flagcmp':
      return `${printExpr(e.left, show)}${e.op === '!=' ? ' !=' : ''} ${printExpr(e.value, show)} / ${printExpr(e.mask, show)}`;
  }
}

export const isAnonymous = (set: ast.SetDecl): boolean => (set.flags & 1) !== 0;

const strength: Readonly<Record<ast.BinaryOperator, number>> = { '<<': 4, '>>': 4, '&': 3, '^': 2, '|': 1 };

/** A mask of flags by their names. */
function printMask(e: ast.Expr, show: Show): string | undefined {
  if (e.kind !== 'value' || !isBitmask(e.type)) return undefined;
  const text = printBits(e, show, ' | ');
  return text.includes('|') ? `(${text})` : text;
}

/** Parentheses where an operand binds less than its operator. */
function printOperand(e: ast.Expr, around: ast.BinopExpr, show: Show): string {
  const text = printExpr(e, show);
  return e.kind === 'binop' && strength[e.op] < strength[around.op] ? `(${text})` : text;
}

/** A value of flags as the names of its bits. */
export function printBits(e: ast.ValueExpr, show: Show, between = ','): string {
  if (e.value === 0n) return printValue(e.type, e.value, show.style, e.bits);
  const names: string[] = [];
  for (let bit = 0n; 1n << bit <= e.value; bit++) {
    const mask = 1n << bit;
    if ((e.value & mask) !== 0n) names.push(printValue(e.type, mask, show.style, e.bits));
  }
  return names.join(between);
}

function printPrefix(e: ast.PrefixExpr, show: Show): string {
  if (e.of.type.name === 'ifname' || e.of.type.name === 'string') {
    const text = printExpr(e.of, show);
    return text.endsWith('"') ? `${text.slice(0, -1)}*"` : `${text}*`;
  }
  return `${printExpr(e.of, show)}/${e.length}`;
}

/** Ends of ranges are numbers: no names of services, protocols, or of anything else. */
function printRange(e: ast.RangeExpr, show: Show): string {
  const numeric = show.numeric();
  return `${printExpr(e.left, numeric)}-${printExpr(e.right, numeric)}`;
}

export function printElement(e: ast.ElementExpr, show: Show): string {
  let text = printExpr(e.key, show);
  const timed = e.timeout !== undefined;
  if (timed) text += ` timeout ${timeText(e.timeout!, show.style)}`;
  if (!show.style.stateless && e.expires !== undefined) text += ` expires ${timeText(e.expires, show.style)}`;
  for (const statement of e.statements ?? []) text += ` ${show.statement(statement)}`;
  if (e.comment !== undefined) text += ` comment "${e.comment}"`;
  if (e.data !== undefined) text += ` : ${e.data.kind === 'symbol' ? `"${e.data.text}"` : printExpr(e.data, show)}`;
  return text;
}

function printVerdict(e: ast.VerdictExpr, show: Show): string {
  if (e.verb !== 'jump' && e.verb !== 'goto') return e.verb;
  if (e.block !== undefined) {
    const lines = e.block.rules.map((rule) => `\t\t\t${rule.statements.map((s) => show.statement(s)).join(' ')}\n`);
    return `${e.verb} {\n${lines.join('')}\t\t}`;
  }
  return `${e.verb} ${e.chain === undefined ? '' : e.chain.kind === 'symbol' ? e.chain.text : printExpr(e.chain, show).replaceAll('"', '')}`;
}

function printRelational(e: ast.RelationalExpr, show: Show): string {
  const left = printExpr(e.left, show);
  const right =
    e.right.kind === 'value' && isBitmask(e.right.type) && (e.op === 'implicit' || e.op === '!')
      ? printBits(e.right, show)
      : printExpr(e.right, show);
  if (e.op === 'implicit') return e.left.kind === 'binop' && isBitmask(e.left.type) ? `${left} == ${right}` : `${left} ${right}`;
  if (e.op === '==') return mustShowEquals(e) ? `${left} == ${right}` : `${left} ${right}`;
  if (e.op === '!=' && e.right.kind === 'value' && isBitmask(e.right.type)) return `${left} != ${printBits(e.right, show, ' | ')}`;
  return `${left} ${e.op} ${right}`;
}

const mustShowEquals = (e: ast.RelationalExpr): boolean => e.left.kind === 'binop' || (e.right.kind === 'value' && isBitmask(e.right.type));
