import { EAGAIN, EALREADY, EBUSY, ECANCELED, EINPROGRESS, EOPNOTSUPP } from '../../base/errno.js';
import { fail, NetError } from '../../base/net-error.js';
import {
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  POLLERR,
  POLLHUP,
  POLLOUT,
  ReceiveInfo,
  SOCK_STREAM,
  type Socket,
  type SocketAddress,
} from '../../net/core/socket.js';
import { AF_PACKET } from '../../netlink/constants.js';
import {
  Command,
  type CommandNumber,
  datagramAttributes,
  type PacketAttributes,
  SOCKET_DATA_LIMIT,
  SOCKET_DATAGRAM_LIMIT,
  type TapstackAttributes,
} from '../../netlink/genl/tapstack.js';
import type { LateAnswer, NetlinkRequest } from '../netlink-request.js';
import { answer } from './answer.js';
import { socketAddressAttributes } from './socket-addresses.js';

/** Received bytes on their way from the socket into an answer; no call leaves anything in it. */
const received = new Uint8Array(SOCKET_DATAGRAM_LIMIT);
const info = new ReceiveInfo();

interface WaitingReceive {
  readonly answer: LateAnswer;
  readonly length: number;
  readonly flags: number;
  /** How many packets are wanted at once; 0: one datagram, or bytes. */
  readonly batch: number;
}

/** Bytes of packets that one answer carries at most, but for the last of them. */
const BATCH_BYTES = 131_072;
/** What fits a packet's attribute beside what else is told of it. */
const PACKET_BYTES = SOCKET_DATA_LIMIT - 128;

interface WaitingSend {
  readonly answer: LateAnswer;
  readonly bytes: Uint8Array;
  readonly flags: number;
  readonly to: SocketAddress | null;
  readonly ttl: number | undefined;
  /** Bytes that the socket has taken. */
  taken: number;
}

/**
 * A socket that a client holds over netlink. Calls that would block wait here, one of each kind, and are answered when the
 * socket is ready.
 */
export class ServedSocket {
  readonly id: number;
  readonly socket: Socket;
  readonly #accepted: (socket: Socket) => number;
  #connect: LateAnswer | null = null;
  #accept: LateAnswer | null = null;
  #receive: WaitingReceive | null = null;
  #send: WaitingSend | null = null;
  #scheduled = false;
  #closed = false;

  /** `accepted` makes a new connection one of the client's sockets and gives its id. */
  constructor(id: number, socket: Socket, accepted: (socket: Socket) => number) {
    this.id = id;
    this.socket = socket;
    this.#accepted = accepted;
    socket.onReady = this.#schedule;
  }

  connect(request: NetlinkRequest, address: SocketAddress): void {
    if (this.#connect !== null) fail(EALREADY);
    const result = this.socket.connect(address);
    if (result < 0 && result !== -EINPROGRESS) fail(-result);
    this.#connect = request.later();
    if (result === 0) this.#finishConnect(0);
    else this.#runConnect();
  }

  accept(request: NetlinkRequest): void {
    if (this.#accept !== null) fail(EBUSY);
    this.#accept = request.later();
    this.#runAccept();
  }

  receive(request: NetlinkRequest, length: number, flags: number, batch = 0): void {
    if (batch > 0 && this.socket.family !== AF_PACKET) fail(EOPNOTSUPP);
    // The error queue never makes a reader wait.
    if (batch === 0 && (flags & (MSG_DONTWAIT | MSG_ERRQUEUE)) !== 0) {
      const count = this.#receiveNow(length, flags);
      if (count < 0) fail(-count);
      answer(request, Command.SOCKET_RECEIVE, this.#describe(count));
      return;
    }
    if (this.#receive !== null) fail(EBUSY);
    this.#receive = { answer: request.later(), length, flags, batch };
    this.#runReceive();
  }

  send(request: NetlinkRequest, bytes: Uint8Array, flags: number, to: SocketAddress | null, ttl: number | undefined): void {
    if (this.#send !== null) fail(EBUSY);
    this.#send = { answer: request.later(), bytes, flags, to, ttl, taken: 0 };
    this.#runSend();
  }

  /** Lets go of the socket; what still waits is answered with ECANCELED. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.socket.onReady = null;
    const waiting = [this.#connect, this.#accept, this.#receive?.answer, this.#send?.answer];
    this.#connect = this.#accept = this.#receive = this.#send = null;
    for (const answer of waiting) answer?.fail(new NetError(ECANCELED));
    this.socket.close();
  }

  /** onReady comes from the middle of packet input: the calls are made at the end of the round. */
  readonly #schedule = (): void => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.socket.namespace.stack.defer(this.#run);
  };

  readonly #run = (): void => {
    this.#scheduled = false;
    this.#runConnect();
    this.#runAccept();
    this.#runSend();
    this.#runReceive();
  };

  #runConnect(): void {
    if (this.#connect === null) return;
    if ((this.socket.poll() & (POLLOUT | POLLERR | POLLHUP)) === 0) return;
    this.#finishConnect(this.socket.takeError());
  }

  #finishConnect(errno: number): void {
    const late = this.#connect;
    this.#connect = null;
    if (errno !== 0) late?.fail(new NetError(errno));
    else reply(late, Command.SOCKET_CONNECT, { socket: this.id });
  }

  #runAccept(): void {
    const answer = this.#accept;
    if (answer === null) return;
    const connection = this.socket.accept();
    if (connection === -EAGAIN) return;
    this.#accept = null;
    if (typeof connection === 'number') {
      answer.fail(new NetError(-connection));
      return;
    }
    let id: number;
    try {
      id = this.#accepted(connection);
    } catch (error) {
      connection.close();
      if (!(error instanceof NetError)) throw error;
      answer.fail(error);
      return;
    }
    reply(answer, Command.SOCKET_ACCEPT, { socket: id, ...socketAddressAttributes(connection.remote, connection.family) });
  }

  #runReceive(): void {
    const waiting = this.#receive;
    if (waiting === null || !waiting.answer.owed) return;
    if (waiting.batch > 0) {
      this.#runBatch(waiting);
      return;
    }
    const count = this.#receiveNow(waiting.length, waiting.flags);
    if (count === -EAGAIN) return;
    this.#receive = null;
    if (count < 0) waiting.answer.fail(new NetError(-count));
    else reply(waiting.answer, Command.SOCKET_RECEIVE, this.#describe(count));
  }

  /** All packets that are there, up to as many as are wanted and fit. */
  #runBatch({ answer: late, length, flags, batch }: WaitingReceive): void {
    const packets: PacketAttributes[] = [];
    let bytes = 0;
    while (packets.length < batch && bytes < BATCH_BYTES) {
      const count = this.#receiveNow(Math.min(length, PACKET_BYTES), 0);
      if (count < 0) {
        if (count === -EAGAIN || packets.length > 0) break;
        this.#receive = null;
        late.fail(new NetError(-count));
        return;
      }
      packets.push(this.#describePacket(count));
      bytes += count;
    }
    if (packets.length === 0 && (flags & MSG_DONTWAIT) === 0) return;
    this.#receive = null;
    if (packets.length === 0) late.fail(new NetError(EAGAIN));
    else reply(late, Command.SOCKET_RECEIVE, { packets });
  }

  #describePacket(count: number): PacketAttributes {
    const { from } = info;
    return {
      data: received.slice(0, count),
      length: Math.max(info.fullLength, count),
      stampUs: this.#wallUs(),
      ifindex: info.ifindex,
      protocol: from.port,
      hardwareType: from.hardwareType,
      packetType: from.packetType,
      ...(from.bytes === null || from.bytes.length === 0 ? {} : { address: from.bytes }),
      ...(info.vlanTci < 0 ? {} : { vlanTci: info.vlanTci, vlanProtocol: info.vlanProtocol }),
    };
  }

  /** When what was received last came, microseconds since the epoch; 0: unknown. */
  #wallUs(): number {
    const { clock } = this.socket.namespace.stack;
    return info.timestampUs === 0 ? 0 : clock.wallUs() - (clock.monotonicUs() - info.timestampUs);
  }

  #receiveNow(length: number, flags: number): number {
    clearInfo();
    const most = this.socket.type === SOCK_STREAM ? SOCKET_DATA_LIMIT : SOCKET_DATAGRAM_LIMIT;
    return this.socket.receive(received, 0, Math.min(length, most), flags | MSG_DONTWAIT, info);
  }

  /** The bytes received, and of a datagram where it came from and how. */
  #describe(count: number): TapstackAttributes {
    const data = received.subarray(0, count);
    if (this.socket.type === SOCK_STREAM) return { data, ...(info.flags === 0 ? {} : { flags: info.flags }) };
    const { family } = this.socket;
    return {
      ...datagramAttributes(data),
      ...(info.from.family === 0 ? {} : socketAddressAttributes(info.from, family)),
      length: Math.max(info.fullLength, count),
      flags: info.flags,
      ttl: info.ttl & 0xff,
      tos: info.tos & 0xff,
      ifindex: info.ifindex,
      stampUs: this.#wallUs(),
      ...((info.flags & MSG_ERRQUEUE) === 0 ? {} : extendedError(family)),
    };
  }

  #runSend(): void {
    const waiting = this.#send;
    if (waiting === null) return;
    for (;;) {
      const count = this.#sendOnce(waiting);
      if (count === -EAGAIN && (waiting.flags & MSG_DONTWAIT) === 0) return;
      if (count > 0) waiting.taken += count;
      const whole = waiting.taken >= waiting.bytes.length || this.socket.type !== SOCK_STREAM;
      if (count > 0 && !whole) continue;
      if (count === 0 && !whole) return;
      this.#send = null;
      if (count < 0 && waiting.taken === 0) waiting.answer.fail(new NetError(-count));
      else reply(waiting.answer, Command.SOCKET_SEND, { length: waiting.taken });
      return;
    }
  }

  #sendOnce(waiting: WaitingSend): number {
    const { bytes, taken, flags, to, ttl } = waiting;
    const usual = this.socket.ttl;
    // IP_TTL as a control message: for this datagram alone.
    if (ttl !== undefined) this.socket.ttl = ttl;
    const count = this.socket.send(bytes, taken, bytes.length - taken, flags | MSG_DONTWAIT, to);
    this.socket.ttl = usual;
    return count;
  }
}

function reply(late: LateAnswer | null, command: CommandNumber, attributes: TapstackAttributes): void {
  late?.done((request) => answer(request, command, attributes));
}

/** struct sock_extended_err and who sent the error, of what MSG_ERRQUEUE gave. */
function extendedError(family: number): TapstackAttributes {
  return {
    error: info.errorNumber,
    errorOrigin: info.errorOrigin,
    errorType: info.errorType,
    errorCode: info.errorCode,
    errorInfo: info.errorInfo,
    ...(info.offender.family === 0 ? {} : { offender: socketAddressAttributes(info.offender, family).address }),
  };
}

function clearInfo(): void {
  info.offender.family = 0;
  info.from.family = 0;
  info.from.bytes = null;
  info.from.port = 0;
  info.from.scopeId = 0;
  info.flags = 0;
  info.fullLength = 0;
  info.ttl = 0;
  info.tos = 0;
  info.ifindex = 0;
  info.timestampUs = 0;
  info.vlanTci = -1;
}
