import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS, ENODEV } from '../../base/errno.js';
import type { NetDevice } from './device.js';
import type { InetSocket } from './inet-socket.js';
import type { GroupLayer, SocketMemberships } from './socket-memberships.js';
import { readInt, type SocketOption } from './socket-options.js';
import { MCAST_EXCLUDE, MCAST_INCLUDE } from './source-filter.js';

/** struct sockaddr_storage */
const STORAGE = 128;
/** struct group_req: interface, group. The group stands at 8. */
const GROUP_AT = 8;
const GROUP_REQUEST = GROUP_AT + STORAGE;
const SOURCE_REQUEST = GROUP_REQUEST + STORAGE;
/** struct group_filter: interface, group, mode, number of sources, sources. */
const FILTER_HEADER = GROUP_REQUEST + 8;

/** What a family says for the options by which sockets join groups and filter sources (RFC 3678). */
export interface GroupFamily<A> {
  readonly family: number;
  layer(socket: InetSocket): GroupLayer<A>;
  memberships(socket: InetSocket): SocketMemberships<A>;
  isGroup(address: A): boolean;
  /** The address in a sockaddr of the family that begins at `at`. */
  read(value: Uint8Array, at: number): A;
  /** The device of that index; 0: that the routes lead to. Null: there is none. */
  device(socket: InetSocket, group: A, ifindex: number): NetDevice | null;
  /** Groups that one socket may be in. */
  maxGroups(socket: InetSocket): number;
  maxSources(socket: InetSocket): number;
  /** For a sockaddr of another family in MCAST_JOIN_GROUP. */
  readonly wrongFamily: number;
}

/** Joins with a filter of `mode`: 0 or -EINVAL, -ENODEV, -EADDRINUSE, -ENOBUFS. Linux: __ip_mc_join_group(), __ipv6_sock_mc_join() */
export function joinGroup<A>(family: GroupFamily<A>, socket: InetSocket, group: A, device: NetDevice | null, mode: number): number {
  if (!family.isGroup(group)) return -EINVAL;
  if (device === null) return -ENODEV;
  const held = family.memberships(socket);
  if (held.has(group, device.ifindex)) return -EADDRINUSE;
  if (held.size >= family.maxGroups(socket)) return -ENOBUFS;
  return held.join(family.layer(socket), group, device, mode);
}

/** How the four options about one source differ. */
export interface SourceChange {
  readonly add: boolean;
  readonly mode: number;
}
export const BLOCK_SOURCE: SourceChange = { add: true, mode: MCAST_EXCLUDE };
export const UNBLOCK_SOURCE: SourceChange = { add: false, mode: MCAST_EXCLUDE };
export const JOIN_SOURCE: SourceChange = { add: true, mode: MCAST_INCLUDE };
export const LEAVE_SOURCE: SourceChange = { add: false, mode: MCAST_INCLUDE };

export function changeSource<A>(
  family: GroupFamily<A>,
  socket: InetSocket,
  { add, mode }: SourceChange,
  group: A,
  device: NetDevice | null,
  source: A,
): number {
  if (add && mode === MCAST_INCLUDE) {
    const joined = joinGroup(family, socket, group, device, MCAST_INCLUDE);
    if (joined !== 0 && joined !== -EADDRINUSE) return joined;
  }
  if (!family.isGroup(group)) return -EINVAL;
  if (device === null) return -ENODEV;
  const limit = family.maxSources(socket);
  return family.memberships(socket).changeSource(family.layer(socket), add, mode, group, device.ifindex, source, limit);
}

export function setFilter<A>(
  family: GroupFamily<A>,
  socket: InetSocket,
  group: A,
  device: NetDevice | null,
  mode: number,
  sources: readonly A[],
): number {
  if (!family.isGroup(group)) return -EINVAL;
  if (device === null) return -ENODEV;
  return family.memberships(socket).setFilter(family.layer(socket), group, device.ifindex, mode, sources);
}

/** MCAST_JOIN_GROUP ... MCAST_MSFILTER, linux/in.h: options 42 to 48 of both families. */
export function groupOptions<A>(family: GroupFamily<A>): readonly (readonly [number, SocketOption<InetSocket>])[] {
  const isFamily = (value: Uint8Array, at: number) => (value[at]! | (value[at + 1]! << 8)) === family.family;
  const option = (name: string, set: (socket: InetSocket, value: Uint8Array) => number): SocketOption<InetSocket> => ({ name, set });
  const group = (name: string, change: (socket: InetSocket, group: A, ifindex: number) => number) =>
    option(name, (socket, value) => {
      if (value.length < GROUP_REQUEST) return -EINVAL;
      if (!isFamily(value, GROUP_AT)) return family.wrongFamily;
      return change(socket, family.read(value, GROUP_AT), readInt(value));
    });
  const source = (name: string, change: SourceChange) =>
    option(name, (socket, value) => {
      if (value.length < SOURCE_REQUEST) return -EINVAL;
      if (!isFamily(value, GROUP_AT) || !isFamily(value, GROUP_REQUEST)) return -EADDRNOTAVAIL;
      const address = family.read(value, GROUP_AT);
      const device = family.device(socket, address, readInt(value));
      return changeSource(family, socket, change, address, device, family.read(value, GROUP_REQUEST));
    });
  return [
    [
      42,
      group('MCAST_JOIN_GROUP', (s, address, ifindex) => joinGroup(family, s, address, family.device(s, address, ifindex), MCAST_EXCLUDE)),
    ],
    [43, source('MCAST_BLOCK_SOURCE', BLOCK_SOURCE)],
    [44, source('MCAST_UNBLOCK_SOURCE', UNBLOCK_SOURCE)],
    [45, group('MCAST_LEAVE_GROUP', (s, address, ifindex) => family.memberships(s).leave(family.layer(s), address, ifindex))],
    [46, source('MCAST_JOIN_SOURCE_GROUP', JOIN_SOURCE)],
    [47, source('MCAST_LEAVE_SOURCE_GROUP', LEAVE_SOURCE)],
    [
      48,
      {
        name: 'MCAST_MSFILTER',
        // Reading wants the group to be named, which a plain buffer does not.
        get: () => family.wrongFamily,
        set: (socket, value) => {
          if (value.length < FILTER_HEADER) return -EINVAL;
          const count = readInt(value.subarray(GROUP_REQUEST + 4)) >>> 0;
          if (count > family.maxSources(socket)) return -ENOBUFS;
          if (value.length < FILTER_HEADER + count * STORAGE) return -EINVAL;
          if (!isFamily(value, GROUP_AT)) return -EINVAL;
          const sources: A[] = [];
          for (let i = 0; i < count; i++) {
            if (!isFamily(value, FILTER_HEADER + i * STORAGE)) return -EINVAL;
            sources.push(family.read(value, FILTER_HEADER + i * STORAGE));
          }
          const address = family.read(value, GROUP_AT);
          const device = family.device(socket, address, readInt(value));
          return setFilter(family, socket, address, device, readInt(value.subarray(GROUP_REQUEST)), sources);
        },
      },
    ],
  ];
}
