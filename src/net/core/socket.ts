import type { Namespace } from './namespace.js';

// poll(2) events, asm-generic/poll.h
export const POLLIN = 0x001;
export const POLLPRI = 0x002;
export const POLLOUT = 0x004;
export const POLLERR = 0x008;
export const POLLHUP = 0x010;
export const POLLRDHUP = 0x2000;

// linux/net.h, asm-generic/socket.h
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_SEQPACKET = 5;
export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

export const MSG_PEEK = 0x02;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_ZEROCOPY = 0x400_0000;
export const MSG_EOR = 0x80;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_MORE = 0x8000;
export const MSG_ERRQUEUE = 0x2000;
export const MSG_CTRUNC = 0x08;

/**
 * An address and port of a socket. `words` hold an IPv6 address, or an IPv4 address in its mapped form ::ffff:a.b.c.d, so that
 * one table serves both families; `words[3]` is then the IPv4 address as a number.
 */
export class SocketAddress {
  /** AF_INET or AF_INET6: how the user wrote it. */
  family = 0;
  readonly words = new Uint32Array(4);
  port = 0;
  scopeId = 0;
  /** sin6_flowinfo in host order: traffic class and flow label. */
  flowInfo = 0;
  /**
   * Of a packet socket (`port` the EtherType, `scopeId` the ifindex) the link-layer address, of a Unix socket the name, a file's or
   * one behind a zero byte; null: none. Whoever sets it hands over bytes that do not change.
   */
  bytes: Uint8Array | null = null;
  /** Of a packet that was received: ARPHRD_* and PACKET_* (sll_hatype, sll_pkttype). */
  hardwareType = 0;
  packetType = 0;
}

/** What a receive call tells besides the bytes. Reused by callers. */
export class ReceiveInfo {
  readonly from = new SocketAddress();
  /** MSG_TRUNC, MSG_CTRUNC, ... of the result. */
  flags = 0;
  /** Full length of the datagram, where it was cut. */
  fullLength = 0;
  ttl = 0;
  tos = 0;
  /** Of an IPv6 packet: traffic class and flow label. */
  flowInfo = 0;
  ifindex = 0;
  timestampUs = 0;
  /** Where it was sent to (the header's destination), in mapped form: ipi_addr of IP_PKTINFO. */
  readonly destination = new Uint32Array(4);
  /** Of MSG_ERRQUEUE, struct sock_extended_err: errno, origin (SO_EE_ORIGIN_*), ICMP type and code, next-hop MTU. */
  errorNumber = 0;
  errorOrigin = 0;
  errorType = 0;
  errorCode = 0;
  errorInfo = 0;
  /** ee_data of what is no ICMP error: the number of a zero-copy send, the byte that a timestamp is of. */
  errorData = 0;
  /** When that byte left or arrived, microseconds since the epoch; -1: no timestamp. */
  errorStampUs = -1;
  /** TCP_CM_INQ: bytes that are left to be read; -1: not asked for. */
  left = -1;
  /** Who sent the ICMP error. */
  readonly offender = new SocketAddress();
  /** Bytes of each datagram of a super-packet, for a socket with UDP_GRO; 0: it is one datagram. */
  segmentBytes = 0;
  /** Of a packet socket: the VLAN tag that was taken out of the frame (TCI), -1: none, and its EtherType. */
  vlanTci = -1;
  vlanProtocol = 0;
  /** Of a packet socket: TP_STATUS_*. */
  frameStatus = 0;
}

/**
 * A socket with Linux's semantics, never blocking: calls return a count or 0, or a negative errno (-EAGAIN where a blocking
 * call would wait, -EINPROGRESS for a connect under way). Whoever waits sets `onReady` and looks at poll().
 */
export abstract class Socket {
  readonly namespace: Namespace;
  /** AF_INET, AF_INET6, ... */
  readonly family: number;
  /** SOCK_STREAM, ... */
  readonly type: number;
  readonly protocol: number;
  /** Unique in the stack: the number that stands for the inode (`ss -e`, /proc/net/tcp); of a program's, that of its descriptor. */
  inode: number;
  readonly uid: number;
  readonly local = new SocketAddress();
  readonly remote = new SocketAddress();
  /** SO_ERROR: a positive errno waiting to be reported once; 0: none. */
  pendingError = 0;
  /** SO_RCVBUF and SO_SNDBUF as Linux keeps them: twice what was asked. */
  receiveBuffer: number;
  sendBuffer: number;
  /** Bytes of memory (truesize) in the receive and send queues. */
  receiveMemory = 0;
  sendMemory = 0;
  /** Bytes taken ahead of the protocol's memory and not charged yet (sk_forward_alloc): protocol-memory.ts. */
  forwardAlloc = 0;
  reuseAddress = false;
  reusePort = false;
  broadcast = false;
  keepAlive = false;
  /** SO_LINGER: -1 off, else seconds. */
  linger = -1;
  mark = 0;
  priority = 0;
  /** SO_BINDTODEVICE; 0: none. */
  boundIfindex = 0;
  ttl = -1;
  tos = 0;
  /** SHUT_RD was done (bit 0), SHUT_WR (bit 1): RCV_SHUTDOWN and SEND_SHUTDOWN. */
  shutdownMask = 0;
  closed = false;
  /** Called when poll() may have got new events; never from inside a call by the same user on this socket's own state alone. */
  onReady: ((socket: Socket) => void) | null = null;

  constructor(namespace: Namespace, family: number, type: number, protocol: number, uid: number) {
    this.namespace = namespace;
    this.family = family;
    this.type = type;
    this.protocol = protocol;
    this.uid = uid;
    this.receiveBuffer = namespace.stack.settings.rmemDefault;
    this.sendBuffer = namespace.stack.settings.wmemDefault;
    this.inode = namespace.stack.random.u32() & 0x7fff_ffff;
  }

  /** POLL* events that are true now. */
  abstract poll(): number;
  abstract bind(address: SocketAddress): number;
  abstract connect(address: SocketAddress): number;
  abstract listen(backlog: number): number;
  /** The next connection, or a negative errno. */
  abstract accept(): Socket | number;
  /** Takes what fits of `bytes[start .. start + length)`; `to` null: the connected peer. Returns the count taken. */
  abstract send(bytes: Uint8Array, start: number, length: number, flags: number, to: SocketAddress | null): number;
  /** Fills `into[start .. start + length)`; 0 at the end of a stream. */
  abstract receive(into: Uint8Array, start: number, length: number, flags: number, info: ReceiveInfo | null): number;
  abstract shutdown(how: number): number;
  /** The user lets go; the protocol may live on (FIN, TIME_WAIT). */
  abstract close(): void;
  /** setsockopt: 0 or a negative errno. `value` as the user's bytes. */
  abstract setOption(level: number, option: number, value: Uint8Array): number;
  /** getsockopt: the bytes, or a negative errno. */
  abstract getOption(level: number, option: number): Uint8Array | number;

  /** Takes SO_ERROR: the pending error is reported once. */
  takeError(): number {
    const error = this.pendingError;
    this.pendingError = 0;
    return error;
  }

  protected wake(): void {
    if (this.onReady !== null) this.onReady(this);
  }
}

/** Makes sockets of one (family, type, protocol); registered by protocols in the namespace's SocketTable. Negative errno to refuse. */
export interface SocketFamily {
  readonly family: number;
  readonly type: number;
  /** The protocol number that stands for "0", the default. */
  readonly protocol: number;
  /** Accepts any protocol number (raw sockets). */
  readonly anyProtocol?: boolean;
  create(namespace: Namespace, protocol: number, uid: number, netRaw: boolean): Socket | number;
}

/** The socket families that a namespace offers (net_families and inetsw). */
export class SocketTable {
  readonly families: SocketFamily[] = [];

  register(family: SocketFamily): void {
    this.families.push(family);
  }
}
