import { EACCES, EHOSTUNREACH, EINVAL, ENETUNREACH, ENODEV, EXDEV } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import {
  IFF_LOOPBACK,
  IFF_POINTOPOINT,
  RTAX_HOPLIMIT,
  RTAX_LOCK,
  RTAX_MTU,
  RTN_UNREACHABLE,
  RT_SCOPE_LINK,
} from '../../netlink/rtnl/constants.js';
import type { NetDevice } from '../core/device.js';
import type { Dst } from '../core/dst.js';
import type { Flow } from '../core/flow.js';
import type { Namespace } from '../core/namespace.js';
import type { Neighbour } from '../core/neighbour.js';
import type { NeighbourTable } from '../core/neighbour-table.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { Ipv4Addresses } from './addresses.js';
import { settingsSource } from '../core/settings-source.js';
import { allConfig, Ipv4Config } from './config.js';
import { followDevices } from './device-events.js';
import type { NexthopException } from './fib/exceptions.js';
import { Fib } from './fib/fib.js';
import type { FibInfo, FibNexthop } from './fib/info.js';
import { FibResult } from './fib/result.js';
import { InterfaceRoutes } from './interface-routes.js';
import type { Ipv4 } from './ipv4.js';
import { updatePathMtu, followRedirect } from './learned-routes.js';
import { routeInput } from './route-input.js';
import { routeOutput } from './route-output.js';
import type { Ipv4Routing } from './routing.js';
import { Rtable } from './rtable.js';

const MAX_LENGTH = 0xffff;

/**
 * Routes as packets see them, over the tables, addresses and settings of one namespace: Linux's net/ipv4/route.c. A lookup
 * allocates nothing once a next hop has its cached routes; routes that stand for a failure are made once.
 */
export class Ipv4Routes implements Ipv4Routing {
  readonly ipv4: Ipv4;
  readonly namespace: Namespace;
  readonly fib: Fib;
  readonly addresses: Ipv4Addresses;
  readonly interfaceRoutes: InterfaceRoutes;
  /** net.ipv4.conf.all and net.ipv4.conf.default. */
  readonly allConfig: Ipv4Config;
  readonly defaultConfig: Ipv4Config;
  /** fib_multipath_use_neigh, fib_multipath_hash_policy */
  multipathUseNeighbour = 0;
  multipathHashPolicy = 0;
  /** fib_multipath_hash_fields, for policy 3: FIB_MULTIPATH_HASH_FIELD_* */
  multipathHashFields = 7;
  readonly result = new FibResult();
  readonly hashSeed: number;
  /** Sends a gratuitous ARP for an address; net/arp sets it. */
  onAnnounce: ((device: NetDevice, address: number) => void) | null = null;
  #arp: NeighbourTable | null = null;
  readonly #errors = new Map<number, Rtable>();
  readonly #deviceRoutes = new Map<NetDevice, Rtable[]>();

  constructor(ipv4: Ipv4) {
    this.ipv4 = ipv4;
    this.namespace = ipv4.namespace;
    const { stack } = this.namespace;
    this.hashSeed = stack.random.u32();
    this.fib = new Fib(this.namespace);
    this.interfaceRoutes = new InterfaceRoutes(this.fib);
    this.addresses = new Ipv4Addresses(this.namespace, this.interfaceRoutes);
    this.allConfig = allConfig();
    this.defaultConfig = new Ipv4Config();
    // Linux: devinet_init_net(): what the first namespace has is the rule here, unlike in IPv6.
    const source = settingsSource(this.namespace, 'first');
    if (source !== null) {
      const routes = ipv4Routes(source);
      this.allConfig.copyFrom(routes.allConfig);
      this.defaultConfig.copyFrom(routes.defaultConfig);
    }
    for (const errno of [ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, EXDEV, ENODEV]) this.error(errno);
    followDevices(this);
  }

  /** The ARP table; it comes with net/arp, before the first device. */
  get arp(): NeighbourTable {
    return this.#arp ?? fail(ENODEV);
  }

  set arp(table: NeighbourTable) {
    this.#arp = table;
  }

  output(flow: Flow): Rtable {
    return routeOutput(this, flow);
  }

  input(skb: PacketBuffer, destination: number, source: number, tos: number, device: NetDevice): Rtable {
    return routeInput(this, skb, destination, source, tos, device);
  }

  valid(dst: Dst): boolean {
    if (dst.obsolete || dst.generation !== this.fib.generation) return false;
    const route = dst as Rtable;
    return route.expiresUs === 0 || this.namespace.stack.nowUs < route.expiresUs;
  }

  neighbour(dst: Dst, destination: number): Neighbour | null {
    const device = dst.device!;
    // Kept only where there is a gateway.
    if (dst.neighbour !== null && !dst.neighbour.dead) return dst.neighbour;
    const { gateway, gateway6 } = dst as Rtable;
    if (gateway6 !== null) {
      // Linux: ip_neigh_gw6()
      dst.neighbour = this.namespace.ipv6.ndisc.table.obtain(device, gateway6[0]!, gateway6[1]!, gateway6[2]!, gateway6[3]!);
      return dst.neighbour;
    }
    // Linux: on such links all neighbours are one.
    const key = (device.flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) !== 0 ? 0 : gateway !== 0 ? gateway : destination;
    const neighbour = this.arp.obtain(device, key);
    if (gateway !== 0) dst.neighbour = neighbour;
    return neighbour;
  }

  addressType(address: number): number {
    return this.fib.addressType(address);
  }

  addressTypeIn(device: NetDevice, address: number): number {
    return this.fib.addressTypeIn(device, address);
  }

  deviceWith(address: number): NetDevice | null {
    return this.addresses.local.find(address)?.device ?? this.fib.localDevice(address);
  }

  hasAddress(device: NetDevice, address: number): boolean {
    for (const held of this.addresses.local.all(address)) if (held.device === device) return true;
    return false;
  }

  /** Linux: ip_dst_mtu_maybe_forward(), ipv4_mtu() */
  mtu(dst: Dst): number {
    const route = dst as Rtable;
    let mtu = route.mtu;
    if (mtu !== 0 && route.expiresUs !== 0 && route.expiresUs <= this.namespace.stack.nowUs) mtu = 0;
    if (mtu === 0 && route.info !== null) mtu = route.info.metric(RTAX_MTU);
    if (mtu === 0) {
      mtu = route.device!.mtu;
      // A lock keeps packets over a gateway at the least that all must take (RFC 791: 576).
      if (locked(route) && (route.gateway !== 0 || route.gateway6 !== null) && mtu > 576) mtu = 576;
    }
    return Math.min(mtu, MAX_LENGTH);
  }

  hopLimit(dst: Dst): number {
    const { info } = dst as Rtable;
    return info === null ? 0 : info.metric(RTAX_HOPLIMIT);
  }

  sendsRedirects(device: NetDevice): boolean {
    return device.ipv4?.sendsRedirects() ?? false;
  }

  acceptsSourceRoute(device: NetDevice): boolean {
    return device.ipv4?.acceptsSourceRoute() ?? false;
  }

  setMulticastForwarding(routers: number): void {
    this.allConfig.mcForwarding = routers;
  }

  updatePathMtu(flow: Flow, mtu: number): void {
    updatePathMtu(this, flow, mtu);
  }

  redirect(from: number, gateway: number, destination: number, tos: number, device: NetDevice): void {
    followRedirect(this, from, gateway, destination, tos, device);
  }

  /** The route that stands for a failure. `errno` is positive. */
  error(errno: number): Rtable {
    let route = this.#errors.get(errno);
    if (route === undefined) {
      route = new Rtable();
      route.type = RTN_UNREACHABLE;
      route.error = errno;
      this.#errors.set(errno, route);
    }
    // Failures are not kept by those who look them up; what asks valid() looks again.
    route.generation = this.fib.generation;
    return route;
  }

  /** The source address for packets by a way. Linux: fib_result_prefsrc() */
  sourceOf(info: FibInfo, nexthop: FibNexthop): number {
    if (info.preferredSource !== 0) return info.preferredSource;
    if (nexthop.sourceGeneration !== this.addresses.generation) {
      nexthop.source = this.addresses.select(nexthop.device, nexthop.gateway, info.scope);
      nexthop.sourceGeneration = this.addresses.generation;
    }
    return nexthop.source;
  }

  /** The cached route of a way, or of the exception for one destination; made anew when it is obsolete. */
  routeVia(info: FibInfo, nexthop: FibNexthop, device: NetDevice, type: number, destination: number, input: boolean): Rtable {
    const exception = nexthop.exceptions === null ? null : nexthop.exceptions.find(destination, this.namespace.stack.nowUs);
    const holder: FibNexthop | NexthopException = exception ?? nexthop;
    let route = input ? holder.inputRoute : holder.outputRoute;
    if (route !== null && route.type === type && route.device === device && this.valid(route)) return route;
    route = new Rtable();
    route.device = device;
    route.type = type;
    route.input = input;
    route.info = info;
    route.oif = nexthop.oif;
    // Linux: set_class_tag()
    route.realms = nexthop.realms;
    if ((route.realms & 0xffff) === 0) route.realms |= this.result.realms & 0xffff;
    if (route.realms >>> 16 === 0) route.realms = (route.realms | (this.result.realms & 0xffff_0000)) >>> 0;
    route.encapsulation = nexthop.encapsulation;
    route.tunnel = nexthop.encapsulation === null ? null : nexthop.encapsulation.metadata;
    // A gateway is one only if it is on the link.
    if (nexthop.scope === RT_SCOPE_LINK) {
      route.gateway = nexthop.gateway;
      route.gateway6 = nexthop.gateway6;
    }
    route.generation = this.fib.generation;
    if (exception !== null) {
      if (exception.gateway !== 0) {
        route.gateway = exception.gateway;
        route.redirected = true;
      }
      route.mtu = exception.mtu;
      route.mtuLocked = exception.mtuLocked;
      route.expiresUs = exception.expiresUs;
    }
    if (input) holder.inputRoute = route;
    else holder.outputRoute = route;
    return route;
  }

  /** A route that no table has: by `device` straight to the destination. Kept a device and type. */
  routeOnDevice(device: NetDevice, type: number, input: boolean): Rtable {
    let routes = this.#deviceRoutes.get(device);
    if (routes === undefined) {
      routes = [];
      this.#deviceRoutes.set(device, routes);
    }
    for (let i = 0; i < routes.length; i++) {
      const route = routes[i]!;
      if (route.type !== type || route.input !== input) continue;
      if (this.valid(route)) return route;
      routes.splice(i, 1);
      break;
    }
    const route = new Rtable();
    route.device = device;
    route.type = type;
    route.input = input;
    route.oif = device.ifindex;
    route.generation = this.fib.generation;
    routes.push(route);
    return route;
  }

  /** Nothing of a device that goes is kept. Linux: rt_flush_dev() */
  forgetDevice(device: NetDevice): void {
    for (const route of this.#deviceRoutes.get(device) ?? []) route.obsolete = true;
    this.#deviceRoutes.delete(device);
    this.fib.flushCache();
  }

  /** No timer is left. */
  destroy(): void {
    this.addresses.destroy();
  }
}

function locked(route: Rtable): boolean {
  return route.mtuLocked || (route.info !== null && (route.info.metric(RTAX_LOCK) & (1 << RTAX_MTU)) !== 0);
}

/** The routes of a namespace, with all that control asks of them. */
export function ipv4Routes(namespace: Namespace): Ipv4Routes {
  const { routes } = namespace.ipv4;
  return routes instanceof Ipv4Routes ? routes : fail(ENODEV);
}
