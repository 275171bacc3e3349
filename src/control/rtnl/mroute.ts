import { EINVAL, ENODEV, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { MAX_VIFS, type MfcEntry, type MrTable } from '../../net/core/mroute/table.js';
import type { Namespace } from '../../net/core/namespace.js';
import { ipv4Routes } from '../../net/ipv4/routes.js';
import { NETLINK_ROUTE, NLM_F_DUMP_FILTERED, NLM_F_MULTI } from '../../netlink/constants.js';
import {
  NETCONFA_IFINDEX_ALL,
  RTM_DELROUTE,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  RTN_MULTICAST,
  RTPROT_MROUTED,
  RTPROT_STATIC,
} from '../../netlink/rtnl/constants.js';
import { mrouteMessage } from '../../netlink/rtnl/mroute.js';
import { rtmsg } from '../../netlink/rtnl/route.js';
import { netconf6Events, netconfEvents } from '../netconf-events.js';
import type { NetlinkServer } from '../netlink-kernel.js';
import type { Dump } from '../netlink-protocol.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { describeMroute, ipv4Mroutes, ipv6Mroutes, type MrouteFamily } from './mroute/family.js';
import type { RtnetlinkHandler, RtnetlinkModule } from './rtnetlink.js';
import { parseStrictly } from './strict.js';

/** RTM_NEWROUTE, RTM_DELROUTE: an entry without a daemon. EINVAL, ENOENT, ENODEV. Linux: ipmr_rtm_route() */
function change<A>(family: MrouteFamily<A>, request: NetlinkRequest, adding: boolean): void {
  const { header, attributes } = mrouteMessage.parse(request.message);
  const bits = family.addressBits;
  const known = header.protocol === RTPROT_STATIC || header.protocol === RTPROT_MROUTED;
  if (header.dstLen !== bits || header.srcLen !== bits || header.tos !== 0 || header.scope !== 0) fail(EINVAL);
  if (header.type !== RTN_MULTICAST || !known) fail(EINVAL);
  const tables = family.tables(request.namespace);
  const table = tables.get(attributes.table ?? tables.defaultTable) ?? fail(ENOENT);
  const { src, dst } = attributes;
  if ((src !== undefined && src.length !== bits / 8) || (dst !== undefined && dst.length !== bits / 8)) fail(EINVAL);
  const origin = src === undefined ? table.family.any : family.parse(src);
  const group = dst === undefined ? table.family.any : family.parse(dst);
  const parent = attributes.iif === undefined ? 0 : parentOf(request.namespace, table, attributes.iif);
  const proxy = attributes.prefsrc !== undefined;
  if (!adding) {
    table.deleteEntry(origin, group, proxy ? parent : -1);
    return;
  }
  const ttls = new Uint8Array(MAX_VIFS);
  // Linux: ipmr_nla_get_ttls(): the legs are the VIFs one after the other.
  attributes.multipath?.slice(0, MAX_VIFS).forEach(({ hops }, vif) => {
    ttls[vif] = hops;
  });
  table.addEntry(origin, group, parent, ttls, { proxy, fixed: header.protocol !== RTPROT_MROUTED });
}

function parentOf<A>(namespace: Namespace, table: MrTable<A>, ifindex: number): number {
  const vif = table.vifOf(namespace.deviceByIndex(ifindex) ?? fail(ENODEV));
  return vif < 0 ? fail(EINVAL) : vif;
}

/** One entry. ENOENT. Linux: ipmr_rtm_getroute() */
function get<A>(family: MrouteFamily<A>, request: NetlinkRequest): void {
  const { attributes } = request.strict
    ? parseStrictly(request, mrouteMessage, rtmsg.size, {
        badHeader: `${family.name}: Invalid header for multicast route get request`,
        allowed: ['table', 'src', 'dst'],
        badAttribute: `${family.name}: Unsupported attribute in multicast route get request`,
      })
    : mrouteMessage.parse(request.message);
  const tables = family.tables(request.namespace);
  const table = tables.get(attributes.table ?? tables.defaultTable) ?? fail(ENOENT);
  const origin = attributes.src === undefined ? table.family.any : family.parse(attributes.src);
  const group = attributes.dst === undefined ? table.family.any : family.parse(attributes.dst);
  const entry = table.find(origin, group) ?? fail(ENOENT);
  const { header, attributes: shown } = describeMroute(family, table, entry);
  request.answer(mrouteMessage, header, shown, RTM_NEWROUTE);
}

/** Linux: ipmr_rtm_dumproute(), mr_table_dump() */
function dump<A>(family: MrouteFamily<A>, request: NetlinkRequest): Dump {
  return {
    *messages(writer) {
      const asked = request.strict ? strictTable(family, request) : 0;
      const tables = family.tables(request.namespace);
      const wanted = asked === 0 ? [...tables.all()] : tableAsked(family, request, asked);
      const flags = NLM_F_MULTI | (asked === 0 ? 0 : NLM_F_DUMP_FILTERED);
      const { sequence } = request.message;
      for (const table of wanted)
        for (const entry of [...table.entries, ...table.unresolved]) {
          const { header, attributes } = describeMroute(family, table, entry);
          mrouteMessage.build(writer, RTM_NEWROUTE, flags, sequence, request.socket.portId, header, attributes);
          yield;
        }
    },
  };
}

function tableAsked<A>(family: MrouteFamily<A>, request: NetlinkRequest, id: number): readonly MrTable<A>[] {
  const table = family.tables(request.namespace).get(id);
  if (table !== null) return [table];
  return mrouteMessage.readHeader(request.message).family === family.family ? fail(ENOENT, `${family.name}: MR table does not exist`) : [];
}

/** The table of a strict request; 0: all. Linux: ip_valid_fib_dump_req() */
function strictTable<A>(_family: MrouteFamily<A>, request: NetlinkRequest): number {
  const bytes = mrouteMessage.readHeader(request.message);
  const { attributes } = mrouteMessage.parse(request.message);
  return attributes.table ?? bytes.table;
}

function handlersOf<A>(family: MrouteFamily<A>): readonly RtnetlinkHandler[] {
  return [
    { type: RTM_NEWROUTE, family: family.family, handle: (request) => change(family, request, true) },
    { type: RTM_DELROUTE, family: family.family, handle: (request) => change(family, request, false) },
    {
      type: RTM_GETROUTE,
      family: family.family,
      handle: (request) => get(family, request),
      dump: (request) => dump(family, request),
    },
  ];
}

function tellOf<A>(family: MrouteFamily<A>, server: NetlinkServer, namespace: Namespace): void {
  family.tables(namespace).events.subscribe(({ type, table, entry }) => {
    server.notify({ protocol: NETLINK_ROUTE, namespace, group: family.group }, (writer, sequence, portId) => {
      const { header, attributes } = describeMroute(family, table, entry as MfcEntry<A>);
      mrouteMessage.build(writer, type === 'new' ? RTM_NEWROUTE : RTM_DELROUTE, 0, sequence, portId, header, attributes);
    });
  });
}

/** Multicast routes: RTM_*ROUTE of RTNL_FAMILY_IPMR and IP6MR, RTNLGRP_IPV4_MROUTE, RTNLGRP_IPV6_MROUTE. */
export const mrouteModule: RtnetlinkModule = {
  handlers: [...handlersOf(ipv4Mroutes), ...handlersOf(ipv6Mroutes)],
  watch(server, namespace) {
    tellOf(ipv4Mroutes, server, namespace);
    tellOf(ipv6Mroutes, server, namespace);
    const { ipv4, ipv6 } = namespace;
    ipv4.multicastRouting.forwardingEvents.subscribe(({ device }) => {
      const config = device === null ? ipv4Routes(namespace).allConfig : device.ipv4?.config;
      if (config !== undefined)
        netconfEvents(namespace).notify({ ifindex: device?.ifindex ?? NETCONFA_IFINDEX_ALL, config, key: 'mcForwarding' });
    });
    ipv6.multicastRouting.forwardingEvents.subscribe(({ device }) => {
      const config = device === null ? ipv6.allConfig : device.ipv6?.config;
      if (config !== undefined)
        netconf6Events(namespace).notify({ ifindex: device?.ifindex ?? NETCONFA_IFINDEX_ALL, config, key: 'mcForwarding' });
    });
  },
};
