import { EEXIST, ENOENT } from '../base/errno.js';
import { fail } from '../base/net-error.js';
import type { Namespace } from '../net/core/namespace.js';
import type { Stack } from '../net/core/stack.js';

/**
 * Namespaces by name - what /run/netns is on a host - and who holds them: names, netlink sockets, processes. A namespace is
 * torn down when the last of them lets go.
 */
export class NamespaceNames {
  readonly stack: Stack;
  /** Set by the owner of the instance's processes; null: it has none. */
  namespaceOfProcess: ((pid: number) => Namespace | undefined) | null = null;
  /** Told of names that come and go; null when nobody listens. */
  onNamed: ((name: string, namespace: Namespace) => void) | null = null;
  onUnnamed: ((name: string) => void) | null = null;
  readonly #byName = new Map<string, Namespace>();
  /** The oldest first. */
  readonly #namesOf = new Map<Namespace, string[]>();

  constructor(stack: Stack) {
    this.stack = stack;
    stack.initial.references++;
  }

  /** By name, by id or by the number in "net:[...]"; undefined as an argument: the initial one. */
  resolve(namespace: string | number | undefined): Namespace | undefined {
    if (namespace === undefined) return this.stack.initial;
    if (typeof namespace === 'string') return this.#byName.get(namespace);
    const byId = this.stack.namespaces.get(namespace);
    if (byId !== undefined) return byId;
    for (const other of this.stack.namespaces.values()) if (other.inode === namespace) return other;
    return undefined;
  }

  /** The namespace that a process of the instance is in; pid 1 is in the initial one. Who starts processes says where they are. */
  ofProcess(pid: number): Namespace | undefined {
    return pid === 1 ? this.stack.initial : this.namespaceOfProcess?.(pid);
  }

  /** Of several names the oldest. */
  nameOf(namespace: Namespace): string | undefined {
    return this.#namesOf.get(namespace)?.[0];
  }

  /** In the order in which they were made. */
  entries(): readonly (readonly [string, Namespace])[] {
    return [...this.#byName];
  }

  /** By somebody in `creator`. EEXIST. */
  create(name: string, creator: Namespace = this.stack.initial): Namespace {
    if (this.#byName.has(name)) fail(EEXIST);
    const namespace = this.stack.createNamespace(creator);
    this.attach(name, namespace);
    return namespace;
  }

  /** Gives a namespace a name, or one more. EEXIST. */
  attach(name: string, namespace: Namespace): void {
    if (this.#byName.has(name)) fail(EEXIST);
    this.#byName.set(name, namespace);
    const names = this.#namesOf.get(namespace);
    if (names === undefined) this.#namesOf.set(namespace, [name]);
    else names.push(name);
    this.hold(namespace);
    this.onNamed?.(name, namespace);
  }

  /** Takes the name away; the namespace lives on while somebody else holds it. ENOENT. */
  remove(name: string): void {
    const namespace = this.#byName.get(name) ?? fail(ENOENT);
    this.#byName.delete(name);
    const names = this.#namesOf.get(namespace)!;
    names.splice(names.indexOf(name), 1);
    if (names.length === 0) this.#namesOf.delete(namespace);
    this.onUnnamed?.(name);
    this.release(namespace);
  }

  hold(namespace: Namespace): void {
    namespace.references++;
  }

  release(namespace: Namespace): void {
    namespace.references--;
    if (namespace.references <= 0 && namespace !== this.stack.initial) this.stack.destroyNamespace(namespace);
  }
}
