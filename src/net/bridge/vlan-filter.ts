import { VLAN_VID_MASK } from '../../wire/vlan.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { insertTag } from '../core/vlan-tag.js';
import type { BridgeDevice } from './bridge-device.js';
import { BR_STATE_FORWARDING, BR_STATE_LEARNING, BR_VLAN_TUNNEL, type BridgePort } from './port.js';
import { leaveByTunnel } from './vlan-tunnel.js';
import type { VlanCounters, VlanSet } from './vlan-set.js';
import { HEADER } from '../../wire/ethernet.js';

/**
 * Which VLAN a packet is in as it enters the bridge; 0 where VLANs are not looked at, -1: it may not enter. Behind it the packet
 * has a tag in any case. Linux: br_allowed_ingress()
 */
export function ingressVlan(bridge: BridgeDevice, vlans: VlanSet, skb: PacketBuffer): number {
  if (!bridge.vlanFiltering) return 0;
  // A tag of the other protocol is not ours: it becomes part of the payload.
  if (skb.vlanTci >= 0 && skb.vlanProtocol !== bridge.vlanProtocol) {
    skb.push(HEADER);
    const done = insertTag(skb);
    skb.pull(HEADER);
    if (!done) return -1;
    skb.networkHeader = skb.data;
  }
  let vlan = skb.vlanTci < 0 ? 0 : skb.vlanTci & VLAN_VID_MASK;
  if (vlan === 0) {
    vlan = vlans.pvid;
    if (vlan === 0) return -1;
    skb.vlanTci = Math.max(skb.vlanTci, 0) | vlan;
    skb.vlanProtocol = bridge.vlanProtocol;
  } else if (!vlans.has(vlan)) return -1;
  const state = vlans.state(vlan);
  if (state !== BR_STATE_FORWARDING && state !== BR_STATE_LEARNING) return -1;
  if (bridge.vlanStatistics) {
    const counters = countersOf(bridge, vlans, vlan);
    counters.rxBytes += skb.length;
    counters.rxPackets++;
  }
  return vlan;
}

/** Linux: br_allowed_egress() */
export function allowedEgress(bridge: BridgeDevice, vlans: VlanSet, skb: PacketBuffer): boolean {
  if (!bridge.vlanFiltering) return true;
  const vlan = skb.vlanTci & VLAN_VID_MASK;
  return vlans.has(vlan) && vlans.state(vlan) === BR_STATE_FORWARDING;
}

/** Whose counters of a VLAN they are: those of `vlans`, or where ports do not count by themselves, the bridge's. */
const countersOf = (bridge: BridgeDevice, vlans: VlanSet, vlan: number): VlanCounters =>
  (bridge.vlanStatisticsPerPort ? vlans : bridge.vlanSet).counters(vlan);

/**
 * Takes the tag off where the packet leaves without one, by `port` or (null) into the host.
 * Linux: br_handle_vlan()
 */
export function leaveVlan(bridge: BridgeDevice, vlans: VlanSet, port: BridgePort | null, skb: PacketBuffer): void {
  if (!bridge.vlanFiltering || skb.vlanTci < 0) return;
  const vlan = skb.vlanTci & VLAN_VID_MASK;
  if (bridge.vlanStatistics) {
    const counters = countersOf(bridge, vlans, vlan);
    counters.txBytes += skb.length;
    counters.txPackets++;
  }
  if (port?.has(BR_VLAN_TUNNEL) === true) leaveByTunnel(vlans, vlan, skb);
  if (vlans.untagged(vlan)) skb.vlanTci = -1;
}
