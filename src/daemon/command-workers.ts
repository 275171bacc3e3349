import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, readlinkSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPeer } from '../host/epoll-stream.js';
import type { Libc } from '../host/libc.js';

/** Mount namespaces with a worker of their own at most; clients of others run the Node launcher. */
const WORKERS = 8;
/** How long a worker may take to come up. */
const START_LIMIT_MS = 5000;
/** After a worker that did not come up or crashed, the next in its namespace is started so much later. */
const PAUSE_MS = 10_000;
/** Heap of a worker in MB: one that needs more crashes, and its clients say so. */
const HEAP_MB = 1024;

interface CommandWorker {
  readonly child: ChildProcess;
  readonly socket: string;
  state: 'starting' | 'ready' | 'retired';
  /** Clients that asked for it, to be told when it listens. */
  readonly waiting: Set<Socket>;
}

/**
 * Starts command workers, one a mount namespace, when the first native client asks: the client's request itself goes to the
 * worker's own socket, FOLDER/commands-NUMBER.
 */
export class CommandWorkers {
  readonly #libc: Libc;
  readonly #folder: string;
  readonly #server: Server;
  /** By mount namespace, "mnt:[4026531841]". */
  readonly #workers = new Map<string, CommandWorker>();
  readonly #pausedUntil = new Map<string, number>();

  constructor(libc: Libc, folder: string) {
    this.#libc = libc;
    this.#folder = folder;
    this.#server = createServer((socket) => this.#asked(socket));
  }

  listen(): void {
    const path = join(this.#folder, 'commands');
    rmSync(path, { force: true });
    this.#server.listen(path, () => chmodSync(path, 0o600));
    this.#server.on('error', (error) => process.stderr.write(`tapstackd: no command worker: ${error.message}\n`));
  }

  close(): void {
    this.#server.close();
    for (const { child } of this.#workers.values()) child.kill('SIGKILL');
  }

  #asked(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const worker = this.#workerFor(socket);
    if (worker === null) socket.destroy();
    else if (worker.state === 'ready') socket.end('r');
    else {
      worker.waiting.add(socket);
      socket.on('close', () => worker.waiting.delete(socket));
      socket.resume();
    }
  }

  #workerFor(socket: Socket): CommandWorker | null {
    // Node has no other door to a socket's descriptor.
    const { fd } = (socket as unknown as { readonly _handle: { readonly fd: number } })._handle;
    const { pid, uid } = readPeer(this.#libc, fd);
    const namespace = namespaceOf(pid, 'mnt');
    if (uid !== process.geteuid!() || namespace === null) return null;
    const present = this.#workers.get(namespace);
    if (present !== undefined && present.state !== 'retired') return present;
    if (this.#workers.size >= WORKERS || (this.#pausedUntil.get(namespace) ?? 0) > performance.now()) return null;
    return this.#start(namespace, pid);
  }

  #start(namespace: string, pid: number): CommandWorker {
    const socket = join(this.#folder, `commands-${namespace.replace(/\D/g, '')}`);
    const node = [process.execPath, `--max-old-space-size=${HEAP_MB}`, fileURLToPath(new URL('./worker/main.js', import.meta.url)), socket];
    const [file = '', ...words] = [...entering(pid, namespace), ...node];
    const child = spawn(file, words, { cwd: '/', stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
    const worker: CommandWorker = { child, socket, state: 'starting', waiting: new Set() };
    this.#workers.set(namespace, worker);
    const limit = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
    const pipe = child.stdio[3] as Socket;
    pipe.on('error', () => pipe.destroy());
    pipe.on('data', (text: Buffer) => {
      if (text.includes('ready')) {
        clearTimeout(limit);
        worker.state = 'ready';
        for (const client of worker.waiting) client.end('r');
      }
      // It lives on until its last client is served, beside the next one.
      if (text.includes('retired')) this.#drop(namespace, worker);
    });
    const ended = (how: string) => {
      clearTimeout(limit);
      for (const client of worker.waiting) client.destroy();
      if (worker.state !== 'ready' || child.signalCode !== null || child.exitCode !== 0) {
        if (worker.state !== 'retired') process.stderr.write(`${new Date().toISOString()} tapstackd: the command worker ${how}\n`);
        this.#pausedUntil.set(namespace, performance.now() + PAUSE_MS);
      }
      if (worker.state !== 'retired') rmSync(socket, { force: true });
      this.#drop(namespace, worker);
    };
    child.on('error', (error) => ended(`did not start: ${error.message}`));
    child.on('exit', (code, signal) => ended(`${child.pid} ended (${signal ?? `status ${code}`})`));
    return worker;
  }

  #drop(namespace: string, worker: CommandWorker): void {
    worker.state = 'retired';
    if (this.#workers.get(namespace) === worker) this.#workers.delete(namespace);
  }
}

/** How a program gets into the mount namespace of process `pid`; nothing where it is the daemon's own. */
function entering(pid: number, namespace: string): readonly string[] {
  if (namespace === namespaceOf('self', 'mnt')) return [];
  const user = namespaceOf(pid, 'user');
  const users = user === namespaceOf('self', 'user') ? [] : ['--user', '--preserve-credentials'];
  return ['nsenter', `--target=${pid}`, ...users, '--mount', '--wd=/', '--'];
}

function namespaceOf(pid: number | 'self', kind: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    // The client has gone, or is not one that may be looked at.
    return null;
  }
}
