import { chmodSync, existsSync, linkSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { NamespaceNames } from '../../control/namespace-names.js';
import type { Namespace } from '../../net/core/namespace.js';

interface Token {
  readonly path: string;
  /** What "net:[...]" and stat() say of the namespace. */
  readonly inode: number;
  readonly key: string;
}

/**
 * Namespaces as files: what programs open as /proc/PID/ns/net, and, linked to it, as /run/netns/NAME. A descriptor of such a file stands
 * for the namespace, by its inode, also after the name has gone; all files of one namespace have the same inode, as in Linux.
 */
export class NamespaceFiles {
  readonly folder: string;
  readonly #tokens: string;
  readonly #tokenOf = new Map<Namespace, Token>();
  readonly #namespaces = new Map<string, Namespace>();
  readonly #kept = new Set<string>();

  /** `folder`: what programs see as /run/netns. */
  constructor(folder: string, names: NamespaceNames) {
    this.folder = folder;
    this.#tokens = join(dirname(folder), 'ns');
    for (const path of [folder, this.#tokens]) {
      mkdirSync(path, { recursive: true });
      // The daemon's own mask takes away what programs of other users need.
      chmodSync(path, 0o755);
    }
    names.onNamed = (name, namespace) => this.#named(name, namespace);
    names.onUnnamed = (name) => this.#unnamed(name);
  }

  /** The namespace that a file stands for. */
  find(device: number, inode: number): Namespace | undefined {
    const namespace = this.#namespaces.get(`${device}:${inode}`);
    return namespace?.dead === true ? undefined : namespace;
  }

  /** The file that is a namespace's own; null: the disk is full, or a program took the folder away. */
  tokenOf(namespace: Namespace): Token | null {
    const present = this.#tokenOf.get(namespace);
    if (present !== undefined) return present;
    this.#forgetDead();
    const path = join(this.#tokens, String(namespace.id));
    try {
      writeFileSync(path, '', { mode: 0o444 });
      chmodSync(path, 0o444);
      const { dev, ino } = statSync(path);
      const token = { path, inode: ino, key: `${dev}:${ino}` };
      this.#tokenOf.set(namespace, token);
      this.#namespaces.set(token.key, namespace);
      return token;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      return null;
    }
  }

  /** Whoever takes the name away unlinks its file himself, as iproute2 does behind umount2(). */
  keepFile(name: string): void {
    this.#kept.add(name);
  }

  #named(name: string, namespace: Namespace): void {
    const token = this.tokenOf(namespace);
    if (token === null) return;
    const path = join(this.folder, name);
    try {
      // iproute2 made one itself before it gave the name.
      const fresh = join(this.#tokens, `.${namespace.id}`);
      rmSync(fresh, { force: true });
      linkSync(token.path, fresh);
      renameSync(fresh, path);
      // rename() of one file onto another name of its own does nothing.
      if (existsSync(fresh)) rmSync(fresh);
    } catch (error) {
      // The name is good all the same, only programs cannot open it.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }

  #unnamed(name: string): void {
    if (!this.#kept.delete(name)) rmSync(join(this.folder, name), { force: true });
  }

  #forgetDead(): void {
    for (const [namespace, { path, key }] of this.#tokenOf) {
      if (!namespace.dead) continue;
      this.#tokenOf.delete(namespace);
      this.#namespaces.delete(key);
      rmSync(path, { force: true });
    }
  }
}
