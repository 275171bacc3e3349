import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { EIO, ETIMEDOUT } from '../base/errno.js';
import { holderOf } from '../host/instance-lock.js';
import { BusConnection, isAbsent } from './bus-connection.js';
import { ClientError } from './client-error.js';
import type { NicSpecification } from './instance-port.js';
import { ensureRuntimeFolder, type InstancePaths } from './paths.js';

export interface DaemonOptions {
  /** Ends after so long with nothing in it; left out: lasts. */
  readonly idleSeconds?: number;
  /** Ends with the connection that holds it, and kills what it left running. */
  readonly private?: boolean;
  readonly nics?: readonly NicSpecification[];
}

/** How long a daemon may take to come up on a busy machine. */
const START_LIMIT_MS = 20_000;

/** How long one that said it cannot start may take to end. */
const FAIL_LIMIT_MS = 3000;

/** What the daemon says on descriptor 3, one word and a text: it listens; another holds the lock; it cannot, and why. */
const REPORT = /^(ready|taken|failed)(?: (.*))?\n/s;

export interface StartedDaemon {
  /** False: another daemon had the instance's lock, and listens. */
  readonly started: boolean;
  /** Of a private daemon: ends when the daemon has ended. */
  readonly pipe: Readable | null;
}

/** Starts the daemon of an instance and waits until it listens, or another one does that was quicker. Throws ClientError. */
export async function startDaemon(paths: InstancePaths, options: DaemonOptions): Promise<StartedDaemon> {
  ensureRuntimeFolder(paths.runtime, process.geteuid?.() ?? 0);
  const limit = Date.now() + START_LIMIT_MS;
  for (;;) {
    const pipe = await startOnce(paths, options);
    if (pipe !== null) {
      if (options.private) return { started: true, pipe };
      pipe.destroy();
      return { started: true, pipe: null };
    }
    if (await listens(paths, limit)) return { started: false, pipe: null };
    if (Date.now() > limit) throw tooSlow();
  }
}

/** The report pipe of a daemon that listens; null: another has the lock. */
async function startOnce(paths: InstancePaths, options: DaemonOptions): Promise<Readable | null> {
  mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
  const log = openSync(paths.log, 'a', 0o600);
  const child = spawn(
    process.execPath,
    [join(packageRoot(), 'bin', 'tapstackd'), JSON.stringify({ runtime: paths.runtime, name: paths.name, ...options })],
    // A session of its own: neither the terminal's ^C nor its end reaches it.
    { detached: true, cwd: '/', env: withoutInstance(process.env), stdio: ['ignore', log, log, 'pipe'] },
  );
  closeSync(log);
  child.unref();
  const pipe = child.stdio[3] as Socket;
  pipe.unref();
  try {
    const [, word, text] = REPORT.exec(await firstLine(pipe)) ?? [];
    if (word === 'ready') return pipe;
    if (word !== 'taken')
      throw new ClientError(EIO, text?.trim() ?? `the daemon did not start: ${lastLine(paths.log) ?? `see ${paths.log}`}`);
  } catch (error) {
    await pipeEnded(pipe, FAIL_LIMIT_MS);
    pipe.destroy();
    throw error;
  }
  pipe.destroy();
  return null;
}

/** A daemon that is started from inside another instance is no program of that: it does not end with it. */
function withoutInstance(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { TAPSTACK_INSTANCE: _instance, TAPSTACK_ETC: _etc, ...others } = variables;
  return others;
}

/** Waits for the daemon that holds the lock to listen; false: it has ended instead. */
async function listens(paths: InstancePaths, limit: number): Promise<boolean> {
  while (Date.now() < limit && holderOf(paths.lock) !== null) {
    try {
      (await BusConnection.open(paths.socket, { socket: 'control' })).close();
      return true;
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

/** Whether the daemon's end of its report pipe closes within the limit: it has ended, and all its programs with it. */
export function pipeEnded(pipe: Readable, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    if (pipe.destroyed || pipe.readableEnded) return resolve(true);
    const timer = setTimeout(() => resolve(false), limitMs);
    const finish = () => {
      clearTimeout(timer);
      resolve(true);
    };
    pipe.on('end', finish).on('close', finish).resume();
  });
}

/** The folder with bin/ and dist/: this file is bundled into dist/. */
export function packageRoot(): string {
  const here = fileURLToPath(import.meta.url);
  return here.slice(0, here.lastIndexOf('/dist/'));
}

const tooSlow = () => new ClientError(ETIMEDOUT, `the daemon did not start within ${START_LIMIT_MS / 1000} seconds`);

function firstLine(pipe: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(tooSlow()), START_LIMIT_MS);
    const finish = () => {
      clearTimeout(timer);
      resolve(text);
    };
    pipe.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.endsWith('\n')) finish();
    });
    pipe.on('close', finish);
    pipe.on('error', finish);
  });
}

function lastLine(path: string): string | undefined {
  return readFileSync(path, 'utf8').trim().split('\n').at(-1) || undefined;
}
