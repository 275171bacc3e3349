import { etherAddressType, ipv4AddressType, ipv6AddressType, linkAddressType } from './address.js';
import { bitmaskType, ifnameType, integerType, invalidType, stringType, verdictType } from './basic.js';
import { ctDirectionType, ctEventType, ctLabelType, ctStateType, ctStatusType } from './ct.js';
import type { Datatype } from './datatype.js';
import * as inet from './inet.js';
import * as meta from './meta.js';
import { dateType, dayType, hourType, timeType } from './time.js';

/** All types; a new one is one definition and one line here. Of a name that several bear, the first is meant. */
// biome-ignore format: a table
export const datatypes: readonly Datatype[] = [
  invalidType, verdictType, meta.nfProtoType, bitmaskType, integerType, stringType, linkAddressType, ipv4AddressType,
  ipv6AddressType, etherAddressType, inet.etherType, inet.arpOperationType, inet.inetProtocolType, inet.inetServiceType,
  inet.icmpTypeType, inet.tcpFlagType, inet.dccpPacketType, inet.mobilityType, timeType, meta.markType, meta.ifindexType,
  meta.arphrdType, meta.realmType, meta.classidType, meta.uidType, meta.gidType, ctStateType, ctDirectionType, ctStatusType,
  inet.icmpv6TypeType, ctLabelType, meta.pktTypeType, inet.icmpCodeType, inet.icmpv6CodeType, inet.icmpxCodeType,
  meta.devgroupType, inet.dscpType, inet.ecnType, meta.fibAddrType, meta.booleanType, ctEventType, ifnameType,
  inet.igmpTypeType, dateType, hourType, dayType, meta.cgroupv2Type,
];

const byName = new Map([...datatypes].reverse().map((type) => [type.name, type]));
const byId = new Map(datatypes.map((type) => [type.id, type]));

/** nft 1.0.6 has these under their numbers alone. */
const nameless: ReadonlySet<Datatype> = new Set([ctLabelType, ctEventType]);

export function datatypeNamed(name: string): Datatype | undefined {
  const type = byName.get(name);
  return type === undefined || nameless.has(type) ? undefined : type;
}

const PART_BITS = 6;
const PART_MASK = (1 << PART_BITS) - 1;

/** Several values side by side, each at its own words of four bytes. */
export function concatType(parts: readonly Datatype[]): Datatype {
  if (parts.length === 1) return parts[0]!;
  return {
    id: parts.reduce((id, part) => ((id << PART_BITS) | part.id) >>> 0, 0),
    name: parts.map((part) => part.name).join(' . '),
    description: `concatenation of (${parts.map((part) => part.description).join(', ')})`,
    bits: parts.reduce((bits, part) => bits + Math.ceil(part.bits / 32) * 32, 0),
    byteorder: 'none',
    parts,
  };
}

/** The type of a set's key or data, from the number that the kernel keeps for us. */
export function datatypeById(id: number): Datatype {
  const single = byId.get(id);
  if (single !== undefined) return single;
  const parts: Datatype[] = [];
  for (let rest = id >>> 0; rest !== 0; rest >>>= PART_BITS) {
    const part = byId.get(rest & PART_MASK);
    if (part === undefined) return invalidType;
    parts.unshift(part);
  }
  return parts.length === 0 ? invalidType : concatType(parts);
}
