import { US_PER_TICK } from '../../base/clock.js';
import type { NetDevice } from '../../net/core/device.js';
import type { FdbRecord, FdbRequest } from '../../net/core/forwarding-database.js';
import type { Namespace } from '../../net/core/namespace.js';
import { AF_BRIDGE, AF_INET, AF_INET6, NETLINK_ROUTE } from '../../netlink/constants.js';
import { NUD_STALE, RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH, RTN_UNICAST, RTNLGRP_NEIGH } from '../../netlink/rtnl/constants.js';
import { type NeighbourAttributes, type NeighbourHeader, neighbourMessage } from '../../netlink/rtnl/neighbour.js';
import type { NetlinkServer } from '../netlink-kernel.js';
import type { NetlinkRequest } from '../netlink-request.js';
import type { RtnetlinkModule } from './rtnetlink.js';

/** VXLAN_N_VID: one more than the last. */
const NO_VNI = 1 << 24;

/** What RTM_NEWNEIGH and RTM_DELNEIGH ask of a device's own table. */
export const forwardingRequest = (
  request: NetlinkRequest,
  header: NeighbourHeader,
  attributes: NeighbourAttributes,
  address: Uint8Array,
): FdbRequest => ({
  address,
  state: header.state,
  flags: header.flags,
  nlFlags: request.flags,
  vlan: attributes.vlan ?? 0,
  destination: attributes.dst,
  port: attributes.port,
  vni: attributes.vni,
  srcVni: attributes.srcVni,
  ifindex: attributes.ifindex,
  nexthopId: attributes.nhId,
});

export function describeForwarding(
  device: NetDevice,
  record: FdbRecord,
): { header: Partial<NeighbourHeader>; attributes: NeighbourAttributes } {
  const { nowUs } = device.stack;
  const ticks = (us: number) => Math.max(0, Math.floor((nowUs - us) / US_PER_TICK));
  return {
    header: { family: AF_BRIDGE, ifindex: device.ifindex, state: record.state, flags: record.flags, type: RTN_UNICAST },
    attributes: {
      lladdr: record.address,
      ...(record.destination === undefined ? {} : { dst: record.destination }),
      ...(record.port === undefined ? {} : { port: record.port }),
      ...(record.vni === undefined ? {} : { vni: record.vni }),
      ...(record.srcVni === undefined ? {} : { srcVni: record.srcVni }),
      ...(record.ifindex === undefined ? {} : { ifindex: record.ifindex }),
      ...(record.vlan === undefined ? {} : { vlan: record.vlan }),
      ...(record.nexthopId === undefined ? {} : { nhId: record.nexthopId }),
      cacheinfo: { confirmed: 0, used: ticks(record.usedUs), updated: ticks(record.updatedUs), refcnt: 0 },
    },
  };
}

/** Linux: vxlan_fdb_info() of RTM_GETNEIGH; an address of the network comes with a VNI that there is none of. */
function describeMiss(device: NetDevice, lladdr: Uint8Array | null, dst: Uint8Array | null) {
  return {
    header: {
      family: dst?.length === 16 ? AF_INET6 : AF_INET,
      ifindex: device.ifindex,
      state: NUD_STALE,
      flags: 0,
      type: RTN_UNICAST,
    },
    attributes: {
      ...(lladdr === null ? {} : { lladdr }),
      ...(dst === null ? {} : { dst, vni: NO_VNI }),
      cacheinfo: { confirmed: 0, used: 0, updated: 0, refcnt: 0 },
    },
  };
}

function watch(server: NetlinkServer, namespace: Namespace): void {
  namespace.deviceEvents.subscribe(({ type, device }) => {
    if (type !== 'register' || device.forwarding === null) return;
    device.forwarding.onChange = (record, gone) => {
      server.notify({ protocol: NETLINK_ROUTE, namespace: device.namespace, group: RTNLGRP_NEIGH }, (writer, sequence, portId) => {
        const { header, attributes } = describeForwarding(device, record);
        neighbourMessage.build(writer, gone ? RTM_DELNEIGH : RTM_NEWNEIGH, 0, sequence, portId, header, attributes);
      });
    };
    device.forwarding.onMiss = (address, destination) => {
      server.notify({ protocol: NETLINK_ROUTE, namespace: device.namespace, group: RTNLGRP_NEIGH }, (writer, sequence, portId) => {
        const { header, attributes } = describeMiss(device, address, destination);
        neighbourMessage.build(writer, RTM_GETNEIGH, 0, sequence, portId, header, attributes);
      });
    };
  });
}

/** Tells of changes in devices' own forwarding tables; requests about them come by way of bridge/fdb.ts. */
export const fdbModule: RtnetlinkModule = { handlers: [], watch };
