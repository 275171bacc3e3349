import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import * as icmp from '../../wire/icmp.js';
import { PACKET_TOO_BIG } from '../../wire/icmpv6.js';
import * as ip from '../../wire/ipv4.js';
import { DESTINATION, equalAddress, type In6, readAddress, SOURCE } from '../../wire/ipv6.js';
import { DropReason } from '../core/drop-reason.js';
import { icmpFatal } from '../core/icmp-error.js';
import { IP_PMTUDISC_DONT, isAnyAddress } from '../core/inet-socket.js';
import type { Namespace } from '../core/namespace.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { PortTable } from '../core/port-table.js';
import type { PingReceiver } from '../ipv4/icmp.js';
import { icmpv6Fatal, type PingReceiver6 } from '../ipv6/icmpv6.js';
import { PingSocket } from './ping-socket.js';
import { boundDeviceFits } from '../core/l3mdev.js';

/** Any id may be chosen. */
const IDENTS = { localPortFirst: 1, localPortLast: 0xffff, reservedPorts: new Set<number>(), autobindReuse: false } as const;

/** An IPv4 address as sockets keep it. */
function mapped(address: number, words: In6): In6 {
  words[0] = 0;
  words[1] = 0;
  words[2] = 0xffff;
  words[3] = address;
  return words;
}

/** The ping sockets of one namespace, of both families: which echo reply is for which. */
export class Ping implements PingReceiver, PingReceiver6 {
  readonly idents: PortTable;
  readonly #namespace: Namespace;
  readonly #local = new Uint32Array(4);
  readonly #remote = new Uint32Array(4);

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
    this.idents = new PortTable(namespace.stack, IDENTS, false);
    namespace.ipv4.icmp.ping = this;
    if (namespace.ipv6 !== undefined) namespace.ipv6.icmp.ping = this;
  }

  createSocket(family: number, uid: number, privileged: boolean): PingSocket {
    return new PingSocket(this.#namespace, this, family, uid, privileged);
  }

  /** Calls `visit` for every socket of `family`, for dumps. */
  forEach(family: number, visit: (socket: PingSocket) => void): void {
    this.idents.forEach((user) => {
      const socket = user as PingSocket;
      if (socket.family === family) visit(socket);
    });
  }

  /** ping_get_port(): the id that was asked for, or with 0 one that nobody has. */
  takeIdent(socket: PingSocket, ident: number): boolean {
    if (ident !== 0) return this.idents.bind(socket, ident) === 0;
    const free = this.idents.search(false, 0, (candidate) => this.idents.first(candidate) === null);
    if (free === 0) return false;
    this.idents.add(socket, free);
    return true;
  }

  /** ping_rcv(): an echo reply, `skb.data` at the ICMP header; the packet stays the caller's. */
  deliver(skb: PacketBuffer): boolean {
    const at = skb.networkHeader;
    return this.#give(skb, AF_INET, mapped(ip.source(skb.view, at), this.#remote), mapped(ip.destination(skb.view, at), this.#local));
  }

  deliver6(skb: PacketBuffer): boolean {
    const at = skb.networkHeader;
    return this.#give(
      skb,
      AF_INET6,
      readAddress(skb.view, at + SOURCE, this.#remote),
      readAddress(skb.view, at + DESTINATION, this.#local),
    );
  }

  #give(skb: PacketBuffer, family: number, remote: In6, local: In6): boolean {
    const socket = this.#lookup(family, icmp.echoId(skb.view, skb.data), remote, local, skb);
    if (socket === null) return false;
    const stack = this.#namespace.stack;
    const copy = stack.pool.clone(skb);
    if (!socket.deliver(copy)) stack.drop(copy, DropReason.SOCKET_RCVBUFF);
    return true;
  }

  /** ping_err(): `skb.data` at the header inside the ICMP error, a packet of ours. */
  error(skb: PacketBuffer, icmpType: number, icmpCode: number, errno: number, info: number): void {
    const inner = skb.data;
    const at = inner + ip.headerLength(skb.view, inner);
    const remote = mapped(ip.destination(skb.view, inner), this.#remote);
    const local = mapped(ip.source(skb.view, inner), this.#local);
    const socket = this.#lookup(AF_INET, icmp.echoId(skb.view, at), remote, local, skb);
    if (socket === null) return;
    let fatal = icmpFatal(icmpType, icmpCode);
    if (icmpType === icmp.DEST_UNREACH && icmpCode === icmp.FRAG_NEEDED) {
      socket.routeChanged();
      if (socket.pmtuDiscover === IP_PMTUDISC_DONT) return;
      fatal = true;
    }
    socket.icmpError(skb, at, icmpType, icmpCode, errno, info, fatal);
  }

  /** `payload` where the echo request begins in the packet inside the error. */
  error6(skb: PacketBuffer, payload: number, icmpType: number, icmpCode: number, errno: number, info: number): void {
    const remote = readAddress(skb.view, skb.data + DESTINATION, this.#remote);
    const local = readAddress(skb.view, skb.data + SOURCE, this.#local);
    const socket = this.#lookup(AF_INET6, icmp.echoId(skb.view, payload), remote, local, skb);
    if (socket === null) return;
    if (icmpType === PACKET_TOO_BIG) socket.routeChanged();
    socket.icmpError(skb, payload, icmpType, icmpCode, errno, info, icmpv6Fatal(icmpType, icmpCode));
  }

  /** ping_lookup(), seen from a reply that came in. */
  #lookup(family: number, ident: number, remote: In6, local: In6, skb: PacketBuffer): PingSocket | null {
    for (let user = this.idents.first(ident); user !== null; user = user.nextOnPort) {
      const socket = user as PingSocket;
      if (socket.family !== family) continue;
      if (!isAnyAddress(socket.local.words) && !equalAddress(socket.local.words, local)) continue;
      if (socket.connected && !equalAddress(socket.remote.words, remote)) continue;
      if (boundDeviceFits(socket.boundIfindex, skb.iif, skb.sdif, true)) return socket;
    }
    return null;
  }
}
