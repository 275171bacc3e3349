import { Float, Tuple, type Value } from './ast.js';
import { PythonError } from './python-error.js';

/** Truth, equality, order and text of values, as Python has them. */
export function truth(value: Value): boolean {
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof Tuple) return value.items.length > 0;
  if (value instanceof Map) return value.size > 0;
  if (Array.isArray(value)) return value.length > 0;
  return Boolean(value);
}

export const isNumber = (value: Value): value is number | Float | boolean =>
  typeof value === 'number' || typeof value === 'boolean' || value instanceof Float;

export const numeric = (value: number | Float | boolean): number => (value instanceof Float ? value.value : Number(value));

export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (value instanceof Float) return 'float';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Map) return 'dict';
  if (Array.isArray(value)) return 'list';
  const names: Readonly<Record<string, string>> = { number: 'int', string: 'str', boolean: 'bool', function: 'function' };
  return names[typeof value] ?? 'object';
}

export function equal(a: Value, b: Value): boolean {
  if (isNumber(a) && isNumber(b)) return numeric(a) === numeric(b);
  const left = sequence(a);
  const right = sequence(b);
  if (left !== null && right !== null)
    return Array.isArray(a) === Array.isArray(b) && left.length === right.length && left.every((item, i) => equal(item, right[i]!));
  return a === b;
}

function sequence(value: Value): readonly Value[] | null {
  if (value instanceof Tuple) return value.items;
  return Array.isArray(value) ? value : null;
}

/** Less than 0, 0 or more. */
export function compare(a: Value, b: Value, operator: string, line: number): number {
  if (isNumber(a) && isNumber(b)) return numeric(a) - numeric(b);
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  const left = sequence(a);
  const right = sequence(b);
  if (left === null || right === null)
    throw new PythonError('TypeError', `'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`, line);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (!equal(left[i]!, right[i]!)) return compare(left[i]!, right[i]!, operator, line);
  }
  return left.length - right.length;
}

export function items(value: Value, line: number): readonly Value[] {
  const list = sequence(value);
  if (list !== null) return list;
  if (typeof value === 'string') return [...value];
  if (value instanceof Map) return [...value.keys()];
  throw new PythonError('TypeError', `'${typeName(value)}' object is not iterable`, line);
}

/** str() */
export function text(value: Value): string {
  return typeof value === 'string' ? value : repr(value);
}

export function repr(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : BigInt(Math.trunc(value)).toString();
  if (value instanceof Float) return floatText(value.value);
  if (typeof value === 'string')
    return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value.replace(/['\\]/g, '\\$&').replace(/\n/g, '\\n')}'`;
  if (value instanceof Tuple) return `(${value.items.map(repr).join(', ')}${value.items.length === 1 ? ',' : ''})`;
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (value instanceof Map) return `{${[...value].map(([key, one]) => `${repr(key)}: ${repr(one)}`).join(', ')}}`;
  return '<function>';
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value);
}

/** The % operator of strings. */
export function format(pattern: string, args: readonly Value[], line: number): string {
  let next = 0;
  return pattern.replace(
    /%([-+ 0#]*)(\d+)?(?:\.(\d+))?[hlL]?([diouxXeEfFgGcrs%])/g,
    (_whole, flags: string, width: string, precision: string, kind: string) => {
      if (kind === '%') return '%';
      if (next >= args.length) throw new PythonError('TypeError', 'not enough arguments for format string', line);
      const value = args[next++]!;
      return pad(formatOne(value, kind, precision, line), flags, width);
    },
  );
}

function formatOne(value: Value, kind: string, precision: string | undefined, line: number): string {
  if (kind === 's') return text(value);
  if (kind === 'r') return repr(value);
  if (!isNumber(value)) throw new PythonError('TypeError', `%${kind} format: a real number is required, not ${typeName(value)}`, line);
  const number = numeric(value);
  if (kind === 'd' || kind === 'i' || kind === 'u') return repr(Math.trunc(number));
  if (kind === 'x') return Math.trunc(number).toString(16);
  if (kind === 'X') return Math.trunc(number).toString(16).toUpperCase();
  if (kind === 'o') return Math.trunc(number).toString(8);
  if (kind === 'c') return String.fromCharCode(number);
  if (kind === 'e' || kind === 'E') return number.toExponential(Number(precision ?? 6));
  if (kind === 'g' || kind === 'G') return String(Number(number.toPrecision(Number(precision ?? 6))));
  return number.toFixed(Number(precision ?? 6));
}

function pad(shown: string, flags: string, width: string | undefined): string {
  const sign = flags.includes('+') && !shown.startsWith('-') ? `+${shown}` : shown;
  if (width === undefined) return sign;
  if (flags.includes('-')) return sign.padEnd(Number(width));
  return sign.padStart(Number(width), flags.includes('0') ? '0' : ' ');
}
