import { NetError } from '../../base/net-error.js';
import { TapstackFamily } from '../../client/tapstack-family.js';
import { Command } from '../../netlink/genl/tapstack.js';
import { RTM_GETNSID } from '../../netlink/rtnl/constants.js';
import { nsidMessage } from '../../netlink/rtnl/nsid.js';
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
    const transport = await this.#context.env.transport();
    if (transport.target === 'kernel') {
      const found: NamedNamespace[] = [];
      for (const name of await this.#hostNames()) {
        const reference = await transport.namespaceReference?.(name).catch(unknown);
        if (reference !== undefined) found.push({ name, reference });
      }
      return found;
    }
    const family = await TapstackFamily.open(transport);
    try {
      const found: NamedNamespace[] = [];
      for await (const { name, id } of family.dump(Command.NETNS_GET)) {
        if (name !== undefined && name !== '' && id !== undefined) found.push({ name, reference: id });
      }
      // Newest first, as the folder of the real tool lists them.
      return found.sort((a, b) => b.reference - a.reference);
    } finally {
      family.close();
    }
  }

  /** What stands for the namespace in a message; undefined when there is no such name. */
  async reference(name: string): Promise<number | undefined> {
    const transport = await this.#context.env.transport();
    if (transport.target === 'kernel') return transport.namespaceReference?.(name).catch(unknown);
    const family = await TapstackFamily.open(transport);
    try {
      return (await family.get(Command.NETNS_GET, { name })).id;
    } catch (error) {
      return unknown(error);
    } finally {
      family.close();
    }
  }

  /** The id that the namespace has in ours; -1 when it has none. */
  async nsidOf(reference: number): Promise<number> {
    const client = await this.#context.client();
    const answer = await client.get(nsidMessage, { type: RTM_GETNSID, attributes: { fd: reference } });
    return answer === null ? -1 : (nsidMessage.parseAttributes(answer).nsid ?? -1);
  }

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

  async #hostNames(): Promise<readonly string[]> {
    try {
      return await this.#context.io.files.list('/run/netns');
    } catch (error) {
      if (error instanceof NetError) return [];
      throw error;
    }
  }
}

function unknown(error: unknown): undefined {
  if (error instanceof NetError) return undefined;
  throw error;
}
