import { type AttributesOf, attributes, be16, be32, flag, u8, u16, u32 } from '../../attributes.js';

/** IFLA_INFO_DATA of kinds "gre", "gretap" and "erspan": linux/if_tunnel.h, IFLA_GRE_*, in the order of Linux's ipgre_fill_info(). */
export const greData = attributes('IFLA_GRE', {
  link: u32(1),
  iflags: be16(2),
  oflags: be16(3),
  ikey: be32(4),
  okey: be32(5),
  local: be32(6),
  remote: be32(7),
  ttl: u8(8),
  tos: u8(9),
  pmtudisc: u8(10),
  fwmark: u32(20),
  encapType: u16(14),
  encapSport: be16(16),
  encapDport: be16(17),
  encapFlags: u16(15),
  ignoreDf: u8(19),
  collectMetadata: flag(18),
  erspanVer: u8(22),
  erspanIndex: u32(21),
});
export type GreData = AttributesOf<typeof greData>;
