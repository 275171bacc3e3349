import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { NetError } from '../../base/net-error.js';
import { busTransport } from '../../client/bus.js';
import type { Command, CommandEnvironment } from '../../client/command.js';
import { HostFiles } from '../../client/host-files.js';
import { type CommandRun, failureStatus, nowUs, runCommand, sleepUs } from '../../client/run-command.js';
import type { Transport } from '../../client/transport.js';
import {
  FRAME_ACCEPTED,
  FRAME_BROKEN,
  FRAME_CATCH,
  FRAME_EXIT,
  FRAME_INPUT,
  FRAME_OUTPUT,
  FRAME_REFUSED,
  FRAME_RELEASE,
  FRAME_REQUEST,
  FRAME_SIGNAL,
  FRAME_SIZE,
  FRAME_SPAWNED,
  parseRequest,
  type WorkerFrame,
  WorkerFrameReader,
  type WorkerRequest,
  workerFrame,
} from '../../client/worker-frames.js';
import { ClientInput, ClientOutput, type FrameSink } from './client-io.js';
import { ClientPrograms } from './client-programs.js';

type SignalName = 'SIGINT' | 'SIGQUIT' | 'SIGUSR1' | 'SIGTERM';

/** How long a client is left without a word on whether its command runs. */
const ACCEPT_MS = 200;
/** Why things are aborted. Without a reason, each time makes an exception with a stack. */
const GONE = 'SIGHUP';

export interface SessionOptions {
  /** The client's process. */
  readonly pid: number;
  /** Finds a command by the name it was called; undefined: there is none. */
  readonly find: (name: string) => Promise<Command> | undefined;
  /** Whether a client with these variables gets the same results here as from a process of its own. */
  readonly suits: (variables: Readonly<Record<string, string | undefined>>) => boolean;
  readonly ended: () => void;
}

/** One client: a request, the command's conversation with its caller, an exit status. A client that goes ends its command. */
export class WorkerSession implements FrameSink {
  readonly #socket: Socket;
  readonly #options: SessionOptions;
  readonly #reader = new WorkerFrameReader();
  /** Aborted when the client has gone, or the command has ended: all that the command had opened is closed. */
  readonly #released = new AbortController();
  /** Aborted when the client has gone. */
  readonly #cancelled = new AbortController();
  readonly #handlers = new Map<number, Set<() => void>>();
  #run: SessionRun | null = null;
  #brokenHeard = 0;
  #corked = false;
  #exited = false;
  #accepting: NodeJS.Timeout | undefined;

  constructor(socket: Socket, options: SessionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', (chunk: Buffer) => {
      if (!this.#reader.push(chunk, (frame) => this.#take(frame))) socket.destroy();
    });
    // The client was killed with output on its way: 'close' comes next.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  get gone(): boolean {
    return this.#socket.destroyed;
  }

  /** What a turn of the loop sends goes out as one. */
  send(frame: Buffer): boolean {
    if (this.gone) return true;
    clearTimeout(this.#accepting);
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    return this.#socket.write(frame);
  }

  drained(): Promise<void> {
    return new Promise((resolve) => this.#socket.once('drain', resolve));
  }

  /** Ends the command and its client, who hears why. */
  fail(text: string, status: number): void {
    this.#complain(text);
    this.send(workerFrame(FRAME_EXIT, status, this.#brokenHeard));
    this.#cancelled.abort(GONE);
    this.#released.abort(GONE);
  }

  get name(): string {
    return this.#run?.request.name ?? 'a client that has not asked yet';
  }

  #take(frame: WorkerFrame): void {
    if (this.#run === null) {
      if (frame.type === FRAME_REQUEST) this.#start(frame.payload);
      else this.#socket.destroy();
      return;
    }
    const { stdin, stdout, stderr, programs } = this.#run;
    if (frame.type === FRAME_INPUT) stdin.take(frame);
    else if (frame.type === FRAME_SPAWNED) programs.take(frame);
    else if (frame.type === FRAME_SIGNAL) for (const handler of this.#handlers.get(frame.number) ?? []) handler();
    else if (frame.type === FRAME_SIZE) stdout.columns = stderr.columns = frame.value;
    else if (frame.type === FRAME_BROKEN) this.#broken(frame.number === 1 ? stdout : stderr, frame.value);
  }

  #start(payload: Buffer): void {
    const request = parseRequest(payload);
    const command = request !== null && this.#options.suits(request.variables) ? this.#options.find(request.name) : undefined;
    if (request === null || command === undefined) {
      this.send(workerFrame(FRAME_REFUSED));
      this.#socket.end();
      return;
    }
    const columns = request.columns || 80;
    const [input, output, error] = request.isTerminal;
    this.#run = {
      request,
      stdin: new ClientInput(this, input),
      stdout: new ClientOutput(this, 1, output, output ? columns : 80),
      stderr: new ClientOutput(this, 2, error, error ? columns : 80),
      programs: new ClientPrograms(this, request, this.#options.pid),
    };
    // What the command says soon says this too.
    this.#accepting = setTimeout(() => this.send(workerFrame(FRAME_ACCEPTED)), ACCEPT_MS);
    void this.#execute(command, this.#run);
  }

  async #execute(loading: Promise<Command>, run: SessionRun): Promise<void> {
    const { request } = run;
    const status = await runCommand({
      name: request.name,
      command: await loading,
      argv: request.argv,
      io: this.#io(run),
      environment: new WorkerEnvironment(request, this.#options.pid, this.#released.signal),
      complain: (text) => this.#complain(text),
    });
    this.#exited = true;
    this.#released.abort(GONE);
    this.send(workerFrame(FRAME_EXIT, status & 0xff, this.#brokenHeard));
  }

  #io({ request, stdin, stdout, stderr, programs }: SessionRun): CommandRun['io'] {
    const cancelled = this.#cancelled.signal;
    return {
      stdin,
      stdout,
      stderr,
      files: new HostFiles(request.cwd, { pid: this.#options.pid, umask: request.umask, signal: cancelled }),
      processes: programs,
      signal: cancelled,
      onSignal: (name, handler) => this.#onSignal(name, handler),
      sleepUs: (us, signal) => (cancelled.aborted ? new Promise(() => undefined) : sleepUs(us, signal)),
      nowUs,
    };
  }

  /** The client catches a signal as long as somebody here wants it; otherwise it ends the client, and so the command. */
  #onSignal(name: SignalName, handler: () => void): () => void {
    const number = constants.signals[name];
    const handlers = this.#handlers.get(number) ?? new Set();
    this.#handlers.set(number, handlers);
    if (handlers.size === 0) this.send(workerFrame(FRAME_CATCH, number));
    handlers.add(handler);
    return () => {
      if (handlers.delete(handler) && handlers.size === 0) this.send(workerFrame(FRAME_RELEASE, number));
    };
  }

  /** As the launcher, which learns of it at the write itself: the command ends with it, even where it thought it had ended well. */
  #broken(output: ClientOutput, errno: number): void {
    this.#brokenHeard++;
    output.break(errno);
    if (!this.#exited) return;
    const status = failureStatus(new NetError(errno), { name: this.name, complain: (text) => this.#complain(text) });
    this.send(workerFrame(FRAME_EXIT, status, this.#brokenHeard));
  }

  #complain(text: string): void {
    this.send(workerFrame(FRAME_OUTPUT, 2, 0, Buffer.from(text)));
  }

  #closed(): void {
    clearTimeout(this.#accepting);
    this.#cancelled.abort(GONE);
    this.#released.abort(GONE);
    this.#options.ended();
  }
}

interface SessionRun {
  readonly request: WorkerRequest;
  readonly stdin: ClientInput;
  readonly stdout: ClientOutput;
  readonly stderr: ClientOutput;
  readonly programs: ClientPrograms;
}

class WorkerEnvironment implements CommandEnvironment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly #transport: Transport;

  constructor(request: WorkerRequest, pid: number, signal: AbortSignal) {
    this.variables = request.variables;
    this.#transport = busTransport(request.variables, { pid, signal });
  }

  transport(): Promise<Transport> {
    return Promise.resolve(this.#transport);
  }
}
