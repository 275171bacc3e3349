import { busTransport } from '../client/bus.js';
import type { Transport } from '../client/transport.js';
import { NetHost, type NetHostOptions } from './host.js';
import { Server as StackServer, type ServerOptions } from './net/server.js';
import { type ConnectOptions, connectArguments, type SocketOptions, Socket as StackSocket } from './net/socket.js';

export type { AddressInfo } from './addresses.js';
export type { ListenOptions, ServerOptions } from './net/server.js';
export type { ConnectOptions, LookupFunction, SocketOptions } from './net/socket.js';
export { isIP, isIPv4, isIPv6 } from 'node:net';

/** A TCP connection of the stack. */
export type Socket = StackSocket;
/** A TCP server of the stack. */
export type Server = StackServer;

/** The shape of Node's `net`, on a stack. */
export interface Net {
  /** Opens a connection: (options | port, host?, listener?). */
  readonly connect: Connect;
  readonly createConnection: Connect;
  createServer(listener?: (socket: Socket) => void): Server;
  createServer(options: ServerOptions, listener?: (socket: Socket) => void): Server;
  /** A socket that is not connected yet. */
  readonly Socket: new (
    options?: SocketOptions,
  ) => Socket;
  readonly Server: new (options?: ServerOptions, listener?: (socket: Socket) => void) => Server;
}

export interface Connect {
  (options: ConnectOptions, listener?: () => void): Socket;
  (port: number | string, host?: string, listener?: () => void): Socket;
  (port: number | string, listener?: () => void): Socket;
}

/** `net` on the stack behind a transport, for instances in this process and for namespaces by name. */
export function netOf(transport: Transport, options: Omit<NetHostOptions, 'transport'> = {}): Net {
  return netOn(new NetHost({ ...options, transport: () => transport }));
}

function netOn(host: NetHost): Net {
  const connect = (...args: readonly unknown[]): Socket => {
    const { options, listener } = connectArguments(args);
    return new StackSocket(host, options).connect(options, listener);
  };
  return {
    connect,
    createConnection: connect,
    createServer: (...args: readonly unknown[]) => {
      const options = typeof args[0] === 'object' && args[0] !== null ? (args[0] as ServerOptions) : {};
      const listener = args.find((arg) => typeof arg === 'function');
      return new StackServer(host, options, listener as ((socket: Socket) => void) | undefined);
    },
    Socket: class extends StackSocket {
      constructor(socketOptions?: SocketOptions) {
        super(host, socketOptions);
      }
    },
    Server: class extends StackServer {
      constructor(serverOptions?: ServerOptions, listener?: (socket: Socket) => void) {
        super(host, serverOptions, listener);
      }
    },
  };
}

/**
 * The instance that the caller's environment means, as our commands find it (TAPSTACK_INSTANCE, TAPSTACK_NETNS, TAPSTACK_DIR);
 * the default one is started when it is not there.
 */
const here = netOn(new NetHost({ transport: () => busTransport(process.env) }));

export const { connect, createConnection, createServer, Socket, Server } = here;
