import { EAFNOSUPPORT, EAGAIN, EBADF, EINTR } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { check, type Libc, MSG_DONTWAIT, POLLERR, POLLIN, SOCK_CLOEXEC } from '../host/libc.js';
import { MessageReceiver } from '../host/message-receiver.js';
import { AF_INET } from '../netlink/constants.js';
import {
  type ExtendedError,
  int32,
  MSG_ERRQUEUE,
  type PacketSocket,
  type Received,
  type ReceiveOptions,
  type SendOptions,
  SOL_IP,
  SOL_SOCKET,
  type SocketEndpoint,
  type SocketMaker,
} from './sockets.js';

// asm-generic/socket.h, linux/in.h: options, and the control messages that they make come.
const SO_TIMESTAMP = 29;
const IP_TTL = 2;
const IP_RECVERR = 11;
const IP_RECVTTL = 12;

/** struct sockaddr_in: u16 family | be16 port | address | 8 unused. */
const SOCKADDR_IN = 16;
/** Room for a time, a TTL and an error with its sender. */
const CONTROL_BYTES = 256;
const LARGEST_DATAGRAM = 65_536;
/** poll(2) returns after so long at the latest, so that a process that ends is not held up. */
const POLL_MS = 50;

/** Sockets of the host's kernel in the namespace that this process is in. */
export function kernelSockets(libc: Libc): SocketMaker {
  const made: KernelSocket[] = [];
  return {
    open: async (type, protocol, family = AF_INET) => {
      // IPv6 of the host has other options and no place in ping's kernel target yet.
      if (family !== AF_INET) throw new NetError(EAFNOSUPPORT);
      const socket = new KernelSocket(libc, check(libc, libc.socket(AF_INET, type | SOCK_CLOEXEC, protocol)));
      made.push(socket);
      await socket.setOption(SOL_SOCKET, SO_TIMESTAMP, 1);
      await socket.setOption(SOL_IP, IP_RECVTTL, 1);
      return socket;
    },
    close: () => {
      for (const socket of made) void socket.close();
    },
  };
}

class KernelSocket implements PacketSocket {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #receiver: MessageReceiver;
  readonly #buffer = new Uint8Array(LARGEST_DATAGRAM);
  #closed = false;

  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
    this.#receiver = new MessageReceiver(libc, SOCKADDR_IN, CONTROL_BYTES);
  }

  async bind(endpoint: SocketEndpoint): Promise<void> {
    this.#check(() => this.#libc.bind(this.#fd, socketAddress(endpoint), SOCKADDR_IN));
  }

  async connect(endpoint: SocketEndpoint): Promise<void> {
    this.#check(() => this.#libc.connect(this.#fd, socketAddress(endpoint), SOCKADDR_IN));
  }

  async send(data: Uint8Array, { to, flags = 0 }: SendOptions = {}): Promise<number> {
    const address = to === undefined ? null : socketAddress(to);
    return this.#check(() => this.#libc.sendto(this.#fd, data, data.length, flags, address, address === null ? 0 : SOCKADDR_IN));
  }

  async receive({ length = LARGEST_DATAGRAM, flags = 0, signal }: ReceiveOptions = {}): Promise<Received> {
    const into = this.#buffer.subarray(0, length);
    const waits = (flags & (MSG_DONTWAIT | MSG_ERRQUEUE)) === 0;
    let failed = false;
    for (;;) {
      if (signal?.aborted) throw new NetError(EINTR);
      try {
        const received = this.#check(() => this.#receiver.receive(this.#fd, into, flags | MSG_DONTWAIT));
        return this.#received(into.slice(0, Math.min(received, length)), received);
      } catch (error) {
        // What poll() calls an error may lie in the error queue alone: then it is the caller's to take.
        if (!(error instanceof NetError) || error.errno !== EAGAIN || !waits || failed) throw error;
      }
      failed = await this.#readable(signal);
    }
  }

  async setOption(level: number, option: number, value: number | Uint8Array): Promise<void> {
    const bytes = typeof value === 'number' ? int32(value) : value;
    this.#check(() => this.#libc.setsockopt(this.#fd, level, option, bytes, bytes.length));
  }

  async localName(): Promise<SocketEndpoint> {
    const name = new Uint8Array(SOCKADDR_IN);
    this.#check(() => this.#libc.getsockname(this.#fd, name, Uint8Array.of(SOCKADDR_IN, 0, 0, 0)));
    return endpointOf(new DataView(name.buffer), 0);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#libc.close(this.#fd);
  }

  #received(data: Uint8Array, length: number): Received {
    const { control, name, nameLength, flags } = this.#receiver;
    const time = this.#receiver.find(SOL_SOCKET, SO_TIMESTAMP);
    const ttl = this.#receiver.find(SOL_IP, IP_TTL);
    const error = this.#receiver.find(SOL_IP, IP_RECVERR);
    return {
      data,
      from: nameLength < SOCKADDR_IN ? null : endpointOf(name, 0),
      flags,
      length,
      ttl: ttl < 0 ? 0 : control.getInt32(ttl, true),
      tos: 0,
      ifindex: 0,
      // struct timeval
      stampUs: time < 0 ? 0 : control.getUint32(time, true) * 1_000_000 + control.getUint32(time + 8, true),
      error: error < 0 ? null : extendedError(control, error),
    };
  }

  /** Waits in the thread pool; true: what came is an error. */
  #readable(signal: AbortSignal | undefined): Promise<boolean> {
    const pollfd = new DataView(new ArrayBuffer(8));
    pollfd.setInt32(0, this.#fd, true);
    pollfd.setInt16(4, POLLIN, true);
    return new Promise((resolve) => {
      const finish = (failed: boolean) => {
        signal?.removeEventListener('abort', stop);
        resolve(failed);
      };
      const stop = () => finish(false);
      const turn = () => {
        if (this.#closed || signal?.aborted) return finish(false);
        this.#libc.pollAsync(new Uint8Array(pollfd.buffer), 1, POLL_MS, (ready) => {
          if (ready === 0) turn();
          else finish((pollfd.getInt16(6, true) & POLLERR) !== 0);
        });
      };
      signal?.addEventListener('abort', stop, { once: true });
      turn();
    });
  }

  #check(call: () => number): number {
    if (this.#closed) throw new NetError(EBADF);
    return check(this.#libc, call());
  }
}

function socketAddress({ address, port }: SocketEndpoint): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_IN);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET, true);
  view.setUint16(2, port);
  bytes.set(address, 4);
  return bytes;
}

const endpointOf = (view: DataView, at: number): SocketEndpoint => ({
  address: new Uint8Array(view.buffer, view.byteOffset + at + 4, 4).slice(),
  port: view.getUint16(at + 2),
});

/** struct sock_extended_err: u32 errno | u8 origin | u8 type | u8 code | u8 | u32 info | u32 data; the offender's address behind it. */
function extendedError(view: DataView, at: number): ExtendedError {
  return {
    errno: view.getUint32(at, true),
    origin: view.getUint8(at + 4),
    type: view.getUint8(at + 5),
    code: view.getUint8(at + 6),
    info: view.getUint32(at + 8, true),
    offender: view.getUint16(at + 16, true) === AF_INET ? endpointOf(view, at + 16).address : null,
  };
}
