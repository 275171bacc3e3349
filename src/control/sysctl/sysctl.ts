import { EACCES, ENOENT } from '../../base/errno.js';
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

/**
 * The files of one part of the stack in one namespace; registry.ts lists all parts. `below` is a path: files that are neither it nor
 * below it need not be made.
 */
export type SysctlGroup = (namespace: Namespace, below: string) => Iterable<Sysctl>;

/** Whether files of the folder `path` are asked for by `below`. */
export const concerns = (path: string, below: string): boolean => path.startsWith(below) || below.startsWith(`${path}/`);

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
      for (const sysctl of group(namespace, prefix))
        if (prefix === '' || sysctl.path === prefix || sysctl.path.startsWith(`${prefix}/`)) found.push([sysctl.path.split('/'), sysctl]);
    return found.sort(([a], [b]) => comparePaths(a, b)).map(([, sysctl]) => sysctl);
  }

  /** Throws ENOENT. */
  find(namespace: Namespace, path: string): Sysctl {
    for (const group of this.#groups) for (const sysctl of group(namespace, path)) if (sysctl.path === path) return sysctl;
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
