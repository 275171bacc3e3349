import { type AttributesOf, attributes, binary, layout, u32 } from '../attributes.js';
import { type HeaderOf, message } from '../schema.js';

/** struct ifaddrlblmsg, linux/if_addrlabel.h. */
export const ifaddrlblmsg = layout({ family: 'u8', reserved: 'pad8', prefixlen: 'u8', flags: 'u8', index: 'u32', seq: 'u32' });

/** IFAL_*: a prefix, sixteen bytes in network order, and its label. */
export const addressLabelAttributes = attributes('IFAL', { address: binary(1, { min: 16, max: 16 }), label: u32(2) });
export type AddressLabelAttributes = AttributesOf<typeof addressLabelAttributes>;

/** RTM_NEWADDRLABEL, RTM_DELADDRLABEL, RTM_GETADDRLABEL. */
export const addressLabelMessage = message('address label', ifaddrlblmsg, addressLabelAttributes);
export type AddressLabelHeader = HeaderOf<typeof addressLabelMessage>;
