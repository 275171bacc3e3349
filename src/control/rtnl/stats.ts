import { EINVAL, ENODEV } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { NetDevice } from '../../net/core/device.js';
import { AF_UNSPEC, NETLINK_ROUTE, NLM_F_MULTI } from '../../netlink/constants.js';
import { payloadStart } from '../../netlink/message.js';
import { RTM_GETSTATS, RTM_NEWSTATS, RTM_SETSTATS, RTNLGRP_STATS } from '../../netlink/rtnl/constants.js';
import {
  ifStatsMsg,
  OFFLOAD_HW_INFO,
  OFFLOAD_L3_STATS,
  type OffloadStats,
  STATS_AF_SPEC,
  STATS_LINK,
  STATS_OFFLOAD,
  STATS_XSTATS,
  STATS_XSTATS_SLAVE,
  type StatsAttributes,
  statsMessage,
  statsRequest,
} from '../../netlink/rtnl/stats.js';
import type { Dump } from '../netlink-protocol.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { dumpOrder } from './link/get.js';
import type { RtnetlinkModule } from './rtnetlink.js';

const ALL_GROUPS = STATS_LINK | STATS_XSTATS | STATS_XSTATS_SLAVE | STATS_OFFLOAD | STATS_AF_SPEC;
const ALL_SUBGROUPS = 0xffff_ffff;

/** Counters that no hardware of ours adds to. */
const noHardware = {
  rxPackets: 0,
  txPackets: 0,
  rxBytes: 0,
  txBytes: 0,
  rxErrors: 0,
  txErrors: 0,
  rxDropped: 0,
  txDropped: 0,
  multicast: 0,
};

/** What is asked for: the groups as bits, and of the hardware's statistics which. */
interface Wanted {
  readonly groups: number;
  readonly offload: number;
}

// Linux: rtnl_offload_xstats_fill(): no device of ours has counters of packets that went past the stack.
function describeOffload(device: NetDevice, wanted: number): OffloadStats {
  const request = device.l3Statistics ? 1 : 0;
  return {
    ...((wanted & OFFLOAD_HW_INFO) === 0 ? {} : { hwInfo: { l3Stats: { request, used: 0 } } }),
    ...((wanted & OFFLOAD_L3_STATS) === 0 || request === 0 ? {} : { l3Stats: noHardware }),
  };
}

// Linux: rtnl_fill_statsinfo()
function describe(device: NetDevice, { groups, offload }: Wanted): StatsAttributes {
  const xstats = (groups & STATS_XSTATS) === 0 ? null : (device.kind?.xstats?.(device, false) ?? null);
  const xstatsSlave = (groups & STATS_XSTATS_SLAVE) === 0 ? null : (device.master?.kind?.xstats?.(device, true) ?? null);
  return {
    ...((groups & STATS_LINK) === 0 ? {} : { link: device.statistics }),
    ...(xstats === null ? {} : { xstats }),
    ...(xstatsSlave === null ? {} : { xstatsSlave }),
    ...((groups & STATS_OFFLOAD) === 0 ? {} : { offload: describeOffload(device, offload) }),
    ...((groups & STATS_AF_SPEC) === 0 ? {} : { afSpec: {} }),
  };
}

// Linux: rtnl_valid_stats_req()
function readHeader(request: NetlinkRequest, dump: boolean) {
  const { message } = request;
  const start = payloadStart(message);
  if (message.end - start < ifStatsMsg.size) fail(EINVAL, 'Invalid header for stats dump');
  const header = statsRequest.readHeader(message);
  if (!request.strict) return header;
  const padded = message.view.getUint8(start + 1) !== 0 || message.view.getUint16(start + 2) !== 0;
  if (padded || (dump && header.ifindex !== 0)) fail(EINVAL, 'Invalid values in header for stats dump request');
  if (header.filterMask > ALL_GROUPS) fail(EINVAL, 'Invalid stats requested through filter mask');
  return header;
}

function readWanted(request: NetlinkRequest, groups: number, complaint: string): Wanted {
  if (groups === 0) fail(EINVAL, complaint);
  const { filters } = statsRequest.parseAttributes(request.message, request.strict);
  return { groups, offload: filters?.offload ?? ALL_SUBGROUPS };
}

function deviceOf(request: NetlinkRequest, ifindex: number): NetDevice {
  if (ifindex === 0) fail(EINVAL);
  return request.namespace.deviceByIndex(ifindex) ?? fail(ENODEV);
}

const headerOf = (device: NetDevice, groups: number) => ({ ifindex: device.ifindex, filterMask: groups });

// Linux: rtnl_stats_get()
function getStats(request: NetlinkRequest): void {
  const header = readHeader(request, false);
  const device = deviceOf(request, header.ifindex);
  const wanted = readWanted(request, header.filterMask, 'Filter mask must be set for stats get');
  request.answer(statsMessage, headerOf(device, wanted.groups), describe(device, wanted), RTM_NEWSTATS);
}

// Linux: rtnl_stats_dump()
function dumpStats(request: NetlinkRequest): Dump {
  return {
    generation: () => request.namespace.deviceGeneration,
    *messages(writer) {
      const wanted = readWanted(request, readHeader(request, true).filterMask, 'Filter mask must be set for stats dump');
      for (const device of dumpOrder(request.namespace)) {
        if (!device.registered || device.namespace !== request.namespace) continue;
        const { sequence } = request.message;
        const header = headerOf(device, wanted.groups);
        statsMessage.build(writer, RTM_NEWSTATS, NLM_F_MULTI, sequence, request.socket.portId, header, describe(device, wanted));
        yield;
      }
    },
  };
}

// Linux: rtnl_stats_set()
function setStats(request: NetlinkRequest): void {
  const header = readHeader(request, false);
  if (header.family !== AF_UNSPEC) fail(EINVAL, 'Address family should be AF_UNSPEC');
  const device = deviceOf(request, header.ifindex);
  if (header.filterMask !== 0) fail(EINVAL, 'Filter mask must be 0 for stats set');
  const { l3Stats } = statsRequest.parseAttributes(request.message);
  if (l3Stats === undefined || device.l3Statistics === (l3Stats !== 0)) return;
  device.l3Statistics = l3Stats !== 0;
  const { server, namespace } = request;
  const told = describe(device, { groups: STATS_OFFLOAD, offload: OFFLOAD_HW_INFO | OFFLOAD_L3_STATS });
  server.notify({ protocol: NETLINK_ROUTE, namespace, group: RTNLGRP_STATS, answersRequest: true }, (writer, sequence, portId) => {
    statsMessage.build(writer, RTM_NEWSTATS, 0, sequence, portId, headerOf(device, STATS_OFFLOAD), told);
  });
}

/** Statistics of devices by groups: RTM_GETSTATS, RTM_SETSTATS, RTNLGRP_STATS. */
export const statsModule: RtnetlinkModule = {
  handlers: [
    { type: RTM_GETSTATS, family: AF_UNSPEC, handle: getStats, dump: dumpStats },
    { type: RTM_SETSTATS, family: AF_UNSPEC, handle: setStats },
  ],
};
