import { EADDRNOTAVAIL, EINVAL, ENODEV, ENOPROTOOPT, EPERM } from '../../base/errno.js';
import { AF_INET6 } from '../../netlink/constants.js';
import { addressFromBytes, type In6, isMulticast } from '../../wire/ipv6.js';
import { SOCK_STREAM } from './socket.js';
import type { NetDevice } from './device.js';
import { Flow } from './flow.js';
import { type GroupFamily, groupOptions, joinGroup } from './group-socket-options.js';
import type { InetSocket } from './inet-socket.js';
import { flowLabelOptions } from './options/flow-label.js';
import { keptIpv6Options } from './options/ipv6-kept.js';
import { MCAST_EXCLUDE } from './source-filter.js';
import { flagOption, intBytes, intOption, type OptionTable, readInt, type SocketOption } from './socket-options.js';

export const SOL_IPV6 = 41;

/** struct ipv6_mreq: the group, and the link (0: where the routes lead). */
const membership = (
  name: string,
  change: (socket: InetSocket, group: Uint32Array, ifindex: number) => number,
): SocketOption<InetSocket> => ({
  name,
  set(socket, value) {
    if (value.length < 20) return -EINVAL;
    const group = addressFromBytes(value);
    return isMulticast(group) ? change(socket, group, readInt(value.subarray(16))) : -EINVAL;
  },
});

function deviceOf(socket: InetSocket, group: Uint32Array, ifindex: number): NetDevice | null {
  if (ifindex !== 0) return socket.namespace.deviceByIndex(ifindex) ?? null;
  const flow = new Flow();
  flow.destination6.set(group);
  const route = socket.namespace.ipv6.route(flow);
  return route.error === 0 ? route.device : null;
}

const ipv6Groups: GroupFamily<In6> = {
  family: AF_INET6,
  layer: (socket) => socket.namespace.ipv6.multicast,
  memberships: (socket) => socket.memberships6,
  isGroup: isMulticast,
  read: (value, at) => addressFromBytes(value, at + 8),
  device: deviceOf,
  maxGroups: () => Number.POSITIVE_INFINITY,
  maxSources: (socket) => socket.namespace.ipv6.settings.mldMaxMsf,
  wrongFamily: -EADDRNOTAVAIL,
};

const hops = (name: string, get: (s: InetSocket) => number, set: (s: InetSocket, v: number) => void): SocketOption<InetSocket> =>
  intOption(name, get, (socket, value) => {
    if (value < -1 || value > 255) return -EINVAL;
    set(socket, value);
    return 0;
  });

/** An int that means nothing to a connection. */
function multicastInt(name: string, get: (s: InetSocket) => number, set: (s: InetSocket, v: number) => number): SocketOption<InetSocket> {
  const option = intOption(name, get, set);
  return { ...option, set: (s, value) => (s.type === SOCK_STREAM ? -ENOPROTOOPT : option.set!(s, value)) };
}

/** An int; what is shorter counts as 0. */
const shortInt = (name: string, get: (s: InetSocket) => number, set: (s: InetSocket, v: number) => void): SocketOption<InetSocket> => ({
  name,
  get: (s) => intBytes(get(s)),
  set(s, value) {
    set(s, value.length >= 4 ? readInt(value) : 0);
    return 0;
  },
});

const entries: readonly (readonly [number, SocketOption<InetSocket>])[] = [
  [
    16,
    hops(
      'IPV6_UNICAST_HOPS',
      (s) => (s.ttl < 0 ? s.namespace.ipv6.defaultConfig.hopLimit : s.ttl),
      (s, v) => {
        s.ttl = v;
      },
    ),
  ],
  [
    17,
    multicastInt(
      'IPV6_MULTICAST_IF',
      (s) => s.multicastIfindex,
      (s, v) => {
        if (v !== 0 && s.namespace.deviceByIndex(v) === undefined) return -ENODEV;
        if (v !== 0 && s.boundIfindex !== 0 && s.boundIfindex !== v) return -EINVAL;
        s.multicastIfindex = v;
        return 0;
      },
    ),
  ],
  [
    18,
    multicastInt(
      'IPV6_MULTICAST_HOPS',
      (s) => s.multicastTtl,
      (s, v) => {
        if (v < -1 || v > 255) return -EINVAL;
        s.multicastTtl = v < 0 ? 1 : v;
        return 0;
      },
    ),
  ],
  [
    19,
    intOption(
      'IPV6_MULTICAST_LOOP',
      (s) => (s.multicastLoop ? 1 : 0),
      (s, v) => {
        if (v !== 0 && v !== 1) return -EINVAL;
        s.multicastLoop = v === 1;
        return 0;
      },
    ),
  ],
  [20, membership('IPV6_JOIN_GROUP', (s, group, ifindex) => joinGroup(ipv6Groups, s, group, deviceOf(s, group, ifindex), MCAST_EXCLUDE))],
  [21, membership('IPV6_LEAVE_GROUP', (s, group, ifindex) => s.memberships6.leave(s.namespace.ipv6.multicast, group, ifindex))],
  [
    23,
    intOption(
      'IPV6_MTU_DISCOVER',
      (s) => s.pmtuDiscover,
      (s, v) => {
        if (v < 0 || v > 5) return -EINVAL;
        s.pmtuDiscover = v;
        return 0;
      },
    ),
  ],
  [
    25,
    flagOption(
      'IPV6_RECVERR',
      (s) => s.receiveErrors,
      (s, on) => {
        s.receiveErrors = on;
      },
    ),
  ],
  [
    26,
    intOption(
      'IPV6_V6ONLY',
      (s) => (s.ipv6Only ? 1 : 0),
      (s, v) => {
        // Once it has a port others have been weighed against it.
        if (s.local.port !== 0) return -EINVAL;
        s.ipv6Only = v !== 0;
        return 0;
      },
    ),
  ],
  [
    29,
    intOption(
      'IPV6_MULTICAST_ALL',
      (s) => (s.multicastAll6 ? 1 : 0),
      (s, v) => {
        s.multicastAll6 = v !== 0;
        return 0;
      },
    ),
  ],
  ...groupOptions(ipv6Groups),
  [
    49,
    flagOption(
      'IPV6_RECVPKTINFO',
      (s) => s.packetInfo,
      (s, on) => {
        s.packetInfo = on;
      },
    ),
  ],
  [
    51,
    flagOption(
      'IPV6_RECVHOPLIMIT',
      (s) => s.receiveTtl,
      (s, on) => {
        s.receiveTtl = on;
      },
    ),
  ],
  [
    62,
    shortInt(
      'IPV6_DONTFRAG',
      (s) => (s.dontFragment6 ? 1 : 0),
      (s, v) => {
        s.dontFragment6 = v !== 0;
      },
    ),
  ],
  [
    66,
    flagOption(
      'IPV6_RECVTCLASS',
      (s) => s.receiveTos,
      (s, on) => {
        s.receiveTos = on;
      },
    ),
  ],
  [
    67,
    intOption(
      'IPV6_TCLASS',
      (s) => s.tos,
      (s, v) => {
        if (v < -1 || v > 255) return -EINVAL;
        // The bits of ECN are TCP's own.
        s.tos = s.type === SOCK_STREAM ? (Math.max(v, 0) & 0xfc) | (s.tos & 3) : Math.max(v, 0);
        return 0;
      },
    ),
  ],
  [
    75,
    intOption(
      'IPV6_TRANSPARENT',
      (s) => (s.transparent ? 1 : 0),
      (s, v) => {
        if (v !== 0 && !s.privileged) return -EPERM;
        s.transparent = v !== 0;
        return 0;
      },
    ),
  ],
  [
    76,
    intOption(
      'IPV6_UNICAST_IF',
      (s) => s.unicastIfindex,
      (s, v) => {
        // In network byte order, as IP_UNICAST_IF.
        const ifindex = ((v & 0xff) << 24) | ((v & 0xff00) << 8) | ((v >>> 8) & 0xff00) | (v >>> 24);
        if (ifindex !== 0 && s.namespace.deviceByIndex(ifindex) === undefined) return -EADDRNOTAVAIL;
        s.unicastIfindex = ifindex;
        return 0;
      },
    ),
  ],
  [
    78,
    flagOption(
      'IPV6_FREEBIND',
      (s) => s.freebind,
      (s, on) => {
        s.freebind = on;
      },
    ),
  ],
];

/** IPPROTO_IPV6 of all IPv6 sockets, linux/in6.h. */
export const ipv6LevelOptions: OptionTable<InetSocket> = new Map([...entries, ...flowLabelOptions, ...keptIpv6Options]);
