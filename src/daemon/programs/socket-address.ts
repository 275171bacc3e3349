import { EFAULT, EINVAL } from '../../base/errno.js';
import type { PinnedMemory } from '../../host/pinned-memory.js';
import { clearSocketAddress, isMappedAddress } from '../../net/core/inet-socket.js';
import type { SocketAddress } from '../../net/core/socket.js';
import { FLOWINFO_MASK } from '../../net/ipv6/flow-label.js';
import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNSPEC } from '../../netlink/constants.js';
import type { ProgramCall } from './program-call.js';

/** sizeof(struct sockaddr_storage): the kernel takes no longer address. */
export const STORAGE = 128;
const SOCKADDR_IN = 16;
const SOCKADDR_LL = 20;
const SOCKADDR_IN6 = 28;
/** A sockaddr_in6 of RFC 2133, without its scope. */
const SOCKADDR_IN6_SHORT = 24;

/** Copies a struct sockaddr of the program to `at`: 0 or a negative errno (move_addr_to_kernel()). */
export function takeAddress(call: ProgramCall, memory: PinnedMemory, address: number, length: number, at: number): number {
  if (length < 0 || length > STORAGE) return -EINVAL;
  return call.read(address, length, memory.address + at) ? 0 : -EFAULT;
}

/**
 * Reads the struct sockaddr at `at` for a socket of `family`: 0, or -EINVAL for one that is too short.
 *
 *     sockaddr_in    0 AF_INET, u16 | 2 port, be16 | 4 address
 *     sockaddr_in6   0 AF_INET6, u16 | 2 port, be16 | 4 flow | 8 address | 24 scope, u32
 *     sockaddr_ll    0 AF_PACKET, u16 | 2 EtherType, be16 | 4 ifindex, i32 | 8 ARPHRD | 10 PACKET_* | 11 address's length, u8 | 12 it
 */
export function parseAddress(memory: PinnedMemory, at: number, length: number, family: number, into: SocketAddress): number {
  const { view, bytes } = memory;
  if (length < 2) return -EINVAL;
  const given = view.getUint16(at, true);
  clearSocketAddress(into, AF_INET6, 0);
  into.family = given;
  into.bytes = null;
  if (family === AF_PACKET) {
    if (length < SOCKADDR_LL) return -EINVAL;
    into.port = view.getUint16(at + 2);
    into.scopeId = view.getInt32(at + 4, true);
    const size = bytes[at + 11]!;
    if (length < 12 + size) return -EINVAL;
    into.bytes = bytes.slice(at + 12, at + 12 + size);
    return 0;
  }
  if (given === AF_INET || (given === AF_UNSPEC && family === AF_INET)) {
    if (length < SOCKADDR_IN) return given === AF_UNSPEC ? 0 : -EINVAL;
    into.port = view.getUint16(at + 2);
    into.words[2] = 0xffff;
    into.words[3] = view.getUint32(at + 4);
    return 0;
  }
  if (given === AF_INET6) {
    if (length < SOCKADDR_IN6_SHORT) return -EINVAL;
    into.port = view.getUint16(at + 2);
    into.flowInfo = view.getUint32(at + 4) & FLOWINFO_MASK;
    for (let i = 0; i < 4; i++) into.words[i] = view.getUint32(at + 8 + 4 * i);
    into.scopeId = length >= SOCKADDR_IN6 ? view.getUint32(at + 24, true) : 0;
  }
  return 0;
}

/** Writes `address` as a socket of `family` shows it; the length. */
export function writeAddress(memory: PinnedMemory, at: number, address: SocketAddress, family: number): number {
  const { view, bytes } = memory;
  bytes.fill(0, at, at + SOCKADDR_IN6);
  view.setUint16(at, family, true);
  if (family === AF_PACKET) {
    view.setUint16(at + 2, address.port);
    view.setInt32(at + 4, address.scopeId, true);
    view.setUint16(at + 8, address.hardwareType, true);
    bytes[at + 10] = address.packetType;
    const hardware = address.bytes;
    if (hardware !== null) {
      bytes[at + 11] = hardware.length;
      bytes.set(hardware.subarray(0, 8), at + 12);
    }
    return SOCKADDR_LL;
  }
  view.setUint16(at + 2, address.port);
  if (family === AF_INET) {
    view.setUint32(at + 4, address.words[3]!);
    return SOCKADDR_IN;
  }
  // An IPv6 socket that is bound to nothing shows ::, not the mapped form of 0.0.0.0.
  const empty = isMappedAddress(address.words) && address.words[3] === 0;
  for (let i = 0; i < 4; i++) view.setUint32(at + 8 + 4 * i, empty ? 0 : address.words[i]!);
  view.setUint32(at + 4, address.flowInfo);
  view.setUint32(at + 24, address.scopeId, true);
  return SOCKADDR_IN6;
}

/** struct sockaddr_nl: 0 AF_NETLINK, u16 | 4 port, u32 | 8 groups, u32. */
export const SOCKADDR_NL = 12;

export function writeNetlinkAddress(memory: PinnedMemory, at: number, portId: number, groups: number): number {
  memory.bytes.fill(0, at, at + SOCKADDR_NL);
  memory.view.setUint16(at, AF_NETLINK, true);
  memory.view.setUint32(at + 4, portId, true);
  memory.view.setUint32(at + 8, groups, true);
  return SOCKADDR_NL;
}

/**
 * Hands an address out: as much of it as the program has room for, and its full length (move_addr_to_user()). `scratch`: 4 bytes.
 * 0 or a negative errno.
 */
export function giveAddress(
  call: ProgramCall,
  memory: PinnedMemory,
  at: number,
  length: number,
  address: number,
  lengthAddress: number,
  scratch: number,
): number {
  if (!call.read(lengthAddress, 4, memory.address + scratch)) return -EFAULT;
  const room = memory.view.getInt32(scratch, true);
  if (room < 0) return -EINVAL;
  if (!call.write(address, Math.min(room, length), memory.address + at)) return -EFAULT;
  memory.view.setInt32(scratch, length, true);
  return call.copyOut(lengthAddress, 4, memory.address + scratch);
}
