import type { Dst } from './dst.js';
import type { Flow } from './flow.js';
import type { Namespace } from './namespace.js';
import type { PacketBuffer } from './packet-buffer.js';

/** What transports need of IPv4 or IPv6 in one namespace; each family implements it. */
export interface InternetLayer {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  readonly namespace: Namespace;
  /** Whether answers that no socket sends carry the mark of what they answer (fwmark_reflect). */
  reflectsMark(): boolean;
  /** Bytes of a network header without options. */
  readonly headerBytes: number;
  /** A TCP here asks for segments of at least so many bytes, unless its route says otherwise (min_adv_mss). */
  readonly minAdvertisedMss: number;
  /** Makes `protocol` the receiver of its IP protocol number. */
  registerTransport(transport: Transport): void;
  /**
   * Looks up the way for an outgoing packet and fills in the flow's source address where it is unset.
   * The result may be kept as long as it is valid(); its `error` says why there is none.
   */
  route(flow: Flow): Dst;
  /** Whether a kept result still holds (Linux: dst_check()). */
  valid(dst: Dst): boolean;
  /** Largest packet, network header included, that fits the way. */
  pathMtu(dst: Dst): number;
  /** Notes a path MTU that ICMP told of (Linux: ip_rt_update_pmtu()). */
  updatePathMtu(flow: Flow, mtu: number): void;
  /**
   * Puts a network header before the transport's (`skb.data` at the transport header) and sends it: output hooks,
   * fragmentation if `dontFragment` allows it, neighbour, device. Takes ownership. 0 or a negative errno.
   */
  output(skb: PacketBuffer, dst: Dst, flow: Flow, header: HeaderFields): number;
  /** Hooks look at what this host sends. */
  readonly looksAtOutput: boolean;
  /** Adds up the pseudo-header of RFC 9293 3.1 / RFC 8200 8.1 for `bytes` of the transport: an unfolded sum. */
  pseudoHeaderSum(flow: Flow, protocol: number, bytes: number): number;
}

/** What carries no label of its own making, such as tunnels that choose it. */
export const LABEL_AS_GIVEN = -2;
/** As net.ipv6.auto_flowlabels has it. */
export const LABEL_BY_NAMESPACE = -1;

/** What a sender chooses of the network header. Reused. */
export class HeaderFields {
  /** TTL or hop limit; 0: the namespace's default; -1: zero, not to leave this host. */
  ttl = 0;
  tos = 0;
  dontFragment = false;
  /** IPv6: 20 bits; 0: none was chosen. */
  flowLabel = 0;
  /** Whether one is made where none was chosen: LABEL_AS_GIVEN, LABEL_BY_NAMESPACE, or the socket's own 0, 1. */
  autoFlowLabel = LABEL_AS_GIVEN;
  /** What it is made of (skb->hash); 0: of the flow. */
  flowHash = 0;
  /** IPv4 options, padded to four bytes; null: none. */
  options: Uint8Array | null = null;
  /** IPv4 identification that the sender counts itself (a connected socket); -1: the layer chooses. */
  id = -1;
  /** IP_MULTICAST_LOOP: this host's receivers get a copy of what goes to a group. */
  multicastLoop = true;
}

/** A transport protocol of one namespace: TCP, UDP, ICMP, ... */
export interface Transport {
  /** IP protocol number. */
  readonly protocol: number;
  /**
   * A packet for this host: `skb.data` at the transport header, `networkHeader` set, the checksum not checked unless
   * `ipSummed` says so. Takes ownership.
   */
  receive(skb: PacketBuffer): void;
  /**
   * An ICMP error about a packet of ours: `skb.data` at the network header of the packet inside the error, of whose transport
   * at least 8 bytes are there. `errno` is what a socket reports, `info` the next-hop MTU or pointer. Does not take ownership.
   */
  error(skb: PacketBuffer, icmpType: number, icmpCode: number, errno: number, info: number): void;
}
