import { hash4 } from '../../base/hash.js';
import { AF_INET6 } from '../../netlink/constants.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import * as ip6 from '../../wire/ipv6.js';
import * as udp from '../../wire/udp.js';
import { DropReason } from '../core/drop-reason.js';
import { IP_PMTUDISC_DONT, isAnyAddress } from '../core/inet-socket.js';
import type { Transport } from '../core/internet.js';
import type { Namespace } from '../core/namespace.js';
import { CHECKSUM_NONE, type PacketBuffer } from '../core/packet-buffer.js';
import type { PortTable } from '../core/port-table.js';
import { icmpv6Fatal } from '../ipv6/icmpv6.js';
import { checksumHolds, datagramBytes } from './coverage.js';
import { deliverDatagram } from './deliver.js';
import { type UdpKind, udpKind } from './kind.js';
import { steered } from './steered.js';
import type { UdpSocket } from './udp-socket.js';
import { boundDeviceFits } from '../core/l3mdev.js';

/** UDP over IPv6 of one namespace, on the ports of UDP: which datagram is for which socket. Linux: net/ipv6/udp.c */
export class Udp6 implements Transport {
  readonly protocol: number;
  readonly #kind: UdpKind;
  readonly #namespace: Namespace;
  readonly #ports: PortTable;
  readonly #seed: number;
  readonly #source = new Uint32Array(4);
  readonly #destination = new Uint32Array(4);
  readonly #matches: UdpSocket[] = [];

  constructor(namespace: Namespace, ports: PortTable, kind: UdpKind = udpKind) {
    this.#kind = kind;
    this.protocol = kind.protocol;
    this.#namespace = namespace;
    this.#ports = ports;
    this.#seed = namespace.stack.random.u32();
  }

  /** __udp6_lib_rcv() */
  receive(skb: PacketBuffer): void {
    const { ipv6, stack } = this.#namespace;
    const stats = this.#kind.counters6(this.#namespace);
    const at = skb.data;
    const v = skb.view;
    const bytes = datagramBytes(this.#kind, skb);
    if (bytes === 0) {
      stats.inErrors++;
      stack.drop(skb, DropReason.PKT_TOO_SMALL);
      return;
    }
    skb.tail = at + bytes;
    // RFC 8200 8.1: none without a checksum.
    const absent = !this.#kind.partial && udp.checksum(v, at) === 0 && skb.ipSummed === CHECKSUM_NONE;
    const pseudo = ip6.pseudoHeaderSumAt(v, skb.networkHeader + ip6.SOURCE, this.protocol, bytes);
    if (absent ? !this.#takesUnsummed(skb) : !checksumHolds(this.#kind, skb, bytes, pseudo)) {
      stats.inCsumErrors++;
      stats.inErrors++;
      stack.drop(skb, DropReason.UDP_CSUM);
      return;
    }
    const source = ip6.readAddress(v, skb.networkHeader + ip6.SOURCE, this.#source);
    const destination = ip6.readAddress(v, skb.networkHeader + ip6.DESTINATION, this.#destination);
    if (ip6.isMulticast(destination)) {
      this.#deliverToAll(skb);
      return;
    }
    const socket =
      (skb.socket as UdpSocket | null) ??
      steered(this.lookup(source, udp.sourcePort(v, at), destination, udp.destinationPort(v, at), skb.iif, skb.sdif), skb);
    skb.socket = null;
    if (socket === null) {
      stats.noPorts++;
      ipv6.icmp.sendError(skb, icmpv6.DEST_UNREACH, icmpv6.PORT_UNREACH, 0);
      stack.drop(skb, DropReason.NO_SOCKET);
      return;
    }
    deliverDatagram(stack, stats, socket, skb);
  }

  /** __udp6_lib_lookup(): connected before bound to the address before any address; of a SO_REUSEPORT group one by hash. */
  lookup(source: ip6.In6, sourcePort: number, destination: ip6.In6, port: number, ifindex: number, sdif: number): UdpSocket | null {
    const acceptsAny = this.#namespace.ipv4.settings.udpL3mdevAccept !== 0;
    let best: UdpSocket | null = null;
    let bestScore = -1;
    let ties = 0;
    const hash = hash4(this.#seed, source[3]!, destination[3]!, sourcePort, port);
    for (let user = this.#ports.first(port); user !== null; user = user.nextOnPort) {
      const socket = user as UdpSocket;
      const score = scoreOf(socket, source, sourcePort, destination, ifindex, sdif, acceptsAny);
      if (score < 0 || score < bestScore) continue;
      if (score > bestScore) {
        best = socket;
        bestScore = score;
        ties = 1;
      } else if (socket.reusePort && !socket.connected) {
        // Each of n members is left standing with probability 1/n, always the same one for the same flow.
        ties++;
        if (Math.imul(hash, ties) >>> 0 < 0x1_0000_0000 / ties) best = socket;
      }
    }
    return best;
  }

  /** udpv6_err(): `skb.transportHeader` at the UDP header inside the error. */
  error(skb: PacketBuffer, icmpType: number, icmpCode: number, errno: number, info: number): void {
    const v = skb.view;
    const inner = skb.data;
    const at = skb.transportHeader;
    const remote = ip6.readAddress(v, inner + ip6.DESTINATION, this.#source);
    const local = ip6.readAddress(v, inner + ip6.SOURCE, this.#destination);
    const socket = this.lookup(remote, udp.destinationPort(v, at), local, udp.sourcePort(v, at), skb.iif, skb.sdif);
    if (socket === null) return;
    let fatal = icmpv6Fatal(icmpType, icmpCode);
    if (icmpType === icmpv6.PACKET_TOO_BIG) {
      socket.routeChanged();
      if (socket.pmtuDiscover === IP_PMTUDISC_DONT) return;
      fatal = socket.pmtuDiscover > 1;
    }
    socket.icmpError(skb, at, icmpType, icmpCode, errno, info, fatal);
  }

  /** RFC 6936: whether who it is for takes it without a checksum. */
  #takesUnsummed(skb: PacketBuffer): boolean {
    const v = skb.view;
    const at = skb.data;
    const source = ip6.readAddress(v, skb.networkHeader + ip6.SOURCE, this.#source);
    const destination = ip6.readAddress(v, skb.networkHeader + ip6.DESTINATION, this.#destination);
    const socket = this.lookup(source, udp.sourcePort(v, at), destination, udp.destinationPort(v, at), skb.iif, skb.sdif);
    return socket?.acceptsZeroChecksum6 === true;
  }

  /** __udp6_lib_mcast_deliver(): a copy for each socket that wants it. */
  #deliverToAll(skb: PacketBuffer): void {
    const { stack } = this.#namespace;
    const stats = this.#kind.counters6(this.#namespace);
    const v = skb.view;
    const source = this.#source;
    const group = this.#destination;
    const sourcePort = udp.sourcePort(v, skb.data);
    const matches = this.#matches;
    const acceptsAny = this.#namespace.ipv4.settings.udpL3mdevAccept !== 0;
    for (let user = this.#ports.first(udp.destinationPort(v, skb.data)); user !== null; user = user.nextOnPort) {
      const socket = user as UdpSocket;
      if (scoreOf(socket, source, sourcePort, group, skb.iif, skb.sdif, acceptsAny) < 0) continue;
      if (!socket.memberships6.allows(group, source, skb, socket.multicastAll6)) continue;
      matches.push(socket);
    }
    if (matches.length === 0) {
      stats.ignoredMulti++;
      stack.consume(skb);
      return;
    }
    for (let i = 1; i < matches.length; i++) deliverDatagram(stack, stats, matches[i]!, stack.pool.clone(skb));
    deliverDatagram(stack, stats, matches[0]!, skb);
    matches.length = 0;
  }
}

/** compute_score(); -1: it does not match at all. */
function scoreOf(
  socket: UdpSocket,
  source: ip6.In6,
  sourcePort: number,
  destination: ip6.In6,
  ifindex: number,
  sdif: number,
  acceptsAny: boolean,
): number {
  if (socket.family !== AF_INET6) return -1;
  let score = 1;
  if (!isAnyAddress(socket.local.words)) {
    if (!ip6.equalAddress(socket.local.words, destination)) return -1;
    score += 16;
  } else if (socket.local.words[2] !== 0) return -1;
  if (socket.connected) {
    if (!ip6.equalAddress(socket.remote.words, source) || socket.remote.port !== sourcePort) return -1;
    score += 8;
  }
  if (!boundDeviceFits(socket.boundIfindex, ifindex, sdif, acceptsAny)) return -1;
  if (socket.boundIfindex !== 0) score += 4;
  if (socket.incomingCpu === 0) score += 1;
  return score;
}
