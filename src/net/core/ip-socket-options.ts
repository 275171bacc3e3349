import { EADDRNOTAVAIL, EINVAL, ENOBUFS, ENODEV, ENOTCONN, EPERM, EPROTO } from '../../base/errno.js';
import { AF_INET } from '../../netlink/constants.js';
import { SOCK_STREAM } from './socket.js';
import { isMulticast } from '../../wire/ipv4.js';
import type { NetDevice } from './device.js';
import { Flow } from './flow.js';
import {
  BLOCK_SOURCE,
  changeSource,
  type GroupFamily,
  groupOptions,
  JOIN_SOURCE,
  joinGroup,
  LEAVE_SOURCE,
  type SourceChange,
  setFilter,
  UNBLOCK_SOURCE,
} from './group-socket-options.js';
import type { InetSocket } from './inet-socket.js';
import { keptIpOptions } from './options/ip-kept.js';
import { MCAST_EXCLUDE } from './source-filter.js';
import { intBytes, type OptionTable, readInt, type SocketOption } from './socket-options.js';

export const SOL_IP = 0;

/** An int that may as well be given as one byte (ip_setsockopt()). */
function byteOrInt(
  name: string,
  get: ((socket: InetSocket) => number) | null,
  set: ((socket: InetSocket, value: number) => number) | null,
): SocketOption<InetSocket> {
  return {
    name,
    ...(get === null
      ? {}
      : {
          get: (socket: InetSocket) => {
            const value = get(socket);
            return value < 0 && value !== -1 ? value : intBytes(value);
          },
        }),
    ...(set === null
      ? {}
      : {
          set: (socket: InetSocket, value: Uint8Array) => set(socket, value.length >= 4 ? readInt(value) : (value[0] ?? 0)),
        }),
  };
}

const flag = (name: string, get: (s: InetSocket) => boolean, set: (s: InetSocket, on: boolean) => void): SocketOption<InetSocket> =>
  byteOrInt(
    name,
    (s) => (get(s) ? 1 : 0),
    (s, v) => {
      set(s, v !== 0);
      return 0;
    },
  );

const be32 = (value: Uint8Array, at: number): number =>
  ((value[at]! << 24) | (value[at + 1]! << 16) | (value[at + 2]! << 8) | value[at + 3]!) >>> 0;

/** struct in_addr, ip_mreq or ip_mreqn: the device that is meant (ip_mc_find_dev()); null: there is none. */
function deviceOf(socket: InetSocket, group: number, address: number, ifindex: number): NetDevice | null {
  const namespace = socket.namespace;
  if (ifindex !== 0) return namespace.deviceByIndex(ifindex) ?? null;
  const flow = new Flow();
  if (address !== 0) {
    for (const device of namespace.devicesByIndex.values()) if (namespace.ipv4.hasAddress(device, address)) return device;
    return null;
  }
  flow.destination = group;
  const dst = namespace.ipv4.route(flow);
  return dst.error === 0 ? dst.device : null;
}

/** The options that name a group do not fit a connection (Linux: inet_is_icsk()), and have a least length. */
function groupOption(
  name: string,
  bytes: number,
  change: (socket: InetSocket, value: Uint8Array) => number,
  lengthFirst = true,
): SocketOption<InetSocket> {
  return {
    name,
    set(socket, value) {
      if (lengthFirst && value.length < bytes) return -EINVAL;
      if (socket.type === SOCK_STREAM) return -EPROTO;
      return value.length < bytes ? -EINVAL : change(socket, value);
    },
  };
}

const ipv4Groups: GroupFamily<number> = {
  family: AF_INET,
  layer: (socket) => socket.namespace.ipv4.multicast,
  memberships: (socket) => socket.memberships,
  isGroup: isMulticast,
  read: (value, at) => be32(value, at + 4),
  device: (socket, group, ifindex) => deviceOf(socket, group, 0, ifindex),
  maxGroups: (socket) => socket.namespace.ipv4.settings.igmpMaxMemberships,
  maxSources: (socket) => socket.namespace.ipv4.settings.igmpMaxMsf,
  wrongFamily: -EINVAL,
};

/** The device that struct ip_mreq or ip_mreqn means by its address or index. */
const deviceOfRequest = (socket: InetSocket, value: Uint8Array): NetDevice | null =>
  deviceOf(socket, be32(value, 0), be32(value, 4), value.length >= 12 ? readInt(value.subarray(8)) : 0);

// Linux: ip_mc_join_group()
const addMembership = groupOption(
  'IP_ADD_MEMBERSHIP',
  8,
  (socket, value) => joinGroup(ipv4Groups, socket, be32(value, 0), deviceOfRequest(socket, value), MCAST_EXCLUDE),
  false,
);

// Linux: ip_mc_leave_group()
const dropMembership = groupOption(
  'IP_DROP_MEMBERSHIP',
  8,
  (socket, value) => {
    const device = deviceOfRequest(socket, value);
    const ifindex = value.length >= 12 ? readInt(value.subarray(8)) : 0;
    if (device === null) return ifindex === 0 && be32(value, 4) === 0 ? -ENODEV : -EADDRNOTAVAIL;
    return socket.memberships.leave(socket.namespace.ipv4.multicast, be32(value, 0), device.ifindex);
  },
  false,
);

/** struct ip_mreq_source: group, address of the device, source. */
const sourceOption = (name: string, change: SourceChange) =>
  groupOption(name, 12, (socket, value) => {
    const group = be32(value, 0);
    return changeSource(ipv4Groups, socket, change, group, deviceOf(socket, group, be32(value, 4), 0), be32(value, 8));
  });

/** struct ip_msfilter: group, address of the device, mode, number of sources, sources. */
const setFilterOption = groupOption('IP_MSFILTER', 16, (socket, value) => {
  const count = readInt(value.subarray(12)) >>> 0;
  if (count > ipv4Groups.maxSources(socket)) return -ENOBUFS;
  if (value.length < 16 + 4 * count) return -EINVAL;
  const sources: number[] = [];
  for (let i = 0; i < count; i++) sources.push(be32(value, 16 + 4 * i));
  const group = be32(value, 0);
  return setFilter(ipv4Groups, socket, group, deviceOf(socket, group, be32(value, 4), 0), readInt(value.subarray(8)), sources);
});

// Reading wants the group to be named, which a plain buffer does not.
const filterOption: SocketOption<InetSocket> = { ...setFilterOption, get: () => -EINVAL };

const multicastInterface: SocketOption<InetSocket> = {
  name: 'IP_MULTICAST_IF',
  get(socket) {
    const a = socket.multicastAddress;
    return new Uint8Array([a >>> 24, (a >>> 16) & 0xff, (a >>> 8) & 0xff, a & 0xff]);
  },
  set(socket, value) {
    if (socket.type === SOCK_STREAM) return -EINVAL;
    if (value.length < 4) return -EINVAL;
    const address = value.length >= 8 ? be32(value, 4) : be32(value, 0);
    const ifindex = value.length >= 12 ? readInt(value.subarray(8)) : 0;
    if (ifindex === 0 && address === 0) {
      socket.multicastIfindex = 0;
      socket.multicastAddress = 0;
      return 0;
    }
    const device = deviceOf(socket, 0, address, ifindex);
    if (device === null) return -EADDRNOTAVAIL;
    socket.multicastIfindex = device.ifindex;
    socket.multicastAddress = address;
    return 0;
  },
};

const options: SocketOption<InetSocket> = {
  name: 'IP_OPTIONS',
  get: (socket) => socket.ipOptions ?? new Uint8Array(0),
  set(socket, value) {
    if (value.length > 40) return -EINVAL;
    const padded = new Uint8Array((value.length + 3) & ~3);
    padded.set(value);
    let end = 0;
    for (let at = 0; at < padded.length && padded[at] !== 0; end = at) {
      if (padded[at] === 1) {
        at++;
        continue;
      }
      const length = padded[at + 1] ?? 0;
      if (length < 2 || at + length > padded.length) return -EINVAL;
      at += length;
    }
    // Behind the end there are zeros (Linux: __ip_options_compile()).
    padded.fill(0, end);
    socket.ipOptions = padded.length === 0 ? null : padded;
    return 0;
  },
};

const ttl = (socket: InetSocket, value: number): number => {
  if (value !== -1 && (value < 1 || value > 255)) return -EINVAL;
  socket.ttl = value;
  return 0;
};

const entries: readonly (readonly [number, SocketOption<InetSocket>])[] = [
  [
    1,
    byteOrInt(
      'IP_TOS',
      (s) => s.tos,
      (s, v) => {
        s.tos = s.type === SOCK_STREAM ? (v & 0xfc) | (s.tos & 3) : v & 0xff;
        s.routeChanged();
        return 0;
      },
    ),
  ],
  [2, byteOrInt('IP_TTL', (s) => (s.ttl === -1 ? s.namespace.ipv4.settings.ipDefaultTtl : s.ttl), ttl)],
  [4, options],
  [
    8,
    flag(
      'IP_PKTINFO',
      (s) => s.packetInfo,
      (s, on) => {
        s.packetInfo = on;
      },
    ),
  ],
  [
    10,
    byteOrInt(
      'IP_MTU_DISCOVER',
      (s) => s.pmtuDiscover,
      (s, v) => {
        if (v < 0 || v > 5) return -EINVAL;
        s.pmtuDiscover = v;
        return 0;
      },
    ),
  ],
  [
    11,
    flag(
      'IP_RECVERR',
      (s) => s.receiveErrors,
      (s, on) => {
        s.receiveErrors = on;
      },
    ),
  ],
  [
    12,
    flag(
      'IP_RECVTTL',
      (s) => s.receiveTtl,
      (s, on) => {
        s.receiveTtl = on;
      },
    ),
  ],
  [
    13,
    flag(
      'IP_RECVTOS',
      (s) => s.receiveTos,
      (s, on) => {
        s.receiveTos = on;
      },
    ),
  ],
  [14, byteOrInt('IP_MTU', (s) => s.connectionMtu() || -ENOTCONN, null)],
  [
    15,
    flag(
      'IP_FREEBIND',
      (s) => s.freebind,
      (s, on) => {
        s.freebind = on;
      },
    ),
  ],
  [
    19,
    byteOrInt(
      'IP_TRANSPARENT',
      (s) => (s.transparent ? 1 : 0),
      (s, v) => {
        if (v !== 0 && !s.privileged) return -EPERM;
        s.transparent = v !== 0;
        return 0;
      },
    ),
  ],
  [
    21,
    byteOrInt(
      'IP_MINTTL',
      (s) => s.minTtl,
      (s, v) => {
        if (v < 0 || v > 255) return -EINVAL;
        s.minTtl = v;
        return 0;
      },
    ),
  ],
  [
    24,
    flag(
      'IP_BIND_ADDRESS_NO_PORT',
      (s) => s.bindAddressNoPort,
      (s, on) => {
        s.bindAddressNoPort = on;
      },
    ),
  ],
  [32, multicastInterface],
  [
    33,
    byteOrInt(
      'IP_MULTICAST_TTL',
      (s) => s.multicastTtl,
      (s, v) => {
        if (s.type === SOCK_STREAM) return -EINVAL;
        const value = v === -1 ? 1 : v;
        if (value < 0 || value > 255) return -EINVAL;
        s.multicastTtl = value;
        return 0;
      },
    ),
  ],
  [
    34,
    flag(
      'IP_MULTICAST_LOOP',
      (s) => s.multicastLoop,
      (s, on) => {
        s.multicastLoop = on;
      },
    ),
  ],
  [35, addMembership],
  [36, dropMembership],
  [37, sourceOption('IP_UNBLOCK_SOURCE', UNBLOCK_SOURCE)],
  [38, sourceOption('IP_BLOCK_SOURCE', BLOCK_SOURCE)],
  [39, sourceOption('IP_ADD_SOURCE_MEMBERSHIP', JOIN_SOURCE)],
  [40, sourceOption('IP_DROP_SOURCE_MEMBERSHIP', LEAVE_SOURCE)],
  [41, filterOption],
  ...groupOptions(ipv4Groups),
  [
    49,
    byteOrInt(
      'IP_MULTICAST_ALL',
      (s) => (s.multicastAll ? 1 : 0),
      (s, v) => {
        if (v !== 0 && v !== 1) return -EINVAL;
        s.multicastAll = v === 1;
        return 0;
      },
    ),
  ],
];

/** IPPROTO_IP of all IPv4 sockets, linux/in.h. */
export const ipLevelOptions: OptionTable<InetSocket> = new Map([...entries, ...keptIpOptions]);
