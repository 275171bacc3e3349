import { type AttributesOf, attributes, be16, list, plain, struct, u16 } from '../../attributes.js';

// linux/if_vlan.h
export const VLAN_FLAG_REORDER_HDR = 0x1;
export const VLAN_FLAG_GVRP = 0x2;
export const VLAN_FLAG_LOOSE_BINDING = 0x4;
export const VLAN_FLAG_MVRP = 0x8;
export const VLAN_FLAG_BRIDGE_BINDING = 0x10;

const qosMapping = struct(1, { from: 'u32', to: 'u32' });

/** IFLA_INFO_DATA of kind "vlan", in the order of vlan_fill_info(). */
export const vlanData = attributes('IFLA_VLAN', {
  protocol: be16(5),
  id: u16(1),
  flags: struct(2, { flags: 'u32', mask: 'u32' }),
  ingressQos: plain(list(4, qosMapping)),
  egressQos: plain(list(3, qosMapping)),
});
export type VlanData = AttributesOf<typeof vlanData>;
