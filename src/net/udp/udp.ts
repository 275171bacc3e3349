import type { Udp6 } from './udp6.js';
import { hash4 } from '../../base/hash.js';
import { DEST_UNREACH, FRAG_NEEDED, PORT_UNREACH } from '../../wire/icmp.js';
import * as ip from '../../wire/ipv4.js';
import * as udp from '../../wire/udp.js';
import { AF_INET } from '../../netlink/constants.js';
import { RTN_BROADCAST, RTN_MULTICAST } from '../../netlink/rtnl/constants.js';
import { DropReason } from '../core/drop-reason.js';
import { icmpFatal } from '../core/icmp-error.js';
import { IP_PMTUDISC_DONT, isAnyAddress, isMappedAddress } from '../core/inet-socket.js';
import type { Transport } from '../core/internet.js';
import type { Namespace } from '../core/namespace.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import type { MemoryRules, ProtocolMemory } from '../core/protocol-memory.js';
import { PortTable } from '../core/port-table.js';
import { checksumHolds, datagramBytes } from './coverage.js';
import { deliverDatagram } from './deliver.js';
import { type UdpKind, udpKind } from './kind.js';
import { steered } from './steered.js';
import { UdpSocket } from './udp-socket.js';
import { boundDeviceFits } from '../core/l3mdev.js';

/** UDP of one namespace, RFC 768: which datagram is for which socket. IPv6 brings its datagrams to the same ports: Udp6. */
export class Udp implements Transport, MemoryRules {
  /** The same over IPv6, where there is IPv6. */
  six: Pick<Udp6, 'lookup'> | null = null;
  readonly protocol: number;
  readonly kind: UdpKind;
  readonly ports: PortTable;
  /** Of all namespaces' UDP together. */
  readonly memory: ProtocolMemory;
  readonly #namespace: Namespace;
  readonly #seed: number;
  readonly #matches: UdpSocket[] = [];

  constructor(namespace: Namespace, kind: UdpKind = udpKind) {
    this.kind = kind;
    this.protocol = kind.protocol;
    this.#namespace = namespace;
    this.memory = namespace.stack.udpMemory;
    this.ports = new PortTable(namespace.stack, namespace.ipv4.settings, false);
    this.#seed = namespace.stack.random.u32();
    namespace.ipv4.registerTransport(this);
  }

  leastReceive(): number {
    return this.#namespace.ipv4.settings.udpRmemMin;
  }

  leastSend(): number {
    return this.#namespace.ipv4.settings.udpWmemMin;
  }

  createSocket(uid: number, privileged: boolean, family: number = AF_INET): UdpSocket {
    return new UdpSocket(this.#namespace, this, family, uid, privileged);
  }

  /** __udp4_lib_rcv() */
  receive(skb: PacketBuffer): void {
    const ipv4 = this.#namespace.ipv4;
    const stats = this.kind.counters(this.#namespace);
    const stack = this.#namespace.stack;
    const at = skb.data;
    const view = skb.view;
    const bytes = datagramBytes(this.kind, skb);
    if (bytes === 0) {
      stats.inErrors++;
      stack.drop(skb, DropReason.PKT_TOO_SMALL);
      return;
    }
    skb.tail = at + bytes;
    const header = skb.networkHeader;
    const source = view.getUint32(header + 12);
    const destination = view.getUint32(header + 16);
    const pseudo = ip.pseudoHeaderSum(source, destination, this.protocol, bytes);
    const summed = udp.checksum(view, at) !== 0;
    if ((summed || this.kind.partial) && !checksumHolds(this.kind, skb, bytes, pseudo)) {
      stats.inCsumErrors++;
      stats.inErrors++;
      stack.drop(skb, DropReason.UDP_CSUM);
      return;
    }
    const type = skb.dst === null ? 0 : skb.dst.type;
    if (type === RTN_BROADCAST || type === RTN_MULTICAST) {
      this.#deliverToAll(skb, source, destination);
      return;
    }
    const from = udp.sourcePort(view, at);
    const to = udp.destinationPort(view, at);
    // One that rules chose (tproxy) takes what is for others. Linux: skb_steal_sock()
    const socket = (skb.socket as UdpSocket | null) ?? steered(this.lookup(source, from, destination, to, skb.iif, skb.sdif), skb);
    skb.socket = null;
    if (socket === null) {
      stats.noPorts++;
      ipv4.icmp.sendError(skb, DEST_UNREACH, PORT_UNREACH, 0);
      stack.drop(skb, DropReason.NO_SOCKET);
      return;
    }
    deliverDatagram(stack, stats, socket, skb);
  }

  /** The socket that a datagram is for (__udp4_lib_lookup()): connected before bound to the address before any address. */
  lookup(
    source: number,
    sourcePort: number,
    destination: number,
    destinationPort: number,
    ifindex: number,
    sdif: number,
  ): UdpSocket | null {
    const acceptsAny = this.#namespace.ipv4.settings.udpL3mdevAccept !== 0;
    let best: UdpSocket | null = null;
    let bestScore = -1;
    let ties = 0;
    for (let user = this.ports.first(destinationPort); user !== null; user = user.nextOnPort) {
      const socket = user as UdpSocket;
      const score = scoreOf(socket, source, sourcePort, destination, ifindex, sdif, acceptsAny);
      if (score > bestScore) {
        best = socket;
        bestScore = score;
        ties = 1;
      } else if (score === bestScore && score >= 0 && best!.reusePort && socket.reusePort) ties++;
    }
    if (ties <= 1 || best === null || best.connected) return best;
    return this.#chooseOfGroup(bestScore, ties, source, sourcePort, destination, destinationPort, ifindex, sdif);
  }

  /** SO_REUSEPORT: one flow goes to one member (reuseport_select_sock()). */
  #chooseOfGroup(
    score: number,
    ties: number,
    source: number,
    sourcePort: number,
    destination: number,
    port: number,
    ifindex: number,
    sdif: number,
  ): UdpSocket | null {
    const acceptsAny = this.#namespace.ipv4.settings.udpL3mdevAccept !== 0;
    const hash = hash4(this.#seed, source, destination, sourcePort, port);
    let skip = Math.floor((hash / 0x1_0000_0000) * ties);
    for (let user = this.ports.first(port); user !== null; user = user.nextOnPort) {
      const socket = user as UdpSocket;
      if (!socket.reusePort || scoreOf(socket, source, sourcePort, destination, ifindex, sdif, acceptsAny) !== score) continue;
      if (skip-- === 0) return socket;
    }
    return null;
  }

  /** __udp4_lib_mcast_deliver(): a copy for each socket that wants it. */
  #deliverToAll(skb: PacketBuffer, source: number, destination: number): void {
    const { stack } = this.#namespace;
    const stats = this.kind.counters(this.#namespace);
    const view = skb.view;
    const sourcePort = udp.sourcePort(view, skb.data);
    const matches = this.#matches;
    const acceptsAny = this.#namespace.ipv4.settings.udpL3mdevAccept !== 0;
    for (let user = this.ports.first(udp.destinationPort(view, skb.data)); user !== null; user = user.nextOnPort) {
      const socket = user as UdpSocket;
      if (socket.connected && (socket.remote.words[3] !== source || socket.remote.port !== sourcePort)) continue;
      if (!takesIpv4(socket)) continue;
      const local = socket.local.words[3]!;
      if (local !== 0 && local !== destination) continue;
      if (!boundDeviceFits(socket.boundIfindex, skb.iif, skb.sdif, acceptsAny)) continue;
      if (ip.isMulticast(destination) && !socket.memberships.allows(destination, source, skb, socket.multicastAll)) continue;
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

  /** udp_err() */
  error(skb: PacketBuffer, icmpType: number, icmpCode: number, errno: number, info: number): void {
    const view = skb.view;
    const inner = skb.data;
    const at = inner + ip.headerLength(view, inner);
    const socket = this.lookup(
      ip.destination(view, inner),
      udp.destinationPort(view, at),
      ip.source(view, inner),
      udp.sourcePort(view, at),
      skb.iif,
      skb.sdif,
    );
    if (socket === null) return;
    let fatal = icmpFatal(icmpType, icmpCode);
    if (icmpType === DEST_UNREACH && icmpCode === FRAG_NEEDED) {
      // The path MTU is noted already; a socket that sends without DF has no use for the error.
      socket.routeChanged();
      if (socket.pmtuDiscover === IP_PMTUDISC_DONT) return;
      fatal = true;
    }
    socket.icmpError(skb, at, icmpType, icmpCode, errno, info, fatal);
  }
}

/** An IPv6 socket has IPv4's datagrams too, if it is on :: or a mapped address and IPV6_V6ONLY is off. */
function takesIpv4(socket: UdpSocket): boolean {
  return socket.family === AF_INET || (!socket.ipv6Only && (isMappedAddress(socket.local.words) || isAnyAddress(socket.local.words)));
}

/** compute_score(); -1: it does not match at all. */
function scoreOf(
  socket: UdpSocket,
  source: number,
  sourcePort: number,
  destination: number,
  ifindex: number,
  sdif: number,
  acceptsAny: boolean,
): number {
  if (!takesIpv4(socket)) return -1;
  // A socket of the packet's own family is preferred.
  let score = socket.family === AF_INET ? 2 : 1;
  const local = socket.local.words[3]!;
  if (local !== 0) {
    if (local !== destination) return -1;
    // Linux: sockets on the address are looked at before those on any.
    score += 16;
  }
  if (socket.connected) {
    if (socket.remote.words[3] !== source || socket.remote.port !== sourcePort) return -1;
    score += 8;
  }
  if (!boundDeviceFits(socket.boundIfindex, ifindex, sdif, acceptsAny)) return -1;
  if (socket.boundIfindex !== 0) score += 4;
  if (socket.incomingCpu === 0) score += 1;
  return score;
}
