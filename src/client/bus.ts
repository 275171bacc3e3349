import { ENOENT } from '../base/errno.js';
import { NETLINK_GENERIC, NETLINK_NETFILTER, NETLINK_ROUTE, NETLINK_SOCK_DIAG } from '../netlink/constants.js';
import { BusConnection } from './bus-connection.js';
import { datagramFrame } from './bus-frames.js';
import { ClientError } from './client-error.js';
import type { IdleConnections } from './idle-connections.js';
import { reachInstance } from './reach.js';
import type { NetlinkConnection, OpenOptions, Transport } from './transport.js';

type Variables = Readonly<Record<string, string | undefined>>;

const ALWAYS_THERE: ReadonlySet<number> = new Set([NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_NETFILTER, NETLINK_GENERIC]);

/** For whom a transport is, where that is another than this process. */
export interface BusOwner {
  readonly pid: number;
  /** Closes all that it has not closed itself, when it needs its sockets no more. */
  readonly onRelease: (close: () => void) => void;
  readonly idle: IdleConnections;
}

/** Netlink sockets of an instance's stack, one bus connection each. The instance is found, or started, at the first of them. */
export function busTransport(variables: Variables, owner?: BusOwner): Transport {
  return {
    target: 'stack',
    open: async (protocol, options) => {
      const place = placeOf(options, variables);
      const hello = helloOf(protocol, place, owner?.pid);
      const socket = await reachInstance(variables, async (path) => {
        const idle = owner?.idle.take(path);
        if (idle === undefined) return new BusSocket(await BusConnection.open(path, hello), owner && { idle: owner.idle, path });
        const greeted = idle.greet(hello);
        // These protocols, and an initial namespace, are always there: no need to wait for the daemon to say so.
        if (place.namespace === undefined && ALWAYS_THERE.has(protocol)) greeted.catch(() => undefined);
        else await greeted;
        return new BusSocket(idle, owner && { idle: owner.idle, path });
      });
      owner?.onRelease(() => socket.close());
      return socket;
    },
  };
}

/** A socket at a known path, without instance rules: what tests and the daemon's own helpers use. */
export function busTransportAt(path: string): Transport {
  return {
    target: 'stack',
    open: async (protocol, options) => new BusSocket(await BusConnection.open(path, helloOf(protocol, placeOf(options, {}), undefined))),
  };
}

function helloOf(socket: number, place: Place, pid: number | undefined) {
  return { socket, ...place, ...(pid === undefined ? {} : { pid }) };
}

interface Place {
  readonly namespace?: string | number;
  readonly inherited?: number;
}

/** -n NS; else what TAPSTACK_NETNS says, an id, unless the daemon knows better where this process is. */
function placeOf(options: OpenOptions | undefined, variables: Variables): Place {
  if (options?.namespace !== undefined) return { namespace: options.namespace };
  const id = variables['TAPSTACK_NETNS'];
  if (id === undefined || id === '') return {};
  if (!/^[0-9]{1,15}$/.test(id)) throw new ClientError(ENOENT, `TAPSTACK_NETNS is "${id}", not the id of a namespace`);
  return { inherited: Number(id) };
}

class BusSocket implements NetlinkConnection {
  readonly #connection: BusConnection;
  readonly #home: { readonly idle: IdleConnections; readonly path: string } | undefined;
  #closed = false;

  constructor(connection: BusConnection, home?: { readonly idle: IdleConnections; readonly path: string }) {
    this.#connection = connection;
    this.#home = home;
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
    // What is closed may be another's by now.
    if (this.#closed) return;
    this.#closed = true;
    if (this.#home === undefined) this.#connection.close();
    else this.#home.idle.give(this.#home.path, this.#connection);
  }
}
