import { EINVAL, ENODEV } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { NetDevice } from '../../net/core/device.js';
import { AF_UNSPEC, NLM_F_MULTI } from '../../netlink/constants.js';
import { RTM_GETSTATS, RTM_NEWSTATS } from '../../netlink/rtnl/constants.js';
import { IFLA_STATS_LINK_XSTATS, IFLA_STATS_LINK_XSTATS_SLAVE, statsFilter, statsMessage } from '../../netlink/rtnl/stats.js';
import type { Dump } from '../netlink-protocol.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { bridgeStatistics } from './bridge/statistics.js';
import { dumpOrder } from './link/get.js';
import type { RtnetlinkModule } from './rtnetlink.js';

/** What kinds of links count besides packets. Linux: rtnl_fill_statsinfo() */
function describe(device: NetDevice, mask: number) {
  const own = (mask & statsFilter(IFLA_STATS_LINK_XSTATS)) === 0 ? undefined : bridgeStatistics(device, false);
  const slave = (mask & statsFilter(IFLA_STATS_LINK_XSTATS_SLAVE)) === 0 ? undefined : bridgeStatistics(device, true);
  return {
    ...(own === undefined ? {} : { xstats: { bridge: own } }),
    ...(slave === undefined ? {} : { slaveXstats: { bridge: slave } }),
  };
}

function maskOf(request: NetlinkRequest): { readonly ifindex: number; readonly filterMask: number } {
  const header = statsMessage.readHeader(request.message);
  if (header.filterMask === 0) fail(EINVAL, 'Filter mask must be set for stats get');
  return header;
}

/** RTM_GETSTATS of one device. Linux: rtnl_stats_get() */
function getStats(request: NetlinkRequest): void {
  const { ifindex, filterMask } = maskOf(request);
  if (ifindex <= 0) fail(EINVAL);
  const device = request.namespace.deviceByIndex(ifindex) ?? fail(ENODEV);
  request.answer(statsMessage, { ifindex, filterMask }, describe(device, filterMask), RTM_NEWSTATS);
}

/** Linux: rtnl_stats_dump() */
function dumpStats(request: NetlinkRequest): Dump {
  return {
    *messages(writer) {
      const { filterMask } = maskOf(request);
      for (const device of dumpOrder(request.namespace)) {
        const attributes = describe(device, filterMask);
        const header = { ifindex: device.ifindex, filterMask };
        statsMessage.build(writer, RTM_NEWSTATS, NLM_F_MULTI, request.message.sequence, request.socket.portId, header, attributes);
        yield;
      }
    },
  };
}

/** Further statistics of links: RTM_GETSTATS, of which LINK_XSTATS and LINK_XSTATS_SLAVE are here. */
export const statsModule: RtnetlinkModule = {
  handlers: [{ type: RTM_GETSTATS, family: AF_UNSPEC, handle: getStats, dump: dumpStats }],
};
