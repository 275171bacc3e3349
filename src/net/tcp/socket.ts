import { chooseFlowLabel } from './flow-label.js';
import {
  EADDRINUSE,
  EAFNOSUPPORT,
  EAGAIN,
  EALREADY,
  ECONNABORTED,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENETUNREACH,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
} from '../../base/errno.js';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../netlink/constants.js';
import { needsScopeId } from '../../wire/ipv6.js';
import { clearSocketAddress, isAnyAddress, isMappedAddress, setIpv4Address } from '../core/inet-socket.js';
import {
  MSG_ZEROCOPY,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  type ReceiveInfo,
  SHUT_RD,
  SHUT_RDWR,
  type Socket,
  type SocketAddress,
} from '../core/socket.js';
import { getOption, setOption } from '../core/socket-options.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import type { GatherList } from '../core/payload.js';
import { closeSocket, closeState, disconnect, done, NEEDS_RESET, purgeWrites, RCV_SHUTDOWN, SEND_SHUTDOWN, setState } from './close.js';
import { startConnect } from './connect.js';
import {
  inState,
  MSG_FASTOPEN,
  RTN_LOCAL,
  RTN_UNICAST,
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_CONGESTION,
  TCP_ESTABLISHED,
  TCP_LISTEN,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCP_ULP,
} from './constants.js';
import { delayedAckTimeout } from './delayed-ack.js';
import { ErrorQueue } from './error-queue.js';
import { clientEnabled, mayOpenFast } from './fastopen-client.js';
import { ListenQueue } from './listen-queue.js';
import { sendActiveReset, sendFin } from './output.js';
import { limitPacing } from './pacing.js';
import { bindPort, connectPort, mayListen } from './ports.js';
import { flowOf } from './route.js';
import { SOL_TCP, tcpLevelOptions } from './socket-options.js';
import { Tcb } from './tcb.js';
import type { Tcp } from './tcp.js';
import { peekQueue, segmentAt } from './receive-queue.js';
import { keepaliveTimeout, retransmitTimeout, setKeepalive } from './timers.js';
import { hidesByte, URGENT_VALID } from './urgent.js';
import { unreadBytes, userReceive } from './user-receive.js';
import { isWritable, sendRoom, userSend, watchSend } from './user-send.js';

const TIMERS = { retransmit: retransmitTimeout, delayedAck: delayedAckTimeout, keepalive: keepaliveTimeout };

/** SOF_TIMESTAMPING_OPT_ID */
const TIMESTAMPING_OPT_ID = 1 << 7;

const NO_DATA = new Uint8Array(0);

const TEXT_OPTIONS = new Set([TCP_CONGESTION, TCP_ULP]);

/** Any byte makes the socket readable: there is no low-water mark, and no urgent byte in the way. */
const readsAny = (sk: Tcb): boolean => sk.receiveLowWater <= 1 && !hidesByte(sk);

const CLOSES_BY_SHUTDOWN = (1 << TCP_ESTABLISHED) | (1 << TCP_SYN_SENT) | (1 << TCP_CLOSE_WAIT);

/** A TCP socket: the user's calls (inet_stream_ops). What they start is done by the files beside this one. */
export class TcpSocket extends Tcb {
  /** A connect() is under way or ended without its result having been fetched (SS_CONNECTING). */
  #connecting = false;

  constructor(tcp: Tcp, family: number, uid: number, privileged: boolean) {
    super(tcp, family, uid, privileged, TIMERS);
  }

  /** tcp_poll() */
  poll(): number {
    if (this.state === TCP_LISTEN) return this.listenQueue !== null && this.listenQueue.length > 0 ? POLLIN : 0;
    let events = 0;
    const mask = this.shutdownMask;
    if (mask === (RCV_SHUTDOWN | SEND_SHUTDOWN) || this.state === TCP_CLOSE) events |= POLLHUP;
    if ((mask & RCV_SHUTDOWN) !== 0) events |= POLLIN | POLLRDHUP;
    if (this.fastopenDeferred) return POLLOUT;
    if (this.state !== TCP_SYN_SENT && (this.state !== TCP_SYN_RECV || this.fastOpenRequest !== null)) {
      if (this.receiveHead !== null && (readsAny(this) || unreadBytes(this) >= this.receiveLowWater + (hidesByte(this) ? 1 : 0)))
        events |= POLLIN;
      if ((mask & SEND_SHUTDOWN) !== 0) events |= POLLOUT;
      else if (isWritable(this)) events |= POLLOUT;
      else this.noSpace = true;
      if (this.urgentState === URGENT_VALID) events |= POLLPRI;
    }
    if (this.pendingError !== 0 || (this.errorQueue !== null && this.errorQueue.length > 0)) events |= POLLERR;
    return events;
  }

  bind(address: SocketAddress): number {
    const bad = this.checkBind(address);
    if (bad !== 0) return bad;
    if (this.state !== TCP_CLOSE || this.hold !== null) return -EINVAL;
    this.takeLocalAddress(address);
    if (address.port === 0 && this.bindAddressNoPort) {
      this.local.port = 0;
      return 0;
    }
    if (bindPort(this, address.port) !== 0) {
      clearSocketAddress(this.local, this.family, 0);
      this.addressLocked = false;
      return -EADDRINUSE;
    }
    this.portLocked = address.port !== 0;
    return 0;
  }

  connect(address: SocketAddress): number {
    this.tcp.stack.refreshClock();
    if (address.family === AF_UNSPEC) {
      disconnect(this);
      this.#connecting = false;
      return 0;
    }
    if (this.#connecting) return this.#connectAgain();
    if (this.state !== TCP_CLOSE) return -EISCONN;
    if (address.family !== this.family && !(this.family === AF_INET6 && address.family === AF_INET)) return -EAFNOSUPPORT;
    if (this.fastopenConnect && clientEnabled(this) && this.#defers(address)) return 0;
    const error = this.#start(address, this.fastopenConnect ? NO_DATA : null);
    if (error !== 0) return error;
    this.#connecting = true;
    return -EINPROGRESS;
  }

  /** TCP_FASTOPEN_CONNECT: the SYN waits for data to go along, if the server is known. */
  #defers(address: SocketAddress): boolean {
    for (let i = 0; i < 4; i++) this.remote.words[i] = address.words[i]!;
    this.remote.port = address.port;
    if (!mayOpenFast(this)) return false;
    this.fastopenDeferred = true;
    return true;
  }

  /** send(2) that connects (MSG_FASTOPEN, or after a connect() that waited): the count that went with the SYN, else -EINPROGRESS. */
  #sendWithSyn(bytes: Uint8Array, start: number, length: number, to: SocketAddress | null, flags: number): number {
    if (!clientEnabled(this)) return -EOPNOTSUPP;
    if (this.#connecting) {
      const result = this.#connectAgain();
      return result === 0 ? userSend(this, bytes, start, length, flags) : result;
    }
    if (this.state !== TCP_CLOSE) return -EISCONN;
    const address = to ?? this.remote;
    if (to !== null && to.family !== this.family && !(this.family === AF_INET6 && to.family === AF_INET)) return -EAFNOSUPPORT;
    this.fastopenDeferred = false;
    const error = this.#start(address, bytes.subarray(start, start + length));
    if (error !== 0) return error;
    this.#connecting = true;
    if (this.synData === 0) return -EINPROGRESS;
    if ((flags & MSG_ZEROCOPY) !== 0) watchSend(this, flags);
    return this.synData;
  }

  /** A further connect() asks what became of the first. */
  #connectAgain(): number {
    if (this.state === TCP_SYN_SENT || this.state === TCP_SYN_RECV) return -EALREADY;
    this.#connecting = false;
    // Linux: __inet_stream_connect() takes note of the success now, and says EISCONN from the next call on.
    if (this.state !== TCP_CLOSE) return 0;
    const error = this.takeError() || ECONNABORTED;
    disconnect(this);
    this.pendingError = 0;
    return -error;
  }

  /** What tcp_v6_connect() looks at first: the link of a link-local peer, and whether the families fit. */
  #check6(address: SocketAddress): number {
    const { words } = address;
    if (isMappedAddress(words)) {
      const local = this.local.words;
      return this.ipv6Only || !(isAnyAddress(local) || isMappedAddress(local)) ? -ENETUNREACH : 0;
    }
    if (words[0]! >>> 24 === 0xff) return -ENETUNREACH;
    if (!needsScopeId(words)) return 0;
    if (address.scopeId !== 0) {
      if (this.boundIfindex !== 0 && this.boundIfindex !== address.scopeId) return -EINVAL;
      this.boundIfindex = address.scopeId;
    }
    return this.boundIfindex === 0 ? -EINVAL : 0;
  }

  /** tcp_v4_connect(), tcp_v6_connect() */
  #start(address: SocketAddress, data: Uint8Array | null): number {
    const tcp = this.tcp;
    const bad = this.family === AF_INET6 ? this.#check6(address) : 0;
    if (bad !== 0) return bad;
    const transport = tcp.transportFor(address.words);
    if (transport === null) return -ENETUNREACH;
    this.transport = transport;
    const port = address.port;
    for (let i = 0; i < 4; i++) this.remote.words[i] = address.words[i]!;
    this.remote.port = port;
    if (transport.layer.family === AF_INET6) {
      const refused = chooseFlowLabel(this, address);
      if (refused !== 0) {
        this.#forgetNames();
        return refused;
      }
    }
    const flow = flowOf(this);
    const dst = transport.layer.route(flow);
    let error = -dst.error;
    if (error === 0 && dst.type !== RTN_UNICAST && dst.type !== RTN_LOCAL) error = -ENETUNREACH;
    if (error === 0) {
      if (isAnyAddress(this.local.words)) transport.takeSource(flow, this.local.words);
      // 0.0.0.0 means this host; the lookup says by which address.
      if (this.family === AF_INET) setIpv4Address(this.remote, flow.destination, port);
      else if (transport.layer.family === AF_INET6) this.remote.words.set(flow.destination6);
      else this.remote.words[3] = flow.destination;
      error = connectPort(this);
    }
    if (error === 0) {
      this.dst = null;
      error = startConnect(this, data);
      if (error !== 0) setState(this, TCP_CLOSE);
    }
    if (error !== 0) this.#forgetNames();
    return error;
  }

  #forgetNames(): void {
    this.transport = null;
    this.dst = null;
    const port = this.local.port;
    const held = this.hold !== null;
    if (!this.addressLocked) clearSocketAddress(this.local, this.family, 0);
    this.local.port = held ? port : 0;
    clearSocketAddress(this.remote, this.family, 0);
  }

  listen(backlog: number): number {
    if (this.state !== TCP_CLOSE && this.state !== TCP_LISTEN) return -EINVAL;
    if (this.#connecting) return -EINVAL;
    const most = Math.min(backlog >>> 0, this.namespace.core.somaxconn);
    if (this.listenQueue !== null) {
      this.listenQueue.maxBacklog = most;
      return 0;
    }
    if (this.hold === null) {
      if (bindPort(this, 0) !== 0) return -EADDRINUSE;
    }
    if (!mayListen(this)) return -EADDRINUSE;
    this.listenQueue = new ListenQueue(most);
    this.listening = true;
    this.tcp.listeners.add(this);
    setState(this, TCP_LISTEN);
    return 0;
  }

  accept(): Socket | number {
    if (this.listenQueue === null) return -EINVAL;
    const child = this.listenQueue.shift();
    return child ?? -EAGAIN;
  }

  send(bytes: Uint8Array, start: number, length: number, flags: number, to: SocketAddress | null): number {
    this.tcp.stack.refreshClock();
    if (this.fastopenDeferred) return this.#sendWithSyn(bytes, start, length, null, flags);
    if ((flags & MSG_FASTOPEN) !== 0) {
      // Linux: tcp_sendmsg_fastopen() is a connect(), which finds one that is made already.
      return this.#sendWithSyn(bytes, start, length, to, flags);
    }
    return userSend(this, bytes, start, length, flags);
  }

  receive(into: Uint8Array, start: number, length: number, flags: number, info: ReceiveInfo | null): number {
    this.tcp.stack.refreshClock();
    return userReceive(this, into, start, length, flags, info);
  }

  /** Memory for up to `most` bytes to be sent (at most sendRoom), which sendReserved() then takes: how much it is; 0: send() is to be used. */
  reserveSend(most: number, list: GatherList): number {
    if (this.fastopenDeferred || this.timestampingFlags !== 0) return 0;
    return this.queue.reserve(most, list);
  }

  /** The first `count` bytes of what reserveSend() gave are to be sent; 0: none are. `count` or a negative errno. */
  sendReserved(count: number): number {
    this.tcp.stack.refreshClock();
    const sent = count > 0 ? userSend(this, null, 0, count, 0) : 0;
    this.queue.release();
    return sent;
  }

  /** The segment in which the byte lies that is `offset` behind the first unread one; null: there is none (yet). `place.at`: where in it. */
  segmentAt(offset: number, place: { at: number }): PacketBuffer | null {
    return segmentAt(this, offset, place);
  }

  /** What recv(2) with MSG_PEEK and SO_PEEK_OFF gives: bytes from `offset` on, 0 where there are none (yet). */
  peekAt(offset: number, into: Uint8Array, start: number, length: number): number {
    return peekQueue(this, offset, into, start, length);
  }

  /** Bytes that send() takes now, whatever leaves meanwhile. */
  get sendRoom(): number {
    return sendRoom(this);
  }

  /** The peer has sent all there will be (its FIN, or shutdown(SHUT_RD) here). */
  get readClosed(): boolean {
    return (this.shutdownMask & RCV_SHUTDOWN) !== 0;
  }

  /** inet_shutdown(), tcp_shutdown() */
  shutdown(how: number): number {
    if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
    this.tcp.stack.refreshClock();
    const mask = how + 1;
    if (this.state === TCP_CLOSE) return -ENOTCONN;
    if (this.state === TCP_LISTEN || this.state === TCP_SYN_SENT) {
      if (this.state === TCP_LISTEN && (mask & RCV_SHUTDOWN) === 0) return 0;
      disconnect(this);
      this.#connecting = false;
      return 0;
    }
    this.shutdownMask |= mask;
    if ((mask & SEND_SHUTDOWN) !== 0 && inState(this.state, CLOSES_BY_SHUTDOWN) && closeState(this)) sendFin(this);
    this.tcp.wake(this);
    return 0;
  }

  close(): void {
    if (this.orphan || this.closed) return;
    this.tcp.stack.refreshClock();
    closeSocket(this);
  }

  /** Ends the connection with a reset, as SOCK_DESTROY (tcp_abort()). `errno` is what the user gets. */
  abort(errno: number): void {
    if (this.state === TCP_CLOSE) return;
    if (this.state === TCP_LISTEN) {
      disconnect(this);
      return;
    }
    // The names stay: who looks at the socket, or is told of its end, knows it by them.
    if (inState(this.state, NEEDS_RESET)) sendActiveReset(this);
    this.pendingError = errno;
    purgeWrites(this);
    done(this);
  }

  override timestampingChanged(before: number): void {
    const flags = this.timestampingFlags;
    if (flags !== 0 && this.errorQueue === null) this.errorQueue = new ErrorQueue();
    // Linux: sock_set_timestamping() counts from what is not acknowledged yet.
    if (this.errorQueue !== null && (flags & ~before & TIMESTAMPING_OPT_ID) !== 0) this.errorQueue.keyFrom = this.sndUna;
  }

  override setMaxPacingRate(rate: number): void {
    limitPacing(this, rate);
  }

  /** SO_RCVLOWAT: no more than the buffer can ever hold, which grows for it. Linux: tcp_set_rcvlowat() */
  override setReceiveLowWater(bytes: number): void {
    const most = this.receiveBufferLocked ? this.receiveBuffer : this.tcp.settings.rmem[2]!;
    this.receiveLowWater = Math.min(bytes, most >> 1) || 1;
    if (this.receiveBufferLocked) return;
    this.receiveBuffer = Math.max(this.receiveBuffer, 2 * this.receiveLowWater);
  }

  override setKeepAlive(on: boolean): void {
    setKeepalive(this, on);
  }

  routeChanged(): void {
    this.dst = null;
  }

  connectionMtu(): number {
    if (this.transport === null || this.dst === null) return 0;
    return this.transport.layer.pathMtu(this.dst);
  }

  protected override readonly protocolLevel = SOL_TCP;

  protected setProtocolOption(level: number, option: number, value: Uint8Array): number {
    if (level !== SOL_TCP) return -ENOPROTOOPT;
    this.tcp.stack.refreshClock();
    // Linux: whatever is not a name or a structure is an int, even where the option does not exist.
    if (value.length < 4 && !TEXT_OPTIONS.has(option)) return -EINVAL;
    return setOption(tcpLevelOptions, this, option, value);
  }

  protected getProtocolOption(level: number, option: number): Uint8Array | number {
    if (level !== SOL_TCP) return -ENOPROTOOPT;
    this.tcp.stack.refreshClock();
    return getOption(tcpLevelOptions, this, option);
  }
}
