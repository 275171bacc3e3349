import type { BridgeDevice } from './bridge-device.js';
import { FDB_LOCAL, FDB_STATIC } from './fdb.js';
import { leaveAll } from './multicast/groups.js';
import type { BridgePort } from './port.js';

// VLANs come to a port, or to the host's own place in the bridge, and go: Linux's br_vlan.c.

const setOf = (bridge: BridgeDevice, port: BridgePort | null) => port?.vlans ?? bridge.vlanSet;
const addressOf = (bridge: BridgeDevice, port: BridgePort | null) => port?.device.address ?? bridge.address;

export function tellVlans(
  bridge: BridgeDevice,
  port: BridgePort | null,
  first: number,
  last: number,
  type: 'vlanNew' | 'vlanDelete' = 'vlanNew',
): void {
  if (bridge.registered) bridge.namespace.bridgeEvents.notify({ type, bridge, port, first, last });
}

/** `port` null: the bridge itself. True: something changed. Linux: nbp_vlan_add(), br_vlan_add() */
export function addVlan(bridge: BridgeDevice, port: BridgePort | null, id: number, untagged: boolean, pvid: boolean): boolean {
  const vlans = setOf(bridge, port);
  const known = vlans.has(id);
  const changed = vlans.add(id, untagged, pvid);
  if (!known) {
    bridge.addLocal(port, addressOf(bridge, port), id);
    bridge.multicast.addVlan(port, id);
    if (port !== null) bridge.tellVlanCarriers();
  }
  return changed;
}

/** False: it was not there. Linux: nbp_vlan_delete(), br_vlan_delete() */
export function deleteVlan(bridge: BridgeDevice, port: BridgePort | null, id: number): boolean {
  const vlans = setOf(bridge, port);
  if (!vlans.has(id)) return false;
  for (const slot of bridge.fdb.slots()) {
    const entry = bridge.fdb.entry(slot);
    if (entry.port !== port || entry.vlan !== id) continue;
    if ((entry.flags & FDB_LOCAL) !== 0) bridge.forgetLocal(slot);
    // What the user said of the VLAN stays.
    else if ((entry.flags & FDB_STATIC) === 0) bridge.removeSlot(slot);
  }
  takeVlan(bridge, port, id);
  return true;
}

function takeVlan(bridge: BridgeDevice, port: BridgePort | null, id: number): void {
  setOf(bridge, port).delete(id);
  if (port !== null) leaveAll(bridge, port, true, id);
  bridge.multicast.deleteVlan(port, id);
  if (port !== null) bridge.tellVlanCarriers();
}

/**
 * The port leaves the bridge, or (null) the bridge goes, and with it all its VLANs: those that follow each other are told of as
 * one. Forwarding entries are others' affair. Linux: nbp_vlan_flush(), br_vlan_flush()
 */
export function deleteAllVlans(bridge: BridgeDevice, port: BridgePort | null): void {
  const ids = setOf(bridge, port).ids();
  for (let i = 0; i < ids.length; ) {
    let end = i;
    while (ids[end + 1] === ids[end]! + 1) end++;
    tellVlans(bridge, port, ids[i]!, ids[end]!, 'vlanDelete');
    i = end + 1;
  }
  for (const id of ids.reverse()) takeVlan(bridge, port, id);
}

/** The VLAN of what has no tag, for all who still have the old one. 0: none. Linux: __br_vlan_set_default_pvid() */
export function setDefaultPvid(bridge: BridgeDevice, id: number): void {
  const old = bridge.defaultPvid;
  if (id === old) return;
  bridge.defaultPvid = id;
  for (const port of [null, ...bridge.ports]) {
    const vlans = setOf(bridge, port);
    const own = old !== 0 && !(vlans.pvid === old && vlans.untagged(old));
    if (own || (id !== 0 && vlans.has(id))) continue;
    if (id !== 0) addVlan(bridge, port, id, true, true);
    if (old !== 0 && deleteVlan(bridge, port, old)) tellVlans(bridge, port, old, old, 'vlanDelete');
    if (id !== 0) tellVlans(bridge, port, id, id);
  }
}
