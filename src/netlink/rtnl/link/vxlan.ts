import { type AttributeCodec, type AttributesOf, attributes, be16, be32, binary, flag, struct, u8, u32 } from '../../attributes.js';

/** A flag without a payload in requests, a byte in answers (IFLA_VXLAN_TTL_INHERIT). */
const flagOrByte = (type: number): AttributeCodec<number> => ({
  type,
  read: (source, start, end) => (end > start ? source.view.getUint8(start) : 1),
  write: (writer, value) => writer.u8(value),
});

/** IFLA_INFO_DATA of kind "vxlan": linux/if_link.h, IFLA_VXLAN_*, in the order of Linux's vxlan_fill_info(). */
export const vxlanData = attributes('IFLA_VXLAN', {
  id: u32(1),
  group: be32(2),
  group6: binary(16, { min: 16, max: 16 }),
  link: u32(3),
  local: be32(4),
  local6: binary(17, { min: 16, max: 16 }),
  ttl: u8(5),
  ttlInherit: flagOrByte(28),
  tos: u8(6),
  df: u8(29),
  label: be32(26),
  learning: u8(7),
  proxy: u8(11),
  rsc: u8(12),
  l2miss: u8(13),
  l3miss: u8(14),
  collectMetadata: u8(25),
  /** Seconds. */
  ageing: u32(8),
  limit: u32(9),
  port: be16(15),
  udpCsum: u8(18),
  udpZeroCsum6Tx: u8(19),
  udpZeroCsum6Rx: u8(20),
  remcsumTx: u8(21),
  remcsumRx: u8(22),
  portRange: struct(10, { low: 'be16', high: 'be16' }),
  gbp: flag(23),
  gpe: flag(27),
  remcsumNopartial: flag(24),
  vnifilter: u8(30),
});
export type VxlanData = AttributesOf<typeof vxlanData>;

/** IFLA_VXLAN_DF */
export const VXLAN_DF_UNSET = 0;
export const VXLAN_DF_SET = 1;
export const VXLAN_DF_INHERIT = 2;
