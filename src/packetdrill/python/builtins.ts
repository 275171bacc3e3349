import { type Callable, Float, Tuple, type Value } from './ast.js';
import { PythonError } from './python-error.js';
import { compare, isNumber, items, numeric, repr, text, truth, typeName } from './values.js';

/** Functions that a snippet may call. */
export function builtins(line: () => number): ReadonlyMap<string, Value> {
  const bad = (what: string): never => {
    throw new PythonError('TypeError', what, line());
  };
  const number = (value: Value | undefined): number =>
    value !== undefined && isNumber(value) ? numeric(value) : bad('a number is required');
  const whole = (value: Value): number => {
    if (typeof value === 'string') {
      if (!/^\s*[-+]?\d+\s*$/.test(value))
        throw new PythonError('ValueError', `invalid literal for int() with base 10: ${repr(value)}`, line());
      return Number(value);
    }
    return Math.trunc(number(value));
  };
  /** The arguments, or those of the one that is a sequence. */
  const several = (args: readonly Value[]): readonly Value[] => (args.length === 1 ? items(args[0]!, line()) : args);
  const extreme =
    (sign: number): Callable =>
    (args) =>
      several(args).reduce((best, value) => (compare(value, best, '<', line()) * sign > 0 ? value : best));
  return new Map<string, Value>([
    ['int', (args) => whole(args[0] ?? 0)],
    ['float', (args) => new Float(typeof args[0] === 'string' ? Number(args[0]) : number(args[0] ?? 0))],
    ['bool', (args) => truth(args[0] ?? false)],
    ['str', (args) => text(args[0] ?? '')],
    ['repr', (args) => repr(args[0] ?? null)],
    ['hex', (args) => `0x${number(args[0]).toString(16)}`],
    ['abs', ([value]) => (value instanceof Float ? new Float(Math.abs(value.value)) : Math.abs(number(value)))],
    [
      'round',
      ([value, digits]) => {
        if (digits === undefined) return roundEven(number(value));
        const scale = 10 ** number(digits);
        return new Float(Math.round(number(value) * scale) / scale);
      },
    ],
    ['min', extreme(-1)],
    ['max', extreme(1)],
    [
      'sum',
      (args) => {
        const all = items(args[0]!, line());
        const total = all.reduce<number>((sum, value) => sum + number(value), 0);
        return all.some((value) => value instanceof Float) ? new Float(total) : total;
      },
    ],
    [
      'len',
      (args) => {
        const value = args[0]!;
        return value instanceof Map ? value.size : items(value, line()).length;
      },
    ],
    [
      'range',
      (args) => {
        const [from, to, step] = args.length === 1 ? [0, number(args[0]), 1] : [number(args[0]), number(args[1]), number(args[2] ?? 1)];
        const count = Math.max(0, Math.ceil((to - from) / step));
        if (count > 10_000_000) throw new PythonError('MemoryError', '', line());
        return Array.from({ length: count }, (_, i) => from + i * step);
      },
    ],
    ['list', (args) => [...items(args[0] ?? [], line())]],
    ['tuple', (args) => new Tuple([...items(args[0] ?? [], line())])],
    ['sorted', (args) => [...items(args[0]!, line())].sort((a, b) => compare(a, b, '<', line()))],
    ['all', (args) => items(args[0]!, line()).every(truth)],
    ['any', (args) => items(args[0]!, line()).some(truth)],
    ['isinstance', () => true],
    ['type', (args) => typeName(args[0] ?? null)],
    ['long', (args) => whole(args[0] ?? 0)],
  ] satisfies readonly (readonly [string, Callable])[]);
}

/** Half goes to the even neighbour. */
function roundEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** `math.sqrt` and its kind, and the methods of strings and lists. */
export function attribute(value: Value, name: string, line: number): Value {
  if (typeof value === 'string') {
    const string: Readonly<Record<string, Callable>> = {
      upper: () => value.toUpperCase(),
      lower: () => value.toLowerCase(),
      strip: () => value.trim(),
      startsWith: ([prefix]) => value.startsWith(text(prefix ?? '')),
      startswith: ([prefix]) => value.startsWith(text(prefix ?? '')),
      endswith: ([suffix]) => value.endsWith(text(suffix ?? '')),
      split: ([by]) => (by === undefined ? value.trim().split(/\s+/) : value.split(text(by))),
      join: ([list]) =>
        items(list ?? [], line)
          .map(text)
          .join(value),
      format: (args) => {
        let next = 0;
        return value.replace(/\{(\d*)\}/g, (_whole, index: string) => text(args[index === '' ? next++ : Number(index)] ?? null));
      },
    };
    if (string[name] !== undefined) return string[name];
  }
  if (Array.isArray(value) && name === 'append')
    return (args) => {
      value.push(args[0] ?? null);
      return null;
    };
  if (value instanceof Map) {
    const found = value.get(name);
    if (found !== undefined) return found;
    if (name === 'get') return ([key, fallback]) => value.get(key as string | number) ?? fallback ?? null;
    if (name === 'keys') return () => [...value.keys()];
    if (name === 'values') return () => [...value.values()];
    if (name === 'items') return () => [...value].map(([key, one]) => new Tuple([key, one]));
  }
  throw new PythonError('AttributeError', `'${typeName(value)}' object has no attribute '${name}'`, line);
}

/** The module `math`. */
export const math: Value = new Map<string, Value>(
  (['sqrt', 'log', 'exp', 'pow', 'fabs'] as const).map((name): [string, Value] => [
    name,
    (args) => new Float((name === 'fabs' ? Math.abs : Math[name])(...(args.filter(isNumber).map(numeric) as [number, number]))),
  ]),
)
  .set('ceil', ([value]) => Math.ceil(numeric(value as number)))
  .set('floor', ([value]) => Math.floor(numeric(value as number)))
  .set('pi', new Float(Math.PI))
  .set('inf', new Float(Number.POSITIVE_INFINITY));
