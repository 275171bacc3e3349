import { EINVAL, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Encapsulation } from '../../net/core/lwtunnel.js';
import type { NexthopObject } from '../../net/nexthop/object.js';
import type { ResilientTable } from '../../net/nexthop/resilient-table.js';
import type { NexthopTable, NexthopWish } from '../../net/nexthop/table.js';
import { AF_INET, AF_INET6, AF_UNSPEC, NETLINK_ROUTE, NLM_F_MULTI } from '../../netlink/constants.js';
import {
  RTM_DELNEXTHOP,
  RTM_GETNEXTHOP,
  RTM_GETNEXTHOPBUCKET,
  RTM_NEWNEXTHOP,
  RTM_NEWNEXTHOPBUCKET,
  RTNH_F_ONLINK,
  RTNLGRP_NEXTHOP,
} from '../../netlink/rtnl/constants.js';
import {
  NEXTHOP_GRP_TYPE_MPATH,
  NEXTHOP_GRP_TYPE_RES,
  type NexthopAttributes,
  type NexthopHeader,
  nexthopMessage,
} from '../../netlink/rtnl/nexthop.js';
import { IN6_BYTES } from '../../wire/ipv6.js';
import type { Dump } from '../netlink-protocol.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { describeEncapsulation, encapsulationOf } from './encap.js';
import { ipv4Bytes, ipv4Number } from './ipv4.js';
import { in6, in6Bytes } from './ipv6/in6.js';
import type { RtnetlinkModule } from './rtnetlink.js';

/** Microseconds of a tick of USER_HZ, which times of messages are in. */
const TICK_US = 10_000;

const nexthopsOf = (request: NetlinkRequest): NexthopTable => request.namespace.nexthops;

// Linux: rtm_to_nh_config()
function wishOf(header: NexthopHeader, attributes: NexthopAttributes): NexthopWish {
  if (header.resvd !== 0 || header.scope !== 0) fail(EINVAL, 'Invalid values in ancillary header');
  if ((header.flags & ~RTNH_F_ONLINK) !== 0) fail(EINVAL, 'Invalid nexthop flags in ancillary header');
  const { group, oif, gateway, encap, encapType } = attributes;
  if (header.family !== AF_INET && header.family !== AF_INET6 && !(header.family === AF_UNSPEC && group !== undefined))
    fail(EINVAL, 'Invalid address family');
  const fdb = attributes.fdb === true;
  const blackhole = attributes.blackhole === true;
  const encapsulated = encap !== undefined || encapType !== undefined;
  if (fdb && (oif !== undefined || blackhole || encapsulated)) fail(EINVAL, 'Fdb attribute can not be used with encap, oif or blackhole');
  if (fdb && header.flags !== 0) fail(EINVAL, 'Unsupported nexthop flags in ancillary header');
  const wish = {
    id: attributes.id ?? 0,
    protocol: header.protocol,
    flags: header.flags,
    blackhole,
    fdb,
    oif: oif ?? 0,
    gateway: 0,
    gateway6: null,
    encapsulation: null,
    family: header.family,
    group: null,
    resilient: null,
  };
  if (group !== undefined) return { ...wish, ...groupOf(header, attributes, group) };
  if (blackhole) {
    if (gateway !== undefined || oif !== undefined || encapsulated)
      fail(EINVAL, 'Blackhole attribute can not be used with gateway, oif, encap or fdb');
  } else if (!fdb && oif === undefined) fail(EINVAL, 'Device attribute required for non-blackhole and non-fdb nexthops');
  const encapsulation = encapsulated ? encapsulationOfNexthop(attributes) : null;
  if (gateway === undefined) {
    if ((header.flags & RTNH_F_ONLINK) !== 0) fail(EINVAL, 'ONLINK flag can not be set for nexthop without a gateway');
    return { ...wish, encapsulation };
  }
  if (gateway.length !== (header.family === AF_INET6 ? IN6_BYTES : 4)) fail(EINVAL, 'Invalid gateway');
  if (header.family === AF_INET6) return { ...wish, gateway6: in6(gateway), encapsulation };
  return { ...wish, gateway: ipv4Number(gateway), encapsulation };
}

function encapsulationOfNexthop(attributes: NexthopAttributes): Encapsulation | null {
  if (attributes.encapType === undefined) fail(EINVAL, 'LWT encapsulation type is missing');
  if (attributes.encap === undefined) fail(EINVAL, 'LWT encapsulation attribute is missing');
  return encapsulationOf(attributes);
}

function groupOf(header: NexthopHeader, attributes: NexthopAttributes, group: NonNullable<NexthopAttributes['group']>) {
  if (header.family !== AF_UNSPEC) fail(EINVAL, 'Invalid family for group');
  const type = attributes.groupType ?? NEXTHOP_GRP_TYPE_MPATH;
  if (type > NEXTHOP_GRP_TYPE_RES) fail(EINVAL, 'Invalid group type');
  const resilient = type === NEXTHOP_GRP_TYPE_RES;
  const others = [attributes.blackhole, attributes.oif, attributes.gateway, attributes.encap, attributes.encapType];
  if (others.some((given) => given !== undefined) || (attributes.resilient !== undefined && !resilient))
    fail(EINVAL, 'No other attributes can be set in nexthop groups');
  if (!resilient) return { group };
  const { buckets, idleTimer, unbalancedTimer } = attributes.resilient ?? {};
  if (buckets === 0) fail(EINVAL, 'Number of buckets needs to be non-0');
  return {
    group,
    resilient: {
      buckets: buckets ?? null,
      idleTimerUs: idleTimer === undefined ? null : idleTimer * TICK_US,
      unbalancedTimerUs: unbalancedTimer === undefined ? null : unbalancedTimer * TICK_US,
    },
  };
}

interface Described {
  readonly header: Partial<NexthopHeader>;
  readonly attributes: NexthopAttributes;
}

// Linux: nh_fill_node()
function describe(object: NexthopObject, nowUs: number): Described {
  const header = { family: AF_UNSPEC, flags: object.flags, protocol: object.protocol };
  const { id, members, fdb } = object;
  if (members !== null) {
    const { resilient } = object;
    return {
      header,
      attributes: {
        id,
        groupType: resilient === null ? NEXTHOP_GRP_TYPE_MPATH : NEXTHOP_GRP_TYPE_RES,
        group: members.map((member) => ({ id: member.object.id, weight: member.weight })),
        ...(resilient === null ? {} : { resilient: describeResilient(resilient, nowUs) }),
        ...(fdb ? { fdb } : {}),
      },
    };
  }
  if (object.blackhole) return { header: { ...header, family: object.family }, attributes: { id, blackhole: true } };
  return {
    header: { ...header, family: object.family, scope: object.scope },
    attributes: {
      id,
      ...(fdb ? { fdb } : {}),
      ...(object.device === null ? {} : { oif: object.device.ifindex }),
      ...(object.gateway === 0 ? {} : { gateway: ipv4Bytes(object.gateway) }),
      ...(object.gateway6 === null ? {} : { gateway: in6Bytes(object.gateway6) }),
      ...describeEncapsulation(object.encapsulation),
    },
  };
}

function describeResilient(table: ResilientTable, nowUs: number) {
  const { unbalancedSinceUs } = table;
  return {
    buckets: table.buckets,
    idleTimer: table.idleTimerUs / TICK_US,
    unbalancedTimer: table.unbalancedTimerUs / TICK_US,
    unbalancedTime: unbalancedSinceUs === 0 ? 0 : Math.floor((nowUs - unbalancedSinceUs) / TICK_US),
  };
}

function describeBucket(object: NexthopObject, table: ResilientTable, index: number): Described {
  return {
    header: { family: AF_UNSPEC, flags: object.flags, protocol: object.protocol },
    attributes: {
      id: object.id,
      bucket: { index, idleTime: Math.floor(table.idleUs(index) / TICK_US), nexthopId: table.member(index)?.id ?? 0 },
    },
  };
}

/** The object that the request names. Linux: nh_valid_get_del_req() */
function named(request: NetlinkRequest): { readonly object: NexthopObject; readonly attributes: NexthopAttributes } {
  const { attributes } = nexthopMessage.parse(request.message);
  if (attributes.id === undefined) fail(EINVAL, 'Nexthop id is missing');
  if (attributes.id === 0) fail(EINVAL, 'Invalid nexthop id');
  return { object: nexthopsOf(request).find(attributes.id) ?? fail(ENOENT), attributes };
}

function getNexthop(request: NetlinkRequest): void {
  const { header, attributes } = describe(named(request).object, request.namespace.stack.nowUs);
  request.answer(nexthopMessage, header, attributes, RTM_NEWNEXTHOP);
}

function uses(object: NexthopObject, oif: number, master: number): boolean {
  if (oif === 0 && master === 0) return true;
  if (object.members !== null) return false;
  return (oif === 0 || object.device?.ifindex === oif) && (master === 0 || object.device?.master?.ifindex === master);
}

// Linux: rtm_dump_nexthop()
function dumpNexthops(request: NetlinkRequest): Dump {
  const { header: asked, attributes: wanted } = nexthopMessage.parse(request.message);
  const { namespace, message } = request;
  return {
    *messages(writer) {
      for (const object of nexthopsOf(request).all()) {
        if (wanted.groups === true && object.members === null) continue;
        if (!uses(object, wanted.oif ?? 0, wanted.master ?? 0)) continue;
        if (asked.family !== AF_UNSPEC && object.family !== asked.family) continue;
        const { header, attributes } = describe(object, namespace.stack.nowUs);
        nexthopMessage.build(writer, RTM_NEWNEXTHOP, NLM_F_MULTI, message.sequence, request.socket.portId, header, attributes);
        yield;
      }
    },
  };
}

function getBucket(request: NetlinkRequest): void {
  const { object, attributes } = named(request);
  const index = attributes.bucket?.index ?? fail(EINVAL, 'Bucket information is missing');
  const { resilient } = object;
  if (object.members === null) fail(EINVAL, 'Not a nexthop group');
  if (resilient === null) fail(EINVAL, 'Nexthop group not of type resilient');
  if (index >= resilient.buckets) fail(ENOENT, 'Bucket index out of bounds');
  const { header, attributes: found } = describeBucket(object, resilient, index);
  request.answer(nexthopMessage, header, found, RTM_NEWNEXTHOPBUCKET);
}

// Linux: rtm_dump_nexthop_bucket()
function dumpBuckets(request: NetlinkRequest): Dump {
  const { attributes: wanted } = nexthopMessage.parse(request.message);
  const { message } = request;
  const nexthops = nexthopsOf(request);
  return {
    *messages(writer) {
      const groups = wanted.id === undefined ? nexthops.all() : [nexthops.find(wanted.id) ?? fail(ENOENT)];
      if (wanted.id !== undefined && groups[0]?.resilient === null)
        fail(EINVAL, groups[0].members === null ? 'Not a nexthop group' : 'Nexthop group not of type resilient');
      for (const group of groups) {
        const { resilient } = group;
        for (let index = 0; resilient !== null && index < resilient.buckets; index++) {
          const member = resilient.member(index);
          if (wanted.bucket?.nexthopId !== undefined && member?.id !== wanted.bucket.nexthopId) continue;
          if (member !== null && !uses(member, wanted.oif ?? 0, wanted.master ?? 0)) continue;
          const { header, attributes } = describeBucket(group, resilient, index);
          nexthopMessage.build(writer, RTM_NEWNEXTHOPBUCKET, NLM_F_MULTI, message.sequence, request.socket.portId, header, attributes);
          yield;
        }
      }
    },
  };
}

/** Nexthop objects: RTM_*NEXTHOP, RTM_GETNEXTHOPBUCKET, RTNLGRP_NEXTHOP. */
export const nexthopModule: RtnetlinkModule = {
  handlers: [
    {
      type: RTM_NEWNEXTHOP,
      family: AF_UNSPEC,
      handle(request) {
        const { header, attributes } = nexthopMessage.parse(request.message);
        nexthopsOf(request).add(wishOf(header, attributes), request.flags);
      },
    },
    { type: RTM_DELNEXTHOP, family: AF_UNSPEC, handle: (request) => nexthopsOf(request).delete(named(request).object.id) },
    { type: RTM_GETNEXTHOP, family: AF_UNSPEC, handle: getNexthop, dump: dumpNexthops },
    { type: RTM_GETNEXTHOPBUCKET, family: AF_UNSPEC, handle: getBucket, dump: dumpBuckets },
  ],
  watch(server, namespace) {
    namespace.nexthops.events.subscribe(({ type, object, flags }) => {
      const notification = { protocol: NETLINK_ROUTE, namespace, group: RTNLGRP_NEXTHOP, answersRequest: true };
      server.notify(notification, (writer, sequence, portId) => {
        const { header, attributes } = describe(object, namespace.stack.nowUs);
        const messageType = type === 'delete' ? RTM_DELNEXTHOP : RTM_NEWNEXTHOP;
        nexthopMessage.build(writer, messageType, flags, sequence, portId, header, attributes);
      });
    });
  },
};
