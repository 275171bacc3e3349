import type { CommandEnvironment } from '../../client/command.js';
import { TapstackFamily } from '../../client/tapstack-family.js';
import { Command } from '../../netlink/genl/tapstack.js';
import { CommandFailure } from '../shared/failure.js';

/** The modules that an instance has loaded. */
export class LoadedModules {
  readonly #family: TapstackFamily;
  /** In the order in which they were loaded. */
  names = new Set<string>();
  /** How often each is in use. */
  readonly references = new Map<string, number>();

  private constructor(family: TapstackFamily) {
    this.#family = family;
  }

  static async open(program: string, env: CommandEnvironment): Promise<LoadedModules> {
    const transport = await env.transport();
    if (transport.target === 'kernel')
      throw new CommandFailure(1, `${program}: tapstack's modules are those of a stack, not of the host's kernel\n`);
    const modules = new LoadedModules(await TapstackFamily.open(transport));
    for await (const { name, references = 0 } of modules.#family.dump(Command.MODULE_LIST)) {
      if (name === undefined) continue;
      modules.names.add(name);
      modules.references.set(name, references);
    }
    return modules;
  }

  /** `parameters`: "name=value ...", as insmod(8) takes them. */
  async load(name: string, parameters = ''): Promise<void> {
    await this.#family.request(Command.MODULE_LOAD, { name, ...(parameters === '' ? {} : { text: parameters }) });
    this.names.add(name);
  }

  /** EBUSY */
  async unload(name: string): Promise<void> {
    await this.#family.request(Command.MODULE_UNLOAD, { name });
    this.names.delete(name);
  }

  close(): void {
    this.#family.close();
  }
}
