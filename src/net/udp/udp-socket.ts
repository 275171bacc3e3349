import { EADDRINUSE, EAGAIN, EINVAL, EIO, EMSGSIZE, ENOBUFS, ENOPROTOOPT } from '../../base/errno.js';
import * as udp from '../../wire/udp.js';
import { AF_INET } from '../../netlink/constants.js';
import { clearSocketAddress } from '../core/inet-socket.js';
import { DropReason } from '../core/drop-reason.js';
import { FOR_RECEIVING, pagesOf, raiseMemory, unchargeMemory } from '../core/protocol-memory.js';
import { DatagramSocket } from '../core/datagram-socket.js';
import type { Namespace } from '../core/namespace.js';
import { CHECKSUM_PARTIAL, GSO_UDP_L4, type PacketBuffer } from '../core/packet-buffer.js';
import { MSG_MORE, SOCK_DGRAM, type SocketAddress } from '../core/socket.js';
import { joinGroup, leaveGroup, sameGroup } from '../core/reuseport-group.js';
import { getOption, intBytes, readInt, setOption } from '../core/socket-options.js';
import { fold } from '../../wire/checksum.js';
import { coverage } from '../../wire/udplite.js';
import { partialChecksum } from './coverage.js';
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
  /** UDP-Lite: bytes that the checksum of what is sent covers, 0: all (UDPLITE_SEND_CSCOV); -1: was never said. */
  sendCoverage = -1;
  /** UDP-Lite: bytes it is to cover at least of what is received, 0: all (UDPLITE_RECV_CSCOV); -1: whatever it covers. */
  receiveCoverage = -1;
  #corked = false;
  #cork: UdpCork | null = null;
  /** Takes datagrams over IPv6 without a checksum (UDP_NO_CHECK6_RX), as tunnels may (RFC 6935). */
  acceptsZeroChecksum6 = false;
  /** The tunnel that has its datagrams; null: they are queued for a program. */
  encapsulation: EncapsulationReceiver | null = null;
  #hasPort = false;
  /** The memory of all UDP sockets (net.ipv4.udp_mem) had no room for the last datagram. */
  #lacksMemory = false;
  /** Memory of datagrams that were read and is still charged (forward_deficit). */
  #deficit = 0;

  constructor(namespace: Namespace, owner: Udp, family: number, uid: number, privileged: boolean) {
    super(namespace, family, SOCK_DGRAM, owner.protocol, uid, privileged);
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
    this.#joinGroup();
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
    this.#joinGroup();
    return 0;
  }

  /** Linux: udp_reuseport_add_sock() */
  #joinGroup(): void {
    if (!this.reusePort) return;
    let other = this.#udp.ports.first(this.local.port);
    while (other !== null && (other === this || !sameGroup(this, other as UdpSocket))) other = other.nextOnPort;
    joinGroup(this, other as UdpSocket | null);
  }

  protected releasePort(): void {
    if (!this.#hasPort) return;
    this.#udp.ports.remove(this);
    leaveGroup(this);
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
    const { kind } = this.#udp;
    const stats = v4 ? kind.counters(this.namespace) : kind.counters6(this.namespace);
    const datagram = udp.HEADER + length;
    const headers = layer.headerBytes + (this.ipOptions === null || !v4 ? 0 : this.ipOptions.length) + udp.HEADER;
    const segments = this.segmentBytes;
    // RFC 8200 8.1: over IPv6 there is one, unless the socket is a tunnel's (RFC 6935).
    const summed = v4 ? !this.noChecksum : !this.sendsZeroChecksum6;
    if (segments > 0) {
      if (kind.partial) return -EIO;
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
    if (kind.partial) this.#sumPart(skb, at, datagram);
    else if (summed) {
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

  /** RFC 3828 3.1: a datagram of which not all is covered says how much is. Linux: udplite_sender_cscov(), udplite_csum() */
  #sumPart(skb: PacketBuffer, at: number, datagram: number): void {
    const wanted = this.sendCoverage;
    const partly = wanted >= 0 && wanted < datagram;
    if (partly) skb.view.setUint16(at + udp.LENGTH_AT, wanted);
    const covered = partly && wanted > 0 ? wanted : datagram;
    const pseudo = this.layer.pseudoHeaderSum(this.flow, this.protocol, datagram);
    skb.view.setUint16(at + udp.CHECKSUM_AT, partialChecksum(skb.view, at, covered, pseudo));
  }

  /** Whether enough of a datagram of UDP-Lite is covered for this socket (udp_queue_rcv_one_skb()). */
  #coversEnough(skb: PacketBuffer): boolean {
    const least = this.receiveCoverage;
    const bytes = skb.tail - skb.data;
    const covered = coverage(skb.view, skb.data, bytes);
    return least < 0 || covered === bytes || (least > 0 && covered >= least);
  }

  // Linux: __udp_enqueue_schedule_skb(), udp_rmem_release()
  protected override takeMemory(size: number): boolean {
    this.#lacksMemory = size > this.forwardAlloc && !raiseMemory(this, this.#udp, size, pagesOf(size), FOR_RECEIVING);
    if (!this.#lacksMemory) this.forwardAlloc -= size;
    return !this.#lacksMemory;
  }

  /** While more waits to be read, what was read is given back by the quarter of the buffer. */
  protected override releaseMemory(size: number): void {
    this.#deficit += size;
    if (!this.closed && this.queued && this.#deficit < this.receiveBuffer >> 2) return;
    const released = Math.min(this.#deficit, this.receiveMemory);
    this.#deficit = 0;
    this.receiveMemory -= released;
    unchargeMemory(this, this.#udp, released, this.closed ? 0 : 1);
  }

  /** Memory of datagrams that wait to be read (udp_rqueue_get()). */
  override get waitingMemory(): number {
    return this.receiveMemory - this.#deficit;
  }

  /** A datagram for this socket, `skb.data` at the UDP header: takes it (0), or says why not. */
  deliver(skb: PacketBuffer): 0 | DropReason {
    if (this.encapsulation !== null) {
      this.encapsulation.receive(skb);
      return 0;
    }
    if (this.#udp.kind.partial && !this.#coversEnough(skb)) return DropReason.UDP_CSUM;
    if (this.connected) this.incomingCpu = 0;
    this.#lacksMemory = false;
    const port = udp.sourcePort(skb.view, skb.data);
    skb.data += udp.HEADER;
    if (this.enqueue(skb, port, false)) return 0;
    skb.data -= udp.HEADER;
    return this.#lacksMemory ? DropReason.PROTO_MEM : DropReason.SOCKET_RCVBUFF;
  }

  /** udp_err(): `skb.data` at the header inside the ICMP error, `at` the UDP header behind it. */
  icmpError(skb: PacketBuffer, at: number, type: number, code: number, errno: number, info: number, fatal: boolean): void {
    // The path MTU is noted; a tunnel has no program to tell.
    if (this.encapsulation !== null) return;
    this.reportError(skb, at + udp.HEADER, udp.destinationPort(skb.view, at), type, code, errno, info, fatal);
  }

  protected override readonly protocolLevel = SOL_UDP;
  protected override readonly filteredHeader = udp.HEADER;

  /** SOL_UDPLITE is the protocol's number. Linux: udplite has the options of both levels. */
  #ownsLevel(level: number): boolean {
    return level === SOL_UDP || level === this.protocol;
  }

  protected setProtocolOption(level: number, option: number, value: Uint8Array): number {
    if (!this.#ownsLevel(level)) return -ENOPROTOOPT;
    // Linux reads an int before it looks at which option it is.
    return value.length < 4 ? -EINVAL : setOption(udpOptions, this, option, value);
  }

  protected getProtocolOption(level: number, option: number): Uint8Array | number {
    return this.#ownsLevel(level) ? getOption(udpOptions, this, option) : -ENOPROTOOPT;
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
