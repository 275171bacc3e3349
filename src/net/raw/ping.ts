import * as icmp from '../../wire/icmp.js';
import * as ip from '../../wire/ipv4.js';
import { DropReason } from '../core/drop-reason.js';
import { icmpFatal } from '../core/icmp-error.js';
import { IP_PMTUDISC_DONT } from '../core/inet-socket.js';
import type { Namespace } from '../core/namespace.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { PortTable } from '../core/port-table.js';
import { PingSocket } from './ping-socket.js';
import { boundDeviceFits } from '../core/l3mdev.js';

/** Any id may be chosen. */
const IDENTS = { localPortFirst: 1, localPortLast: 0xffff, reservedPorts: new Set<number>(), autobindReuse: false } as const;

/** The ping sockets of one namespace: which echo reply is for which. */
export class Ping {
  readonly idents: PortTable;
  readonly #namespace: Namespace;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
    this.idents = new PortTable(namespace.stack, IDENTS, false);
    namespace.ipv4.icmp.ping = this;
  }

  createSocket(uid: number, privileged: boolean): PingSocket {
    return new PingSocket(this.#namespace, this, uid, privileged);
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
    const socket = this.#lookup(icmp.echoId(skb.view, skb.data), ip.source(skb.view, at), ip.destination(skb.view, at), skb.iif, skb.sdif);
    if (socket === null) return false;
    const stack = this.#namespace.stack;
    const copy = stack.pool.clone(skb);
    if (!socket.deliver(copy)) stack.drop(copy, DropReason.SOCKET_RCVBUFF);
    return true;
  }

  /** ping_err(): `skb.data` at the header inside the ICMP error. */
  error(skb: PacketBuffer, icmpType: number, icmpCode: number, errno: number, info: number): void {
    const v = skb.view;
    const inner = skb.data;
    const at = inner + ip.headerLength(v, inner);
    const socket = this.#lookup(icmp.echoId(v, at), ip.destination(v, inner), ip.source(v, inner), skb.iif, skb.sdif);
    if (socket === null) return;
    let fatal = icmpFatal(icmpType, icmpCode);
    if (icmpType === icmp.DEST_UNREACH && icmpCode === icmp.FRAG_NEEDED) {
      socket.routeChanged();
      if (socket.pmtuDiscover === IP_PMTUDISC_DONT) return;
      fatal = true;
    }
    socket.icmpError(skb, at, icmpType, icmpCode, errno, info, fatal);
  }

  /** ping_lookup(), seen from a reply that came in. */
  #lookup(ident: number, source: number, destination: number, ifindex: number, sdif: number): PingSocket | null {
    for (let user = this.idents.first(ident); user !== null; user = user.nextOnPort) {
      const socket = user as PingSocket;
      const local = socket.local.words[3]!;
      if (local !== 0 && local !== destination) continue;
      if (socket.connected && socket.remote.words[3] !== source) continue;
      if (!boundDeviceFits(socket.boundIfindex, ifindex, sdif, true)) continue;
      return socket;
    }
    return null;
  }
}
