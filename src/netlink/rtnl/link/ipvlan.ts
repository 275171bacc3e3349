import { type AttributesOf, attributes, u16 } from '../../attributes.js';

// linux/if_link.h
export const IPVLAN_MODE_L2 = 0;
export const IPVLAN_MODE_L3 = 1;
export const IPVLAN_MODE_L3S = 2;
export const IPVLAN_F_PRIVATE = 0x1;
export const IPVLAN_F_VEPA = 0x2;

/** IFLA_INFO_DATA of kind "ipvlan". */
export const ipvlanData = attributes('IFLA_IPVLAN', { mode: u16(1), flags: u16(2) });
export type IpvlanData = AttributesOf<typeof ipvlanData>;
