import { type AttributesOf, attributes, layout, s32, u32 } from '../attributes.js';
import { message } from '../schema.js';

/** struct rtgenmsg, linux/rtnetlink.h. */
export const rtgenmsg = layout({ family: 'u8' });

/** NETNSA_*, linux/net_namespace.h. On our bus NETNSA_FD is the namespace's id in the `tapstack` family (NETNS_GET). */
export const nsidAttributes = attributes('NETNSA', {
  nsid: s32(1),
  pid: u32(2),
  fd: u32(3),
  targetNsid: s32(4),
  currentNsid: s32(5),
});
export type NsidAttributes = AttributesOf<typeof nsidAttributes>;

/** RTM_NEWNSID, RTM_DELNSID, RTM_GETNSID. */
export const nsidMessage = message('nsid', rtgenmsg, nsidAttributes);
