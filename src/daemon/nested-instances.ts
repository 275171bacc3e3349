import { chmodSync, closeSync, mkdirSync } from 'node:fs';
import { EBUSY, EINVAL, EOPNOTSUPP, EPERM } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { ClientError } from '../client/client-error.js';
import type { NicSpecification } from '../client/instance-port.js';
import { ensureRuntimeFolder, instancePaths } from '../client/paths.js';
import { takeInstanceLock } from '../host/instance-lock.js';
import type { Namespace } from '../net/core/namespace.js';
import type { BusSession } from './bus-session.js';
import { Resident, type ResidentOptions } from './resident.js';
import type { ThreadMessage } from './thread-messages.js';

/** Instances inside each other, the daemon's own not counted. */
const DEEPEST = 8;
/** Instances inside others that live at a time. */
const MOST = 64;

/** Makes an instance inside `outer` for whoever asks: whether it was made, or another runs under the name. */
export type NestRequests = (outer: Resident, argument: unknown, session: BusSession) => { readonly started: boolean };

interface Nested {
  readonly resident: Resident;
  readonly outer: Resident;
  readonly lock: number;
  readonly folder: string;
  /** The launcher, which goes back to where it was. */
  readonly launcher: number;
  readonly home: Namespace | undefined;
}

export interface NestedInstancesOptions extends Pick<ResidentOptions, 'loop' | 'libc' | 'clock'> {
  readonly tell: (message: ThreadMessage) => void;
}

/**
 * The instances of `tapstack run` inside `run`, `shell` and `exec`: their programs are under the filter of the outer instance already, so
 * its daemon holds them too - each a stack of its own, with its own namespaces, etc and bus.
 */
export class NestedInstances {
  readonly #options: NestedInstancesOptions;
  readonly #instances = new Map<string, Nested>();

  constructor(options: NestedInstancesOptions) {
    this.#options = options;
  }

  /** All of them, for the loop. */
  residents: readonly Resident[] = [];

  #listResidents(): void {
    this.residents = [...this.#instances.values()].map(({ resident }) => resident);
  }

  readonly nest: NestRequests = (outer, argument, session) => {
    const { runtime, name, nics, private: forOne } = nestArgument(argument);
    const { supervisor } = outer;
    if (supervisor === null || !supervisor.tags.isOf(session.credentials.pid))
      throw new ClientError(EOPNOTSUPP, 'the launcher is no program of this instance');
    if (this.#depthOf(outer) >= DEEPEST) throw new ClientError(EPERM, `instances are inside each other to a depth of ${DEEPEST} at most`);
    if (this.#instances.size >= MOST) throw new ClientError(EBUSY, `there are ${MOST} instances inside this one already`);
    const paths = instancePaths(runtime, name);
    ensureRuntimeFolder(runtime, outer.data.ownerUid);
    mkdirSync(paths.etc, { recursive: true, mode: 0o755 });
    // As for the outer one: programs of another uid that see it as /etc must be able to read it.
    for (const folder of [paths.folder, paths.etc]) chmodSync(folder, folder === paths.etc ? 0o755 : 0o700);
    const lock = takeInstanceLock(this.#options.libc, paths.lock);
    if (lock === null) return { started: false };
    const end = () => this.#options.loop.defer(() => this.#end(paths.folder));
    try {
      const resident = new Resident({
        ...this.#options,
        data: { ...outer.data, ...paths, private: forOne, idleSeconds: null, nics },
        outer,
        nest: this.nest,
        stop: end,
      });
      const launcher = session.credentials.pid;
      this.#instances.set(paths.folder, {
        resident,
        outer,
        lock,
        folder: paths.folder,
        launcher,
        home: supervisor.tags.namespaceOf(launcher),
      });
      this.#listResidents();
    } catch (error) {
      closeSync(lock);
      throw error;
    }
    this.#options.tell({ type: 'nested', paths });
    if (forOne) session.onClose.push(end);
    return { started: true };
  };

  #depthOf(resident: Resident): number {
    const nested = [...this.#instances.values()].find((other) => other.resident === resident);
    return nested === undefined ? 0 : this.#depthOf(nested.outer) + 1;
  }

  #end(folder: string): void {
    const nested = this.#instances.get(folder);
    if (nested === undefined) return;
    for (const inner of [...this.#instances.values()]) if (inner.outer === nested.resident) this.#end(inner.folder);
    this.#instances.delete(folder);
    this.#listResidents();
    const { resident, outer, launcher, home } = nested;
    if (home !== undefined && resident.supervisor?.tags.isOf(launcher)) outer.supervisor?.place(launcher, home);
    resident.close();
    closeSync(nested.lock);
    this.#options.tell({ type: 'nested-ended', folder });
  }

  close(): void {
    for (const folder of [...this.#instances.keys()]) this.#end(folder);
  }
}

interface NestArgument {
  readonly runtime: string;
  readonly name: string;
  /** It ends with the connection that asked for it. */
  readonly private: boolean;
  readonly nics: readonly NicSpecification[];
}

function nestArgument(argument: unknown): NestArgument {
  const { runtime, name, private: forOne, nics } = (argument ?? {}) as Partial<Record<keyof NestArgument, unknown>>;
  if (typeof runtime !== 'string' || typeof name !== 'string' || !Array.isArray(nics)) throw new NetError(EINVAL);
  return { runtime, name, private: forOne === true, nics };
}
