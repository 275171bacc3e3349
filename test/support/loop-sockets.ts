import { EADDRINUSE, EAGAIN, ECONNREFUSED, ENOPROTOOPT, EPIPE, EINVAL, EISCONN, EINPROGRESS, ENOTCONN } from '../../src/base/errno.js';
import type { Namespace } from '../../src/net/core/namespace.js';
import { POLLERR, POLLIN, POLLOUT, SOCK_STREAM, Socket, type SocketAddress, type SocketFamily } from '../../src/net/core/socket.js';
import { AF_INET } from '../../src/netlink/constants.js';

/** Bytes that a direction holds: small, so that senders have to wait. */
export const LOOP_BUFFER = 100_000;

/** A stream socket that reaches others of its kind without packets: what tests of everything above sockets need of TCP. */
export class LoopSocket extends Socket {
  static readonly listeners = new WeakMap<Namespace, Map<number, LoopSocket>>();
  peer: LoopSocket | null = null;
  readonly options = new Map<string, Uint8Array>();
  queue: Uint8Array[] = [];
  queued = 0;
  ended = false;
  backlog: LoopSocket[] | null = null;
  resets = false;

  constructor(namespace: Namespace, uid: number) {
    super(namespace, AF_INET, SOCK_STREAM, 6, uid);
  }

  get #listeners(): Map<number, LoopSocket> {
    let listeners = LoopSocket.listeners.get(this.namespace);
    if (listeners === undefined) {
      listeners = new Map();
      LoopSocket.listeners.set(this.namespace, listeners);
    }
    return listeners;
  }

  poll(): number {
    const readable = this.queued > 0 || this.ended || (this.backlog?.length ?? 0) > 0;
    const writable = this.peer !== null && this.peer.queued < LOOP_BUFFER;
    return (readable ? POLLIN : 0) | (writable ? POLLOUT : 0) | (this.pendingError !== 0 ? POLLERR : 0);
  }

  bind(address: SocketAddress): number {
    if (this.#listeners.has(address.port)) return -EADDRINUSE;
    this.local.family = AF_INET;
    this.local.words.set(address.words);
    this.local.port = address.port === 0 ? 40_000 + this.#listeners.size : address.port;
    return 0;
  }

  connect(address: SocketAddress): number {
    if (this.peer !== null) return -EISCONN;
    const listener = this.#listeners.get(address.port);
    this.namespace.stack.defer(() => {
      if (listener?.backlog == null) this.pendingError = ECONNREFUSED;
      else {
        const other = new LoopSocket(this.namespace, this.uid);
        name(other, address, 50_000);
        other.local.port = address.port;
        name(this, address, address.port);
        this.local.port = 50_000;
        this.peer = other;
        other.peer = this;
        listener.backlog.push(other);
        listener.wake();
      }
      this.wake();
    });
    return -EINPROGRESS;
  }

  listen(): number {
    this.backlog = [];
    this.#listeners.set(this.local.port, this);
    return 0;
  }

  accept(): Socket | number {
    return this.backlog === null ? -EINVAL : (this.backlog.shift() ?? -EAGAIN);
  }

  send(bytes: Uint8Array, start: number, length: number): number {
    if (this.peer === null) return this.ended ? -EPIPE : -ENOTCONN;
    const room = Math.min(length, LOOP_BUFFER - this.peer.queued);
    if (room <= 0) return -EAGAIN;
    this.peer.queue.push(bytes.slice(start, start + room));
    this.peer.queued += room;
    this.peer.wake();
    return room;
  }

  receive(into: Uint8Array, start: number, length: number): number {
    if (this.pendingError !== 0) return -this.takeError();
    const first = this.queue.shift();
    if (first === undefined) return this.ended ? 0 : -EAGAIN;
    const count = Math.min(first.length, length);
    into.set(first.subarray(0, count), start);
    if (count < first.length) this.queue.unshift(first.subarray(count));
    this.queued -= count;
    this.peer?.wake();
    return count;
  }

  shutdown(): number {
    if (this.peer !== null) {
      this.peer.ended = true;
      this.peer.wake();
    }
    return 0;
  }

  close(): void {
    this.closed = true;
    if (this.backlog !== null) this.#listeners.delete(this.local.port);
    if (this.peer === null) return;
    const linger = this.options.get('1:13');
    if (linger !== undefined && linger[0] === 1) this.peer.pendingError = 104;
    this.peer.ended = true;
    this.peer.peer = null;
    this.peer.wake();
    this.peer = null;
  }

  setOption(level: number, option: number, value: Uint8Array): number {
    this.options.set(`${level}:${option}`, value.slice());
    return 0;
  }

  getOption(level: number, option: number): Uint8Array | number {
    return this.options.get(`${level}:${option}`) ?? -ENOPROTOOPT;
  }
}

function name(socket: LoopSocket, address: SocketAddress, port: number): void {
  for (const end of [socket.local, socket.remote]) {
    end.family = AF_INET;
    end.words.set(address.words);
  }
  socket.remote.port = port;
}

export const loopFamily: SocketFamily = {
  family: AF_INET,
  type: SOCK_STREAM,
  protocol: 6,
  create: (namespace, _protocol, uid) => new LoopSocket(namespace, uid),
};
