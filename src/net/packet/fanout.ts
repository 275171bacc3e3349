import { EALREADY, EINVAL, ENOSPC } from '../../base/errno.js';
import { hash4 } from '../../base/hash.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import {
  PACKET_FANOUT_CPU,
  PACKET_FANOUT_FLAG_IGNORE_OUTGOING,
  PACKET_FANOUT_FLAG_ROLLOVER,
  PACKET_FANOUT_HASH,
  PACKET_FANOUT_LB,
  PACKET_FANOUT_QM,
  PACKET_FANOUT_RND,
  PACKET_FANOUT_ROLLOVER,
} from './constants.js';
import type { PacketSocket } from './packet-socket.js';
import * as ip from '../../wire/ipv4.js';

/** PACKET_FANOUT_MAX */
const MOST_MEMBERS = 256;

/** Sockets that share the packets of one hook: each packet goes to one of them (struct packet_fanout). */
export class FanoutGroup {
  readonly id: number;
  readonly mode: number;
  readonly flags: number;
  readonly protocol: number;
  readonly ifindex: number;
  readonly members: PacketSocket[] = [];
  #turn = 0;

  constructor(id: number, mode: number, flags: number, socket: PacketSocket) {
    this.id = id;
    this.mode = mode;
    this.flags = flags;
    this.protocol = socket.local.port;
    this.ifindex = socket.local.scopeId;
  }

  get ignoresOutgoing(): boolean {
    return (this.flags & PACKET_FANOUT_FLAG_IGNORE_OUTGOING) !== 0;
  }

  /** Who gets a packet. Linux: packet_rcv_fanout() */
  choose(skb: PacketBuffer): PacketSocket {
    const { members } = this;
    switch (this.mode) {
      case PACKET_FANOUT_LB:
        this.#turn = (this.#turn + 1) % members.length;
        return members[this.#turn]!;
      case PACKET_FANOUT_RND:
        return members[members[0]!.namespace.stack.random.u32() % members.length]!;
      case PACKET_FANOUT_ROLLOVER: {
        // One until its queue is full, then the next.
        for (let i = 0; i < members.length; i++) {
          const member = members[(this.#turn + i) % members.length]!;
          if (!member.full) {
            this.#turn = (this.#turn + i) % members.length;
            return member;
          }
        }
        return members[this.#turn % members.length]!;
      }
      case PACKET_FANOUT_HASH:
        return members[(flowHash(skb, members[0]!.namespace.stack.hashSeed) >>> 0) % members.length]!;
      default:
        // PACKET_FANOUT_CPU and PACKET_FANOUT_QM: there is one CPU and one queue.
        return members[0]!;
    }
  }
}

/** The same for both ways of a flow, and for all its packets. */
function flowHash(skb: PacketBuffer, seed: number): number {
  const at = skb.networkHeader;
  if (at < 0 || skb.tail - at < ip.HEADER || skb.protocol !== 0x0800) return hash4(seed, skb.protocol, 0, 0, 0);
  const v = skb.view;
  const source = ip.source(v, at);
  const destination = ip.destination(v, at);
  const ports = at + ip.headerLength(v, at);
  const protocol = ip.protocol(v, at);
  const fragment = (v.getUint16(at + 6) & 0x3fff) !== 0;
  if (fragment || (protocol !== 6 && protocol !== 17) || skb.tail - ports < 4) return hash4(seed, source ^ destination, protocol, 0, 0);
  return hash4(seed, source ^ destination, protocol, v.getUint16(ports) ^ v.getUint16(ports + 2), 0);
}

const MODES: ReadonlySet<number> = new Set([
  PACKET_FANOUT_HASH,
  PACKET_FANOUT_LB,
  PACKET_FANOUT_CPU,
  PACKET_FANOUT_ROLLOVER,
  PACKET_FANOUT_RND,
  PACKET_FANOUT_QM,
]);

/** The group that PACKET_FANOUT's value (id, then mode and flags) means for a socket, or a negative errno. Linux: fanout_add() */
export function joinFanout(groups: Set<FanoutGroup>, socket: PacketSocket, value: number): FanoutGroup | number {
  const id = value & 0xffff;
  const mode = (value >>> 16) & 0xff;
  const flags = (value >>> 16) & 0xff00;
  if (!MODES.has(mode)) return -EINVAL;
  // Who rolls over already has no other way to do so.
  if (mode === PACKET_FANOUT_ROLLOVER && (flags & PACKET_FANOUT_FLAG_ROLLOVER) !== 0) return -EINVAL;
  if (socket.fanout !== null) return -EALREADY;
  for (const group of groups) {
    if (group.id !== id) continue;
    const same =
      group.mode === mode && group.flags === flags && group.protocol === socket.local.port && group.ifindex === socket.local.scopeId;
    if (!same) return -EINVAL;
    if (group.members.length >= MOST_MEMBERS) return -ENOSPC;
    group.members.push(socket);
    return group;
  }
  const group = new FanoutGroup(id, mode, flags, socket);
  group.members.push(socket);
  groups.add(group);
  return group;
}
