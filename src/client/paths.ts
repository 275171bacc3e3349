import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EACCES, EINVAL, ENAMETOOLONG } from '../base/errno.js';
import { ClientError } from './client-error.js';

/** sizeof(sun_path) without its terminating zero. */
export const SOCKET_PATH_LIMIT = 107;
export const DEFAULT_INSTANCE = 'default';

type Variables = Readonly<Record<string, string | undefined>>;

/** Where one instance keeps what is its own. */
export interface InstancePaths {
  readonly name: string;
  /** The runtime folder of all instances of this user. */
  readonly runtime: string;
  /** RUNTIME/NAME. */
  readonly folder: string;
  readonly socket: string;
  readonly lock: string;
  readonly log: string;
  /** The instance's own etc (TAPSTACK_ETC). */
  readonly etc: string;
}

/** $TAPSTACK_DIR, else $XDG_RUNTIME_DIR/tapstack, else /run/tapstack for root and /tmp/tapstack-UID for others. */
export function runtimeFolder(variables: Variables, uid: number): string {
  const own = variables['TAPSTACK_DIR'];
  if (own) return own;
  const session = variables['XDG_RUNTIME_DIR'];
  if (session) return join(session, 'tapstack');
  return uid === 0 ? '/run/tapstack' : `/tmp/tapstack-${uid}`;
}

export function checkName(name: string): string {
  if (!/^[A-Za-z0-9._-]{1,32}$/.test(name) || name === '.' || name === '..')
    throw new ClientError(EINVAL, `instance name "${name}" is not 1 to 32 of letters, digits, ".", "_" and "-"`);
  return name;
}

/** The files of instance `name`; refuses a socket path that the system cannot bind. */
export function instancePaths(runtime: string, name: string): InstancePaths {
  const folder = join(runtime, checkName(name));
  const socket = join(folder, 'bus');
  const bytes = Buffer.byteLength(socket);
  if (bytes > SOCKET_PATH_LIMIT)
    throw new ClientError(
      ENAMETOOLONG,
      `socket path ${socket} has ${bytes} bytes, at most ${SOCKET_PATH_LIMIT} are possible: set TAPSTACK_DIR to a shorter one`,
    );
  return { name, runtime, folder, socket, lock: join(folder, 'lock'), log: join(folder, 'log'), etc: join(folder, 'etc') };
}

/**
 * Refuses a runtime folder that is not a folder of mode 0700 owned by `uid` (others could swap sockets in it). Says whether it
 * is there.
 */
export function checkRuntimeFolder(path: string, uid: number): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  if (!stat.isDirectory()) throw new ClientError(EACCES, `runtime folder ${path} is not a folder: remove it or set TAPSTACK_DIR`);
  if (stat.uid !== uid)
    throw new ClientError(EACCES, `runtime folder ${path} belongs to uid ${stat.uid}, not to ${uid}: remove it or set TAPSTACK_DIR`);
  if ((stat.mode & 0o077) !== 0) {
    const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
    throw new ClientError(EACCES, `runtime folder ${path} has mode ${mode}, not 0700: chmod 0700 ${path}`);
  }
  return true;
}

/** Makes the runtime folder where it is missing, then checks it. */
export function ensureRuntimeFolder(path: string, uid: number): void {
  if (checkRuntimeFolder(path, uid)) return;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ClientError(EACCES, `runtime folder ${path} cannot be made: ${(error as Error).message}`);
  }
  checkRuntimeFolder(path, uid);
}
