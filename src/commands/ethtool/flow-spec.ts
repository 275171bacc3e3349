import { FlowSpec } from '../../netlink/genl/ethtool/ioctl.js';
import { formatIpv6, parseIpv6 } from '../../wire/ipv6-address.js';
import { integer } from './ioctl-words.js';
import { badArguments } from './subcommand.js';

// linux/ethtool.h: struct ethtool_rx_flow_spec, by the fields that the command line knows.

/** Flag bits of flow_type: fields of ext are meant; the destination MAC in it; an RSS context. */
export const FLOW_EXT = 0x8000_0000;
export const FLOW_MAC_EXT = 0x4000_0000;
export const FLOW_RSS = 0x2000_0000;
/** RX_CLS_FLOW_DISC, RX_CLS_FLOW_WAKE, RX_CLS_LOC_ANY */
export const DISCARD = 0xffff_ffff_ffff_ffffn;
export const WAKE = 0xffff_ffff_ffff_fffen;
export const LOCATION_ANY = 0xffff_ffff;

/** How a field is written and shown. */
type FieldKind = 'mac' | 'ip4' | 'ip6' | 'be16' | 'be32' | 'u8';

export interface FlowField {
  readonly word: string;
  readonly at: number;
  readonly kind: FieldKind;
}

export interface FlowType {
  readonly word: string;
  readonly number: number;
  /** What its rules are called: "TCP over IPv4". */
  readonly title: string;
  readonly fields: readonly FlowField[];
  /** Protocol of its packets, where the type says it; 0: any. */
  readonly protocol: number;
  readonly family: 0 | 4 | 6;
}

const field = (word: string, at: number, kind: FieldKind): FlowField => ({ word, at, kind });
const ip4 = [field('src-ip', 0, 'ip4'), field('dst-ip', 4, 'ip4')];
const ip6 = [field('src-ip', 0, 'ip6'), field('dst-ip', 16, 'ip6')];
const ports4 = [...ip4, field('src-port', 8, 'be16'), field('dst-port', 10, 'be16'), field('tos', 12, 'u8')];
const ports6 = [...ip6, field('src-port', 32, 'be16'), field('dst-port', 34, 'be16'), field('tclass', 36, 'u8')];
const spi4 = [...ip4, field('spi', 8, 'be32'), field('tos', 12, 'u8')];
const spi6 = [...ip6, field('spi', 32, 'be32'), field('tclass', 36, 'u8')];

export const flowTypes: readonly FlowType[] = [
  { word: 'tcp4', number: 1, title: 'TCP over IPv4', fields: ports4, protocol: 6, family: 4 },
  { word: 'udp4', number: 2, title: 'UDP over IPv4', fields: ports4, protocol: 17, family: 4 },
  { word: 'sctp4', number: 3, title: 'SCTP over IPv4', fields: ports4, protocol: 132, family: 4 },
  { word: 'ah4', number: 9, title: 'IPSEC AH over IPv4', fields: spi4, protocol: 51, family: 4 },
  { word: 'esp4', number: 10, title: 'IPSEC ESP over IPv4', fields: spi4, protocol: 50, family: 4 },
  {
    word: 'ip4',
    number: 13,
    title: 'Raw IPv4',
    fields: [...ip4, field('l4data', 8, 'be32'), field('tos', 12, 'u8'), field('l4proto', 14, 'u8')],
    protocol: 0,
    family: 4,
  },
  { word: 'tcp6', number: 5, title: 'TCP over IPv6', fields: ports6, protocol: 6, family: 6 },
  { word: 'udp6', number: 6, title: 'UDP over IPv6', fields: ports6, protocol: 17, family: 6 },
  { word: 'sctp6', number: 7, title: 'SCTP over IPv6', fields: ports6, protocol: 132, family: 6 },
  { word: 'ah6', number: 11, title: 'IPSEC AH over IPv6', fields: spi6, protocol: 51, family: 6 },
  { word: 'esp6', number: 12, title: 'IPSEC ESP over IPv6', fields: spi6, protocol: 50, family: 6 },
  {
    word: 'ip6',
    number: 14,
    title: 'Raw IPv6',
    fields: [...ip6, field('l4data', 32, 'be32'), field('tclass', 36, 'u8'), field('l4proto', 37, 'u8')],
    protocol: 0,
    family: 6,
  },
  {
    word: 'ether',
    number: 18,
    title: 'Raw Ethernet',
    fields: [field('dst', 0, 'mac'), field('src', 6, 'mac'), field('proto', 12, 'be16')],
    protocol: 0,
    family: 0,
  },
];

/** Fields of struct ethtool_flow_ext, which any flow may have besides. */
export const extFields: readonly (FlowField & { readonly flag: number })[] = [
  { ...field('dst-mac', 2, 'mac'), flag: FLOW_MAC_EXT },
  { ...field('vlan-etype', 8, 'be16'), flag: FLOW_EXT },
  { ...field('vlan', 10, 'be16'), flag: FLOW_EXT },
  { ...field('user-def', 12, 'be32'), flag: FLOW_EXT },
];

const sizes: Readonly<Record<FieldKind, number>> = { mac: 6, ip4: 4, ip6: 16, be16: 2, be32: 4, u8: 1 };

/** The bytes of a word, as the field has them. */
export function parseField({ kind, word: name }: FlowField, word: string): Uint8Array {
  if (kind === 'mac') {
    const parts = word.split(':');
    if (parts.length !== 6 || parts.some((part) => !/^[0-9a-fA-F]{1,2}$/.test(part))) badArguments();
    return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
  }
  if (kind === 'ip4') {
    const parts = word.split('.').map(Number);
    if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) badArguments();
    return Uint8Array.from(parts);
  }
  if (kind === 'ip6') return parseIpv6(word) ?? badArguments();
  const size = name === 'user-def' ? 8 : sizes[kind];
  const value = BigInt(integer(word));
  if (value >> BigInt(size * 8) !== 0n) badArguments();
  return Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt((size - 1 - i) * 8)) & 0xffn));
}

const hexByte = (byte: number) => byte.toString(16).padStart(2, '0').toUpperCase();

/** A field's value, or of its mask what is not asked (`inverted`), as shown. */
export function fieldText(bytes: Uint8Array, { at, kind }: FlowField, base: 10 | 16, inverted: boolean): string {
  const value = bytes.slice(at, at + sizes[kind]);
  if (inverted) for (let i = 0; i < value.length; i++) value[i]! ^= 0xff;
  if (kind === 'mac') return [...value].map(hexByte).join(':');
  if (kind === 'ip4') return [...value].join('.');
  if (kind === 'ip6') return formatIpv6(value);
  const number = value.reduce((total, byte) => total * 256 + byte, 0);
  return base === 10 ? String(number) : `0x${number.toString(16)}`;
}

export const emptySpec = () => new Uint8Array(new ArrayBuffer(FlowSpec.size));
