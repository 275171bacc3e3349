import { EEXIST, EIO, ENOENT, EOPNOTSUPP } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import type { SpawnRequest } from '../../../client/command.js';
import type { IpContext } from '../context.js';
import { bindFailure, FOLDER, type NamespaceStore } from './store.js';

/**
 * Namespaces of the host, files under /run/netns that a namespace is mounted on. Making, mounting and entering them is left to
 * util-linux (unshare, umount, nsenter), which the command port can start.
 */
export class HostNamespaces implements NamespaceStore {
  readonly #context: IpContext;

  constructor(context: IpContext) {
    this.#context = context;
  }

  async names(): Promise<readonly string[]> {
    try {
      return await this.#context.io.files.list(FOLDER);
    } catch (error) {
      if (error instanceof NetError) return [];
      throw error;
    }
  }

  async add(name: string): Promise<void> {
    if ((await this.names()).includes(name)) throw new NetError(EEXIST);
    await this.#run(['mkdir', '-p', FOLDER]);
    await this.#context.io.files.write(`${FOLDER}/${name}`, new Uint8Array(0));
    await this.#run(['unshare', `--net=${FOLDER}/${name}`, 'true']);
  }

  async remove(name: string): Promise<void> {
    if (!(await this.names()).includes(name)) throw new NetError(ENOENT);
    await this.#run(['umount', '-l', `${FOLDER}/${name}`]);
    await this.#run(['rm', '-f', `${FOLDER}/${name}`]);
  }

  async attach(name: string, pid: string): Promise<void> {
    const { files } = this.#context.io;
    if ((await this.names()).includes(name)) throw new NetError(EEXIST);
    await files.list(`/proc/${pid}/ns`).catch((error: unknown) => {
      throw error instanceof NetError ? bindFailure(name, pid, error.errno) : error;
    });
    await this.#run(['mkdir', '-p', FOLDER]);
    await files.write(`${FOLDER}/${name}`, new Uint8Array(0));
    await this.#run(['mount', '--bind', `/proc/${pid}/ns/net`, `${FOLDER}/${name}`]);
  }

  async inside(name: string, argv: readonly string[]): Promise<SpawnRequest> {
    if (!(await this.names()).includes(name)) throw new NetError(ENOENT);
    return { argv: ['nsenter', `--net=${FOLDER}/${name}`, ...argv] };
  }

  async nameOfProcess(): Promise<string | undefined> {
    // Which namespace a process is in shows in the inode behind /proc/PID/ns/net alone, which the file port does not tell.
    throw new NetError(EOPNOTSUPP);
  }

  async processesIn(): Promise<readonly string[]> {
    throw new NetError(EOPNOTSUPP);
  }

  async #run(argv: readonly string[]): Promise<void> {
    if ((await this.#context.io.processes.spawn({ argv })) !== 0) throw new NetError(EIO);
  }
}
