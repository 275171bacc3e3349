import { type AttributesOf, attributes, u8, u32 } from '../../attributes.js';

/** IFLA_INFO_DATA of kind "tun": linux/if_link.h, IFLA_TUN_*, in the order of Linux's tun_fill_info(). */
export const tunData = attributes('IFLA_TUN', {
  /** IFF_TUN or IFF_TAP. */
  type: u8(3),
  owner: u32(1),
  group: u32(2),
  pi: u8(4),
  vnetHdr: u8(5),
  persist: u8(6),
  multiQueue: u8(7),
  numQueues: u32(8),
  numDisabledQueues: u32(9),
});
export type TunData = AttributesOf<typeof tunData>;

// TUNSETIFF's flags, linux/if_tun.h.
export const IFF_TUN = 0x0001;
export const IFF_TAP = 0x0002;
export const IFF_MULTI_QUEUE = 0x0100;
export const IFF_PERSIST = 0x0800;
export const IFF_NO_PI = 0x1000;
export const IFF_ONE_QUEUE = 0x2000;
export const IFF_VNET_HDR = 0x4000;
