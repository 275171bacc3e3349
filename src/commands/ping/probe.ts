import { EACCES } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { NetlinkClient } from '../../client/netlink-client.js';
import { type PacketSocket, SOCK_DGRAM, type SocketMaker, SOL_IP, SOL_SOCKET } from '../../client/sockets.js';
import type { Transport } from '../../client/transport.js';
import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { addressMessage } from '../../netlink/rtnl/address.js';
import { RTM_GETADDR, RTM_GETLINK } from '../../netlink/rtnl/constants.js';
import { linkMessage } from '../../netlink/rtnl/link/link.js';
import { strerror } from '../../base/errno.js';
import { PROTOCOL as UDP } from '../../wire/udp.js';
import { die } from './numbers.js';
import type { PingOptions } from './options.js';

const SO_BROADCAST = 6;
const SO_BINDTODEVICE = 25;
const SO_MARK = 36;
const IP_TOS = 1;
/** Nothing listens there, and nothing is sent: connecting finds the way. */
const PROBE_PORT = 1025;

const encoder = new TextEncoder();

/** What the way to a destination is. */
export interface Way {
  readonly source: Uint8Array;
  /** The destination is a broadcast address, which -b allowed. */
  readonly broadcast: boolean;
}

/** Finds the source address by connecting a UDP socket. Throws CommandFailure: no way, a broadcast address without -b. */
export async function findWay(sockets: SocketMaker, options: PingOptions, destination: Uint8Array, link = ''): Promise<Way> {
  const family = destination.length === 16 ? AF_INET6 : AF_INET;
  const socket = await attempt('socket', () => sockets.open(SOCK_DGRAM, UDP, family));
  try {
    if (options.device !== '') await bindToDevice(socket, options.device);
    else if (link !== '') await bindToDevice(socket, link);
    if (options.tos !== 0 && destination.length === 4) await socket.setOption(SOL_IP, IP_TOS, options.tos);
    if (options.mark !== 0) await attempt('', () => socket.setOption(SOL_SOCKET, SO_MARK, options.mark));
    const target = { address: destination, port: PROBE_PORT };
    let broadcast = false;
    try {
      await socket.connect(target);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      // Only of IPv4 does it mean a broadcast address.
      if (error.errno !== EACCES || destination.length === 16) throw die(`connect: ${strerror(error.errno)}`);
      if (!options.broadcast) throw die('Do you want to ping broadcast? Then -b. If not, check your local firewall rules');
      broadcast = true;
      await socket.setOption(SOL_SOCKET, SO_BROADCAST, 1);
      await attempt('connect', () => socket.connect(target));
    }
    return { source: (await socket.localName()).address, broadcast };
  } finally {
    await socket.close();
  }
}

export async function bindToDevice(socket: PacketSocket, device: string): Promise<void> {
  await attempt(`SO_BINDTODEVICE ${device}`, () => socket.setOption(SOL_SOCKET, SO_BINDTODEVICE, encoder.encode(`${device}\0`)));
}

/** Runs a socket call whose failure ends ping: "ping: WHAT: Invalid argument". */
export async function attempt<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    throw die(what === '' ? strerror(error.errno) : `${what}: ${strerror(error.errno)}`);
  }
}

/** Whether `device` has the address: where it has not, replies may come in by another. */
export async function deviceHasAddress(transport: Transport, device: string, address: Uint8Array): Promise<boolean> {
  const client = await NetlinkClient.open(transport);
  try {
    let index = 0;
    for await (const message of client.dump(linkMessage, { type: RTM_GETLINK })) {
      const { header, attributes } = linkMessage.parse(message);
      if (attributes.ifname === device) index = header.index;
    }
    for await (const message of client.dump(addressMessage, {
      type: RTM_GETADDR,
      header: { family: address.length === 16 ? AF_INET6 : AF_INET },
    })) {
      const { header, attributes } = addressMessage.parse(message);
      const own = attributes.local ?? attributes.address;
      if (header.index === index && own !== undefined && own.length === address.length && own.every((byte, at) => byte === address[at]))
        return true;
    }
    return false;
  } finally {
    client.close();
  }
}
