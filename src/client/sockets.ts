import { EINTR, EMSGSIZE, EOPNOTSUPP } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { AF_INET } from '../netlink/constants.js';
import {
  Command,
  datagramAttributes,
  datagramOf,
  type PacketAttributes,
  SOCKET_DATA_LIMIT,
  SOCKET_DATAGRAM_LIMIT,
  type TapstackAttributes,
} from '../netlink/genl/tapstack.js';
import { ClientError } from './client-error.js';
import { SocketCalls } from './socket-calls.js';
import type { Transport } from './transport.js';
import { VRF_VARIABLE } from './vrf-variable.js';

// linux/net.h, asm-generic/socket.h, linux/tcp.h, linux/in.h
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;
export const MSG_DONTWAIT = 0x40;
export const MSG_ERRQUEUE = 0x2000;
export const SOL_IP = 0;
export const SOL_SOCKET = 1;
export const SOL_TCP = 6;

/** An address and port of a socket. The address has 4 or 16 bytes, in network order. */
export interface SocketEndpoint {
  /** AF_PACKET, where `port` is an EtherType, `scopeId` an ifindex and `address` perhaps empty; left out for IP. */
  readonly family?: number;
  readonly address: Uint8Array;
  readonly port: number;
  readonly scopeId?: number | undefined;
  /** Of IPv6: traffic class and flow label. */
  readonly flowInfo?: number | undefined;
}

export interface Received {
  /** Empty at the end of a stream. */
  readonly data: Uint8Array;
  /** Of a datagram: who sent it. */
  readonly from: SocketEndpoint | null;
  /** MSG_TRUNC, ... */
  readonly flags: number;
  /** Length of the whole datagram where it was cut. */
  readonly length: number;
  readonly ttl: number;
  readonly tos: number;
  readonly ifindex: number;
  /** When it was received, microseconds since the epoch; 0: not known. */
  readonly stampUs: number;
  /** struct sock_extended_err and its offender, with MSG_ERRQUEUE. */
  readonly error: ExtendedError | null;
}

/** What IP_RECVERR keeps of an ICMP error. */
export interface ExtendedError {
  readonly errno: number;
  /** SO_EE_ORIGIN_*: 1 local, 2 ICMP. */
  readonly origin: number;
  readonly type: number;
  readonly code: number;
  readonly info: number;
  /** Who sent the error; null: this host. */
  readonly offender: Uint8Array | null;
}

/** A packet that a packet socket has seen. */
export interface CapturedPacket {
  /** The frame with its link header (SOCK_RAW), cut to what was asked for or what the filter lets by. */
  readonly data: Uint8Array;
  /** Bytes that the packet had. */
  readonly length: number;
  /** Microseconds since the epoch. */
  readonly stampUs: number;
  readonly ifindex: number;
  /** EtherType. */
  readonly protocol: number;
  /** ARPHRD_* of the device. */
  readonly hardwareType: number;
  /** PACKET_*: 0 for this host, 1 broadcast, 2 multicast, 3 for another host, 4 sent by this one. */
  readonly packetType: number;
  /** Of the sender; empty where the device has no such addresses. */
  readonly address: Uint8Array;
  /** A VLAN tag that was taken out of the frame, and its EtherType. */
  readonly vlanTci: number | undefined;
  readonly vlanProtocol: number | undefined;
}

export interface SendOptions {
  readonly to?: SocketEndpoint;
  readonly flags?: number;
  readonly ttl?: number;
}

/** A datagram or raw socket, of the stack or of the host's kernel. Errors are NetErrors with the errno of the call. */
export interface PacketSocket {
  bind(endpoint: SocketEndpoint): Promise<void>;
  connect(endpoint: SocketEndpoint): Promise<void>;
  send(data: Uint8Array, options?: SendOptions): Promise<number>;
  /** Waits for something to receive, unless `flags` has MSG_DONTWAIT; EINTR when `signal` aborts the wait. */
  receive(options?: ReceiveOptions): Promise<Received>;
  setOption(level: number, option: number, value: number | Uint8Array): Promise<void>;
  localName(): Promise<SocketEndpoint>;
  close(): Promise<void>;
}

export interface ReceiveOptions {
  readonly length?: number;
  readonly flags?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Makes the sockets of a command; they close when it closes. */
export interface SocketMaker {
  /** socket(2); IPv4's unless `family` says otherwise. */
  open(type: number, protocol: number, family?: number): Promise<PacketSocket>;
  close(): void;
}

const SO_BINDTODEVICE = 25;

/**
 * Sockets where the transport leads: of the stack, or of the kernel below. `variables` are the command's: with TAPSTACK_VRF, which
 * `ip vrf exec` sets, they are bound to that VRF.
 */
export async function socketMaker(
  transport: Transport,
  variables: Readonly<Record<string, string | undefined>> = {},
): Promise<SocketMaker> {
  const maker = await makerOf(transport);
  const vrf = variables[VRF_VARIABLE];
  if (vrf === undefined || vrf === '' || transport.target === 'kernel') return maker;
  const device = new TextEncoder().encode(`${vrf}\0`);
  return {
    async open(type, protocol, family) {
      const socket = await maker.open(type, protocol, family);
      await socket.setOption(SOL_SOCKET, SO_BINDTODEVICE, device);
      return socket;
    },
    close: () => maker.close(),
  };
}

async function makerOf(transport: Transport): Promise<SocketMaker> {
  if (transport.target === 'kernel') {
    if (transport.sockets === undefined)
      throw new ClientError(EOPNOTSUPP, 'sockets of the kernel need koffi, which does not load on this machine');
    return transport.sockets();
  }
  const calls = await SocketCalls.open(transport);
  return { open: (type, protocol, family) => StackSocket.open(calls, type, protocol, family), close: () => calls.close() };
}

/**
 * A socket of the stack, as promises. Errors are NetErrors with the errno of the call; a wait that `signal` aborts ends in
 * NetError(EINTR) and loses nothing: what it waited for is given to the next call.
 */
export class StackSocket implements PacketSocket {
  readonly #calls: SocketCalls;
  readonly #id: number;
  readonly #isStream: boolean;
  #accepting: Promise<TapstackAttributes> | null = null;
  #receiving: Promise<TapstackAttributes> | null = null;

  private constructor(calls: SocketCalls, id: number, isStream: boolean) {
    this.#calls = calls;
    this.#id = id;
    this.#isStream = isStream;
  }

  /** socket(2). EAFNOSUPPORT, ESOCKTNOSUPPORT, EPROTONOSUPPORT, EPERM. */
  static async open(calls: SocketCalls, type: number, protocol = 0, family = AF_INET): Promise<StackSocket> {
    const { socket } = await calls.get(Command.SOCKET_OPEN, { family, type, protocol });
    return new StackSocket(calls, socket ?? 0, type === SOCK_STREAM);
  }

  bind(endpoint: SocketEndpoint): Promise<void> {
    return this.#calls.request(Command.SOCKET_BIND, { socket: this.#id, ...endpoint });
  }

  /** Resolves when the connection stands. After an abort the socket is of no use but to be closed. */
  async connect(endpoint: SocketEndpoint, signal?: AbortSignal): Promise<void> {
    await abortable(this.#calls.get(Command.SOCKET_CONNECT, { socket: this.#id, ...endpoint }), signal);
  }

  listen(backlog: number): Promise<void> {
    return this.#calls.request(Command.SOCKET_LISTEN, { socket: this.#id, backlog });
  }

  /** The next connection and who it comes from. */
  async accept(signal?: AbortSignal): Promise<{ readonly socket: StackSocket; readonly remote: SocketEndpoint }> {
    this.#accepting ??= this.#calls.get(Command.SOCKET_ACCEPT, { socket: this.#id });
    const accepting = this.#accepting;
    const answer = await abortable(accepting, signal, () => {
      this.#accepting = null;
    });
    return { socket: new StackSocket(this.#calls, answer.socket ?? 0, true), remote: endpointOf(answer) };
  }

  /** Resolves with the bytes taken once the socket's buffer has all of them. Of a stream, any number may be sent; else EMSGSIZE. */
  async send(data: Uint8Array, options: SendOptions = {}): Promise<number> {
    const { to, flags, ttl } = options;
    if (!this.#isStream && data.length > SOCKET_DATAGRAM_LIMIT) throw new NetError(EMSGSIZE);
    const most = this.#isStream ? SOCKET_DATA_LIMIT : SOCKET_DATAGRAM_LIMIT;
    let sent = 0;
    do {
      const piece = data.subarray(sent, sent + most);
      const request = { socket: this.#id, ...datagramAttributes(piece), flags, ttl, ...to };
      const answer = await this.#calls.get(Command.SOCKET_SEND, request);
      sent += answer.length ?? 0;
      if ((answer.length ?? 0) < piece.length) break;
    } while (sent < data.length);
    return sent;
  }

  /** Waits for something to receive, unless `flags` has MSG_DONTWAIT. */
  async receive(options: ReceiveOptions = {}): Promise<Received> {
    const { length = SOCKET_DATAGRAM_LIMIT, flags, signal } = options;
    const request = { socket: this.#id, length: Math.min(length, SOCKET_DATAGRAM_LIMIT), flags };
    if (flags !== undefined && (flags & (MSG_DONTWAIT | MSG_ERRQUEUE)) !== 0)
      return receivedOf(await this.#calls.get(Command.SOCKET_RECEIVE, request));
    this.#receiving ??= this.#calls.get(Command.SOCKET_RECEIVE, request);
    const receiving = this.#receiving;
    return receivedOf(
      await abortable(receiving, signal, () => {
        this.#receiving = null;
      }),
    );
  }

  /** Of a packet socket: waits for packets, and gives as many as there are, up to `most`. `flags`: MSG_DONTWAIT (EAGAIN). */
  async receivePackets(most: number, options: ReceiveOptions = {}): Promise<readonly CapturedPacket[]> {
    const { length = SOCKET_DATA_LIMIT, flags, signal } = options;
    const receiving = this.#calls.get(Command.SOCKET_RECEIVE, { socket: this.#id, length, flags, batch: most });
    const { packets = [] } = await abortable(receiving, signal);
    return packets.map(packetOf);
  }

  shutdown(how: number): Promise<void> {
    return this.#calls.request(Command.SOCKET_SHUTDOWN, { socket: this.#id, how });
  }

  close(): Promise<void> {
    return this.#calls.request(Command.SOCKET_CLOSE, { socket: this.#id });
  }

  setOption(level: number, option: number, value: number | Uint8Array): Promise<void> {
    const optionValue = typeof value === 'number' ? int32(value) : value;
    return this.#calls.request(Command.SOCKET_SETOPT, { socket: this.#id, level, option, optionValue });
  }

  async getOption(level: number, option: number): Promise<Uint8Array> {
    return (await this.#calls.get(Command.SOCKET_GETOPT, { socket: this.#id, level, option })).optionValue ?? new Uint8Array(0);
  }

  /** getsockname(2). */
  async localName(): Promise<SocketEndpoint> {
    return endpointOf(await this.#calls.get(Command.SOCKET_NAME, { socket: this.#id }));
  }

  /** getpeername(2). ENOTCONN. */
  async remoteName(): Promise<SocketEndpoint> {
    return endpointOf(await this.#calls.get(Command.SOCKET_NAME, { socket: this.#id, peer: true }));
  }
}

/** Waits for `promise` or the abort, whichever is first; `settled` runs when it was the promise. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined, settled?: () => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => {
      signal?.removeEventListener('abort', abort);
      reject(new NetError(EINTR));
    };
    const finish = (end: () => void) => {
      if (signal?.aborted === true) return;
      signal?.removeEventListener('abort', abort);
      settled?.();
      end();
    };
    promise.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error)),
    );
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort);
  });
}

const endpointOf = ({ address, port, scopeId }: TapstackAttributes): SocketEndpoint => ({
  address: address ?? new Uint8Array(4),
  port: port ?? 0,
  ...(scopeId === undefined || scopeId === 0 ? {} : { scopeId }),
});

const receivedOf = (answer: TapstackAttributes): Received => ({
  data: datagramOf(answer) ?? new Uint8Array(0),
  from: answer.address === undefined ? null : endpointOf(answer),
  flags: answer.flags ?? 0,
  length: answer.length ?? answer.data?.length ?? 0,
  ttl: answer.ttl ?? 0,
  tos: answer.tos ?? 0,
  ifindex: answer.ifindex ?? 0,
  stampUs: answer.stampUs ?? 0,
  error:
    answer.errorOrigin === undefined
      ? null
      : {
          errno: answer.error ?? 0,
          origin: answer.errorOrigin,
          type: answer.errorType ?? 0,
          code: answer.errorCode ?? 0,
          info: answer.errorInfo ?? 0,
          offender: answer.offender ?? null,
        },
});

const packetOf = (packet: PacketAttributes): CapturedPacket => ({
  data: packet.data ?? new Uint8Array(0),
  length: packet.length ?? 0,
  stampUs: packet.stampUs ?? 0,
  ifindex: packet.ifindex ?? 0,
  protocol: packet.protocol ?? 0,
  hardwareType: packet.hardwareType ?? 0,
  packetType: packet.packetType ?? 0,
  address: packet.address ?? new Uint8Array(0),
  vlanTci: packet.vlanTci,
  vlanProtocol: packet.vlanProtocol,
});

/** An int as socket options have it. */
export function int32(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
}
