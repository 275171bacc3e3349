import type { Ipv6Address } from '../address.js';
import type { Ipv6Addresses } from '../addresses.js';
import type { Ipv6Device } from '../device.js';
import type { Fib6Info } from '../fib/info.js';
import { equalAddress, type In6, isAny, maskAddress } from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';

/** RFC 6164 2.1: the two ends of a /127 are hosts. */
const POINT_TO_POINT = 127;

/** Addresses that several hosts answer to. Linux: net/ipv6/anycast.c */
export class Anycast {
  readonly #addresses: Ipv6Addresses;
  readonly #routes = new WeakMap<{ readonly address: In6 }, Fib6Info>();

  constructor(addresses: Ipv6Addresses) {
    this.#addresses = addresses;
  }

  has(address: In6, device: NetDevice | null): boolean {
    if (device !== null) return device.ipv6 !== null && find(device.ipv6, address) !== undefined;
    for (const other of this.#addresses.ipv6.namespace.devicesByIndex.values())
      if (other.ipv6 !== null && find(other.ipv6, address) !== undefined) return true;
    return false;
  }

  /** Linux: __ipv6_dev_ac_inc() */
  join(owner: Ipv6Device, address: In6): void {
    const known = find(owner, address);
    if (known !== undefined) {
      known.users++;
      return;
    }
    const entry = { address: address.slice(), users: 1 };
    const route = this.#addresses.prefixRoutes.local(address, owner.device, true);
    owner.anycast = [entry, ...owner.anycast];
    this.#routes.set(entry, route);
    this.#addresses.prefixRoutes.link(route);
    this.#addresses.dad.joinSolicitedNode(owner.device, address);
  }

  /** Linux: __ipv6_dev_ac_dec() */
  leave(owner: Ipv6Device, address: In6): void {
    const entry = find(owner, address);
    if (entry === undefined || --entry.users > 0) return;
    owner.anycast = owner.anycast.filter((other) => other !== entry);
    this.#addresses.dad.leaveSolicitedNode(owner.device, address);
    const route = this.#routes.get(entry);
    if (route !== undefined) this.#addresses.prefixRoutes.unlink(route);
  }

  /** A router answers to the address of each of its subnets with a host part of zeros (RFC 4291 2.6.1). Linux: addrconf_join_anycast() */
  joinSubnetRouter(held: Ipv6Address): void {
    const address = subnetRouter(held);
    if (address !== null) this.join(held.owner, address);
  }

  leaveSubnetRouter(held: Ipv6Address): void {
    const address = subnetRouter(held);
    if (address !== null) this.leave(held.owner, address);
  }

  /** The device goes. */
  leaveAll(owner: Ipv6Device): void {
    for (const entry of [...owner.anycast]) {
      entry.users = 1;
      this.leave(owner, entry.address);
    }
  }
}

const find = (owner: Ipv6Device, address: In6) => owner.anycast.find((entry) => equalAddress(entry.address, address));

function subnetRouter(held: Ipv6Address): In6 | null {
  if (held.prefixLength >= POINT_TO_POINT) return null;
  const address = maskAddress(held.address.slice(), held.prefixLength);
  return isAny(address) ? null : address;
}
