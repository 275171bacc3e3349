import { DEST_UNREACH, FRAG_NEEDED, PROTOCOL as ICMP } from '../../wire/icmp.js';
import * as ip from '../../wire/ipv4.js';
import { DropReason } from '../core/drop-reason.js';
import { icmpFatal } from '../core/icmp-error.js';
import { IP_PMTUDISC_DONT } from '../core/inet-socket.js';
import type { Namespace } from '../core/namespace.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { RawSocket } from './raw-socket.js';

/** The raw IPv4 sockets of one namespace, by protocol; packets are cloned only where a socket wants them. */
export class Raw {
  readonly #namespace: Namespace;
  readonly #heads: (RawSocket | null)[] = new Array(256).fill(null);

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
    namespace.ipv4.rawReceiver = this;
  }

  createSocket(protocol: number, uid: number, privileged: boolean): RawSocket {
    return new RawSocket(this.#namespace, this, protocol, uid, privileged);
  }

  add(socket: RawSocket): void {
    socket.next = this.#heads[socket.protocol]!;
    this.#heads[socket.protocol] = socket;
  }

  remove(socket: RawSocket): void {
    let previous: RawSocket | null = null;
    for (let other = this.#heads[socket.protocol]!; other !== null; previous = other, other = other.next!) {
      if (other !== socket) continue;
      if (previous === null) this.#heads[socket.protocol] = socket.next;
      else previous.next = socket.next;
      return;
    }
  }

  /** Calls `visit` for every socket, for dumps. */
  forEach(visit: (socket: RawSocket) => void): void {
    for (const head of this.#heads) for (let socket = head; socket !== null; socket = socket.next) visit(socket);
  }

  /** raw_local_deliver() */
  deliver(skb: PacketBuffer, protocol: number): boolean {
    const head = this.#heads[protocol]!;
    if (head === null) return false;
    const v = skb.view;
    const at = skb.networkHeader;
    const source = ip.source(v, at);
    const destination = ip.destination(v, at);
    const stack = this.#namespace.stack;
    let delivered = false;
    for (let socket: RawSocket | null = head; socket !== null; socket = socket.next) {
      if (!socket.matches(source, destination, skb.iif, skb.sdif)) continue;
      delivered = true;
      if (ip.isMulticast(destination) && !socket.memberships.allows(destination, source, skb, socket.multicastAll)) continue;
      if (protocol === ICMP && (skb.tail <= skb.transportHeader || !socket.wantsIcmp(v.getUint8(skb.transportHeader)))) continue;
      const copy = stack.pool.clone(skb);
      copy.data = at;
      if (!socket.deliver(copy)) stack.drop(copy, DropReason.SOCKET_RCVBUFF);
    }
    return delivered;
  }

  /** raw_icmp_error(): `skb.data` at the header inside the error. */
  error(skb: PacketBuffer, protocol: number, icmpType: number, icmpCode: number, errno: number, info: number): void {
    const v = skb.view;
    const at = skb.data;
    for (let socket = this.#heads[protocol]!; socket !== null; socket = socket.next!) {
      // Seen from the packet inside, the sender is this host.
      if (!socket.matches(ip.destination(v, at), ip.source(v, at), skb.iif, skb.sdif)) continue;
      let fatal = icmpFatal(icmpType, icmpCode);
      if (icmpType === DEST_UNREACH && icmpCode === FRAG_NEEDED) fatal = socket.pmtuDiscover !== IP_PMTUDISC_DONT;
      socket.icmpError(skb, icmpType, icmpCode, errno, info, fatal);
    }
  }
}
