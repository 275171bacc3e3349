import { bridgeEthtool } from './ethtool/bridge.js';
import { EBUSY, EINVAL, EPROTONOSUPPORT, ERANGE } from '../base/errno.js';
import { fail } from '../base/net-error.js';
import {
  BR_BOOLOPT_MCAST_VLAN_SNOOPING,
  BR_BOOLOPT_NO_LL_LEARN,
  type BridgeData,
  bridgeData,
  bridgePortData,
} from '../netlink/rtnl/link/bridge.js';
import { bridgeStats } from '../netlink/rtnl/stats.js';
import { Deferred } from '../netlink/schema.js';
import { BridgeDevice } from '../net/bridge/bridge-device.js';
import { priorityOf } from '../net/bridge/bridge-id.js';
import { addPort, deletePort, updatePromiscuity } from '../net/bridge/members.js';
import { setRouter } from '../net/bridge/multicast/routers.js';
import { changeMulticast } from '../net/bridge/multicast/settings.js';
import { changePort, describePort, timerTicks } from '../net/bridge/port-settings.js';
import { BridgePort } from '../net/bridge/port.js';
import { after, portStateSelection } from '../net/bridge/stp.js';
import { CENTISECOND_US } from '../net/bridge/units.js';
import { describeStatistics } from '../net/bridge/statistics.js';
import { setDefaultPvid, tellVlans } from '../net/bridge/vlans.js';
import type { NetDevice } from '../net/core/device.js';
import type { LinkKind } from '../net/core/link-kind.js';
import { ETH_P_8021AD, ETH_P_8021Q } from '../wire/ethernet.js';
import { VLAN_VID_MASK } from '../wire/vlan.js';
import { checkEthernetAddress } from './link-address.js';

// Limits of IEEE 802.1D-1998 table 8-3, in 10 ms.
const FORWARD_DELAY = [200, 3000] as const;
const HELLO_TIME = [100, 1000] as const;
const MAX_AGE = [600, 4000] as const;
/** Groups that no mask lets be forwarded: STP, pause, LACP. */
const RESTRICTED_GROUPS = 0x7;

/** As it is told of; nothing depends on it any more. */
const HASH_ELASTICITY = 16;

function inRange(value: number, [least, most]: readonly [number, number]): number {
  return value < least || value > most ? fail(ERANGE) : value;
}

// Linux: br_stp_set_enabled()
function setStp(bridge: BridgeDevice, on: boolean): void {
  if (bridge.stp === on) return;
  bridge.stp = on;
  if (on) {
    bridge.bridgeForwardDelay = Math.min(Math.max(bridge.bridgeForwardDelay, FORWARD_DELAY[0]), FORWARD_DELAY[1]);
    if (bridge.up) after(bridge, bridge.helloTimer, bridge.helloTime * CENTISECOND_US);
  }
  portStateSelection(bridge);
}

// Linux: br_changelink()
function change(bridge: BridgeDevice, data: BridgeData): void {
  const root = bridge.rootPort === 0;
  if (data.forwardDelay !== undefined) {
    if (bridge.stp) inRange(data.forwardDelay, FORWARD_DELAY);
    bridge.bridgeForwardDelay = data.forwardDelay;
    if (root) bridge.forwardDelay = data.forwardDelay;
  }
  if (data.helloTime !== undefined) {
    bridge.bridgeHelloTime = inRange(data.helloTime, HELLO_TIME);
    if (root) bridge.helloTime = data.helloTime;
  }
  if (data.maxAge !== undefined) {
    bridge.bridgeMaxAge = inRange(data.maxAge, MAX_AGE);
    if (root) bridge.maxAge = data.maxAge;
  }
  if (data.ageingTime !== undefined) {
    bridge.ageingTime = data.ageingTime;
    bridge.age();
  }
  if (data.stpState !== undefined) setStp(bridge, data.stpState !== 0);
  if (data.priority !== undefined) bridge.setPriority(data.priority);
  if (data.vlanFiltering !== undefined) {
    bridge.vlanFiltering = data.vlanFiltering !== 0;
    if (!bridge.vlanFiltering) bridge.multicast.toggleVlans(false);
    updatePromiscuity(bridge);
  }
  if (data.vlanProtocol !== undefined) {
    if (data.vlanProtocol !== ETH_P_8021Q && data.vlanProtocol !== ETH_P_8021AD) fail(EPROTONOSUPPORT);
    bridge.vlanProtocol = data.vlanProtocol;
  }
  if (data.vlanDefaultPvid !== undefined) {
    if (data.vlanDefaultPvid >= VLAN_VID_MASK) fail(EINVAL);
    setDefaultPvid(bridge, data.vlanDefaultPvid);
  }
  if (data.vlanStatsEnabled !== undefined) bridge.vlanStatistics = flagOf(data.vlanStatsEnabled);
  if (data.vlanStatsPerPort !== undefined) setStatisticsPerPort(bridge, data.vlanStatsPerPort);
  if (data.groupFwdMask !== undefined) {
    if ((data.groupFwdMask & RESTRICTED_GROUPS) !== 0) fail(EINVAL);
    bridge.groupForwardMask = data.groupFwdMask;
  }
  if (data.groupAddr !== undefined) setGroupAddress(bridge, data.groupAddr);
  if (data.fdbFlush === true) bridge.forgetLearned(null);
  if (data.multiBoolopt !== undefined) changeOptions(bridge, data.multiBoolopt);
  changeSnooping(bridge, data);
  if (data.nfCallIptables !== undefined) bridge.nfCall.iptables = data.nfCallIptables === 0 ? 0 : 1;
  if (data.nfCallIp6tables !== undefined) bridge.nfCall.ip6tables = data.nfCallIp6tables === 0 ? 0 : 1;
  if (data.nfCallArptables !== undefined) bridge.nfCall.arptables = data.nfCallArptables === 0 ? 0 : 1;
}

function changeSnooping(bridge: BridgeDevice, data: BridgeData): void {
  const { multicast } = bridge;
  if (data.mcastRouter !== undefined) setRouter(multicast.context, data.mcastRouter);
  if (data.mcastSnooping !== undefined) multicast.toggle(data.mcastSnooping !== 0);
  if (data.mcastQueryUseIfaddr !== undefined) multicast.queryUsesAddress = data.mcastQueryUseIfaddr !== 0;
  if (data.mcastStatsEnabled !== undefined) multicast.statisticsEnabled = data.mcastStatsEnabled !== 0;
  if (data.mcastHashMax !== undefined) multicast.hashMax = data.mcastHashMax;
  changeMulticast(multicast.context, {
    querier: data.mcastQuerier,
    igmpVersion: data.mcastIgmpVersion,
    mldVersion: data.mcastMldVersion,
    lastMemberCount: data.mcastLastMemberCnt,
    startupQueryCount: data.mcastStartupQueryCnt,
    lastMemberInterval: data.mcastLastMemberIntvl,
    membershipInterval: data.mcastMembershipIntvl,
    querierInterval: data.mcastQuerierIntvl,
    queryInterval: data.mcastQueryIntvl,
    queryResponseInterval: data.mcastQueryResponseIntvl,
    startupQueryInterval: data.mcastStartupQueryIntvl,
  });
}

/** In the order of br_fill_info(). */
function describeSnooping({ multicast, nfCall }: BridgeDevice): BridgeData {
  const { context } = multicast;
  return {
    mcastRouter: context.router,
    mcastSnooping: multicast.enabled ? 1 : 0,
    mcastQueryUseIfaddr: multicast.queryUsesAddress ? 1 : 0,
    mcastQuerier: context.querier ? 1 : 0,
    mcastStatsEnabled: multicast.statisticsEnabled ? 1 : 0,
    mcastHashElasticity: HASH_ELASTICITY,
    mcastHashMax: multicast.hashMax,
    mcastLastMemberCnt: context.lastMemberCount,
    mcastStartupQueryCnt: context.startupQueryCount,
    mcastIgmpVersion: context.igmpVersion,
    mcastMldVersion: context.mldVersion,
    mcastLastMemberIntvl: context.lastMemberInterval,
    mcastMembershipIntvl: context.membershipInterval,
    mcastQuerierIntvl: context.querierInterval,
    mcastQueryIntvl: context.queryInterval,
    mcastQueryResponseIntvl: context.queryResponseInterval,
    mcastStartupQueryIntvl: context.startupQueryInterval,
    nfCallIptables: nfCall.iptables,
    nfCallIp6tables: nfCall.ip6tables,
    nfCallArptables: nfCall.arptables,
  };
}

/** IFLA_BR_MULTI_BOOLOPT. EINVAL. Linux: br_boolopt_multi_toggle() */
function changeOptions(bridge: BridgeDevice, { value, mask }: NonNullable<BridgeData['multiBoolopt']>): void {
  if ((mask & BR_BOOLOPT_NO_LL_LEARN) !== 0) bridge.noLinkLocalLearn = (value & BR_BOOLOPT_NO_LL_LEARN) !== 0;
  if ((mask & BR_BOOLOPT_MCAST_VLAN_SNOOPING) === 0) return;
  const on = (value & BR_BOOLOPT_MCAST_VLAN_SNOOPING) !== 0;
  if (on && !bridge.vlanFiltering) fail(EINVAL, 'bridge: Cannot enable multicast vlan snooping with vlan filtering disabled');
  bridge.multicast.toggleVlans(on);
}

/** 0 or 1. EINVAL. */
const flagOf = (value: number): boolean => (value > 1 ? fail(EINVAL) : value === 1);

/** Ports that have VLANs share their counters already. EBUSY. Linux: br_vlan_set_stats_per_port() */
function setStatisticsPerPort(bridge: BridgeDevice, value: number): void {
  const on = flagOf(value);
  if (bridge.ports.some((port) => port.vlans.ids().length > 0)) fail(EBUSY);
  bridge.vlanStatisticsPerPort = on;
}

/** One of the groups that bridges keep to themselves, but none that has another meaning. */
function setGroupAddress(bridge: BridgeDevice, address: Uint8Array): void {
  const [a, b, c, d, e, last = 0xff] = address;
  if (a !== 0x01 || b !== 0x80 || c !== 0xc2 || d !== 0 || e !== 0 || last > 15) fail(EINVAL);
  if (last === 1 || last === 2 || last === 3) fail(EINVAL);
  bridge.groupAddress = address.slice(0, 6);
}

// Linux: br_fill_info()
function describe(bridge: BridgeDevice): BridgeData {
  return {
    helloTimer: timerTicks(bridge, bridge.helloTimer),
    tcnTimer: timerTicks(bridge, bridge.tcnTimer),
    topologyChangeTimer: timerTicks(bridge, bridge.topologyChangeTimer),
    gcTimer: timerTicks(bridge, bridge.ageingTimer),
    forwardDelay: bridge.forwardDelay,
    helloTime: bridge.helloTime,
    maxAge: bridge.maxAge,
    ageingTime: bridge.ageingTime,
    stpState: bridge.stp ? 1 : 0,
    priority: priorityOf(bridge.bridgeId),
    vlanFiltering: bridge.vlanFiltering ? 1 : 0,
    groupFwdMask: bridge.groupForwardMask,
    bridgeId: bridge.bridgeId,
    rootId: bridge.designatedRoot,
    rootPort: bridge.rootPort,
    rootPathCost: bridge.rootPathCost,
    topologyChange: bridge.topologyChange ? 1 : 0,
    topologyChangeDetected: bridge.topologyChangeDetected ? 1 : 0,
    groupAddr: bridge.groupAddress,
    multiBoolopt: {
      value: (bridge.noLinkLocalLearn ? BR_BOOLOPT_NO_LL_LEARN : 0) | (bridge.multicast.vlanSnooping ? BR_BOOLOPT_MCAST_VLAN_SNOOPING : 0),
      mask: BR_BOOLOPT_NO_LL_LEARN | BR_BOOLOPT_MCAST_VLAN_SNOOPING,
    },
    vlanProtocol: bridge.vlanProtocol,
    vlanDefaultPvid: bridge.defaultPvid,
    vlanStatsEnabled: bridge.vlanStatistics ? 1 : 0,
    vlanStatsPerPort: bridge.vlanStatisticsPerPort ? 1 : 0,
    ...describeSnooping(bridge),
  };
}

const portOf = (device: NetDevice): BridgePort => (device.port instanceof BridgePort ? device.port : fail(EINVAL));

export const bridge: LinkKind<BridgeData> = {
  kind: 'bridge',
  data: bridgeData,
  namePattern: 'bridge%d',
  create(request) {
    checkEthernetAddress(request.address);
    const device = new BridgeDevice(request.stack, request.name);
    device.ethtool = bridgeEthtool;
    device.setRandomAddress();
    if (request.mtu !== null) device.ownMtu = true;
    return device;
  },
  // Linux: br_dev_newlink()
  registered(device, request) {
    if (!(device instanceof BridgeDevice)) return;
    device.addOwnAddress(null, device.address);
    tellVlans(device, null, device.defaultPvid, device.defaultPvid);
    if (request.address !== null) device.changeId(device.address);
    change(device, request.data);
  },
  change(device, data) {
    if (device instanceof BridgeDevice) change(device, data);
  },
  describe: (device) => (device instanceof BridgeDevice ? describe(device) : undefined),
  xstats(device, asMember) {
    const port = asMember && device.port instanceof BridgePort ? device.port : null;
    const of = asMember ? (port?.bridge ?? null) : device;
    return of instanceof BridgeDevice ? { bridge: Deferred.of(bridgeStats, describeStatistics(of, port)) } : null;
  },
  enslave(master, device) {
    if (master instanceof BridgeDevice) addPort(master, device);
  },
  release: (_master, device) => deletePort(portOf(device)),
  member: {
    describe: (device) => Deferred.of(bridgePortData, describePort(portOf(device))),
    change(device, data) {
      const port = portOf(device);
      changePort(port, data.parse(bridgePortData));
      port.bridge.namespace.bridgeEvents.notify({ type: 'port', port });
    },
  },
};
