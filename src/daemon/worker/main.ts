import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, Socket } from 'node:net';
import { type Libc, loadLibc } from '../../host/libc.js';
import { commandModules } from '../../library/commands.js';
import { equalPeer, ownStanding } from './peer.js';
import { WorkerSession } from './session.js';

/** The daemon's end of this pipe closes with the daemon. */
const DAEMON_FD = 3;
/** A worker that nobody has asked for so long ends; the next client gets a new one. */
const IDLE_MS = 300_000;
/** Resident bytes at which a worker takes no more clients and ends with its last one, so that none grows without bound. */
const MEMORY_BOUND = 384 << 20;
const MEMORY_LOOK_MS = 1000;
const STATUS_DEFECT = 70;

/**
 * The warm command worker: a process apart from the stack that runs the commands of any number of native clients at a time. It
 * serves those whose files, rights and namespaces are its own.
 */
class CommandWorker {
  readonly #libc: Libc;
  readonly #own = ownStanding();
  readonly #sessions = new Set<WorkerSession>();
  readonly #server: Server;
  readonly #daemon = new Socket({ fd: DAEMON_FD });
  #retired = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#daemon.on('close', () => process.exit()).on('error', () => process.exit());
    this.#daemon.resume();
    process.on('uncaughtException', (error) => this.#defect(error));
  }

  listen(path: string): void {
    rmSync(path, { force: true });
    this.#server.listen(path, () => {
      chmodSync(path, 0o600);
      this.#daemon.write('ready\n');
    });
    setInterval(() => {
      if (process.memoryUsage.rss() > MEMORY_BOUND) this.#retire('has grown too large');
    }, MEMORY_LOOK_MS).unref();
    this.#rest();
  }

  #accept(socket: Socket): void {
    const pid = equalPeer(this.#libc, descriptorOf(socket), this.#own);
    const session = new WorkerSession(socket, {
      pid: pid ?? 0,
      find: (name) => (Object.hasOwn(commandModules, name) ? commandModules[name]!().then(({ command }) => command) : undefined),
      suits: (variables) => pid !== null && variables['TZ'] === process.env['TZ'],
      ended: () => {
        this.#sessions.delete(session);
        if (this.#sessions.size === 0) this.#rest();
      },
    });
    this.#sessions.add(session);
    clearTimeout(this.#idle);
  }

  #rest(): void {
    if (this.#retired) process.exit();
    this.#idle = setTimeout(() => process.exit(), IDLE_MS);
  }

  /** Takes no more clients, and ends with the last one. */
  #retire(why: string): void {
    if (this.#retired) return;
    this.#retired = true;
    process.stderr.write(`${new Date().toISOString()} the command worker ${process.pid} ${why}: another takes its place\n`);
    this.#server.close();
    this.#daemon.write('retired\n');
    if (this.#sessions.size === 0) process.exit();
  }

  /** An exception that no command caught: whose it is cannot be told, so all clients hear of it. */
  #defect(error: Error): void {
    const text = error.stack ?? error.message;
    process.stderr.write(`${new Date().toISOString()} the command worker ${process.pid} failed: ${text}\n`);
    for (const session of this.#sessions) session.fail(`${session.name}: the command worker failed: ${text}\n`, STATUS_DEFECT);
    process.exitCode = STATUS_DEFECT;
    this.#retire('ends');
    setTimeout(() => process.exit(), MEMORY_LOOK_MS).unref();
  }
}

/** Node has no other door to a socket's descriptor. */
const descriptorOf = (socket: Socket) => (socket as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;

const libc = await loadLibc();
if (libc === null) process.exit(1);
// Clients have umasks of their own.
process.umask(0);
new CommandWorker(libc).listen(process.argv[2]!);
