import { EADDRINUSE, EAGAIN, EINVAL, EMSGSIZE, ENOBUFS, ENOPROTOOPT } from '../../base/errno.js';
import * as checksum from '../../wire/checksum.js';
import * as icmp from '../../wire/icmp.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import { pseudoHeaderSum } from '../../wire/ipv6.js';
import { AF_INET } from '../../netlink/constants.js';
import { DatagramSocket } from '../core/datagram-socket.js';
import { clearSocketAddress } from '../core/inet-socket.js';
import type { Namespace } from '../core/namespace.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { SOCK_DGRAM, type SocketAddress } from '../core/socket.js';
import { icmp6CountOut } from '../ipv6/count.js';
import type { Ping } from './ping.js';

/** An ICMP or ICMPv6 datagram socket (net/ipv4/ping.c): echo requests out, their replies in; the id of the echo is its port. */
export class PingSocket extends DatagramSocket {
  readonly #ping: Ping;
  #hasPort = false;

  constructor(namespace: Namespace, ping: Ping, family: number, uid: number, privileged: boolean) {
    super(namespace, family, SOCK_DGRAM, family === AF_INET ? icmp.PROTOCOL : icmpv6.PROTOCOL, uid, privileged);
    this.#ping = ping;
    // Linux: INET_PROTOSW_REUSE; two may share an id if they ask for it.
    this.reuseAddress = true;
  }

  protected override usesPorts(): boolean {
    return false;
  }

  bind(address: SocketAddress): number {
    const bad = this.checkBind(address);
    if (bad !== 0) return bad;
    if (this.connected || this.#hasPort) return -EINVAL;
    this.takeLocalAddress(address);
    if (!this.#ping.takeIdent(this, address.port)) {
      clearSocketAddress(this.local, this.family, 0);
      this.addressLocked = false;
      return -EADDRINUSE;
    }
    this.#hasPort = true;
    this.portLocked = address.port !== 0;
    return 0;
  }

  protected autobind(): number {
    if (this.#hasPort) return 0;
    if (!this.#ping.takeIdent(this, 0)) return -EAGAIN;
    this.#hasPort = true;
    return 0;
  }

  protected releasePort(): void {
    if (!this.#hasPort) return;
    this.#ping.idents.remove(this);
    this.#hasPort = false;
    this.local.port = 0;
  }

  /** ping_v4_sendmsg(), ping_v6_sendmsg(): the user gives an echo request; id and checksum are ours. */
  send(bytes: Uint8Array, start: number, length: number, flags: number, to: SocketAddress | null): number {
    if (length > 0xffff) return -EMSGSIZE;
    if (length < icmp.HEADER) return -EINVAL;
    const v4 = this.family === AF_INET;
    if (bytes[start] !== (v4 ? icmp.ECHO : icmpv6.ECHO_REQUEST) || bytes[start + 1] !== 0) return -EINVAL;
    const bad = this.beforeSend(flags, to, false);
    if (bad !== 0) return bad;
    const dst = this.way(to);
    if (typeof dst === 'number') return dst;
    const { layer, namespace } = this;
    // A mapped IPv4 address is nobody's in ICMPv6.
    if (layer.family !== this.family) return -EINVAL;
    const optionBytes = this.ipOptions === null || !v4 ? 0 : this.ipOptions.length;
    const tooLong = this.fillHeader(dst, layer.headerBytes + optionBytes + length);
    if (tooLong !== 0) return tooLong;
    const skb = this.packetOf(bytes, start, length, 0);
    if (skb === null) return -ENOBUFS;
    const v = skb.view;
    const at = skb.data;
    v.setUint16(at + 2, 0);
    v.setUint16(at + 4, this.local.port);
    const { source6, destination6 } = this.flow;
    const pseudo = v4 ? 0 : pseudoHeaderSum(source6, destination6, icmpv6.PROTOCOL, length);
    v.setUint16(at + 2, checksum.checksum(v, at, length, pseudo));
    if (v4) {
      const stats = namespace.ipv4.icmpStats;
      stats.outMsgs++;
      stats.outType[v.getUint8(at)]!++;
    } else icmp6CountOut(namespace.ipv6, namespace.ipv6.asRoute(dst).owner, v.getUint8(at));
    const result = layer.output(skb, dst, this.flow, this.header);
    return result === 0 || (result === -ENOBUFS && !this.receiveErrors) ? length : result;
  }

  /** Takes ownership of an echo reply, `skb.data` at the ICMP header; false: the queue is full. */
  deliver(skb: PacketBuffer): boolean {
    return this.enqueue(skb, 0, true);
  }

  /** ping_err(): `at` is the echo request inside the error. */
  icmpError(skb: PacketBuffer, at: number, type: number, code: number, errno: number, info: number, fatal: boolean): void {
    this.reportError(skb, at, 0, type, code, errno, info, fatal);
  }

  protected setProtocolOption(): number {
    return -ENOPROTOOPT;
  }

  protected getProtocolOption(): Uint8Array | number {
    return -ENOPROTOOPT;
  }
}
