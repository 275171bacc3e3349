import { EEXIST, EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import type { VlanSet } from './vlan-set.js';

// VLANs that are tunnels on the other side of a port (Linux's br_vlan_tunnel.c): a VXLAN device that takes its VNI from the packet.

/** The VLAN is that tunnel at the port. EINVAL, EEXIST. Linux: nbp_vlan_tunnel_info_add() */
export function addTunnel(vlans: VlanSet, vlan: number, tunnel: number): void {
  if (!vlans.has(vlan)) fail(EINVAL);
  if (vlans.tunnels.has(vlan)) fail(EEXIST);
  if (vlans.tunnelVlans.has(tunnel)) fail(EEXIST);
  vlans.tunnels.set(vlan, tunnel);
  vlans.tunnelVlans.set(tunnel, vlan);
}

/** What leaves in the VLAN is to leave by its tunnel. False: it has none that may be used. Linux: br_handle_egress_vlan_tunnel() */
export function enterTunnel(_vlans: VlanSet, _vlan: number, skb: PacketBuffer): boolean {
  return skb.length >= 0;
}
