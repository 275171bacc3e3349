import { EEXIST, ENOENT, EOPNOTSUPP } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { DumpError, type NetlinkClient } from '../../../client/netlink-client.js';
import { AF_INET, AF_INET6 } from '../../../netlink/constants.js';
import {
  INET_DIAG_CONG,
  INET_DIAG_INFO,
  INET_DIAG_MEMINFO,
  INET_DIAG_SKMEMINFO,
  INET_DIAG_TCLASS,
  INET_DIAG_TOS,
  INET_DIAG_VEGASINFO,
  type InetDiagAttributes,
  type InetDiagMessage,
  inetDiagLegacyRequest,
  inetDiagMessage,
  inetDiagRequest,
} from '../../../netlink/diag/inet.js';
import { DCCPDIAG_GETSOCK, SOCK_DESTROY, SOCK_DIAG_BY_FAMILY, TCPDIAG_GETSOCK } from '../../../netlink/diag/sock-diag.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { compile } from '../filter/bytecode.js';
import type { SocketSeen } from '../filter/expression.js';
import { matches } from '../filter/match.js';
import { LOCAL, LOCAL_PORT, NETID, newRow, PEER, PEER_PORT, PROCESS, RECVQ, SENDQ, STATE } from '../columns.js';
import type { SsContext } from '../context.js';
import type { SsOptions } from '../options.js';
import { stateName } from '../states.js';
import { showDatagramFiles } from './datagram-files.js';
import { shutdownText } from './stats.js';
import { tcpInfoText } from './tcp-info.js';

const UDP = 17;

/** A protocol over IP: what it is called, and in which file of /etc/services its ports have names. */
export interface InetProtocol {
  readonly protocol: number;
  readonly ports: string;
  /** Files that tell of it where the kernel cannot be asked. */
  readonly files?: readonly string[];
  /** The message type by which older kernels are asked. */
  readonly legacyType?: number;
}

export const inetProtocols = {
  raw: { protocol: 255, ports: 'raw', files: ['raw', 'raw6'] },
  udp: { protocol: UDP, ports: 'udp', files: ['udp', 'udp6'] },
  tcp: { protocol: 6, ports: 'tcp', legacyType: TCPDIAG_GETSOCK },
  mptcp: { protocol: 262, ports: 'tcp' },
  dccp: { protocol: 33, ports: 'tcp', legacyType: DCCPDIAG_GETSOCK },
  sctp: { protocol: 132, ports: 'sctp' },
} as const satisfies Record<string, InetProtocol>;

/** The column Netid by protocol; a raw socket's is that of its own one. */
const netids: Readonly<Record<number, string>> = {
  0: 'raw',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  58: 'icmp6',
  132: 'sctp',
  255: 'raw',
  262: 'mptcp',
};
export const netidOf = (protocol: number): string => netids[protocol] ?? '???';

const bit = (attribute: number) => 1 << (attribute - 1);

function extensionsOf(options: SsOptions): number {
  let ext = 0;
  if (options.memory) ext |= bit(INET_DIAG_MEMINFO) | bit(INET_DIAG_SKMEMINFO);
  if (options.tcpInfo) ext |= bit(INET_DIAG_INFO) | bit(INET_DIAG_VEGASINFO) | bit(INET_DIAG_CONG);
  if (options.tos) ext |= bit(INET_DIAG_TOS) | bit(INET_DIAG_TCLASS);
  return ext;
}

/** The messages about the sockets of one protocol and family, as they come. */
export async function* askInet(
  context: SsContext,
  client: NetlinkClient,
  protocol: number,
  family: number,
): AsyncGenerator<NetlinkMessage> {
  const { filter, options } = context;
  const bytecode = filter === null ? null : compile(filter);
  yield* client.dump(inetDiagRequest, {
    type: SOCK_DIAG_BY_FAMILY,
    header: { family, protocol: protocol & 0xff, ext: extensionsOf(options), states: options.selection.states },
    attributes: { ...(bytecode === null ? {} : { bytecode }), ...(protocol > 255 ? { protocol } : {}) },
  });
}

/** IPv4 before IPv6, unless one of them alone is wanted. */
export function inetFamilies({ selection }: SsOptions): readonly number[] {
  if (selection.preferredFamily === AF_INET || selection.preferredFamily === AF_INET6) return [selection.preferredFamily];
  return [AF_INET, AF_INET6];
}

/** Shows the sockets of one protocol. */
export async function showInet(context: SsContext, { protocol, ports, files, legacyType }: InetProtocol): Promise<void> {
  const client = await context.openDiag();
  const killer = context.options.kill ? await context.openDiag() : null;
  const show = async (messages: AsyncIterable<NetlinkMessage>): Promise<boolean> => {
    try {
      for await (const message of messages) await showInetMessage(context, message, protocol, ports, killer);
      return true;
    } catch (error) {
      if (!(error instanceof DumpError)) throw error;
      // ENOENT and EOPNOTSUPP: the kernel has no such protocol, or none that can be looked into.
      if (error.errno !== ENOENT && error.errno !== EOPNOTSUPP) await context.io.stderr.write(`RTNETLINK answers: ${error.message}\n`);
      return false;
    }
  };
  for (const family of inetFamilies(context.options)) {
    if (await show(askInet(context, client, protocol, family))) continue;
    if (legacyType !== undefined && (await show(askLegacy(context, client, legacyType)))) continue;
    if (files !== undefined) await showDatagramFiles(context, files, ports);
    return;
  }
}

/** As kernels before 3.3 are asked. */
function askLegacy(context: SsContext, client: NetlinkClient, type: number): AsyncIterable<NetlinkMessage> {
  const { options } = context;
  return client.dump(inetDiagLegacyRequest, {
    type,
    header: { family: AF_INET, ext: extensionsOf(options), states: options.selection.states },
  });
}

/** struct inet_diag_sockid's addresses as bytes: four or sixteen. */
function addressBytes(family: number, w0: number, w1: number, w2: number, w3: number): Uint8Array {
  const words = family === AF_INET6 ? [w0, w1, w2, w3] : [w0];
  return Uint8Array.from(words.flatMap((word) => [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff]));
}

/** Shows the socket that a message tells of, if it is wanted; `killer`: and ends it. */
export async function showInetMessage(
  context: SsContext,
  message: NetlinkMessage,
  protocol: number,
  ports: string,
  killer: NetlinkClient | null = null,
): Promise<void> {
  const { header, attributes } = inetDiagMessage.parse(message);
  if (!context.options.selection.families.has(header.family)) return;
  const socket: SocketSeen = {
    family: header.family,
    local: addressBytes(header.family, header.src0, header.src1, header.src2, header.src3),
    peer: addressBytes(header.family, header.dst0, header.dst1, header.dst2, header.dst3),
    localPort: header.sport,
    peerPort: header.dport,
    ifindex: header.ifindex,
    mark: attributes.mark ?? 0,
    cgroupId: attributes.cgroupId ?? 0,
    ephemeral: context.names.isEphemeral(header.sport),
  };
  if (context.filter !== null && !matches(context.filter, socket)) return;
  if (killer !== null && !(await killed(killer, header, protocol))) return;
  await addInetRow(context, header, attributes, socket, attributes.protocol ?? protocol, ports);
}

/** Whether the socket was ended; one that cannot be, or has ended meanwhile, is not shown. */
async function killed(killer: NetlinkClient, header: InetDiagMessage, protocol: number): Promise<boolean> {
  try {
    await killer.request(inetDiagRequest, { type: SOCK_DESTROY, header: { ...header, protocol, ext: 0, states: 0 } });
    return true;
  } catch (error) {
    if (error instanceof NetError && (error.errno === EOPNOTSUPP || error.errno === ENOENT || error.errno === EEXIST)) return false;
    throw error;
  }
}

/** The row of a socket over IP. */
async function addInetRow(
  context: SsContext,
  header: InetDiagMessage,
  attributes: InetDiagAttributes,
  socket: SocketSeen,
  protocol: number,
  ports: string,
): Promise<void> {
  const { names, links, options } = context;
  const row = newRow();
  row[NETID] = netidOf(protocol);
  row[STATE] = stateName(header.state);
  row[RECVQ] = String(header.rqueue);
  row[SENDQ] = String(header.wqueue);
  const v6only = attributes.skv6only !== undefined && attributes.skv6only !== 0;
  if (header.ifindex !== 0) await links.learn(header.ifindex);
  const device = header.ifindex === 0 ? '' : `%${links.nameOf(header.ifindex)}`;
  row[LOCAL] = `${names.address(header.family, socket.local, v6only)}${device}:`;
  row[LOCAL_PORT] = names.port(header.sport, ports);
  row[PEER] = `${names.address(header.family, socket.peer, v6only)}:`;
  row[PEER_PORT] = names.port(header.dport, ports);
  row[PROCESS] = processText(context, header) + optionsText(options, header, attributes);
  if (options.memory || (options.tcpInfo && protocol !== UDP))
    row[PROCESS] += `${options.oneline ? '' : '\n\t'}${tcpInfoText(attributes, header.state, options)}`;
  await context.columns.add(row);
}

function processText({ holders }: SsContext, { inode }: InetDiagMessage): string {
  const text = holders?.describe(inode) ?? '';
  return text === '' ? '' : ` ${text}`;
}

const hex = (value: number) => (value === 0 ? '0' : `0x${value.toString(16)}`);

const timers = ['off', 'on', 'keepalive', 'timewait', 'persist', 'unknown'] as const;

/** Milliseconds as a timer shows them: "9.988ms" is nine seconds and 988 ms; above ten of a unit the next is left out. */
export function timerText(timeout: number): string {
  const minutes = Math.floor(timeout / 60_000);
  let seconds = Math.floor(timeout / 1000) % 60;
  let rest = timeout % 1000;
  let text = '';
  if (minutes > 0) {
    rest = 0;
    text += `${minutes}min`;
    if (minutes > 9) seconds = 0;
  }
  if (seconds > 0) {
    if (seconds > 9) rest = 0;
    text += `${seconds}${rest > 0 ? '.' : 'sec'}`;
  }
  if (rest > 0) text += `${String(rest).padStart(3, '0')}ms`;
  return text;
}

function optionsText(options: SsOptions, header: InetDiagMessage, attributes: InetDiagAttributes): string {
  let text = '';
  if (options.timers && header.timer !== 0)
    text += ` timer:(${timers[Math.min(header.timer, 5)]},${timerText(header.expires)},${header.retrans})`;
  if (options.details > 0) {
    if (header.uid !== 0) text += ` uid:${header.uid}`;
    text += ` ino:${header.inode} sk:${cookieText(header)}`;
    if (attributes.mark !== undefined && attributes.mark !== 0) text += ` fwmark:${hex(attributes.mark)}`;
    if (attributes.cgroupId !== undefined) text += ` cgroup:${cgroupText(attributes.cgroupId)}`;
    if (header.family === AF_INET6 && attributes.skv6only !== undefined) text += ` v6only:${attributes.skv6only}`;
    if (attributes.shutdown !== undefined) text += ` ${shutdownText(attributes.shutdown)}`;
  }
  if (options.tos) {
    if (attributes.tos !== undefined) text += ` tos:${hex(attributes.tos)}`;
    if (attributes.tclass !== undefined) text += ` tclass:${hex(attributes.tclass)}`;
    if (attributes.classId !== undefined) text += ` class_id:${hex(attributes.classId)}`;
  }
  if (options.cgroup && attributes.cgroupId !== undefined) text += ` cgroup:${cgroupText(attributes.cgroupId)}`;
  if (options.inetSockopt && attributes.sockopt !== undefined)
    text += `${options.oneline ? ' ' : '\n\t'}inet-sockopt: (${sockoptText(attributes.sockopt)})`;
  return text;
}

/** A control group by its number: the root is 1, others are named where they are reachable only. */
const cgroupText = (id: number) => (id === 1 ? '/' : `unreachable:${id.toString(16)}`);

export const cookieText = ({ cookie0, cookie1 }: { readonly cookie0: number; readonly cookie1: number }) =>
  (cookie0 + cookie1 * 0x1_0000_0000).toString(16);

/** In the order of the bits of struct inet_diag_sockopt. */
const sockopts = [
  'recverr',
  'is_icsk',
  'freebind',
  'hdrincl',
  'mc_loop',
  'transparent',
  'mc_all',
  'nodefrag',
  'bind_addr_no_port',
  'recverr_rfc4884',
  'defer_connect',
];

function sockoptText(bytes: Uint8Array): string {
  const bits = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  return sockopts
    .filter((_, i) => (bits & (1 << i)) !== 0)
    .map((name) => ` ${name}`)
    .join('');
}
