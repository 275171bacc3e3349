import { openSync } from 'node:fs';
import { EAGAIN, EBADF, EINTR, EMSGSIZE, ENOENT } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import {
  check,
  type Libc,
  loadLibc,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  POLLIN,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
} from '../host/libc.js';
import { MessageReceiver } from '../host/message-receiver.js';
import { insideNamespace } from '../host/netns.js';
import { AF_NETLINK, NETLINK_LISTEN_ALL_NSID } from '../netlink/constants.js';
import { hostError } from './host-error.js';
import type { NetlinkConnection, OpenOptions, Transport } from './transport.js';

/** Where `ip netns add` keeps the host's namespaces by name. */
export const NETNS_FOLDER = '/run/netns';

/** TAPSTACK_TARGET=kernel: AF_NETLINK sockets of the kernel below us, in the caller's network namespace. */
export async function kernelTransport(): Promise<Transport> {
  const libc = await loadLibc();
  return {
    target: 'kernel',
    open: async (protocol, options) => {
      if (libc !== null) return openKernelSocket(libc, protocol, options);
      const { openPackageSocket } = await import('./kernel-fallback.js');
      return openPackageSocket(protocol, options);
    },
    ...(libc === null
      ? {}
      : {
          sockets: async () => (await import('./kernel-sockets.js')).kernelSockets(libc),
          ethtool: async () => (await import('./kernel-ethtool.js')).kernelEthtool(libc),
          tunnels: async (name) => (await import('./kernel-tunnels.js')).kernelTunnels(libc, name && `${NETNS_FOLDER}/${name}`),
          captures: async () => (await import('./kernel-capture.js')).kernelCaptures(libc),
        }),
    namespaceReference: async (name) => {
      if (name === '' || name.includes('/')) throw new NetError(ENOENT);
      try {
        return openSync(`${NETNS_FOLDER}/${name}`, 'r');
      } catch (error) {
        throw hostError(error);
      }
    },
  };
}

function openKernelSocket(libc: Libc, protocol: number, options: OpenOptions | undefined): NetlinkConnection {
  const make = () => check(libc, libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  const name = options?.namespace;
  if (name === undefined) return new KernelConnection(libc, make());
  if (name === '' || name.includes('/')) throw new NetError(ENOENT);
  return new KernelConnection(libc, insideNamespace(libc, `${NETNS_FOLDER}/${name}`, make));
}

const SOCKADDR_NL = 12;
/** Room for a control message with an int. */
const CONTROL_BYTES = 64;

/** struct sockaddr_nl: u16 family, u16 padding, u32 port id, u32 groups. All zero but the family: the kernel, no groups. */
function netlinkAddress(): DataView {
  const address = new DataView(new ArrayBuffer(SOCKADDR_NL));
  address.setUint16(0, AF_NETLINK, true);
  return address;
}

const bytesOf = (view: DataView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

class KernelConnection implements NetlinkConnection {
  readonly portId: number;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #kernel = bytesOf(netlinkAddress());
  readonly #sender = netlinkAddress();
  readonly #senderSize = new Uint8Array(4);
  readonly #probe = new Uint8Array(1);
  readonly #receiver: MessageReceiver;
  receivedNsid: number | null = null;
  #closed = false;

  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
    this.#receiver = new MessageReceiver(libc, SOCKADDR_NL, CONTROL_BYTES);
    try {
      check(libc, libc.bind(fd, this.#kernel, SOCKADDR_NL));
      const own = netlinkAddress();
      check(libc, libc.getsockname(fd, bytesOf(own), Uint8Array.of(SOCKADDR_NL, 0, 0, 0)));
      this.portId = own.getUint32(4, true);
    } catch (error) {
      libc.close(fd);
      throw error;
    }
  }

  async send(datagram: Uint8Array): Promise<void> {
    this.#assertOpen();
    check(this.#libc, this.#libc.sendto(this.#fd, datagram, datagram.length, 0, this.#kernel, SOCKADDR_NL));
  }

  async receive(signal?: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      this.#assertOpen();
      if (signal?.aborted) throw new NetError(EINTR);
      const datagram = this.#take();
      if (datagram !== null) return datagram;
      await this.#readable(signal);
    }
  }

  /** The next datagram that the kernel itself sent (another process may write to our port too); null: nothing there yet. */
  #take(): Uint8Array | null {
    for (;;) {
      const size = this.#receive(this.#probe, MSG_PEEK | MSG_TRUNC);
      if (size < 0) return null;
      const datagram = new Uint8Array(Math.max(size, 1));
      const received = this.#result(this.#receiver.receive(this.#fd, datagram, MSG_TRUNC | MSG_DONTWAIT));
      if (received < 0) return null;
      if (received > datagram.length) throw new NetError(EMSGSIZE);
      const { name, control } = this.#receiver;
      if (name.getUint32(4, true) !== 0) continue;
      const nsid = this.#receiver.find(SOL_NETLINK, NETLINK_LISTEN_ALL_NSID);
      this.receivedNsid = nsid < 0 ? null : control.getInt32(nsid, true);
      return datagram.subarray(0, received);
    }
  }

  #receive(into: Uint8Array, flags: number): number {
    this.#senderSize[0] = SOCKADDR_NL;
    return this.#result(this.#libc.recvfrom(this.#fd, into, into.length, flags | MSG_DONTWAIT, bytesOf(this.#sender), this.#senderSize));
  }

  #result(received: number): number {
    if (received >= 0) return received;
    const errno = this.#libc.errno();
    if (errno === EAGAIN || errno === EINTR) return -1;
    throw new NetError(errno);
  }

  /** Waits in the thread pool, in turns of a quarter second so that an aborted wait or a process that ends is not held up. */
  #readable(signal: AbortSignal | undefined): Promise<void> {
    const pollfd = new Uint8Array(8);
    const view = new DataView(pollfd.buffer);
    view.setInt32(0, this.#fd, true);
    view.setInt16(4, POLLIN, true);
    return new Promise((resolve) => {
      const turn = () => {
        if (this.#closed || signal?.aborted) resolve();
        else this.#libc.pollAsync(pollfd, 1, 250, (ready) => (ready === 0 ? turn() : resolve()));
      };
      turn();
    });
  }

  async setOption(option: number, value: number): Promise<void> {
    this.#set(SOL_NETLINK, option, value);
  }

  async setReceiveBuffer(bytes: number): Promise<void> {
    try {
      this.#set(SOL_SOCKET, SO_RCVBUFFORCE, bytes);
    } catch {
      // Without CAP_NET_ADMIN: as much as net.core.rmem_max allows, as iproute2 does.
      this.#set(SOL_SOCKET, SO_RCVBUF, bytes);
    }
  }

  #set(level: number, option: number, value: number): void {
    this.#assertOpen();
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, value, true);
    check(this.#libc, this.#libc.setsockopt(this.#fd, level, option, bytes, 4));
  }

  #assertOpen(): void {
    if (this.#closed) throw new NetError(EBADF);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#libc.close(this.#fd);
  }
}
