import { SocketCalls } from '../client/socket-calls.js';
import type { Transport } from '../client/transport.js';

/** Where a module's sockets live, and whose time their timeouts are of. */
export interface NetHostOptions {
  /** Found at first use. */
  readonly transport: () => Transport | Promise<Transport>;
  /** Name of a namespace of the stack; left out: the caller's own. */
  readonly namespace?: string | undefined;
  /** setTimeout() of the stack's clock, for socket.setTimeout(); returns how to cancel. Left out: real time. */
  readonly after?: (ms: number, run: () => void) => () => void;
}

/** The netlink socket that all sockets of a module share: opened with the first, closed with the last. */
export class NetHost {
  readonly after: (ms: number, run: () => void) => () => void;
  readonly #options: NetHostOptions;
  #calls: Promise<SocketCalls> | null = null;
  #users = 0;

  constructor(options: NetHostOptions) {
    this.#options = options;
    this.after = options.after ?? realTimer;
  }

  async acquire(): Promise<SocketCalls> {
    this.#users++;
    this.#calls ??= this.#open();
    const calls = this.#calls;
    try {
      return await calls;
    } catch (error) {
      this.#users--;
      if (this.#calls === calls) this.#calls = null;
      throw error;
    }
  }

  release(): void {
    if (--this.#users > 0) return;
    const calls = this.#calls;
    this.#calls = null;
    // One that could not be opened has been reported to who acquired it.
    calls?.then(
      (open) => open.close(),
      () => undefined,
    );
  }

  async #open(): Promise<SocketCalls> {
    return SocketCalls.open(await this.#options.transport(), this.#options.namespace);
  }
}

function realTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
}
