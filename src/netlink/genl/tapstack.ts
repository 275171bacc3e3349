import { type AttributesOf, attributes, binary, flag, many, nest, string, u8, u16, u32, u64 } from '../attributes.js';
import { genlMessage } from './genl.js';

/**
 * Our own generic netlink family: what Linux offers by other doors than netlink - namespaces by name (files in /run/netns),
 * sysctl (/proc/sys), /proc/net views, and sockets for programs.
 */
export const TAPSTACK_FAMILY = 'tapstack';
export const TAPSTACK_VERSION = 1;

/** genlmsghdr.cmd. An answer carries the command of its request. */
export const Command = {
  /** {name}, answered with the new namespace. EEXIST. */
  NETNS_NEW: 1,
  /** {name}. ENOENT. */
  NETNS_DEL: 2,
  /** {name} or {id}, or a dump: {name, id, inode}. */
  NETNS_GET: 3,
  /** {key}: {key, value}, ENOENT; as a dump all, or those that begin with {prefix}. */
  SYSCTL_GET: 4,
  /** {key, value}. ENOENT, EINVAL, EACCES. */
  SYSCTL_SET: 5,
  /** {path}, below /proc/net: {text}. ENOENT. */
  PROCNET_GET: 6,

  /** {name?, tunFlags, user?, group?}. EBUSY, EINVAL. */
  TUNTAP_NEW: 24,
  /** {name, tunFlags}. EINVAL. */
  TUNTAP_DEL: 25,
  /** A dump: {name, tunFlags, user?, group?}. */
  TUNTAP_GET: 26,

  /** {name: of a device, address: of its link layer}. ENODEV, EINVAL. */
  MULTICAST_ADD: 28,
  /** {name, address}. ENODEV, EINVAL, ENOENT. */
  MULTICAST_DEL: 29,

  /** {name: of a device, data: a struct of linux/ethtool.h}: {data: what the kernel made of it}. ENODEV, EOPNOTSUPP, ... */
  ETHTOOL: 30,

  /** {name: of a device, type: SIOCGETTUNNEL to SIOCCHG6RD, data: its struct}: {data: what was written over it}. ENODEV, EOPNOTSUPP, ... */
  TUNNEL: 31,

  /** {name}: loads a kernel module with what it needs. ENOENT. */
  MODULE_LOAD: 16,
  /** {name}. ENOENT, EBUSY. */
  MODULE_UNLOAD: 17,
  /** A dump: {name}, in the order of loading. */
  MODULE_LIST: 18,

  /** {family, type, protocol}: {socket}. The socket closes with the netlink socket that opened it. */
  SOCKET_OPEN: 32,
  /** {socket, address, port, scopeId?}. */
  SOCKET_BIND: 33,
  /** {socket, address, port}; answered when the connection stands or has failed. */
  SOCKET_CONNECT: 34,
  /** {socket, backlog}. */
  SOCKET_LISTEN: 35,
  /** {socket}: {socket: the new one, family, address, port}, once there is one. */
  SOCKET_ACCEPT: 36,
  /** {socket, data, flags?, address?, port?, ttl?}: {length}, once the send buffer has taken all of it. */
  SOCKET_SEND: 37,
  /**
   * {socket, length, flags?}: {data, address?, port?, flags?, ttl?, errorOrigin?...}, once there is something; empty data is the end.
   * Of a packet socket {socket, length, batch}: {packets}, as many as there are and fit.
   */
  SOCKET_RECEIVE: 38,
  /** {socket, how}: SHUT_RD 0, SHUT_WR 1, SHUT_RDWR 2. */
  SOCKET_SHUTDOWN: 39,
  /** {socket}. What still waits is answered with ECANCELED. */
  SOCKET_CLOSE: 40,
  /** {socket, level, option, value}. */
  SOCKET_SETOPT: 41,
  /** {socket, level, option}: {value}. */
  SOCKET_GETOPT: 42,
  /** {socket, peer?}: {family, address, port}. */
  SOCKET_NAME: 43,
  /** A dump: {inode, pid, socket}: who holds which socket, by its inode number. */
  SOCKET_HOLDERS: 44,
} as const;
export type CommandNumber = (typeof Command)[keyof typeof Command];

/** Bytes that `data` of one SOCKET_SEND or SOCKET_RECEIVE carries at most: what fits an attribute, whose length is 16 bits. */
export const SOCKET_DATA_LIMIT = 65_528;
/** Bytes of a datagram that one of them carries, with `rest`: no packet of IP is longer. */
export const SOCKET_DATAGRAM_LIMIT = SOCKET_DATA_LIMIT + 1024;

/** One packet of a packet socket: what struct sockaddr_ll, its stamp and PACKET_AUXDATA tell of it. */
const packetAttributes = attributes('TAPSTACK_PACKET', {
  data: binary(1),
  /** Bytes that it had; `data` may be less. */
  length: u32(2),
  /** Microseconds since the epoch. */
  stampUs: u64(3),
  ifindex: u32(4),
  /** EtherType. */
  protocol: u16(5),
  /** ARPHRD_* */
  hardwareType: u16(6),
  /** PACKET_* of linux/if_packet.h: 0 to this host, 4 sent by it. */
  packetType: u8(7),
  /** Of the sender, where the device has such. */
  address: binary(8, { max: 32 }),
  /** The VLAN tag that was taken out of the frame, and its EtherType. */
  vlanTci: u16(9),
  vlanProtocol: u16(10),
});
export type PacketAttributes = AttributesOf<typeof packetAttributes>;

export const tapstackAttributes = attributes('TAPSTACK_A', {
  /** A namespace's, a NIC's. */
  name: string(1, { max: 255 }),
  /** A namespace's number in this instance; also IFLA_NET_NS_FD's value on the bus. */
  id: u32(2),
  /** The number in "net:[4026531840]". */
  inode: u64(3),
  /** The namespace that the socket is in: set in an answer to NETNS_GET. */
  current: flag(4),
  nsid: u32(5),

  key: string(8, { max: 255 }),
  value: string(9),
  prefix: string(10, { max: 255 }),
  /** May be written to. */
  writable: flag(11),

  path: string(16, { max: 255 }),
  text: string(17),

  /** IFF_* of linux/if_tun.h. */
  tunFlags: u32(56),
  user: u32(57),
  group: u32(58),

  socket: u32(64),
  family: u16(65),
  type: u32(66),
  protocol: u32(67),
  /** 4 or 16 bytes in network order. */
  address: binary(68, { max: 108 }),
  port: u16(69),
  scopeId: u32(70),
  /** sin6_flowinfo, in host order. */
  flowInfo: u32(110),
  data: binary(71),
  /** What of a long datagram stands behind `data`. */
  rest: binary(95),
  length: u32(72),
  /** MSG_*. */
  flags: u32(73),
  level: u32(74),
  option: u32(75),
  /** Of SO_ATTACH_FILTER the instructions themselves. */
  optionValue: binary(76, { max: 32_768 }),
  ttl: u8(77),
  tos: u8(78),
  backlog: u32(79),
  how: u8(80),
  peer: flag(81),
  /** Receive stamp, microseconds since the epoch. */
  stampUs: u64(82),
  /** The ee_* of an extended error (IP_RECVERR): what came with MSG_ERRQUEUE. */
  errorOrigin: u8(83),
  errorType: u8(84),
  errorCode: u8(85),
  errorInfo: u32(86),
  offender: binary(87, { max: 16 }),
  /** The address a datagram came to (IP_PKTINFO). */
  localAddress: binary(88, { max: 16 }),
  /** The interface that a datagram came in by. */
  ifindex: u32(89),
  /** errno of what waits in a socket's error queue. */
  error: u32(90),
  /** Of the process that holds a socket. */
  pid: u32(91),
  /** Of a packet socket: how many packets a receive may bring at once. */
  batch: u32(92),
  packets: many(nest(93, packetAttributes)),
  /** Of a module: how often it is in use. */
  references: u32(94),
});
export type TapstackAttributes = AttributesOf<typeof tapstackAttributes>;

type SocketData = Pick<TapstackAttributes, 'data' | 'rest'>;

/** A datagram of up to SOCKET_DATAGRAM_LIMIT bytes as attributes, which look at the same bytes. */
export const datagramAttributes = (bytes: Uint8Array): SocketData =>
  bytes.length <= SOCKET_DATA_LIMIT
    ? { data: bytes }
    : { data: bytes.subarray(0, SOCKET_DATA_LIMIT), rest: bytes.subarray(SOCKET_DATA_LIMIT) };

/** The datagram that they were made of. */
export function datagramOf({ data, rest }: SocketData): Uint8Array | undefined {
  if (data === undefined || rest === undefined) return data;
  const whole = new Uint8Array(data.length + rest.length);
  whole.set(data);
  whole.set(rest, data.length);
  return whole;
}
export const tapstackMessage = genlMessage('tapstack', tapstackAttributes);
