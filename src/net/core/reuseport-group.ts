import type { Filter } from '../../bpf/filter.js';
import { runFilter } from './filter-input.js';
import type { InetSocket } from './inet-socket.js';
import type { PacketBuffer } from './packet-buffer.js';

/**
 * Sockets that share an address by SO_REUSEPORT, in the order in which they came (struct sock_reuseport), and the program that
 * chooses among them (SO_ATTACH_REUSEPORT_CBPF). Without one the protocol's hash chooses.
 */
export class ReuseportGroup {
  readonly members: InetSocket[] = [];
  program: Filter | null = null;

  add(socket: InetSocket): void {
    socket.reuseportGroup = this;
    this.members.push(socket);
  }

  /** The last one takes the place of who goes. Linux: __reuseport_detach_sock() */
  remove(socket: InetSocket): void {
    const { members } = this;
    const at = members.indexOf(socket);
    const last = members.pop();
    if (last !== undefined && last !== socket) members[at] = last;
    socket.reuseportGroup = null;
  }
}

/** Linux: inet_reuseport_add_sock() */
export const sameGroup = (a: InetSocket, b: InetSocket): boolean =>
  a.reusePort &&
  b.reusePort &&
  a.family === b.family &&
  a.ipv6Only === b.ipv6Only &&
  a.boundIfindex === b.boundIfindex &&
  a.uid === b.uid &&
  a.local.words.every((word, i) => word === b.local.words[i]);

/** `socket` joins `other`, which has its address, or begins a group; one without SO_REUSEPORT has none. */
export function joinGroup(socket: InetSocket, other: InetSocket | null): void {
  if (!socket.reusePort) return;
  const group = other?.reuseportGroup ?? null;
  // A program that was attached before there was an address counts for the first of a group.
  if (group === null) {
    if (socket.reuseportGroup === null) new ReuseportGroup().add(socket);
    return;
  }
  socket.reuseportGroup?.remove(socket);
  group.add(socket);
}

export function leaveGroup(socket: InetSocket): void {
  socket.reuseportGroup?.remove(socket);
}

/** Who has a packet, whose payload begins at `start`, that the protocol would give `socket`. Linux: reuseport_select_sock() */
export function steer<S extends InetSocket>(socket: S, skb: PacketBuffer, start: number): S {
  const group = socket.reuseportGroup;
  if (group === null || group.program === null) return socket;
  const index = runFilter(group.program, skb, start);
  return index < group.members.length ? (group.members[index] as S) : socket;
}
