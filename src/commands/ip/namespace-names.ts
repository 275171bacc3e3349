import type { IpContext } from './context.js';

/** A network namespace by name. */
export interface NamedNamespace {
  readonly name: string;
  /** What IFLA_NET_NS_FD and NETNSA_FD take for it: its id on the bus, an open file for the kernel. */
  readonly reference: number;
}

/** Names of network namespaces, and their ids as seen from the namespace that the command acts in. */
export class NamespaceNames {
  readonly #context: IpContext;
  #byNsid: Map<number, string> | null = null;

  constructor(context: IpContext) {
    this.#context = context;
  }

  /** All that have a name. */
  async list(): Promise<NamedNamespace[]> {
    return (await this.#lookUp()).listNamedNamespaces(this.#context);
  }

  /** What stands for the namespace in a message; undefined when there is no such name. */
  async reference(name: string): Promise<number | undefined> {
    return (await this.#lookUp()).namespaceReference(this.#context, name);
  }

  /** The id that the namespace has in ours; -1 when it has none. */
  async nsidOf(reference: number): Promise<number> {
    return (await this.#lookUp()).nsidOf(this.#context, reference);
  }

  /** Most commands meet no other namespace. */
  readonly #lookUp = () => import('./namespace-list.js');

  /** Reads the names of all ids; nameOf() then knows them. */
  async load(): Promise<void> {
    if (this.#byNsid !== null) return;
    const names = new Map<number, string>();
    this.#byNsid = names;
    for (const { name, reference } of await this.list()) {
      const nsid = await this.nsidOf(reference);
      if (nsid >= 0 && !names.has(nsid)) names.set(nsid, name);
    }
  }

  reset(): void {
    this.#byNsid = null;
  }

  /** The name of the namespace whose id is `nsid`; undefined when it has none. */
  nameOf(nsid: number): string | undefined {
    return this.#byNsid?.get(nsid);
  }
}
