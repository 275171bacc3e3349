import type { Namespace } from '../../net/core/namespace.js';

/** One file of /proc/net: its text, as a namespace has it. */
export interface ProcNetView {
  /** "dev", "stat/arp_cache". */
  readonly path: string;
  text(namespace: Namespace): string;
}
