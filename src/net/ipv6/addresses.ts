import { EACCES, EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV, ENXIO } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import {
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  IFA_F_TEMPORARY,
  IFA_F_TENTATIVE,
  IFF_LOOPBACK,
  INFINITY_LIFE_TIME,
  RT_SCOPE_LINK,
} from '../../netlink/rtnl/constants.js';
import { equalAddress, type In6, isAny, isLoopback, isMulticast, samePrefix } from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import { Notifier } from '../core/notifier.js';
import { Ipv6Address } from './address.js';
import { Anycast } from './addrconf/anycast.js';
import { Dad } from './addrconf/dad.js';
import { Interfaces } from './addrconf/interfaces.js';
import { Lifetimes } from './addrconf/lifetimes.js';
import { PrefixRoutes } from './addrconf/prefix-routes.js';
import { DEAD, type Address6Event, type Address6Request, address6Request } from './addrconf/request.js';
import { RouterDiscovery } from './addrconf/router-discovery.js';
import { addressScope, routeScope } from './addrconf/scope.js';
import { selectSource } from './addrconf/source.js';
import { TemporaryAddresses } from './addrconf/temporary.js';
import { AddressLabels } from './addrlabel.js';
import type { Ipv6Device } from './device.js';
import type { Ipv6 } from './ipv6.js';

const MODIFIABLE = IFA_F_DEPRECATED | IFA_F_PERMANENT | IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE;

/** The IPv6 addresses of a namespace: Linux's net/ipv6/addrconf.c. */
export class Ipv6Addresses {
  readonly ipv6: Ipv6;
  readonly events = new Notifier<Address6Event>();
  /** What RTM_NEWLINK of AF_INET6 shows of a device has changed (inet6_ifinfo_notify()). */
  readonly linkEvents = new Notifier<NetDevice>();
  readonly labels = new AddressLabels();
  readonly prefixRoutes: PrefixRoutes;
  readonly dad: Dad;
  readonly anycast: Anycast;
  readonly lifetimes: Lifetimes;
  readonly temporary: TemporaryAddresses;
  readonly routers: RouterDiscovery;
  readonly interfaces: Interfaces;
  /** Goes up with every change: what was found by addresses is to be found anew (rt_genid). */
  generation = 0;

  constructor(ipv6: Ipv6) {
    this.ipv6 = ipv6;
    this.prefixRoutes = new PrefixRoutes(ipv6.fib);
    this.dad = new Dad(this);
    this.anycast = new Anycast(this);
    this.lifetimes = new Lifetimes(this);
    this.temporary = new TemporaryAddresses(this);
    this.routers = new RouterDiscovery(this);
    this.interfaces = new Interfaces(this);
  }

  /** ipv6_get_ifaddr(): also tentative ones; `device` null: on any. */
  find(address: In6, device: NetDevice | null): Ipv6Address | null {
    if (device !== null) {
      if (device.ipv6 === null) return null;
      for (const held of device.ipv6.addresses) if (equalAddress(held.address, address)) return held;
      return null;
    }
    for (const other of this.ipv6.namespace.devicesByIndex.values()) {
      if (other.ipv6 === null) continue;
      for (const held of other.ipv6.addresses) if (equalAddress(held.address, address)) return held;
    }
    return null;
  }

  /** ipv6_chk_addr(): whether somebody may be spoken to, or speak, by this address. */
  isLocal(address: In6, device: NetDevice | null): boolean {
    const held = this.find(address, device);
    return held !== null && !held.tentative;
  }

  /** Whether a prefix of the device's own addresses covers it. Linux: ipv6_chk_prefix() */
  isOnLink(address: In6, device: NetDevice): boolean {
    for (const held of device.ipv6?.addresses ?? []) if (samePrefix(held.address, address, held.prefixLength)) return true;
    return false;
  }

  /** ipv6_get_lladdr(): a link-local address of the device without any of `banned` flags; null: none. */
  linkLocal(device: NetDevice, banned: number): Ipv6Address | null {
    return device.ipv6?.addresses.find((held) => held.scope === RT_SCOPE_LINK && (held.flags & banned) === 0) ?? null;
  }

  /** ipv6_dev_get_saddr(), RFC 6724: false: there is none. */
  select(device: NetDevice | null, destination: In6, into: In6): boolean {
    return selectSource(this, device, destination, into);
  }

  /** Whether the device answers to the anycast address. */
  isAnycast(address: In6, device: NetDevice | null): boolean {
    return this.anycast.has(address, device);
  }

  /** Adds an address as RTM_NEWADDR does, by default for ever. */
  add(device: NetDevice, address: In6, prefixLength: number, flags = 0): Ipv6Address {
    return this.addRequested(device, address6Request(address, prefixLength, { flags }));
  }

  /** A new address by the user. EACCES, EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV. Linux: inet6_addr_add() */
  addRequested(device: NetDevice, request: Address6Request): Ipv6Address {
    checkLifetimes(request);
    if ((request.flags & IFA_F_MANAGETEMPADDR) !== 0 && request.prefixLength !== 64) fail(EINVAL);
    const owner = this.interfaces.prepare(device);
    const autojoin = (request.flags & IFA_F_MCAUTOJOIN) !== 0;
    if (autojoin) this.ipv6.multicast.join(device, request.address);
    const flags = request.flags | lifetimeFlags(request);
    const held = this.insert(owner, { ...request, flags });
    if ((flags & IFA_F_NOPREFIXROUTE) === 0)
      this.prefixRoutes.add(held.address, held.prefixLength, held.priority, device, request.validLifetime);
    if ((held.flags & (IFA_F_OPTIMISTIC | IFA_F_NODAD)) === 0) this.events.notify({ type: 'new', address: held });
    this.dad.start(held);
    if ((flags & IFA_F_MANAGETEMPADDR) !== 0) this.temporary.manage(held, request.validLifetime, request.preferredLifetime, true);
    this.lifetimes.arm();
    return held;
  }

  /** Puts an address on its device, tentative unless it says otherwise, without a word; `scope` null: its own. Linux: ipv6_add_addr() */
  insert(owner: Ipv6Device, request: Address6Request, scope: number | null = null): Ipv6Address {
    const { device } = owner;
    const { address, flags } = request;
    const loopback = (device.flags & IFF_LOOPBACK) !== 0 || device.l3Table !== 0;
    if (isAny(address) || (isMulticast(address) && (flags & IFA_F_MCAUTOJOIN) === 0) || (!loopback && isLoopback(address)))
      fail(EADDRNOTAVAIL);
    if (owner.dead) fail(ENODEV);
    if (owner.disabled()) fail(EACCES);
    if (this.find(address, device) !== null) fail(EEXIST);
    device.checkNewAddress(null, address);
    const held = new Ipv6Address(owner, address.slice(), request.prefixLength, scope ?? routeScope(address), flags, this.dad.work);
    held.route = this.prefixRoutes.local(held.address, device, false);
    held.peer = request.peer === null ? null : request.peer.slice();
    held.priority = request.priority;
    held.protocol = request.protocol;
    held.validLifetime = request.validLifetime;
    held.preferredLifetime = request.preferredLifetime;
    if ((flags & IFA_F_NODAD) === 0) held.flags |= IFA_F_TENTATIVE;
    // Wider scopes first, of the same the newest.
    const width = addressScope(address);
    const at = owner.addresses.findIndex((other) => width >= addressScope(other.address));
    owner.addresses.splice(at < 0 ? owner.addresses.length : at, 0, held);
    this.lifetimes.watch(held);
    return held;
  }

  /** RTM_NEWADDR with NLM_F_REPLACE of an address that is there. EINVAL. Linux: inet6_addr_modify() */
  modify(held: Ipv6Address, request: Address6Request): void {
    checkLifetimes(request);
    let { flags } = request;
    if ((flags & IFA_F_MANAGETEMPADDR) !== 0 && ((held.flags & IFA_F_TEMPORARY) !== 0 || held.prefixLength !== 64)) fail(EINVAL);
    if ((held.flags & IFA_F_TENTATIVE) === 0 || (held.flags & IFA_F_DADFAILED) !== 0) flags &= ~IFA_F_OPTIMISTIC;
    const { device } = held.owner;
    const wasManaging = (held.flags & IFA_F_MANAGETEMPADDR) !== 0;
    const hadRoute = (held.flags & IFA_F_PERMANENT) !== 0 && (held.flags & IFA_F_NOPREFIXROUTE) === 0;
    held.flags = (held.flags & ~MODIFIABLE) | flags | lifetimeFlags(request);
    held.updatedUs = device.stack.nowUs;
    held.validLifetime = request.validLifetime;
    held.preferredLifetime = request.preferredLifetime;
    this.lifetimes.watch(held);
    held.protocol = request.protocol;
    if (request.priority !== 0) held.priority = request.priority;
    const movesPeer = request.peer !== null && (held.peer === null || !equalAddress(held.peer, request.peer));
    if (movesPeer) this.#movePeer(held, request.peer);
    if ((held.flags & IFA_F_TENTATIVE) === 0) this.events.notify({ type: 'new', address: held });
    if ((held.flags & IFA_F_NOPREFIXROUTE) === 0) {
      if (!hadRoute || !this.prefixRoutes.modify(held, request.validLifetime))
        this.prefixRoutes.add(held.address, held.prefixLength, held.priority, device, request.validLifetime);
    } else if (hadRoute) this.prefixRoutes.cleanup(held, true);
    if (wasManaging || (held.flags & IFA_F_MANAGETEMPADDR) !== 0) {
      if (wasManaging && (held.flags & IFA_F_MANAGETEMPADDR) === 0) this.temporary.manage(held, 0, 0, false);
      else this.temporary.manage(held, request.validLifetime, request.preferredLifetime, !wasManaging);
    }
    this.lifetimes.arm();
  }

  /** The other end is another one: its route goes, and that of the new one comes. */
  #movePeer(held: Ipv6Address, peer: In6): void {
    const { device } = held.owner;
    if (held.peer !== null && !isAny(held.peer)) {
      const route = this.prefixRoutes.find(held.peer, 128, device, 0, 0, false);
      if (route !== null) this.prefixRoutes.unlink(route);
    }
    held.peer = peer.slice();
    if ((held.flags & IFA_F_NOPREFIXROUTE) === 0) this.prefixRoutes.add(held.peer, 128, held.priority, device);
  }

  /** RTM_DELADDR by the user. ENXIO, EADDRNOTAVAIL. Linux: inet6_addr_del() */
  delete(device: NetDevice, address: In6, prefixLength: number): void {
    if (prefixLength > 128) fail(EINVAL, 'Invalid prefix length');
    const owner = device.ipv6 ?? fail(ENXIO);
    const held = owner.addresses.find((other) => other.prefixLength === prefixLength && other.is(address)) ?? fail(EADDRNOTAVAIL);
    if ((held.flags & IFA_F_MANAGETEMPADDR) !== 0) this.temporary.forget(held);
    this.remove(held);
    if ((held.flags & IFA_F_MCAUTOJOIN) !== 0) this.ipv6.multicast.leave(device, address);
    this.lifetimes.arm();
  }

  /** Takes an address away, with what it brought. Linux: ipv6_del_addr() */
  remove(held: Ipv6Address): void {
    if (held.dead) return;
    const { owner } = held;
    held.dead = true;
    held.state = DEAD;
    this.prefixRoutes.cleanup(held);
    owner.addresses.splice(owner.addresses.indexOf(held), 1);
    this.dad.stopTimer(held);
    this.gone(held);
    this.ipv6.fib.forgetSource(held.address, owner.device);
  }

  /** An address may be used from now on: it is told, and gets its routes. Linux: __ipv6_ifa_notify(RTM_NEWADDR) */
  ready(held: Ipv6Address): void {
    const { owner } = held;
    this.events.notify({ type: 'new', address: held });
    if (held.route !== null) this.prefixRoutes.link(held.route);
    if (owner.forwards()) this.anycast.joinSubnetRouter(held);
    if (held.peer !== null && !isAny(held.peer)) this.prefixRoutes.add(held.peer, 128, held.priority, owner.device);
    this.changed();
  }

  /** Linux: __ipv6_ifa_notify(RTM_DELADDR) */
  gone(held: Ipv6Address): void {
    const { owner } = held;
    const { device } = owner;
    this.events.notify({ type: 'delete', address: held });
    if (owner.forwards()) this.anycast.leaveSubnetRouter(held);
    this.dad.leaveSolicited(held);
    if (held.peer !== null && !isAny(held.peer)) {
      const route = this.prefixRoutes.find(held.peer, 128, device, 0, 0, false);
      if (route !== null) this.prefixRoutes.unlink(route);
    }
    if (held.route !== null) this.prefixRoutes.unlink(held.route);
    held.route = null;
    this.changed();
  }

  changed(): void {
    this.generation++;
    this.ipv6.fib.flushCache();
  }

  /** The namespace goes: no timer stays. */
  destroy(): void {
    this.lifetimes.destroy();
    for (const device of this.ipv6.namespace.devicesByIndex.values()) {
      if (device.ipv6 === null) continue;
      for (const held of device.ipv6.addresses) this.dad.stopTimer(held);
      this.routers.stop(device.ipv6);
    }
  }
}

function checkLifetimes({ prefixLength, validLifetime, preferredLifetime }: Address6Request): void {
  if (prefixLength > 128) fail(EINVAL, 'Invalid prefix length');
  if (validLifetime === 0 || preferredLifetime > validLifetime) fail(EINVAL);
}

const lifetimeFlags = ({ validLifetime, preferredLifetime }: Address6Request): number =>
  (validLifetime === INFINITY_LIFE_TIME ? IFA_F_PERMANENT : 0) | (preferredLifetime === 0 ? IFA_F_DEPRECATED : 0);
