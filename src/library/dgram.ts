import { busTransport } from '../client/bus.js';
import type { Transport } from '../client/transport.js';
import { type RemoteInfo, Socket as StackSocket, type SocketOptions, type SocketType } from './dgram/socket.js';
import { NetHost, type NetHostOptions } from './host.js';

export type { AddressInfo } from './addresses.js';
export type { BindOptions, LookupFunction, RemoteInfo, SocketOptions, SocketType } from './dgram/socket.js';

/** A UDP socket of the stack. */
export type Socket = StackSocket;

type MessageListener = (message: Buffer, remote: RemoteInfo) => void;

/** The shape of Node's `dgram`, on a stack. */
export interface Dgram {
  createSocket(type: SocketType | SocketOptions, listener?: MessageListener): Socket;
  readonly Socket: new (type: SocketType | SocketOptions, listener?: MessageListener) => Socket;
}

/** `dgram` on the stack behind a transport, for instances in this process and for namespaces by name. */
export function dgramOf(transport: Transport, options: Omit<NetHostOptions, 'transport'> = {}): Dgram {
  return dgramOn(new NetHost({ ...options, transport: () => transport }));
}

function dgramOn(host: NetHost): Dgram {
  return {
    createSocket: (type, listener) => new StackSocket(host, type, listener),
    Socket: class extends StackSocket {
      constructor(type: SocketType | SocketOptions, listener?: MessageListener) {
        super(host, type, listener);
      }
    },
  };
}

/** The instance that the caller's environment means, as for `tapstack/net`. */
const here = dgramOn(new NetHost({ transport: () => busTransport(process.env) }));

export const { createSocket, Socket } = here;
