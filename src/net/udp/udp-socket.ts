import { EADDRINUSE, EAGAIN, EINVAL, EMSGSIZE, ENOBUFS, ENOPROTOOPT } from '../../base/errno.js';
import * as udp from '../../wire/udp.js';
import { AF_INET } from '../../netlink/constants.js';
import { clearSocketAddress } from '../core/inet-socket.js';
import { DatagramSocket } from '../core/datagram-socket.js';
import type { Namespace } from '../core/namespace.js';
import { CHECKSUM_PARTIAL, GSO_UDP_L4, type PacketBuffer } from '../core/packet-buffer.js';
import { MSG_MORE, SOCK_DGRAM, type SocketAddress } from '../core/socket.js';
import { getOption, intBytes, readInt, setOption } from '../core/socket-options.js';
import { fold } from '../../wire/checksum.js';
import { UdpCork } from './cork.js';
import { SOL_UDP, udpOptions } from './options.js';
import type { Udp } from './udp.js';

const SO_NO_CHECK = 11;
const MAX_DATAGRAM = 0xffff;
/** UDP_MAX_SEGMENTS */
const MAX_SEGMENTS = 64;

/** Takes the datagrams of a socket that the stack holds for a tunnel (encap_rcv), `skb.data` at the UDP header, and owns them. */
export interface EncapsulationReceiver {
  receive(skb: PacketBuffer): void;
}

/** A UDP socket (struct udp_sock). */
export class UdpSocket extends DatagramSocket {
  readonly #udp: Udp;
  /** SO_NO_CHECK: send without a checksum. */
  noChecksum = false;
  /** UDP_NO_CHECK6_TX: sends without a checksum over IPv6. */
  sendsZeroChecksum6 = false;
  /** UDP_GRO: super-packets are received as they are, with the length of their datagrams. */
  takesSuperPackets = false;
  #corked = false;
  #cork: UdpCork | null = null;
  /** Takes datagrams over IPv6 without a checksum (UDP_NO_CHECK6_RX), as tunnels may (RFC 6935). */
  acceptsZeroChecksum6 = false;
  /** The tunnel that has its datagrams; null: they are queued for a program. */
  encapsulation: EncapsulationReceiver | null = null;
  #hasPort = false;

  constructor(namespace: Namespace, owner: Udp, family: number, uid: number, privileged: boolean) {
    super(namespace, family, SOCK_DGRAM, udp.PROTOCOL, uid, privileged);
    this.#udp = owner;
  }

  bind(address: SocketAddress): number {
    const bad = this.checkBind(address);
    if (bad !== 0) return bad;
    if (this.connected || this.#hasPort) return -EINVAL;
    this.takeLocalAddress(address);
    if (address.port === 0 && this.bindAddressNoPort) return 0;
    if (this.#udp.ports.bind(this, address.port) !== 0) {
      clearSocketAddress(this.local, this.family, 0);
      this.addressLocked = false;
      this.sendsFromAny = false;
      return -EADDRINUSE;
    }
    this.#hasPort = true;
    this.portLocked = address.port !== 0;
    return 0;
  }

  /** Takes `port` on all addresses, for a tunnel: 0 or -EADDRINUSE. */
  bindForTunnel(port: number, receiver: EncapsulationReceiver): number {
    if (this.#udp.ports.bind(this, port) !== 0) return -EADDRINUSE;
    this.#hasPort = true;
    this.portLocked = true;
    this.encapsulation = receiver;
    return 0;
  }

  protected autobind(): number {
    if (this.#hasPort) return 0;
    if (this.#udp.ports.bind(this, 0) !== 0) return -EAGAIN;
    this.#hasPort = true;
    return 0;
  }

  protected releasePort(): void {
    if (!this.#hasPort) return;
    this.#udp.ports.remove(this);
    this.#hasPort = false;
    this.local.port = 0;
  }

  /** udp_sendmsg() */
  send(bytes: Uint8Array, start: number, length: number, flags: number, to: SocketAddress | null): number {
    if (length > MAX_DATAGRAM) return -EMSGSIZE;
    const cork = this.#cork;
    const gathers = this.corked || (flags & MSG_MORE) !== 0;
    if (!gathers && (cork === null || !cork.pending)) {
      const bad = this.beforeSend(flags, to, true);
      return bad !== 0 ? bad : this.#sendDatagram(bytes, start, length, to);
    }
    return this.#gather(bytes, start, length, flags, to, gathers);
  }

  #gather(bytes: Uint8Array, start: number, length: number, flags: number, to: SocketAddress | null, more: boolean): number {
    this.#cork ??= new UdpCork();
    const cork = this.#cork;
    if (!cork.pending) {
      const bad = this.beforeSend(flags, to, true);
      if (bad !== 0) return bad;
      const dst = this.way(to);
      if (typeof dst === 'number') return dst;
      cork.begin(to);
    }
    const bad = cork.append(bytes, start, length);
    if (bad !== 0) {
      cork.clear();
      return bad;
    }
    if (more) return length;
    const result = this.#flush();
    return result < 0 ? result : length;
  }

  /** Sends what has been gathered. Linux: udp_push_pending_frames() */
  #flush(): number {
    const cork = this.#cork;
    if (cork === null || !cork.pending) return 0;
    const result = this.#sendDatagram(cork.bytes, 0, cork.length, cork.addressed ? cork.to : null);
    cork.clear();
    return result;
  }

  get corked(): boolean {
    return this.#corked;
  }

  /** UDP_CORK: while on, all that is sent is one datagram, which goes when it is turned off. 0 or a negative errno. */
  setCork(on: boolean): number {
    this.#corked = on;
    if (on) return 0;
    return Math.min(this.#flush(), 0);
  }

  /** Sends one datagram or, with UDP_SEGMENT, many as a super-packet. Linux: udp_send_skb() */
  #sendDatagram(bytes: Uint8Array, start: number, length: number, to: SocketAddress | null): number {
    const dst = this.way(to);
    if (typeof dst === 'number') return dst;
    const { layer } = this;
    const v4 = layer.family === AF_INET;
    const stats = v4 ? this.namespace.ipv4.udpStats : this.namespace.ipv6.udpStats;
    const datagram = udp.HEADER + length;
    const headers = layer.headerBytes + (this.ipOptions === null || !v4 ? 0 : this.ipOptions.length) + udp.HEADER;
    const segments = this.segmentBytes;
    // RFC 8200 8.1: over IPv6 there is one, unless the socket is a tunnel's (RFC 6935).
    const summed = v4 ? !this.noChecksum : !this.sendsZeroChecksum6;
    if (segments > 0) {
      const fits = headers + segments <= layer.pathMtu(dst) && length <= segments * MAX_SEGMENTS;
      if (!fits || !summed) return -EINVAL;
      if (headers + length > MAX_DATAGRAM) return -EMSGSIZE;
    }
    const tooLong = this.fillHeader(dst, headers + (segments > 0 ? Math.min(length, segments) : length));
    if (tooLong !== 0) return tooLong;
    const skb = this.packetOf(bytes, start, length, udp.HEADER);
    if (skb === null) {
      stats.sndbufErrors++;
      return -ENOBUFS;
    }
    const at = skb.push(udp.HEADER);
    udp.write(skb.view, at, this.local.port, this.flow.destinationPort, datagram);
    if (segments > 0 && length > segments) {
      skb.gsoType = GSO_UDP_L4;
      skb.gsoSize = segments;
      skb.gsoSegments = Math.ceil(length / segments);
    }
    if (summed) {
      skb.view.setUint16(at + udp.CHECKSUM_AT, fold(layer.pseudoHeaderSum(this.flow, udp.PROTOCOL, datagram)));
      skb.ipSummed = CHECKSUM_PARTIAL;
      skb.csumStart = at;
      skb.csumOffset = udp.CHECKSUM_AT;
    }
    const result = layer.output(skb, dst, this.flow, this.header);
    if (result !== 0) {
      // Linux: ENOBUFS of a queue on the way is told only to those who asked for errors.
      if (result !== -ENOBUFS || this.receiveErrors) return result;
      stats.sndbufErrors++;
      return length;
    }
    stats.outDatagrams++;
    return length;
  }

  /** A datagram for this socket, `skb.data` at the UDP header: takes it, or says false. */
  deliver(skb: PacketBuffer): boolean {
    if (this.encapsulation !== null) {
      this.encapsulation.receive(skb);
      return true;
    }
    const port = udp.sourcePort(skb.view, skb.data);
    skb.data += udp.HEADER;
    if (this.enqueue(skb, port, false)) return true;
    skb.data -= udp.HEADER;
    return false;
  }

  /** udp_err(): `skb.data` at the header inside the ICMP error, `at` the UDP header behind it. */
  icmpError(skb: PacketBuffer, at: number, type: number, code: number, errno: number, info: number, fatal: boolean): void {
    // The path MTU is noted; a tunnel has no program to tell.
    if (this.encapsulation !== null) return;
    this.reportError(skb, at + udp.HEADER, udp.destinationPort(skb.view, at), type, code, errno, info, fatal);
  }

  protected override readonly protocolLevel = SOL_UDP;
  protected override readonly filteredHeader = udp.HEADER;

  protected setProtocolOption(level: number, option: number, value: Uint8Array): number {
    if (level !== SOL_UDP) return -ENOPROTOOPT;
    // Linux reads an int before it looks at which option it is.
    return value.length < 4 ? -EINVAL : setOption(udpOptions, this, option, value);
  }

  protected getProtocolOption(level: number, option: number): Uint8Array | number {
    return level === SOL_UDP ? getOption(udpOptions, this, option) : -ENOPROTOOPT;
  }

  override setOption(level: number, option: number, value: Uint8Array): number {
    if (level === 1 && option === SO_NO_CHECK) {
      if (value.length < 4) return -EINVAL;
      this.noChecksum = readInt(value) !== 0;
      return 0;
    }
    return super.setOption(level, option, value);
  }

  override getOption(level: number, option: number): Uint8Array | number {
    if (level === 1 && option === SO_NO_CHECK) return intBytes(this.noChecksum ? 1 : 0);
    return super.getOption(level, option);
  }
}
