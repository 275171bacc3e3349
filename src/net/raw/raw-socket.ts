import { EFAULT, EINVAL, EMSGSIZE, ENOBUFS, ENOPROTOOPT, EOPNOTSUPP } from '../../base/errno.js';
import * as icmp from '../../wire/icmp.js';
import * as ip from '../../wire/ipv4.js';
import { AF_INET } from '../../netlink/constants.js';
import { DatagramSocket } from '../core/datagram-socket.js';
import type { Dst } from '../core/dst.js';
import type { Namespace } from '../core/namespace.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { SOCK_RAW, type SocketAddress } from '../core/socket.js';
import { flagOption, intBytes, readInt, type SocketOption } from '../core/socket-options.js';
import { SOL_IP } from '../core/ip-socket-options.js';
import { getMulticastRouting, leaveMulticastRouting, MRT_INIT, MRT_MAX, setMulticastRouting } from '../ipv4/mroute/socket-options.js';
import type { Raw } from './raw.js';
import { boundDeviceFits } from '../core/l3mdev.js';

export const SOL_RAW = 255;
export const ICMP_FILTER = 1;
const IP_HDRINCL = 3;

const headerIncluded: SocketOption<RawSocket> = flagOption(
  'IP_HDRINCL',
  (socket) => socket.headerIncluded,
  (socket, on) => {
    socket.headerIncluded = on;
  },
);

/** A raw IPv4 socket (struct raw_sock): packets of one protocol, headers included; `local.port` is the protocol, as in /proc/net/raw. */
export class RawSocket extends DatagramSocket {
  readonly #raw: Raw;
  /** ICMP_FILTER: types that are not wanted, a bit each. */
  icmpFilter = 0;
  next: RawSocket | null = null;

  constructor(namespace: Namespace, raw: Raw, protocol: number, uid: number, privileged: boolean) {
    super(namespace, AF_INET, SOCK_RAW, protocol, uid, privileged);
    this.#raw = raw;
    this.local.port = protocol;
    // Linux: INET_PROTOSW_REUSE
    this.reuseAddress = true;
    this.headerIncluded = protocol === ip.PROTOCOL_RAW;
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
    if (this.protocol === ip.PROTOCOL_IGMP) leaveMulticastRouting(this);
  }

  bind(address: SocketAddress): number {
    const bad = this.checkBind(address);
    if (bad !== 0) return bad;
    if (this.connected) return -EINVAL;
    this.takeLocalAddress(address);
    return 0;
  }

  /** Whether a packet is for this socket (raw_v4_match()). */
  matches(source: number, destination: number, ifindex: number, sdif: number): boolean {
    if (this.connected && this.remote.words[3] !== source) return false;
    const local = this.local.words[3]!;
    if (local !== 0 && local !== destination) return false;
    return boundDeviceFits(this.boundIfindex, ifindex, sdif, this.namespace.ipv4.settings.rawL3mdevAccept !== 0);
  }

  /** Whether the socket's filter lets an ICMP message of `type` pass. */
  wantsIcmp(type: number): boolean {
    return type >= 32 || ((this.icmpFilter >>> type) & 1) === 0;
  }

  /** Takes ownership of a packet, `skb.data` at the network header; false: the queue is full. */
  deliver(skb: PacketBuffer): boolean {
    return this.enqueue(skb, 0, true);
  }

  /** raw_err(): `skb.data` at the header inside the ICMP error. */
  icmpError(skb: PacketBuffer, type: number, code: number, errno: number, info: number, fatal: boolean): void {
    const payload = this.headerIncluded ? skb.data : skb.data + ip.headerLength(skb.view, skb.data);
    if (type === icmp.DEST_UNREACH && code === icmp.FRAG_NEEDED) this.routeChanged();
    this.reportError(skb, payload, 0, type, code, errno, info, fatal);
  }

  /** raw_sendmsg() */
  send(bytes: Uint8Array, start: number, length: number, flags: number, to: SocketAddress | null): number {
    if (length > ip.MAX_LENGTH) return -EMSGSIZE;
    const bad = this.beforeSend(flags, to, false);
    if (bad !== 0) return bad;
    const dst = this.way(to);
    if (typeof dst === 'number') return dst;
    // Linux: raw_probe_proto_opt() looks at type and code, for the flow.
    if (this.protocol === icmp.PROTOCOL && !this.headerIncluded && length < 2) return -EFAULT;
    if (this.headerIncluded) return this.#sendWithHeader(bytes, start, length, dst);
    const layer = this.namespace.ipv4;
    const optionBytes = this.ipOptions === null ? 0 : this.ipOptions.length;
    const tooLong = this.fillHeader(dst, layer.headerBytes + optionBytes + length);
    if (tooLong !== 0) return tooLong;
    const skb = this.packetOf(bytes, start, length, 0);
    if (skb === null) return -ENOBUFS;
    if (this.protocol === icmp.PROTOCOL) {
      layer.icmpStats.outMsgs++;
      layer.icmpStats.outType[bytes[start]!]!++;
    }
    const result = layer.output(skb, dst, this.flow, this.header);
    return result === 0 || (result === -ENOBUFS && !this.receiveErrors) ? length : result;
  }

  /** raw_send_hdrinc(): the header is the user's; only what must be is filled in. */
  #sendWithHeader(bytes: Uint8Array, start: number, length: number, dst: Dst): number {
    const ipv4 = this.namespace.ipv4;
    if (length > dst.device!.mtu) return -EMSGSIZE;
    if (length < ip.HEADER) return -EINVAL;
    const headerBytes = (bytes[start]! & 0xf) << 2;
    if (headerBytes < ip.HEADER || headerBytes > length) return -EINVAL;
    const skb = this.packetOf(bytes, start, length, 0);
    if (skb === null) return -ENOBUFS;
    const v = skb.view;
    const at = skb.data;
    skb.networkHeader = at;
    skb.transportHeader = at + headerBytes;
    if (ip.source(v, at) === 0) v.setUint32(at + 12, this.flow.source);
    if (ip.id(v, at) === 0)
      v.setUint16(at + 4, ipv4.identifiers.take(ip.source(v, at), ip.destination(v, at), ip.protocol(v, at), 1, ipv4.nowMs()));
    skb.dst = dst;
    const result = ipv4.sendComplete(skb, this.multicastLoop);
    return result === 0 || (result === -ENOBUFS && !this.receiveErrors) ? length : result;
  }

  override setOption(level: number, option: number, value: Uint8Array): number {
    if (level === SOL_IP && option === IP_HDRINCL) {
      if (value.length === 0) return -EINVAL;
      return headerIncluded.set!(this, value.length >= 4 ? value : intBytes(value[0]!));
    }
    if (level === SOL_IP && option >= MRT_INIT && option <= MRT_MAX) return setMulticastRouting(this, option, value);
    return super.setOption(level, option, value);
  }

  override getOption(level: number, option: number): Uint8Array | number {
    if (level === SOL_IP && option === IP_HDRINCL) return headerIncluded.get!(this);
    if (level === SOL_IP && option >= MRT_INIT && option <= MRT_MAX) return getMulticastRouting(this, option);
    return super.getOption(level, option);
  }

  protected override readonly protocolLevel = SOL_RAW;

  protected setProtocolOption(level: number, option: number, value: Uint8Array): number {
    if (level !== SOL_RAW || option !== ICMP_FILTER) return -ENOPROTOOPT;
    if (this.protocol !== icmp.PROTOCOL) return -EOPNOTSUPP;
    // Linux takes what is given of it.
    const filter = intBytes(this.icmpFilter);
    filter.set(value.subarray(0, 4));
    this.icmpFilter = readInt(filter);
    return 0;
  }

  protected getProtocolOption(level: number, option: number): Uint8Array | number {
    if (level !== SOL_RAW || option !== ICMP_FILTER) return -ENOPROTOOPT;
    return this.protocol === icmp.PROTOCOL ? intBytes(this.icmpFilter) : -EOPNOTSUPP;
  }
}
