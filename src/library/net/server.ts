import { EventEmitter } from 'node:events';
import { EINTR, EOPNOTSUPP } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { SOCK_STREAM, SOL_SOCKET, type SocketEndpoint, StackSocket } from '../../client/sockets.js';
import { type AddressInfo, addressBytes, addressInfo, checkPort, socketFamily } from '../addresses.js';
import { callError, codedError, listenError, notFound } from '../errors.js';
import type { NetHost } from '../host.js';
import { Socket } from './socket.js';

const SO_REUSEADDR = 2;
/** What Node asks for. */
const BACKLOG = 511;

export interface ServerOptions {
  readonly allowHalfOpen?: boolean | undefined;
  /** Accepted sockets do not read until resume(). */
  readonly pauseOnConnect?: boolean | undefined;
  readonly noDelay?: boolean | undefined;
  readonly keepAlive?: boolean | undefined;
  readonly keepAliveInitialDelay?: number | undefined;
  readonly highWaterMark?: number | undefined;
}

export interface ListenOptions {
  readonly port?: number | string | undefined;
  readonly host?: string | undefined;
  readonly backlog?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A TCP server of the stack, with the shape of Node's net.Server. */
export class Server extends EventEmitter {
  listening = false;
  /** More than these are closed as they come, told by 'drop'. */
  maxConnections: number | undefined = undefined;
  readonly #host: NetHost;
  readonly #options: ServerOptions;
  readonly #connections = new Set<Socket>();
  #socket: StackSocket | null = null;
  #address: AddressInfo | null = null;
  #opening = false;
  #stop: AbortController | null = null;

  constructor(host: NetHost, options: ServerOptions = {}, listener?: (socket: Socket) => void) {
    super();
    this.#host = host;
    this.#options = options;
    if (listener !== undefined) this.on('connection', listener);
  }

  listen(options: ListenOptions, listener?: () => void): this;
  listen(port?: number | string, host?: string, backlog?: number, listener?: () => void): this;
  listen(port?: number | string, host?: string, listener?: () => void): this;
  listen(port?: number | string, listener?: () => void): this;
  listen(...args: readonly unknown[]): this {
    const { options, listener } = listenArguments(args);
    if (this.#opening || this.listening)
      throw codedError(Error, 'ERR_SERVER_ALREADY_LISTEN', 'Listen method has been called more than once without closing.');
    const port = checkPort(options.port ?? 0, 'options.port');
    if (listener !== undefined) this.once('listening', listener);
    options.signal?.addEventListener('abort', () => this.close(), { once: true });
    this.#opening = true;
    void this.#listen(options.host ?? '0.0.0.0', port, options.backlog ?? BACKLOG);
    return this;
  }

  async #listen(host: string, port: number, backlog: number): Promise<void> {
    const stop = new AbortController();
    this.#stop = stop;
    try {
      const address = addressBytes(host === 'localhost' ? '127.0.0.1' : host);
      if (address === null) throw notFound(host);
      const socket = await this.#open(address, port, backlog);
      this.#opening = false;
      this.#socket = socket;
      if (stop.signal.aborted) {
        await this.#shut();
        return;
      }
      this.listening = true;
      void this.#accept(socket, stop.signal);
    } catch (cause) {
      this.#opening = false;
      this.emit('error', listenError(cause, host, port));
      return;
    }
    this.emit('listening');
  }

  async #open(address: Uint8Array, port: number, backlog: number): Promise<StackSocket> {
    const calls = await this.#host.acquire();
    try {
      const socket = await StackSocket.open(calls, SOCK_STREAM, 0, socketFamily(address));
      try {
        await socket.setOption(SOL_SOCKET, SO_REUSEADDR, 1);
        await socket.bind({ address, port });
        await socket.listen(backlog);
        this.#address = addressInfo(await socket.localName());
        return socket;
      } catch (error) {
        await socket.close();
        throw error;
      }
    } catch (error) {
      this.#host.release();
      throw error;
    }
  }

  async #accept(listener: StackSocket, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let accepted: Awaited<ReturnType<StackSocket['accept']>>;
      try {
        accepted = await listener.accept(signal);
      } catch (cause) {
        if (signal.aborted || (cause instanceof NetError && cause.errno === EINTR)) return;
        this.emit('error', callError('accept', cause));
        return;
      }
      this.#take(accepted.socket, accepted.remote).catch((cause: unknown) => this.emit('error', callError('accept', cause)));
    }
  }

  /** A new connection: becomes a Socket, unless there are too many. */
  async #take(socket: StackSocket, endpoint: SocketEndpoint): Promise<void> {
    const remote = addressInfo(endpoint);
    const local = addressInfo(await socket.localName());
    if (this.maxConnections !== undefined && this.#connections.size >= this.maxConnections) {
      await socket.close();
      const { address: localAddress, port: localPort, family: localFamily } = local;
      const { address: remoteAddress, port: remotePort, family: remoteFamily } = remote;
      this.emit('drop', { localAddress, localPort, localFamily, remoteAddress, remotePort, remoteFamily });
      return;
    }
    await this.#host.acquire();
    const { allowHalfOpen, highWaterMark, noDelay, keepAlive, keepAliveInitialDelay, pauseOnConnect } = this.#options;
    const connection = new Socket(this.#host, { allowHalfOpen, highWaterMark }, { socket, local, remote });
    connection.server = this;
    if (noDelay === true) connection.setNoDelay(true);
    if (keepAlive === true) connection.setKeepAlive(true, keepAliveInitialDelay);
    this.#connections.add(connection);
    connection.once('close', () => {
      this.#connections.delete(connection);
      this.#closeIfDone();
    });
    if (pauseOnConnect === true) connection.pause();
    else connection.read(0);
    this.emit('connection', connection);
  }

  address(): AddressInfo | null {
    return this.#address;
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(callback, null, this.#connections.size);
    return this;
  }

  /** Takes no more connections; 'close' comes when those that are have ended. */
  close(callback?: (error?: Error) => void): this {
    if (callback !== undefined) {
      if (!this.listening && !this.#opening)
        this.once('close', () => callback(codedError(Error, 'ERR_SERVER_NOT_RUNNING', 'Server is not running.')));
      else this.once('close', () => callback());
    }
    this.listening = false;
    this.#stop?.abort();
    if (!this.#opening) void this.#shut().catch((cause: unknown) => this.emit('error', callError('close', cause)));
    return this;
  }

  async #shut(): Promise<void> {
    const socket = this.#socket;
    this.#socket = null;
    this.#address = null;
    if (socket !== null) {
      try {
        await socket.close();
      } finally {
        this.#host.release();
      }
    }
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.#socket !== null || this.#opening || this.listening || this.#connections.size > 0 || this.#stop === null) return;
    this.#stop = null;
    process.nextTick(() => this.emit('close'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.listening) return;
    await new Promise<void>((resolve, reject) => this.close((error) => (error === undefined ? resolve() : reject(error))));
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

function listenArguments(args: readonly unknown[]): { readonly options: ListenOptions; readonly listener: (() => void) | undefined } {
  const last = args.at(-1);
  const listener = typeof last === 'function' ? (last as () => void) : undefined;
  const [first, second, third] = args;
  if (typeof first === 'object' && first !== null) {
    if ('path' in first || 'fd' in first || '_handle' in first)
      throw new NetError(EOPNOTSUPP, 'tapstack/net listens on addresses of the stack, not on paths or file descriptors');
    return { options: first as ListenOptions, listener };
  }
  const backlog = [second, third].find((arg) => typeof arg === 'number');
  return {
    options: {
      port: typeof first === 'number' || typeof first === 'string' ? first : 0,
      ...(typeof second === 'string' ? { host: second } : {}),
      ...(typeof backlog === 'number' ? { backlog } : {}),
    },
    listener,
  };
}
