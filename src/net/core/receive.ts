import type { NetDevice } from './device.js';
import { DropReason } from './drop-reason.js';
import { NETDEV_INGRESS, runHooks } from './hooks.js';
import { PACKET_OTHERHOST, type PacketBuffer } from './packet-buffer.js';
import { untag } from './vlan-tag.js';
import { ETH_P_8021AD, ETH_P_8021Q } from '../../wire/ethernet.js';
import { VLAN_VID_MASK } from '../../wire/vlan.js';

/**
 * __netif_receive_skb_core(): a frame whose link header was taken off (device.parseHeader()) goes to the taps, to the device's
 * rx handler, and to its protocol. Takes ownership.
 */
export function netifReceive(skb: PacketBuffer): void {
  const device: NetDevice = skb.device!;
  const stack = device.stack;
  if (!device.up) {
    device.statistics.rxDropped++;
    stack.drop(skb, DropReason.DEV_READY);
    return;
  }
  skb.iif = device.ifindex;
  skb.sdif = 0;
  if (skb.vlanTci < 0 && (skb.protocol === ETH_P_8021Q || skb.protocol === ETH_P_8021AD) && !untag(skb)) {
    device.statistics.rxDropped++;
    stack.drop(skb, DropReason.HDR_TRUNC);
    return;
  }
  skb.networkHeader = skb.data;
  const taps = device.taps;
  for (let i = 0; i < taps.length; i++) taps[i]!(skb, device, false);
  if (device.ingressHooks !== null && !runHooks(device.ingressHooks.members, skb, NETDEV_INGRESS, device, null)) return;
  if (skb.vlanTci >= 0 && device.vlans !== null) {
    const vlan = device.vlans.find(skb.vlanProtocol, skb.vlanTci & VLAN_VID_MASK);
    if (vlan !== null) {
      vlan.receiveTagged(skb);
      return;
    }
  }
  if (device.rxHandler?.(skb, device)) return;
  if (skb.vlanTci >= 0) {
    // A tag that nobody asked for: the packet is for somebody else, unless the tag is priority alone (VLAN id 0).
    if ((skb.vlanTci & VLAN_VID_MASK) !== 0) skb.packetType = PACKET_OTHERHOST;
    skb.vlanTci = -1;
  }
  const handler = stack.packetTypes.get(skb.protocol);
  if (handler === undefined) {
    device.statistics.rxDropped++;
    stack.drop(skb, DropReason.UNHANDLED_PROTO);
    return;
  }
  handler(skb, device);
}
