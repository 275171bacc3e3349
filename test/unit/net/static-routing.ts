import { EHOSTUNREACH, EINVAL, ENETUNREACH } from '../../../src/base/errno.js';
import {
  IFF_LOOPBACK,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  RTN_UNREACHABLE,
} from '../../../src/netlink/rtnl/constants.js';
import { DO_REDIRECT } from '../../../src/net/ipv4/control-block.js';
import type { NetDevice } from '../../../src/net/core/device.js';
import { Dst } from '../../../src/net/core/dst.js';
import type { Flow } from '../../../src/net/core/flow.js';
import type { Namespace } from '../../../src/net/core/namespace.js';
import type { PacketBuffer } from '../../../src/net/core/packet-buffer.js';
import { devQueueXmit } from '../../../src/net/core/transmit.js';
import type { Ipv4 } from '../../../src/net/ipv4/ipv4.js';
import type { Ipv4Route, Ipv4Routing, NextHop } from '../../../src/net/ipv4/routing.js';
import { ETHERTYPE, isMulticast } from '../../../src/wire/ipv4.js';

class StaticRoute extends Dst implements Ipv4Route {
  gateway = 0;
  readonly gateway6 = null;
  readonly oif = 0;
  readonly directed = false;
}

/** A neighbour whose link-layer address is known: the one end of a cable always knows the other. */
class CableNeighbour implements NextHop {
  readonly device: NetDevice;

  constructor(device: NetDevice) {
    this.device = device;
  }

  output(skb: PacketBuffer): number {
    const destination = skb.view.getUint32(skb.networkHeader + 16);
    const group = isMulticast(destination) || skb.dst?.type === RTN_BROADCAST;
    const peer = this.device.link;
    skb.device = this.device;
    this.device.createHeader(skb, ETHERTYPE, group || peer === null ? null : peer.address, null);
    if ((this.device.flags & IFF_LOOPBACK) !== 0) skb.bytes.fill(0, skb.data, skb.data + 12);
    return devQueueXmit(skb);
  }
}

interface Entry {
  readonly prefix: number;
  readonly mask: number;
  readonly device: NetDevice;
  readonly gateway: number;
  readonly source: number;
  readonly dst: StaticRoute;
}

export const maskOf = (bits: number): number => (bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0);

/** Routing for tests of the packet path alone: addresses, routes by hand, neighbours over cables without ARP. */
export class StaticRouting implements Ipv4Routing {
  readonly #ipv4: Ipv4;
  readonly #entries: Entry[] = [];
  readonly #local = new Map<number, { readonly device: NetDevice; readonly dst: StaticRoute }>();
  readonly #broadcasts = new Set<number>([0xffff_ffff]);
  readonly #groups = new Map<string, StaticRoute>();
  readonly #neighbours = new Map<NetDevice, CableNeighbour>();
  readonly #pathMtus = new Map<number, number>();
  forwarding = false;
  sourceRoutes = false;
  redirects: { readonly gateway: number; readonly destination: number }[] = [];

  constructor(ipv4: Ipv4) {
    this.#ipv4 = ipv4;
  }

  static of(namespace: Namespace): StaticRouting {
    const { routes } = namespace.ipv4;
    if (!(routes instanceof StaticRouting)) throw new Error('the namespace has another routing');
    return routes;
  }

  addAddress(device: NetDevice, address: number, bits: number): void {
    const dst = this.#route(RTN_LOCAL, this.#ipv4.namespace.loopback);
    this.#local.set(address, { device, dst });
    if (bits < 31) this.#broadcasts.add((address | ~maskOf(bits)) >>> 0);
    this.addRoute(address, bits, device, 0, address);
  }

  addRoute(prefix: number, bits: number, device: NetDevice, gateway: number, source: number): void {
    const mask = maskOf(bits);
    const dst = this.#route(RTN_UNICAST, device);
    dst.gateway = gateway;
    this.#entries.push({ prefix: (prefix & mask) >>> 0, mask, device, gateway, source, dst });
    this.#entries.sort((a, b) => b.mask - a.mask);
  }

  #route(type: number, device: NetDevice): StaticRoute {
    const dst = new StaticRoute();
    dst.type = type;
    dst.device = device;
    return dst;
  }

  #failure(error: number): StaticRoute {
    const dst = new StaticRoute();
    dst.type = RTN_UNREACHABLE;
    dst.error = error;
    return dst;
  }

  #find(destination: number, oif: number): Entry | undefined {
    return this.#entries.find((e) => (destination & e.mask) >>> 0 === e.prefix && (oif === 0 || e.device.ifindex === oif));
  }

  #group(type: number, device: NetDevice): StaticRoute {
    const key = `${type} ${device.ifindex}`;
    let dst = this.#groups.get(key);
    if (dst === undefined) {
      dst = this.#route(type, device);
      this.#groups.set(key, dst);
    }
    return dst;
  }

  output(flow: Flow): Ipv4Route {
    const { destination } = flow;
    const local = this.#local.get(destination);
    if (local !== undefined) {
      if (flow.source === 0) flow.source = destination;
      return local.dst;
    }
    const entry =
      this.#find(destination, flow.oif) ??
      (flow.oif !== 0 ? this.#entries.find((e) => e.device.ifindex === flow.oif) : undefined) ??
      (isMulticast(destination) || destination === 0xffff_ffff ? this.#entries[0] : undefined);
    if (entry === undefined) return this.#failure(ENETUNREACH);
    if (flow.source === 0) flow.source = entry.source;
    if (isMulticast(destination)) return this.#group(RTN_MULTICAST, entry.device);
    if (this.#broadcasts.has(destination)) return this.#group(RTN_BROADCAST, entry.device);
    return entry.dst;
  }

  input(skb: PacketBuffer, destination: number, source: number, _tos: number, device: NetDevice): Ipv4Route {
    if (isMulticast(source) || source === 0xffff_ffff) return this.#failure(EINVAL);
    const local = this.#local.get(destination);
    if (local !== undefined) return local.dst;
    if (isMulticast(destination))
      return this.#ipv4.multicast.isMember(device, destination) ? this.#group(RTN_MULTICAST, device) : this.#failure(EINVAL);
    if (this.#broadcasts.has(destination)) return this.#group(RTN_BROADCAST, device);
    if (!this.forwarding) return this.#failure(EHOSTUNREACH);
    const dst = this.#find(destination, 0)?.dst ?? this.#failure(ENETUNREACH);
    if (dst.device === device) skb.cb0 |= DO_REDIRECT;
    return dst;
  }

  valid(): boolean {
    return true;
  }

  neighbour(dst: Ipv4Route): NextHop | null {
    const device = dst.device!;
    let neighbour = this.#neighbours.get(device);
    if (neighbour === undefined) {
      neighbour = new CableNeighbour(device);
      this.#neighbours.set(device, neighbour);
    }
    return neighbour;
  }

  addressTypeIn(_device: NetDevice, address: number): number {
    return this.addressType(address);
  }

  addressType(address: number): number {
    if (this.#local.has(address)) return RTN_LOCAL;
    if (this.#broadcasts.has(address) || address === 0) return RTN_BROADCAST;
    return isMulticast(address) ? RTN_MULTICAST : RTN_UNICAST;
  }

  deviceWith(address: number): NetDevice | null {
    return this.#local.get(address)?.device ?? null;
  }

  hasAddress(device: NetDevice, address: number): boolean {
    return this.#local.get(address)?.device === device;
  }

  mtu(dst: Ipv4Route): number {
    return dst.mtu !== 0 ? dst.mtu : Math.min(dst.device!.mtu, 65_535);
  }

  hopLimit(): number {
    return 0;
  }

  sendsRedirects(): boolean {
    return true;
  }

  acceptsSourceRoute(): boolean {
    return this.sourceRoutes;
  }

  setMulticastForwarding(): void {
    // No device has settings here.
  }

  updatePathMtu(flow: Flow, mtu: number): void {
    this.#pathMtus.set(flow.destination, mtu);
    const entry = this.#find(flow.destination, 0);
    if (entry !== undefined) entry.dst.mtu = mtu;
  }

  pathMtuOf(destination: number): number | undefined {
    return this.#pathMtus.get(destination);
  }

  redirect(_from: number, gateway: number, destination: number): void {
    this.redirects.push({ gateway, destination });
  }
}
