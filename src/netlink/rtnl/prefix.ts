import { attributes, binary, layout, struct } from '../attributes.js';
import { message } from '../schema.js';

/** struct prefixmsg, linux/rtnetlink.h. */
export const prefixmsg = layout({
  family: 'u8',
  pad1: 'pad8',
  pad2: 'pad16',
  ifindex: 's32',
  type: 'u8',
  len: 'u8',
  flags: 'u8',
  pad3: 'pad8',
});

/** PREFIX_*: what a router announced; seconds. */
export const prefixAttributes = attributes('PREFIX', {
  address: binary(1, { min: 16, max: 16 }),
  cacheinfo: struct(2, { preferredTime: 'u32', validTime: 'u32' }),
});

/** RTM_NEWPREFIX. */
export const prefixMessage = message('prefix', prefixmsg, prefixAttributes);
