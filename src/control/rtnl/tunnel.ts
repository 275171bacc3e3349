import { EINVAL, ENODEV, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { VxlanDevice } from '../../drivers/vxlan/device.js';
import { bytesOf, type Endpoint, endpointOf, isNowhere, nowhere, sameEndpoint } from '../../drivers/vxlan/remote.js';
import type { VniFilter, VniNode } from '../../drivers/vxlan/vni-filter.js';
import type { NetDevice } from '../../net/core/device.js';
import type { Namespace } from '../../net/core/namespace.js';
import { AF_BRIDGE, NETLINK_ROUTE, NLM_F_MULTI } from '../../netlink/constants.js';
import { payloadStart } from '../../netlink/message.js';
import { RTM_DELTUNNEL, RTM_GETTUNNEL, RTM_NEWTUNNEL, RTNLGRP_TUNNEL } from '../../netlink/rtnl/constants.js';
import { TUNNEL_MSG_FLAG_STATS, tunnelMessage, tunnelmsg, type VniEntry } from '../../netlink/rtnl/tunnel.js';
import type { NetlinkServer } from '../netlink-kernel.js';
import type { Dump } from '../netlink-protocol.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { dumpOrder } from './link/get.js';
import type { RtnetlinkModule } from './rtnetlink.js';

/** More entries in one message of a dump than this go into the next one. */
const ENTRIES_A_MESSAGE = 64;

/** VNIs from one to the next with the same remote are told of as one. */
interface Run {
  readonly first: VniNode;
  last: number;
}

function runsOf(nodes: readonly VniNode[], single: boolean): Run[] {
  const runs: Run[] = [];
  for (const node of nodes) {
    const run = runs.at(-1);
    if (!single && run !== undefined && node.vni === run.last + 1 && sameEndpoint(run.first.remote, node.remote)) run.last = node.vni;
    else runs.push({ first: node, last: node.vni });
  }
  return runs;
}

const remoteOf = (remote: Endpoint): Pick<VniEntry, 'group' | 'group6'> => {
  if (isNowhere(remote)) return {};
  return remote.address6 === null ? { group: remote.address } : { group6: bytesOf(remote) };
};

// Linux: vxlan_fill_vni_filter_entry()
const describe = ({ first, last }: Run, statistics: boolean): VniEntry => ({
  start: first.vni,
  ...(last === first.vni ? {} : { end: last }),
  ...remoteOf(first.remote),
  ...(statistics ? { stats: first } : {}),
});

const NO_VXLAN = 'The device is not a vxlan device';

function vxlanDevice(request: NetlinkRequest, ifindex: number, text: string): VxlanDevice {
  const device = request.namespace.deviceByIndex(ifindex) ?? fail(ENODEV);
  return device instanceof VxlanDevice ? device : fail(EINVAL, text);
}

/** The module of vxlan brings these messages: nobody knows them before. */
const needsModule = ({ namespace }: NetlinkRequest) => namespace.stack.modules.has('vxlan') || fail(EOPNOTSUPP);

// Linux: vxlan_vnifilter_dump()
function dumpTunnels(request: NetlinkRequest): Dump {
  needsModule(request);
  const { message, namespace, socket } = request;
  if (message.end - payloadStart(message) < tunnelmsg.size) fail(EINVAL, 'Invalid header for tunnel dump');
  const { ifindex, flags } = tunnelMessage.readHeader(message);
  const statistics = (flags & TUNNEL_MSG_FLAG_STATS) !== 0;
  return {
    generation: () => namespace.deviceGeneration,
    *messages(writer) {
      const one = ifindex === 0 ? null : vxlanDevice(request, ifindex, NO_VXLAN);
      if (one !== null && one.vnis === null) fail(EINVAL);
      for (const device of one === null ? dumpOrder(namespace) : [one]) {
        const filter = filterOf(device);
        if (filter === null || !device.registered || device.namespace !== namespace) continue;
        const runs = runsOf(filter.nodes(), statistics);
        for (let at = 0; at < runs.length; at += ENTRIES_A_MESSAGE) {
          const entries = runs.slice(at, at + ENTRIES_A_MESSAGE).map((run) => describe(run, statistics));
          const header = { family: AF_BRIDGE, flags: 0, ifindex: device.ifindex };
          tunnelMessage.build(writer, RTM_NEWTUNNEL, NLM_F_MULTI, message.sequence, socket.portId, header, { entries });
          yield;
        }
      }
    },
  };
}

const filterOf = (device: NetDevice): VniFilter | null => (device instanceof VxlanDevice ? device.vnis : null);

// Linux: vxlan_vnifilter_process()
function change(request: NetlinkRequest): void {
  needsModule(request);
  const { message } = request;
  const { ifindex } = tunnelMessage.readHeader(message);
  const { entries = [] } = tunnelMessage.parseAttributes(message, true);
  const filter = vxlanDevice(request, ifindex, `vxlan: ${NO_VXLAN}`).vnis ?? fail(EOPNOTSUPP);
  for (const entry of entries) changeEntry(filter, entry, request.type === RTM_NEWTUNNEL);
  if (entries.length === 0) fail(EINVAL, 'vxlan: No vnis found to process');
}

// Linux: vxlan_process_vni_filter(), vxlan_vni_add_del()
function changeEntry(filter: VniFilter, { start = 0, end = start, group, group6 }: VniEntry, add: boolean): void {
  if (start === 0 && end === 0) fail(EINVAL, 'vni start nor end found in vni entry');
  const remote = group !== undefined ? { address: group, address6: null } : group6 !== undefined ? endpointOf(group6) : nowhere();
  filter.checkRemote(remote);
  for (let vni = start; vni <= end; vni++) {
    if (add) filter.add(vni, remote);
    else filter.delete(vni);
  }
}

function watch(server: NetlinkServer, namespace: Namespace): void {
  namespace.deviceEvents.subscribe(({ type, device }) => {
    const filter = type === 'register' ? filterOf(device) : null;
    if (filter === null) return;
    filter.onChange = (node, gone) => {
      const target = { protocol: NETLINK_ROUTE, namespace: device.namespace, group: RTNLGRP_TUNNEL };
      server.notify(target, (writer, sequence, portId) => {
        const header = { family: AF_BRIDGE, flags: 0, ifindex: device.ifindex };
        const entries = [describe({ first: node, last: node.vni }, false)];
        tunnelMessage.build(writer, gone ? RTM_DELTUNNEL : RTM_NEWTUNNEL, 0, sequence, portId, header, { entries });
      });
    };
  });
}

/** The VNIs that vxlan devices take: RTM_NEWTUNNEL, RTM_DELTUNNEL, RTM_GETTUNNEL, RTNLGRP_TUNNEL. */
export const tunnelModule: RtnetlinkModule = {
  handlers: [
    { type: RTM_NEWTUNNEL, family: AF_BRIDGE, handle: change },
    { type: RTM_DELTUNNEL, family: AF_BRIDGE, handle: change },
    { type: RTM_GETTUNNEL, family: AF_BRIDGE, dump: dumpTunnels },
  ],
  watch,
};
