import { PACKET_TOO_BIG, PROTOCOL as ICMPV6 } from '../../wire/icmpv6.js';
import { DESTINATION, isMulticast, readAddress, SOURCE } from '../../wire/ipv6.js';
import { DropReason } from '../core/drop-reason.js';
import type { Namespace } from '../core/namespace.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { icmpv6Fatal } from '../ipv6/icmpv6.js';
import type { RawReceiver6 } from '../ipv6/ipv6.js';
import { Raw6Socket } from './raw6-socket.js';

/** The raw IPv6 sockets of one namespace, by protocol. Linux: net/ipv6/raw.c */
export class Raw6 implements RawReceiver6 {
  readonly #namespace: Namespace;
  readonly #heads: (Raw6Socket | null)[] = new Array(256).fill(null);
  readonly #source = new Uint32Array(4);
  readonly #destination = new Uint32Array(4);

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
    namespace.ipv6.rawReceiver = this;
  }

  createSocket(protocol: number, uid: number, privileged: boolean): Raw6Socket {
    return new Raw6Socket(this.#namespace, this, protocol, uid, privileged);
  }

  add(socket: Raw6Socket): void {
    socket.next = this.#heads[socket.protocol]!;
    this.#heads[socket.protocol] = socket;
  }

  remove(socket: Raw6Socket): void {
    let previous: Raw6Socket | null = null;
    for (let other = this.#heads[socket.protocol]!; other !== null; previous = other, other = other.next!) {
      if (other !== socket) continue;
      if (previous === null) this.#heads[socket.protocol] = socket.next;
      else previous.next = socket.next;
      return;
    }
  }

  /** Calls `visit` for every socket, for dumps. */
  forEach(visit: (socket: Raw6Socket) => void): void {
    for (const head of this.#heads) for (let socket = head; socket !== null; socket = socket.next) visit(socket);
  }

  /** ipv6_raw_deliver() */
  deliver(skb: PacketBuffer, protocol: number): boolean {
    const head = this.#heads[protocol]!;
    if (head === null) return false;
    const v = skb.view;
    const source = readAddress(v, skb.networkHeader + SOURCE, this.#source);
    const destination = readAddress(v, skb.networkHeader + DESTINATION, this.#destination);
    const { stack } = this.#namespace;
    let delivered = false;
    for (let socket: Raw6Socket | null = head; socket !== null; socket = socket.next) {
      if (!socket.matches(source, destination, skb.iif, skb.sdif)) continue;
      if (isMulticast(destination) && !socket.memberships6.allows(destination, source, skb, socket.multicastAll6)) continue;
      delivered = true;
      if (protocol === ICMPV6 && (skb.tail <= skb.data || !socket.wantsIcmp(v.getUint8(skb.data)))) continue;
      const copy = stack.pool.clone(skb);
      if (!socket.deliver(copy)) stack.drop(copy, DropReason.SOCKET_RCVBUFF);
    }
    return delivered;
  }

  /** raw6_icmp_error() */
  error(skb: PacketBuffer, payload: number, protocol: number, icmpType: number, icmpCode: number, errno: number, info: number): void {
    // Seen from the packet inside, the sender is this host.
    const remote = readAddress(skb.view, skb.data + DESTINATION, this.#source);
    const local = readAddress(skb.view, skb.data + SOURCE, this.#destination);
    for (let socket = this.#heads[protocol]!; socket !== null; socket = socket.next!) {
      if (!socket.matches(remote, local, skb.iif, skb.sdif)) continue;
      const fatal = icmpType === PACKET_TOO_BIG ? socket.pmtuDiscover === 2 : icmpv6Fatal(icmpType, icmpCode);
      socket.icmpError(skb, payload, icmpType, icmpCode, errno, info, fatal);
    }
  }
}
