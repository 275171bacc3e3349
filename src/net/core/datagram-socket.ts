import { EACCES, EAGAIN, EDESTADDRREQ, EINVAL, EMSGSIZE, ENETUNREACH, ENOTCONN, EOPNOTSUPP, EPIPE } from '../../base/errno.js';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../netlink/constants.js';
import { RT_SCOPE_LINK, RTN_BROADCAST } from '../../netlink/rtnl/constants.js';
import * as ip from '../../wire/ipv4.js';
import * as ip6 from '../../wire/ipv6.js';
import { PROTOCOL as UDP } from '../../wire/udp.js';
import { DropReason } from './drop-reason.js';
import { passesFilter } from './filter-input.js';
import { ip6Count } from '../ipv6/count.js';
import { FLOWINFO_MASK, FLOWLABEL_MASK } from '../ipv6/flow-label.js';
import { Ip6Mib } from '../ipv6/snmp.js';
import type { SocketFlowLabels } from '../ipv6/flow-label-table.js';
import type { Dst } from './dst.js';
import { Flow } from './flow.js';
import {
  clearSocketAddress,
  InetSocket,
  IP_PMTUDISC_DO,
  IP_PMTUDISC_PROBE,
  IP_PMTUDISC_WANT,
  isAnyAddress,
  isMappedAddress,
  setIpv4Address,
} from './inet-socket.js';
import { HeaderFields, type InternetLayer } from './internet.js';
import { newTxHash } from './tx-hash.js';
import type { Namespace } from './namespace.js';
import type { PacketBuffer } from './packet-buffer.js';
import { copyBytes, HEADROOM } from './packet-pool.js';
import {
  MSG_ERRQUEUE,
  MSG_PEEK,
  MSG_TRUNC,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  type ReceiveInfo,
  SHUT_RDWR,
  type Socket,
  type SocketAddress,
} from './socket.js';

/** SO_EE_ORIGIN_*, linux/errqueue.h */
export const SO_EE_ORIGIN_LOCAL = 1;
export const SO_EE_ORIGIN_ICMP = 2;
export const SO_EE_ORIGIN_ICMP6 = 3;
export const SO_EE_ORIGIN_TIMESTAMPING = 4;
export const SO_EE_ORIGIN_ZEROCOPY = 5;

const RCV_SHUTDOWN = 1;
const SEND_SHUTDOWN = 2;

/** An entry of the error queue (IP_RECVERR): what went wrong with which datagram. */
interface QueuedError {
  readonly errno: number;
  readonly origin: number;
  readonly type: number;
  readonly code: number;
  readonly info: number;
  /** In mapped form, or an IPv6 address. */
  readonly offender: Uint32Array;
  /** Where the datagram had gone. */
  readonly destination: Uint32Array;
  readonly port: number;
  readonly payload: Uint8Array;
}

/** As many errors are kept; Linux bounds them by SO_RCVBUF. */
const MAX_ERRORS = 64;

/**
 * Memory that a packet counts for in a receive queue (skb->truesize): sk_buff, the bytes with their headroom in a kmalloc size, and
 * skb_shared_info - the numbers of a 64-bit Linux, so that a buffer size holds as many datagrams as there.
 */
export function truesize(bytes: number): number {
  const need = ((bytes + 31 + 63) & ~63) + 320;
  if (need <= 512) return 512 + 256;
  if (need > 8192) return ((need + 4095) & ~4095) + 256;
  let size = 1024;
  while (size < need) size *= 2;
  return size + 256;
}

/** Whether MSG_PEEK has been through `skb`, `offset` bytes behind its front. Linux: __skb_try_recv_from_queue() */
function peekedAt(skb: PacketBuffer, offset: number): boolean {
  const bytes = skb.tail - skb.data;
  return offset >= bytes && (bytes !== 0 || offset !== 0 || skb.cb2 !== 0);
}

/** Source or destination of the header at `at`, IPv4's in mapped form. */
function addressAt(skb: PacketBuffer, at: number, destination: boolean): Uint32Array {
  const v = skb.view;
  if (ip.version(v, at) === 6) return ip6.readAddress(v, at + (destination ? ip6.DESTINATION : ip6.SOURCE), new Uint32Array(4));
  return Uint32Array.of(0, 0, 0xffff, destination ? ip.destination(v, at) : ip.source(v, at));
}

/** UDP, raw and ping sockets: a queue of datagrams in, and sending by a route that a connected socket keeps. */
export abstract class DatagramSocket extends InetSocket {
  connected = false;
  /** Packets in a row, `data` at what the user reads; cb0: what it counts for, cb1: source port, cb2: 1 if it was peeked at. */
  #head: PacketBuffer | null = null;
  #tail: PacketBuffer | null = null;
  /** Datagrams dropped because the queue was full ("drops" of /proc/net/udp). */
  drops = 0;
  protected readonly flow = new Flow();
  protected readonly header = new HeaderFields();
  /** IPv4 or IPv6, as the destination of the datagram in hand has it. */
  protected layer: InternetLayer;
  #kept: Dst | null = null;
  #identification = 0;
  /** sin6_flowinfo, a control message or connect() chose it for the datagram in hand; 0: nobody did. */
  #chosenLabel = 0;
  readonly #errors: QueuedError[] = [];

  constructor(namespace: Namespace, family: number, type: number, protocol: number, uid: number, privileged: boolean) {
    super(namespace, family, type, protocol, uid, privileged);
    this.flow.protocol = protocol;
    this.layer = family === AF_INET6 ? namespace.ipv6 : namespace.ipv4;
  }

  /** Gives the socket a port where it needs one and has none: 0 or -EAGAIN. */
  protected abstract autobind(): number;
  /** Takes it off its port after disconnect, where the port was not the user's choice. */
  protected abstract releasePort(): void;

  get queued(): boolean {
    return this.#head !== null;
  }

  // -- receiving ---------------------------------------------------------------------------------------------------------------

  /** Takes ownership of a packet for the queue; false: it is full, the packet still the caller's. */
  protected enqueue(skb: PacketBuffer, port: number, strict: boolean): boolean {
    if (this.filter !== null && !passesFilter(this.filter, skb, skb.data - this.filteredHeader, this.filteredHeader)) {
      this.drops++;
      return false;
    }
    if (strict ? this.receiveMemory >= this.receiveBuffer : this.receiveMemory > this.receiveBuffer) {
      this.drops++;
      return false;
    }
    const size = truesize(skb.tail - skb.networkHeader);
    if (!this.takeMemory(size)) {
      this.drops++;
      return false;
    }
    skb.cb0 = size;
    skb.cb1 = port;
    skb.cb2 = 0;
    skb.dst = null;
    skb.next = null;
    skb.socket = null;
    this.receiveMemory += size;
    if (skb.timestampUs === 0) skb.timestampUs = this.namespace.stack.nowUs;
    if (this.#tail === null) this.#head = skb;
    else this.#tail.next = skb;
    this.#tail = skb;
    this.wake();
    return true;
  }

  /** Charges a datagram of `size` to the protocol's memory, where that is bounded; false: there is none. */
  protected takeMemory(_size: number): boolean {
    return true;
  }

  /** Memory of datagrams that wait to be read. */
  get waitingMemory(): number {
    return this.receiveMemory;
  }

  /** A datagram of `size` was read, or goes with the socket. */
  protected releaseMemory(size: number): void {
    this.receiveMemory -= size;
  }

  /** Bytes before those of the user that a filter sees: the transport's header. */
  protected readonly filteredHeader: number = 0;

  receive(into: Uint8Array, start: number, length: number, flags: number, info: ReceiveInfo | null): number {
    if ((flags & MSG_ERRQUEUE) !== 0) return this.#receiveError(into, start, length, info);
    if (this.pendingError !== 0) return -this.takeError();
    const peeks = (flags & MSG_PEEK) !== 0;
    let skb = this.#head;
    let offset = 0;
    if (peeks && this.peekOffset >= 0) {
      offset = this.peekOffset;
      for (; skb !== null && peekedAt(skb, offset); skb = skb.next) offset -= skb.tail - skb.data;
    }
    if (skb === null) return (this.shutdownMask & RCV_SHUTDOWN) !== 0 ? 0 : -EAGAIN;
    const full = skb.tail - skb.data;
    const count = Math.min(full - offset, length);
    copyBytes(skb.bytes, skb.data + offset, into, start, count);
    if (info !== null) this.#tell(skb, info, full, length <= full - offset && length < full);
    const result = (flags & MSG_TRUNC) !== 0 ? full : count;
    // Linux: sk_peek_offset_fwd(), sk_peek_offset_bwd()
    if (this.peekOffset >= 0) this.peekOffset = Math.max(0, this.peekOffset + (peeks ? result : -result));
    if (peeks) skb.cb2 = 1;
    else {
      this.#head = skb.next;
      if (this.#head === null) this.#tail = null;
      skb.next = null;
      this.releaseMemory(skb.cb0);
      this.namespace.stack.consume(skb);
    }
    return result;
  }

  #tell(skb: PacketBuffer, info: ReceiveInfo, full: number, cut: boolean): void {
    const at = skb.networkHeader;
    info.flags = cut ? MSG_TRUNC : 0;
    info.fullLength = full;
    info.segmentBytes = skb.gsoSize;
    // Of a packet of a VRF the member is told of.
    const ifindex = skb.sdif !== 0 ? skb.sdif : skb.iif;
    info.ifindex = ifindex;
    info.timestampUs = skb.timestampUs;
    if (ip.version(skb.view, at) === 6) {
      ip6.readAddress(skb.view, at + ip6.SOURCE, info.from.words);
      info.from.family = AF_INET6;
      info.from.port = skb.cb1;
      info.from.scopeId = ip6.needsScopeId(info.from.words) ? ifindex : 0;
      ip6.readAddress(skb.view, at + ip6.DESTINATION, info.destination);
      info.ttl = ip6.hopLimit(skb.view, at);
      info.tos = ip6.trafficClass(skb.view, at);
      info.flowInfo = ip6.flowInfo(skb.view, at);
      return;
    }
    setIpv4Address(info.from, ip.source(skb.view, at), skb.cb1);
    info.from.family = this.family;
    info.ttl = ip.ttl(skb.view, at);
    info.tos = ip.tos(skb.view, at);
    info.destination[0] = 0;
    info.destination[1] = 0;
    info.destination[2] = 0xffff;
    info.destination[3] = ip.destination(skb.view, at);
  }

  #receiveError(into: Uint8Array, start: number, length: number, info: ReceiveInfo | null): number {
    const error = this.#errors.shift();
    if (error === undefined) return -EAGAIN;
    const count = Math.min(length, error.payload.length);
    into.set(error.payload.subarray(0, count), start);
    if (info !== null) {
      clearSocketAddress(info.from, this.family, error.port);
      info.from.words.set(error.destination);
      clearSocketAddress(info.offender, isMappedAddress(error.offender) ? AF_INET : AF_INET6, 0);
      info.offender.words.set(error.offender);
      info.flags = MSG_ERRQUEUE | (count < error.payload.length ? MSG_TRUNC : 0);
      info.fullLength = error.payload.length;
      info.errorNumber = error.errno;
      info.errorOrigin = error.origin;
      info.errorType = error.type;
      info.errorCode = error.code;
      info.errorInfo = error.info;
    }
    // The next one is what SO_ERROR tells of (sock_dequeue_err_skb()).
    this.pendingError = this.#errors.length === 0 ? 0 : this.#errors[0]!.errno;
    return count;
  }

  /**
   * An ICMP error about a datagram of this socket: `skb.data` at the header inside it, `payload` where the user's bytes begin.
   * Told if it is fatal and the socket connected, or if the user asked for all (IP_RECVERR).
   */
  protected reportError(
    skb: PacketBuffer,
    payload: number,
    port: number,
    type: number,
    code: number,
    errno: number,
    info: number,
    fatal: boolean,
  ): void {
    if (errno === 0) return;
    if (!this.receiveErrors) {
      if (!fatal || !this.connected) return;
    } else if (this.#errors.length < MAX_ERRORS) {
      this.#errors.push({
        errno,
        origin: ip.version(skb.view, skb.data) === 6 ? SO_EE_ORIGIN_ICMP6 : SO_EE_ORIGIN_ICMP,
        type,
        code,
        info,
        // Who sent the error: of the packet that holds it, `networkHeader` is the outer header.
        offender: addressAt(skb, skb.networkHeader, false),
        destination: addressAt(skb, skb.data, true),
        port,
        payload: skb.bytes.slice(Math.min(payload, skb.tail), skb.tail),
      });
    }
    this.pendingError = errno;
    this.wake();
  }

  poll(): number {
    let events = POLLOUT;
    if (this.pendingError !== 0 || this.#errors.length !== 0) events |= POLLERR;
    if (this.#head !== null) events |= POLLIN;
    if ((this.shutdownMask & RCV_SHUTDOWN) !== 0) events |= POLLIN | POLLRDHUP;
    if (this.shutdownMask === (RCV_SHUTDOWN | SEND_SHUTDOWN)) events |= POLLHUP;
    return events;
  }

  // -- sending -----------------------------------------------------------------------------------------------------------------

  /**
   * Finds the way for a datagram and fills `flow` and `header`; a connected socket keeps it. The result has `error` 0; else a negative
   * errno is returned.
   */
  protected way(to: SocketAddress | null): Dst | number {
    const flow = this.flow;
    let dst: Dst | null = null;
    const refused = this.flowLabels === null ? 0 : this.#chooseLabel(this.flowLabels, to);
    if (refused !== 0) return refused;
    if (to === null) {
      if (!this.connected) return -EDESTADDRREQ;
      this.layer = this.#layerOf(this.remote.words);
      if (this.#kept !== null && this.layer.valid(this.#kept)) dst = this.#kept;
      if (dst === null || !this.#flowIsOfConnection()) {
        this.#fillFlow(this.remote.words, this.remote.port, this.remote.scopeId);
        dst = this.layer.route(flow);
        this.#kept = dst.error === 0 ? dst : null;
      }
    } else {
      this.#fillFlow(to.words, to.port, to.scopeId);
      dst = this.layer.route(flow);
    }
    if (dst.error !== 0) {
      this.#countNoRoute();
      return -dst.error;
    }
    if (dst.type === RTN_BROADCAST && !this.broadcast) return -EACCES;
    return dst;
  }

  /** Linux: udpv6_sendmsg(), rawv6_sendmsg(). 0, or -EINVAL where the label is somebody else's. */
  #chooseLabel(labels: SocketFlowLabels, to: SocketAddress | null): number {
    if (labels.ofMessage >= 0) this.#chosenLabel = labels.ofMessage;
    else if (to === null) this.#chosenLabel = labels.label;
    else this.#chosenLabel = labels.sends ? to.flowInfo & FLOWINFO_MASK : 0;
    return this.namespace.ipv6.flowLabels.allows(this, this.#chosenLabel & FLOWLABEL_MASK) ? 0 : -EINVAL;
  }

  #countNoRoute(): void {
    const { ipv4, ipv6 } = this.namespace;
    if (this.layer === ipv4) ipv4.stats.outNoRoutes++;
    else ip6Count(ipv6, null, Ip6Mib.OutNoRoutes);
  }

  #layerOf(words: Uint32Array): InternetLayer {
    return this.family === AF_INET || isMappedAddress(words) ? this.namespace.ipv4 : this.namespace.ipv6;
  }

  /** The flow may be that of a datagram to somebody else, sent meanwhile. */
  #flowIsOfConnection(): boolean {
    const { flow } = this;
    const remote = this.remote.words;
    const local = this.local.words;
    if (this.layer.family === AF_INET) return flow.destination === remote[3]! && flow.source === local[3]!;
    return ip6.equalAddress(flow.destination6, remote) && ip6.equalAddress(flow.source6, local);
  }

  #fillFlow(words: Uint32Array, port: number, scopeId: number): void {
    const flow = this.flow;
    this.layer = this.#layerOf(words);
    flow.iif = 0;
    flow.l3Domain = 0;
    flow.mark = this.mark;
    flow.anySource = this.transparent;
    flow.tos = this.tos;
    // SO_DONTROUTE: to those on the link alone (RTO_ONLINK); of IPv4.
    flow.scope = this.dontRoute && this.layer.family === AF_INET ? RT_SCOPE_LINK : 0;
    flow.uid = this.uid;
    flow.protocol = this.protocol;
    flow.sourcePort = this.local.port;
    flow.destinationPort = port;
    flow.oif = this.boundIfindex;
    if (this.layer.family === AF_INET6) {
      if (this.sendsFromAny || isAnyAddress(this.local.words)) flow.source6.fill(0);
      else ip6.copyAddress(this.local.words, flow.source6);
      ip6.copyAddress(words, flow.destination6);
      if (flow.oif === 0 && ip6.needsScopeId(words)) flow.oif = scopeId;
      if (flow.oif === 0) flow.oif = ip6.isMulticast(words) ? this.multicastIfindex : this.unicastIfindex;
      return;
    }
    const destination = words[3]!;
    flow.source = this.sendsFromAny || !isMappedAddress(this.local.words) ? 0 : this.local.words[3]!;
    flow.destination = destination;
    if (ip.isMulticast(destination)) {
      if (flow.oif === 0) flow.oif = this.multicastIfindex;
      if (flow.source === 0) flow.source = this.multicastAddress;
    } else if (flow.oif === 0) flow.oif = this.unicastIfindex;
  }

  /** Linux: ip_local_error(), which tells those who asked for all errors what would fit. */
  #tooLong(mtu: number): number {
    if (this.receiveErrors && this.#errors.length < MAX_ERRORS) {
      const { destinationPort: port } = this.flow;
      const v6 = this.layer.family === AF_INET6;
      const destination = v6 ? this.flow.destination6.slice() : Uint32Array.of(0, 0, 0xffff, this.flow.destination);
      const nothing = new Uint8Array(0);
      this.#errors.push({
        errno: EMSGSIZE,
        origin: SO_EE_ORIGIN_LOCAL,
        type: 0,
        code: 0,
        info: mtu,
        offender: new Uint32Array(4),
        destination,
        port,
        payload: nothing,
      });
    }
    return -EMSGSIZE;
  }

  /** The choices of the network header for a datagram of `bytes`, this header included: 0, or -EMSGSIZE where it may not be cut. */
  protected fillHeader(dst: Dst, bytes: number): number {
    const header = this.header;
    const mtu = this.layer.pathMtu(dst);
    const v6 = this.layer.family === AF_INET6;
    const discover = this.pmtuDiscover;
    if (bytes > ip.MAX_LENGTH + (v6 ? ip6.HEADER : 0)) return this.#tooLong(mtu);
    // Linux: ip_sk_ignore_df(): below IP_PMTUDISC_DO, and with OMIT, what is too long is cut.
    if (bytes > mtu && (discover === IP_PMTUDISC_DO || discover === IP_PMTUDISC_PROBE || discover === 4)) return this.#tooLong(mtu);
    if (v6 && this.dontFragment6 && bytes > mtu) return this.#tooLong(mtu);
    header.dontFragment = discover === IP_PMTUDISC_DO || discover === IP_PMTUDISC_PROBE || (discover === IP_PMTUDISC_WANT && bytes <= mtu);
    header.tos = this.tos;
    header.options = this.ipOptions;
    header.multicastLoop = this.multicastLoop;
    header.ttl = Math.max(this.ttl, 0);
    if (v6) {
      header.flowLabel = this.#chosenLabel & FLOWLABEL_MASK;
      header.autoFlowLabel = this.autoFlowLabel;
      header.flowHash = this.txHash;
      // RFC 8200 4.5: who sends may always cut.
      header.dontFragment = discover === IP_PMTUDISC_DO || discover === IP_PMTUDISC_PROBE;
      header.options = null;
      if (ip6.isMulticast(this.flow.destination6)) header.ttl = this.multicastTtl === 0 ? -1 : this.multicastTtl;
      return 0;
    }
    if (ip.isMulticast(this.flow.destination)) header.ttl = this.multicastTtl === 0 ? -1 : this.multicastTtl;
    // A connected socket counts its own identifications (Linux: ip_select_ident_segs()).
    if (this.connected) {
      header.id = this.#identification;
      this.#identification = (this.#identification + 1) & 0xffff;
    } else header.id = -1;
    return 0;
  }

  /** A buffer with the user's bytes and room for `headerBytes` before them; null: no memory. */
  protected packetOf(bytes: Uint8Array, start: number, length: number, headerBytes: number): PacketBuffer | null {
    const skb = this.namespace.stack.pool.allocate(length, HEADROOM + headerBytes);
    if (skb === null) return null;
    copyBytes(bytes, start, skb.bytes, skb.put(length), length);
    skb.priority = this.priority;
    skb.mark = this.mark;
    skb.socket = this;
    return skb;
  }

  /** What every send begins with: 0 or a negative errno. */
  protected beforeSend(flags: number, to: SocketAddress | null, needsPort: boolean): number {
    if ((flags & 1) !== 0) return -EOPNOTSUPP;
    if (to !== null) {
      const bad = this.checkRemote(to, needsPort);
      if (bad !== 0) return bad;
    } else if (!this.connected) return -EDESTADDRREQ;
    if (this.pendingError !== 0) return -this.takeError();
    if ((this.shutdownMask & SEND_SHUTDOWN) !== 0) return -EPIPE;
    return this.autobind();
  }

  // -- names -------------------------------------------------------------------------------------------------------------------

  connect(address: SocketAddress): number {
    if (address.family === AF_UNSPEC) {
      this.disconnect();
      return 0;
    }
    if (address.family !== AF_INET && address.family !== this.family) return this.checkRemote(address, false);
    if (this.ipv6Only && isMappedAddress(address.words)) return -ENETUNREACH;
    const bound = this.autobind();
    if (bound !== 0) return bound;
    this.#kept = null;
    this.#fillFlow(address.words, address.port, address.scopeId);
    const v6 = this.layer.family === AF_INET6;
    if (v6 && ip6.needsScopeId(address.words) && this.flow.oif === 0) return -EINVAL;
    const labels = this.flowLabels;
    const label = labels?.sends === true ? address.flowInfo & FLOWINFO_MASK : 0;
    if (v6 && !this.namespace.ipv6.flowLabels.allows(this, label & FLOWLABEL_MASK)) return -EINVAL;
    const dst = this.layer.route(this.flow);
    if (dst.error !== 0) {
      this.#countNoRoute();
      return -dst.error;
    }
    if (dst.type === RTN_BROADCAST && !this.broadcast) return -EACCES;
    if (v6) {
      if (labels !== null) labels.label = label;
      this.txHash = newTxHash(this.namespace.stack.random);
      if (ip6.needsScopeId(address.words)) this.boundIfindex = this.flow.oif;
      if (isAnyAddress(this.local.words)) this.local.words.set(this.flow.source6);
      clearSocketAddress(this.remote, AF_INET6, address.port);
      this.remote.words.set(this.flow.destination6);
      this.remote.scopeId = address.scopeId;
      this.remote.flowInfo = label;
    } else {
      if (this.local.words[3] === 0) {
        this.local.words[2] = 0xffff;
        this.local.words[3] = this.flow.source;
      }
      setIpv4Address(this.remote, this.flow.destination, address.port);
      this.remote.family = this.family;
    }
    this.connected = true;
    this.#kept = dst;
    this.#identification = this.namespace.stack.random.u32() & 0xffff;
    return 0;
  }

  /** __udp_disconnect() */
  protected disconnect(): void {
    this.connected = false;
    this.#kept = null;
    clearSocketAddress(this.remote, this.family, 0);
    if (!this.addressLocked) clearSocketAddress(this.local, this.family, this.local.port);
    if (!this.portLocked) this.releasePort();
  }

  /** Ends the connection and tells the user by `errno`, for SOCK_DESTROY (udp_abort(), raw_abort()). */
  abort(errno: number): void {
    this.pendingError = errno;
    this.disconnect();
    this.wake();
  }

  listen(_backlog: number): number {
    return -EOPNOTSUPP;
  }

  accept(): Socket | number {
    return -EOPNOTSUPP;
  }

  shutdown(how: number): number {
    if (how < 0 || how > SHUT_RDWR) return -EINVAL;
    // Linux: inet_shutdown() acts all the same on a socket that is not connected, and says ENOTCONN.
    this.shutdownMask |= how + 1;
    this.wake();
    return this.connected ? 0 : -ENOTCONN;
  }

  routeChanged(): void {
    this.#kept = null;
  }

  connectionMtu(): number {
    if (!this.connected) return 0;
    const dst = this.way(null);
    return typeof dst === 'number' ? 0 : this.layer.pathMtu(dst);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.onReady = null;
    if (this.protocol === UDP) this.namespace.onSocketDestroyed?.(this);
    this.memberships.leaveAll(this.namespace.ipv4.multicast);
    this.memberships6.leaveAll(this.namespace.ipv6?.multicast);
    if (this.flowLabels !== null) this.namespace.ipv6.flowLabels.leave(this);
    const stack = this.namespace.stack;
    for (let skb = this.#head; skb !== null; ) {
      const next: PacketBuffer | null = skb.next;
      skb.next = null;
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      skb = next;
    }
    this.#head = null;
    this.#tail = null;
    this.releaseMemory(this.receiveMemory);
    this.#errors.length = 0;
    this.#kept = null;
    this.releasePort();
  }
}
