import { type AttributesOf, attributes, binary, many, nest, plain, s32, string, struct, u16, u32, u8 } from '../attributes.js';
import { message } from '../schema.js';
import { IFNAMSIZ, MAX_ADDR_LEN } from './constants.js';
import { bridgePortData } from './link/bridge.js';
import { ifinfomsg } from './link/link.js';

// linux/if_bridge.h
export const BRIDGE_FLAGS_MASTER = 1;
export const BRIDGE_FLAGS_SELF = 2;
export const BRIDGE_VLAN_INFO_MASTER = 1 << 0;
export const BRIDGE_VLAN_INFO_PVID = 1 << 1;
export const BRIDGE_VLAN_INFO_UNTAGGED = 1 << 2;
export const BRIDGE_VLAN_INFO_RANGE_BEGIN = 1 << 3;
export const BRIDGE_VLAN_INFO_RANGE_END = 1 << 4;

/** Tunnel of a VLAN: IFLA_BRIDGE_VLAN_TUNNEL_*; flags are those of BRIDGE_VLAN_INFO. */
const tunnelInfo = attributes('IFLA_BRIDGE_VLAN_TUNNEL', { id: u32(1), vid: u16(2), flags: u16(3) });

/** IFLA_AF_SPEC of AF_BRIDGE: IFLA_BRIDGE_*. */
const bridgeSpec = attributes('IFLA_BRIDGE', {
  flags: u16(0),
  mode: u16(1),
  vlanInfo: many(struct(2, { flags: 'u16', vid: 'u16' })),
  tunnelInfo: many(plain(nest(3, tunnelInfo))),
});

/** The attributes of a device as AF_BRIDGE sees it, in the order of br_fill_ifinfo(). */
export const bridgeLinkAttributes = attributes('IFLA', {
  ifname: string(3, { max: IFNAMSIZ - 1 }),
  master: u32(10),
  mtu: u32(4),
  operstate: u8(16),
  address: binary(1, { max: MAX_ADDR_LEN }),
  link: u32(5),
  protinfo: nest(12, bridgePortData),
  afSpec: plain(nest(26, bridgeSpec)),
  // Only of family AF_UNSPEC: the namespace of `link`.
  linkNetnsid: s32(37),
  // Only in requests:
  extMask: u32(29),
});
export type BridgeLinkAttributes = AttributesOf<typeof bridgeLinkAttributes>;

/** RTM_GETLINK, RTM_SETLINK, RTM_DELLINK and RTM_NEWLINK of family AF_BRIDGE. */
export const bridgeLinkMessage = message('bridge link', ifinfomsg, bridgeLinkAttributes);
