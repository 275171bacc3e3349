import { AF_INET6 } from '../../netlink/constants.js';
import { ipv4Bytes, parseIpv4 } from '../../wire/ipv4-address.js';
import { addressBytes } from '../addresses.js';

/** An option of a socket: level, number, value. */
export interface SocketOption {
  readonly level: number;
  readonly option: number;
  readonly value: number | Uint8Array;
}

const SOL_SOCKET = 1;
const SOL_IP = 0;
const SOL_IPV6 = 41;

export const SO_REUSEADDR: SocketOption = { level: SOL_SOCKET, option: 2, value: 1 };
export const SO_REUSEPORT: SocketOption = { level: SOL_SOCKET, option: 15, value: 1 };
export const IPV6_V6ONLY: SocketOption = { level: SOL_IPV6, option: 26, value: 1 };

export const broadcast = (on: boolean): SocketOption => ({ level: SOL_SOCKET, option: 6, value: on ? 1 : 0 });
export const sendBuffer = (bytes: number): SocketOption => ({ level: SOL_SOCKET, option: 7, value: bytes });
export const receiveBuffer = (bytes: number): SocketOption => ({ level: SOL_SOCKET, option: 8, value: bytes });

/** IP_TTL, IPV6_UNICAST_HOPS */
export const ttl = (family: number, hops: number): SocketOption =>
  family === AF_INET6 ? { level: SOL_IPV6, option: 16, value: hops } : { level: SOL_IP, option: 2, value: hops };

/** IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS */
export const multicastTtl = (family: number, hops: number): SocketOption =>
  family === AF_INET6 ? { level: SOL_IPV6, option: 18, value: hops } : { level: SOL_IP, option: 33, value: hops };

/** IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP */
export const multicastLoopback = (family: number, on: boolean): SocketOption =>
  family === AF_INET6 ? { level: SOL_IPV6, option: 19, value: on ? 1 : 0 } : { level: SOL_IP, option: 34, value: on ? 1 : 0 };

const NOWHERE = new Uint8Array(4);

/** An IPv6 group's device: the number behind the % of a zone; 0: the stack chooses. Node takes names here, which a stack's client cannot look up by itself. */
function zoneIndex(text: string | undefined): number {
  const zone = /%(\d+)$/.exec(text ?? '')?.[1];
  return zone === undefined ? 0 : Number(zone);
}

/** IP_MULTICAST_IF with the address of a device; IPV6_MULTICAST_IF with its number. Null: no address. */
export function multicastInterface(family: number, text: string): SocketOption | null {
  if (family === AF_INET6) return addressBytes(text) === null ? null : { level: SOL_IPV6, option: 17, value: zoneIndex(text) };
  const address = parseIpv4(text);
  return address === null ? null : { level: SOL_IP, option: 32, value: ipv4Bytes(address) };
}

/** IP_ADD_MEMBERSHIP, IPV6_JOIN_GROUP and what ends them. Null: one of the two is no address. */
export function membership(join: boolean, group: string, device: string | undefined): SocketOption | null {
  const bytes = addressBytes(group);
  if (bytes === null) return null;
  if (bytes.length === 16) {
    const value = new Uint8Array(20);
    value.set(bytes);
    new DataView(value.buffer).setUint32(16, zoneIndex(device ?? group), true);
    return { level: SOL_IPV6, option: join ? 20 : 21, value };
  }
  const local = device === undefined ? NOWHERE : addressBytes(device);
  if (local?.length !== 4) return null;
  return { level: SOL_IP, option: join ? 35 : 36, value: Uint8Array.of(...bytes, ...local) };
}

/** struct sockaddr_storage */
const STORAGE = 128;

function storage(bytes: Uint8Array): Uint8Array {
  const address = new Uint8Array(STORAGE);
  new DataView(address.buffer).setUint16(0, bytes.length === 4 ? 2 : AF_INET6, true);
  address.set(bytes, bytes.length === 4 ? 4 : 8);
  return address;
}

/** IP_ADD_SOURCE_MEMBERSHIP, of IPv6 MCAST_JOIN_SOURCE_GROUP, and what ends them. Null: something is no address. */
export function sourceMembership(join: boolean, source: string, group: string, device: string | undefined): SocketOption | null {
  const [from, to] = [addressBytes(source), addressBytes(group)];
  if (from === null || to === null || from.length !== to.length) return null;
  if (to.length === 16) {
    const value = new Uint8Array(8 + 2 * STORAGE);
    new DataView(value.buffer).setUint32(0, zoneIndex(device ?? group), true);
    value.set(storage(to), 8);
    value.set(storage(from), 8 + STORAGE);
    return { level: SOL_IPV6, option: join ? 46 : 47, value };
  }
  const local = device === undefined ? NOWHERE : addressBytes(device);
  if (local?.length !== 4) return null;
  return { level: SOL_IP, option: join ? 39 : 40, value: Uint8Array.of(...to, ...local, ...from) };
}
