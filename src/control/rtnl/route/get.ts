import { US_PER_TICK } from '../../../base/clock.js';
import { EHOSTUNREACH, EINVAL, ENOBUFS, ENODEV, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { Flow } from '../../../net/core/flow.js';
import type { NetDevice } from '../../../net/core/device.js';
import { DO_REDIRECT } from '../../../net/ipv4/control-block.js';
import { FibResult } from '../../../net/ipv4/fib/result.js';
import type { Ipv4Route } from '../../../net/ipv4/routing.js';
import { Rtable } from '../../../net/ipv4/rtable.js';
import { AF_INET } from '../../../netlink/constants.js';
import { payloadStart } from '../../../netlink/message.js';
import {
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTM_F_CLONED,
  RTM_F_FIB_MATCH,
  RTM_F_LOOKUP_TABLE,
  RTM_F_NOTIFY,
  RTM_NEWROUTE,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
} from '../../../netlink/rtnl/constants.js';
import { type RouteAttributes, type RouteHeader, routeMessage, rtmsg } from '../../../netlink/rtnl/route.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { describeEncapsulation } from '../encap.js';
import { fibOf, ipv4Bytes, ipv4Number } from '../ipv4.js';
import { parseStrictly } from '../strict.js';
import { type DescribedRoute, describeGateway, describeRoute, tableByte } from './describe.js';
import { describeMetrics } from './metrics.js';
import { probePacket } from './probe-packet.js';

/** IPTOS_RT_MASK */
const TOS_BITS = 0x1c;
const IPPROTO_ICMP = 1;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
// linux/in_route.h: rtm_flags of a route that is made for packets
const RTCF_NOTIFY = 0x0001_0000;
const RTCF_REDIRECTED = 0x0004_0000;
const RTCF_DOREDIRECT = 0x0100_0000;
const RTCF_BROADCAST = 0x1000_0000;
const RTCF_MULTICAST = 0x2000_0000;
const RTCF_LOCAL = 0x8000_0000;

interface Question {
  readonly destination: number;
  readonly source: number;
  readonly tos: number;
  readonly iif: number;
  readonly uid: number | undefined;
  readonly mark: number;
}

/** RTM_GETROUTE of one destination: where a packet would go. Linux: inet_rtm_getroute() */
export function getRoute(request: NetlinkRequest): void {
  const { header, attributes } = parseGet(request);
  const question: Question = {
    destination: attributes.dst === undefined ? 0 : ipv4Number(attributes.dst),
    source: attributes.src === undefined ? 0 : ipv4Number(attributes.src),
    tos: header.tos & TOS_BITS,
    iif: attributes.iif ?? 0,
    uid: attributes.uid ?? (attributes.iif === undefined ? request.credentials.uid : undefined),
    mark: attributes.mark ?? 0,
  };
  const flow = flowOf(question, attributes);
  const { route, redirects } =
    question.iif === 0 ? { route: request.namespace.ipv4.routes.output(flow), redirects: false } : routeInput(request, question, flow);
  if (route.error !== 0) fail(route.error);
  // The lookup has filled in the flow it was given; the tables are asked with what the user asked.
  const match = tableMatch(request, flowOf(question, attributes));
  if ((header.flags & RTM_F_FIB_MATCH) !== 0) {
    const { header: found, attributes: values } = match === null ? fail(EHOSTUNREACH) : describeMatch(request, match, flow);
    request.answer(routeMessage, found, values, RTM_NEWROUTE);
    return;
  }
  const tableId = (header.flags & RTM_F_LOOKUP_TABLE) !== 0 ? shownTable(request, match) : RT_TABLE_MAIN;
  const { header: found, attributes: values } = describeWay(
    request,
    route,
    flow,
    question,
    tableId,
    notifyFlags(route, header.flags) | (redirects ? RTCF_DOREDIRECT : 0),
  );
  request.answer(routeMessage, found, values, RTM_NEWROUTE);
}

/** Ways whose change somebody wanted to be told of: the wish stays with the way, whoever asks next. */
const watched = new WeakSet<Ipv4Route>();

/** RTM_F_NOTIFY and RTCF_NOTIFY. Linux: inet_rtm_getroute(), rt_fill_info() */
function notifyFlags(route: Ipv4Route, flags: number): number {
  if ((flags & RTM_F_NOTIFY) !== 0) watched.add(route);
  return watched.has(route) ? RTM_F_NOTIFY | RTCF_NOTIFY : 0;
}

function flowOf(question: Question, attributes: RouteAttributes): Flow {
  const flow = new Flow();
  flow.destination = question.destination;
  flow.source = question.source;
  flow.tos = question.tos;
  flow.oif = attributes.oif ?? 0;
  flow.iif = question.iif;
  flow.mark = question.mark;
  flow.uid = question.uid ?? 0;
  flow.protocol = transportOf(attributes.ipProto);
  flow.sourcePort = attributes.sport ?? 0;
  flow.destinationPort = attributes.dport ?? 0;
  return flow;
}

// Linux: rtm_getroute_parse_ip_proto()
function transportOf(protocol: number | undefined): number {
  if (protocol === undefined) return IPPROTO_UDP;
  if (protocol !== IPPROTO_TCP && protocol !== IPPROTO_UDP && protocol !== IPPROTO_ICMP) fail(EOPNOTSUPP, 'Unsupported ip proto');
  return protocol;
}

/** As a packet that came in by `iif` would be routed; `redirects`: its sender would be told of a better hop. */
function routeInput(request: NetlinkRequest, question: Question, flow: Flow): { route: Ipv4Route; redirects: boolean } {
  const { namespace } = request;
  const device: NetDevice = namespace.deviceByIndex(question.iif) ?? fail(ENODEV);
  const skb = probePacket(namespace.stack.pool, flow) ?? fail(ENOBUFS);
  try {
    skb.device = device;
    skb.mark = question.mark;
    const route = namespace.ipv4.routes.input(skb, question.destination, question.source, question.tos, device);
    return { route, redirects: (skb.cb0 & DO_REDIRECT) !== 0 };
  } finally {
    namespace.stack.pool.release(skb);
  }
}

/** The entry of a table that the way came from; null: none, as for an address that needs no table. */
function tableMatch(request: NetlinkRequest, flow: Flow): FibResult | null {
  const result = new FibResult();
  return fibOf(request.namespace).lookup(flow, result, 0) === 0 ? result : null;
}

/** Until a rule is added or removed, Linux holds the routes of local in the table main. Linux: fib_trie_table(), fib_unmerge() */
function shownTable(request: NetlinkRequest, match: FibResult | null): number {
  const id = match?.table?.id ?? 0;
  return id === RT_TABLE_LOCAL && fibOf(request.namespace).rules.onlyDefaults ? RT_TABLE_MAIN : id;
}

function describeMatch(request: NetlinkRequest, match: FibResult, flow: Flow): DescribedRoute {
  const { table, info, prefixLength, tos, type } = match;
  if (table === null || info === null) return fail(EHOSTUNREACH);
  const mask = prefixLength === 0 ? 0 : (0xffff_ffff << (32 - prefixLength)) >>> 0;
  const route = {
    tableId: shownTable(request, match),
    destination: (flow.destination & mask) >>> 0,
    prefixLength,
    tos,
    type,
    info,
  };
  return describeRoute(route, request.namespace.ipv4.settings.nexthopCompatMode);
}

function wayFlags(request: NetlinkRequest, route: Ipv4Route, destination: number): number {
  const { type, device } = route;
  if (type === RTN_LOCAL) return RTCF_LOCAL;
  if (type === RTN_BROADCAST) return RTCF_BROADCAST | RTCF_LOCAL;
  if (type === RTN_MULTICAST) {
    const member = device !== null && request.namespace.ipv4.multicast.isMember(device, destination);
    return RTCF_MULTICAST | (member ? RTCF_LOCAL : 0);
  }
  return route instanceof Rtable && route.redirected ? RTCF_REDIRECTED : 0;
}

// Linux: rt_fill_info()
function describeWay(
  request: NetlinkRequest,
  route: Ipv4Route,
  flow: Flow,
  question: Question,
  tableId: number,
  flags: number,
): DescribedRoute {
  const { destination, source, iif, uid, mark } = question;
  const cached = route instanceof Rtable ? route : null;
  const { nowUs } = request.namespace.stack;
  const expires = cached === null || cached.expiresUs === 0 ? 0 : Math.max(0, Math.floor((cached.expiresUs - nowUs) / US_PER_TICK));
  const header: RouteHeader = {
    family: AF_INET,
    dstLen: 32,
    srcLen: source === 0 ? 0 : 32,
    tos: 0,
    table: tableByte(tableId),
    protocol: 0,
    scope: 0,
    type: route.type,
    flags: ((wayFlags(request, route, flow.destination) | RTM_F_CLONED | flags) >>> 0) as number,
  };
  const destinationShown = destination === 0 ? flow.destination : destination;
  return {
    header,
    attributes: {
      table: tableId,
      dst: ipv4Bytes(destinationShown),
      ...(source === 0 ? {} : { src: ipv4Bytes(source) }),
      ...(route.device === null ? {} : { oif: route.device.ifindex }),
      ...(cached === null || cached.realms === 0 ? {} : { flow: cached.realms }),
      ...(iif === 0 && flow.source !== source ? { prefsrc: ipv4Bytes(flow.source) } : {}),
      ...describeGateway(route),
      ...describeEncapsulation(cached?.encapsulation ?? null),
      metrics: describeMetrics(cached?.info?.metrics ?? null, cached?.info?.congestionControl ?? '', expires === 0 ? 0 : route.mtu),
      ...(mark === 0 ? {} : { mark }),
      uid,
      ...(iif === 0 ? {} : { iif }),
      cacheinfo: { clntref: 0, lastuse: 0, expires, error: 0, used: 0, id: 0, ts: 0, tsage: 0 },
    },
  };
}

// Linux: inet_rtm_valid_getroute_req()
function parseGet(request: NetlinkRequest) {
  if (request.message.end - payloadStart(request.message) < rtmsg.size) fail(EINVAL, 'ipv4: Invalid header for route get request');
  if (!request.strict) return routeMessage.parse(request.message);
  const parsed = parseStrictly(request, routeMessage, rtmsg.size, {
    badHeader: 'ipv4: Invalid header for route get request',
    allowed: ['iif', 'oif', 'src', 'dst', 'ipProto', 'sport', 'dport', 'mark', 'uid'],
    badAttribute: 'ipv4: Unsupported attribute in route get request',
  });
  const { header, attributes } = parsed;
  const lengths = [header.srcLen, header.dstLen].every((length) => length === 0 || length === 32);
  if (!lengths || header.table !== 0 || header.protocol !== 0 || header.scope !== 0 || header.type !== 0)
    fail(EINVAL, 'ipv4: Invalid values in header for route get request');
  if ((header.flags & ~(RTM_F_NOTIFY | RTM_F_LOOKUP_TABLE | RTM_F_FIB_MATCH)) !== 0)
    fail(EINVAL, 'ipv4: Unsupported rtm_flags for route get request');
  if ((attributes.src !== undefined && header.srcLen === 0) || (attributes.dst !== undefined && header.dstLen === 0))
    fail(EINVAL, 'ipv4: rtm_src_len and rtm_dst_len must be 32 for IPv4');
  return parsed;
}
