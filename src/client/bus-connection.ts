import { connect, type Socket } from 'node:net';
import { ECONNREFUSED, ECONNRESET, EINTR, ENOENT, ENOSYS, EPROTO, ETIMEDOUT } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import {
  BUS_MAJOR,
  BUS_MINOR,
  type ControlRequestFrame,
  controlFrame,
  type ErrorBody,
  FrameReader,
  type Hello,
  parseControl,
  type SocketRequestFrame,
} from './bus-frames.js';
import { ClientError } from './client-error.js';
import { hostError } from './host-error.js';

/** Nobody waits for a daemon longer than this: one that does not answer is as good as dead. */
export const ANSWER_LIMIT_MS = 10_000;
/** Bytes of unread datagrams at which the client stops reading, so that a slow command is a slow reader to the daemon too. */
const READ_AHEAD = 1 << 20;

export interface ServerHello {
  readonly portId: number;
  readonly version: string;
}

interface QueuedDatagram {
  readonly bytes: Uint8Array;
  readonly nsid: number | null;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: NetError) => void;
}

/** Nobody listens at the path, or nobody does any more: told apart from a daemon that answers and refuses. */
export class Unreachable extends NetError {}

/** ENOENT, ECONNREFUSED, ECONNRESET: there is no daemon. Anything else (EACCES) says itself what it is. */
export function isAbsent(error: unknown): error is Unreachable {
  return error instanceof Unreachable && [ENOENT, ECONNREFUSED, ECONNRESET].includes(error.errno);
}

/** The client's end of one bus connection, whatever it speaks after the hello. */
export class BusConnection {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #queue: (QueuedDatagram | NetError)[] = [];
  /** Of the datagram that comes next, and of the one given last. */
  #nextNsid: number | null = null;
  receivedNsid: number | null = null;
  #queuedBytes = 0;
  #waiting: (() => void) | null = null;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #corked = false;
  #failure: NetError | null = null;
  #hello: Pending | null = null;
  server: ServerHello = { portId: 0, version: '' };

  /** Connects and exchanges hellos. Throws NetError: ECONNREFUSED, ENOENT, EACCES of the path; what the daemon refuses with. */
  static async open(path: string, hello: Omit<Hello['hello'], 'major' | 'minor'>): Promise<BusConnection> {
    const socket = await connectTo(path);
    const connection = new BusConnection(socket);
    try {
      await connection.#greet({ hello: { pid: process.pid, ...hello, major: BUS_MAJOR, minor: BUS_MINOR } });
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(hostError(error)));
    socket.on('close', () => this.#fail(new NetError(ECONNRESET)));
  }

  /** Called when the connection is gone, for whatever reason. */
  onClosed: (() => void) | null = null;

  async #greet(hello: Hello): Promise<void> {
    const reply = this.#limited<unknown>((pending) => {
      this.#hello = pending;
      this.#socket.write(controlFrame(hello));
    });
    const { major, portId, version } = (await reply) as { major?: unknown; portId?: unknown; version?: unknown };
    if (major !== BUS_MAJOR) throw otherVersion(major);
    this.server = { portId: Number(portId), version: String(version) };
  }

  send(frame: Uint8Array): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    this.#cork();
    if (this.#socket.write(frame)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#socket.off('drain', done).off('close', done);
        resolve();
      };
      this.#socket.on('drain', done).on('close', done);
    });
  }

  /** The next datagram; NetErrors as NetlinkConnection.receive() has them. */
  async receive(signal?: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      const item = this.#queue.shift();
      if (item instanceof NetError) throw item;
      if (item !== undefined) {
        this.#queuedBytes -= item.bytes.length;
        if (this.#queuedBytes < READ_AHEAD && this.#socket.isPaused()) this.#socket.resume();
        this.receivedNsid = item.nsid;
        return item.bytes;
      }
      if (this.#failure !== null) throw this.#failure;
      if (signal?.aborted) throw new NetError(EINTR);
      await new Promise<void>((resolve) => {
        const wake = () => {
          signal?.removeEventListener('abort', wake);
          this.#waiting = null;
          resolve();
        };
        this.#waiting = wake;
        signal?.addEventListener('abort', wake, { once: true });
      });
    }
  }

  /** What one turn of the loop writes goes out as one. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#socket.uncork();
    });
  }

  /** A control request and its answer's result. `transmit` sends the frame where it takes more than a write. */
  request(body: Record<string, unknown>, limitMs = ANSWER_LIMIT_MS, transmit?: (frame: Uint8Array) => void): Promise<unknown> {
    const id = this.#nextId++;
    return this.#limited((pending) => {
      this.#pending.set(id, pending);
      const frame = controlFrame({ ...body, id } as SocketRequestFrame | ControlRequestFrame);
      if (transmit === undefined) {
        this.#cork();
        this.#socket.write(frame);
      } else transmit(frame);
    }, limitMs);
  }

  /** Number of the connection's descriptor in this process; -1: it is closed. */
  get descriptor(): number {
    return (this.#socket as unknown as { readonly _handle: { readonly fd: number } | null })._handle?.fd ?? -1;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Lets the process end although the connection is open. */
  unref(): void {
    this.#socket.unref();
  }

  #limited<T>(start: (pending: Pending) => void, limitMs = ANSWER_LIMIT_MS): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure);
      const timer = setTimeout(() => {
        this.#socket.destroy();
        reject(new ClientError(ETIMEDOUT, `the daemon did not answer within ${limitMs / 1000} seconds`));
      }, limitMs);
      start({
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result as T);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  #take(chunk: Uint8Array): void {
    const fine = this.#reader.push(
      chunk,
      {
        datagram: (payload) => {
          const copy = payload.slice();
          this.#queue.push({ bytes: copy, nsid: this.#nextNsid });
          this.#nextNsid = null;
          this.#queuedBytes += copy.length;
        },
        control: (payload) => this.#control(payload),
      },
      () => this.#failure !== null,
    );
    if (!fine) this.#fail(garbage());
    if (this.#queuedBytes >= READ_AHEAD) this.#socket.pause();
    if (this.#queue.length > 0) this.#waiting?.();
  }

  #control(payload: Uint8Array): void {
    const body = parseControl(payload);
    if (body === null) {
      this.#fail(garbage());
      return;
    }
    if (this.#hello !== null) {
      const hello = this.#hello;
      this.#hello = null;
      if (body['hello'] !== undefined) hello.resolve(body['hello']);
      else hello.reject(remoteError(body['error'] as ErrorBody | undefined));
      return;
    }
    if (typeof body['id'] === 'number') {
      const pending = this.#pending.get(body['id']);
      this.#pending.delete(body['id']);
      if (body['error'] === undefined) pending?.resolve(body['result']);
      else pending?.reject(remoteError(body['error'] as ErrorBody));
      return;
    }
    if (body['error'] !== undefined) this.#queue.push(remoteError(body['error'] as ErrorBody));
    else if (typeof body['nsid'] === 'number') this.#nextNsid = body['nsid'];
  }

  #fail(error: NetError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#socket.destroy();
    this.#hello?.reject(new Unreachable(error.errno));
    this.#hello = null;
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    this.#waiting?.();
    this.onClosed?.();
  }
}

function connectTo(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    // A captured program whose daemon was killed cannot so much as connect (ENOSYS).
    socket.once('error', (error) => {
      const { errno } = hostError(error);
      reject(new Unreachable(errno === ENOSYS ? ECONNREFUSED : errno));
    });
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

function remoteError(body: ErrorBody | undefined): NetError {
  if (typeof body?.errno !== 'number') return garbage();
  return body.text === undefined ? new NetError(body.errno) : new ClientError(body.errno, body.text);
}

const garbage = () => new ClientError(EPROTO, 'the daemon sent garbage');

export function otherVersion(major: unknown): ClientError {
  return new ClientError(
    EPROTO,
    `the daemon speaks version ${String(major)} of the bus, this command version ${BUS_MAJOR}: tapstack down && tapstack up`,
  );
}
