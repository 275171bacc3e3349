import { EADDRNOTAVAIL, EINTR, EINVAL, EOPNOTSUPP } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { ClientError } from '../../client/client-error.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { NetlinkClient } from '../../client/netlink-client.js';
import { type PacketSocket, SOCK_RAW, SOL_SOCKET, type SocketMaker, socketMaker } from '../../client/sockets.js';
import { AF_INET6 } from '../../netlink/constants.js';
import { addressMessage } from '../../netlink/rtnl/address.js';
import { IFA_F_TENTATIVE, RTM_GETADDR } from '../../netlink/rtnl/constants.js';
import { PROTOCOL as ICMPV6, ROUTER_SOLICITATION } from '../../wire/icmpv6.js';
import { parseIpv6 } from '../../wire/ipv6-address.js';
import { checkOptions, HOP_LIMIT, ROUTER_SOLICITATION as SOLICITATION_BYTES } from '../../wire/ndisc.js';
import { type Advertisement, AUTONOMOUS_FLAG, build, ON_LINK_FLAG } from '../../wire/router-advertisement.js';
import { readPrefix } from '../shared/address.js';
import { type NamedDevice, devicesByName } from './devices.js';

// asm-generic/socket.h, linux/in6.h, linux/icmpv6.h
const SO_BINDTODEVICE = 25;
const SOL_IPV6 = 41;
const IPV6_UNICAST_HOPS = 16;
const IPV6_MULTICAST_HOPS = 18;
const IPV6_MULTICAST_LOOP = 19;
const IPV6_JOIN_GROUP = 20;
const IPV6_RECVHOPLIMIT = 51;
const SOL_ICMPV6 = 58;
const ICMP6_FILTER = 1;

// RFC 4861 6.2.4, 6.2.6, 10; microseconds.
const SECOND_US = 1_000_000;
const INITIAL_ADVERTISEMENTS = 3;
const INITIAL_INTERVAL_US = 16 * SECOND_US;
const MIN_DELAY_US = 3 * SECOND_US;
/** A link-local address may have to be checked for duplicates first. */
const ADDRESS_WAIT_US = 10 * SECOND_US;
const ADDRESS_POLL_US = SECOND_US / 10;

const ALL_NODES = parseIpv6('ff02::1')!;
const ALL_ROUTERS = parseIpv6('ff02::2')!;

const preferences: Readonly<Record<string, number>> = { low: 3, medium: 0, high: 1 };

/** Words of the command line; times are in seconds. */
export interface RouterOptions {
  readonly interval: number;
  /** Three intervals unless given. */
  readonly lifetime?: number;
  readonly preference: string;
  readonly hopLimit: number;
  readonly mtu?: number;
  readonly valid: number;
  readonly preferred: number;
  readonly route: readonly string[];
  readonly autoconf: boolean;
  readonly managed?: boolean;
  readonly other?: boolean;
}

export type RouterIo = Pick<CommandIo, 'stdout' | 'signal' | 'onSignal' | 'sleepUs'>;

const refuse = (text: string): never => {
  throw new ClientError(EINVAL, text);
};

function prefixOf(text: string): { readonly prefix: Uint8Array; readonly length: number } {
  const found = readPrefix(text, AF_INET6);
  if (found === null) return refuse(`"${text}" is not an IPv6 prefix`);
  const prefix = new Uint8Array(16);
  prefix.set(found.bytes);
  for (let bit = found.length; bit < 128; bit++) prefix[bit >> 3]! &= ~(0x80 >> (bit & 7));
  return { prefix, length: found.length };
}

/** What a router of these options says. Throws ClientError(EINVAL). */
export function advertisementOf(prefixes: readonly string[], options: RouterOptions, linkAddress: Uint8Array): Advertisement {
  const { interval, valid, preferred, managed = false, other = false } = options;
  if (preferred > valid) refuse('an address is not preferred for longer than it is valid');
  const lifetime = options.lifetime ?? 3 * interval;
  const preference = preferences[options.preference] ?? refuse(`"${options.preference}" is not low, medium or high`);
  const flags = ON_LINK_FLAG | (options.autoconf ? AUTONOMOUS_FLAG : 0);
  return {
    hopLimit: options.hopLimit,
    managed,
    other,
    // RFC 4191 2.2: who is no default router has no preference.
    preference: lifetime === 0 ? 0 : preference,
    lifetime,
    linkAddress,
    mtu: options.mtu ?? 0,
    prefixes: prefixes.map((text) => ({ ...prefixOf(text), flags, valid, preferred })),
    routes: options.route.map((text) => ({ ...prefixOf(text), preference, lifetime: 3 * interval })),
  };
}

/** The link-local address that advertisements come from, once it is no longer tentative. */
async function linkLocal(io: RouterIo, env: CommandEnvironment, ifindex: number, ended: AbortSignal): Promise<Uint8Array | null> {
  const client = await NetlinkClient.open(await env.transport());
  try {
    for (let waited = 0; waited <= ADDRESS_WAIT_US && !ended.aborted; waited += ADDRESS_POLL_US) {
      let found: Uint8Array | null = null;
      for await (const message of client.dump(addressMessage, { type: RTM_GETADDR, header: { family: AF_INET6 } })) {
        const { header, attributes } = addressMessage.parse(message);
        const { address, flags = header.flags } = attributes;
        if (header.index !== ifindex || address === undefined || (flags & IFA_F_TENTATIVE) !== 0) continue;
        if (address[0] === 0xfe && (address[1]! & 0xc0) === 0x80) found ??= address.slice();
      }
      if (found !== null) return found;
      await io.sleepUs(ADDRESS_POLL_US, ended);
    }
    return null;
  } finally {
    client.close();
  }
}

async function openSocket(sockets: SocketMaker, name: string, { index }: NamedDevice, source: Uint8Array): Promise<PacketSocket> {
  const socket = await sockets.open(SOCK_RAW, ICMPV6, AF_INET6);
  await socket.setOption(SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode(`${name}\0`));
  // Nothing but solicitations comes in.
  const filter = new Uint8Array(32).fill(0xff);
  filter[ROUTER_SOLICITATION >> 3]! &= ~(1 << (ROUTER_SOLICITATION & 7));
  await socket.setOption(SOL_ICMPV6, ICMP6_FILTER, filter);
  await socket.setOption(SOL_IPV6, IPV6_UNICAST_HOPS, HOP_LIMIT);
  await socket.setOption(SOL_IPV6, IPV6_MULTICAST_HOPS, HOP_LIMIT);
  await socket.setOption(SOL_IPV6, IPV6_MULTICAST_LOOP, 0);
  await socket.setOption(SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
  const membership = new Uint8Array(20);
  membership.set(ALL_ROUTERS);
  new DataView(membership.buffer).setUint32(16, index, true);
  await socket.setOption(SOL_IPV6, IPV6_JOIN_GROUP, membership);
  await socket.bind({ address: source, port: 0, scopeId: index });
  return socket;
}

/** RFC 4861 6.1.1: what a solicitation has to be. */
function isSolicitation(data: Uint8Array, hopLimit: number): boolean {
  if (hopLimit !== HOP_LIMIT || data.length < SOLICITATION_BYTES || data[0] !== ROUTER_SOLICITATION || data[1] !== 0) return false;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return checkOptions(view, SOLICITATION_BYTES, data.length);
}

/** Waits that an end, or somebody who asks, cuts short. */
class Turns {
  readonly #end = new AbortController();
  #asked = new AbortController();

  get ended(): AbortSignal {
    return this.#end.signal;
  }

  readonly end = (): void => {
    this.#end.abort();
    this.#asked.abort();
  };

  ask(): void {
    this.#asked.abort();
  }

  /** To all nodes: a few soon, then one an interval, and one for who has no address to be answered at, but none within three seconds. */
  async advertise(io: RouterIo, intervalUs: number, send: () => Promise<unknown>): Promise<void> {
    for (let sent = 1; !this.ended.aborted; sent++) {
      if (!this.ended.aborted) this.#asked = new AbortController();
      await send();
      const waitUs = sent < INITIAL_ADVERTISEMENTS ? Math.min(intervalUs, INITIAL_INTERVAL_US) : intervalUs;
      const quietUs = Math.min(waitUs, MIN_DELAY_US);
      await io.sleepUs(quietUs, this.ended);
      if (waitUs > quietUs) await io.sleepUs(waitUs - quietUs, this.#asked.signal);
    }
  }

  /** Who asks by an address of its own is answered there, at once. */
  async answer(socket: PacketSocket, send: (to: Uint8Array) => Promise<unknown>): Promise<void> {
    try {
      for (;;) {
        const { data, from, ttl } = await socket.receive({ length: 1500, signal: this.ended });
        if (from === null || !isSolicitation(data, ttl)) continue;
        if (from.address.every((byte) => byte === 0)) this.ask();
        else await send(from.address);
      }
    } catch (error) {
      if (!(error instanceof NetError && error.errno === EINTR)) throw error;
    }
  }
}

/**
 * `tapstack ra`: what radvd is to Linux, for one device. Advertises until it is ended, and answers who asks; the last it says is that
 * it is a router no more (RFC 4861 6.2.5). Throws NetError with what the stack refused.
 */
export async function advertiseRouter(
  io: RouterIo,
  env: CommandEnvironment,
  name: string,
  prefixes: readonly string[],
  options: RouterOptions,
): Promise<void> {
  const transport = await env.transport();
  if (transport.target === 'kernel') throw new ClientError(EOPNOTSUPP, 'ra needs a stack, and TAPSTACK_TARGET is "kernel"');
  const device = (await devicesByName(env, new Set([name]))).get(name)!;
  const said = advertisementOf(prefixes, options, device.linkAddress);
  const turns = new Turns();
  const { ended, end } = turns;
  io.signal.addEventListener('abort', end, { once: true });
  const forget = [io.onSignal('SIGINT', end), io.onSignal('SIGTERM', end)];
  const sockets = await socketMaker(transport, env.variables);
  try {
    const source = await linkLocal(io, env, device.index, ended);
    if (ended.aborted) return;
    if (source === null) throw new ClientError(EADDRNOTAVAIL, `"${name}" has no link-local address`);
    const socket = await openSocket(sockets, name, device, source);
    const send = (bytes: Uint8Array, address: Uint8Array) => socket.send(bytes, { to: { address, port: 0, scopeId: device.index } });
    const message = build(said);
    await io.stdout.write(`advertising on ${name}\n`);
    await Promise.all([
      turns.advertise(io, options.interval * SECOND_US, () => send(message, ALL_NODES)),
      turns.answer(socket, (to) => send(message, to)),
    ]);
    await send(build({ ...said, lifetime: 0, preference: 0 }), ALL_NODES);
  } finally {
    end();
    for (const stop of forget) stop();
    io.signal.removeEventListener('abort', end);
    sockets.close();
  }
}
