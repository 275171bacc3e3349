import { attributes, type AttributesOf, be16, be32, binary, many, nest, u8, u32 } from '../attributes.js';

// RTA_ENCAP_TYPE, NHA_ENCAP_TYPE: linux/lwtunnel.h
export const LWTUNNEL_ENCAP_NONE = 0;
export const LWTUNNEL_ENCAP_MPLS = 1;
export const LWTUNNEL_ENCAP_IP = 2;
export const LWTUNNEL_ENCAP_ILA = 3;
export const LWTUNNEL_ENCAP_IP6 = 4;
export const LWTUNNEL_ENCAP_SEG6 = 5;
export const LWTUNNEL_ENCAP_BPF = 6;
export const LWTUNNEL_ENCAP_SEG6_LOCAL = 7;
export const LWTUNNEL_ENCAP_RPL = 8;
export const LWTUNNEL_ENCAP_IOAM6 = 9;
export const LWTUNNEL_ENCAP_XFRM = 10;
export const LWTUNNEL_ENCAP_MAX = LWTUNNEL_ENCAP_XFRM;

/** LWTUNNEL_IP_OPT_GENEVE_*: an option of a Geneve header (RFC 8926 3.5); `data` in whole words of four bytes. */
export const geneveOption = attributes('LWTUNNEL_IP_OPT_GENEVE', { class: be16(1), type: u8(2), data: binary(3, { max: 128 }) });
/** LWTUNNEL_IP_OPT_VXLAN_*: the group policy. */
export const vxlanOption = attributes('LWTUNNEL_IP_OPT_VXLAN', { gbp: u32(1) });
/** LWTUNNEL_IP_OPT_ERSPAN_*: version 1 has an index, version 2 direction and hardware id. */
export const erspanOption = attributes('LWTUNNEL_IP_OPT_ERSPAN', { ver: u8(1), index: be32(2), dir: u8(3), hwid: u8(4) });

/** LWTUNNEL_IP_OPTS_*; of Geneve there may be several. Linux writes these nests without NLA_F_NESTED, but wants it. */
export const tunnelOptions = attributes('LWTUNNEL_IP_OPTS', {
  geneve: many(nest(1, geneveOption)),
  vxlan: nest(2, vxlanOption),
  erspan: nest(3, erspanOption),
});
export type TunnelOptionAttributes = AttributesOf<typeof tunnelOptions>;

/** LWTUNNEL_IP_*: the id is 64 bits in network order. */
export const ipEncap = attributes('LWTUNNEL_IP', {
  id: binary(1, { min: 8, max: 8 }),
  dst: binary(2, { min: 4, max: 4 }),
  src: binary(3, { min: 4, max: 4 }),
  tos: u8(5),
  ttl: u8(4),
  flags: be16(6),
  opts: nest(8, tunnelOptions),
});
export type IpEncapAttributes = AttributesOf<typeof ipEncap>;

/** LWTUNNEL_IP6_* */
export const ip6Encap = attributes('LWTUNNEL_IP6', {
  id: binary(1, { min: 8, max: 8 }),
  dst: binary(2, { min: 16, max: 16 }),
  src: binary(3, { min: 16, max: 16 }),
  tc: u8(5),
  hoplimit: u8(4),
  flags: be16(6),
  opts: nest(8, tunnelOptions),
});
export type Ip6EncapAttributes = AttributesOf<typeof ip6Encap>;

/** TUNNEL_* in LWTUNNEL_IP_FLAGS: linux/if_tunnel.h */
export const ENCAP_CSUM = 0x01;
export const ENCAP_KEY = 0x04;
export const ENCAP_SEQ = 0x08;
