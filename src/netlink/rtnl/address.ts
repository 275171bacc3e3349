import { type AttributesOf, attributes, binary, layout, s32, string, struct, u8, u32 } from '../attributes.js';
import { type HeaderOf, message } from '../schema.js';
import { IFNAMSIZ } from './constants.js';

/** struct ifaddrmsg, linux/if_addr.h. */
export const ifaddrmsg = layout({ family: 'u8', prefixlen: 'u8', flags: 'u8', scope: 'u8', index: 'u32' });

/** IFA_*, linux/if_addr.h, in the order of Linux's inet_fill_ifaddr(). Addresses are 4 or 16 bytes in network order. */
export const addressAttributes = attributes('IFA', {
  targetNetnsid: s32(10),
  address: binary(1, { min: 4, max: 16 }),
  local: binary(2, { min: 4, max: 16 }),
  broadcast: binary(4, { min: 4, max: 16 }),
  anycast: binary(5, { min: 4, max: 16 }),
  label: string(3, { max: IFNAMSIZ - 1 }),
  proto: u8(11),
  flags: u32(8),
  rtPriority: u32(9),
  multicast: binary(7, { min: 4, max: 16 }),
  /** Seconds, 0xffffffff for ever; stamps in hundredths of seconds since boot. */
  cacheinfo: struct(6, { prefered: 'u32', valid: 'u32', cstamp: 'u32', tstamp: 'u32' }),
});
export type AddressAttributes = AttributesOf<typeof addressAttributes>;

/** RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR. */
export const addressMessage = message('address', ifaddrmsg, addressAttributes);
export type AddressHeader = HeaderOf<typeof addressMessage>;
