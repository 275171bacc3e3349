import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { EIO, ETIMEDOUT } from '../base/errno.js';
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

/** What the daemon says on descriptor 3, one word and a text: it listens; another holds the lock; it cannot, and why. */
const REPORT = /^(ready|taken|failed)(?: (.*))?\n/s;

/** Starts the daemon of an instance and waits until it listens. False: another one has the instance's lock, and it listens or soon will. */
export async function startDaemon(paths: InstancePaths, options: DaemonOptions): Promise<boolean> {
  ensureRuntimeFolder(paths.runtime, process.geteuid?.() ?? 0);
  mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
  const log = openSync(paths.log, 'a', 0o600);
  const child = spawn(
    process.execPath,
    [daemonPath(), JSON.stringify({ runtime: paths.runtime, name: paths.name, ...options })],
    // A session of its own: neither the terminal's ^C nor its end reaches it.
    { detached: true, cwd: '/', stdio: ['ignore', log, log, 'pipe'] },
  );
  closeSync(log);
  try {
    const report = await firstLine(child.stdio[3] as Readable);
    const [, word, text] = REPORT.exec(report) ?? [];
    if (word === 'ready') return true;
    if (word === 'taken') return false;
    throw new ClientError(EIO, text?.trim() ?? `the daemon did not start: ${lastLine(paths.log) ?? `see ${paths.log}`}`);
  } finally {
    child.stdio[3]?.destroy();
    child.unref();
  }
}

/** bin/tapstackd beside the dist/ that this file was bundled into. */
function daemonPath(): string {
  const here = fileURLToPath(import.meta.url);
  const root = here.slice(0, here.lastIndexOf('/dist/'));
  return `${root}/bin/tapstackd`;
}

function firstLine(pipe: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(
      () => reject(new ClientError(ETIMEDOUT, `the daemon did not start within ${START_LIMIT_MS / 1000} seconds`)),
      START_LIMIT_MS,
    );
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
