import { spawn } from 'node:child_process';
import { accessSync, existsSync, constants as fs, readFileSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { EACCES, ENOENT } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import type { SpawnRequest } from './command.js';
import { hostError } from './host-error.js';
import { meantInstance, reachInstance } from './reach.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** Signals that a launcher passes on to the program it waits for. */
const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'] as const;
/** Signals that the terminal sends to the whole foreground group, the program included. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT'] as const;

/** As ProcessPort.spawn() has it. `started` gets the program's process id. */
export async function spawnProcess(request: SpawnRequest, started?: (pid: number) => void): Promise<number> {
  const variables: NodeJS.ProcessEnv = { ...process.env, ...request.variables };
  findProgram(request.argv[0] ?? '', variables);
  if (!request.walled || variables['TAPSTACK_TARGET'] === 'kernel') return startProcess(request.argv, variables, started);
  const { wall } = await import('./wall.js');
  variables['TAPSTACK_ETC'] ??= meantInstance(variables).paths.etc;
  const inside = wall({ argv: request.argv, variables, namespaceName: request.namespaceName });
  if (inside.warning !== null) process.stderr.write(inside.warning);
  const { captures, captureSelf } = await import('./capture.js');
  if (!captures(variables)) return startProcess(inside.argv, inside.variables, started);
  const { BusConnection } = await import('./bus-connection.js');
  const { OUTER_VARIABLE } = await import('./nested.js');
  // It stays while the program runs: an instance with a client is not idle.
  const connection = await reachInstance(variables, (path) => BusConnection.open(path, { socket: 'control' }));
  try {
    const warning = await captureSelf(connection, idOf(variables['TAPSTACK_NETNS']), inside.makesNamespace);
    if (warning !== null) process.stderr.write(warning);
    const outer = warning === null ? { [OUTER_VARIABLE]: meantInstance(variables).paths.socket } : {};
    return await startProcess(inside.argv, { ...inside.variables, ...outer }, started);
  } finally {
    connection.close();
  }
}

/** TAPSTACK_NETNS as a number. */
export const idOf = (text: string | undefined) => (text === undefined || !/^\d+$/.test(text) ? undefined : Number(text));

/** Where a shell in folder `cwd` would find `name`. Throws NetError: ENOENT, or EACCES for what is there and cannot be run. */
export function findProgram(name: string, variables: Variables, cwd = '.'): string {
  if (name === '') throw new NetError(ENOENT);
  const candidates = name.includes('/')
    ? [name]
    : (variables['PATH'] ?? '/usr/bin:/bin').split(':').map((folder) => join(folder || '.', name));
  let found: number = ENOENT;
  for (const candidate of candidates) {
    const path = resolve(cwd, candidate);
    try {
      accessSync(path, fs.X_OK);
      if (statSync(path).isFile()) return path;
      found = EACCES;
    } catch (error) {
      // A folder of PATH that may not be looked into does not hide a program that is not there.
      if (hostError(error).errno === EACCES && (name.includes('/') || existsSync(path))) found = EACCES;
    }
  }
  throw new NetError(found);
}

/** Starts a program with this process's stdio and folder, and waits for it; 128 + n after signal n. */
export function startProcess(argv: readonly string[], variables: NodeJS.ProcessEnv, started?: (pid: number) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: 'inherit', env: variables });
    const handlers = new Map<NodeJS.Signals, () => void>();
    for (const name of FORWARDED) handlers.set(name, () => void child.kill(name));
    for (const name of FROM_TERMINAL)
      handlers.set(name, () => {
        if (!inTerminalForeground()) child.kill(name);
      });
    for (const [name, handler] of handlers) process.on(name, handler);
    const stop = () => {
      for (const [name, handler] of handlers) process.off(name, handler);
    };
    if (child.pid !== undefined) started?.(child.pid);
    child.once('error', (error) => {
      stop();
      reject(hostError(error));
    });
    child.once('exit', (status, signal) => {
      stop();
      resolve(signal === null ? (status ?? 0) : 128 + constants.signals[signal]);
    });
  });
}

/**
 * Whether a terminal's ^C reaches this process's group by itself. Fields of /proc/self/stat behind the name: state, ppid, pgrp,
 * session, tty_nr, tpgid (proc(5)).
 */
function inTerminalForeground(): boolean {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[4] !== '0' && fields[5] === fields[2];
}
