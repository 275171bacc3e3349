import { ETH_P_IP, ETH_P_IPV6 } from '../../../wire/ethernet.js';
import * as icmpv6 from '../../../wire/icmpv6.js';
import * as igmp from '../../../wire/igmp.js';
import * as ipv4 from '../../../wire/ipv4.js';
import * as ipv6 from '../../../wire/ipv6.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { BridgeDevice } from '../bridge-device.js';
import type { MdbEntry } from './database.js';
import { querierExists } from './querier.js';
import { packetKey } from './snoop.js';

/** Who is told to be a member of what the packet is for; null: nobody. Linux: br_mdb_get() */
export function lookupGroup(bridge: BridgeDevice, skb: PacketBuffer, vlan: number): MdbEntry | null {
  const { multicast } = bridge;
  if (!multicast.enabled || multicast.database.size === 0) return null;
  const context = multicast.contextOf(vlan);
  if (context === null || !multicast.isActive(context)) return null;
  const key = packetKey(skb, vlan);
  if (key.protocol === 0) return multicast.database.find(key);
  if (context.handlesSources(key.protocol === ETH_P_IPV6)) {
    const entry = multicast.database.find(key);
    if (entry !== null) return entry;
  }
  return multicast.database.find(key.anySource());
}

/** Whether what the database says is to be relied on: somebody asks for members. Ethernet groups need nobody who does. */
export function goesToMembers(bridge: BridgeDevice, skb: PacketBuffer, vlan: number, entry: MdbEntry | null): boolean {
  const context = bridge.multicast.contextOf(vlan);
  if (context === null) return false;
  if (skb.protocol === ETH_P_IP) return querierExists(context, false);
  if (skb.protocol === ETH_P_IPV6) return querierExists(context, true);
  return entry !== null && entry.key.protocol === 0;
}

/** The type of the IGMP or MLD message that the packet is, `skb.data` at its network header; 0: of none. */
export function controlType(skb: PacketBuffer): number {
  const { view, data: at } = skb;
  if (skb.protocol === ETH_P_IP) {
    if (skb.length < ipv4.HEADER || ipv4.protocol(view, at) !== igmp.PROTOCOL) return 0;
    const header = ipv4.headerLength(view, at);
    return skb.length < header + igmp.HEADER ? 0 : igmp.type(view, at + header);
  }
  if (skb.protocol !== ETH_P_IPV6 || skb.length < ipv6.HEADER + 8 + icmpv6.HEADER) return 0;
  const options = at + ipv6.HEADER;
  if (ipv6.nextHeader(view, at) !== ipv6.NEXTHDR_HOP || view.getUint8(options) !== ipv6.NEXTHDR_ICMPV6) return 0;
  const message = options + (view.getUint8(options + 1) + 1) * 8;
  return message >= skb.tail ? 0 : icmpv6.type(view, message);
}
