import type { NetDevice } from '../../../net/core/device.js';
import { deviceFlags, shownOperState } from '../../../net/core/device-state.js';
import type { Namespace } from '../../../net/core/namespace.js';
import { inetConf } from '../../../netlink/rtnl/inet-conf.js';
import { RTEXT_FILTER_SKIP_STATS } from '../../../netlink/rtnl/constants.js';
import type { LinkAttributes, LinkHeader, LinkInfo } from '../../../netlink/rtnl/link/link.js';
import { Deferred } from '../../../netlink/schema.js';
import type { NetlinkServer } from '../../netlink-kernel.js';
import { describeInet6 } from '../ipv6/inet6.js';
import { namespaceIdOf } from '../namespace-ids.js';

export interface LinkDescription {
  /** Where the reader is; what lies in other namespaces is told by id. */
  readonly viewer: Namespace;
  /** IFLA_EXT_MASK: RTEXT_FILTER_*. */
  readonly extMask?: number;
  /** IFLA_TARGET_NETNSID of the request, told back. */
  readonly targetNetnsid?: number | undefined;
  /** The device is leaving to this namespace, and gets this index there. */
  readonly movedTo?: { readonly netnsid: number; readonly ifindex: number } | undefined;
}

export function linkHeader(device: NetDevice, change = 0): Partial<LinkHeader> {
  return { type: device.type, index: device.ifindex, flags: deviceFlags(device) >>> 0, change: change >>> 0 };
}

/** What RTM_NEWLINK says about a device. Linux: rtnl_fill_ifinfo() */
export function describeLink(server: NetlinkServer, device: NetDevice, description: LinkDescription): LinkAttributes {
  const { viewer, extMask = 0, targetNetnsid, movedTo } = description;
  const statistics = (extMask & RTEXT_FILTER_SKIP_STATS) === 0 ? device.statistics : null;
  if (statistics !== null) device.refreshStatistics();
  return {
    targetNetnsid,
    ifname: device.name,
    txqlen: device.txQueueLength,
    operstate: shownOperState(device),
    linkmode: device.linkMode,
    mtu: device.mtu,
    minMtu: device.minMtu,
    maxMtu: device.maxMtu,
    group: device.group,
    promiscuity: device.promiscuity,
    allmulti: device.allMulticast,
    numTxQueues: device.numTxQueues,
    gsoMaxSegs: device.gsoMaxSegments,
    gsoMaxSize: device.gsoMaxSize,
    groMaxSize: device.groMaxSize,
    tsoMaxSize: device.tsoMaxSize,
    tsoMaxSegs: device.tsoMaxSegments,
    numRxQueues: device.numRxQueues,
    master: device.master?.ifindex,
    carrier: device.carrier ? 1 : 0,
    qdisc: device.qdiscName,
    ...(device.alias === '' ? {} : { ifalias: device.alias }),
    carrierChanges: device.carrierUpCount + device.carrierDownCount,
    carrierUpCount: device.carrierUpCount,
    carrierDownCount: device.carrierDownCount,
    protoDown: device.protoDown ? 1 : 0,
    ...(device.protoDownReason === 0 ? {} : { protoDownReason: { value: device.protoDownReason } }),
    map: { memStart: 0, memEnd: 0, baseAddr: 0, irq: 0, dma: 0, port: 0 },
    ...(device.address.length === 0 ? {} : { address: device.address, broadcast: device.broadcast }),
    ...(statistics === null ? {} : { stats64: statistics, stats: statistics }),
    xdp: { attached: 0 },
    linkinfo: describeKind(device),
    ...describeLower(server, device, viewer),
    newNetnsid: movedTo?.netnsid,
    newIfindex: movedTo?.ifindex,
    ...(device.permanentAddress === null ? {} : { permAddress: device.permanentAddress }),
    afSpec: describeFamilies(device, extMask),
    ...(device.altNames.length === 0 ? {} : { propList: device.altNames }),
  };
}

// Linux: rtnl_fill_link_af()
const describeFamilies = (device: NetDevice, extMask: number): NonNullable<LinkAttributes['afSpec']> => ({
  inet: device.ipv4 === null ? undefined : { conf: inetConf(device.ipv4.config) },
  inet6: describeInet6(device, extMask),
});

// Linux: rtnl_link_fill()
function describeKind(device: NetDevice): LinkInfo | undefined {
  const { kind } = device;
  const masterKind = device.master?.kind ?? null;
  if (kind === null && masterKind === null) return undefined;
  const values = kind?.describe?.(device);
  const codec = kind?.data ?? null;
  const slaveData = masterKind?.member?.describe(device);
  return {
    ...(kind === null ? {} : { kind: kind.kind }),
    ...(values === undefined || codec === null ? {} : { data: Deferred.by((writer) => codec.write(writer, values)) }),
    ...(masterKind === null ? {} : { slaveKind: masterKind.kind }),
    ...(slaveData === undefined ? {} : { slaveData }),
  };
}

/** IFLA_LINK, and where that device is if it is elsewhere. Linux: rtnl_fill_link_netnsid() */
function describeLower(server: NetlinkServer, device: NetDevice, viewer: Namespace): LinkAttributes {
  const { ifindex, iflink, linkNamespace } = device;
  // A pair's end whose peer is not there (yet, or any more) says 0: "veth0@NONE".
  if (linkNamespace === null || linkNamespace === device.namespace) return iflink === ifindex ? {} : { link: iflink };
  return { link: iflink, linkNetnsid: namespaceIdOf(server, viewer, linkNamespace) };
}
