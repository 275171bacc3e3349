import { EINVAL, ENODEV, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { NetDevice } from '../../net/core/device.js';
import type { FdbRecord, FdbRequest } from '../../net/core/forwarding-database.js';
import type { Namespace } from '../../net/core/namespace.js';
import { NETLINK_ROUTE, NLM_F_MULTI } from '../../netlink/constants.js';
import {
  ARPHRD_ETHER,
  NTF_MASTER,
  NTF_SELF,
  RTM_DELNEIGH,
  RTM_GETNEIGH,
  RTM_NEWNEIGH,
  RTN_UNICAST,
  RTNLGRP_NEIGH,
} from '../../netlink/rtnl/constants.js';
import { type NeighbourAttributes, type NeighbourHeader, neighbourMessage } from '../../netlink/rtnl/neighbour.js';
import type { NetlinkServer } from '../netlink-kernel.js';
import type { Dump } from '../netlink-protocol.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { dumpOrder } from './link/get.js';
import type { RtnetlinkModule } from './rtnetlink.js';

const AF_BRIDGE = 7;
const ADDRESS_BYTES = 6;
const US_PER_TICK = 10_000;

/** The device and what is asked of its table. Linux: rtnl_fdb_add(), rtnl_fdb_del() */
function read(request: NetlinkRequest, adding: boolean): { device: NetDevice; wanted: FdbRequest } {
  const { header, attributes } = neighbourMessage.parse(request.message);
  if (header.ifindex === 0) fail(EINVAL, 'invalid ifindex');
  const device = request.namespace.deviceByIndex(header.ifindex) ?? fail(ENODEV, 'unknown ifindex');
  const { lladdr } = attributes;
  if (lladdr === undefined || lladdr.length !== ADDRESS_BYTES) return fail(EINVAL, 'invalid address');
  if (device.type !== ARPHRD_ETHER) fail(EINVAL, `FDB ${adding ? 'add' : 'delete'} only supported for Ethernet devices`);
  return {
    device,
    wanted: {
      address: lladdr,
      state: header.state,
      flags: header.flags,
      nlFlags: request.flags,
      vlan: attributes.vlan ?? 0,
      destination: attributes.dst,
      port: attributes.port,
      vni: attributes.vni,
      ifindex: attributes.ifindex,
    },
  };
}

/** Asks the master's table (no flag, or NTF_MASTER), the device's own (NTF_SELF), or both. */
function change(request: NetlinkRequest, adding: boolean): void {
  const { device, wanted } = read(request, adding);
  let asked = false;
  const { flags } = wanted;
  const master = device.master?.forwarding ?? null;
  if ((flags === 0 || (flags & NTF_MASTER) !== 0) && master !== null) {
    if (adding) master.add(wanted);
    else master.delete(wanted);
    asked = true;
  }
  if ((flags & NTF_SELF) !== 0 && device.forwarding !== null) {
    if (adding) device.forwarding.add(wanted);
    else device.forwarding.delete(wanted);
    asked = true;
  }
  if (!asked) fail(EOPNOTSUPP);
}

function describe(device: NetDevice, record: FdbRecord): { header: Partial<NeighbourHeader>; attributes: NeighbourAttributes } {
  const { nowUs } = device.stack;
  const ticks = (us: number) => Math.max(0, Math.floor((nowUs - us) / US_PER_TICK));
  return {
    header: { family: AF_BRIDGE, ifindex: device.ifindex, state: record.state, flags: record.flags, type: RTN_UNICAST },
    attributes: {
      lladdr: record.address,
      ...(record.destination === undefined ? {} : { dst: record.destination }),
      ...(record.port === undefined ? {} : { port: record.port }),
      ...(record.vni === undefined ? {} : { vni: record.vni }),
      ...(record.ifindex === undefined ? {} : { ifindex: record.ifindex }),
      ...(record.vlan === undefined ? {} : { vlan: record.vlan }),
      cacheinfo: { confirmed: 0, used: ticks(record.usedUs), updated: ticks(record.updatedUs), refcnt: 0 },
    },
  };
}

// Linux: rtnl_fdb_dump()
function dump(request: NetlinkRequest): Dump {
  return {
    *messages(writer) {
      const { namespace, message } = request;
      const { header, attributes } = neighbourMessage.parse(message);
      for (const device of dumpOrder(namespace)) {
        if (device.forwarding === null) continue;
        if (header.ifindex !== 0 && device.ifindex !== header.ifindex) continue;
        if (attributes.master !== undefined && device.master?.ifindex !== attributes.master) continue;
        for (const record of device.forwarding.entries()) {
          const told = describe(device, record);
          neighbourMessage.build(writer, RTM_NEWNEIGH, NLM_F_MULTI, message.sequence, request.socket.portId, told.header, told.attributes);
          yield;
        }
      }
    },
  };
}

function watch(server: NetlinkServer, namespace: Namespace): void {
  namespace.deviceEvents.subscribe(({ type, device }) => {
    if (type !== 'register' || device.forwarding === null) return;
    device.forwarding.onChange = (record, gone) => {
      server.notify({ protocol: NETLINK_ROUTE, namespace: device.namespace, group: RTNLGRP_NEIGH }, (writer, sequence, portId) => {
        const { header, attributes } = describe(device, record);
        neighbourMessage.build(writer, gone ? RTM_DELNEIGH : RTM_NEWNEIGH, 0, sequence, portId, header, attributes);
      });
    };
  });
}

/** Forwarding databases: RTM_*NEIGH of family AF_BRIDGE. */
export const fdbModule: RtnetlinkModule = {
  handlers: [
    { type: RTM_NEWNEIGH, family: AF_BRIDGE, handle: (request) => change(request, true) },
    { type: RTM_DELNEIGH, family: AF_BRIDGE, handle: (request) => change(request, false) },
    { type: RTM_GETNEIGH, family: AF_BRIDGE, dump },
  ],
  watch,
};
