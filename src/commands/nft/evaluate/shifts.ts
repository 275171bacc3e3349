import type * as ast from '../ast.js';
import * as make from '../parser/make.js';
import { mapValues } from './constants.js';

/** Shifts of a part of a byte are done on the constants instead. */
export function transfer(left: ast.Expr, right: ast.Expr): { left: ast.Expr; right: ast.Expr } {
  if (left.kind !== 'binop') return { left, right };
  if (left.op === '>>' && left.right.kind === 'value' && isMasked(left.left)) {
    const by = left.right.value;
    return { left: left.left, right: mapValues(right, (value) => ({ ...value, value: value.value << by, bits: left.left.bits })) };
  }
  if (left.op === '^' && left.right.kind === 'value' && right.kind === 'value') {
    const xor = left.right.value;
    return transfer(left.left, { ...right, value: right.value ^ xor });
  }
  return { left, right };
}

export function transferToSet(left: ast.Expr, set: ast.SetExpr): ast.Expr {
  if (left.kind !== 'binop' || left.op !== '>>' || left.right.kind !== 'value' || !isMasked(left.left)) return left;
  const by = left.right.value;
  // What touches is one interval before it is moved to its place in the bytes.
  set.elements = joinTouching(set.elements);
  for (const element of set.elements)
    element.key = mapValues(element.key, (value) => ({ ...value, value: value.value << by, bits: left.left.bits }));
  set.bits = left.left.bits;
  return left.left;
}

/** Values and ranges of a set, in order, those that touch as one. */
function joinTouching(elements: readonly ast.ElementExpr[]): ast.ElementExpr[] {
  const bounds = (e: ast.Expr): [bigint, bigint] | null => {
    if (e.kind === 'value') return [e.value, e.value];
    return e.kind === 'range' && e.left.kind === 'value' && e.right.kind === 'value' ? [e.left.value, e.right.value] : null;
  };
  const ranges = elements.map((element) => ({ element, bounds: bounds(element.key) }));
  const plain = ranges.every((range) => range.bounds !== null && range.element.data === undefined);
  if (!plain || !ranges.some(({ element }) => element.key.kind === 'range')) return [...elements];
  ranges.sort((a, b) => (a.bounds![0] < b.bounds![0] ? -1 : 1));
  const out: typeof ranges = [];
  for (const range of ranges) {
    const before = out.at(-1);
    if (before === undefined || range.bounds![0] > before.bounds![1] + 1n) {
      out.push(range);
      continue;
    }
    if (range.bounds![1] <= before.bounds![1]) continue;
    before.bounds![1] = range.bounds![1];
    const key = before.element.key;
    const left = key.kind === 'range' ? key.left : key;
    const right = range.element.key.kind === 'range' ? range.element.key.right : range.element.key;
    before.element = {
      ...before.element,
      key: { ...make.range(key.loc, left, right), type: key.type, bits: key.bits, byteorder: key.byteorder },
    };
  }
  return out.map(({ element }) => element);
}

const isMasked = (e: ast.Expr): boolean => e.kind === 'binop' && e.op === '&' && (e.left.kind === 'payload' || e.left.kind === 'exthdr');
