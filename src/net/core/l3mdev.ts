import type { NetDevice } from './device.js';
import type { Flow } from './flow.js';
import type { Namespace } from './namespace.js';
import type { PacketBuffer } from './packet-buffer.js';

// Routing domains: a layer 3 master device (a VRF) and the devices enslaved to it have a routing table of their own.
// Linux: net/l3mdev, include/net/l3mdev.h

/** What a layer 3 master does with the packets of its domain (struct l3mdev_ops). */
export interface L3Domain {
  /**
   * A packet of IPv4 that came in by a member, or by the master itself; from here on it is the master's. False: a hook has taken
   * it. Linux: l3mdev_ip_rcv()
   */
  receive4(skb: PacketBuffer): boolean;
  /** The same of IPv6, which keeps neighbour discovery and what is on the link with the member. Linux: l3mdev_ip6_rcv() */
  receive6(skb: PacketBuffer): boolean;
  /** A packet made here is about to leave by a member: taps and hooks of the master see it. False: a hook has taken it. Linux: l3mdev_l3_out() */
  output(skb: PacketBuffer, family: number): boolean;
}

/** The VRF that a device is or belongs to; null: none. Linux: l3mdev_master_dev_rcu() */
export function l3MasterOf(device: NetDevice): NetDevice | null {
  if (device.l3Table !== 0) return device;
  const { master } = device;
  return master !== null && master.l3Table !== 0 ? master : null;
}

/** The same as an ifindex; 0: none. Linux: l3mdev_master_ifindex_rcu() */
export function l3DomainOf(device: NetDevice): number {
  return l3MasterOf(device)?.ifindex ?? 0;
}

/** The same of a device that may not be there: what a socket is bound to. Linux: l3mdev_master_ifindex_by_index() */
export function l3DomainOfIndex(namespace: Namespace, ifindex: number): number {
  const device = ifindex === 0 ? undefined : namespace.deviceByIndex(ifindex);
  return device === undefined ? 0 : l3DomainOf(device);
}

/** The routing table of the device's domain; 0: it is in none. Linux: l3mdev_fib_table() */
export function l3TableOf(device: NetDevice): number {
  return l3MasterOf(device)?.l3Table ?? 0;
}

/** The device that local traffic of the device's domain passes: its VRF, else the loopback. */
export function l3LoopbackOf(device: NetDevice): NetDevice {
  return l3MasterOf(device) ?? device.namespace.loopback;
}

/** To which VRF a flow belongs, by the device it leaves or came in by. Linux: l3mdev_update_flow() */
export function joinL3Domain(namespace: Namespace, flow: Flow): void {
  if (flow.oif !== 0) {
    const device = namespace.devicesByIndex.get(flow.oif);
    if (device === undefined) return;
    if (flow.l3Domain === 0) flow.l3Domain = l3DomainOf(device);
    // Bound to the VRF itself: any of its devices will do.
    if (device.l3Table !== 0) flow.oif = 0;
    return;
  }
  if (flow.iif === 0 || flow.l3Domain !== 0) return;
  const device = namespace.devicesByIndex.get(flow.iif);
  if (device !== undefined) flow.l3Domain = l3DomainOf(device);
}

/**
 * Whether a socket bound to `bound` (0: to nothing) takes a packet that came in by `ifindex`, as a member of a VRF by `sdif` (0: by no
 * VRF). `acceptsAny`: what is bound to nothing has the packets of all VRFs (tcp_l3mdev_accept and its like). Linux: inet_bound_dev_eq()
 */
export function boundDeviceFits(bound: number, ifindex: number, sdif: number, acceptsAny: boolean): boolean {
  if (bound === 0) return sdif === 0 || acceptsAny;
  return bound === ifindex || bound === sdif;
}
