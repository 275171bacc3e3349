import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { randomBelow } from '../../../base/random.js';
import { Timer } from '../../../base/timer-wheel.js';
import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE, IFF_LOOPBACK, IFF_NOARP } from '../../../netlink/rtnl/constants.js';
import { ALL_ROUTERS, type In6, isAny } from '../../../wire/ipv6.js';
import { Notifier } from '../../core/notifier.js';
import type { Ipv6Address } from '../address.js';
import type { Ipv6Addresses } from '../addresses.js';
import { type Ipv6Device, IF_RA_RCVD, IF_READY, IF_RS_SENT } from '../device.js';
import type { RouterAdvertisement } from '../neighbour-discovery.js';
import { type PrefixEvent, receiveAdvertisement } from './router-advertisement.js';

const US_PER_MS = 1000;
const MS_PER_SECOND = 1000;

/** Routers are asked for, and what they say is followed: RFC 4861 6.3. */
export class RouterDiscovery {
  /** Prefixes as routers announce them: RTM_NEWPREFIX. */
  readonly prefixEvents = new Notifier<PrefixEvent>();
  readonly #addresses: Ipv6Addresses;

  constructor(addresses: Ipv6Addresses) {
    this.#addresses = addresses;
  }

  /** Whether a device listens to routers: a router does not, unless it is set to. Linux: ipv6_accept_ra() */
  accepts(owner: Ipv6Device): boolean {
    return owner.forwards() ? owner.config.acceptRa === 2 : owner.config.acceptRa > 0;
  }

  /** Asks for routers, and asks again with growing pauses. Linux: addrconf_dad_completed(), RFC 7559 */
  solicit(owner: Ipv6Device, source: Ipv6Address): void {
    const { config, device } = owner;
    if (!this.accepts(owner) || config.routerSolicitations === 0 || (device.flags & IFF_LOOPBACK) !== 0) return;
    this.#addresses.ipv6.ndisc.sendRouterSolicitation(device, source.address, ALL_ROUTERS);
    owner.flags |= IF_RS_SENT;
    owner.rsProbes = 1;
    owner.rsIntervalMs = this.#around(config.routerSolicitationInterval * MS_PER_SECOND, 1);
    this.#arm(owner, owner.rsIntervalMs);
  }

  stop(owner: Ipv6Device): void {
    if (owner.rsTimer?.armed === true) owner.device.stack.timers.cancel(owner.rsTimer);
  }

  /** `ip token set`; only the lower half counts. EINVAL. Linux: inet6_set_iftoken() */
  setToken(owner: Ipv6Device, token: In6): void {
    const { device } = owner;
    if ((device.flags & IFF_LOOPBACK) !== 0) fail(EINVAL, 'ipv6: Device is loopback');
    if ((device.flags & IFF_NOARP) !== 0) fail(EINVAL, 'ipv6: Device does not do neighbour discovery');
    if (!this.accepts(owner)) fail(EINVAL, 'ipv6: Router advertisement is disabled on device');
    if (owner.config.routerSolicitations === 0) fail(EINVAL, 'ipv6: Router solicitation is disabled on device');
    owner.token = Uint32Array.of(0, 0, token[2]!, token[3]!);
    for (const held of owner.addresses)
      if (held.tokenized) {
        held.validLifetime = 0;
        held.preferredLifetime = 0;
      }
    const source = this.#addresses.linkLocal(device, IFA_F_TENTATIVE | IFA_F_OPTIMISTIC);
    if (!isAny(owner.token) && !owner.dead && (owner.flags & IF_READY) !== 0 && source !== null) {
      owner.flags &= ~IF_RA_RCVD;
      this.solicit(owner, source);
    }
    this.#addresses.linkEvents.notify(device);
    this.#addresses.lifetimes.arm();
  }

  receive(advertisement: RouterAdvertisement): void {
    receiveAdvertisement(this.#addresses, advertisement);
  }

  // Linux: addrconf_rs_timer()
  #ask(owner: Ipv6Device): void {
    const { config, device } = owner;
    if (owner.dead || (owner.flags & IF_READY) === 0 || !this.accepts(owner) || (owner.flags & IF_RA_RCVD) !== 0) return;
    if (config.routerSolicitations >= 0 && owner.rsProbes >= config.routerSolicitations) return;
    owner.rsProbes++;
    const source = this.#addresses.linkLocal(device, IFA_F_TENTATIVE);
    if (source === null) return;
    this.#addresses.ipv6.ndisc.sendRouterSolicitation(device, source.address, ALL_ROUTERS);
    const most = config.routerSolicitationMaxInterval * MS_PER_SECOND;
    const doubled = this.#around(owner.rsIntervalMs, 2);
    owner.rsIntervalMs = most > 0 && doubled > most ? this.#around(most, 1) : doubled;
    const last = owner.rsProbes === config.routerSolicitations;
    this.#arm(owner, last ? config.routerSolicitationDelay * MS_PER_SECOND : owner.rsIntervalMs);
  }

  #arm(owner: Ipv6Device, waitMs: number): void {
    owner.rsTimer ??= new Timer(() => this.#ask(owner));
    const { stack } = owner.device;
    stack.timers.schedule(owner.rsTimer, stack.nowUs + waitMs * US_PER_MS);
  }

  /** `ms` times `factor`, give or take a tenth of `ms`: RFC 8415 15 */
  #around(ms: number, factor: number): number {
    const parts = 1_000_000 * factor - 100_000 + randomBelow(this.#addresses.ipv6.namespace.stack.random, 200_001);
    return Math.floor((ms * parts) / 1_000_000);
  }
}
