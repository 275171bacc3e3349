import { EACCES, EPERM, strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { int32, type PacketSocket, SOCK_DGRAM, SOCK_RAW, type SocketMaker, SOL_IP, SOL_SOCKET } from '../../client/sockets.js';
import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import * as icmp from '../../wire/icmp.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import { attempt, bindToDevice } from './probe.js';
import { die } from './numbers.js';
import type { PingOptions } from './options.js';

// asm-generic/socket.h, linux/in.h, linux/icmp.h
const SO_DEBUG = 1;
const SO_DONTROUTE = 5;
const SO_BROADCAST = 6;
const SO_SNDBUF = 7;
const SO_MARK = 36;
const IP_TOS = 1;
const IP_TTL = 2;
const IP_OPTIONS = 4;
const IP_MTU_DISCOVER = 10;
const IP_RECVERR = 11;
const IP_MULTICAST_TTL = 33;
const IP_MULTICAST_LOOP = 34;
const SOL_RAW = 255;
const ICMP_FILTER = 1;

/** What a raw socket lets through: replies, and errors about requests. */
const wanted = [icmp.SOURCE_QUENCH, icmp.DEST_UNREACH, icmp.TIME_EXCEEDED, icmp.PARAMETER_PROBLEM, icmp.REDIRECT, icmp.ECHO_REPLY];

/** The socket that echo requests go out by. */
export interface EchoSocket {
  readonly socket: PacketSocket;
  /** Replies to others' requests come too; over IPv4 with their IP header. */
  readonly raw: boolean;
  readonly v6: boolean;
}

/** A raw socket, or where that is not allowed a ping socket, which a group may be allowed by net.ipv4.ping_group_range. */
export async function openEchoSocket(sockets: SocketMaker, raw: boolean, v6 = false): Promise<EchoSocket> {
  const protocol = v6 ? icmpv6.PROTOCOL : icmp.PROTOCOL;
  const family = v6 ? AF_INET6 : AF_INET;
  try {
    return { socket: await sockets.open(SOCK_RAW, protocol, family), raw: true, v6 };
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    if (raw || (error.errno !== EPERM && error.errno !== EACCES)) throw die(`socket: ${strerror(error.errno)}`);
  }
  return { socket: await attempt('socket', () => sockets.open(SOCK_DGRAM, protocol, family)), raw: false, v6 };
}

/** Sets what the command line asks for, in the real tool's order; gives the warnings that go to stderr. Throws CommandFailure. */
export async function configure(
  { socket, raw }: EchoSocket,
  options: PingOptions,
  source: Uint8Array,
  destination: Uint8Array,
  ipOptions: Uint8Array,
): Promise<string> {
  let warnings = '';
  if (options.device !== '') await bindToDevice(socket, options.device);
  if (options.strictSource || options.sourceText !== '') await attempt('bind', () => socket.bind({ address: source, port: 0 }));
  if (raw) {
    const mask = wanted.reduce((bits, type) => bits & ~(1 << type), -1);
    warnings += await tryTo('setsockopt(ICMP_FILTER)', () => socket.setOption(SOL_RAW, ICMP_FILTER, int32(mask)));
  }
  warnings += await tryTo('your kernel is veeery old. No problems.', () => socket.setOption(SOL_IP, IP_RECVERR, 1), false);
  if (ipOptions.length > 0)
    await attempt(options.timestampOption === null ? 'record route' : 'ts', () => socket.setOption(SOL_IP, IP_OPTIONS, ipOptions));
  if (options.tos !== 0) await attempt('error setting QOS sockopts', () => socket.setOption(SOL_IP, IP_TOS, options.tos));
  if (options.pmtuDiscovery >= 0) await attempt('IP_MTU_DISCOVER', () => socket.setOption(SOL_IP, IP_MTU_DISCOVER, options.pmtuDiscovery));
  if (options.broadcast) await attempt('cannot set broadcasting', () => socket.setOption(SOL_SOCKET, SO_BROADCAST, 1));
  if (options.noLoop) await attempt('cannot disable multicast loopback', () => socket.setOption(SOL_IP, IP_MULTICAST_LOOP, 0));
  if (options.ttl >= 0) {
    await attempt('cannot set multicast time-to-live', () => socket.setOption(SOL_IP, IP_MULTICAST_TTL, options.ttl));
    await attempt('cannot set unicast time-to-live', () => socket.setOption(SOL_IP, IP_TTL, options.ttl));
  }
  if (options.debug) await attempt('setsockopt(SO_DEBUG)', () => socket.setOption(SOL_SOCKET, SO_DEBUG, 1));
  if (options.dontRoute) await attempt('setsockopt(SO_DONTROUTE)', () => socket.setOption(SOL_SOCKET, SO_DONTROUTE, 1));
  if (options.sendBuffer > 0) await socket.setOption(SOL_SOCKET, SO_SNDBUF, options.sendBuffer);
  if (options.connect) await attempt('connect failed', () => socket.connect({ address: destination, port: 0 }));
  if (options.mark !== 0)
    warnings += await tryTo(`failed to set mark: ${options.mark}`, () => socket.setOption(SOL_SOCKET, SO_MARK, options.mark));
  return warnings;
}

const SOL_IPV6 = 41;
const SOL_ICMPV6 = 58;
const ICMP6_FILTER = 1;
const IPV6_UNICAST_HOPS = 16;
const IPV6_MULTICAST_HOPS = 18;
const IPV6_MULTICAST_LOOP = 19;
const IPV6_MTU_DISCOVER = 23;
const IPV6_RECVERR = 25;
const IPV6_FLOWLABEL_MGR = 32;
const IPV6_FLOWINFO_SEND = 33;
const IPV6_TCLASS = 67;

/** As configure(), of an IPv6 socket; `link`: the device after the % of the destination. */
export async function configure6(
  { socket, raw }: EchoSocket,
  options: PingOptions,
  link: string,
  source: Uint8Array,
  destination: Uint8Array,
): Promise<string> {
  let warnings = '';
  const device = options.device !== '' ? options.device : link;
  if (device !== '') await bindToDevice(socket, device);
  if (options.strictSource || options.sourceText !== '') await attempt('bind icmp socket', () => socket.bind({ address: source, port: 0 }));
  if (raw) {
    // All types are blocked but the reply.
    const filter = new Uint8Array(32).fill(0xff);
    filter[icmpv6.ECHO_REPLY >> 3]! &= ~(1 << (icmpv6.ECHO_REPLY & 7));
    await attempt('setsockopt(ICMP6_FILTER)', () => socket.setOption(SOL_ICMPV6, ICMP6_FILTER, filter));
  }
  await attempt('IPV6_RECVERR', () => socket.setOption(SOL_IPV6, IPV6_RECVERR, 1));
  if (options.tos !== 0) await attempt('setsockopt(IPV6_TCLASS)', () => socket.setOption(SOL_IPV6, IPV6_TCLASS, options.tos));
  if (options.pmtuDiscovery >= 0)
    await attempt('IPV6_MTU_DISCOVER', () => socket.setOption(SOL_IPV6, IPV6_MTU_DISCOVER, options.pmtuDiscovery));
  if (options.noLoop) await attempt('cannot disable multicast loopback', () => socket.setOption(SOL_IPV6, IPV6_MULTICAST_LOOP, 0));
  if (options.ttl >= 0) {
    await attempt('cannot set multicast hop limit', () => socket.setOption(SOL_IPV6, IPV6_MULTICAST_HOPS, options.ttl));
    await attempt('cannot set unicast hop limit', () => socket.setOption(SOL_IPV6, IPV6_UNICAST_HOPS, options.ttl));
  }
  if (options.sendBuffer > 0) await socket.setOption(SOL_SOCKET, SO_SNDBUF, options.sendBuffer);
  if (options.flowLabel > 0) await holdFlowLabel(socket, options.flowLabel, destination);
  if (options.connect)
    await attempt('connect failed', () => socket.connect({ address: destination, port: 0, flowInfo: Math.max(0, options.flowLabel) }));
  if (options.mark !== 0)
    warnings += await tryTo(`failed to set mark: ${options.mark}`, () => socket.setOption(SOL_SOCKET, SO_MARK, options.mark));
  return warnings;
}

/** struct in6_flowlabel_req: 0 destination | 16 label, be32 | 20 IPV6_FL_A_GET | 21 IPV6_FL_S_EXCL | 22 IPV6_FL_F_CREATE, u16 | 24 - */
async function holdFlowLabel(socket: PacketSocket, label: number, destination: Uint8Array): Promise<void> {
  const request = new Uint8Array(32);
  request.set(destination);
  new DataView(request.buffer).setUint32(16, label);
  request[21] = 1;
  request[22] = 1;
  await attempt("can't set flowlabel", () => socket.setOption(SOL_IPV6, IPV6_FLOWLABEL_MGR, request));
  await attempt("can't send flowinfo", () => socket.setOption(SOL_IPV6, IPV6_FLOWINFO_SEND, 1));
}

/** A call whose failure is only worth a warning. */
async function tryTo(warning: string, call: () => Promise<void>, withReason = true): Promise<string> {
  try {
    await call();
    return '';
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    return `ping: WARNING: ${warning}${withReason ? `: ${strerror(error.errno)}` : ''}\n`;
  }
}
