import { EAGAIN, EBADF, EPIPE } from '../../base/errno.js';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, type Socket } from '../../net/core/socket.js';
import type { Connection } from '../connection.js';

/** What a number of the script's stands for: an open file. Reads and writes never block: -EAGAIN. */
export abstract class Descriptor {
  nonblocking = false;
  /** FD_CLOEXEC */
  closeOnExec = false;

  /** POLL* events that are true now. */
  abstract poll(): number;
  abstract close(): void;

  read(_into: Uint8Array, _flags: number): number {
    return -EBADF;
  }

  write(_bytes: Uint8Array, _flags: number): number {
    return -EBADF;
  }
}

export class SocketDescriptor extends Descriptor {
  readonly socket: Socket;
  connection: Connection | null;
  closed = false;
  readonly #listeners = new Set<() => void>();

  constructor(socket: Socket, connection: Connection | null) {
    super();
    this.socket = socket;
    this.connection = connection;
  }

  /** Told when poll() may have got new events; returns how to end it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.socket.onReady = () => {
      for (const one of this.#listeners) one();
    };
    return () => this.#listeners.delete(listener);
  }

  poll(): number {
    return this.socket.poll();
  }

  close(): void {
    this.closed = true;
    this.socket.close();
  }

  override read(into: Uint8Array, flags: number): number {
    return this.socket.receive(into, 0, into.length, flags, null);
  }

  override write(bytes: Uint8Array, flags: number): number {
    return this.socket.send(bytes, 0, bytes.length, flags, null);
  }
}

/** Linux's default capacity: sixteen pages. */
const PIPE_BYTES = 65_536;

/** What both ends of a pipe share. */
class PipeBuffer {
  bytes: Uint8Array = new Uint8Array(0);
  readers = 1;
  writers = 1;
}

export class PipeEnd extends Descriptor {
  readonly #buffer: PipeBuffer;
  readonly #reads: boolean;

  private constructor(buffer: PipeBuffer, reads: boolean) {
    super();
    this.#buffer = buffer;
    this.#reads = reads;
  }

  static pair(): readonly [PipeEnd, PipeEnd] {
    const buffer = new PipeBuffer();
    return [new PipeEnd(buffer, true), new PipeEnd(buffer, false)];
  }

  poll(): number {
    const { bytes, readers, writers } = this.#buffer;
    if (this.#reads) return (bytes.length > 0 ? POLLIN : 0) | (writers === 0 ? POLLHUP : 0);
    return (bytes.length < PIPE_BYTES ? POLLOUT : 0) | (readers === 0 ? POLLERR : 0);
  }

  override read(into: Uint8Array): number {
    if (!this.#reads) return -EBADF;
    const { bytes, writers } = this.#buffer;
    if (bytes.length === 0) return writers === 0 ? 0 : -EAGAIN;
    const count = Math.min(into.length, bytes.length);
    into.set(bytes.subarray(0, count));
    this.#buffer.bytes = bytes.slice(count);
    return count;
  }

  override write(more: Uint8Array): number {
    if (this.#reads) return -EBADF;
    const { bytes, readers } = this.#buffer;
    if (readers === 0) return -EPIPE;
    const count = Math.min(more.length, PIPE_BYTES - bytes.length);
    if (count === 0 && more.length > 0) return -EAGAIN;
    const whole = new Uint8Array(bytes.length + count);
    whole.set(bytes);
    whole.set(more.subarray(0, count), bytes.length);
    this.#buffer.bytes = whole;
    return count;
  }

  close(): void {
    if (this.#reads) this.#buffer.readers--;
    else this.#buffer.writers--;
  }
}

/** A file that was opened for reading. */
export class FileDescriptor extends Descriptor {
  readonly bytes: Uint8Array;
  position = 0;

  constructor(bytes: Uint8Array) {
    super();
    this.bytes = bytes;
  }

  poll(): number {
    return POLLIN | POLLOUT;
  }

  override read(into: Uint8Array): number {
    const count = Math.min(into.length, this.bytes.length - this.position);
    into.set(this.bytes.subarray(this.position, this.position + count));
    this.position += count;
    return count;
  }

  override write(bytes: Uint8Array): number {
    return bytes.length;
  }

  close(): void {
    // Nothing is held.
  }
}
