import { EACCES, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENETUNREACH, ENODEV, ENOPROTOOPT, EOPNOTSUPP } from '../../base/errno.js';
import type { Filter } from '../../bpf/filter.js';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../netlink/constants.js';
import { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from '../../netlink/rtnl/constants.js';
import * as ip6 from '../../wire/ipv6.js';
import { SOL_IP, ipLevelOptions } from './ip-socket-options.js';
import { SOL_IPV6, ipv6LevelOptions } from './ipv6-socket-options.js';
import { LABEL_BY_NAMESPACE } from './internet.js';
import type { SocketFlowLabels } from '../ipv6/flow-label-table.js';
import type { Namespace } from './namespace.js';
import type { PortUser } from './port-table.js';
import type { ReuseportGroup } from './reuseport-group.js';
import { SOCK_RAW, Socket, type SocketAddress } from './socket.js';
import { ipv4Memberships, ipv6Memberships } from './socket-memberships.js';
import { KeptOptions } from './options/kept.js';
import { socketLevelOptions } from './options/socket-level.js';
import type { StampUnit } from './options/timestamps.js';
import { getOption, setOption, SO_BINDTODEVICE, SOL_SOCKET } from './socket-options.js';

// IP_MTU_DISCOVER, linux/in.h
export const IP_PMTUDISC_DONT = 0;
export const IP_PMTUDISC_WANT = 1;
export const IP_PMTUDISC_DO = 2;
export const IP_PMTUDISC_PROBE = 3;
export const IP_PMTUDISC_INTERFACE = 4;
export const IP_PMTUDISC_OMIT = 5;

/** Third word of ::ffff:a.b.c.d. */
const MAPPED = 0xffff;

export function setIpv4Address(address: SocketAddress, ipv4: number, port: number): void {
  address.family = AF_INET;
  address.words[0] = 0;
  address.words[1] = 0;
  address.words[2] = MAPPED;
  address.words[3] = ipv4;
  address.port = port;
  address.scopeId = 0;
  address.flowInfo = 0;
}

/** ::ffff:a.b.c.d: the address belongs to IPv4. */
export const isMappedAddress = (words: Uint32Array): boolean => words[0] === 0 && words[1] === 0 && words[2] === MAPPED;

/** 0.0.0.0 or :: */
export const isAnyAddress = (words: Uint32Array): boolean =>
  words[3] === 0 && words[0] === 0 && words[1] === 0 && (words[2] === 0 || words[2] === MAPPED);

/** Empties an address of a socket of `family`. */
export function clearSocketAddress(address: SocketAddress, family: number, port: number): void {
  if (family === AF_INET) {
    setIpv4Address(address, 0, port);
    return;
  }
  address.family = family;
  address.words.fill(0);
  address.port = port;
  address.scopeId = 0;
}

const IPPROTO_ICMPV6 = 58;

/** What UDP, raw, ping and TCP sockets over IP have in common (struct inet_sock). */
export abstract class InetSocket extends Socket implements PortUser {
  /** Holds CAP_NET_RAW, CAP_NET_ADMIN, CAP_NET_BIND_SERVICE. */
  readonly privileged: boolean;
  nextOnPort: PortUser | null = null;
  listening = false;
  timeWait = false;
  ipv6Only = false;
  dontRoute = false;
  oobInline = false;
  /** SO_TIMESTAMP, SO_TIMESTAMPNS: the unit in which the time of what is received is told; 0: it is not. */
  timestamps: StampUnit = 0;
  /** By structures of 64 bits (SO_TIMESTAMP_NEW). */
  timestampsWide = false;
  /** SOF_TIMESTAMPING_* of SO_TIMESTAMPING. */
  timestampingFlags = 0;
  timestampingWide = false;
  debug = false;
  /** SO_ATTACH_FILTER: what it refuses never gets to the socket. */
  filter: Filter | null = null;
  filterLocked = false;
  /** SO_INCOMING_CPU: the processor whose packets it is to have, or had last; -1: none. The stack has one, number 0. */
  incomingCpu = -1;
  /** Those that share its address by SO_REUSEPORT; null: it does not, or has no address yet. */
  reuseportGroup: ReuseportGroup | null = null;
  /** IP_LOCAL_PORT_RANGE: the lowest port that is chosen, and in the upper half the highest; 0: as the namespace has it. */
  localPorts = 0;
  /** Options without a field. */
  readonly kept = new KeptOptions();
  receiveLowWater = 1;
  /** SO_PEEK_OFF: bytes that MSG_PEEK has told of already; -1: it begins at the front each time. */
  peekOffset = -1;
  /** Milliseconds; 0: for ever; -1: not at all. Who blocks for the user looks at them. */
  receiveTimeoutMs = 0;
  sendTimeoutMs = 0;
  receiveBufferLocked = false;
  sendBufferLocked = false;
  /** The user chose the address or the port: SOCK_BINDADDR_LOCK, SOCK_BINDPORT_LOCK. */
  addressLocked = false;
  portLocked = false;
  // IPPROTO_IP
  pmtuDiscover: number;
  receiveErrors = false;
  packetInfo = false;
  receiveTtl = false;
  receiveTos = false;
  headerIncluded = false;
  freebind = false;
  transparent = false;
  bindAddressNoPort = false;
  minTtl = 0;
  multicastTtl = 1;
  multicastLoop = true;
  multicastAll = true;
  multicastIfindex = 0;
  multicastAddress = 0;
  unicastIfindex = 0;
  ipOptions: Uint8Array | null = null;
  /** Source of what is sent where that is not the address it receives on (bound to a group). */
  sendsFromAny = false;
  readonly memberships = ipv4Memberships();
  // IPPROTO_IPV6
  readonly memberships6 = ipv6Memberships();
  /** IPV6_MULTICAST_ALL */
  multicastAll6 = true;
  /** IPV6_AUTOFLOWLABEL: LABEL_BY_NAMESPACE, or 0, 1. */
  autoFlowLabel = LABEL_BY_NAMESPACE;
  /** What the labels of its flow are made of (sk_txhash); 0: of the flow itself. */
  txHash = 0;
  /** Labels that it chooses itself; null: none. */
  flowLabels: SocketFlowLabels | null = null;
  /** IPV6_DONTFRAG */
  dontFragment6 = false;
  /** UDP_SEGMENT: bytes of the datagrams that what is sent at once is cut into; 0: it is one datagram. */
  segmentBytes = 0;

  constructor(namespace: Namespace, family: number, type: number, protocol: number, uid: number, privileged: boolean) {
    super(namespace, family, type, protocol, uid);
    this.privileged = privileged;
    this.pmtuDiscover = namespace.ipv4.settings.ipNoPmtuDisc === 0 ? IP_PMTUDISC_WANT : IP_PMTUDISC_DONT;
    this.local.family = family;
    this.remote.family = family;
    if (family === AF_INET) {
      setIpv4Address(this.local, 0, 0);
      setIpv4Address(this.remote, 0, 0);
    } else {
      this.ipv6Only = namespace.ipv6.settings.bindv6only !== 0;
      // Of IPv4's groups it hears those that it has joined.
      this.multicastAll = false;
    }
  }

  setOption(level: number, option: number, value: Uint8Array): number {
    if (level === SOL_SOCKET) {
      // Linux: sk_setsockopt() reads an int before it looks at which option it is.
      if (value.length < 4 && option !== SO_BINDTODEVICE) return -EINVAL;
      return setOption(socketLevelOptions, this, option, value);
    }
    if (level === SOL_IP && this.speaksIpv4) return setOption(ipLevelOptions, this, option, value);
    if (level === SOL_IPV6 && this.family === AF_INET6) return setOption(ipv6LevelOptions, this, option, value);
    return this.setProtocolOption(level, option, value);
  }

  getOption(level: number, option: number): Uint8Array | number {
    if (level === SOL_SOCKET) return getOption(socketLevelOptions, this, option);
    if (level === SOL_IP && this.speaksIpv4) return getOption(ipLevelOptions, this, option);
    if (level === SOL_IPV6 && this.family === AF_INET6) return getOption(ipv6LevelOptions, this, option);
    const value = this.getProtocolOption(level, option);
    // Linux: ip_getsockopt() of a level that is not the protocol's own.
    return value === -ENOPROTOOPT && this.family === AF_INET && level !== this.protocolLevel ? -EOPNOTSUPP : value;
  }

  /** The level of the protocol's own options; -1: it has none. */
  protected readonly protocolLevel: number = -1;

  /** Sockets of TCP and UDP over IPv6 may have mapped addresses; others have no options of IPv4. */
  get speaksIpv4(): boolean {
    return this.family === AF_INET || (this.type !== SOCK_RAW && this.protocol !== IPPROTO_ICMPV6);
  }

  /** Whether there is a peer. */
  isConnection(): boolean {
    return this.remote.port !== 0;
  }

  /** Options of the protocol's own level (TCP_*, UDP_*, ICMP_FILTER). */
  protected abstract setProtocolOption(level: number, option: number, value: Uint8Array): number;
  protected abstract getProtocolOption(level: number, option: number): Uint8Array | number;

  /** Bytes a second that SO_MAX_PACING_RATE allows. */
  maxPacingRate = Number.POSITIVE_INFINITY;

  /** SO_TIMESTAMPING was set, from `before` to what it is now. */
  timestampingChanged(_before: number): void {
    // Datagram sockets have nothing to prepare.
  }

  /** SO_MAX_PACING_RATE was set; what can pace takes note. */
  setMaxPacingRate(rate: number): void {
    this.maxPacingRate = rate;
  }

  /** SO_RCVLOWAT */
  setReceiveLowWater(bytes: number): void {
    this.receiveLowWater = bytes || 1;
  }

  setKeepAlive(on: boolean): void {
    this.keepAlive = on;
  }

  /** Something that routes are chosen by has changed: what is kept of them does not hold. */
  abstract routeChanged(): void;

  /** Path MTU of the connection, for IP_MTU; 0: not connected. */
  abstract connectionMtu(): number;

  /** The checks of inet_bind(): 0, or -EAFNOSUPPORT, -EADDRNOTAVAIL, -EACCES. */
  protected checkBind(address: SocketAddress): number {
    const ipv4 = this.namespace.ipv4;
    const ip = address.words[3]!;
    if (this.family === AF_INET6) {
      const bad = this.#checkBind6(address);
      if (bad !== 0) return bad;
    } else if (address.family !== AF_INET) {
      // Linux: AF_UNSPEC is taken for the sake of old programs, with the wildcard only.
      if (address.family !== AF_UNSPEC || ip !== 0) return -EAFNOSUPPORT;
    }
    if (
      (this.family === AF_INET || isMappedAddress(address.words)) &&
      ip !== 0 &&
      !this.freebind &&
      !this.transparent &&
      !ipv4.settings.ipNonlocalBind
    ) {
      const type = this.#addressType(ip);
      if (type !== RTN_LOCAL && type !== RTN_MULTICAST && type !== RTN_BROADCAST) return -EADDRNOTAVAIL;
    }
    if (address.port !== 0 && address.port < ipv4.settings.ipUnprivilegedPortStart && !this.privileged && this.usesPorts()) return -EACCES;
    return 0;
  }

  /** RTN_* of an IPv4 address, in the VRF that the socket is bound to or to a member of. */
  #addressType(address: number): number {
    const { ipv4 } = this.namespace;
    const device = this.boundIfindex === 0 ? undefined : this.namespace.deviceByIndex(this.boundIfindex);
    return device === undefined ? ipv4.addressType(address) : ipv4.routes.addressTypeIn(device, address);
  }

  /** inet6_bind(): ENODEV for a link that is not there, EINVAL for a link-local address without one. */
  #checkBind6(address: SocketAddress): number {
    const { words } = address;
    if (address.family !== AF_INET6) return -EAFNOSUPPORT;
    if (isMappedAddress(words)) return this.ipv6Only ? -EINVAL : 0;
    if (ip6.isAny(words)) return 0;
    let ifindex = this.boundIfindex;
    if (ip6.needsScopeId(words)) {
      if (address.scopeId !== 0) ifindex = address.scopeId;
      if (ifindex === 0) return -EINVAL;
      this.boundIfindex = ifindex;
    }
    const device = ifindex === 0 ? null : this.namespace.deviceByIndex(ifindex);
    if (device === undefined) return -ENODEV;
    const { ipv6 } = this.namespace;
    if (ip6.isMulticast(words) || this.freebind || this.transparent || ipv6.settings.ipNonlocalBind !== 0) return 0;
    const scoped = ip6.needsScopeId(words) ? device : null;
    return ipv6.addresses.isLocal(words, scoped) || ipv6.addresses.isAnycast(words, scoped) ? 0 : -EADDRNOTAVAIL;
  }

  /** Raw sockets have a protocol where others have a port. */
  protected usesPorts(): boolean {
    return true;
  }

  /** Takes the address of a bind() over, after its checks; the port is the protocol's affair. */
  protected takeLocalAddress(address: SocketAddress): void {
    const ip = address.words[3]!;
    const port = this.local.port;
    if (this.family === AF_INET6) {
      this.local.words.set(address.words);
      this.local.scopeId = address.scopeId;
      this.addressLocked = !isAnyAddress(address.words);
      this.sendsFromAny = ip6.isMulticast(address.words);
      return;
    }
    setIpv4Address(this.local, ip, port);
    this.addressLocked = ip !== 0;
    const type = ip === 0 ? RTN_LOCAL : this.#addressType(ip);
    this.sendsFromAny = type === RTN_MULTICAST || type === RTN_BROADCAST;
  }

  /** connect() and send() take IPv4 addresses on an IPv4 socket: 0, -EAFNOSUPPORT or -EINVAL. */
  protected checkRemote(address: SocketAddress, needsPort: boolean): number {
    if (this.family === AF_INET6) {
      if (address.family !== AF_INET6 && address.family !== AF_INET && address.family !== AF_UNSPEC) return -EAFNOSUPPORT;
      if (this.ipv6Only && isMappedAddress(address.words)) return -ENETUNREACH;
    } else if (address.family !== AF_INET && address.family !== AF_UNSPEC) return -EAFNOSUPPORT;
    return needsPort && address.port === 0 ? -EINVAL : 0;
  }
}
