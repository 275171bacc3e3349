import { strerror } from '../../../base/errno.js';
import type { SpawnRequest } from '../../../client/command.js';
import { failure } from '../../shared/failure.js';

/** Network namespaces by name, wherever they are kept: by a stack, or by the host as files. */
export interface NamespaceStore {
  names(): Promise<readonly string[]>;
  add(name: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Names the namespace of a process. NetError EEXIST; bindFailure() where there is no such process. */
  attach(name: string, pid: string): Promise<void>;
  /** How a program is started inside it; NetError ENOENT. */
  inside(name: string, argv: readonly string[]): Promise<SpawnRequest>;
  /** The name of the namespace that a process is in, the caller's when none is named; undefined: it has none. */
  nameOfProcess(pid: string | undefined): Promise<string | undefined>;
  processesIn(name: string): Promise<readonly string[]>;
}

/** Where namespaces of a host have their names. */
export const FOLDER = '/run/netns';

/** What is said where a process's namespace cannot be bound to a name. */
export const bindFailure = (name: string, pid: string, errno: number) =>
  failure(`Bind /proc/${pid}/ns/net -> ${FOLDER}/${name} failed: ${strerror(errno)}`);
