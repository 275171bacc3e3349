import type { PacketBuffer } from '../core/packet-buffer.js';
import type { Ipv6Device } from './device.js';
import type { Ipv6 } from './ipv6.js';
import { Icmp6Mib, Icmp6Stats, type Ip6Mib } from './snmp.js';

/** Counts for the namespace and for the device that it concerns; null: for none. Linux: IP6_INC_STATS(), IP6_ADD_STATS() */
export function ip6Count(ipv6: Ipv6, owner: Ipv6Device | null, what: Ip6Mib, by = 1): void {
  ipv6.stats[what]! += by;
  if (owner !== null) owner.stats[what]! += by;
}

// Linux: ICMP6_INC_STATS()
export function icmp6Count(ipv6: Ipv6, owner: Ipv6Device | null, what: Icmp6Mib): void {
  ipv6.icmpStats.counts[what]!++;
  if (owner !== null) icmpStatsOf(owner).counts[what]!++;
}

/** A message of that type has come in whole. Linux: ICMP6MSGIN_INC_STATS() */
export function icmp6CountIn(ipv6: Ipv6, owner: Ipv6Device | null, type: number): void {
  ipv6.icmpStats.inType[type]!++;
  if (owner !== null) icmpStatsOf(owner).inType[type]!++;
}

/** A message of that type leaves. Linux: ICMP6MSGOUT_INC_STATS() */
export function icmp6CountOut(ipv6: Ipv6, owner: Ipv6Device | null, type: number): void {
  icmp6Count(ipv6, owner, Icmp6Mib.OutMsgs);
  ipv6.icmpStats.outType[type]!++;
  if (owner !== null) icmpStatsOf(owner).outType[type]!++;
}

/** Made with the device's first message, and never again. */
function icmpStatsOf(owner: Ipv6Device): Icmp6Stats {
  owner.icmpStats ??= new Icmp6Stats();
  return owner.icmpStats;
}

/** The device that a packet counts for by its route: of one for this host, that which has the address. Linux: ip6_dst_idev() */
export function routeOwner(ipv6: Ipv6, skb: PacketBuffer): Ipv6Device | null {
  return skb.dst === null ? heldBy(skb) : ipv6.asRoute(skb.dst).owner;
}

/** The device that it is at: in a VRF, the VRF's own. Linux: __in6_dev_get(skb->dev) */
export function heldBy(skb: PacketBuffer): Ipv6Device | null {
  return skb.device === null ? null : skb.device.ipv6;
}

/** The device that it came in by: in a VRF, the member. Linux: IP6CB(skb)->iif */
export function enteredBy(ipv6: Ipv6, skb: PacketBuffer): Ipv6Device | null {
  const ifindex = skb.sdif !== 0 ? skb.sdif : skb.iif;
  return ifindex === 0 ? heldBy(skb) : (ipv6.namespace.deviceByIndex(ifindex)?.ipv6 ?? null);
}
