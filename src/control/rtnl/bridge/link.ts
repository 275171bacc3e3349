import { EINVAL, ENODEV, EOPNOTSUPP, ERANGE } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { BridgeDevice } from '../../../net/bridge/bridge-device.js';
import { BR_VLAN_TUNNEL, BridgePort } from '../../../net/bridge/port.js';
import { addTunnel } from '../../../net/bridge/vlan-tunnel.js';
import { changePort, describePort } from '../../../net/bridge/port-settings.js';
import type { VlanSet } from '../../../net/bridge/vlan-set.js';
import { addVlan, deleteVlan, tellVlans } from '../../../net/bridge/vlans.js';
import type { NetDevice } from '../../../net/core/device.js';
import { shownOperState } from '../../../net/core/device-state.js';
import { AF_BRIDGE, NLM_F_MULTI } from '../../../netlink/constants.js';
import {
  BRIDGE_FLAGS_MASTER,
  BRIDGE_FLAGS_SELF,
  BRIDGE_VLAN_INFO_PVID,
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END,
  BRIDGE_VLAN_INFO_UNTAGGED,
  type BridgeLinkAttributes,
  bridgeLinkMessage,
} from '../../../netlink/rtnl/bridge.js';
import { RTEXT_FILTER_BRVLAN, RTEXT_FILTER_BRVLAN_COMPRESSED, RTM_DELLINK, RTM_NEWLINK } from '../../../netlink/rtnl/constants.js';
import type { Dump } from '../../netlink-protocol.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { linkHeader } from '../link/describe.js';
import { dumpOrder } from '../link/get.js';

type TunnelInfo = NonNullable<NonNullable<BridgeLinkAttributes['afSpec']>['tunnelInfo']>;
type VlanInfo = NonNullable<NonNullable<BridgeLinkAttributes['afSpec']>['vlanInfo']>;

const VLAN_MASKS = RTEXT_FILTER_BRVLAN | RTEXT_FILTER_BRVLAN_COMPRESSED;

export const bridgeHeader = (device: NetDevice) => ({ ...linkHeader(device), family: AF_BRIDGE });

/** A device as its bridge sees it; `gone`: it leaves, and no settings are told any more. Linux: br_fill_ifinfo() */
export function describeBridgeLink(device: NetDevice, extMask: number, gone = false): BridgeLinkAttributes {
  const port = device.port instanceof BridgePort ? device.port : null;
  const vlans = port?.vlans ?? (device instanceof BridgeDevice ? device.vlanSet : null);
  return {
    ifname: device.name,
    master: port === null ? device.ifindex : port.bridge.ifindex,
    mtu: device.mtu,
    operstate: shownOperState(device),
    address: device.address,
    ...(device.iflink === device.ifindex ? {} : { link: device.iflink }),
    ...(port === null || gone ? {} : { protinfo: describePort(port) }),
    ...(vlans === null || (extMask & VLAN_MASKS) === 0
      ? {}
      : {
          afSpec: {
            vlanInfo: describeVlans(vlans, (extMask & RTEXT_FILTER_BRVLAN_COMPRESSED) !== 0),
            ...(port?.has(BR_VLAN_TUNNEL) ? { tunnelInfo: describeTunnels(vlans) } : {}),
          },
        }),
  };
}

function describeVlans(vlans: VlanSet, compressed: boolean): VlanInfo {
  const infos = vlans.ids().map((vid) => ({
    vid,
    flags: (vlans.pvid === vid ? BRIDGE_VLAN_INFO_PVID : 0) | (vlans.untagged(vid) ? BRIDGE_VLAN_INFO_UNTAGGED : 0),
  }));
  if (!compressed) return infos;
  const ranges: { vid: number; flags: number }[] = [];
  for (let begin = 0; begin < infos.length; ) {
    const { vid, flags } = infos[begin]!;
    let end = begin;
    const plain = (flags & BRIDGE_VLAN_INFO_PVID) === 0;
    while (plain && infos[end + 1]?.vid === infos[end]!.vid + 1 && infos[end + 1]?.flags === flags) end++;
    if (end === begin) ranges.push({ vid, flags });
    else {
      ranges.push({ vid, flags: flags | BRIDGE_VLAN_INFO_RANGE_BEGIN });
      ranges.push({ vid: infos[end]!.vid, flags: flags | BRIDGE_VLAN_INFO_RANGE_END });
    }
    begin = end + 1;
  }
  return ranges;
}

/** Tunnels and VLANs that both follow each other are one range. Linux: br_fill_vlan_tunnel_info() */
function describeTunnels(vlans: VlanSet): TunnelInfo {
  const all = vlans.ids().flatMap((vid) => {
    const id = vlans.tunnels.get(vid);
    return id === undefined ? [] : [{ id, vid, flags: 0 }];
  });
  const told: TunnelInfo[number][] = [];
  for (let begin = 0; begin < all.length; ) {
    let end = begin;
    while (all[end + 1]?.vid === all[end]!.vid + 1 && all[end + 1]?.id === all[end]!.id + 1) end++;
    if (end === begin) told.push(all[begin]!);
    else told.push({ ...all[begin]!, flags: BRIDGE_VLAN_INFO_RANGE_BEGIN }, { ...all[end]!, flags: BRIDGE_VLAN_INFO_RANGE_END });
    begin = end + 1;
  }
  return told;
}

/** RTM_GETLINK of AF_BRIDGE: ports, and with VLANs asked for the bridges too. Linux: rtnl_bridge_getlink() */
export function dumpBridgeLinks(request: NetlinkRequest): Dump {
  return {
    generation: () => request.namespace.deviceGeneration,
    *messages(writer) {
      const { sequence } = request.message;
      const { extMask = 0 } = bridgeLinkMessage.parse(request.message).attributes;
      for (const device of dumpOrder(request.namespace)) {
        if (!device.registered) continue;
        const isBridge = device instanceof BridgeDevice && (extMask & VLAN_MASKS) !== 0;
        if (!isBridge && !(device.port instanceof BridgePort)) continue;
        const attributes = describeBridgeLink(device, extMask);
        bridgeLinkMessage.build(writer, RTM_NEWLINK, NLM_F_MULTI, sequence, request.socket.portId, bridgeHeader(device), attributes);
        yield;
      }
    },
  };
}

/** RTM_SETLINK, RTM_DELLINK of AF_BRIDGE. Linux: rtnl_bridge_setlink(), rtnl_bridge_dellink() */
export function changeBridgeLink(request: NetlinkRequest): void {
  const { header, attributes } = bridgeLinkMessage.parse(request.message);
  const device = request.namespace.deviceByIndex(header.index) ?? fail(ENODEV, 'unknown ifindex');
  const flags = attributes.afSpec?.flags ?? 0;
  const deletes = request.type === RTM_DELLINK;
  if (flags === 0 || (flags & BRIDGE_FLAGS_MASTER) !== 0) {
    const port = device.port instanceof BridgePort ? device.port : fail(EOPNOTSUPP);
    change(port.bridge, port, attributes, deletes);
  }
  if ((flags & BRIDGE_FLAGS_SELF) !== 0) {
    if (device instanceof BridgeDevice) change(device, null, attributes, deletes);
    else fail(EOPNOTSUPP);
  }
}

// Linux: br_setlink(), br_dellink()
function change(bridge: BridgeDevice, port: BridgePort | null, attributes: BridgeLinkAttributes, deletes: boolean): void {
  const { protinfo, afSpec } = attributes;
  if (!deletes && port !== null && protinfo !== undefined) changePort(port, protinfo);
  changeVlans(bridge, port, afSpec?.vlanInfo ?? [], deletes);
  changeTunnels(port, afSpec?.tunnelInfo ?? [], deletes);
  const { bridgeEvents } = bridge.namespace;
  if (port === null) bridgeEvents.notify({ type: 'vlans', bridge });
  else bridgeEvents.notify({ type: 'port', port });
}

// Linux: br_process_vlan_info()
export function changeVlans(bridge: BridgeDevice, port: BridgePort | null, infos: VlanInfo, deletes: boolean): void {
  let begin: VlanInfo[number] | null = null;
  for (const info of infos) {
    if (info.vid === 0 || info.vid >= 4095) fail(EINVAL, 'bridge: Vlan id is invalid');
    if ((info.flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) !== 0) {
      if (begin !== null) fail(EINVAL, 'bridge: New VLAN range start while one is processing');
      if ((info.flags & BRIDGE_VLAN_INFO_PVID) !== 0) fail(EINVAL, "bridge: Pvid isn't allowed in a range");
      begin = info;
      continue;
    }
    if ((info.flags & BRIDGE_VLAN_INFO_RANGE_END) !== 0) {
      if (begin === null) fail(EINVAL, 'bridge: VLAN range end without start');
      else if (info.vid <= begin.vid) fail(EINVAL, 'bridge: End VLAN id is less than or equal to start VLAN id');
    }
    const flags = begin?.flags ?? info.flags;
    let first = 0;
    for (let id = begin?.vid ?? info.vid; id <= info.vid + 1; id++) {
      const changed = id <= info.vid && changeVlan(bridge, port, id, flags, deletes);
      if (changed && first === 0) first = id;
      if (changed || first === 0) continue;
      tellVlans(bridge, port, first, id - 1, deletes ? 'vlanDelete' : 'vlanNew');
      first = 0;
    }
    begin = null;
  }
}

const changeVlan = (bridge: BridgeDevice, port: BridgePort | null, id: number, flags: number, deletes: boolean): boolean =>
  deletes
    ? deleteVlan(bridge, port, id)
    : addVlan(bridge, port, id, (flags & BRIDGE_VLAN_INFO_UNTAGGED) !== 0, (flags & BRIDGE_VLAN_INFO_PVID) !== 0);

// Linux: br_process_vlan_tunnel_info()
function changeTunnels(port: BridgePort | null, infos: TunnelInfo, deletes: boolean): void {
  let begin: { readonly vid: number; readonly id: number } | null = null;
  for (const { id = 0, vid = 0, flags = 0 } of infos) {
    if (port === null || !port.has(BR_VLAN_TUNNEL)) return fail(EINVAL);
    if (vid >= 4096) fail(ERANGE);
    if ((flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) !== 0) {
      if (begin !== null) fail(EINVAL);
      begin = { vid, id };
      continue;
    }
    const first: { readonly vid: number; readonly id: number } =
      (flags & BRIDGE_VLAN_INFO_RANGE_END) === 0 ? { vid, id } : (begin ?? fail(EINVAL));
    if (vid - first.vid !== id - first.id || vid < first.vid) fail(EINVAL);
    for (let at = first.vid; at <= vid; at++)
      if (deletes) port.vlans.deleteTunnel(at);
      else addTunnel(port.vlans, at, first.id + at - first.vid);
    begin = null;
  }
  if (begin !== null) fail(EINVAL);
}
