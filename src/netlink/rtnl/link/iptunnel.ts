import { type AttributesOf, attributes, be16, be32, binary, flag, u8, u16, u32 } from '../../attributes.js';

/** IFLA_INFO_DATA of kinds "ipip" and "sit": linux/if_tunnel.h, IFLA_IPTUN_*, in the order of Linux's ipip6_fill_info(). */
export const ipTunnelData = attributes('IFLA_IPTUN', {
  link: u32(1),
  local: be32(2),
  remote: be32(3),
  ttl: u8(4),
  tos: u8(5),
  /** IPPROTO_*; 0: any. */
  proto: u8(9),
  pmtudisc: u8(10),
  flags: be16(8),
  fwmark: u32(20),
  sixRdPrefix: binary(11, { min: 16, max: 16 }),
  sixRdRelayPrefix: be32(12),
  sixRdPrefixLength: u16(13),
  sixRdRelayPrefixLength: u16(14),
  encapType: u16(15),
  encapSport: be16(17),
  encapDport: be16(18),
  encapFlags: u16(16),
  collectMetadata: flag(19),
});
export type IpTunnelData = AttributesOf<typeof ipTunnelData>;

/** IFLA_IPTUN_FLAGS */
export const SIT_ISATAP = 1;
