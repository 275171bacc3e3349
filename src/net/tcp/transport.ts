import { AF_INET } from '../../netlink/constants.js';
import { verify } from '../../wire/checksum.js';
import { isLinkLocal } from '../../wire/ipv6.js';
import { skipHeaders } from '../../wire/ipv6-extensions.js';
import { PROTOCOL } from '../../wire/tcp.js';
import type { Flow } from '../core/flow.js';
import type { InternetLayer, Transport } from '../core/internet.js';
import { CHECKSUM_NONE, GSO_TCPV4, GSO_TCPV6, type PacketBuffer } from '../core/packet-buffer.js';
import { NETIF_F_TSO, NETIF_F_TSO6 } from '../core/device.js';
import type { ConnectionKey } from './demux.js';
import type { Tcp } from './tcp.js';

/** Third word of an IPv4 address in its mapped form, ::ffff:a.b.c.d. */
const MAPPED = 0xffff;

/** What comes up from an internet layer; implemented above this file. */
export interface TcpReceiver {
  segment(transport: TcpTransport, skb: PacketBuffer): void;
  icmpError(transport: TcpTransport, skb: PacketBuffer, type: number, code: number, errno: number, info: number): void;
}

/**
 * TCP over one internet layer. All that differs between IPv4 and IPv6 is here: where the addresses lie in the network header,
 * how they go into a flow, which offload carries super-segments.
 */
export class TcpTransport implements Transport {
  readonly protocol = PROTOCOL;
  readonly tcp: Tcp;
  readonly layer: InternetLayer;
  readonly gsoType: number;
  readonly tsoFeature: number;
  readonly #receiver: TcpReceiver;
  readonly #mapped: boolean;

  constructor(tcp: Tcp, layer: InternetLayer, receiver: TcpReceiver) {
    this.tcp = tcp;
    this.layer = layer;
    this.#receiver = receiver;
    this.#mapped = layer.family === AF_INET;
    this.gsoType = this.#mapped ? GSO_TCPV4 : GSO_TCPV6;
    this.tsoFeature = this.#mapped ? NETIF_F_TSO : NETIF_F_TSO6;
  }

  receive(skb: PacketBuffer): void {
    this.#receiver.segment(this, skb);
  }

  error(skb: PacketBuffer, icmpType: number, icmpCode: number, errno: number, info: number): void {
    this.#receiver.icmpError(this, skb, icmpType, icmpCode, errno, info);
  }

  /** Reads the addresses of the network header at `at` as this host sees them: `incoming`, the destination is the local one. */
  readAddresses(v: DataView, at: number, incoming: boolean, key: ConnectionKey): void {
    const first = incoming ? key.remote : key.local;
    const second = incoming ? key.local : key.remote;
    if (this.#mapped) {
      first[0] = 0;
      first[1] = 0;
      first[2] = MAPPED;
      first[3] = v.getUint32(at + 12);
      second[0] = 0;
      second[1] = 0;
      second[2] = MAPPED;
      second[3] = v.getUint32(at + 16);
      return;
    }
    for (let i = 0; i < 4; i++) {
      first[i] = v.getUint32(at + 8 + 4 * i);
      second[i] = v.getUint32(at + 24 + 4 * i);
    }
  }

  /** Puts the addresses and ports of a connection into `flow`, as of a packet that we send. */
  fillFlow(flow: Flow, local: Uint32Array, remote: Uint32Array, localPort: number, remotePort: number): void {
    flow.reset();
    flow.protocol = PROTOCOL;
    flow.sourcePort = localPort;
    flow.destinationPort = remotePort;
    if (this.#mapped) {
      flow.source = local[3]!;
      flow.destination = remote[3]!;
      return;
    }
    for (let i = 0; i < 4; i++) {
      flow.source6[i] = local[i]!;
      flow.destination6[i] = remote[i]!;
    }
  }

  /** The source address that a route lookup chose, in the form of socket addresses. */
  takeSource(flow: Flow, words: Uint32Array): void {
    if (this.#mapped) {
      words[0] = 0;
      words[1] = 0;
      words[2] = MAPPED;
      words[3] = flow.source;
      return;
    }
    for (let i = 0; i < 4; i++) words[i] = flow.source6[i]!;
  }

  /** TTL or hop limit of a received packet. */
  hopLimit(skb: PacketBuffer): number {
    return skb.view.getUint8(skb.networkHeader + (this.#mapped ? 8 : 7));
  }

  /** Type of service or traffic class of a received packet: DSCP and ECN. */
  dsField(skb: PacketBuffer): number {
    const at = skb.networkHeader;
    return this.#mapped ? skb.view.getUint8(at + 1) : (skb.view.getUint16(at) >> 4) & 0xff;
  }

  /** Bytes of the network header at `at` (of a packet of ours, inside an ICMP error). */
  networkHeaderBytes(v: DataView, at: number): number {
    return this.#mapped ? (v.getUint8(at) & 15) << 2 : skipHeaders(v, at, v.byteLength).offset - at;
  }

  /** The device that answers to a segment are bound to: the link of a link-local peer, else the VRF; 0: none. */
  linkOf(key: ConnectionKey, skb: PacketBuffer): number {
    if (skb.sdif !== 0) return this.hasLinkLocalPeer(key) ? skb.sdif : skb.iif;
    return this.hasLinkLocalPeer(key) ? skb.iif : 0;
  }

  hasLinkLocalPeer(key: ConnectionKey): boolean {
    return !this.#mapped && isLinkLocal(key.remote);
  }

  /** Whether an ICMP error says that a packet was too big: "fragmentation needed", or ICMPv6's type 2. */
  tooBig(type: number, code: number): boolean {
    return this.#mapped ? type === 3 && code === 4 : type === 2;
  }

  /** Whether an ICMP error says that a router has no way: to the net or the host (RFC 6069), or ICMPv6's "no route". */
  revertsBackoff(type: number, code: number): boolean {
    return this.#mapped ? type === 3 && code <= 1 : type === 1 && code === 0;
  }

  /** Whether the checksum of the segment at `skb.data` holds, or need not be looked at. */
  checksumHolds(skb: PacketBuffer, key: ConnectionKey): boolean {
    if (skb.ipSummed !== CHECKSUM_NONE) return true;
    const flow = this.tcp.flow;
    this.fillFlow(flow, key.local, key.remote, 0, 0);
    return verify(skb.view, skb.data, skb.length, this.layer.pseudoHeaderSum(flow, PROTOCOL, skb.length));
  }
}
