import { EEXIST, EINVAL, ENODEV, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { BridgeDevice } from '../../../net/bridge/bridge-device.js';
import { bridgeModuleLoaded } from '../../../net/bridge/loaded.js';
import type { MulticastContext, PortMulticastContext } from '../../../net/bridge/multicast/context.js';
import {
  type MdbEntry,
  PG_BLOCKED,
  PG_FAST_LEAVE,
  PG_PERMANENT,
  PG_STAR_EXCLUDE,
  type PortMembership,
} from '../../../net/bridge/multicast/database.js';
import { ethernetGroup, GroupKey, isZero } from '../../../net/bridge/multicast/group-key.js';
import { addStatic, dropIfEmpty, joinHost, leaveHost, obtainEntry, remove } from '../../../net/bridge/multicast/groups.js';
import { isRouterPort } from '../../../net/bridge/multicast/routers.js';
import { timerTicks } from '../../../net/bridge/port-settings.js';
import { BridgePort } from '../../../net/bridge/port.js';
import { AF_BRIDGE, NLM_F_MULTI } from '../../../netlink/constants.js';
import { RTM_GETMDB } from '../../../netlink/rtnl/constants.js';
import {
  MDB_FLAGS_BLOCKED,
  MDB_FLAGS_FAST_LEAVE,
  MDB_FLAGS_STAR_EXCL,
  MDB_PERMANENT,
  MDB_TEMPORARY,
  type MdbEntryAttributes,
  type MdbEntryStruct,
  mdbMessage,
  mdbSetMessage,
} from '../../../netlink/rtnl/mdb.js';
import { ETH_P_IP, ETH_P_IPV6, isMulticast as isEthernetMulticast } from '../../../wire/ethernet.js';
import * as ipv4 from '../../../wire/ipv4.js';
import * as ipv6 from '../../../wire/ipv6.js';
import type { Dump } from '../../netlink-protocol.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { dumpOrder } from '../link/get.js';

const MAX_VLAN = 4095;

/** The protocol's bytes of an address that is kept in words. */
function addressBytes(protocol: number, words: Uint32Array): Uint8Array {
  if (protocol === 0) {
    const [high = 0, low = 0] = words;
    return Uint8Array.of(high >>> 8, high & 0xff, low >>> 24, (low >>> 16) & 0xff, (low >>> 8) & 0xff, low & 0xff);
  }
  const bytes = ipv6.addressToBytes(words);
  return protocol === ETH_P_IP ? bytes.slice(0, 4) : bytes;
}

interface Described {
  readonly head: MdbEntryStruct;
  readonly attributes: MdbEntryAttributes;
}

/** Linux: __mdb_fill_info() */
export function describeMembership(bridge: BridgeDevice, entry: MdbEntry, membership: PortMembership | null): Described {
  const { key } = entry;
  const flags = membership?.flags ?? 0;
  const context = bridge.multicast.contextOf(0) ?? bridge.multicast.context;
  const sources = membership !== null && key.protocol !== 0 && context.handlesSources(key.protocol === ETH_P_IPV6);
  return {
    head: {
      ifindex: membership?.port.device.ifindex ?? bridge.ifindex,
      state: (flags & PG_PERMANENT) !== 0 ? MDB_PERMANENT : MDB_TEMPORARY,
      flags:
        ((flags & PG_FAST_LEAVE) === 0 ? 0 : MDB_FLAGS_FAST_LEAVE) |
        ((flags & PG_STAR_EXCLUDE) === 0 ? 0 : MDB_FLAGS_STAR_EXCL) |
        ((flags & PG_BLOCKED) === 0 ? 0 : MDB_FLAGS_BLOCKED),
      vid: key.vid,
      protocol: key.protocol,
      address: addressBytes(key.protocol, key.group),
    },
    attributes: {
      timer: timerTicks(bridge, membership?.timer ?? entry.timer),
      ...(isZero(key.source) ? {} : { source: addressBytes(key.protocol, key.source) }),
      ...(membership === null ? {} : { protocol: membership.protocol }),
      ...(sources && membership.sources.length > 0
        ? {
            sources: membership.sources.map((source) => ({
              address: addressBytes(key.protocol, source.address),
              timer: timerTicks(bridge, source.timer),
            })),
          }
        : {}),
      ...(sources ? { groupMode: membership.filterMode } : {}),
    },
  };
}

/** Linux: br_rports_fill_info() */
export function describeRouters(context: MulticastContext) {
  const { bridge } = context;
  const ports = bridge.multicast.portsOf(context).filter((port) => isRouterPort(port, false) || isRouterPort(port, true));
  return { ports: ports.map((port) => describeRouter(bridge, port)) };
}

function describeRouter(bridge: BridgeDevice, port: PortMulticastContext) {
  const four = timerTicks(bridge, port.ip4RouterTimer);
  const six = timerTicks(bridge, port.ip6RouterTimer);
  return {
    head: port.port.device.ifindex,
    attributes: {
      timer: Math.max(four, six),
      type: port.router,
      ...(isRouterPort(port, false) ? { inetTimer: four } : {}),
      ...(isRouterPort(port, true) ? { inet6Timer: six } : {}),
      ...(port.context.vid === 0 ? {} : { vid: port.context.vid }),
    },
  };
}

/** RTM_GETMDB of all bridges, one message each. Linux: br_mdb_dump() */
export function dumpMdb(request: NetlinkRequest): Dump {
  if (!bridgeModuleLoaded(request.namespace.stack)) fail(EOPNOTSUPP);
  return {
    *messages(writer) {
      const { ifindex } = mdbMessage.readHeader(request.message);
      for (const device of dumpOrder(request.namespace)) {
        if (!(device instanceof BridgeDevice) || (ifindex !== 0 && ifindex !== device.ifindex)) continue;
        const { multicast } = device;
        const entries = multicast.enabled
          ? multicast.database
              .entries()
              .map((entry) => [
                ...(entry.hostJoined ? [describeMembership(device, entry, null)] : []),
                ...entry.ports.map((membership) => describeMembership(device, entry, membership)),
              ])
          : [];
        const router = describeRouters(multicast.context);
        mdbMessage.build(
          writer,
          RTM_GETMDB,
          NLM_F_MULTI,
          request.message.sequence,
          request.socket.portId,
          { family: AF_BRIDGE, ifindex: device.ifindex },
          { mdb: entries.filter((list) => list.length > 0), ...(router.ports.length === 0 ? {} : { router }) },
        );
        yield;
      }
    },
  };
}

interface Asked {
  readonly bridge: BridgeDevice;
  readonly entry: MdbEntryStruct;
  readonly key: GroupKey;
}

/** Linux: br_mdb_parse() */
function parse(request: NetlinkRequest): Asked {
  const { header, attributes } = mdbSetMessage.parse(request.message);
  if (header.ifindex === 0) fail(EINVAL, 'bridge: Invalid bridge ifindex');
  const bridge = request.namespace.deviceByIndex(header.ifindex) ?? fail(ENODEV, "bridge: Bridge device doesn't exist");
  if (!(bridge instanceof BridgeDevice)) return fail(EOPNOTSUPP, 'bridge: Device is not a bridge');
  const entry =
    attributes.entry ??
    fail(
      EINVAL,
      `bridge: ${attributes.entry === null ? 'Invalid' : 'Missing'} MDBA_SET_ENTRY attribute${attributes.entry === null ? ' length' : ''}`,
    );
  checkEntry(entry);
  const key = new GroupKey();
  if (entry.protocol === 0) ethernetGroup(key, entry.vid, entry.address, 0);
  else {
    key.protocol = entry.protocol;
    key.vid = entry.vid;
    const view = new DataView(entry.address.buffer, entry.address.byteOffset);
    if (entry.protocol === ETH_P_IP) key.group[0] = view.getUint32(0);
    else ipv6.readAddress(view, 0, key.group);
  }
  const { source } = attributes.attributes ?? {};
  if (source !== undefined) setSource(key, source);
  return { bridge, entry, key };
}

/** Linux: is_valid_mdb_entry() */
function checkEntry({ ifindex, protocol, address, state, vid }: MdbEntryStruct): void {
  if (ifindex === 0) fail(EINVAL, 'bridge: Zero entry ifindex is not allowed');
  if (protocol === ETH_P_IP) {
    const group = ((address[0]! << 24) | (address[1]! << 16) | (address[2]! << 8) | address[3]!) >>> 0;
    if (!ipv4.isMulticast(group)) fail(EINVAL, 'bridge: IPv4 entry group address is not multicast');
    if (ipv4.isLocalMulticast(group)) fail(EINVAL, 'bridge: IPv4 entry group address is local multicast');
  } else if (protocol === ETH_P_IPV6) {
    if (ipv6.equalAddress(ipv6.addressFromBytes(address), ipv6.ALL_NODES))
      fail(EINVAL, 'bridge: IPv6 entry group address is link-local all nodes');
  } else if (protocol !== 0) fail(EINVAL, 'bridge: Unknown entry protocol');
  else if (!isEthernetMulticast(address, 0)) fail(EINVAL, 'bridge: L2 entry group is not multicast');
  if (state !== MDB_PERMANENT && state !== MDB_TEMPORARY) fail(EINVAL, 'bridge: Unknown entry state');
  if (vid >= MAX_VLAN) fail(EINVAL, 'bridge: Invalid entry VLAN id');
}

/** Linux: is_valid_mdb_source() */
function setSource(key: GroupKey, source: Uint8Array): void {
  const view = new DataView(source.buffer, source.byteOffset, source.length);
  if (key.protocol === ETH_P_IP) {
    if (source.length !== 4) fail(EINVAL, 'bridge: IPv4 invalid source address length');
    key.source[0] = view.getUint32(0);
    if (ipv4.isMulticast(key.source[0])) fail(EINVAL, 'bridge: IPv4 multicast source address is not allowed');
  } else if (key.protocol === ETH_P_IPV6) {
    if (source.length !== 16) fail(EINVAL, 'bridge: IPv6 invalid source address length');
    ipv6.readAddress(view, 0, key.source);
    if (ipv6.isMulticast(key.source)) fail(EINVAL, 'bridge: IPv6 multicast source address is not allowed');
  } else fail(EINVAL, 'bridge: Invalid protocol used with source address');
}

/** VLANs that an entry without one is for: those of the port, where VLANs are filtered. */
function vlansOf(bridge: BridgeDevice, port: BridgePort | null, vid: number): readonly number[] {
  const vlans = port?.vlans ?? bridge.vlanSet;
  return bridge.vlanFiltering && vid === 0 && vlans.ids().length > 0 ? vlans.ids() : [vid];
}

/** RTM_NEWMDB. Linux: br_mdb_add() */
export function addMdb(request: NetlinkRequest): void {
  const { bridge, entry, key } = parse(request);
  if (!bridge.up) fail(EINVAL, 'bridge: Bridge device is not running');
  if (!bridge.multicast.enabled) fail(EINVAL, "bridge: Bridge's multicast processing is disabled");
  let port: BridgePort | null = null;
  if (entry.ifindex !== bridge.ifindex) {
    const device = request.namespace.deviceByIndex(entry.ifindex) ?? fail(ENODEV, "bridge: Port net device doesn't exist");
    port = device.port instanceof BridgePort ? device.port : fail(EINVAL, 'bridge: Net device is not a bridge port');
    if (port.bridge !== bridge) fail(EINVAL, 'bridge: Port belongs to a different bridge device');
    if (port.state === 0 && entry.state !== MDB_PERMANENT) fail(EINVAL, 'bridge: Port is in disabled state and entry is not permanent');
  }
  for (const vid of vlansOf(bridge, port, key.vid)) {
    key.vid = vid;
    addOne(bridge, port, key, entry.state);
  }
}

// Linux: br_mdb_add_group()
function addOne(bridge: BridgeDevice, port: BridgePort | null, key: GroupKey, state: number): void {
  const { multicast } = bridge;
  if (port === null && key.protocol !== 0 && state === MDB_PERMANENT) fail(EINVAL, 'bridge: Flags are not allowed for host groups');
  if (key.protocol === 0 && state !== MDB_PERMANENT) fail(EINVAL, 'bridge: Only permanent L2 entries allowed');
  const context = multicast.contextOf(key.vid) ?? fail(EINVAL, "bridge: Unable to find vlan's multicast context");
  const known = multicast.database.find(key);
  if (port === null && known?.hostJoined) fail(EEXIST, 'bridge: Group is already joined by host');
  if (port !== null && known?.ports.some((membership) => membership.port === port)) fail(EEXIST, 'bridge: Group is already joined by port');
  const entry = obtainEntry(bridge, key) ?? fail(EINVAL, "bridge: Couldn't add new group");
  if (port === null) joinHost(context, entry, true);
  else addStatic(context, port, entry, state === MDB_PERMANENT);
}

/** RTM_DELMDB. Linux: br_mdb_del() */
export function deleteMdb(request: NetlinkRequest): void {
  const { bridge, entry, key } = parse(request);
  let port: BridgePort | null = null;
  if (entry.ifindex !== bridge.ifindex) {
    const device = request.namespace.deviceByIndex(entry.ifindex) ?? fail(ENODEV, "bridge: Port net device doesn't exist");
    port = device.port instanceof BridgePort ? device.port : fail(EINVAL, 'bridge: Net device is not a bridge port');
    if (port.bridge !== bridge) fail(EINVAL, 'bridge: Port belongs to a different bridge device');
  }
  for (const vid of vlansOf(bridge, port, key.vid)) {
    key.vid = vid;
    deleteOne(bridge, port, key);
  }
}

function deleteOne(bridge: BridgeDevice, port: BridgePort | null, key: GroupKey): void {
  if (!bridge.up || !bridge.multicast.enabled) fail(EINVAL);
  const held = bridge.multicast.database.find(key) ?? fail(EINVAL);
  if (port === null) {
    if (!held.hostJoined) fail(EINVAL);
    leaveHost(bridge, held);
    dropIfEmpty(bridge, held);
    return;
  }
  const membership = held.ports.find((candidate) => candidate.port === port) ?? fail(EINVAL);
  remove(bridge, membership);
}
