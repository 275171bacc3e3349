// Ethernet, IEEE 802.3 clause 3:  0 destination | 6 source | 12 EtherType, or length when below 0x600

export const HEADER = 14;
export const ADDRESS_BYTES = 6;

// linux/if_ether.h
export const ETH_P_IP = 0x0800;
export const ETH_P_ARP = 0x0806;
export const ETH_P_8021Q = 0x8100;
export const ETH_P_IPV6 = 0x86dd;
export const ETH_P_8021AD = 0x88a8;
/** Smallest EtherType; below it the field is a length. */
export const ETH_P_802_3_MIN = 0x0600;
/** Linux's number for raw 802.3 frames (IPX). */
export const ETH_P_802_3 = 0x0001;
/** For sockets: every protocol. */
export const ETH_P_ALL = 0x0003;
/** Linux's number for 802.2 LLC frames. */
export const ETH_P_802_2 = 0x0004;

export const type = (v: DataView, at: number) => v.getUint16(at + 12);
export const setType = (v: DataView, at: number, value: number) => v.setUint16(at + 12, value);

/** Whether the six bytes at `at` have the group bit (multicast and broadcast). */
export const isMulticast = (bytes: Uint8Array, at = 0) => (bytes[at]! & 1) !== 0;

export const isBroadcast = (v: DataView, at: number) => v.getUint32(at) === 0xffff_ffff && v.getUint16(at + 4) === 0xffff;

/** is_valid_ether_addr(): neither multicast nor all zero. */
export function isValidAddress(address: Uint8Array): boolean {
  if ((address[0]! & 1) !== 0) return false;
  for (let i = 0; i < ADDRESS_BYTES; i++) if (address[i] !== 0) return true;
  return false;
}

/** RFC 1112 6.4: the low 23 bits of an IPv4 group behind 01:00:5e. */
export function ipv4Multicast(group: number, into: Uint8Array): void {
  into[0] = 0x01;
  into[1] = 0x00;
  into[2] = 0x5e;
  into[3] = (group >>> 16) & 0x7f;
  into[4] = (group >>> 8) & 0xff;
  into[5] = group & 0xff;
}
