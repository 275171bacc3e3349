import { type AttributesOf, attributes, binary, struct, u32, u64 } from '../attributes.js';
import { message } from '../schema.js';
import { multipath, rtmsg } from './route.js';

/** RTA_* of multicast routes, in the order of Linux's ipmr_fill_mroute(). */
export const mrouteAttributes = attributes('RTA', {
  table: u32(15),
  src: binary(2, { min: 4, max: 16 }),
  dst: binary(1, { min: 4, max: 16 }),
  iif: u32(3),
  /** Hops are the TTLs that a packet must exceed. */
  multipath: multipath(9, true),
  /** Only in requests: the entry is for any source. */
  prefsrc: u32(7),
  mfcStats: struct(17, { packets: 'u64', bytes: 'u64', wrongIf: 'u64' }),
  /** Since its last use, in hundredths of a second. */
  expires: u64(23),
});
export type MrouteAttributes = AttributesOf<typeof mrouteAttributes>;

/** RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE of RTNL_FAMILY_IPMR and RTNL_FAMILY_IP6MR. */
export const mrouteMessage = message('mroute', rtmsg, mrouteAttributes);
