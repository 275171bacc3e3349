import {
  EADDRINUSE,
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EINVAL,
  EISCONN,
  EMSGSIZE,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  EPROTOTYPE,
} from '../../base/errno.js';
import { AF_UNIX, AF_UNSPEC } from '../../netlink/constants.js';
import { truesize } from '../core/datagram-socket.js';
import type { Namespace } from '../core/namespace.js';
import {
  MSG_PEEK,
  MSG_TRUNC,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  type ReceiveInfo,
  SHUT_RDWR,
  SOCK_DGRAM,
  SOCK_STREAM,
  Socket,
  type SocketAddress,
} from '../core/socket.js';
import { SOL_SOCKET } from '../core/socket-options.js';
import { getUnixOption, setUnixOption } from './options.js';
import type { Unix } from './unix.js';

// sk_state
export const UNIX_ESTABLISHED = 1;
export const UNIX_CLOSE = 7;
export const UNIX_LISTEN = 10;

const RCV_SHUTDOWN = 1;
const SEND_SHUTDOWN = 2;
/** sun_path has 108 bytes. */
const MOST_NAME = 108;
/** What a stream is cut into at most. */
const PIECE = 32_768;

/** Bytes on their way, charged to their sender until they are read. */
interface Message {
  readonly bytes: Uint8Array;
  /** How much of a stream's piece was read. */
  taken: number;
  peeked: boolean;
  readonly size: number;
  readonly sender: UnixSocket;
  readonly from: Uint8Array | null;
}

/** A Unix socket (struct unix_sock): stream, datagram or sequenced packets between sockets of one namespace. */
export class UnixSocket extends Socket {
  readonly #unix: Unix;
  state = UNIX_CLOSE;
  peer: UnixSocket | null = null;
  /** Of a listener: connections that wait to be accepted, and how many may. */
  readonly waiting: UnixSocket[] = [];
  maxBacklog = 0;
  /** Taken in by nobody yet: it has no file. */
  embryo = false;
  /** uid and pid of the peer as it connected (SO_PEERCRED). */
  peerUid = -1;
  /** SO_PEEK_OFF: bytes that MSG_PEEK has told of already; -1: it begins at the front each time. */
  peekOffset = -1;
  readonly #queue: Message[] = [];
  #queuedBytes = 0;
  #peekSkip = 0;
  readonly #mostDatagrams: number;

  constructor(namespace: Namespace, owner: Unix, type: number, uid: number) {
    super(namespace, AF_UNIX, type, 0, uid);
    this.#unix = owner;
    this.#mostDatagrams = owner.maxDgramQlen;
    this.local.family = AF_UNIX;
    this.remote.family = AF_UNIX;
  }

  /** Bytes to be read: of a datagram socket those of the first one (unix_inq_len()). */
  get readable(): number {
    if (this.type !== SOCK_DGRAM) return this.#queuedBytes;
    return this.#queue[0]?.bytes.length ?? 0;
  }

  get full(): boolean {
    return this.#queue.length > this.#mostDatagrams;
  }

  poll(): number {
    if (this.state === UNIX_LISTEN) return this.waiting.length > 0 ? POLLIN : 0;
    let events = 0;
    if (this.#queue.length > 0) events |= POLLIN;
    if ((this.shutdownMask & RCV_SHUTDOWN) !== 0) events |= POLLIN | POLLRDHUP;
    if (this.shutdownMask === (RCV_SHUTDOWN | SEND_SHUTDOWN)) events |= POLLHUP;
    if (this.type !== SOCK_DGRAM && this.state === UNIX_CLOSE) events |= POLLHUP;
    if (this.pendingError !== 0) events |= POLLERR;
    const blocked = this.type === SOCK_DGRAM && this.peer !== null && this.peer !== this && this.peer.full;
    if (this.#writable && !blocked) events |= POLLOUT;
    return events;
  }

  // Linux: unix_writable()
  get #writable(): boolean {
    return this.state !== UNIX_LISTEN && this.sendMemory * 4 <= this.sendBuffer;
  }

  bind(address: SocketAddress): number {
    if (address.family !== AF_UNIX) return -EINVAL;
    const name = address.bytes ?? new Uint8Array(0);
    if (name.length > MOST_NAME || this.local.bytes !== null) return -EINVAL;
    if (name.length === 0) {
      this.local.bytes = this.#unix.autobind(this);
      return this.local.bytes === null ? -EAGAIN : 0;
    }
    if (!this.#unix.bind(this, name)) return -EADDRINUSE;
    this.local.bytes = name;
    return 0;
  }

  connect(address: SocketAddress): number {
    if (this.type === SOCK_DGRAM) return this.#connectDatagram(address);
    if (address.family !== AF_UNIX) return -EINVAL;
    if (this.state === UNIX_ESTABLISHED) return -EISCONN;
    if (this.state === UNIX_LISTEN) return -EINVAL;
    const listener = this.#lookup(address);
    if (typeof listener === 'number') return listener;
    if (listener.state !== UNIX_LISTEN || (listener.shutdownMask & RCV_SHUTDOWN) !== 0) return -ECONNREFUSED;
    if (listener.waiting.length > listener.maxBacklog) return -EAGAIN;
    const child = this.#unix.createSocket(this.type, listener.uid);
    child.embryo = true;
    child.local.bytes = listener.local.bytes;
    child.#join(this);
    this.#join(child);
    listener.waiting.push(child);
    listener.wake();
    return 0;
  }

  #join(peer: UnixSocket): void {
    this.peer = peer;
    this.state = UNIX_ESTABLISHED;
    this.remote.bytes = peer.local.bytes;
    this.peerUid = peer.uid;
  }

  #connectDatagram(address: SocketAddress): number {
    if (address.family === AF_UNSPEC) {
      this.peer = null;
      this.state = UNIX_CLOSE;
      this.remote.bytes = null;
      return 0;
    }
    if (address.family !== AF_UNIX) return -EINVAL;
    const peer = this.#lookup(address);
    if (typeof peer === 'number') return peer;
    this.#join(peer);
    peer.state = UNIX_ESTABLISHED;
    return 0;
  }

  /** The socket of a name: -ECONNREFUSED, -EPROTOTYPE. Linux: unix_find_other() */
  #lookup(address: SocketAddress): UnixSocket | number {
    const name = address.bytes;
    if (name === null || name.length === 0 || name.length > MOST_NAME) return -EINVAL;
    const found = this.#unix.find(name);
    if (found === undefined) return -ECONNREFUSED;
    return found.type === this.type ? found : -EPROTOTYPE;
  }

  /** socketpair(2): two sockets without names that are connected. */
  static pair(a: UnixSocket, b: UnixSocket): void {
    a.#join(b);
    b.#join(a);
  }

  listen(backlog: number): number {
    if (this.type === SOCK_DGRAM) return -EOPNOTSUPP;
    if (this.local.bytes === null) return -EINVAL;
    if (this.state !== UNIX_CLOSE && this.state !== UNIX_LISTEN) return -EINVAL;
    this.maxBacklog = Math.min(backlog >>> 0, this.namespace.core.somaxconn);
    this.state = UNIX_LISTEN;
    return 0;
  }

  accept(): Socket | number {
    if (this.type === SOCK_DGRAM) return -EOPNOTSUPP;
    if (this.state !== UNIX_LISTEN) return -EINVAL;
    const child = this.waiting.shift();
    if (child === undefined) return -EAGAIN;
    child.embryo = false;
    return child;
  }

  send(bytes: Uint8Array, start: number, length: number, _flags: number, to: SocketAddress | null): number {
    if (to !== null && this.type !== SOCK_DGRAM) return this.state === UNIX_ESTABLISHED ? -EISCONN : -EOPNOTSUPP;
    if (this.pendingError !== 0) return -this.takeError();
    if ((this.shutdownMask & SEND_SHUTDOWN) !== 0) return -EPIPE;
    const peer = to === null ? this.peer : this.#lookup(to);
    if (typeof peer === 'number') return peer;
    if (peer === null) return -ENOTCONN;
    if (peer.closed) return this.type === SOCK_DGRAM ? this.#forgetPeer() : -EPIPE;
    if ((peer.shutdownMask & RCV_SHUTDOWN) !== 0) return -EPIPE;
    if (this.type === SOCK_STREAM) return this.#sendStream(peer, bytes, start, length);
    if (length > this.sendBuffer - 32) return -EMSGSIZE;
    if (this.sendMemory >= this.sendBuffer || (this.type === SOCK_DGRAM && peer !== this && peer.full)) return -EAGAIN;
    this.#deliver(peer, bytes.slice(start, start + length));
    return length;
  }

  #forgetPeer(): number {
    this.peer = null;
    this.state = UNIX_CLOSE;
    return -ECONNREFUSED;
  }

  #sendStream(peer: UnixSocket, bytes: Uint8Array, start: number, length: number): number {
    let sent = 0;
    while (sent < length && this.sendMemory < this.sendBuffer) {
      const piece = Math.min(length - sent, PIECE, Math.max(1, (this.sendBuffer >> 1) - 64));
      this.#deliver(peer, bytes.slice(start + sent, start + sent + piece));
      sent += piece;
    }
    return sent === 0 && length > 0 ? -EAGAIN : sent;
  }

  #deliver(peer: UnixSocket, bytes: Uint8Array): void {
    const size = truesize(bytes.length);
    this.sendMemory += size;
    peer.#queue.push({ bytes, taken: 0, peeked: false, size, sender: this, from: this.local.bytes });
    peer.#queuedBytes += bytes.length;
    peer.wake();
  }

  receive(into: Uint8Array, start: number, length: number, flags: number, info: ReceiveInfo | null): number {
    if (this.type !== SOCK_DGRAM && this.state === UNIX_LISTEN) return -EINVAL;
    const peeks = (flags & MSG_PEEK) !== 0;
    const place = peeks ? this.#peekPlace() : 0;
    const message = this.#queue[place];
    if (message === undefined) {
      if (this.pendingError !== 0) return -this.takeError();
      if ((this.shutdownMask & RCV_SHUTDOWN) !== 0) return 0;
      return this.type !== SOCK_DGRAM && this.state !== UNIX_ESTABLISHED ? -(this.type === SOCK_STREAM ? EINVAL : ENOTCONN) : -EAGAIN;
    }
    if (info !== null) {
      info.flags = 0;
      info.from.family = AF_UNIX;
      info.from.bytes = message.from;
    }
    if (this.type === SOCK_STREAM) return this.#receiveStream(into, start, length, place, peeks);
    const skip = peeks ? this.#peekSkip : 0;
    const left = message.bytes.length - skip;
    const count = Math.min(length, left);
    into.set(message.bytes.subarray(skip, skip + count), start);
    if (info !== null) {
      info.fullLength = message.bytes.length;
      if (count < left) info.flags = MSG_TRUNC;
    }
    this.#movePeek(peeks ? count : -message.bytes.length);
    message.peeked = true;
    if (!peeks) this.#consume(message);
    return (flags & MSG_TRUNC) !== 0 ? left : count;
  }

  /** Where in the queue MSG_PEEK looks next, and in #peekSkip how far into that message. Linux: __skb_try_recv_from_queue(), unix_stream_read_generic() */
  #peekPlace(): number {
    const queue = this.#queue;
    let skip = Math.max(this.peekOffset, 0);
    let place = 0;
    for (; this.peekOffset >= 0 && place < queue.length; place++) {
      const { bytes, taken, peeked } = queue[place]!;
      const length = bytes.length - taken;
      if (skip < length || (length === 0 && skip === 0 && !peeked)) break;
      skip -= length;
    }
    this.#peekSkip = skip;
    return place;
  }

  /** Linux: sk_peek_offset_fwd(), sk_peek_offset_bwd() */
  #movePeek(bytes: number): void {
    if (this.peekOffset >= 0) this.peekOffset = Math.max(0, this.peekOffset + bytes);
  }

  #receiveStream(into: Uint8Array, start: number, length: number, place: number, peek: boolean): number {
    let got = 0;
    let skip = peek ? this.#peekSkip : 0;
    for (let i = place; got < length && i < this.#queue.length; ) {
      const message = this.#queue[i]!;
      const from = message.taken + skip;
      const count = Math.min(length - got, message.bytes.length - from);
      into.set(message.bytes.subarray(from, from + count), start + got);
      got += count;
      skip = 0;
      if (peek) {
        i++;
        continue;
      }
      message.taken += count;
      this.#queuedBytes -= count;
      if (message.taken === message.bytes.length) this.#consume(message);
    }
    this.#movePeek(peek ? got : -got);
    return got;
  }

  /** The first message was read: its sender may send more. */
  #consume(message: Message): void {
    this.#queue.shift();
    this.#queuedBytes -= message.bytes.length - message.taken;
    message.sender.sendMemory -= message.size;
    if (!message.sender.closed) message.sender.wake();
  }

  shutdown(how: number): number {
    if (how < 0 || how > SHUT_RDWR) return -EINVAL;
    const mask = how + 1;
    this.shutdownMask |= mask;
    const { peer } = this;
    if (peer !== null && this.type !== SOCK_DGRAM) {
      // What one does not send any more the other will not receive.
      peer.shutdownMask |= ((mask & RCV_SHUTDOWN) !== 0 ? SEND_SHUTDOWN : 0) | ((mask & SEND_SHUTDOWN) !== 0 ? RCV_SHUTDOWN : 0);
      peer.wake();
    }
    this.wake();
    return 0;
  }

  setOption(level: number, option: number, value: Uint8Array): number {
    return level === SOL_SOCKET ? setUnixOption(this, option, value) : -ENOPROTOOPT;
  }

  getOption(level: number, option: number): Uint8Array | number {
    return level === SOL_SOCKET ? getUnixOption(this, option) : -ENOPROTOOPT;
  }

  /** unix_release_sock() */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.onReady = null;
    this.#unix.remove(this);
    for (const child of this.waiting) child.close();
    this.waiting.length = 0;
    const unread = this.#queue.length > 0;
    const { peer } = this;
    if (peer !== null && this.type !== SOCK_DGRAM && !peer.closed) {
      peer.shutdownMask = RCV_SHUTDOWN | SEND_SHUTDOWN;
      if (unread || this.embryo) peer.pendingError = ECONNRESET;
      peer.peer = null;
      peer.wake();
    }
    this.peer = null;
    this.state = UNIX_CLOSE;
    for (const message of this.#queue) {
      message.sender.sendMemory -= message.size;
      if (!message.sender.closed) message.sender.wake();
    }
    this.#queue.length = 0;
    this.#queuedBytes = 0;
  }
}
