import { type AttributesOf, attributes, u32 } from '../../attributes.js';

/** IFLA_INFO_DATA of kind "vrf": linux/if_link.h, IFLA_VRF_*. */
export const vrfData = attributes('IFLA_VRF', { table: u32(1) });
export type VrfData = AttributesOf<typeof vrfData>;

/** IFLA_INFO_SLAVE_DATA of its members, IFLA_VRF_PORT_*. */
export const vrfPortData = attributes('IFLA_VRF_PORT', { table: u32(1) });
