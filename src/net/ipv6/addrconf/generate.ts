import { ARPHRD_ETHER, ARPHRD_IPGRE, ARPHRD_TUNNEL } from '../../../netlink/rtnl/constants.js';
import type { In6 } from '../../../wire/ipv6.js';
import type { RandomSource } from '../../../base/random.js';
import { sha1Block } from '../../../base/sha1.js';
import type { NetDevice } from '../../core/device.js';

// IN6_ADDR_GEN_MODE_*
export const ADDR_GEN_EUI64 = 0;
export const ADDR_GEN_NONE = 1;
export const ADDR_GEN_STABLE_PRIVACY = 2;
export const ADDR_GEN_RANDOM = 3;

/** Puts the interface identifier made from the link-layer address into the lower half. False: there is none. RFC 4291 appendix A */
export function eui64(device: NetDevice, into: In6): boolean {
  const mac = device.address;
  if (device.isatap || device.type === ARPHRD_IPGRE || device.type === ARPHRD_TUNNEL) return isatapIdentifier(mac, into);
  if (device.type !== ARPHRD_ETHER || mac.length !== 6) return false;
  if (device.deviceId !== 0) {
    // Linux: addrconf_ifid_eui48(), where several devices have one address.
    into[2] = ((mac[0]! << 24) | (mac[1]! << 16) | (mac[2]! << 8) | (device.deviceId >>> 8)) >>> 0;
    into[3] = (((device.deviceId & 0xff) << 24) | (mac[3]! << 16) | (mac[4]! << 8) | mac[5]!) >>> 0;
    return true;
  }
  into[2] = (((mac[0]! ^ 2) << 24) | (mac[1]! << 16) | (mac[2]! << 8) | 0xff) >>> 0;
  into[3] = ((0xfe << 24) | (mac[3]! << 16) | (mac[4]! << 8) | mac[5]!) >>> 0;
  return true;
}

/** Networks whose addresses are nobody's alone: private ones, those of links, tests, examples, groups. Linux: __ipv6_isatap_ifid() */
const NOT_UNIQUE: readonly (readonly [network: number, bits: number])[] = [
  [0x0000_0000, 8],
  [0x0a00_0000, 8],
  [0x7f00_0000, 8],
  [0xa9fe_0000, 16],
  [0xac10_0000, 12],
  [0xc000_0200, 24],
  [0xc058_6300, 24],
  [0xc0a8_0000, 16],
  [0xc612_0000, 15],
  [0xe000_0000, 4],
  [0xffff_ffff, 32],
];

/** RFC 5214 6.1: 00-00-5E-FE and the IPv4 address, with the universal bit where that is unique. False: there is none. */
function isatapIdentifier(address: Uint8Array, into: In6): boolean {
  const ipv4 = ((address[0]! << 24) | (address[1]! << 16) | (address[2]! << 8) | address[3]!) >>> 0;
  if (ipv4 === 0) return false;
  const unique = !NOT_UNIQUE.some(([network, bits]) => (ipv4 ^ network) >>> (32 - bits) === 0);
  into[2] = unique ? 0x0200_5efe : 0x0000_5efe;
  into[3] = ipv4;
  return true;
}

const SUBNET_ROUTER = [0, 0] as const;

/** Identifiers that must not be given to hosts, RFC 5453. Linux: ipv6_reserved_interfaceid() */
function reserved(address: In6): boolean {
  if (address[2] === SUBNET_ROUTER[0] && address[3] === SUBNET_ROUTER[1]) return true;
  if (address[2] === 0x0200_5eff && address[3]! >>> 24 === 0xfe) return true;
  return address[2] === 0xfdff_ffff && address[3]! >>> 0 >= 0xffff_ff80;
}

const swap = (word: number): number => (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;

/**
 * The lower half from a secret, the prefix and the device, RFC 7217: the same each time it comes into the same network.
 * False: after `retries` attempts it is still one that may not be. Linux: ipv6_generate_stable_address()
 */
export function stablePrivacy(
  device: Pick<NetDevice, 'address' | 'permanentAddress'>,
  secret: Uint32Array,
  into: In6,
  firstCount: number,
  retries: number,
): boolean {
  for (let count = firstCount; count <= retries; count++) {
    const block = new Uint8Array(64);
    const view = new DataView(block.buffer);
    for (let i = 0; i < 4; i++) view.setUint32(i * 4, secret[i]!);
    view.setUint32(16, into[0]!);
    view.setUint32(20, into[1]!);
    block.set((device.permanentAddress ?? device.address).subarray(0, 32), 24);
    block[56] = count;
    const digest = sha1Block(block);
    // Linux takes the digest's words as they lie in memory.
    into[2] = swap(digest[0]!);
    into[3] = swap(digest[1]!);
    if (!reserved(into)) return true;
  }
  return false;
}

/** Lower half at random, RFC 8981 3.3. */
export function randomIdentifier(random: RandomSource, into: In6): void {
  do {
    into[2] = random.u32();
    into[3] = random.u32();
  } while (reserved(into));
}

export const drawSecret = (random: RandomSource): Uint32Array => Uint32Array.of(random.u32(), random.u32(), random.u32(), random.u32());
