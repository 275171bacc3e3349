import { EADDRNOTAVAIL, EEXIST, EINVAL, ENOBUFS } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { Timer } from '../../base/timer-wheel.js';
import {
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_OPTIMISTIC,
  IFA_F_SECONDARY,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TENTATIVE,
  IFNAMSIZ,
  INFINITY_LIFE_TIME,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
} from '../../netlink/rtnl/constants.js';
import { isMulticast } from '../../wire/ipv4.js';
import type { NetDevice } from '../core/device.js';
import { l3MasterOf } from '../core/l3mdev.js';
import type { Namespace } from '../core/namespace.js';
import { Notifier } from '../core/notifier.js';
import { ipv4Memberships } from '../core/socket-memberships.js';
import { type AddressEvent, type AddressRequest, Ipv4Address } from './address.js';
import type { InterfaceRoutes } from './interface-routes.js';
import { LocalAddresses } from './local-addresses.js';

/** Means nothing to IPv4. */
const IPV6_ONLY =
  IFA_F_NODAD | IFA_F_OPTIMISTIC | IFA_F_DADFAILED | IFA_F_HOMEADDRESS | IFA_F_TENTATIVE | IFA_F_MANAGETEMPADDR | IFA_F_STABLE_PRIVACY;

/** What names an address that is to be deleted; what is left out is not compared. */
export interface AddressSelector {
  readonly local?: number;
  readonly address?: number;
  readonly prefixLength?: number;
  readonly label?: string;
}

/** The IPv4 addresses of a namespace: Linux's net/ipv4/devinet.c. */
export class Ipv4Addresses {
  readonly events = new Notifier<AddressEvent>();
  /** Of all devices, for the packets that come in. */
  readonly local: LocalAddresses;
  /** Changes with every address; kept source addresses are checked by it (dev_addr_genid). */
  generation = 0;
  readonly #namespace: Namespace;
  readonly #routes: InterfaceRoutes;
  /** Groups that came with `autojoin` (mc_autojoin_sk). */
  readonly #autojoined = ipv4Memberships();
  readonly #lifetimeTimer = new Timer(() => this.#checkLifetimes());
  readonly #mortal = new Set<Ipv4Address>();

  constructor(namespace: Namespace, routes: InterfaceRoutes) {
    this.#namespace = namespace;
    this.#routes = routes;
    this.local = new LocalAddresses(namespace.stack.hashSeed);
  }

  /** All addresses of a device in Linux's order. */
  of(device: NetDevice): readonly Ipv4Address[] {
    return device.ipv4?.addresses ?? [];
  }

  /**
   * RTM_NEWADDR: a new address, or with `replace` a change of the lifetimes, the metric and the protocol of one that is there.
   * EEXIST, EINVAL, ENOBUFS. Linux: inet_rtm_newaddr()
   */
  add(request: AddressRequest, options: { readonly replace?: boolean; readonly exclusive?: boolean } = {}): void {
    const inDevice = request.device.ipv4 ?? fail(ENOBUFS);
    if (request.prefixLength > 32) fail(EINVAL);
    const { nowUs } = this.#namespace.stack;
    const existing = inDevice.withLocal.has(request.local)
      ? inDevice.addresses.find(
          (held) => held.prefixLength === request.prefixLength && held.covers(request.address) && held.local === request.local,
        )
      : undefined;
    if (existing === undefined) {
      const address = new Ipv4Address(request);
      address.setLifetime(request.validLifetime, request.preferredLifetime, nowUs);
      if ((request.flags & IFA_F_MCAUTOJOIN) !== 0) this.#autojoin(request.device, request.address);
      this.#insert(address);
      return;
    }
    if (options.exclusive === true || options.replace !== true) fail(EEXIST);
    if (existing.priority !== request.priority) {
      this.#routes.changeMetric(existing, request.priority);
      existing.priority = request.priority;
    }
    existing.protocol = request.protocol;
    existing.setLifetime(request.validLifetime, request.preferredLifetime, nowUs);
    this.#watchLifetime(existing);
    this.#armLifetimes();
    this.events.notify({ type: 'new', address: existing });
  }

  /** RTM_DELADDR: the first address that fits. EADDRNOTAVAIL. Linux: inet_rtm_deladdr() */
  delete(device: NetDevice, selector: AddressSelector): void {
    const found = this.of(device).find((held) => {
      if (selector.local !== undefined && held.local !== selector.local) return false;
      if (selector.label !== undefined && held.label !== selector.label) return false;
      if (selector.address === undefined) return true;
      return selector.prefixLength === held.prefixLength && held.covers(selector.address);
    });
    this.remove(found ?? fail(EADDRNOTAVAIL));
  }

  /** Takes an address off its device, with its secondaries unless one of them is promoted. Linux: __inet_del_ifa() */
  remove(address: Ipv4Address): void {
    const inDevice = address.device.ipv4;
    if (inDevice === null || !inDevice.addresses.includes(address)) return;
    let promoted: Ipv4Address | undefined;
    if (!address.secondary && !inDevice.dead && inDevice.inNet.get(address.netKey)! > 1) {
      const behind = inDevice.addresses.slice(inDevice.addresses.indexOf(address) + 1);
      const secondaries = behind.filter((other) => other.secondary && other.mask === address.mask && address.covers(other.address));
      if (inDevice.promotesSecondaries()) promoted = secondaries[0];
      else for (const secondary of secondaries) this.#unlink(secondary);
    }
    const inNet = (other: Ipv4Address) => other.mask === address.mask && address.covers(other.address);
    if (promoted !== undefined) {
      // Their routes name the old primary as source: they go silently and come back with the new one.
      const from = inDevice.addresses.indexOf(promoted);
      for (const other of inDevice.addresses.slice(from)) if (inNet(other)) this.#routes.remove(other, address);
    }
    const position = inDevice.addresses.indexOf(address);
    this.#unlink(address);
    if (promoted === undefined) return;
    const next = inDevice.addresses.slice(inDevice.addresses.indexOf(promoted) + 1);
    this.#promote(promoted, address, position);
    for (const other of next) if (inNet(other)) this.#routes.add(other);
  }

  /** A device is new here, or old: it gets or loses what IPv4 keeps of it. */
  detach(device: NetDevice): void {
    const inDevice = device.ipv4;
    if (inDevice === null) return;
    inDevice.dead = true;
    while (inDevice.addresses.length > 0) this.remove(inDevice.addresses[0]!);
  }

  /** lo gets 127.0.0.1/8 when it is set up without an address. Linux: inetdev_event() */
  loopbackUp(device: NetDevice): void {
    if (device.ipv4 === null || device.ipv4.addresses.length > 0) return;
    this.add({
      device,
      local: 0x7f00_0001,
      address: 0x7f00_0001,
      prefixLength: 8,
      broadcast: 0,
      scope: RT_SCOPE_HOST,
      label: device.name,
      flags: 0,
      priority: 0,
      protocol: 0,
      validLifetime: INFINITY_LIFE_TIME,
      preferredLifetime: INFINITY_LIFE_TIME,
    });
  }

  /** Labels follow the name: the first address gets it plain, the others keep what they have behind a colon. Linux: inetdev_changename() */
  renamed(device: NetDevice): void {
    let named = 0;
    for (const address of this.of(device)) {
      const old = address.label;
      if (named++ === 0) address.label = device.name;
      else {
        const colon = old.indexOf(':');
        const suffix = colon < 0 ? `:${named}` : old.slice(colon);
        address.label = device.name.slice(0, Math.max(0, IFNAMSIZ - 1 - suffix.length)) + suffix;
      }
      this.events.notify({ type: 'new', address });
    }
  }

  destroy(): void {
    this.#namespace.stack.timers.cancel(this.#lifetimeTimer);
  }

  /**
   * The address of `device` to speak to `destination` (0: to anybody) from, of at most `scope`; from another device if it has none;
   * 0: there is none. Linux: inet_select_addr()
   */
  select(device: NetDevice | null, destination: number, scope: number): number {
    const inDevice = device === null ? null : device.ipv4;
    if (inDevice !== null) {
      const localnetScope = inDevice.routesLocalnet() ? RT_SCOPE_LINK : RT_SCOPE_HOST;
      let any = 0;
      for (const address of inDevice.addresses) {
        if (address.secondary || Math.min(address.scope, localnetScope) > scope) continue;
        if (destination === 0 || address.covers(destination)) return address.local;
        if (any === 0) any = address.local;
      }
      if (any !== 0) return any;
    }
    const domain = device === null ? null : l3MasterOf(device);
    // In a VRF, its device stands where lo does: its addresses are preferred, and no others than the VRF's are taken.
    if (domain !== null && domain.ipv4 !== null)
      for (const address of domain.ipv4.addresses) if (!address.secondary && address.scope <= scope) return address.local;
    // Addresses of lo are preferred here: it is the first device.
    for (const other of this.#namespace.devicesByIndex.values())
      if (other.ipv4 !== null && l3MasterOf(other) === domain)
        for (const address of other.ipv4.addresses)
          if (!address.secondary && address.scope !== RT_SCOPE_LINK && address.scope <= scope) return address.local;
    return 0;
  }

  /** EINVAL, EADDRINUSE. Linux: ip_mc_autojoin_config() */
  #autojoin(device: NetDevice, group: number): void {
    if (!isMulticast(group)) fail(EINVAL);
    const joined = this.#autojoined.join(this.#namespace.ipv4.multicast, group, device);
    if (joined !== 0) fail(-joined);
  }

  #insert(address: Ipv4Address): void {
    const inDevice = address.device.ipv4!;
    // Linux does not keep what has no address of its own, and says nothing.
    if (address.local === 0) return;
    address.flags &= ~(IFA_F_SECONDARY | IPV6_ONLY);
    if (inDevice.inNet.has(address.netKey))
      for (const held of inDevice.addresses) {
        if (!held.sameNet(address)) continue;
        if (held.local === address.local) fail(EEXIST);
        if (held.scope !== address.scope) fail(EINVAL);
        address.flags |= IFA_F_SECONDARY;
      }
    address.device.checkNewAddress(address.local, null);
    inDevice.addresses.splice(placeOf(address, inDevice.addresses), 0, address);
    inDevice.count(address, 1);
    this.#watchLifetime(address);
    this.local.add(address);
    this.#armLifetimes();
    this.events.notify({ type: 'new', address });
    this.generation++;
    this.#routes.addressUp(address);
  }

  #unlink(address: Ipv4Address): void {
    const inDevice = address.device.ipv4!;
    inDevice.addresses.splice(inDevice.addresses.indexOf(address), 1);
    inDevice.count(address, -1);
    this.#mortal.delete(address);
    this.local.remove(address);
    if ((address.flags & IFA_F_MCAUTOJOIN) !== 0)
      this.#autojoined.leave(this.#namespace.ipv4.multicast, address.address, address.device.ifindex);
    this.#armLifetimes();
    this.events.notify({ type: 'delete', address });
    this.generation++;
    this.#routes.addressDown(address);
  }

  /** A secondary takes the place of the primary of its net that was at `position`. */
  #promote(address: Ipv4Address, old: Ipv4Address, position: number): void {
    const { addresses } = address.device.ipv4!;
    addresses.splice(addresses.indexOf(address), 1);
    // Behind the last primary of no narrower scope, as a new one would stand.
    let at = Math.min(position, addresses.length);
    for (let i = position; i < addresses.length; i++) if (!addresses[i]!.secondary && old.scope <= addresses[i]!.scope) at = i + 1;
    addresses.splice(at, 0, address);
    address.flags &= ~IFA_F_SECONDARY;
    this.events.notify({ type: 'new', address });
    this.generation++;
    this.#routes.addressUp(address);
  }

  #armLifetimes(): void {
    const { timers } = this.#namespace.stack;
    let next = Number.POSITIVE_INFINITY;
    for (const address of this.#mortal) {
      next = Math.min(next, address.updatedUs + address.validLifetime * 1_000_000);
      if (address.preferredLifetime !== INFINITY_LIFE_TIME && (address.flags & IFA_F_DEPRECATED) === 0)
        next = Math.min(next, address.updatedUs + address.preferredLifetime * 1_000_000);
    }
    if (next === Number.POSITIVE_INFINITY) timers.cancel(this.#lifetimeTimer);
    else timers.schedule(this.#lifetimeTimer, next);
  }

  /** Linux: check_lifetime() */
  #checkLifetimes(): void {
    const { nowUs } = this.#namespace.stack;
    for (const address of [...this.#mortal]) {
      const age = Math.floor((nowUs - address.updatedUs) / 1_000_000);
      if (age >= address.validLifetime) this.remove(address);
      else if (address.preferredLifetime !== INFINITY_LIFE_TIME && age >= address.preferredLifetime) {
        if ((address.flags & IFA_F_DEPRECATED) !== 0) continue;
        address.flags |= IFA_F_DEPRECATED;
        this.events.notify({ type: 'new', address });
      }
    }
    this.#armLifetimes();
  }

  /** Those whose lifetime ends are kept apart: a hundred thousand others are not to be asked each time one comes. */
  #watchLifetime(address: Ipv4Address): void {
    if (address.permanent || address.validLifetime === INFINITY_LIFE_TIME) this.#mortal.delete(address);
    else this.#mortal.add(address);
  }
}

/** Where a new address stands: secondaries at the end, a primary behind the last primary of no narrower scope. */
function placeOf(address: Ipv4Address, addresses: readonly Ipv4Address[]): number {
  let at = addresses.length;
  if (address.secondary) return at;
  while (at > 0 && (addresses[at - 1]!.secondary || address.scope > addresses[at - 1]!.scope)) at--;
  return at;
}
