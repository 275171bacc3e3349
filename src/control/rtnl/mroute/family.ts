import { type MfcEntry, type MrTable, NO_FORWARD } from '../../../net/core/mroute/table.js';
import type { MrTables } from '../../../net/core/mroute/tables.js';
import type { Namespace } from '../../../net/core/namespace.js';
import { RTNL_FAMILY_IP6MR, RTNL_FAMILY_IPMR } from '../../../netlink/constants.js';
import {
  RTN_MULTICAST,
  RTNH_F_UNRESOLVED,
  RTNLGRP_IPV4_MROUTE,
  RTNLGRP_IPV6_MROUTE,
  RTPROT_MROUTED,
  RTPROT_STATIC,
} from '../../../netlink/rtnl/constants.js';
import type { MrouteAttributes } from '../../../netlink/rtnl/mroute.js';
import type { RouteHeader } from '../../../netlink/rtnl/route.js';
import { addressFromBytes, addressToBytes, type In6 } from '../../../wire/ipv6.js';
import { ipv4Bytes, ipv4Number } from '../ipv4.js';
import { tableByte } from '../route/describe.js';

const US_PER_HUNDREDTH = 10_000;

/** Multicast routes of one family as rtnetlink has them. */
export interface MrouteFamily<A> {
  /** RTNL_FAMILY_* */
  readonly family: number;
  readonly group: number;
  readonly name: 'ipv4' | 'ipv6';
  readonly addressBits: number;
  tables(namespace: Namespace): MrTables<A>;
  bytes(address: A): Uint8Array;
  parse(bytes: Uint8Array): A;
}

export const ipv4Mroutes: MrouteFamily<number> = {
  family: RTNL_FAMILY_IPMR,
  group: RTNLGRP_IPV4_MROUTE,
  name: 'ipv4',
  addressBits: 32,
  tables: (namespace) => namespace.ipv4.multicastRouting.tables,
  bytes: ipv4Bytes,
  parse: ipv4Number,
};

export const ipv6Mroutes: MrouteFamily<In6> = {
  family: RTNL_FAMILY_IP6MR,
  group: RTNLGRP_IPV6_MROUTE,
  name: 'ipv6',
  addressBits: 128,
  tables: (namespace) => namespace.ipv6.multicastRouting.tables,
  bytes: (address) => addressToBytes(address),
  parse: (bytes) => addressFromBytes(bytes),
};

/** Linux: ipmr_fill_mroute(), mr_fill_mroute() */
export function describeMroute<A>(
  family: MrouteFamily<A>,
  table: MrTable<A>,
  entry: MfcEntry<A>,
): { readonly header: RouteHeader; readonly attributes: MrouteAttributes } {
  const header: RouteHeader = {
    family: family.family,
    dstLen: family.addressBits,
    srcLen: family.addressBits,
    tos: 0,
    table: tableByte(table.id),
    protocol: entry.resolved ? (entry.fixed ? RTPROT_STATIC : RTPROT_MROUTED) : 0,
    scope: 0,
    type: RTN_MULTICAST,
    flags: entry.resolved ? 0 : RTNH_F_UNRESOLVED,
  };
  const named = { table: table.id, src: family.bytes(entry.origin), dst: family.bytes(entry.group) };
  if (!entry.resolved) return { header, attributes: named };
  const parent = table.vifs[entry.parent];
  const multipath = [];
  for (let i = entry.minVif; i < entry.maxVif; i++) {
    const vif = table.vifs[i];
    if (vif == null || entry.ttls[i] === NO_FORWARD) continue;
    multipath.push({ flags: 0, hops: entry.ttls[i]!, ifindex: vif.device.ifindex, attributes: {} });
  }
  return {
    header,
    attributes: {
      ...named,
      ...(parent == null ? {} : { iif: parent.device.ifindex }),
      multipath,
      mfcStats: { packets: entry.packets, bytes: entry.bytes, wrongIf: entry.wrongIf },
      expires: Math.floor((table.stack.nowUs - entry.lastUseUs) / US_PER_HUNDREDTH),
    },
  };
}
