import { EINTR, EINVAL, strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { ClientError } from '../../client/client-error.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { type PacketSocket, SOCK_RAW, SOL_IP, socketMaker } from '../../client/sockets.js';
import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { PROTOCOL as ICMPV6 } from '../../wire/icmpv6.js';
import { PROTOCOL as IGMP } from '../../wire/igmp.js';
import { formatAddress, readAddress } from '../shared/address.js';
import { parseUnsigned } from '../shared/numbers.js';
import { devicesByName } from './devices.js';

// linux/mroute.h, linux/mroute6.h: the numbers are the same.
const MRT_INIT = 200;
const MRT_ADD_VIF = 202;
const MRT_ADD_MFC = 204;
const MRT_TABLE = 209;
const MRT_ADD_MFC_PROXY = 210;
const VIFF_USE_IFINDEX = 8;
const SOL_IPV6 = 41;
const MAX_VIFS = 32;
const NOCACHE = 1;

interface MulticastRoute {
  readonly family: number;
  readonly source: Uint8Array;
  readonly group: Uint8Array;
  readonly iif: string;
  readonly oifs: readonly { readonly name: string; readonly ttl: number }[];
}

const refuse = (text: string): never => {
  throw new ClientError(EINVAL, text);
};

/** "SOURCE GROUP IIF OIF[/TTL]...", SOURCE being an address or "any". */
export function parseMulticastRoute(text: string): MulticastRoute {
  const [source = '', group = '', iif = '', ...rest] = text.trim().split(/\s+/);
  if (iif === '') refuse(`"${text}" is not SOURCE GROUP IIF OIF[/TTL]...`);
  const to = readAddress(group, 0) ?? refuse(`"${group}" is not an address`);
  const from =
    source === 'any' ? new Uint8Array(to.bytes.length) : (readAddress(source, to.family)?.bytes ?? refuse(`"${source}" is not an address`));
  const oifs = rest.map((word) => {
    const [name = '', ttl] = word.split('/');
    const threshold = ttl === undefined ? 1 : parseUnsigned(ttl, 254);
    return { name, ttl: threshold === null || threshold === 0 ? refuse(`"${word}": a TTL is 1 to 254`) : threshold };
  });
  return { family: to.family, source: from, group: to.bytes, iif, oifs };
}

const u16 = (value: number): number[] => [value & 0xff, value >>> 8];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];
const zeros = (count: number): number[] => new Array<number>(count).fill(0);
const sockaddr6 = (address: Uint8Array): number[] => [...u16(AF_INET6), ...zeros(6), ...address, ...zeros(4)];

/** struct vifctl or mif6ctl. */
function vifBytes(family: number, vif: number, ifindex: number): Uint8Array {
  if (family === AF_INET) return Uint8Array.from([...u16(vif), VIFF_USE_IFINDEX, 1, ...u32(0), ...u32(ifindex), ...u32(0)]);
  return Uint8Array.from([...u16(vif), 0, 1, ...u16(ifindex), ...zeros(2), ...u32(0)]);
}

/** struct mfcctl or mf6cctl. */
function routeBytes({ family, source, group, iif, oifs }: MulticastRoute, vifs: readonly string[]): Uint8Array {
  const parent = vifs.indexOf(iif);
  const ttls = zeros(MAX_VIFS);
  for (const { name, ttl } of oifs) ttls[vifs.indexOf(name)] = ttl;
  if (family === AF_INET) return Uint8Array.from([...source, ...group, ...u16(parent), ...ttls, ...zeros(18)]);
  const set = zeros(MAX_VIFS);
  ttls.forEach((ttl, vif) => {
    if (ttl > 0) set[vif >> 3]! |= 1 << (vif & 7);
  });
  return Uint8Array.from([...sockaddr6(source), ...sockaddr6(group), ...u16(parent), ...zeros(2), ...set]);
}

/** What the kernel reports: a packet that no route is for. */
function reported(family: number, data: Uint8Array, vifs: readonly string[]): string | null {
  if (family === AF_INET) {
    // struct igmpmsg; what else comes is IGMP itself.
    if (data.length < 20 || data[9] !== 0 || data[8] !== NOCACHE) return null;
    return `no route: ${formatAddress(AF_INET, data.slice(12, 16))} ${formatAddress(AF_INET, data.slice(16, 20))} ${vifs[data[10]!] ?? ''}`;
  }
  if (data.length < 40 || data[0] !== 0 || data[1] !== NOCACHE) return null;
  return `no route: ${formatAddress(AF_INET6, data.slice(8, 24))} ${formatAddress(AF_INET6, data.slice(24, 40))} ${vifs[data[2]!] ?? ''}`;
}

/**
 * `tapstack mroute`: a routing daemon whose routes are given. They hold as long as it runs; packets that none is for are told of, a
 * line each. Throws NetError with what the kernel refused.
 */
export async function runMulticastRouter(
  io: Pick<CommandIo, 'stdout' | 'signal'>,
  env: CommandEnvironment,
  routes: readonly MulticastRoute[],
  table: number | undefined,
): Promise<void> {
  const family = routes[0]!.family;
  if (routes.some((route) => route.family !== family)) refuse('routes are of IPv4 or of IPv6, not of both');
  const vifs = [...new Set(routes.flatMap(({ iif, oifs }) => [iif, ...oifs.map(({ name }) => name)]))];
  if (vifs.length > MAX_VIFS) refuse(`at most ${MAX_VIFS} devices`);
  const found = await devicesByName(env, new Set(vifs));
  const sockets = await socketMaker(await env.transport(), env.variables);
  try {
    const socket = await sockets.open(SOCK_RAW, family === AF_INET ? IGMP : ICMPV6, family);
    const level = family === AF_INET ? SOL_IP : SOL_IPV6;
    const set = async (what: string, option: number, value: Uint8Array) => {
      try {
        await socket.setOption(level, option, value);
      } catch (error) {
        throw error instanceof NetError ? new ClientError(error.errno, `${what}: ${strerror(error.errno)}`) : error;
      }
    };
    if (table !== undefined) await set('table', MRT_TABLE, Uint8Array.from(u32(table)));
    await set('multicast routing', MRT_INIT, Uint8Array.from(u32(1)));
    for (const [vif, name] of vifs.entries()) await set(name, MRT_ADD_VIF, vifBytes(family, vif, found.get(name)!.index));
    for (const route of routes) {
      const anySource = route.source.every((byte) => byte === 0);
      await set('route', anySource ? MRT_ADD_MFC_PROXY : MRT_ADD_MFC, routeBytes(route, vifs));
    }
    await io.stdout.write(`routing ${routes.length === 1 ? '1 group' : `${routes.length} groups`}\n`);
    await listen(io, socket, family, vifs);
  } finally {
    sockets.close();
  }
}

async function listen(
  io: Pick<CommandIo, 'stdout' | 'signal'>,
  socket: PacketSocket,
  family: number,
  vifs: readonly string[],
): Promise<void> {
  try {
    for (;;) {
      const { data } = await socket.receive({ length: 2048, signal: io.signal });
      const line = reported(family, data, vifs);
      if (line !== null) await io.stdout.write(`${line}\n`);
    }
  } catch (error) {
    if (!(error instanceof NetError && error.errno === EINTR)) throw error;
  }
}
