import type { InstancePaths } from '../client/paths.js';
import { HeldNamespaces } from '../host/held-namespaces.js';
import { sweep } from '../host/sweep.js';

/** What the programs of an instance are known by, so that none is left when it ends. */
export class Remains {
  readonly #paths: InstancePaths;
  readonly namespaces = new HeldNamespaces();
  #tags: readonly number[] = [];
  #launcher = 0;

  constructor(paths: InstancePaths) {
    this.#paths = paths;
  }

  /** `launcher` is tagged as its programs are, and ends by itself. */
  held(launcher: number, tags: readonly number[]): void {
    this.#launcher = launcher;
    this.#tags = tags;
  }

  async end(): Promise<void> {
    const { name, runtime } = this.#paths;
    const variables = [`TAPSTACK_INSTANCE=${name}`, `TAPSTACK_DIR=${runtime}`];
    if (!(await sweep({ namespaces: this.namespaces.links, variables, tags: this.#tags }, [this.#launcher])))
      process.stderr.write(`tapstackd: some programs of ${name} do not end\n`);
    this.namespaces.close();
  }
}
