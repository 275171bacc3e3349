import { EEXIST, EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { VlanSet } from './vlan-set.js';

// VLANs that are tunnels on the other side of a port (Linux's br_vlan_tunnel.c) (IFLA_BRIDGE_VLAN_TUNNEL_INFO).

/** The VLAN is that tunnel at the port. EINVAL, EEXIST. Linux: nbp_vlan_tunnel_info_add() */
export function addTunnel(vlans: VlanSet, vlan: number, tunnel: number): void {
  if (!vlans.has(vlan)) fail(EINVAL);
  if (vlans.tunnels.has(vlan)) fail(EEXIST);
  if (vlans.tunnelVlans.has(tunnel)) fail(EEXIST);
  vlans.tunnels.set(vlan, tunnel);
  vlans.tunnelVlans.set(tunnel, vlan);
}
