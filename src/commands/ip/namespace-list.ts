import { NetError } from '../../base/net-error.js';
import { TapstackFamily } from '../../client/tapstack-family.js';
import type { Transport } from '../../client/transport.js';
import { Command } from '../../netlink/genl/tapstack.js';
import { RTM_GETNSID } from '../../netlink/rtnl/constants.js';
import { nsidMessage } from '../../netlink/rtnl/nsid.js';
import type { IpContext } from './context.js';
import type { NamedNamespace } from './namespace-names.js';

/** All namespaces that have a name. */
export async function listNamedNamespaces(context: IpContext): Promise<NamedNamespace[]> {
  const transport = await context.env.transport();
  if (transport.target === 'kernel') {
    const found: NamedNamespace[] = [];
    for (const name of await hostNames(context)) {
      const reference = await kernelReference(transport, name);
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

/** What stands for a namespace in a message; undefined when there is no such name. */
export async function namespaceReference(context: IpContext, name: string): Promise<number | undefined> {
  const transport = await context.env.transport();
  if (transport.target === 'kernel') return kernelReference(transport, name);
  const family = await TapstackFamily.open(transport);
  try {
    return (await family.get(Command.NETNS_GET, { name })).id;
  } catch (error) {
    return unknown(error);
  } finally {
    family.close();
  }
}

/** The id that a namespace has in ours; -1 when it has none. */
export async function nsidOf(context: IpContext, reference: number): Promise<number> {
  const client = await context.client();
  const answer = await client.get(nsidMessage, { type: RTM_GETNSID, attributes: { fd: reference } });
  return answer === null ? -1 : (nsidMessage.parseAttributes(answer).nsid ?? -1);
}

const kernelReference = async (transport: Transport, name: string) => transport.namespaceReference?.(name).catch(unknown);

async function hostNames({ io }: IpContext): Promise<readonly string[]> {
  try {
    return await io.files.list('/run/netns');
  } catch (error) {
    if (error instanceof NetError) return [];
    throw error;
  }
}

function unknown(error: unknown): undefined {
  if (error instanceof NetError) return undefined;
  throw error;
}
