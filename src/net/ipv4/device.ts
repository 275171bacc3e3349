import { IFF_LOOPBACK } from '../../netlink/rtnl/constants.js';
import type { NetDevice } from '../core/device.js';
import type { NeighbourParameters } from '../core/neighbour-parameters.js';
import type { Ipv4Address } from './address.js';
import { Ipv4Config } from './config.js';

/**
 * IPv4 on one device (struct in_device): its addresses and settings. The questions below join the device's setting with that of
 * conf.all as Linux's IN_DEV_* macros do: by and, or, or the larger.
 */
export class Ipv4Device {
  readonly device: NetDevice;
  /** In Linux's order: primaries, wider scopes last, then secondaries. */
  addresses: Ipv4Address[] = [];
  /** How many of them are in a net, by netKey(), and how many have an address of ours: most are alone, and need not look at the others. */
  readonly inNet = new Map<number, number>();
  readonly withLocal = new Map<number, number>();
  readonly config: Ipv4Config;
  readonly all: Ipv4Config;
  readonly arpParameters: NeighbourParameters;
  /** The device's MTU as IPv4 has last heard of it. */
  mtu: number;
  /** On its way out: nothing is promoted any more. */
  dead = false;

  constructor(device: NetDevice, all: Ipv4Config, defaults: Ipv4Config, arpParameters: NeighbourParameters) {
    this.device = device;
    this.mtu = device.mtu;
    this.all = all;
    this.config = new Ipv4Config().copyFrom(defaults);
    this.arpParameters = arpParameters;
    if ((device.flags & IFF_LOOPBACK) !== 0) {
      this.config.disableXfrm = 1;
      this.config.disablePolicy = 1;
    }
  }

  /** `by` 1: an address has come into the list; -1: it has gone. */
  count(address: Ipv4Address, by: 1 | -1): void {
    addTo(this.inNet, address.netKey, by);
    addTo(this.withLocal, address.local, by);
  }

  forwards(): boolean {
    return this.config.forwarding !== 0;
  }

  reversePathFilter(): number {
    return Math.max(this.all.rpFilter, this.config.rpFilter);
  }

  logsMartians(): boolean {
    return (this.all.logMartians | this.config.logMartians) !== 0;
  }

  acceptsLocal(): boolean {
    return (this.all.acceptLocal | this.config.acceptLocal) !== 0;
  }

  routesLocalnet(): boolean {
    return (this.all.routeLocalnet | this.config.routeLocalnet) !== 0;
  }

  sendsRedirects(): boolean {
    return (this.all.sendRedirects | this.config.sendRedirects) !== 0;
  }

  /** A router takes them only where all and the device say so, a host where one does. */
  acceptsRedirects(): boolean {
    if (this.forwards()) return this.all.acceptRedirects !== 0 && this.config.acceptRedirects !== 0;
    return (this.all.acceptRedirects | this.config.acceptRedirects) !== 0;
  }

  secureRedirects(): boolean {
    return (this.all.secureRedirects | this.config.secureRedirects) !== 0;
  }

  sharedMedia(): boolean {
    return (this.all.sharedMedia | this.config.sharedMedia) !== 0;
  }

  acceptsSourceRoute(): boolean {
    return this.all.acceptSourceRoute !== 0 && this.config.acceptSourceRoute !== 0;
  }

  forwardsBroadcast(): boolean {
    return this.all.bcForwarding !== 0 && this.config.bcForwarding !== 0;
  }

  ignoresLinkDown(): boolean {
    return (this.all.ignoreRoutesWithLinkdown | this.config.ignoreRoutesWithLinkdown) !== 0;
  }

  validatesMark(): boolean {
    return (this.all.srcValidMark | this.config.srcValidMark) !== 0;
  }

  promotesSecondaries(): boolean {
    return (this.all.promoteSecondaries | this.config.promoteSecondaries) !== 0;
  }

  proxiesArp(): boolean {
    return (this.all.proxyArp | this.config.proxyArp) !== 0;
  }

  filtersArp(): boolean {
    return (this.all.arpFilter | this.config.arpFilter) !== 0;
  }

  arpIgnore(): number {
    return Math.max(this.all.arpIgnore, this.config.arpIgnore);
  }

  arpAnnounce(): number {
    return Math.max(this.all.arpAnnounce, this.config.arpAnnounce);
  }

  arpAccept(): number {
    return Math.max(this.all.arpAccept, this.config.arpAccept);
  }

  arpNotify(): boolean {
    return Math.max(this.all.arpNotify, this.config.arpNotify) !== 0;
  }

  dropsGratuitousArp(): boolean {
    return (this.all.dropGratuitousArp | this.config.dropGratuitousArp) !== 0;
  }

  evictsWithoutCarrier(): boolean {
    return this.all.arpEvictNocarrier !== 0 && this.config.arpEvictNocarrier !== 0;
  }

  dropsUnicastInMulticast(): boolean {
    return (this.all.dropUnicastInL2Multicast | this.config.dropUnicastInL2Multicast) !== 0;
  }

  /** 0: the version of the querier. */
  forcedIgmpVersion(): number {
    return this.all.forceIgmpVersion !== 0 ? this.all.forceIgmpVersion : this.config.forceIgmpVersion;
  }

  /** Whether `address` lies in the net of a primary address, and `other`, where it is not 0, in the same (inet_addr_onlink()). */
  onLink(address: number, other: number): boolean {
    for (const held of this.addresses) if (!held.secondary && held.covers(address) && (other === 0 || held.covers(other))) return true;
    return false;
  }
}

function addTo(counts: Map<number, number>, key: number, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
