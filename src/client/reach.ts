import { ENOENT } from '../base/errno.js';
import type { NetError } from '../base/net-error.js';
import { isAbsent } from './bus-connection.js';
import { ClientError } from './client-error.js';
import { checkRuntimeFolder, DEFAULT_INSTANCE, type InstancePaths, instancePaths, runtimeFolder } from './paths.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** The instance that a command means: `name`, else TAPSTACK_INSTANCE, else the default one, which starts by itself. */
export function meantInstance(variables: Variables, name?: string): { readonly paths: InstancePaths; readonly startsItself: boolean } {
  const given = name ?? (variables['TAPSTACK_INSTANCE'] || undefined);
  const runtime = runtimeFolder(variables, process.geteuid?.() ?? 0);
  return { paths: instancePaths(runtime, given ?? DEFAULT_INSTANCE), startsItself: given === undefined };
}

/**
 * Opens something at the socket of the instance meant, which is started first if it is the default one and not there. Throws
 * ClientError: one line on why there is no instance.
 */
export async function reachInstance<T>(variables: Variables, open: (socket: string) => Promise<T>, name?: string): Promise<T> {
  const { paths, startsItself } = meantInstance(variables, name);
  checkRuntimeFolder(paths.runtime, process.geteuid?.() ?? 0);
  try {
    return await open(paths.socket);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    if (!startsItself) throw notRunning(paths, error);
  }
  const { nestInstance } = await import('./nested.js');
  const nested = await nestInstance(variables, paths, { private: false, nics: [] });
  nested?.connection.close();
  if (nested === null) {
    const { startDaemon } = await import('./start-daemon.js');
    await startDaemon(paths, { idleSeconds: IDLE_SECONDS });
  }
  return open(paths.socket);
}

/** A default instance that holds nothing but lo and has no client ends after this time. */
const IDLE_SECONDS = 600;

export function notRunning(paths: InstancePaths, error: NetError): ClientError {
  const text =
    error.errno === ENOENT
      ? `instance "${paths.name}" is not running`
      : `instance "${paths.name}" is dead: its daemon is gone (its log: ${paths.log})`;
  return new ClientError(error.errno, text);
}
