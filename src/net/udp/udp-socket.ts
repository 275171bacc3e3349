import { EADDRINUSE, EAGAIN, EINVAL, EMSGSIZE, ENOBUFS, ENOPROTOOPT } from '../../base/errno.js';
import * as udp from '../../wire/udp.js';
import { AF_INET } from '../../netlink/constants.js';
import { clearSocketAddress } from '../core/inet-socket.js';
import { DatagramSocket } from '../core/datagram-socket.js';
import type { Namespace } from '../core/namespace.js';
import { CHECKSUM_PARTIAL, type PacketBuffer } from '../core/packet-buffer.js';
import { SOCK_DGRAM, type SocketAddress } from '../core/socket.js';
import { intBytes, readInt } from '../core/socket-options.js';
import { fold } from '../../wire/checksum.js';
import type { Udp } from './udp.js';

const SO_NO_CHECK = 11;

/** Takes the datagrams of a socket that the stack holds for a tunnel (encap_rcv), `skb.data` at the UDP header, and owns them. */
export interface EncapsulationReceiver {
  receive(skb: PacketBuffer): void;
}

/** A UDP socket (struct udp_sock). */
export class UdpSocket extends DatagramSocket {
  readonly #udp: Udp;
  /** SO_NO_CHECK: send without a checksum. */
  noChecksum = false;
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
    if (length > 0xffff) return -EMSGSIZE;
    const bad = this.beforeSend(flags, to, true);
    if (bad !== 0) return bad;
    const dst = this.way(to);
    if (typeof dst === 'number') return dst;
    const { layer } = this;
    const v4 = layer.family === AF_INET;
    const stats = v4 ? this.namespace.ipv4.udpStats : this.namespace.ipv6.udpStats;
    const datagram = udp.HEADER + length;
    const optionBytes = this.ipOptions === null || !v4 ? 0 : this.ipOptions.length;
    const tooLong = this.fillHeader(dst, layer.headerBytes + optionBytes + datagram);
    if (tooLong !== 0) return tooLong;
    const skb = this.packetOf(bytes, start, length, udp.HEADER);
    if (skb === null) {
      stats.sndbufErrors++;
      return -ENOBUFS;
    }
    const at = skb.push(udp.HEADER);
    udp.write(skb.view, at, this.local.port, this.flow.destinationPort, datagram);
    // RFC 8200 8.1: over IPv6 there is always one.
    if (!this.noChecksum || !v4) {
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
    if (this.enqueue(skb, port, false, skb.data - udp.HEADER)) return true;
    skb.data -= udp.HEADER;
    return false;
  }

  /** udp_err(): `skb.data` at the header inside the ICMP error, `at` the UDP header behind it. */
  icmpError(skb: PacketBuffer, at: number, type: number, code: number, errno: number, info: number, fatal: boolean): void {
    // The path MTU is noted; a tunnel has no program to tell.
    if (this.encapsulation !== null) return;
    this.reportError(skb, at + udp.HEADER, udp.destinationPort(skb.view, at), type, code, errno, info, fatal);
  }

  // Of level SOL_UDP (UDP_CORK, UDP_SEGMENT, UDP_GRO, ...) there is nothing yet.
  protected setProtocolOption(): number {
    return -ENOPROTOOPT;
  }

  protected getProtocolOption(): Uint8Array | number {
    return -ENOPROTOOPT;
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
