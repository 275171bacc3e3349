import { chmodSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { ByteStream, EventLoop, Listener, LoopWork, StreamHandler } from './event-loop.js';

/** setTimeout's longest time. */
const LONGEST_WAIT_MS = 0x7fff_ffff;

/** The loop where koffi does not load: libuv's. It serves the bus and the stack's timers; TAPs it cannot open. */
export class NodeLoop implements EventLoop {
  readonly frames = null;
  #deferred: (() => void)[] = [];
  #work: LoopWork | null = null;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #finish: (() => void) | null = null;
  #fail: ((error: unknown) => void) | null = null;
  readonly #closers = new Set<() => void>();
  #stopped = false;

  listen(path: string, accept: (stream: ByteStream) => void): Listener {
    const server = createServer((socket) => accept(new NodeStream(socket, (callback) => this.#enter(callback))));
    server.on('error', (error) => this.#fail?.(error));
    server.listen(path, () => chmodSync(path, 0o600));
    const close = () => {
      this.#closers.delete(close);
      server.close();
    };
    this.#closers.add(close);
    return { close };
  }

  defer(work: () => void): void {
    this.#deferred.push(work);
    this.#soon();
  }

  run(work: LoopWork): Promise<void> {
    this.#work = work;
    return new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
      if (this.#stopped) this.stop();
      else this.#soon();
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    for (const close of this.#closers) close();
    this.#finish?.();
  }

  /** Something happened: the callback, and then a round of work. */
  #enter(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#fail?.(error);
      return;
    }
    this.#soon();
  }

  #soon(): void {
    if (this.#stopped) return;
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined;
      this.#round();
    });
  }

  #round(): void {
    const work = this.#work;
    if (work === null || this.#stopped) return;
    clearTimeout(this.#timer);
    try {
      const deferred = this.#deferred;
      this.#deferred = [];
      for (const run of deferred) run();
      if (work.poll()) {
        this.#soon();
        return;
      }
    } catch (error) {
      this.#fail?.(error);
      return;
    }
    const deadline = work.nextDeadlineUs();
    if (deadline === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.ceil((deadline - work.clock.monotonicUs()) / 1000);
    this.#timer = setTimeout(() => this.#round(), Math.min(Math.max(waitMs, 0), LONGEST_WAIT_MS));
  }
}

class NodeStream implements ByteStream {
  /** libuv does not tell; the socket's mode lets only its owner and root in. */
  readonly peer = null;
  handler: StreamHandler | null = null;
  readonly #socket: Socket;

  constructor(socket: Socket, enter: (callback: () => void) => void) {
    this.#socket = socket;
    socket.on('data', (chunk) => enter(() => this.handler?.data(chunk)));
    socket.on('drain', () => enter(() => this.handler?.drained()));
    // 'close' follows every error, and is what the handler learns.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => enter(() => this.handler?.closed()));
  }

  get pending(): number {
    return this.#socket.writableLength;
  }

  takeDescriptor(): number {
    return -1;
  }

  write(bytes: Uint8Array): void {
    if (!this.#socket.destroyed && !this.#socket.writableEnded) this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
    this.#socket.destroySoon();
  }

  close(): void {
    this.#socket.destroy();
  }
}
