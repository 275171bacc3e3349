import { EACCES, EINVAL, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';

/** One file below /proc/sys, as a namespace sees it. The value itself is a plain field of the stack, which its code reads. */
export interface Sysctl {
  /** "net/ipv4/ip_forward": with slashes, as a device's name may have dots. */
  readonly path: string;
  /** Without the newline at its end; lines of a text that has several are parted by newlines. */
  read(): string;
  /** It may only be written: read() says nothing. */
  readonly writeOnly?: boolean;
  /** Throws EINVAL, as Linux's proc_dointvec() and its kind; left out: the file is read-only. */
  readonly write?: (text: string) => void;
}

/** The files of one part of the stack in one namespace; registry.ts lists all parts. */
export type SysctlGroup = (namespace: Namespace) => Iterable<Sysctl>;

/**
 * The path of a key as sysctl(8) has it: "net.ipv4.conf.eth0/100.forwarding" or, when a slash comes first,
 * "net/ipv4/conf/eth0.100/forwarding".
 */
export function sysctlPath(key: string): string {
  const separator = key.search(/[./]/);
  if (separator < 0 || key[separator] === '/') return key.replace(/^\/+/, '');
  return key.replace(/[./]/g, (character) => (character === '.' ? '/' : '.'));
}

/** The key as `sysctl -a` prints it. */
export const sysctlKey = (path: string) => path.replace(/[./]/g, (character) => (character === '/' ? '.' : '/'));

/** The sysctl tree of a stack, by namespace. */
export class SysctlTree {
  readonly #groups: readonly SysctlGroup[];

  constructor(groups: readonly SysctlGroup[]) {
    this.#groups = groups;
  }

  /** All files at or below `prefix`, a path, in the order of /proc/sys: by name, directory by directory. */
  list(namespace: Namespace, prefix = ''): readonly Sysctl[] {
    const found: [readonly string[], Sysctl][] = [];
    for (const group of this.#groups)
      for (const sysctl of group(namespace))
        if (prefix === '' || sysctl.path === prefix || sysctl.path.startsWith(`${prefix}/`)) found.push([sysctl.path.split('/'), sysctl]);
    return found.sort(([a], [b]) => comparePaths(a, b)).map(([, sysctl]) => sysctl);
  }

  /** Throws ENOENT. */
  find(namespace: Namespace, path: string): Sysctl {
    for (const group of this.#groups) for (const sysctl of group(namespace)) if (sysctl.path === path) return sysctl;
    return fail(ENOENT);
  }

  /** Throws ENOENT, EACCES, EINVAL. */
  write(namespace: Namespace, path: string, text: string): void {
    const { write } = this.find(namespace, path);
    if (write === undefined) fail(EACCES);
    // A NUL ends the text, as it does in the kernel's buffer.
    write(text.split('\0', 1)[0] ?? '');
  }
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const left = a[i] ?? '';
    const right = b[i] ?? '';
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

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

const INT_MAX = 0x7fff_ffff;

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

export const readOnly = (path: string, read: () => string): Sysctl => ({ path, read });

/** Names of those fields of a settings object that hold numbers or booleans. */
export type SettingKey<T> = { [K in keyof T]: T[K] extends number | boolean ? K : never }[keyof T];

/**
 * A number or a switch kept in a field of a settings object. A switch written with another number than 0 is on, and reads
 * as 1. `unit`: how many of the field's units one of the file's is (1000 where the file has seconds and the field milliseconds).
 */
export function setting<T extends object>(
  path: string,
  settings: T,
  key: SettingKey<T>,
  limits: IntegerLimits & { readonly unit?: number } = {},
): Sysctl {
  const unit = limits.unit ?? 1;
  const fields = settings as Record<PropertyKey, number | boolean>;
  return integer(
    path,
    () => Math.floor(Number(fields[key]) / unit),
    (value) => {
      fields[key] = typeof fields[key] === 'boolean' ? value !== 0 : value * unit;
    },
    limits,
  );
}
