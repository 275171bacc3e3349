import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Sysctl } from './sysctl.js';

/** A jiffy of Linux at HZ=250, in milliseconds. */
export const JIFFY_MS = 4;
const INT_MAX = 0x7fff_ffff;

/**
 * Whole numbers at the start of a text, at most `count`; what stands behind them is not looked at. Decimal, 0x hexadecimal,
 * 0 octal. Linux: do_proc_dointvec(), proc_get_long(). Throws EINVAL for anything else, and for no number at all.
 */
export function parseIntegers(text: string, count: number): number[] {
  const values: number[] = [];
  let rest = text.slice(0, 4095).trimStart();
  while (rest !== '' && values.length < count) {
    const word = /^-?(0[xX][0-9a-fA-F]+|[0-9]+)(?=\s|$)/.exec(rest)?.[0];
    if (word === undefined || word.length >= 22) return fail(EINVAL);
    values.push(parseInteger(word));
    rest = rest.slice(word.length).trimStart();
  }
  return values.length === 0 ? fail(EINVAL) : values;
}

function parseInteger(word: string): number {
  const negative = word.startsWith('-');
  const digits = negative ? word.slice(1) : word;
  let magnitude: number;
  if (/^0[xX]/.test(digits)) magnitude = Number.parseInt(digits, 16);
  else if (/^0[0-9]/.test(digits)) magnitude = /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : fail(EINVAL);
  else magnitude = Number(digits);
  return negative ? -magnitude : magnitude;
}

export interface IntegerLimits {
  readonly min?: number;
  readonly max?: number;
}

/** proc_dou8vec_minmax() without limits. */
export const U8 = { min: 0, max: 255 };
export const SWITCH = { min: 0, max: 1 };
export const NOT_NEGATIVE = { min: 0 };
export const POSITIVE = { min: 1 };
export const U32 = { min: 0, max: 0xffff_ffff };
/** proc_doulongvec_minmax(). */
export const ULONG = { min: 0, max: 2 ** 64 - 1 };
/** proc_dointvec_jiffies(): as many seconds as an int of jiffies holds. */
export const SECONDS = { min: -Math.floor(INT_MAX / 250), max: Math.floor(INT_MAX / 250) };
/** proc_dointvec_ms_jiffies(): what is no whole number of jiffies becomes the next. */
export const MILLISECONDS = { min: 0, multipleOf: JIFFY_MS };

/** A file that holds one number (proc_dointvec, with limits proc_dointvec_minmax). */
export function integer(path: string, get: () => number, set: (value: number) => void, limits: IntegerLimits = {}): Sysctl {
  return {
    path,
    read: () => String(get()),
    write(text) {
      const [value = 0] = parseIntegers(text, 1);
      if (value < (limits.min ?? -INT_MAX - 1) || value > (limits.max ?? INT_MAX)) fail(EINVAL);
      set(value);
    },
  };
}

/** Several numbers in one file, parted by tabs; fewer written leave the rest as they are. `check` judges all of them. */
export function integers(
  path: string,
  get: () => readonly number[],
  set: (values: readonly number[]) => void,
  limits: IntegerLimits & { readonly check?: (values: readonly number[]) => boolean } = {},
): Sysctl {
  return {
    path,
    read: () => get().join('\t'),
    write(text) {
      const before = get();
      const written = parseIntegers(text, before.length);
      for (const value of written) if (value < (limits.min ?? -INT_MAX - 1) || value > (limits.max ?? INT_MAX)) fail(EINVAL);
      const values = [...written, ...before.slice(written.length)];
      if (limits.check?.(values) === false) fail(EINVAL);
      set(values);
    },
  };
}

/** Three numbers of pages or the like, parted by tabs, kept in place; fewer written leave the rest (proc_doulongvec_minmax). */
export function longs(path: string, values: number[]): Sysctl {
  return {
    path,
    read: () => values.join('\t'),
    write(text) {
      const written = parseIntegers(text, values.length);
      if (written.some((value) => value < 0)) fail(EINVAL);
      for (const [i, value] of written.entries()) values[i] = value;
    },
  };
}

export const readOnly = (path: string, read: () => string): Sysctl => ({ path, read });

/** Names of those fields of a settings object that hold numbers or booleans. */
export type SettingKey<T> = { [K in keyof T]: T[K] extends number | boolean ? K : never }[keyof T];

/**
 * A number or a switch kept in a field of a settings object. A switch written with another number than 0 is on, and reads
 * as 1. `unit`: how many of the field's units one of the file's is (1000 where the file has seconds and the field milliseconds);
 * `multipleOf`: a number is rounded up to one of that.
 */
export function setting<T extends object>(
  path: string,
  settings: T,
  key: SettingKey<T>,
  limits: IntegerLimits & { readonly unit?: number; readonly multipleOf?: number } = {},
): Sysctl {
  const { unit = 1, multipleOf = 1 } = limits;
  const fields = settings as Record<PropertyKey, number | boolean>;
  return integer(
    path,
    () => Math.trunc(Number(fields[key]) / unit),
    (value) => {
      fields[key] = typeof fields[key] === 'boolean' ? value !== 0 : Math.ceil(value / multipleOf) * multipleOf * unit;
    },
    limits,
  );
}
