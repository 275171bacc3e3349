import { closeSync, openSync, writeSync } from 'node:fs';
import { NetError } from '../base/net-error.js';
import { ClientError } from './client-error.js';
import type { SpawnRequest } from './command.js';
import { spawnProcess } from './spawn.js';

/** What went wrong, as the native client's worker hears it. */
export interface SpawnReport {
  readonly errno: number;
  /** The line for the user, where it is one of our own. */
  readonly text?: string;
}

/**
 * A program of its own: `spawn-program REQUEST`. Does for the native client what a command's `spawn` does in a Node process,
 * beside the caller's terminal and in the caller's namespaces.
 */
const reportFd = Number(process.env['TAPSTACK_SPAWN_REPORT']);
delete process.env['TAPSTACK_SPAWN_REPORT'];
// The program that is started here must not hold it.
const report = openSync(`/proc/self/fd/${reportFd}`, 'w');
closeSync(reportFd);
try {
  process.exitCode = await spawnProcess(JSON.parse(process.argv[2] ?? '') as SpawnRequest);
} catch (error) {
  if (!(error instanceof NetError)) throw error;
  const told: SpawnReport = error instanceof ClientError ? { errno: error.errno, text: error.message } : { errno: error.errno };
  writeSync(report, JSON.stringify(told));
}
process.exit();
