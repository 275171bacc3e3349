import { ECONNRESET, EINTR } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import type { NetlinkConnection, OpenOptions, Transport } from '../client/transport.js';
import type { Credentials, NetlinkKernel, NetlinkSocket } from '../control/netlink-socket.js';
import type { InstanceTime } from './time.js';

/** The way to a stack in the same process: a netlink socket of it, called directly. */
export class InMemoryTransport implements Transport {
  readonly target = 'stack';
  readonly #kernel: NetlinkKernel;
  readonly #time: InstanceTime;
  readonly #credentials: Credentials;
  /** The caller's own namespace, by id; undefined: the initial one. */
  readonly #namespace: number | undefined;

  constructor(kernel: NetlinkKernel, time: InstanceTime, credentials: Credentials, namespace?: number) {
    this.#kernel = kernel;
    this.#time = time;
    this.#credentials = credentials;
    this.#namespace = namespace;
  }

  open(protocol: number, options: OpenOptions = {}): Promise<NetlinkConnection> {
    const namespace = options.namespace ?? this.#namespace;
    try {
      const socket = this.#kernel.open({ protocol, credentials: this.#credentials, namespace });
      return Promise.resolve(new InMemoryConnection(socket, this.#time));
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

class InMemoryConnection implements NetlinkConnection {
  readonly portId: number;
  readonly #socket: NetlinkSocket;
  readonly #time: InstanceTime;
  #wake: (() => void) | null = null;
  #closed = false;

  constructor(socket: NetlinkSocket, time: InstanceTime) {
    this.#socket = socket;
    this.#time = time;
    this.portId = socket.portId;
    socket.onReadable = () => this.#wake?.();
  }

  async send(datagram: Uint8Array): Promise<void> {
    if (this.#closed) throw new NetError(ECONNRESET);
    this.#socket.send(datagram);
    this.#time.kick();
  }

  async receive(signal?: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      if (this.#closed) throw new NetError(ECONNRESET);
      const datagram = this.#socket.receive();
      if (datagram !== null) return datagram;
      if (signal?.aborted === true) throw new NetError(EINTR);
      await this.#readable(signal);
    }
  }

  get receivedNsid(): number | null {
    return this.#socket.receivedNsid;
  }

  async setOption(option: number, value: number): Promise<void> {
    this.#socket.setOption(option, value);
  }

  async setReceiveBuffer(bytes: number): Promise<void> {
    this.#socket.setReceiveBuffer(bytes, true);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#wake?.();
    this.#time.kick();
  }

  #readable(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wake = null;
        signal?.removeEventListener('abort', wake);
        // What waited goes on in this turn: the clock must not jump over it.
        this.#time.kick();
        resolve();
      };
      this.#wake = wake;
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
