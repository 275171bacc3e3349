import { EBADF } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { InputPort } from '../../client/command.js';
import type { FlushedOutput } from '../../client/run-command.js';
import { FRAME_OUTPUT, FRAME_READ, type WorkerFrame, workerFrame } from '../../client/worker-frames.js';

/** Bytes of one frame at most, so that what a client has to hold is bounded. */
const PIECE = 1 << 16;

/** What a command that its client has left gets: no answer any more. */
const never = () => new Promise<never>(() => undefined);

/** The way to a client. */
export interface FrameSink {
  /** False: the client takes no more for now. */
  send(frame: Buffer): boolean;
  /** Resolves when the client takes more. */
  drained(): Promise<void>;
  readonly gone: boolean;
}

/** Standard output or error of a client, who writes what comes. */
export class ClientOutput implements FlushedOutput {
  readonly #sink: FrameSink;
  readonly #fd: 1 | 2;
  readonly isTerminal: boolean;
  columns: number;
  #brokenBy = 0;

  constructor(sink: FrameSink, fd: 1 | 2, isTerminal: boolean, columns: number) {
    this.#sink = sink;
    this.#fd = fd;
    this.isTerminal = isTerminal;
    this.columns = columns;
  }

  write(text: string | Uint8Array): Promise<void> | void {
    if (this.#sink.gone) return never();
    if (this.#brokenBy !== 0) throw new NetError(this.#brokenBy);
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    let taken = true;
    for (let at = 0; at < bytes.length; at += PIECE)
      taken = this.#sink.send(workerFrame(FRAME_OUTPUT, this.#fd, 0, bytes.subarray(at, at + PIECE)));
    return taken ? undefined : this.#sink.drained();
  }

  async flush(): Promise<void> {
    if (this.#brokenBy !== 0) throw new NetError(this.#brokenBy);
  }

  /** The client cannot write to it: the errno comes with the next write. */
  break(errno: number): void {
    this.#brokenBy = errno;
  }
}

/** Standard input of a client, who reads a piece whenever one is wanted. */
export class ClientInput implements InputPort {
  readonly #sink: FrameSink;
  readonly isTerminal: boolean;
  #arrived: ((frame: WorkerFrame) => void) | null = null;

  constructor(sink: FrameSink, isTerminal: boolean) {
    this.#sink = sink;
    this.isTerminal = isTerminal;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const { payload, value } = await this.#read();
      if (value !== 0) throw new NetError(value);
      if (payload.length === 0) return;
      yield payload;
    }
  }

  take(frame: WorkerFrame): void {
    const arrived = this.#arrived;
    this.#arrived = null;
    arrived?.(frame);
  }

  #read(): Promise<WorkerFrame> {
    if (this.#sink.gone) return never();
    if (this.#arrived !== null) throw new NetError(EBADF);
    return new Promise((resolve) => {
      this.#arrived = resolve;
      this.#sink.send(workerFrame(FRAME_READ));
    });
  }
}
