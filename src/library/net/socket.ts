import { Duplex } from 'node:stream';
import { EAFNOSUPPORT, EOPNOTSUPP } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { SHUT_WR, SOCK_STREAM, SOL_SOCKET, SOL_TCP, StackSocket } from '../../client/sockets.js';
import { type AddressInfo, addressBytes, addressInfo, checkPort, socketFamily } from '../addresses.js';
import { addressError, callError, codedError, notFound } from '../errors.js';
import type { NetHost } from '../host.js';

const SO_KEEPALIVE = 9;
const SO_LINGER = 13;
const TCP_NODELAY = 1;
const TCP_KEEPIDLE = 4;
const IP_TOS = 1;

export interface SocketOptions {
  readonly allowHalfOpen?: boolean | undefined;
  readonly highWaterMark?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type LookupFunction = (
  hostname: string,
  options: { readonly family?: number; readonly all?: boolean },
  callback: (error: Error | null, address: string, family?: number) => void,
) => void;

export interface ConnectOptions extends SocketOptions {
  readonly port: number | string;
  readonly host?: string | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly family?: number | undefined;
  readonly lookup?: LookupFunction | undefined;
  readonly noDelay?: boolean | undefined;
  readonly keepAlive?: boolean | undefined;
  readonly keepAliveInitialDelay?: number | undefined;
  readonly timeout?: number | undefined;
}

/** A connection that has been made, or is being: the stack's socket and both its names. */
export interface Established {
  readonly socket: StackSocket;
  readonly local: AddressInfo;
  readonly remote: AddressInfo;
}

/** A TCP connection of the stack, with the shape of Node's net.Socket. */
export class Socket extends Duplex {
  connecting = false;
  /** Milliseconds of inactivity after which 'timeout' is emitted. */
  timeout: number | undefined = undefined;
  bytesRead = 0;
  /** The server that accepted it. */
  server: object | null = null;
  readonly #host: NetHost;
  #held = false;
  #socket: StackSocket | null = null;
  #local: AddressInfo | null = null;
  #remote: AddressInfo | null = null;
  #reading = false;
  #sent = 0;
  #sending = 0;
  #cancelTimeout: (() => void) | null = null;
  #resetting = false;
  readonly #options = new Map<string, () => Promise<void>>();

  constructor(host: NetHost, options: SocketOptions = {}, established?: Established) {
    super({
      allowHalfOpen: options.allowHalfOpen === true,
      emitClose: false,
      autoDestroy: true,
      decodeStrings: true,
      ...(options.highWaterMark === undefined ? {} : { highWaterMark: options.highWaterMark }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    this.#host = host;
    if (established !== undefined) {
      this.#held = true;
      this.#establish(established);
    }
  }

  connect(options: ConnectOptions, listener?: () => void): this;
  connect(port: number | string, host?: string, listener?: () => void): this;
  connect(port: number | string, listener?: () => void): this;
  connect(...args: readonly unknown[]): this {
    const { options, listener } = connectArguments(args);
    if ('path' in options && options.path !== undefined)
      throw new NetError(EOPNOTSUPP, 'tapstack/net connects to addresses of the stack, not to paths');
    const port = checkPort(options.port);
    if (this.connecting || this.#socket !== null) throw codedError(Error, 'ERR_SOCKET_ALREADY_CONNECTED', 'Socket is already connected');
    if (listener !== undefined) this.once('connect', listener);
    this.connecting = true;
    if (options.noDelay === true) this.setNoDelay(true);
    if (options.keepAlive === true) this.setKeepAlive(true, options.keepAliveInitialDelay);
    if (options.timeout !== undefined) this.setTimeout(options.timeout);
    this.#touch();
    void this.#connect(options, port);
    return this;
  }

  async #connect(options: ConnectOptions, port: number): Promise<void> {
    let address = options.host ?? 'localhost';
    try {
      address = await this.#lookup(address, options);
      if (this.destroyed) return;
      const bytes = addressBytes(address);
      if (bytes === null) throw notFound(address);
      const calls = await this.#host.acquire();
      if (this.destroyed) return this.#host.release();
      this.#held = true;
      const socket = await StackSocket.open(calls, SOCK_STREAM, 0, socketFamily(bytes));
      this.#socket = socket;
      if (this.destroyed) {
        await socket.close();
        return;
      }
      await this.#bindLocal(socket, options, bytes.length);
      await socket.connect({ address: bytes, port });
      const local = addressInfo(await socket.localName());
      if (this.destroyed) return;
      this.#establish({ socket, local, remote: { address, family: bytes.length === 4 ? 'IPv4' : 'IPv6', port } });
    } catch (cause) {
      this.destroy(addressError('connect', cause, address, port));
      return;
    }
    this.emit('connect');
    this.emit('ready');
    // As Node does: an end or a reset is noticed although nobody reads.
    if (!this.isPaused()) this.read(0);
  }

  #lookup(host: string, options: ConnectOptions): Promise<string> {
    return new Promise((resolve, reject) => {
      if (addressBytes(host) !== null) return resolve(host);
      const done = (error: Error | null, address: string, family?: number) => {
        this.emit('lookup', error, address, family, host);
        if (error === null) resolve(address);
        else reject(error);
      };
      if (options.lookup !== undefined) options.lookup(host, { family: options.family ?? 0 }, done);
      else if (host === 'localhost' || host === '') done(null, options.family === 6 ? '::1' : '127.0.0.1', options.family === 6 ? 6 : 4);
      else done(notFound(host), '', 0);
    });
  }

  async #bindLocal(socket: StackSocket, options: ConnectOptions, bytes: number): Promise<void> {
    const { localAddress, localPort } = options;
    if (localAddress === undefined && localPort === undefined) return;
    const address = localAddress === undefined ? new Uint8Array(bytes) : addressBytes(localAddress);
    if (address === null || address.length !== bytes) throw new NetError(EAFNOSUPPORT);
    try {
      await socket.bind({ address, port: localPort ?? 0 });
    } catch (cause) {
      throw addressError('bind', cause, localAddress ?? '', localPort ?? 0);
    }
  }

  #establish({ socket, local, remote }: Established): void {
    this.connecting = false;
    this.#socket = socket;
    this.#local = local;
    this.#remote = remote;
    for (const apply of this.#options.values()) this.#apply(apply);
  }

  // Duplex: reading

  override _read(): void {
    if (this.connecting || this.#socket === null) {
      if (this.connecting) this.once('connect', () => this._read());
      return;
    }
    if (!this.#reading) void this.#readOn(this.#socket);
  }

  /** Receives until the reader has enough: the next receive is asked for only when it wants more. */
  async #readOn(socket: StackSocket): Promise<void> {
    this.#reading = true;
    try {
      for (;;) {
        const { data } = await socket.receive();
        if (this.destroyed) return;
        this.#touch();
        if (data.length === 0) {
          this.push(null);
          // As Node does: 'end' of an empty stream comes although nobody reads.
          this.read(0);
          return;
        }
        this.bytesRead += data.length;
        if (!this.push(data)) break;
      }
    } catch (cause) {
      this.destroy(callError('read', cause));
      return;
    }
    this.#reading = false;
  }

  // Duplex: writing

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#whenConnected(callback, (socket) => this.#sendAll(socket, [chunk], callback));
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], callback: (error?: Error | null) => void): void {
    this.#whenConnected(callback, (socket) =>
      this.#sendAll(
        socket,
        chunks.map(({ chunk }) => chunk),
        callback,
      ),
    );
  }

  override _final(callback: (error?: Error | null) => void): void {
    if (this.#socket === null && !this.connecting) return callback();
    this.#whenConnected(callback, (socket) => {
      socket.shutdown(SHUT_WR).then(
        () => callback(),
        (cause: unknown) => callback(callError('shutdown', cause)),
      );
    });
  }

  #whenConnected(callback: (error: Error) => void, run: (socket: StackSocket) => void): void {
    const closed = () =>
      callback(codedError(Error, 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION', 'Socket closed before the connection was established'));
    if (this.connecting) {
      this.once('connect', () => {
        this.off('close', closed);
        if (this.#socket !== null) run(this.#socket);
      });
      this.once('close', closed);
    } else if (this.#socket === null) callback(codedError(Error, 'ERR_SOCKET_CLOSED', 'Socket is closed'));
    else run(this.#socket);
  }

  #sendAll(socket: StackSocket, chunks: readonly Uint8Array[], callback: (error?: Error | null) => void): void {
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    this.#sending = bytes.length;
    this.#touch();
    socket.send(bytes).then(
      () => {
        this.#sending = 0;
        this.#sent += bytes.length;
        this.#touch();
        callback();
      },
      (cause: unknown) => callback(callError('write', cause)),
    );
  }

  // Ends

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.connecting = false;
    this.#cancelTimeout?.();
    this.#cancelTimeout = null;
    callback(error);
    this.#letGo().then(
      () => this.emit('close', error !== null),
      // The stack is gone, and the socket with it.
      () => this.emit('close', true),
    );
  }

  async #letGo(): Promise<void> {
    const socket = this.#socket;
    if (!this.#held || (socket === null && !this.destroyed)) return;
    this.#held = false;
    try {
      if (socket !== null && this.#resetting) await socket.setOption(SOL_SOCKET, SO_LINGER, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));
      if (socket !== null) await socket.close();
    } finally {
      this.#host.release();
    }
  }

  /** Ends the writing side once all is written, and destroys the socket then. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  /** Closes with a RST. */
  resetAndDestroy(): this {
    if (this.#socket === null && !this.connecting) {
      this.destroy(codedError(Error, 'ERR_SOCKET_CLOSED', 'Socket is closed'));
      return this;
    }
    this.#resetting = true;
    if (this.connecting) this.once('connect', () => this.destroy());
    else this.destroy();
    return this;
  }

  // Options

  setNoDelay(noDelay = true): this {
    return this.#option('noDelay', (socket) => socket.setOption(SOL_TCP, TCP_NODELAY, noDelay ? 1 : 0));
  }

  setKeepAlive(enable = false, initialDelayMs = 0): this {
    const seconds = Math.floor(initialDelayMs / 1000);
    return this.#option('keepAlive', async (socket) => {
      await socket.setOption(SOL_SOCKET, SO_KEEPALIVE, enable ? 1 : 0);
      if (enable && seconds > 0) await socket.setOption(SOL_TCP, TCP_KEEPIDLE, seconds);
    });
  }

  setTypeOfService(tos: number): this {
    return this.#option('tos', (socket) => socket.setOption(0, IP_TOS, tos));
  }

  /** Sets it now or as soon as there is a connection. */
  #option(name: string, set: (socket: StackSocket) => Promise<void>): this {
    const apply = () => (this.#socket === null ? Promise.resolve() : set(this.#socket));
    this.#options.set(name, apply);
    if (this.#socket !== null && !this.connecting) this.#apply(apply);
    return this;
  }

  /** As Node's own setters, which have no way to report an error, it leaves what cannot be set as it is. */
  #apply(apply: () => Promise<void>): void {
    apply().catch(() => undefined);
  }

  setTimeout(ms: number, listener?: () => void): this {
    this.timeout = ms;
    if (listener !== undefined) {
      if (ms === 0) this.off('timeout', listener);
      else this.once('timeout', listener);
    }
    this.#touch();
    return this;
  }

  /** Something has happened: inactivity counts from now. */
  #touch(): void {
    this.#cancelTimeout?.();
    this.#cancelTimeout = null;
    if (this.timeout === undefined || this.timeout === 0 || this.destroyed) return;
    this.#cancelTimeout = this.#host.after(this.timeout, () => this.emit('timeout'));
  }

  /** Here for Node's shape: what keeps a process alive is the connection to the stack, while there are sockets. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  // What it tells

  address(): AddressInfo | Record<string, never> {
    return this.#local ?? {};
  }

  get pending(): boolean {
    return this.#socket === null || this.connecting;
  }

  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    if (this.readable) return 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /** Bytes handed over so far, those too that wait to be sent. */
  get bytesWritten(): number {
    return this.#sent + this.#sending + Math.max(0, this.writableLength - this.#sending);
  }

  get bufferSize(): number {
    return this.writableLength;
  }

  get localAddress(): string | undefined {
    return this.#local?.address;
  }

  get localPort(): number | undefined {
    return this.#local?.port;
  }

  get localFamily(): string | undefined {
    return this.#local?.family;
  }

  get remoteAddress(): string | undefined {
    return this.destroyed ? undefined : this.#remote?.address;
  }

  get remotePort(): number | undefined {
    return this.destroyed ? undefined : this.#remote?.port;
  }

  get remoteFamily(): string | undefined {
    return this.destroyed ? undefined : this.#remote?.family;
  }
}

/** The arguments of connect() and createConnection(): (options | port, host?, listener?). */
export function connectArguments(args: readonly unknown[]): {
  readonly options: ConnectOptions & { readonly path?: string };
  readonly listener: (() => void) | undefined;
} {
  const last = args.at(-1);
  const listener = typeof last === 'function' ? (last as () => void) : undefined;
  const [first, second] = args;
  if (typeof first === 'object' && first !== null) return { options: first as ConnectOptions, listener };
  if (typeof first !== 'number' && typeof first !== 'string')
    throw codedError(TypeError, 'ERR_MISSING_ARGS', 'The "options" or "port" or "path" argument must be specified');
  return { options: { port: first, ...(typeof second === 'string' ? { host: second } : {}) }, listener };
}
