import { NetError } from '../../base/net-error.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';

/** Names of ports, out of the file services: the instance's own, else the machine's. Without one there are none. */
export class Services {
  readonly #byPort = new Map<string, string>();
  readonly #byName = new Map<string, number>();

  static async read(io: Pick<CommandIo, 'files'>, env: Pick<CommandEnvironment, 'variables'>): Promise<Services> {
    const services = new Services();
    const own = env.variables.TAPSTACK_ETC;
    for (const path of [...(own ? [`${own}/services`] : []), '/etc/services']) {
      try {
        services.#parse(new TextDecoder().decode(await io.files.read(path)));
        break;
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
      }
    }
    return services;
  }

  /** Of a port that comes twice the first line counts, as for getservbyport(3). */
  #parse(text: string): void {
    for (const line of text.split('\n')) {
      const [name, place, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
      const match = /^(\d+)\/(\w+)$/.exec(place ?? '');
      if (name === undefined || match === null) continue;
      const [, port = '', protocol = ''] = match;
      if (!this.#byPort.has(`${port}/${protocol}`)) this.#byPort.set(`${port}/${protocol}`, name);
      for (const alias of [name, ...aliases])
        if (!this.#byName.has(`${alias}/${protocol}`)) this.#byName.set(`${alias}/${protocol}`, Number(port));
    }
  }

  /** "http" for port 80 of "tcp". */
  nameOf(port: number, protocol: string): string | undefined {
    return this.#byPort.get(`${port}/${protocol}`);
  }

  portOf(name: string, protocol: string): number | undefined {
    return this.#byName.get(`${name}/${protocol}`);
  }
}
