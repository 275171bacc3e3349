import { AF_INET } from '../../../../netlink/constants.js';

/** Bits of the tables of dh and sh (CONFIG_IP_VS_DH_TAB_BITS, CONFIG_IP_VS_SH_TAB_BITS). */
export const TABLE_BITS = 8;
export const TABLE_SIZE = 1 << TABLE_BITS;
export const TABLE_MASK = TABLE_SIZE - 1;

/** Linux: hash_32(), by the golden ratio. */
export const hash32 = (value: number, bits: number): number => Math.imul(value, 0x61c8_8647) >>> (32 - bits);

/** An address as one word. */
export const foldAddress = (family: number, address: Uint32Array): number =>
  family === AF_INET ? address[0]! : (address[0]! ^ address[1]! ^ address[2]! ^ address[3]!) >>> 0;
