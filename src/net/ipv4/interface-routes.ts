import {
  IFA_F_NOPREFIXROUTE,
  IFF_LOOPBACK,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_UNICAST,
  RTPROT_KERNEL,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
} from '../../netlink/rtnl/constants.js';
import { NLM_F_APPEND, NLM_F_CREATE } from '../../netlink/constants.js';
import { NetError } from '../../base/net-error.js';
import { l3TableOf } from '../core/l3mdev.js';
import type { Ipv4Address } from './address.js';
import type { Fib } from './fib/fib.js';
import { type RouteRequest, routeRequest } from './fib/request.js';

const LIMITED_BROADCAST = 0xffff_ffff;

/** Linux: ipv4_is_zeronet(); the rest of 0.0.0.0/8 is as other addresses. */
const isZeroNet = (address: number): boolean => address === 0;

/** The routes that addresses bring with them: local, of their net, broadcast (net/ipv4/fib_frontend.c). */
export class InterfaceRoutes {
  readonly #fib: Fib;

  constructor(fib: Fib) {
    this.#fib = fib;
  }

  /** An address has come: its routes come, and routes by its device live again. Linux: fib_inetaddr_event() */
  addressUp(address: Ipv4Address): void {
    this.add(address);
    this.#fib.deviceUp(address.device);
    this.#fib.flushCache();
  }

  /** An address has gone, and is out of its device's list already. */
  addressDown(address: Ipv4Address): void {
    this.remove(address, null);
    const inDevice = address.device.ipv4;
    // Without an address there is no IPv4 on a device.
    if (inDevice === null || inDevice.addresses.length === 0) this.#fib.disable(address.device, true);
    this.#fib.flushCache();
  }

  /** Linux: fib_add_ifaddr() */
  add(address: Ipv4Address): void {
    const { device } = address;
    let primary: Ipv4Address | undefined = address;
    if (address.secondary) primary = primaryOf(address);
    if (primary === undefined) return;
    this.#insert(RTN_LOCAL, address.local, 32, primary, 0);
    if (!device.up) return;
    if (address.broadcast !== 0 && address.broadcast !== LIMITED_BROADCAST) this.#insertBroadcast(address.broadcast, primary);
    const { prefix } = address;
    if (address.secondary || isZeroNet(prefix) || (prefix === address.local && address.prefixLength === 32)) return;
    if ((address.flags & IFA_F_NOPREFIXROUTE) === 0)
      this.#insert(linkType(address), prefix, address.prefixLength, primary, address.priority);
    if (address.prefixLength < 31) this.#insertBroadcast((prefix | ~address.mask) >>> 0, primary);
  }

  /**
   * Takes away what only this address needed. `formerPrimary`: it is a secondary whose primary is going, and whose routes come
   * back at once. Linux: fib_del_ifaddr()
   */
  remove(address: Ipv4Address, formerPrimary: Ipv4Address | null): void {
    const { device, prefix } = address;
    const inDevice = device.ipv4;
    const netBroadcast = (address.address | ~address.mask) >>> 0;
    let primary: Ipv4Address | undefined = address;
    let ownsNet = false;
    if (address.secondary) {
      primary = primaryOf(address) ?? formerPrimary ?? undefined;
      if (primary === undefined) {
        if (inDevice !== null && !inDevice.dead) return;
        primary = address;
      }
    } else if (!isZeroNet(prefix) && (prefix !== address.local || address.prefixLength < 32)) {
      if ((address.flags & IFA_F_NOPREFIXROUTE) === 0) this.#delete(linkType(address), prefix, address.prefixLength, primary);
      ownsNet = true;
    }
    const alone =
      inDevice === null ||
      inDevice.dead ||
      (formerPrimary === null && !inDevice.withLocal.has(primary.local) && !inDevice.inNet.has(address.netKey));
    const needed = alone ? NOTHING_NEEDED : this.#stillNeeded(address, primary, formerPrimary);
    if (!needed.broadcast) this.#delete(RTN_BROADCAST, address.broadcast, 32, primary);
    if (ownsNet && address.prefixLength < 31) {
      if (!needed.netBroadcast) this.#delete(RTN_BROADCAST, netBroadcast, 32, primary);
      if (!needed.net) this.#delete(RTN_BROADCAST, prefix, 32, primary);
    }
    if (needed.local) return;
    this.#delete(RTN_LOCAL, address.local, 32, primary);
    // Nobody has it any more: routes that name it as their source go too.
    if (!needed.stays && this.#fib.addressTypeIn(device, address.local) !== RTN_LOCAL)
      this.#fib.sourceGone(address.local, l3TableOf(device) || RT_TABLE_MAIN);
  }

  /** Linux: fib_modify_prefix_metric() */
  changeMetric(address: Ipv4Address, metric: number): void {
    const { prefix } = address;
    const hasRoute =
      address.device.up &&
      !address.secondary &&
      (address.flags & IFA_F_NOPREFIXROUTE) === 0 &&
      !isZeroNet(prefix) &&
      !(prefix === address.local && address.prefixLength === 32);
    if (!hasRoute) return;
    this.#insert(linkType(address), prefix, address.prefixLength, address, metric);
    this.#apply(false, linkType(address), prefix, address.prefixLength, address, address.priority);
  }

  /** What other addresses of the device keep alive of what `gone` brought. */
  #stillNeeded(gone: Ipv4Address, primary: Ipv4Address, formerPrimary: Ipv4Address | null) {
    const needed = { local: false, broadcast: false, netBroadcast: false, net: false, stays: false };
    const net = gone.prefix;
    const netBroadcast = (gone.address | ~gone.mask) >>> 0;
    for (const other of gone.device.ipv4!.addresses) {
      if (other === gone) {
        needed.stays = true;
        continue;
      }
      if (formerPrimary !== null && other.sameNet(formerPrimary)) continue;
      // Only what has the same source address makes the same routes.
      const others = other.secondary ? (other.sameNet(primary) ? primary : primaryOf(other)) : other;
      if (others === undefined || others.local !== primary.local) continue;
      if (gone.local === other.local) needed.local = true;
      const broadcasts = [other.broadcast];
      if (others === other && other.prefixLength < 31 && !isZeroNet(other.prefix))
        broadcasts.push((other.address | ~other.mask) >>> 0, other.prefix);
      if (broadcasts.includes(gone.broadcast)) needed.broadcast = true;
      if (broadcasts.includes(netBroadcast)) needed.netBroadcast = true;
      if (broadcasts.includes(net)) needed.net = true;
    }
    return needed;
  }

  #insertBroadcast(broadcast: number, primary: Ipv4Address): void {
    this.#insert(RTN_BROADCAST, broadcast, 32, primary, 0);
    this.#fib.onBroadcastAddress?.(primary.device, broadcast);
  }

  #insert(type: number, destination: number, length: number, primary: Ipv4Address, priority: number): void {
    this.#apply(true, type, destination, length, primary, priority);
  }

  #delete(type: number, destination: number, length: number, primary: Ipv4Address): void {
    this.#apply(false, type, destination, length, primary, 0);
  }

  /** Linux: fib_magic(), which does not look at the outcome: a route may be there already, or gone. */
  #apply(insert: boolean, type: number, destination: number, length: number, primary: Ipv4Address, priority: number): void {
    const request: RouteRequest = routeRequest({
      tableId: l3TableOf(primary.device) || (type === RTN_UNICAST ? RT_TABLE_MAIN : RT_TABLE_LOCAL),
      destination,
      prefixLength: length,
      type,
      protocol: RTPROT_KERNEL,
      scope: type === RTN_LOCAL ? RT_SCOPE_HOST : RT_SCOPE_LINK,
      priority,
      preferredSource: primary.local,
      nexthops: [{ oif: primary.device.ifindex, gateway: 0, weight: 1, flags: 0 }],
    });
    try {
      if (insert) this.#fib.insert(request, NLM_F_CREATE | NLM_F_APPEND);
      else this.#fib.delete(request);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
    }
  }
}

const NOTHING_NEEDED = { local: false, broadcast: false, netBroadcast: false, net: false, stays: false };

const linkType = (address: Ipv4Address): number => ((address.device.flags & IFF_LOOPBACK) !== 0 ? RTN_LOCAL : RTN_UNICAST);

/** The primary address of the net that `address` is in (inet_ifa_byprefix()). */
function primaryOf(address: Ipv4Address): Ipv4Address | undefined {
  return address.device.ipv4?.addresses.find((other) => !other.secondary && other.mask === address.mask && other.covers(address.prefix));
}
