import { EBUSY, EINVAL, ENODEV, ENOENT, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { BridgeDevice } from '../../../net/bridge/bridge-device.js';
import { bridgeModuleLoaded } from '../../../net/bridge/loaded.js';
import { setPortRouter, setRouter } from '../../../net/bridge/multicast/routers.js';
import { changeMulticast } from '../../../net/bridge/multicast/settings.js';
import { BR_STATE_BLOCKING, BridgePort } from '../../../net/bridge/port.js';
import { tellVlans } from '../../../net/bridge/vlans.js';
import type { NetDevice } from '../../../net/core/device.js';
import { AF_BRIDGE, NLM_F_MULTI } from '../../../netlink/constants.js';
import {
  BRIDGE_VLAN_INFO_PVID,
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END,
  BRIDGE_VLAN_INFO_UNTAGGED,
} from '../../../netlink/rtnl/bridge.js';
import {
  BRIDGE_VLAN_INFO_ONLY_OPTS,
  BRIDGE_VLANDB_DUMPF_GLOBAL,
  BRIDGE_VLANDB_DUMPF_STATS,
  bridgeVlanDumpMessage,
  bridgeVlanMessage,
  type VlanEntryAttributes,
  type VlanGlobalOptions,
} from '../../../netlink/rtnl/bridge-vlan.js';
import { RTM_DELVLAN, RTM_NEWVLAN } from '../../../netlink/rtnl/constants.js';
import type { Dump } from '../../netlink-protocol.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { dumpOrder } from '../link/get.js';
import { changeVlans } from './link.js';
import { describeRouters } from './mdb.js';

const MAX_VLAN = 4095;

interface Place {
  readonly bridge: BridgeDevice;
  /** Null: the bridge's own. */
  readonly port: BridgePort | null;
}

function placeOf(device: NetDevice): Place | null {
  if (device instanceof BridgeDevice) return { bridge: device, port: null };
  return device.port instanceof BridgePort ? { bridge: device.port.bridge, port: device.port } : null;
}

const vlansOf = ({ bridge, port }: Place) => port?.vlans ?? bridge.vlanSet;
const routerOf = ({ bridge, port }: Place, vid: number): number =>
  port === null ? bridge.multicast.vlanContext(vid).router : (port.multicastVlans.get(vid)?.router ?? 1);

/** One VLAN, or from `vid` to `end`. Linux: br_vlan_fill_vids() */
export function describeVlan(place: Place, vid: number, end: number, statistics = false): VlanEntryAttributes {
  const vlans = vlansOf(place);
  const tunnel = vlans.tunnels.get(vid);
  const counters = (place.bridge.vlanStatisticsPerPort ? vlans : place.bridge.vlanSet).counters(vid);
  return {
    info: {
      flags: (vlans.untagged(vid) ? BRIDGE_VLAN_INFO_UNTAGGED : 0) | (vlans.pvid === vid ? BRIDGE_VLAN_INFO_PVID : 0),
      vid,
    },
    ...(end > vid ? { range: end } : {}),
    state: vlans.state(vid),
    ...(tunnel === undefined ? {} : { tunnelInfo: { id: tunnel } }),
    mcastRouter: routerOf(place, vid),
    ...(statistics ? { stats: { ...counters } } : {}),
  };
}

/** A VLAN that has gone has no options. */
export const goneVlan = (vid: number, end: number): VlanEntryAttributes => ({
  info: { flags: 0, vid },
  ...(end > vid ? { range: end } : {}),
});

/** VLANs one behind the other that are alike in all that is told of them. Linux: br_vlan_can_enter_range() */
function* ranges(place: Place, statistics: boolean): Generator<VlanEntryAttributes> {
  const vlans = vlansOf(place);
  const ids = vlans.ids();
  const alike = (a: number, b: number): boolean => {
    if (b !== a + 1 || vlans.pvid === a || vlans.pvid === b || vlans.untagged(a) !== vlans.untagged(b)) return false;
    const tunnels = [vlans.tunnels.get(a), vlans.tunnels.get(b)] as const;
    const [first, second] = tunnels;
    if ((first === undefined) !== (second === undefined) || (first !== undefined && second !== first + 1)) return false;
    return vlans.state(a) === vlans.state(b) && routerOf(place, a) === routerOf(place, b);
  };
  for (let i = 0; i < ids.length; ) {
    let end = i;
    while (!statistics && end + 1 < ids.length && alike(ids[end]!, ids[end + 1]!)) end++;
    yield describeVlan(place, ids[i]!, ids[end]!, statistics);
    i = end + 1;
  }
}

/** Linux: br_vlan_global_opts_fill() */
export function describeGlobal(bridge: BridgeDevice, vid: number, end: number): VlanGlobalOptions {
  const context = bridge.multicast.vlanContext(vid);
  const routers = describeRouters(context);
  return {
    id: vid,
    ...(end > vid ? { range: end } : {}),
    mcastSnooping: context.snooping ? 1 : 0,
    mcastIgmpVersion: context.igmpVersion,
    mcastMldVersion: context.mldVersion,
    mcastLastMemberCnt: context.lastMemberCount,
    mcastStartupQueryCnt: context.startupQueryCount,
    mcastQuerier: context.querier ? 1 : 0,
    mcastLastMemberIntvl: context.lastMemberInterval,
    mcastMembershipIntvl: context.membershipInterval,
    mcastQuerierIntvl: context.querierInterval,
    mcastQueryIntvl: context.queryInterval,
    mcastQueryResponseIntvl: context.queryResponseInterval,
    mcastStartupQueryIntvl: context.startupQueryInterval,
    ...(routers.ports.length === 0 ? {} : { mcastRouterPorts: routers }),
  };
}

/** All VLANs of a bridge: its own, and those of its ports. */
function masterVlans(bridge: BridgeDevice): number[] {
  const all = new Set(bridge.vlanSet.ids());
  for (const port of bridge.ports) for (const id of port.vlans.ids()) all.add(id);
  return [...all].sort((a, b) => a - b);
}

/** VLANs of `ids` one behind the other whose settings are the same and that have no router ports. */
function* globalRanges(bridge: BridgeDevice, ids: readonly number[]): Generator<VlanGlobalOptions> {
  const comparable = (vid: number) => {
    const { id: _id, mcastRouterPorts, ...rest } = describeGlobal(bridge, vid, vid);
    return mcastRouterPorts === undefined ? JSON.stringify(rest) : null;
  };
  for (let i = 0; i < ids.length; ) {
    const settings = comparable(ids[i]!);
    let end = i;
    while (settings !== null && ids[end + 1] === ids[end]! + 1 && comparable(ids[end + 1]!) === settings) end++;
    yield describeGlobal(bridge, ids[i]!, ids[end]!);
    i = end + 1;
  }
}

/** RTM_GETVLAN. Linux: br_vlan_rtm_dump() */
export function dumpVlans(request: NetlinkRequest): Dump {
  if (!bridgeModuleLoaded(request.namespace.stack)) fail(EOPNOTSUPP);
  return {
    *messages(writer) {
      const { header, attributes } = bridgeVlanDumpMessage.parse(request.message, true);
      const flags = attributes.flags ?? 0;
      const { sequence } = request.message;
      if (header.ifindex !== 0) {
        const device = request.namespace.deviceByIndex(header.ifindex) ?? fail(ENODEV);
        if (placeOf(device) === null) fail(EINVAL, 'bridge: The device is not a valid bridge or bridge port');
      }
      for (const device of dumpOrder(request.namespace)) {
        const place = placeOf(device);
        if (place === null || (header.ifindex !== 0 && device.ifindex !== header.ifindex)) continue;
        const global = (flags & BRIDGE_VLANDB_DUMPF_GLOBAL) !== 0;
        if (global && place.port !== null) continue;
        const content = global
          ? { globalOptions: [...globalRanges(place.bridge, masterVlans(place.bridge))] }
          : { entries: [...ranges(place, (flags & BRIDGE_VLANDB_DUMPF_STATS) !== 0)] };
        if ((content.entries ?? content.globalOptions ?? []).length === 0) continue;
        const about = { family: AF_BRIDGE, ifindex: device.ifindex };
        bridgeVlanMessage.build(writer, RTM_NEWVLAN, NLM_F_MULTI, sequence, request.socket.portId, about, content);
        yield;
      }
    },
  };
}

/** RTM_NEWVLAN, RTM_DELVLAN. Linux: br_vlan_rtm_process() */
export function changeVlan(request: NetlinkRequest): void {
  const { header, attributes } = bridgeVlanMessage.parse(request.message, true);
  const device = request.namespace.deviceByIndex(header.ifindex) ?? fail(ENODEV);
  const place = placeOf(device) ?? fail(EINVAL, 'bridge: The device is not a valid bridge or bridge port');
  const { entries = [], globalOptions = [] } = attributes;
  for (const entry of entries) changeEntry(place, entry, request.type === RTM_DELVLAN);
  for (const options of globalOptions) changeGlobal(place, options);
  if (entries.length === 0 && globalOptions.length === 0) fail(EINVAL, 'bridge: No vlans found to process');
}

const isVlan = (vid: number): boolean => vid > 0 && vid < MAX_VLAN;

// Linux: br_vlan_rtm_process_one()
function changeEntry(place: Place, entry: VlanEntryAttributes, deletes: boolean): void {
  const { info, range } = entry;
  if (info === undefined) return fail(EINVAL, 'bridge: Missing vlan entry info');
  if ((info.flags & (BRIDGE_VLAN_INFO_RANGE_BEGIN | BRIDGE_VLAN_INFO_RANGE_END)) !== 0)
    fail(EINVAL, 'bridge: Old-style vlan ranges are not allowed when using RTM vlan calls');
  if (!isVlan(info.vid)) fail(EINVAL, 'bridge: Vlan id is invalid');
  const end = range ?? info.vid;
  if (range !== undefined) {
    if (!isVlan(range)) fail(EINVAL, 'bridge: Vlan id is invalid');
    if (range <= info.vid) fail(EINVAL, 'bridge: End VLAN id is less than or equal to start VLAN id');
    if ((info.flags & BRIDGE_VLAN_INFO_PVID) !== 0) fail(EINVAL, "bridge: Pvid isn't allowed in a range");
  }
  if ((info.flags & BRIDGE_VLAN_INFO_ONLY_OPTS) === 0 || deletes) {
    const flags = info.flags & ~BRIDGE_VLAN_INFO_ONLY_OPTS;
    const asked =
      range === undefined
        ? [{ vid: info.vid, flags }]
        : [
            { vid: info.vid, flags: flags | BRIDGE_VLAN_INFO_RANGE_BEGIN },
            { vid: range, flags: flags | BRIDGE_VLAN_INFO_RANGE_END },
          ];
    changeVlans(place.bridge, place.port, asked, deletes);
  }
  if (!deletes) changeOptions(place, info.vid, end, entry);
}

// Linux: br_vlan_process_options()
function changeOptions(place: Place, begin: number, end: number, { state, mcastRouter }: VlanEntryAttributes): void {
  if (state === undefined && mcastRouter === undefined) return;
  const vlans = vlansOf(place);
  if (!vlans.has(begin)) fail(ENOENT, "bridge: Vlan range start doesn't exist, can't process options");
  if (!vlans.has(end)) fail(ENOENT, "bridge: Vlan range end doesn't exist, can't process options");
  const changed: number[] = [];
  try {
    for (let vid = begin; vid <= end; vid++) {
      if (!vlans.has(vid)) fail(ENOENT, "bridge: Vlan in range doesn't exist, can't process options");
      if (changeOne(place, vid, state, mcastRouter)) changed.push(vid);
    }
  } finally {
    for (let i = 0; i < changed.length; ) {
      let last = i;
      while (changed[last + 1] === changed[last]! + 1) last++;
      tellVlans(place.bridge, place.port, changed[i]!, changed[last]!);
      i = last + 1;
    }
  }
}

function changeOne(place: Place, vid: number, state: number | undefined, mcastRouter: number | undefined): boolean {
  const vlans = vlansOf(place);
  let changed = false;
  if (state !== undefined) {
    if (state > BR_STATE_BLOCKING) fail(EINVAL, 'bridge: Invalid vlan state');
    if (place.bridge.stp) fail(EBUSY, "bridge: Can't modify vlan state when using kernel STP");
    changed = vlans.state(vid) !== state;
    vlans.setState(vid, state);
  }
  if (mcastRouter === undefined) return changed;
  if (place.port === null) setRouter(place.bridge.multicast.vlanContext(vid), mcastRouter);
  else {
    const own = place.port.multicastVlans.get(vid) ?? fail(ENOENT);
    setPortRouter(own, mcastRouter);
  }
  return true;
}

// Linux: br_vlan_rtm_process_global_options()
function changeGlobal({ bridge, port }: Place, options: VlanGlobalOptions): void {
  if (port !== null) fail(EINVAL, 'bridge: Global vlan options can only be set on bridge device');
  const { id, range } = options;
  if (id === undefined) return fail(EINVAL, 'bridge: Missing vlan entry id');
  if (!isVlan(id)) fail(EINVAL, 'bridge: Vlan id is invalid');
  if (range !== undefined && !isVlan(range)) fail(EINVAL, 'bridge: Vlan id is invalid');
  if (range !== undefined && range <= id) fail(EINVAL, 'bridge: End VLAN id is less than or equal to start VLAN id');
  const known = new Set(masterVlans(bridge));
  const changed: number[] = [];
  try {
    for (let vid = id; vid <= (range ?? id); vid++) {
      if (!known.has(vid)) fail(ENOENT, "bridge: Vlan in range doesn't exist, can't process global options");
      const before = JSON.stringify(describeGlobal(bridge, vid, vid));
      changeContext(bridge, vid, options);
      if (JSON.stringify(describeGlobal(bridge, vid, vid)) !== before) changed.push(vid);
    }
  } finally {
    for (const told of globalRanges(bridge, changed))
      bridge.namespace.bridgeEvents.notify({ type: 'vlanSettings', bridge, vid: told.id!, end: told.range ?? told.id! });
  }
}

function changeContext(bridge: BridgeDevice, vid: number, options: VlanGlobalOptions): void {
  if (options.mcastSnooping !== undefined) bridge.multicast.toggleVlan(vid, options.mcastSnooping !== 0);
  changeMulticast(bridge.multicast.vlanContext(vid), {
    querier: options.mcastQuerier,
    igmpVersion: options.mcastIgmpVersion,
    mldVersion: options.mcastMldVersion,
    lastMemberCount: options.mcastLastMemberCnt,
    startupQueryCount: options.mcastStartupQueryCnt,
    lastMemberInterval: options.mcastLastMemberIntvl,
    membershipInterval: options.mcastMembershipIntvl,
    querierInterval: options.mcastQuerierIntvl,
    queryInterval: options.mcastQueryIntvl,
    queryResponseInterval: options.mcastQueryResponseIntvl,
    startupQueryInterval: options.mcastStartupQueryIntvl,
  });
}
