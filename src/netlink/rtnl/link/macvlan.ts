import { type AttributesOf, attributes, binary, list, plain, u16, u32 } from '../../attributes.js';

// linux/if_link.h
export const MACVLAN_MODE_PRIVATE = 1;
export const MACVLAN_MODE_VEPA = 2;
export const MACVLAN_MODE_BRIDGE = 4;
export const MACVLAN_MODE_PASSTHRU = 8;
export const MACVLAN_MODE_SOURCE = 16;
export const MACVLAN_FLAG_NOPROMISC = 1;
export const MACVLAN_FLAG_NODST = 2;
export const MACVLAN_MACADDR_ADD = 0;
export const MACVLAN_MACADDR_DEL = 1;
export const MACVLAN_MACADDR_FLUSH = 2;
export const MACVLAN_MACADDR_SET = 3;

const MACADDR = 4;
const address = binary(MACADDR);

/** IFLA_INFO_DATA of kind "macvlan", in the order of macvlan_fill_info(). */
export const macvlanData = attributes('IFLA_MACVLAN', {
  mode: u32(1),
  flags: u16(2),
  macaddrMode: u32(3),
  macaddr: address,
  macaddrCount: u32(6),
  macaddrData: plain(list(5, address)),
  bcQueueLen: u32(7),
  bcQueueLenUsed: u32(8),
});
export type MacvlanData = AttributesOf<typeof macvlanData>;
