import { existsSync, rmSync } from 'node:fs';
import { ECONNRESET, ENOENT, EPROTO, ETIMEDOUT } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { holderOf } from '../host/instance-lock.js';
import { ancestors, sweep } from '../host/sweep.js';
import { BusConnection, isAbsent } from './bus-connection.js';
import { ClientError } from './client-error.js';
import type { InstancePaths } from './paths.js';
import { notRunning } from './reach.js';

/** The daemon kills itself after two seconds; past this it is killed from here. */
const END_LIMIT_MS = 5000;

/**
 * Ends an instance and the programs in it, and takes its folder away; what a killed daemon left is taken away too. A daemon of another version, or one
 * that does not answer, gets a signal. Throws ClientError where there is nothing of that name.
 */
export async function endInstance(paths: InstancePaths): Promise<void> {
  try {
    const connection = await BusConnection.open(paths.socket, { socket: 'control' });
    try {
      await connection.request({ request: 'down' });
    } finally {
      connection.close();
    }
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    const { errno } = error;
    const pid = holderOf(paths.lock);
    if (pid === null) {
      if (!existsSync(paths.folder)) throw notRunning(paths, new NetError(ENOENT));
    } else if (errno === ECONNRESET && !isAbsent(error)) {
      // It ends already, and had no time for an answer.
    } else if (isAbsent(error) || errno === EPROTO || errno === ETIMEDOUT) process.kill(pid, 'SIGTERM');
    else throw error;
  }
  await waitForEnd(paths);
  // What `tapstack exec` has left: by variables that nobody else has all of. Whoever calls us from in there goes on.
  const variables = [`TAPSTACK_INSTANCE=${paths.name}`, `TAPSTACK_DIR=${paths.runtime}`, `TAPSTACK_ETC=${paths.etc}`];
  if (!(await sweep({ namespaces: [], variables }, ancestors())))
    throw new ClientError(ETIMEDOUT, `some programs of instance "${paths.name}" do not end`);
  rmSync(paths.folder, { recursive: true, force: true });
}

async function waitForEnd(paths: InstancePaths): Promise<void> {
  const limit = Date.now() + END_LIMIT_MS;
  for (let pid = holderOf(paths.lock); pid !== null; pid = holderOf(paths.lock)) {
    if (Date.now() > limit + 1000) throw new ClientError(ETIMEDOUT, `the daemon of instance "${paths.name}" (process ${pid}) does not end`);
    if (Date.now() > limit) process.kill(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
