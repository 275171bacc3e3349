import type { NetDevice } from './device.js';
import type { Flow } from './flow.js';
import type { Namespace } from './namespace.js';

// Routing domains: a layer 3 master device (a VRF) and the devices enslaved to it have a routing table of their own.
// Linux: net/l3mdev, include/net/l3mdev.h

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
