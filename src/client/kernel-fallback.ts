import type { RawNetlinkSocket as Socket } from 'netlink';
import { EBADF, EINTR, EMSGSIZE, ENOPROTOOPT, EOPNOTSUPP } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import {
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_CAP_ACK,
  NETLINK_DROP_MEMBERSHIP,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
} from '../netlink/constants.js';
import type { NetlinkConnection, OpenOptions } from './transport.js';

/**
 * The kernel's netlink through the `netlink` package, for machines where koffi does not load. It knows neither namespaces nor
 * socket options other than group membership, so extended ACK texts are missing here.
 */
export async function openPackageSocket(protocol: number, options?: OpenOptions): Promise<NetlinkConnection> {
  if (options?.namespace !== undefined) throw new NetError(EOPNOTSUPP, 'namespaces of the kernel need koffi, which does not load here');
  const { RawNetlinkSocket } = await import('netlink');
  try {
    return new PackageConnection(new RawNetlinkSocket(protocol));
  } catch (error) {
    throw asNetError(error);
  }
}

function asNetError(error: unknown): unknown {
  const errno = (error as { errno?: unknown }).errno;
  return typeof errno === 'number' ? new NetError(Math.abs(errno)) : error;
}

class PackageConnection implements NetlinkConnection {
  readonly portId: number;
  readonly #socket: Socket;
  readonly #queue: (Uint8Array | NetError)[] = [];
  #wake: (() => void) | null = null;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.portId = socket.address().port >>> 0;
    socket.on('message', (message, sender) => {
      if (sender.port === 0) this.#push(message);
    });
    socket.on('truncatedMessage', () => this.#push(new NetError(EMSGSIZE)));
    socket.on('error', (error) => this.#push(new NetError(Math.abs(error.errno))));
  }

  #push(item: Uint8Array | NetError): void {
    this.#queue.push(item);
    this.#wake?.();
  }

  send(datagram: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(datagram, {}, (error) => (error ? reject(asNetError(error)) : resolve()));
    });
  }

  async receive(signal?: AbortSignal): Promise<Uint8Array> {
    while (this.#queue.length === 0) {
      if (this.#closed) throw new NetError(EBADF);
      if (signal?.aborted) throw new NetError(EINTR);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
      this.#wake = null;
    }
    const item = this.#queue.shift();
    if (item instanceof Uint8Array) return item;
    throw item ?? new NetError(EBADF);
  }

  async setOption(option: number, value: number): Promise<void> {
    if (option === NETLINK_ADD_MEMBERSHIP) this.#socket.addMembership(value);
    else if (option === NETLINK_DROP_MEMBERSHIP) this.#socket.dropMembership(value);
    else if (!TEXTS_ONLY.has(option)) throw new NetError(ENOPROTOOPT);
  }

  async setReceiveBuffer(bytes: number): Promise<void> {
    this.#socket.setRecvBufferSize(bytes);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#wake?.();
  }
}

/** Options that only add to what the kernel says; asked for and not had, as on a kernel before 4.12, where tools go on without. */
const TEXTS_ONLY: ReadonlySet<number> = new Set([NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK]);
