import { chmodSync, closeSync, mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { NetError } from '../base/net-error.js';
import { ensureRuntimeFolder, type InstancePaths } from '../client/paths.js';
import { takeInstanceLock } from '../host/instance-lock.js';
import { type Libc, loadLibc } from '../host/libc.js';
import { CommandWorkers } from './command-workers.js';
import { Remains } from './remains.js';
import { type DaemonSettings, daemonSettings } from './settings.js';
import { STOP, type ThreadData, type ThreadMessage } from './thread-messages.js';
import { VERSION } from './version.js';

/** How long the stack's thread may take to end by itself, and then to be ended. */
const STOP_LIMIT_MS = 1000;
const KILL_LIMIT_MS = 2000;
const EFD_NONBLOCK_CLOEXEC = 0o2004000;

/** The starter's pipe: one line on how the start went. */
const REPORT_FD = 3;

class Daemon {
  readonly #settings: DaemonSettings;
  readonly #flags = new SharedArrayBuffer(4);
  #worker: Worker | null = null;
  #wakeFd = -1;
  readonly #remains: Remains;
  /** Instances inside this one, by folder. */
  readonly #nested = new Map<string, NestedInstance>();
  #commands: CommandWorkers | null = null;
  #libc: Libc | null = null;
  #stopping = false;
  #reported = false;

  constructor(settings: DaemonSettings) {
    this.#settings = settings;
    this.#remains = new Remains(settings.paths);
  }

  async start(): Promise<void> {
    const { paths } = this.#settings;
    const ownerUid = process.geteuid?.() ?? 0;
    process.umask(0o077);
    closeInherited();
    ensureRuntimeFolder(paths.runtime, ownerUid);
    mkdirSync(paths.etc, { recursive: true, mode: 0o755 });
    // Programs of another uid that see it as /etc must be able to read it.
    chmodSync(paths.etc, 0o755);
    const libc = await loadLibc();
    if (takeInstanceLock(libc, paths.lock) === null) {
      this.#report('taken');
      process.exit(0);
    }
    // Under the lock no other daemon is alive, so a socket that lies here is stale.
    rmSync(paths.socket, { force: true });
    if (libc !== null) {
      this.#wakeFd = libc.eventfd(0, EFD_NONBLOCK_CLOEXEC);
      this.#libc = libc;
      this.#commands = new CommandWorkers(libc, paths.folder);
      this.#commands.listen();
    }
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => this.stop());
    const workerData: ThreadData = {
      name: paths.name,
      folder: paths.folder,
      socket: paths.socket,
      etc: paths.etc,
      log: paths.log,
      private: this.#settings.private,
      idleSeconds: this.#settings.idleSeconds,
      nics: this.#settings.nics,
      ownerUid,
      version: VERSION,
      wakeFd: this.#wakeFd,
      flags: this.#flags,
    };
    this.#worker = new Worker(fileURLToPath(new URL('./stack-thread.js', import.meta.url)), { workerData });
    this.#worker.on('message', (message: ThreadMessage) => this.#hear(message));
    this.#worker.on('error', (error) => void this.#crashed(error));
    this.#worker.on('exit', (code) => void this.#ended(code));
  }

  #hear(message: ThreadMessage): void {
    if (message.type === 'ready') this.#report('ready');
    else if (message.type === 'failed') this.#report(`failed ${message.text}`);
    else if (message.type === 'nested') this.#nested.set(message.paths.folder, new NestedInstance(this.#libc, message.paths));
    else if (message.type === 'nested-ended') void this.#endNested(message.folder);
    else {
      const remains = this.#nested.get(message.folder)?.remains ?? this.#remains;
      if (message.type === 'held') remains.held(message.launcher, message.tags);
      else for (const path of message.paths) remains.namespaces.hold(path);
    }
  }

  async #endNested(folder: string): Promise<void> {
    const nested = this.#nested.get(folder);
    if (nested === undefined) return;
    await nested.end();
    this.#nested.delete(folder);
  }

  #report(line: string): void {
    if (this.#reported) return;
    this.#reported = true;
    report(this.#settings, line);
  }

  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    Atomics.store(new Int32Array(this.#flags), STOP, 1);
    if (this.#wakeFd >= 0) writeSync(this.#wakeFd, new BigUint64Array([1n]));
    this.#worker?.postMessage('stop');
    setTimeout(() => void this.#worker?.terminate(), STOP_LIMIT_MS).unref();
    setTimeout(() => {
      process.stderr.write('tapstackd: the stack does not end, killing it\n');
      this.#removeSocket();
      process.kill(process.pid, 'SIGKILL');
    }, KILL_LIMIT_MS).unref();
  }

  async #crashed(error: unknown): Promise<void> {
    process.stderr.write(
      `${new Date().toISOString()} tapstackd: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    this.#report(`failed ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
    this.#removeSocket();
    await this.#end(false);
  }

  async #ended(code: number): Promise<void> {
    if (process.exitCode === 1) return;
    this.#removeSocket();
    if (code !== 0 && !this.#stopping) process.exitCode = 1;
    await this.#end(true);
  }

  /** The programs first, then the files; `clean`: nothing is left that a user would want to read. */
  async #end(clean: boolean): Promise<void> {
    const { paths } = this.#settings;
    for (const folder of [...this.#nested.keys()]) await this.#endNested(folder);
    if (this.#settings.private) await this.#remains.end();
    // Behind the programs: commands among them would say that their worker has gone.
    this.#commands?.close();
    if (clean) removeFolder(paths.folder);
    process.exit();
  }

  #removeSocket(): void {
    try {
      unlinkSync(this.#settings.paths.socket);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** An instance inside the daemon's own, as the main thread sees it: its command workers, and what is left when it ends. */
class NestedInstance {
  readonly #paths: InstancePaths;
  readonly #commands: CommandWorkers | null;
  readonly remains: Remains;

  constructor(libc: Libc | null, paths: InstancePaths) {
    this.#paths = paths;
    this.remains = new Remains(paths);
    this.#commands = libc === null ? null : new CommandWorkers(libc, paths.folder);
    this.#commands?.listen();
  }

  async end(): Promise<void> {
    await this.remains.end();
    this.#commands?.close();
    removeFolder(this.#paths.folder);
  }
}

/**
 * Descriptors that came by accident from whoever started us would be kept open for ever, and whoever waits for their end would
 * wait for ours. Node's own are all close-on-exec.
 */
function closeInherited(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd > REPORT_FD && !isOwn(fd)) closeSync(fd);
  }
}

/** Close-on-exec, or gone already (the descriptor by which the folder was read). O_CLOEXEC is 02000000. */
function isOwn(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & 0o2000000) !== 0;
  } catch {
    return true;
  }
}

/** overlayfs leaves folders that not even their owner may list. */
function removeFolder(folder: string): void {
  const work = join(folder, 'etc.work');
  try {
    for (const name of readdirSync(work)) chmodSync(join(work, name), 0o700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  rmSync(folder, { recursive: true, force: true });
}

function report(settings: DaemonSettings, line: string): void {
  if (line !== 'ready') process.stderr.write(`tapstackd: ${line}\n`);
  if (!settings.reports) return;
  try {
    writeSync(REPORT_FD, `${line}\n`);
    // A private instance keeps it open, and one that failed too: its end tells the launcher that nothing is left.
    if (line === 'ready' && !settings.private) closeSync(REPORT_FD);
  } catch (error) {
    // The starter is gone and will not read it.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

const settings = daemonSettings(process.argv[2], process.env);
try {
  await new Daemon(settings).start();
} catch (error) {
  if (!(error instanceof NetError)) throw error;
  report(settings, `failed ${error.message}`);
  process.exitCode = 1;
}
