import { EACCES, EADDRNOTAVAIL, EHOSTUNREACH, EINVAL, ENETUNREACH, ENODEV } from '../../base/errno.js';
import { RTAX_HOPLIMIT, RTAX_MTU, RTN_ANYCAST, RTN_LOCAL, RTN_UNREACHABLE } from '../../netlink/rtnl/constants.js';
import * as ip6 from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import type { Dst } from '../core/dst.js';
import { Flow } from '../core/flow.js';
import { readTransport } from '../core/flow-keys.js';
import { multipathHash } from '../core/multipath-hash.js';
import type { Namespace } from '../core/namespace.js';
import type { Neighbour } from '../core/neighbour.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { RouteExceptions6 } from './fib/exceptions.js';
import { type Fib6Info, RTF_ANYCAST, RTF_CACHE, RTF_DYNAMIC, RTF_EXPIRES, RTF_GATEWAY, RTF_LOCAL, RTF_MODIFIED } from './fib/info.js';
import { Fib6Result, LOOKUP_HAS_SADDR, LOOKUP_IFACE, LOOKUP_INPUT, lookup } from './fib/lookup.js';
import type { Ipv6 } from './ipv6.js';
import { Rt6 } from './rt6.js';
import { l3DomainOf, l3MasterOf } from '../core/l3mdev.js';

const US_PER_SECOND = 1_000_000;
const MAX_MTU = 65_535 + ip6.HEADER;

/** IPv6's routes as packets see them: Linux's net/ipv6/route.c. A lookup allocates nothing once a way has its cached route. */
export class Ipv6Routes {
  readonly ipv6: Ipv6;
  readonly namespace: Namespace;
  readonly hashSeed: number;
  readonly #errors = new Map<number, Rt6>();
  readonly #flow = new Flow();
  readonly #result = new Fib6Result();

  constructor(ipv6: Ipv6) {
    this.ipv6 = ipv6;
    this.namespace = ipv6.namespace;
    this.hashSeed = this.namespace.stack.random.u32();
    for (const errno of [ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, ENODEV]) this.error(errno);
  }

  /** The way of a packet that is made here; fills in `flow.source6` where it is ::. Never null: failures have `error`. Linux: ip6_dst_lookup() */
  output(flow: Flow): Rt6 {
    // Linux: connect() and sendto() take :: for the loopback.
    if (ip6.isAny(flow.destination6)) ip6.copyAddress(ip6.LOOPBACK, flow.destination6);
    if (!ip6.isAny(flow.source6)) return this.lookupOutput(flow, 0);
    const route = this.lookupOutput(flow, 0);
    if (!this.chooseSource(flow, route.info)) return this.error(EADDRNOTAVAIL);
    // Linux: with the source that it would have there may be a rule or a route after all (ip6_dst_lookup_tail()).
    return route.error === 0 ? route : this.lookupOutput(flow, flow.oif !== 0 ? LOOKUP_IFACE : 0);
  }

  /** The same, with :: as source if that is what it is. Linux: ip6_route_output_flags() */
  lookupOutput(flow: Flow, lookupFlags: number): Rt6 {
    const destination = flow.destination6;
    // A VRF has no link of its own. Linux: vrf_link_scope_lookup()
    if (flow.oif !== 0 && (ip6.isMulticast(destination) || ip6.isLinkLocal(destination))) {
      const device = this.namespace.deviceByIndex(flow.oif);
      if (device !== undefined && device.l3Table !== 0) return this.error(ENETUNREACH);
    }
    const anySource = ip6.isAny(flow.source6);
    const bound = ip6.needsScopeId(destination) || ip6.isLoopback(destination) || (flow.oif !== 0 && anySource);
    const flags = lookupFlags | (bound || ip6.isMulticast(destination) ? LOOKUP_IFACE : 0) | (anySource ? 0 : LOOKUP_HAS_SADDR);
    return this.#lookup(flow, flags, null);
  }

  /** ip6_route_input(): where a packet goes that came in by `device`, addresses of its header at `at`. */
  input(skb: PacketBuffer, at: number, device: NetDevice): Rt6 {
    const flow = this.#flow.reset();
    const v = skb.view;
    ip6.readAddress(v, at + ip6.SOURCE, flow.source6);
    ip6.readAddress(v, at + ip6.DESTINATION, flow.destination6);
    flow.iif = device.ifindex;
    flow.mark = skb.mark;
    flow.tos = ip6.trafficClass(v, at);
    flow.protocol = ip6.nextHeader(v, at);
    if (this.ipv6.fib.rules.asksPorts) readTransport(skb, at, flow);
    return this.lookupInput(flow, LOOKUP_HAS_SADDR, skb);
  }

  /** The way of a packet that came in by `flow.iif`; `skb` null: nobody's, asked for by the user. Linux: ip6_route_input_lookup() */
  lookupInput(flow: Flow, lookupFlags: number, skb: PacketBuffer | null): Rt6 {
    const destination = flow.destination6;
    const strict = ip6.isMulticast(destination) || ip6.isLinkLocal(destination) || ip6.isLoopback(destination);
    return this.#lookup(flow, lookupFlags | LOOKUP_INPUT | (strict ? LOOKUP_IFACE : 0), skb);
  }

  #lookup(flow: Flow, flags: number, skb: PacketBuffer | null): Rt6 {
    const result = this.#result;
    result.skb = skb;
    const error = lookup(this, flow, flags, result);
    return error === 0 ? this.#routeOf(result.info!, flow.destination6) : this.error(-error);
  }

  valid(dst: Dst): boolean {
    if (dst.obsolete || dst.generation !== this.ipv6.fib.generation) return false;
    const route = dst as Rt6;
    return route.expiresUs === 0 || this.namespace.stack.nowUs < route.expiresUs;
  }

  /** The neighbour that a packet to `destination` goes to; null: none can be made. */
  neighbour(route: Rt6, destination: ip6.In6): Neighbour | null {
    const key = route.gateway ?? destination;
    if (route.gateway !== null && route.neighbour !== null && !route.neighbour.dead) return route.neighbour;
    const neighbour = this.ipv6.ndisc.table.obtain(route.device!, key[0]!, key[1]!, key[2]!, key[3]!);
    if (route.gateway !== null) route.neighbour = neighbour;
    return neighbour;
  }

  /** ip6_mtu() */
  mtu(route: Rt6): number {
    let mtu = route.mtu;
    if (mtu !== 0 && route.expiresUs !== 0 && route.expiresUs <= this.namespace.stack.nowUs) mtu = 0;
    if (mtu === 0 && route.info !== null) mtu = route.info.metricOf(RTAX_MTU);
    if (mtu === 0) {
      const { device } = route;
      mtu = device === null ? ip6.MIN_MTU : device.ipv6 === null ? device.mtu : device.ipv6.mtu;
    }
    return Math.min(mtu, MAX_MTU);
  }

  /** ip6_dst_mtu_maybe_forward(): a router does not trust path MTUs that it was told. */
  forwardMtu(route: Rt6): number {
    const metric = route.info === null ? 0 : route.info.metricOf(RTAX_MTU);
    if (metric !== 0) return Math.min(metric, MAX_MTU);
    const { device } = route;
    if (device === null) return ip6.MIN_MTU;
    return Math.min(device.ipv6 === null ? device.mtu : device.ipv6.mtu, MAX_MTU);
  }

  /** ip6_dst_hoplimit() */
  hopLimit(route: Rt6): number {
    const metric = route.info === null ? 0 : route.info.metricOf(RTAX_HOPLIMIT);
    if (metric !== 0) return metric;
    return route.device?.ipv6?.config.hopLimit ?? this.ipv6.allConfig.hopLimit;
  }

  /** Packet Too Big has come for packets of `flow`. Linux: __ip6_rt_update_pmtu() */
  updatePathMtu(wanted: Flow, told: number): void {
    const route = this.output(wanted);
    if (route.error !== 0 || route.info === null || (route.info.flags & (RTF_LOCAL | RTF_ANYCAST)) !== 0) return;
    const mtu = Math.max(told, ip6.MIN_MTU);
    if (mtu >= this.mtu(route)) return;
    if (!this.ipv6.fib.hasRoom()) return;
    const exception = this.#exception(route, wanted.destination6);
    exception.mtu = mtu;
    exception.flags |= RTF_MODIFIED | RTF_EXPIRES;
    exception.expiresUs = this.namespace.stack.nowUs + this.ipv6.settings.routeMtuExpires * US_PER_SECOND;
  }

  /** A router has told of a better one, `from` being who told. Linux: rt6_do_redirect() */
  redirect(from: ip6.In6, target: ip6.In6, destination: ip6.In6, device: NetDevice): void {
    const flow = this.#flow.reset();
    flow.oif = device.ifindex;
    ip6.copyAddress(destination, flow.destination6);
    flow.source6.fill(0);
    this.#result.skb = null;
    if (lookup(this, flow, LOOKUP_IFACE, this.#result) !== 0) return;
    const route = this.#routeOf(this.#result.info!, destination);
    // Only who is our gateway may say so.
    if (route.device !== device || route.gateway === null || !ip6.equalAddress(route.gateway, from)) return;
    if (!this.ipv6.fib.hasRoom()) return;
    const exception = this.#exception(route, destination);
    const onLink = ip6.equalAddress(target, destination);
    exception.gateway = onLink ? null : target.slice();
    exception.flags |= RTF_DYNAMIC | (onLink ? 0 : RTF_GATEWAY);
  }

  /** RTN_* of an address as seen from here (ipv6_addr_type with the local table). */
  isLocal(address: ip6.In6, device: NetDevice | null): boolean {
    return this.ipv6.addresses.isLocal(address, device);
  }

  /** The route that stands for a failure. `errno` is positive. */
  error(errno: number): Rt6 {
    let route = this.#errors.get(errno);
    if (route === undefined) {
      route = new Rt6();
      route.type = RTN_UNREACHABLE;
      route.error = errno;
      this.#errors.set(errno, route);
    }
    route.generation = this.ipv6.fib.generation;
    return route;
  }

  /** The cached route of a way, or the exception of one destination. Linux: rt6_find_cached_rt(), rt6_make_pcpu_route() */
  #routeOf(info: Fib6Info, destination: ip6.In6): Rt6 {
    if (info.exceptions !== null) {
      const exception = info.exceptions.find(destination, this.namespace.stack.nowUs);
      if (exception !== null) return this.valid(exception) ? exception : this.#renew(info, destination, exception);
    }
    let route = info.route;
    if (route !== null && this.valid(route)) return route;
    route = this.#make(info);
    info.route = route;
    return route;
  }

  #make(info: Fib6Info): Rt6 {
    const route = new Rt6();
    const here = (info.flags & (RTF_LOCAL | RTF_ANYCAST)) !== 0;
    route.device = here ? localDeviceOf(info) : info.device;
    route.type = (info.flags & RTF_ANYCAST) !== 0 ? RTN_ANYCAST : (info.flags & RTF_LOCAL) !== 0 ? RTN_LOCAL : info.type;
    route.gateway = info.gateway;
    route.tunnel = info.encapsulation === null ? null : info.encapsulation.metadata;
    route.flags = info.flags;
    route.info = info;
    route.generation = this.ipv6.fib.generation;
    return route;
  }

  /** The tables have changed, what was learned of the destination still holds: those who have the old one look again. */
  #renew(info: Fib6Info, destination: ip6.In6, old: Rt6): Rt6 {
    const route = this.#make(info);
    route.gateway = old.gateway;
    route.mtu = old.mtu;
    route.expiresUs = old.expiresUs;
    route.flags = old.flags;
    info.exceptions!.put(destination, route, info.exceptions!.learnedUs(destination));
    return route;
  }

  #exception(route: Rt6, destination: ip6.In6): Rt6 {
    const info = route.info!;
    const exception = this.#make(info);
    exception.gateway = route.gateway;
    exception.mtu = route.mtu;
    exception.expiresUs = route.expiresUs;
    exception.flags = (route.flags | RTF_CACHE) >>> 0;
    info.exceptions ??= new RouteExceptions6(this.ipv6.fib);
    info.exceptions.put(destination, exception, this.namespace.stack.nowUs);
    this.ipv6.fib.expiryChanged();
    // Who has the way as it was looks again.
    route.obsolete = true;
    return exception;
  }

  /** ip6_route_get_saddr(); `info` null: no route is known. False: no address may speak to there. */
  chooseSource(flow: Flow, info: Fib6Info | null): boolean {
    if (info === null) return this.ipv6.addresses.select(null, flow.destination6, flow.source6);
    // Out of the VRF that the flow belongs to: an address of that one, as answers to others would not come there.
    if (flow.l3Domain !== 0 && l3DomainOf(info.device) !== flow.l3Domain)
      return this.ipv6.addresses.select(this.namespace.deviceByIndex(flow.l3Domain) ?? null, flow.destination6, flow.source6);
    if (info.preferredSource !== null) {
      ip6.copyAddress(info.preferredSource, flow.source6);
      return true;
    }
    return this.ipv6.addresses.select(info.device, flow.destination6, flow.source6);
  }

  /** 31 bits of a flow, for the choice among several ways. `skb` null: made here. Linux: rt6_multipath_hash() */
  multipathHash(flow: Flow, skb: PacketBuffer | null): number {
    const { fibMultipathHashPolicy, fibMultipathHashFields } = this.ipv6.settings;
    return multipathHash(this.hashSeed, fibMultipathHashPolicy, fibMultipathHashFields, flow, true, skb);
  }
}

/** By which device packets to an address of this host go: that of its VRF, if it is in one, else the loopback. Linux: ip6_rt_get_dev_rcu() */
function localDeviceOf(info: Fib6Info): NetDevice {
  const { device } = info;
  const { loopback } = device.namespace;
  if (device.l3Table !== 0) return device;
  const strict = ip6.isMulticast(info.destination) || ip6.isLinkLocal(info.destination) || ip6.isLoopback(info.destination);
  return strict ? loopback : (l3MasterOf(device) ?? loopback);
}
