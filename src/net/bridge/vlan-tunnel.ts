import { EEXIST, EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { ETH_P_8021AD, ETH_P_8021Q } from '../../wire/ethernet.js';
import { bridgeMetadata } from '../core/tunnel-metadata.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import type { BridgePort } from './port.js';
import type { VlanSet } from './vlan-set.js';

// VLANs that are tunnels on the other side of a port (Linux's br_vlan_tunnel.c) (IFLA_BRIDGE_VLAN_TUNNEL_INFO).

/** The VLAN is that tunnel at the port. EINVAL, EEXIST. Linux: nbp_vlan_tunnel_info_add() */
export function addTunnel(vlans: VlanSet, vlan: number, tunnel: number): void {
  if (!vlans.has(vlan)) fail(EINVAL);
  if (vlans.tunnels.has(vlan)) fail(EEXIST);
  if (vlans.tunnelVlans.has(tunnel)) fail(EEXIST);
  vlans.tunnels.set(vlan, tunnel);
  vlans.tunnelVlans.set(tunnel, vlan);
  vlans.tunnelMetadata.set(vlan, bridgeMetadata(tunnel));
}

/** A packet without a tag that came by a tunnel is in the VLAN of that. Linux: br_handle_ingress_vlan_tunnel() */
export function enterByTunnel(port: BridgePort, skb: PacketBuffer): void {
  const { tunnel } = skb;
  if (tunnel === null || skb.vlanTci >= 0 || skb.protocol === ETH_P_8021Q || skb.protocol === ETH_P_8021AD) return;
  const vlan = port.vlans.tunnelVlans.get(tunnel.id);
  if (vlan === undefined) return;
  skb.tunnel = null;
  skb.vlanTci = vlan;
  skb.vlanProtocol = port.bridge.vlanProtocol;
}

/** The tunnel says what the tag said, which comes off. Linux: br_handle_egress_vlan_tunnel() */
export function leaveByTunnel(vlans: VlanSet, vlan: number, skb: PacketBuffer): void {
  const metadata = vlans.tunnelMetadata.get(vlan);
  if (metadata === undefined) return;
  skb.vlanTci = -1;
  skb.dst = null;
  skb.tunnel = metadata;
}
