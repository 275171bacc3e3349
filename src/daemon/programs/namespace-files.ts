import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NamespaceNames } from '../../control/namespace-names.js';
import type { Namespace } from '../../net/core/namespace.js';

/**
 * The folder that programs see as /run/netns: a file a name, kept in step with the names. A descriptor of such a file stands for the
 * namespace, by its inode, also after the name has gone.
 */
export class NamespaceFiles {
  readonly folder: string;
  readonly #namespaces = new Map<string, Namespace>();
  readonly #kept = new Set<string>();

  constructor(folder: string, names: NamespaceNames) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    names.onNamed = (name, namespace) => this.#named(name, namespace);
    names.onUnnamed = (name) => this.#unnamed(name);
  }

  /** The namespace that a file stands for. */
  find(device: number, inode: number): Namespace | undefined {
    const namespace = this.#namespaces.get(`${device}:${inode}`);
    return namespace?.dead === true ? undefined : namespace;
  }

  /** Whoever takes the name away unlinks its file himself, as iproute2 does behind umount2(). */
  keepFile(name: string): void {
    this.#kept.add(name);
  }

  #named(name: string, namespace: Namespace): void {
    const path = join(this.folder, name);
    try {
      // iproute2 made it itself, with no rights at all, before it gave the name.
      if (existsSync(path)) chmodSync(path, 0o444);
      else writeFileSync(path, '', { mode: 0o444 });
      const { dev, ino } = statSync(path);
      this.#namespaces.set(`${dev}:${ino}`, namespace);
    } catch (error) {
      // A full disk, or a program that took the folder away: the name is good all the same, only programs cannot open it.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
    for (const [key, other] of this.#namespaces) if (other.dead) this.#namespaces.delete(key);
  }

  #unnamed(name: string): void {
    if (!this.#kept.delete(name)) rmSync(join(this.folder, name), { force: true });
  }
}
