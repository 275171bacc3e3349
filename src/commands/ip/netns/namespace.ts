import { EEXIST, ENOENT, strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import type { SpawnRequest } from '../../../client/command.js';
import { TapstackFamily } from '../../../client/tapstack-family.js';
import { Command } from '../../../netlink/genl/tapstack.js';
import { failure } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import { bindFailure, type NamespaceStore } from './store.js';

/** The id of the namespace that a process is in which nobody has told of another. */
const INITIAL = 0;

export async function namespaceStore(context: IpContext): Promise<NamespaceStore> {
  const { target } = await context.env.transport();
  if (target === 'stack') return new StackNamespaces(context);
  const { HostNamespaces } = await import('./host-namespaces.js');
  return new HostNamespaces(context);
}

/** Namespaces of a stack, through its generic netlink family. A program is told by TAPSTACK_NETNS which it is in. */
class StackNamespaces implements NamespaceStore {
  readonly #context: IpContext;

  constructor(context: IpContext) {
    this.#context = context;
  }

  async names(): Promise<readonly string[]> {
    return (await this.#context.namespaces.list()).map(({ name }) => name);
  }

  async add(name: string): Promise<void> {
    await this.#with((family) => family.get(Command.NETNS_NEW, { name }));
  }

  async remove(name: string): Promise<void> {
    await this.#with((family) => family.request(Command.NETNS_DEL, { name }));
  }

  async attach(name: string, pid: string): Promise<void> {
    if ((await this.names()).includes(name)) throw new NetError(EEXIST);
    const id = await this.#namespaceOf(pid).catch((error: unknown) => {
      throw error instanceof NetError ? bindFailure(name, pid, error.errno) : error;
    });
    await this.#with((family) => family.get(Command.NETNS_NEW, { name, id: Number(id ?? INITIAL) }));
  }

  async inside(name: string, argv: readonly string[]): Promise<SpawnRequest> {
    const id = await this.#idOf(name);
    return {
      argv,
      variables: { TAPSTACK_NETNS: String(id), TAPSTACK_NETNS_NAME: name, TAPSTACK_VRF: undefined },
      walled: true,
      namespaceName: name,
    };
  }

  async nameOfProcess(pid: string | undefined): Promise<string | undefined> {
    const { variables } = this.#context.env;
    const id = pid === undefined ? variables['TAPSTACK_NETNS'] : await this.#namespaceOf(pid);
    if (id === undefined || id === '') return undefined;
    return this.#with(async (family) => {
      // Of several names the last that is found, as the real tool reads the folder: the oldest.
      let name: string | undefined;
      for await (const namespace of family.dump(Command.NETNS_GET)) if (String(namespace.id) === id) name = namespace.name;
      return name;
    });
  }

  async processesIn(name: string): Promise<readonly string[]> {
    const id = String(await this.#idOf(name));
    const found: string[] = [];
    for (const pid of await this.#context.io.files.list('/proc')) {
      if (/^\d+$/.test(pid) && (await this.#namespaceOf(pid).catch(gone)) === id) found.push(pid);
    }
    return found;
  }

  async #idOf(name: string): Promise<number> {
    const { id } = await this.#with((family) => family.get(Command.NETNS_GET, { name }));
    if (id === undefined) throw new NetError(ENOENT);
    return id;
  }

  /** What `ip netns exec` told the process or one before it. */
  async #namespaceOf(pid: string): Promise<string | undefined> {
    const environment = new TextDecoder().decode(await this.#context.io.files.read(`/proc/${pid}/environ`));
    const variable = environment.split('\0').find((entry) => entry.startsWith('TAPSTACK_NETNS='));
    return variable?.slice('TAPSTACK_NETNS='.length);
  }

  async #with<T>(use: (family: TapstackFamily) => Promise<T>): Promise<T> {
    const family = await TapstackFamily.open(await this.#context.env.transport());
    try {
      return await use(family);
    } finally {
      family.close();
    }
  }
}

/** A process that ended meanwhile, or that may not be looked into, is in none. */
function gone(error: unknown): undefined {
  if (error instanceof NetError) return undefined;
  throw error;
}

/** A NetError as the sentence that `ip netns` has for it. */
export function complaint(sentence: string, error: unknown): unknown {
  return error instanceof NetError ? failure(`${sentence}: ${strerror(error.errno)}`) : error;
}
