import { type AttributesOf, attributes, layout, s32 } from '../attributes.js';
import { message } from '../schema.js';

/** struct netconfmsg, linux/netconf.h. */
export const netconfmsg = layout({ family: 'u8' });

/** NETCONFA_*, linux/netconf.h. `ifindex` may be NETCONFA_IFINDEX_ALL or NETCONFA_IFINDEX_DEFAULT. */
export const netconfAttributes = attributes('NETCONFA', {
  ifindex: s32(1),
  forwarding: s32(2),
  rpFilter: s32(3),
  mcForwarding: s32(4),
  bcForwarding: s32(8),
  proxyNeigh: s32(5),
  ignoreRoutesWithLinkdown: s32(6),
  input: s32(7),
});
export type NetconfAttributes = AttributesOf<typeof netconfAttributes>;

/** RTM_NEWNETCONF, RTM_DELNETCONF, RTM_GETNETCONF. */
export const netconfMessage = message('netconf', netconfmsg, netconfAttributes);
