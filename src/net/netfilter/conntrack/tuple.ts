import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import { skipHeaders } from '../../../wire/ipv6-extensions.js';
import * as icmp from '../../../wire/icmp.js';
import * as icmpv6 from '../../../wire/icmpv6.js';
import * as ip from '../../../wire/ipv4.js';
import * as ip6 from '../../../wire/ipv6.js';
import { hashStep } from '../../../base/hash.js';

export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_DCCP = 33;
export const IPPROTO_GRE = 47;
export const IPPROTO_ICMPV6 = 58;
export const IPPROTO_SCTP = 132;
export const IPPROTO_UDPLITE = 136;

/** Requests and what answers them, by type. */
const answers4: ReadonlyMap<number, number> = new Map([
  [icmp.ECHO, icmp.ECHO_REPLY],
  [icmp.ECHO_REPLY, icmp.ECHO],
  [icmp.TIMESTAMP, icmp.TIMESTAMP_REPLY],
  [icmp.TIMESTAMP_REPLY, icmp.TIMESTAMP],
  [icmp.INFO_REQUEST, icmp.INFO_REPLY],
  [icmp.INFO_REPLY, icmp.INFO_REQUEST],
  [icmp.ADDRESS, icmp.ADDRESS_REPLY],
  [icmp.ADDRESS_REPLY, icmp.ADDRESS],
]);
/** RFC 4443 and RFC 4620. */
const answers6: ReadonlyMap<number, number> = new Map([
  [icmpv6.ECHO_REQUEST, icmpv6.ECHO_REPLY],
  [icmpv6.ECHO_REPLY, icmpv6.ECHO_REQUEST],
  [139, 140],
  [140, 139],
]);

/** One direction of a connection (struct nf_conntrack_tuple): who to whom. Kept and filled anew. */
export class Tuple {
  family = NFPROTO_IPV4;
  protocol = 0;
  /** Four words; of IPv4 the first. */
  readonly source = new Uint32Array(4);
  readonly destination = new Uint32Array(4);
  /** Source port << 16 | destination port; of ICMP the id << 16 | type << 8 | code. */
  ports = 0;

  get sourcePort(): number {
    return this.ports >>> 16;
  }

  get destinationPort(): number {
    return this.ports & 0xffff;
  }

  setPorts(source: number, destination: number): void {
    this.ports = ((source << 16) | destination) >>> 0;
  }

  /** Reads a packet's, network header at `at`; false: it has none. Where its transport begins is left in `transportAt`. */
  read(family: number, v: DataView, at: number, end: number): boolean {
    this.family = family;
    if (family === NFPROTO_IPV4) {
      if (at + ip.HEADER > end) return false;
      const transport = at + ip.headerLength(v, at);
      // What is the middle of a datagram says nothing.
      if (transport > end || (ip.fragment(v, at) & ip.OFFSET_MASK) !== 0) return false;
      this.source[0] = ip.source(v, at);
      this.destination[0] = ip.destination(v, at);
      for (let i = 1; i < 4; i++) {
        this.source[i] = 0;
        this.destination[i] = 0;
      }
      return this.#readTransport(ip.protocol(v, at), v, transport, end);
    }
    if (at + ip6.HEADER > end) return false;
    const found = skipHeaders(v, at, end);
    if (found.offset < 0 || found.fragmentOffset > 0) return false;
    const { protocol, offset } = found;
    ip6.readAddress(v, at + ip6.SOURCE, this.source);
    ip6.readAddress(v, at + ip6.DESTINATION, this.destination);
    return this.#readTransport(protocol, v, offset, end);
  }

  transportAt = 0;

  #readTransport(protocol: number, v: DataView, at: number, end: number): boolean {
    this.protocol = protocol;
    this.transportAt = at;
    if (hasPorts(protocol)) {
      if (at + 4 > end) return false;
      this.ports = v.getUint32(at);
    } else if (
      (protocol === IPPROTO_ICMP && this.family === NFPROTO_IPV4) ||
      (protocol === IPPROTO_ICMPV6 && this.family === NFPROTO_IPV6)
    ) {
      if (at + 8 > end) return false;
      this.ports = ((v.getUint16(at + 4) << 16) | (v.getUint8(at) << 8) | v.getUint8(at + 1)) >>> 0;
    } else this.ports = 0;
    return true;
  }

  /** The tuple of what answers it into `into`; false: nothing does. Linux: nf_ct_invert_tuple() */
  invert(into: Tuple): boolean {
    into.family = this.family;
    into.protocol = this.protocol;
    for (let i = 0; i < 4; i++) {
      into.source[i] = this.destination[i]!;
      into.destination[i] = this.source[i]!;
    }
    const icmp4 = this.protocol === IPPROTO_ICMP && this.family === NFPROTO_IPV4;
    if (icmp4 || (this.protocol === IPPROTO_ICMPV6 && this.family === NFPROTO_IPV6)) {
      const answer = (icmp4 ? answers4 : answers6).get((this.ports >>> 8) & 0xff);
      if (answer === undefined) return false;
      into.ports = ((this.ports & 0xffff_0000) | (answer << 8) | (this.ports & 0xff)) >>> 0;
    } else into.ports = ((this.ports << 16) | (this.ports >>> 16)) >>> 0;
    return true;
  }

  copyFrom(other: Tuple): this {
    this.family = other.family;
    this.protocol = other.protocol;
    for (let i = 0; i < 4; i++) {
      this.source[i] = other.source[i]!;
      this.destination[i] = other.destination[i]!;
    }
    this.ports = other.ports;
    return this;
  }

  equals(other: Tuple): boolean {
    if (this.family !== other.family || this.protocol !== other.protocol || this.ports !== other.ports) return false;
    for (let i = 0; i < 4; i++) if (this.source[i] !== other.source[i] || this.destination[i] !== other.destination[i]) return false;
    return true;
  }

  hash(seed: number, namespace: number): number {
    let h = hashStep(seed, namespace);
    h = hashStep(h, (this.family << 8) | this.protocol);
    h = hashStep(h, this.source[0]!);
    h = hashStep(h, this.destination[0]!);
    if (this.family === NFPROTO_IPV6)
      for (let i = 1; i < 4; i++) {
        h = hashStep(h, this.source[i]!);
        h = hashStep(h, this.destination[i]!);
      }
    return hashStep(h, this.ports);
  }
}

export const hasPorts = (protocol: number): boolean =>
  protocol === IPPROTO_TCP ||
  protocol === IPPROTO_UDP ||
  protocol === IPPROTO_UDPLITE ||
  protocol === IPPROTO_SCTP ||
  protocol === IPPROTO_DCCP;
