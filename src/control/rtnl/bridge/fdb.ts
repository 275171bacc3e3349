import { US_PER_TICK } from '../../../base/clock.js';
import { EEXIST, EINVAL, ENODEV, ENOENT, EOPNOTSUPP, EPERM } from '../../../base/errno.js';
import { fail, NetError } from '../../../base/net-error.js';
import { BridgeDevice, equalAddresses } from '../../../net/bridge/bridge-device.js';
import { FDB_ADDED_BY_USER, FDB_EXT_LEARNED, FDB_LOCAL, FDB_STATIC, FDB_STICKY, type FdbEntry } from '../../../net/bridge/fdb.js';
import { BR_STATE_FORWARDING, BR_STATE_LEARNING, BridgePort } from '../../../net/bridge/port.js';
import { setExtraAddresses } from '../../../net/core/device-addresses.js';
import type { NetDevice } from '../../../net/core/device.js';
import { AF_BRIDGE, NLM_F_BULK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_MULTI } from '../../../netlink/constants.js';
import { payloadStart } from '../../../netlink/message.js';
import {
  ARPHRD_ETHER,
  NTF_EXT_LEARNED,
  NTF_MASTER,
  NTF_SELF,
  NTF_STICKY,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_REACHABLE,
  NUD_STALE,
  RTM_NEWNEIGH,
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
  for (const id of vlan === 0 ? [0, ...vlans.ids()] : [vlan]) addEntry(request, bridge, port, header, address, id);
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

// Linux: ndo_dflt_fdb_add()
function addToDevice(
  request: NetlinkRequest,
  device: NetDevice,
  header: NeighbourHeader,
  { vlan }: NeighbourAttributes,
  address: Uint8Array,
): void {
  if (header.state !== 0 && (header.state & NUD_PERMANENT) === 0) fail(EINVAL);
  if (vlan !== undefined) fail(EINVAL);
  if (!isValidAddress(address) && !isMulticast(address)) fail(EINVAL);
  if (!device.extraAddresses.some((other) => equalAddresses(other, address)))
    setExtraAddresses(device, [...device.extraAddresses, address]);
  else if ((request.flags & NLM_F_EXCL) !== 0) fail(EEXIST);
}

/** RTM_DELNEIGH of AF_BRIDGE, with NLM_F_BULK of many. Linux: rtnl_fdb_del() */
export function deleteFdb(request: NetlinkRequest): void {
  const { header, attributes, device } = targetOf(request);
  const bulk = (request.flags & NLM_F_BULK) !== 0;
  const address = bulk ? null : addressOf(attributes);
  if (header.flags === 0 || (header.flags & NTF_MASTER) !== 0) {
    const port = device.port instanceof BridgePort ? device.port : null;
    if (port === null) {
      if ((header.flags & NTF_SELF) === 0) fail(EOPNOTSUPP);
    } else if (address === null) flush(port.bridge, port.device.ifindex, header, attributes);
    else deleteEntries(port.bridge, port, address, attributes.vlan);
  }
  if ((header.flags & NTF_SELF) === 0) return;
  if (device instanceof BridgeDevice) {
    if (address === null) flush(device, attributes.ifindex ?? 0, header, attributes);
    else deleteEntries(device, null, address, attributes.vlan);
  } else if (address === null) fail(EOPNOTSUPP);
  else if (device.forwarding !== null) device.forwarding.delete(forwardingRequest(request, header, attributes, address));
  else {
    const left = device.extraAddresses.filter((other) => !equalAddresses(other, address));
    if (left.length === device.extraAddresses.length) fail(ENOENT);
    setExtraAddresses(device, left);
  }
}

function deleteEntries(bridge: BridgeDevice, port: BridgePort | null, address: Uint8Array, vlan: number | undefined): void {
  let found = false;
  for (const slot of bridge.fdb.slots()) {
    const entry = bridge.fdb.entry(slot);
    if (entry.port !== port || !equalAddresses(entry.address, address) || (vlan !== undefined && entry.vlan !== vlan)) continue;
    bridge.removeSlot(slot);
    found = true;
  }
  if (!found) fail(ENOENT);
}

// Linux: br_fdb_delete_bulk(), br_fdb_flush()
function flush(bridge: BridgeDevice, ifindex: number, header: NeighbourHeader, attributes: NeighbourAttributes): void {
  const bits = (state: number) => ((state & NUD_PERMANENT) === 0 ? 0 : FDB_LOCAL) | ((state & NUD_NOARP) === 0 ? 0 : FDB_STATIC);
  const mask = bits(attributes.ndmStateMask ?? 0);
  const wanted = bits(header.state);
  for (const slot of bridge.fdb.slots()) {
    const entry = bridge.fdb.entry(slot);
    if (ifindex !== 0 && entry.port?.device.ifindex !== ifindex) continue;
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
  const named = master === undefined ? undefined : (request.namespace.deviceByIndex(master) ?? fail(EINVAL, 'Unknown bridge ifindex'));
  const bridge = named ?? device?.master ?? device;
  if (bridge === undefined) fail(EINVAL, 'No device specified');
  if (!(bridge instanceof BridgeDevice)) fail(EOPNOTSUPP, 'Get operation not supported by device');
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
    for (const slot of bridge.fdb.slots()) {
      const entry = bridge.fdb.entry(slot);
      if (entry.port === port) yield describeFdb(bridge, entry);
    }
  if (device.forwarding !== null) for (const record of device.forwarding.entries()) yield describeForwarding(device, record);
  // Linux: ndo_dflt_fdb_dump()
  for (const lladdr of device.extraAddresses)
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
