import type { Namespace } from '../../net/core/namespace.js';

export interface TreeEntry {
  readonly name: string;
  /** The permission bits of a file; null: it is a folder, or a link. */
  readonly mode: number | null;
  /** The text of a symbolic link; left out: it is none. */
  readonly link?: string;
}

/** A part of /proc or /sys as a namespace sees it. Paths are relative to its root, which is ''. */
export interface FileTree {
  /** What lies in a folder; null: it is none. */
  list(namespace: Namespace, path: string): readonly TreeEntry[] | null;
  /** The permission bits of a file; null: it is none. */
  mode(namespace: Namespace, path: string): number | null;
  /** The text of a symbolic link; null: it is none. Left out: there are none. */
  readonly link?: (namespace: Namespace, path: string) => string | null;
  /** What is in a file, which is one: its text, or bytes. Throws NetError. */
  read(namespace: Namespace, path: string): string | Uint8Array;
  /** Throws NetError EINVAL, EACCES. Left out: nothing may be written. */
  readonly write?: (namespace: Namespace, path: string, text: string) => void;
}

/** The children of folder `path` among files, named by their whole paths, with their modes; null: there is none below it. */
export function childrenOf(files: Iterable<readonly [path: string, mode: number]>, path: string): readonly TreeEntry[] | null {
  const below = path === '' ? '' : `${path}/`;
  const entries = new Map<string, number | null>();
  for (const [file, mode] of files) {
    if (!file.startsWith(below)) continue;
    const end = file.indexOf('/', below.length);
    if (end < 0) entries.set(file.slice(below.length), mode);
    else entries.set(file.slice(below.length, end), null);
  }
  if (entries.size === 0 && path !== '') return null;
  return [...entries].map(([name, mode]) => ({ name, mode }));
}
