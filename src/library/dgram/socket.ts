import { EventEmitter } from 'node:events';
import { EINTR, EINVAL } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { SOCK_DGRAM, StackSocket } from '../../client/sockets.js';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../netlink/constants.js';
import { type AddressInfo, addressBytes, addressInfo, checkPort } from '../addresses.js';
import { addressError, callError, codedError, notFound } from '../errors.js';
import type { NetHost } from '../host.js';
import * as options from './options.js';

export type SocketType = 'udp4' | 'udp6';

export type LookupFunction = (
  hostname: string,
  options: { readonly family?: number; readonly all?: boolean },
  callback: (error: Error | null, address: string, family?: number) => void,
) => void;

export interface SocketOptions {
  readonly type: SocketType;
  readonly reuseAddr?: boolean | undefined;
  readonly reusePort?: boolean | undefined;
  readonly ipv6Only?: boolean | undefined;
  readonly recvBufferSize?: number | undefined;
  readonly sendBufferSize?: number | undefined;
  readonly lookup?: LookupFunction | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface BindOptions {
  readonly port?: number | undefined;
  readonly address?: string | undefined;
}

/** Whom a datagram came from, and its bytes. */
export interface RemoteInfo extends AddressInfo {
  readonly size: number;
}

type SendCallback = (error: Error | null, bytes: number) => void;
type Message = string | Uint8Array | DataView | readonly (string | Uint8Array)[];

const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SOL_SOCKET = 1;

function bytesOf(message: Message): Uint8Array {
  if (typeof message === 'string') return Buffer.from(message);
  if (message instanceof Uint8Array) return message;
  if (message instanceof DataView) return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
  return Buffer.concat(message.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

/** A UDP socket of the stack, with the shape of Node's dgram.Socket. */
export class Socket extends EventEmitter {
  readonly type: SocketType;
  readonly #host: NetHost;
  readonly #options: SocketOptions;
  readonly #family: number;
  /** What has been asked for is done one after the other, bind before send. */
  #queue: Promise<void> = Promise.resolve();
  #socket: StackSocket | null = null;
  #binding = false;
  #closed = false;
  #local: AddressInfo | null = null;
  #remote: AddressInfo | null = null;
  #connecting = false;
  #stop = new AbortController();
  #sendQueueBytes = 0;
  #sendQueueCount = 0;
  #buffers = { receive: 0, send: 0 };

  constructor(host: NetHost, given: SocketType | SocketOptions, listener?: (message: Buffer, remote: RemoteInfo) => void) {
    super();
    this.#options = typeof given === 'string' ? { type: given } : given;
    const { type } = this.#options;
    if (type !== 'udp4' && type !== 'udp6')
      throw codedError(TypeError, 'ERR_SOCKET_BAD_TYPE', 'Bad socket type specified. Valid types are: udp4, udp6');
    this.type = type;
    this.#family = type === 'udp6' ? AF_INET6 : AF_INET;
    this.#host = host;
    if (listener !== undefined) this.on('message', listener);
    this.#options.signal?.addEventListener('abort', () => this.#closed || this.close(), { once: true });
  }

  // Names

  /** (port?, address?, listener?) or (options, listener?). */
  bind(...args: readonly unknown[]): this {
    this.#open();
    if (this.#binding) throw codedError(Error, 'ERR_SOCKET_ALREADY_BOUND', 'Socket is already bound');
    const listener = args.find((arg) => typeof arg === 'function') as (() => void) | undefined;
    const [first, second] = args;
    const given = typeof first === 'object' && first !== null ? (first as BindOptions) : null;
    const port = checkPort((given === null ? (typeof first === 'number' || typeof first === 'string' ? first : 0) : given.port) ?? 0);
    const address = given === null ? (typeof second === 'string' ? second : undefined) : given.address;
    if (listener !== undefined) this.once('listening', listener);
    this.#bindTo(address === undefined || address === '' ? this.#any : address, port);
    return this;
  }

  get #any(): string {
    return this.#family === AF_INET6 ? '::' : '0.0.0.0';
  }

  #bindTo(address: string, port: number): void {
    this.#binding = true;
    this.#next(
      async () => {
        const bytes = await this.#resolve(address);
        const socket = await this.#make();
        try {
          await socket.bind({ address: bytes, port });
        } catch (cause) {
          throw addressError('bind', cause, address, port);
        }
        this.#local = addressInfo(await socket.localName());
        await this.#readBuffers(socket);
        this.emit('listening');
        void this.#receive(socket);
      },
      (error) => {
        this.#binding = false;
        this.emit('error', error);
      },
    );
  }

  async #make(): Promise<StackSocket> {
    const calls = await this.#host.acquire();
    let socket: StackSocket | null = null;
    try {
      socket = await StackSocket.open(calls, SOCK_DGRAM, 0, this.#family);
      const { reuseAddr, reusePort, ipv6Only, recvBufferSize, sendBufferSize } = this.#options;
      // As in Node: UDP sockets that share a port have SO_REUSEADDR.
      if (reuseAddr === true) await this.#set(socket, options.SO_REUSEADDR);
      if (reusePort === true) await this.#set(socket, options.SO_REUSEPORT);
      if (ipv6Only === true) await this.#set(socket, options.IPV6_V6ONLY);
      if (recvBufferSize !== undefined) await this.#set(socket, options.receiveBuffer(recvBufferSize));
      if (sendBufferSize !== undefined) await this.#set(socket, options.sendBuffer(sendBufferSize));
      this.#socket = socket;
      return socket;
    } catch (error) {
      try {
        await socket?.close();
      } finally {
        this.#host.release();
      }
      throw error;
    }
  }

  #set(socket: StackSocket, { level, option, value }: options.SocketOption): Promise<void> {
    return socket.setOption(level, option, value);
  }

  async #readBuffers(socket: StackSocket): Promise<void> {
    const size = async (option: number) => {
      const value = await socket.getOption(SOL_SOCKET, option);
      return new DataView(value.buffer, value.byteOffset).getInt32(0, true);
    };
    this.#buffers = { receive: await size(SO_RCVBUF), send: await size(SO_SNDBUF) };
  }

  #resolve(host: string): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const take = (address: string) => {
        const bytes = addressBytes(address);
        // A socket of IPv6 reaches IPv4's hosts by their mapped addresses.
        if (bytes === null || (bytes.length === 16 && this.#family === AF_INET)) reject(notFound(host));
        else resolve(bytes);
      };
      if (addressBytes(host) !== null) take(host);
      else if (this.#options.lookup !== undefined)
        this.#options.lookup(host, { family: this.#family === AF_INET6 ? 6 : 4 }, (error, address) =>
          error === null ? take(address) : reject(error),
        );
      else if (host === 'localhost') take(this.#family === AF_INET6 ? '::1' : '127.0.0.1');
      else reject(notFound(host));
    });
  }

  /** (port, address?, callback?) */
  connect(port: number, ...rest: readonly unknown[]): void {
    this.#open();
    const to = checkPort(port, 'Port', 1);
    if (this.#remote !== null || this.#connecting) throw codedError(Error, 'ERR_SOCKET_DGRAM_IS_CONNECTED', 'Already connected');
    const address = typeof rest[0] === 'string' && rest[0] !== '' ? rest[0] : this.#here;
    const callback = rest.find((arg) => typeof arg === 'function') as ((error?: Error) => void) | undefined;
    this.#connecting = true;
    if (!this.#binding) this.#bindTo(this.#any, 0);
    this.#next(
      async () => {
        const socket = this.#running();
        const bytes = await this.#resolve(address);
        try {
          await socket.connect({ address: bytes, port: to });
        } catch (cause) {
          throw addressError('connect', cause, address, to);
        }
        this.#remote = addressInfo(await socket.remoteName());
        this.#local = addressInfo(await socket.localName());
        this.#connecting = false;
        if (callback !== undefined) this.once('connect', callback);
        this.emit('connect');
      },
      (error) => {
        this.#connecting = false;
        if (callback === undefined) this.emit('error', error);
        else callback(error);
      },
    );
  }

  get #here(): string {
    return this.#family === AF_INET6 ? '::1' : '127.0.0.1';
  }

  disconnect(): void {
    this.#open();
    if (this.#remote === null) throw codedError(Error, 'ERR_SOCKET_DGRAM_NOT_CONNECTED', 'Not connected');
    this.#remote = null;
    this.#later((socket) => socket.connect({ family: AF_UNSPEC, address: new Uint8Array(0), port: 0 }));
  }

  address(): AddressInfo {
    this.#open();
    if (this.#local === null) throw callError('getsockname', new NetError(EINVAL));
    return this.#local;
  }

  remoteAddress(): AddressInfo {
    this.#open();
    if (this.#remote === null) throw codedError(Error, 'ERR_SOCKET_DGRAM_NOT_CONNECTED', 'Not connected');
    return this.#remote;
  }

  // Datagrams

  /** (message, [offset, length,] [port [, address]] [, callback]) */
  send(message: Message, ...rest: readonly unknown[]): void {
    this.#open();
    const callback = rest.find((arg) => typeof arg === 'function') as SendCallback | undefined;
    const words = rest.filter((arg) => typeof arg !== 'function');
    const connected = this.#remote !== null || this.#connecting;
    const numbers = words.filter((word) => typeof word === 'number').length;
    let bytes = bytesOf(message);
    // Offset and length stand before a port, or, where there is a peer, alone.
    if (numbers >= (connected ? 2 : 3) || (numbers === 2 && typeof words[1] === 'number' && typeof words[2] === 'string')) {
      const [offset = 0, length = 0] = words.splice(0, 2) as number[];
      if (offset < 0 || offset > bytes.length)
        throw codedError(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"offset" is outside of buffer bounds');
      if (length < 0 || offset + length > bytes.length)
        throw codedError(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"length" is outside of buffer bounds');
      bytes = bytes.subarray(offset, offset + length);
    }
    if (connected && words.length > 0 && words[0] !== undefined)
      throw codedError(Error, 'ERR_SOCKET_DGRAM_IS_CONNECTED', 'Already connected');
    const port = connected ? 0 : checkPort(words[0], 'Port', 1);
    const address = typeof words[1] === 'string' && words[1] !== '' ? words[1] : this.#here;
    if (!this.#binding) this.#bindTo(this.#any, 0);
    this.#sendQueueBytes += bytes.length;
    this.#sendQueueCount++;
    // The caller may change its buffer before the datagram is sent.
    this.#next(
      () => this.#send(bytes.slice(), connected ? null : { address, port }, callback),
      (error) => {
        if (callback === undefined) this.emit('error', error);
        else callback(error, 0);
      },
    );
  }

  async #send(
    bytes: Uint8Array,
    to: { readonly address: string; readonly port: number } | null,
    callback: SendCallback | undefined,
  ): Promise<void> {
    try {
      const endpoint = to === null ? null : { address: await this.#resolve(to.address), port: to.port };
      const sent = await this.#running().send(bytes, endpoint === null ? {} : { to: endpoint });
      callback?.(null, sent);
    } catch (cause) {
      const { address, port } = to ?? this.#remote ?? { address: '', port: 0 };
      throw addressError('send', cause, address, port);
    } finally {
      this.#sendQueueBytes -= bytes.length;
      this.#sendQueueCount--;
    }
  }

  async #receive(socket: StackSocket): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const { data, from } = await socket.receive({ signal });
        if (signal.aborted) return;
        if (from !== null)
          this.emit('message', Buffer.from(data.buffer, data.byteOffset, data.length), { ...addressInfo(from), size: data.length });
      } catch (cause) {
        if (signal.aborted || (cause instanceof NetError && cause.errno === EINTR)) return;
        this.emit('error', callError('recvmsg', cause));
        // What an ICMP error said is over; that the stack has gone is not.
        if (!(cause instanceof NetError) || cause.code === 'ECONNRESET') return;
      }
    }
  }

  getSendQueueSize(): number {
    return this.#sendQueueBytes;
  }

  getSendQueueCount(): number {
    return this.#sendQueueCount;
  }

  // Options

  setBroadcast(on: boolean): void {
    this.#option(options.broadcast(on));
  }

  setTTL(hops: number): number {
    this.#option(options.ttl(this.#family, hops));
    return hops;
  }

  setMulticastTTL(hops: number): number {
    this.#option(options.multicastTtl(this.#family, hops));
    return hops;
  }

  setMulticastLoopback(on: boolean): boolean {
    this.#option(options.multicastLoopback(this.#family, on));
    return on;
  }

  setMulticastInterface(device: string): void {
    this.#option(options.multicastInterface(this.#family, device), 'setMulticastInterface');
  }

  addMembership(group: string, device?: string): void {
    this.#option(options.membership(true, group, device), 'addMembership');
  }

  dropMembership(group: string, device?: string): void {
    this.#option(options.membership(false, group, device), 'dropMembership');
  }

  addSourceSpecificMembership(source: string, group: string, device?: string): void {
    this.#option(options.sourceMembership(true, source, group, device), 'addSourceSpecificMembership');
  }

  dropSourceSpecificMembership(source: string, group: string, device?: string): void {
    this.#option(options.sourceMembership(false, source, group, device), 'dropSourceSpecificMembership');
  }

  setRecvBufferSize(size: number): void {
    this.#option(options.receiveBuffer(size));
  }

  setSendBufferSize(size: number): void {
    this.#option(options.sendBuffer(size));
  }

  /** As the stack last told: a change shows once it has been made there. */
  getRecvBufferSize(): number {
    return this.#buffers.receive;
  }

  getSendBufferSize(): number {
    return this.#buffers.send;
  }

  /** Null: what was given is no address. Node binds a socket whose options are set first. */
  #option(option: options.SocketOption | null, syscall = 'setsockopt'): void {
    this.#open();
    if (option === null) throw callError(syscall, new NetError(EINVAL));
    if (!this.#binding) this.#bindTo(this.#any, 0);
    this.#later(async (socket) => {
      try {
        await this.#set(socket, option);
      } catch (cause) {
        throw callError(syscall, cause);
      }
      await this.#readBuffers(socket);
    });
  }

  // Ends

  close(callback?: () => void): this {
    this.#open();
    if (callback !== undefined) this.once('close', callback);
    this.#closed = true;
    this.#queue = this.#queue.then(async () => {
      this.#stop.abort();
      const socket = this.#socket;
      this.#socket = null;
      if (socket !== null) {
        try {
          await socket.close();
        } catch (error) {
          // With the stack gone the socket is closed too.
          if (!(error instanceof NetError)) throw error;
        }
        this.#host.release();
      }
      this.emit('close');
    });
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((resolve) => this.close(resolve));
  }

  /** Here for Node's shape: what keeps a process alive is the connection to the stack, while there are sockets. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #open(): void {
    if (this.#closed) throw codedError(Error, 'ERR_SOCKET_DGRAM_NOT_RUNNING', 'Not running');
  }

  #running(): StackSocket {
    if (this.#socket === null) throw codedError(Error, 'ERR_SOCKET_DGRAM_NOT_RUNNING', 'Not running');
    return this.#socket;
  }

  /** Does `run` when all before it is done; `failed` is told what it threw. */
  #next(run: () => Promise<void>, failed: (error: Error) => void): void {
    this.#queue = this.#queue.then(run).catch((error: unknown) => {
      const reason = error instanceof Error ? error : new Error(String(error));
      // Out of the chain, so that what a listener throws is not taken for a failure of the next call.
      process.nextTick(failed, reason);
    });
  }

  #later(run: (socket: StackSocket) => Promise<void>): void {
    this.#next(
      () => run(this.#running()),
      (error) => this.emit('error', error),
    );
  }
}
