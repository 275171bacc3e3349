import { US_PER_TICK } from '../../../base/clock.js';
import { EEXIST, EINVAL, ENODEV, ENOENT, EOPNOTSUPP, EPERM } from '../../../base/errno.js';
import { fail, NetError } from '../../../base/net-error.js';
import { BridgeDevice } from '../../../net/bridge/bridge-device.js';
import { equalBytes } from '../../../net/bridge/equal.js';
import {
  FDB_ADDED_BY_USER,
  FDB_EXT_LEARNED,
  FDB_LOCAL,
  FDB_OFFLOADED,
  FDB_STATIC,
  FDB_STICKY,
  type FdbEntry,
} from '../../../net/bridge/fdb.js';
import { BR_STATE_FORWARDING, BR_STATE_LEARNING, BridgePort } from '../../../net/bridge/port.js';
import { setExtraAddresses } from '../../../net/core/device-addresses.js';
import type { NetDevice } from '../../../net/core/device.js';
import { AF_BRIDGE, NETLINK_ROUTE, NLM_F_BULK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_MULTI } from '../../../netlink/constants.js';
import { payloadStart } from '../../../netlink/message.js';
import {
  ARPHRD_ETHER,
  NTF_EXT_LEARNED,
  NTF_MASTER,
  NTF_OFFLOADED,
  NTF_SELF,
  NTF_STICKY,
  NTF_USE,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_REACHABLE,
  NUD_STALE,
  RTM_DELNEIGH,
  RTM_NEWNEIGH,
  RTNLGRP_NEIGH,
} from '../../../netlink/rtnl/constants.js';
import { ndmsg, type NeighbourAttributes, type NeighbourHeader, neighbourMessage } from '../../../netlink/rtnl/neighbour.js';
import { ADDRESS_BYTES, isMulticast, isValidAddress } from '../../../wire/ethernet.js';
import type { Dump } from '../../netlink-protocol.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { describeForwarding, forwardingRequest } from '../fdb.js';
import { dumpOrder } from '../link/get.js';

const MAX_VLAN = 4095;

interface Described {
  readonly header: Partial<NeighbourHeader>;
  readonly attributes: NeighbourAttributes;
}

/** Linux: fdb_to_nud() */
function stateOf(bridge: BridgeDevice, entry: FdbEntry): number {
  if ((entry.flags & FDB_LOCAL) !== 0) return NUD_PERMANENT;
  if ((entry.flags & FDB_STATIC) !== 0) return NUD_NOARP;
  return bridge.stack.nowUs - entry.updatedUs >= bridge.holdUs ? NUD_STALE : NUD_REACHABLE;
}

/** Linux: fdb_fill_info() */
export function describeFdb(bridge: BridgeDevice, entry: FdbEntry): Described {
  const { nowUs } = bridge.stack;
  const ticks = (us: number) => Math.max(0, Math.floor((nowUs - us) / US_PER_TICK));
  return {
    header: {
      family: AF_BRIDGE,
      ifindex: entry.port?.device.ifindex ?? bridge.ifindex,
      state: stateOf(bridge, entry),
      flags: ((entry.flags & FDB_STICKY) === 0 ? 0 : NTF_STICKY) | ((entry.flags & FDB_EXT_LEARNED) === 0 ? 0 : NTF_EXT_LEARNED),
    },
    attributes: {
      lladdr: entry.address,
      master: bridge.ifindex,
      cacheinfo: { confirmed: 0, used: ticks(entry.usedUs), updated: ticks(entry.updatedUs), refcnt: 0 },
      ...(entry.vlan === 0 ? {} : { vlan: entry.vlan }),
    },
  };
}

interface Target {
  readonly header: NeighbourHeader;
  readonly attributes: NeighbourAttributes;
  readonly device: NetDevice;
}

function targetOf(request: NetlinkRequest): Target {
  const { header, attributes } = neighbourMessage.parse(request.message);
  if (header.ifindex === 0) fail(EINVAL, 'invalid ifindex');
  const device = request.namespace.deviceByIndex(header.ifindex) ?? fail(ENODEV, 'unknown ifindex');
  if (attributes.vlan !== undefined && (attributes.vlan === 0 || attributes.vlan >= MAX_VLAN)) fail(EINVAL, 'invalid vlan id');
  return { header, attributes, device };
}

const addressOf = ({ lladdr }: NeighbourAttributes): Uint8Array =>
  lladdr === undefined || lladdr.length !== ADDRESS_BYTES ? fail(EINVAL, 'invalid address') : lladdr;

/** RTM_NEWNEIGH of AF_BRIDGE. Linux: rtnl_fdb_add() */
export function addFdb(request: NetlinkRequest): void {
  const { header, attributes, device } = targetOf(request);
  const address = addressOf(attributes);
  if (device.type !== ARPHRD_ETHER) fail(EINVAL, 'FDB add only supported for Ethernet devices');
  if (header.flags === 0 || (header.flags & NTF_MASTER) !== 0) {
    if (device.port instanceof BridgePort) addToBridge(request, device.port.bridge, device.port, header, attributes, address);
    else if ((header.flags & NTF_SELF) === 0) fail(EOPNOTSUPP);
  }
  if ((header.flags & NTF_SELF) === 0) return;
  if (device.forwarding !== null) device.forwarding.add(forwardingRequest(request, header, attributes, address));
  else if (device instanceof BridgeDevice) addToBridge(request, device, null, header, attributes, address);
  else addToDevice(request, device, header, attributes, address);
}

// Linux: br_fdb_add()
function addToBridge(
  request: NetlinkRequest,
  bridge: BridgeDevice,
  port: BridgePort | null,
  header: NeighbourHeader,
  { vlan = 0 }: NeighbourAttributes,
  address: Uint8Array,
): void {
  if ((header.state & (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE)) === 0) fail(EINVAL);
  if (address.every((byte) => byte === 0)) fail(EINVAL);
  const vlans = port?.vlans ?? bridge.vlanSet;
  if (vlan !== 0 && !vlans.has(vlan)) fail(EINVAL);
  for (const id of vlan === 0 ? [0, ...vlans.ids()] : [vlan]) {
    if ((header.flags & NTF_USE) !== 0) useEntry(bridge, port ?? fail(EINVAL), address, id);
    else if ((header.flags & NTF_EXT_LEARNED) !== 0) learnExternally(bridge, port, header, address, id);
    else addEntry(request, bridge, port, header, address, id);
  }
}

/** As if a packet from there had come in. Linux: br_fdb_update() */
function useEntry(bridge: BridgeDevice, port: BridgePort, address: Uint8Array, vlan: number): void {
  if (port.state !== BR_STATE_LEARNING && port.state !== BR_STATE_FORWARDING) return;
  const { fdb, stack } = bridge;
  const known = fdb.find(address, 0, vlan);
  if (known >= 0 && (fdb.flags(known) & FDB_LOCAL) !== 0) return;
  const slot = known >= 0 ? known : fdb.insert(address, 0, vlan, port, 0, stack.nowUs);
  const same = known >= 0 && fdb.port(slot) === port && (fdb.flags(slot) & FDB_ADDED_BY_USER) !== 0;
  fdb.setUpdated(slot, stack.nowUs);
  fdb.setFlags(slot, fdb.flags(slot) | FDB_ADDED_BY_USER);
  if ((fdb.flags(slot) & FDB_STICKY) === 0) fdb.setPort(slot, port);
  if (!same) bridge.announceSlot(slot);
}

/** Somebody else keeps the entry, and it does not age. Linux: br_fdb_external_learn_add() */
function learnExternally(
  bridge: BridgeDevice,
  port: BridgePort | null,
  { state }: NeighbourHeader,
  address: Uint8Array,
  vlan: number,
): void {
  if (port === null && (state & NUD_PERMANENT) === 0) fail(EINVAL);
  const { fdb, stack } = bridge;
  const known = fdb.find(address, 0, vlan);
  const slot = known >= 0 ? known : fdb.insert(address, 0, vlan, port, 0, stack.nowUs);
  const same = known >= 0 && fdb.port(slot) === port && (fdb.flags(slot) & FDB_EXT_LEARNED) !== 0;
  fdb.setPort(slot, port);
  fdb.setFlags(slot, fdb.flags(slot) | FDB_EXT_LEARNED | FDB_ADDED_BY_USER | (port === null ? FDB_LOCAL : 0));
  fdb.setUpdated(slot, stack.nowUs);
  if (!same) bridge.announceSlot(slot);
}

// Linux: fdb_add_entry()
function addEntry(
  request: NetlinkRequest,
  bridge: BridgeDevice,
  port: BridgePort | null,
  { state, flags }: NeighbourHeader,
  address: Uint8Array,
  vlan: number,
): void {
  const { fdb, stack } = bridge;
  const fixed = (state & (NUD_PERMANENT | NUD_NOARP)) !== 0;
  if (port !== null && !fixed && port.state !== BR_STATE_LEARNING && port.state !== BR_STATE_FORWARDING) fail(EPERM);
  if (port === null && (state & NUD_PERMANENT) === 0) fail(EINVAL);
  const sticky = (flags & NTF_STICKY) !== 0;
  if (sticky && (state & NUD_PERMANENT) !== 0) fail(EINVAL);
  let slot = fdb.find(address, 0, vlan);
  if (slot >= 0 && (request.flags & NLM_F_EXCL) !== 0) fail(EEXIST);
  if (slot < 0 && (request.flags & NLM_F_CREATE) === 0) fail(ENOENT);
  if (slot < 0) slot = fdb.insert(address, 0, vlan, port, 0, stack.nowUs);
  const kind = (state & NUD_PERMANENT) !== 0 ? FDB_LOCAL | FDB_STATIC : (state & NUD_NOARP) !== 0 ? FDB_STATIC : 0;
  fdb.setPort(slot, port);
  fdb.setFlags(slot, kind | FDB_ADDED_BY_USER | (sticky ? FDB_STICKY : 0) | ((flags & NTF_EXT_LEARNED) !== 0 ? FDB_EXT_LEARNED : 0));
  fdb.setUpdated(slot, stack.nowUs);
  fdb.setUsed(slot, stack.nowUs);
  bridge.announceSlot(slot);
}

// Linux: ndo_dflt_fdb_add(), macvlan_fdb_add()
function addToDevice(
  request: NetlinkRequest,
  device: NetDevice,
  header: NeighbourHeader,
  { vlan }: NeighbourAttributes,
  address: Uint8Array,
): void {
  const { checkFilterAddress } = device;
  if (checkFilterAddress !== null) checkFilterAddress(address, request.flags);
  else {
    if (header.state !== 0 && (header.state & NUD_PERMANENT) === 0) fail(EINVAL);
    if (vlan !== undefined) fail(EINVAL);
  }
  if (!isValidAddress(address) && !isMulticast(address)) fail(EINVAL);
  if (device.extraAddresses.some((other) => equalBytes(other, address))) {
    if (checkFilterAddress !== null || (request.flags & NLM_F_EXCL) !== 0) fail(EEXIST);
  } else setExtraAddresses(device, [...device.extraAddresses, address]);
  tellOwn(request, device, address, vlan, RTM_NEWNEIGH);
}

/** Linux: rtnl_fdb_notify() */
function tellOwn(request: NetlinkRequest, device: NetDevice, lladdr: Uint8Array, vlan: number | undefined, type: number): void {
  const { namespace } = request;
  request.server.notify({ protocol: NETLINK_ROUTE, namespace, group: RTNLGRP_NEIGH }, (writer, sequence, portId) => {
    const header = { family: AF_BRIDGE, ifindex: device.ifindex, flags: NTF_SELF, state: NUD_NOARP | NUD_PERMANENT };
    neighbourMessage.build(writer, type, 0, sequence, portId, header, { lladdr, ...(vlan === undefined ? {} : { vlan }) });
  });
}

/** RTM_DELNEIGH of AF_BRIDGE, with NLM_F_BULK of many. Linux: rtnl_fdb_del() */
export function deleteFdb(request: NetlinkRequest): void {
  const { header, attributes, device } = targetOf(request);
  const bulk = (request.flags & NLM_F_BULK) !== 0;
  const address = bulk ? null : addressOf(attributes);
  if (device.type !== ARPHRD_ETHER) fail(EINVAL, 'FDB delete only supported for Ethernet devices');
  if (header.flags === 0 || (header.flags & NTF_MASTER) !== 0) {
    const port = device.port instanceof BridgePort ? device.port : null;
    if (port === null) {
      if ((header.flags & NTF_SELF) === 0) fail(EOPNOTSUPP);
    } else if (address === null) flush(port.bridge, port, attributes.ifindex ?? port.device.ifindex, header, attributes);
    else deleteEntries(port.bridge, port, address, attributes.vlan);
  }
  if ((header.flags & NTF_SELF) === 0) return;
  if (device instanceof BridgeDevice) {
    if (address === null) flush(device, null, attributes.ifindex ?? 0, header, attributes);
    else deleteEntries(device, null, address, attributes.vlan);
  } else if (address === null) fail(EOPNOTSUPP);
  else if (device.forwarding !== null) device.forwarding.delete(forwardingRequest(request, header, attributes, address));
  else {
    device.checkFilterAddress?.(address, 0);
    const left = device.extraAddresses.filter((other) => !equalBytes(other, address));
    if (left.length === device.extraAddresses.length) fail(ENOENT);
    setExtraAddresses(device, left);
    tellOwn(request, device, address, attributes.vlan, RTM_DELNEIGH);
  }
}

function deleteEntries(bridge: BridgeDevice, port: BridgePort | null, address: Uint8Array, vlan: number | undefined): void {
  let found = false;
  for (const slot of bridge.fdb.slots()) {
    const entry = bridge.fdb.entry(slot);
    if (entry.port !== port || !equalBytes(entry.address, address) || (vlan !== undefined && entry.vlan !== vlan)) continue;
    bridge.removeSlot(slot);
    found = true;
  }
  if (!found) fail(ENOENT);
}

const stateBits = (state: number): number => ((state & NUD_PERMANENT) === 0 ? 0 : FDB_LOCAL) | ((state & NUD_NOARP) === 0 ? 0 : FDB_STATIC);

// Linux: __ndm_flags_to_fdb_flags()
const flagBits = (flags: number): number =>
  ((flags & NTF_USE) === 0 ? 0 : FDB_ADDED_BY_USER) |
  ((flags & NTF_EXT_LEARNED) === 0 ? 0 : FDB_EXT_LEARNED) |
  ((flags & NTF_STICKY) === 0 ? 0 : FDB_STICKY) |
  ((flags & NTF_OFFLOADED) === 0 ? 0 : FDB_OFFLOADED);

// Linux: br_fdb_delete_bulk(), br_fdb_flush()
function flush(
  bridge: BridgeDevice,
  port: BridgePort | null,
  ifindex: number,
  header: NeighbourHeader,
  attributes: NeighbourAttributes,
): void {
  if (ifindex !== 0 && ifindex !== bridge.ifindex) {
    const target = bridge.namespace.deviceByIndex(ifindex) ?? fail(EINVAL, 'bridge: Unknown flush device ifindex');
    if (!(target.port instanceof BridgePort)) fail(EINVAL, 'bridge: Flush device is not a bridge or bridge port');
    else if (target.port.bridge !== bridge) fail(EINVAL, 'bridge: Flush device is not a port of the bridge');
    else if (port !== null && port !== target.port) fail(EINVAL, "bridge: Flush port doesn't match the port device");
  }
  const mask = stateBits(attributes.ndmStateMask ?? 0) | flagBits(attributes.ndmFlagsMask ?? 0);
  const wanted = stateBits(header.state) | flagBits(header.flags);
  for (const slot of bridge.fdb.slots()) {
    const entry = bridge.fdb.entry(slot);
    if (ifindex !== 0 && (entry.port?.device.ifindex ?? bridge.ifindex) !== ifindex) continue;
    if (attributes.vlan !== undefined && entry.vlan !== attributes.vlan) continue;
    if ((entry.flags & mask) === (wanted & mask)) bridge.removeSlot(slot);
  }
}

/** RTM_GETNEIGH of one entry of AF_BRIDGE. Linux: rtnl_fdb_get() */
export function getFdb(request: NetlinkRequest): void {
  const { header, attributes } = neighbourMessage.parse(request.message);
  const { lladdr, vlan = 0, master } = attributes;
  if (lladdr === undefined) fail(EINVAL, 'Missing lookup address for fdb get request');
  const device =
    header.ifindex === 0 ? undefined : (request.namespace.deviceByIndex(header.ifindex) ?? fail(ENODEV, 'Unknown device ifindex'));
  if (master !== undefined && device !== undefined) fail(EINVAL, 'Master and device are mutually exclusive');
  const named = master === undefined ? undefined : (request.namespace.deviceByIndex(master) ?? fail(EINVAL, 'Invalid master ifindex'));
  let bridge: NetDevice | undefined = named ?? device;
  if (device !== undefined && (header.flags === 0 || (header.flags & NTF_MASTER) !== 0)) {
    if (!(device.port instanceof BridgePort)) return fail(EINVAL, 'Device is not a bridge port');
    bridge = device.port.bridge;
  } else if (device !== undefined && (header.flags & NTF_SELF) === 0) fail(EINVAL, 'Missing NTF_SELF');
  if (bridge === undefined) fail(ENODEV, 'No device specified');
  if (device !== undefined && bridge === device && device.forwarding?.get !== undefined) {
    const record = device.forwarding.get(lladdr, attributes.vni ?? 0) ?? fail(ENOENT, 'Fdb entry not found');
    const found = describeForwarding(device, record);
    request.answer(neighbourMessage, found.header, found.attributes, RTM_NEWNEIGH);
  } else if (!(bridge instanceof BridgeDevice)) fail(EOPNOTSUPP, 'Fdb get operation not supported by device');
  else {
    const slot = bridge.fdb.find(lladdr, 0, vlan);
    if (slot < 0) fail(ENOENT, 'Fdb entry not found');
    const found = describeFdb(bridge, bridge.fdb.entry(slot));
    request.answer(neighbourMessage, found.header, found.attributes, RTM_NEWNEIGH);
  }
}

/** RTM_GETNEIGH of AF_BRIDGE. Linux: rtnl_fdb_dump() */
export function dumpFdb(request: NetlinkRequest): Dump {
  return {
    *messages(writer) {
      const filter = dumpFilter(request);
      const { sequence } = request.message;
      for (const device of dumpOrder(request.namespace)) {
        if (filter.ifindex !== 0 && device.ifindex !== filter.ifindex) continue;
        if (filter.master !== 0 && device.ifindex !== filter.master && device.master?.ifindex !== filter.master) continue;
        for (const { header, attributes } of entriesOf(device)) {
          neighbourMessage.build(writer, RTM_NEWNEIGH, NLM_F_MULTI, sequence, request.socket.portId, header, attributes);
          yield;
        }
      }
    },
  };
}

function* entriesOf(device: NetDevice): Generator<Described> {
  const port = device.port instanceof BridgePort ? device.port : null;
  const bridge = port?.bridge ?? (device instanceof BridgeDevice ? device : null);
  if (bridge !== null)
    for (const slot of bridge.fdb.newestFirst()) {
      const entry = bridge.fdb.entry(slot);
      if (entry.port === port) yield describeFdb(bridge, entry);
    }
  if (device.forwarding !== null) {
    for (const record of device.forwarding.entries()) yield describeForwarding(device, record);
    return;
  }
  // Linux: ndo_dflt_fdb_dump(), which devices with a table of their own do not take part in.
  for (const lladdr of [...device.extraAddresses, ...device.multicastList.groups.map(({ address }) => address)])
    yield { header: { family: AF_BRIDGE, ifindex: device.ifindex, state: NUD_PERMANENT, flags: NTF_SELF }, attributes: { lladdr } };
}

/** Of a request without strict checking, whatever can be read in it. */
function dumpFilter(request: NetlinkRequest): { readonly ifindex: number; readonly master: number } {
  if (request.message.end - payloadStart(request.message) < ndmsg.size) return { ifindex: 0, master: 0 };
  try {
    const { header, attributes } = neighbourMessage.parse(request.message);
    return { ifindex: header.ifindex, master: attributes.master ?? 0 };
  } catch (error) {
    if (error instanceof NetError && !request.strict) return { ifindex: 0, master: 0 };
    throw error;
  }
}
