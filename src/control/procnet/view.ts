import type { Namespace } from '../../net/core/namespace.js';

/** One file of /proc/net: its text, as a namespace has it. */
export interface ProcNetView {
  /** "dev", "stat/arp_cache". */
  readonly path: string;
  text(namespace: Namespace): string;
  /** Whether the file is there by now: as on a host, where it comes with a module. Left out: always. */
  there?(namespace: Namespace): boolean;
}

/** A folder of /proc/net whose files come and go. */
export interface ProcNetFolder {
  /** "bonding/" */
  readonly folder: string;
  /** Names of its files. */
  files(namespace: Namespace): readonly string[];
  /** Null: there is no such file. */
  text(namespace: Namespace, file: string): string | null;
}
