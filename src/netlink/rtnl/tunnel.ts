import { type AttributesOf, attributes, be32, binary, layout, many, nest, u32, u64 } from '../attributes.js';
import { message } from '../schema.js';

/** struct tunnel_msg, linux/if_link.h. */
export const tunnelmsg = layout({ family: 'u8', flags: 'u8', reserved2: 'pad16', ifindex: 'u32' });
export const TUNNEL_MSG_FLAG_STATS = 0x01;

/** VNIFILTER_ENTRY_STATS_* */
export const vniStatistics = attributes('VNIFILTER_ENTRY_STATS', {
  rxBytes: u64(1),
  rxPkts: u64(2),
  rxDrops: u64(3),
  rxErrors: u64(4),
  txBytes: u64(5),
  txPkts: u64(6),
  txDrops: u64(7),
  txErrors: u64(8),
});
export type VniStatistics = AttributesOf<typeof vniStatistics>;

/** VXLAN_VNIFILTER_ENTRY_*: VNIs from `start` to `end`, and where what goes to them is sent. */
export const vniEntry = attributes('VXLAN_VNIFILTER_ENTRY', {
  start: u32(1),
  end: u32(2),
  group: be32(3),
  group6: binary(4, { min: 16, max: 16 }),
  stats: nest(5, vniStatistics),
});
export type VniEntry = AttributesOf<typeof vniEntry>;

export const tunnelAttributes = attributes('VXLAN_VNIFILTER', { entries: many(nest(1, vniEntry)) });

/** RTM_NEWTUNNEL, RTM_DELTUNNEL, RTM_GETTUNNEL: the VNIs that a vxlan device takes. */
export const tunnelMessage = message('tunnel', tunnelmsg, tunnelAttributes);
