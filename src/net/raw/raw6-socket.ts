import { EINVAL, EMSGSIZE, ENOBUFS, ENOPROTOOPT } from '../../base/errno.js';
import { AF_INET6 } from '../../netlink/constants.js';
import * as checksum from '../../wire/checksum.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import { equalAddress, type In6, isMulticast, MAX_PAYLOAD, pseudoHeaderSum } from '../../wire/ipv6.js';
import { DatagramSocket } from '../core/datagram-socket.js';
import { isAnyAddress } from '../core/inet-socket.js';
import type { Namespace } from '../core/namespace.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { SOCK_RAW, type SocketAddress } from '../core/socket.js';
import { intBytes, readInt } from '../core/socket-options.js';
import { DropReason } from '../core/drop-reason.js';
import { icmp6CountOut } from '../ipv6/count.js';
import { getMulticastRouting6, leaveMulticastRouting6, MRT6_INIT, MRT6_MAX, setMulticastRouting6 } from '../ipv6/mroute/socket-options.js';
import { SOL_IPV6 } from '../core/ipv6-socket-options.js';
import type { Raw6 } from './raw6.js';
import { boundDeviceFits } from '../core/l3mdev.js';

const SOL_ICMPV6 = 58;
const ICMP6_FILTER = 1;
const FILTER_BYTES = 32;
const SOL_RAW = 255;
const IPV6_CHECKSUM = 7;

/** A raw IPv6 socket (struct raw6_sock): payloads of one protocol, without the IPv6 header; ICMPv6's checksum is the stack's. */
export class Raw6Socket extends DatagramSocket {
  readonly #raw: Raw6;
  /** ICMP6_FILTER: types that are not wanted, a bit each. */
  readonly #filter = new Uint8Array(FILTER_BYTES);
  /** IPV6_CHECKSUM: where the checksum of what is sent is; -1: nowhere. */
  #checksumAt = -1;
  next: Raw6Socket | null = null;

  constructor(namespace: Namespace, raw: Raw6, protocol: number, uid: number, privileged: boolean) {
    super(namespace, AF_INET6, SOCK_RAW, protocol, uid, privileged);
    this.#raw = raw;
    this.local.port = protocol;
    this.reuseAddress = true;
    if (protocol === icmpv6.PROTOCOL) this.#checksumAt = icmpv6.CHECKSUM_AT;
    raw.add(this);
  }

  protected override usesPorts(): boolean {
    return false;
  }

  protected autobind(): number {
    return 0;
  }

  protected releasePort(): void {
    if (!this.closed) return;
    this.#raw.remove(this);
    if (this.protocol === icmpv6.PROTOCOL) leaveMulticastRouting6(this);
  }

  bind(address: SocketAddress): number {
    const bad = this.checkBind(address);
    if (bad !== 0) return bad;
    if (this.connected) return -EINVAL;
    this.takeLocalAddress(address);
    return 0;
  }

  /** A socket bound to an address takes what goes to groups too, unlike those of UDP: its memberships decide. raw_v6_match() */
  matches(source: In6, destination: In6, ifindex: number, sdif: number): boolean {
    if (this.connected && !equalAddress(this.remote.words, source)) return false;
    const { words } = this.local;
    if (!isAnyAddress(words) && !equalAddress(words, destination) && !isMulticast(destination)) return false;
    return boundDeviceFits(this.boundIfindex, ifindex, sdif, this.namespace.ipv4.settings.rawL3mdevAccept !== 0);
  }

  /** Whether the socket's filter lets an ICMPv6 message of `type` pass. */
  wantsIcmp(type: number): boolean {
    return ((this.#filter[type >> 3]! >>> (type & 7)) & 1) === 0;
  }

  /** Takes ownership of a packet, `skb.data` at the payload; false: the queue is full. */
  deliver(skb: PacketBuffer): boolean {
    return this.enqueue(skb, 0, true);
  }

  /** rawv6_err(): `payload` where the transport begins in the packet inside the error. */
  icmpError(skb: PacketBuffer, payload: number, type: number, code: number, errno: number, info: number, fatal: boolean): void {
    if (type === icmpv6.PACKET_TOO_BIG) this.routeChanged();
    this.reportError(skb, payload, 0, type, code, errno, info, fatal);
  }

  /** rawv6_sendmsg() */
  send(bytes: Uint8Array, start: number, length: number, flags: number, to: SocketAddress | null): number {
    if (length > MAX_PAYLOAD) return -EMSGSIZE;
    const bad = this.beforeSend(flags, to, false);
    if (bad !== 0) return bad;
    const dst = this.way(to);
    if (typeof dst === 'number') return dst;
    if (this.layer.family !== AF_INET6) return -EINVAL;
    const tooLong = this.fillHeader(dst, this.layer.headerBytes + length);
    if (tooLong !== 0) return tooLong;
    const skb = this.packetOf(bytes, start, length, 0);
    if (skb === null) return -ENOBUFS;
    if (this.#checksumAt >= 0 && !this.#fillChecksum(skb, length)) {
      this.namespace.stack.drop(skb, DropReason.NOT_SPECIFIED);
      return -EINVAL;
    }
    if (this.protocol === icmpv6.PROTOCOL && length > 0) {
      const { ipv6 } = this.namespace;
      icmp6CountOut(ipv6, ipv6.asRoute(dst).owner, skb.view.getUint8(skb.data));
    }
    const result = this.layer.output(skb, dst, this.flow, this.header);
    return result === 0 || (result === -ENOBUFS && !this.receiveErrors) ? length : result;
  }

  /** Writes the checksum where IPV6_CHECKSUM says it is; false: the packet ends before. Linux: rawv6_push_pending_frames() */
  #fillChecksum(skb: PacketBuffer, length: number): boolean {
    if (this.#checksumAt + 2 > length) return false;
    const { source6, destination6 } = this.flow;
    const at = skb.data + this.#checksumAt;
    skb.view.setUint16(at, 0);
    skb.view.setUint16(at, checksum.checksum(skb.view, skb.data, length, pseudoHeaderSum(source6, destination6, this.protocol, length)));
    return true;
  }

  /**
   * IPV6_CHECKSUM: where it is, an even number; -1: there is none. An ICMPv6 socket has it by SOL_RAW alone (RFC 3542 3.1). Linux:
   * do_rawv6_setsockopt()
   */
  #setChecksum(level: number, value: Uint8Array): number {
    if (value.length < 4 || (this.protocol === icmpv6.PROTOCOL && level === SOL_IPV6)) return -EINVAL;
    const at = readInt(value);
    if (at > 0 && (at & 1) !== 0) return -EINVAL;
    this.#checksumAt = Math.max(at, -1);
    return 0;
  }

  override setOption(level: number, option: number, value: Uint8Array): number {
    if ((level === SOL_IPV6 || level === SOL_RAW) && option === IPV6_CHECKSUM) return this.#setChecksum(level, value);
    if (level === SOL_IPV6 && option >= MRT6_INIT && option <= MRT6_MAX) return setMulticastRouting6(this, option, value);
    return super.setOption(level, option, value);
  }

  override getOption(level: number, option: number): Uint8Array | number {
    if ((level === SOL_IPV6 || level === SOL_RAW) && option === IPV6_CHECKSUM) return intBytes(this.#checksumAt);
    if (level === SOL_IPV6 && option >= MRT6_INIT && option <= MRT6_MAX) return getMulticastRouting6(this, option);
    return super.getOption(level, option);
  }

  protected setProtocolOption(level: number, option: number, value: Uint8Array): number {
    if (level !== SOL_ICMPV6 || option !== ICMP6_FILTER || this.protocol !== icmpv6.PROTOCOL) return -ENOPROTOOPT;
    this.#filter.set(value.subarray(0, FILTER_BYTES));
    return 0;
  }

  protected getProtocolOption(level: number, option: number): Uint8Array | number {
    if (level !== SOL_ICMPV6 || option !== ICMP6_FILTER || this.protocol !== icmpv6.PROTOCOL) return -ENOPROTOOPT;
    return this.#filter.slice();
  }
}
