import { ENOENT } from '../base/errno.js';
import { BusConnection } from './bus-connection.js';
import { datagramFrame } from './bus-frames.js';
import { ClientError } from './client-error.js';
import { reachInstance } from './reach.js';
import type { NetlinkConnection, OpenOptions, Transport } from './transport.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** For whom a transport is, where that is another process than this one. */
export interface BusOwner {
  readonly pid: number;
  /** Aborted when it needs its sockets no more. */
  readonly signal: AbortSignal;
}

/** Netlink sockets of an instance's stack, one bus connection each. The instance is found, or started, at the first of them. */
export function busTransport(variables: Variables, owner?: BusOwner): Transport {
  return {
    target: 'stack',
    open: async (protocol, options) => {
      const namespace = namespaceOf(options, variables);
      const socket = new BusSocket(await reachInstance(variables, (path) => openBusSocket(path, protocol, namespace, owner?.pid)));
      if (owner?.signal.aborted) socket.close();
      else owner?.signal.addEventListener('abort', () => socket.close());
      return socket;
    },
  };
}

/** A socket at a known path, without instance rules: what tests and the daemon's own helpers use. */
export function busTransportAt(path: string): Transport {
  return {
    target: 'stack',
    open: async (protocol, options) => new BusSocket(await openBusSocket(path, protocol, namespaceOf(options, {}))),
  };
}

function openBusSocket(path: string, protocol: number, namespace: string | number | undefined, pid?: number): Promise<BusConnection> {
  return BusConnection.open(path, {
    socket: protocol,
    ...(namespace === undefined ? {} : { namespace }),
    ...(pid === undefined ? {} : { pid }),
  });
}

/** -n NS, else TAPSTACK_NETNS, an id; undefined: the initial one. */
function namespaceOf(options: OpenOptions | undefined, variables: Variables): string | number | undefined {
  if (options?.namespace !== undefined) return options.namespace;
  const id = variables['TAPSTACK_NETNS'];
  if (id === undefined || id === '') return undefined;
  if (!/^[0-9]{1,15}$/.test(id)) throw new ClientError(ENOENT, `TAPSTACK_NETNS is "${id}", not the id of a namespace`);
  return Number(id);
}

class BusSocket implements NetlinkConnection {
  readonly #connection: BusConnection;

  constructor(connection: BusConnection) {
    this.#connection = connection;
  }

  get portId(): number {
    return this.#connection.server.portId;
  }

  send(datagram: Uint8Array): Promise<void> {
    return this.#connection.send(datagramFrame(datagram));
  }

  receive(signal?: AbortSignal): Promise<Uint8Array> {
    return this.#connection.receive(signal);
  }

  get receivedNsid(): number | null {
    return this.#connection.receivedNsid;
  }

  async setOption(option: number, value: number): Promise<void> {
    await this.#connection.request({ setOption: [option, value] });
  }

  async setReceiveBuffer(bytes: number): Promise<void> {
    await this.#connection.request({ setReceiveBuffer: bytes });
  }

  close(): void {
    this.#connection.close();
  }
}
