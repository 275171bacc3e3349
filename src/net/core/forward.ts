import { IFF_UP } from '../../netlink/rtnl/constants.js';
import type { NetDevice } from './device.js';
import { GSO_NONE, type PacketBuffer } from './packet-buffer.js';
import type { PacketPool } from './packet-pool.js';

// What a packet must pass and leave behind when one device hands it to another (pairs, bridges, tunnels).

/** Room for a VLAN tag that a frame may have beyond the MTU. */
const VLAN_HLEN = 4;

/** Whether a frame, link header at `skb.data`, may be received by `device`. Linux: is_skb_forwardable() */
export function isForwardable(device: NetDevice, skb: PacketBuffer): boolean {
  if ((device.flags & IFF_UP) === 0) return false;
  // A super-packet is cut to size by whoever needs it smaller.
  return skb.gsoType !== GSO_NONE || skb.tail - skb.data <= device.mtu + device.hardHeaderBytes + VLAN_HLEN;
}

/**
 * Forgets what the packet was on its way so far; across namespaces also what belongs to the old one.
 * Linux: skb_scrub_packet(), skb_orphan()
 */
export function scrub(pool: PacketPool, skb: PacketBuffer, acrossNamespaces: boolean): void {
  skb.socket = null;
  skb.timestampUs = 0;
  skb.iif = 0;
  skb.sdif = 0;
  skb.dst = null;
  skb.tunnel = null;
  if (skb.conntrack !== 0) pool.dropConntrack(skb);
  skb.conntrackInfo = 0;
  skb.priority = 0;
  if (acrossNamespaces) {
    skb.ipvs = false;
    skb.mark = 0;
    skb.trace = 0;
  }
}
