import { randomBelow } from '../../../base/random.js';
import { NetError } from '../../../base/net-error.js';
import {
  IFA_F_DADFAILED,
  IFA_F_NODAD,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TEMPORARY,
  IFA_F_TENTATIVE,
  IFF_LOOPBACK,
  IFF_NOARP,
  RT_SCOPE_LINK,
} from '../../../netlink/rtnl/constants.js';
import { ALL_NODES, ANY, type In6, isLinkLocal, solicitedNode } from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';
import type { Ipv6Address } from '../address.js';
import type { Ipv6Addresses } from '../addresses.js';
import { type Ipv6Device, IF_READY } from '../device.js';
import { eui64, stablePrivacy } from './generate.js';
import { DAD, DEAD, ERRDAD, POSTDAD, PREDAD, address6Request } from './request.js';

const US_PER_MS = 1000;
const US_PER_SECOND = 1_000_000;
const SHORTEST_RETRANS_MS = 10;

/** Duplicate address detection, RFC 4862 5.4: an address is used only when nobody else has it. Linux: addrconf_dad_*() */
export class Dad {
  readonly #addresses: Ipv6Addresses;
  /** What an address's timer does. */
  readonly work = (held: Ipv6Address): void => this.#work(held);

  constructor(addresses: Ipv6Addresses) {
    this.#addresses = addresses;
  }

  /** The address is new: what follows comes behind the answer to who made it, and before anything else. Linux: addrconf_dad_start() */
  start(held: Ipv6Address): void {
    if (held.state === DEAD) return;
    held.state = PREDAD;
    held.owner.device.stack.trail(() => {
      if (held.state === PREDAD) this.#begin(held);
    });
  }

  /** The device can carry packets now: what was waiting is examined. Linux: addrconf_dad_run() */
  run(owner: Ipv6Device, restart = false): void {
    for (const held of [...owner.addresses]) {
      if (!restart && !((held.flags & IFA_F_TENTATIVE) !== 0 && held.state === DAD)) continue;
      held.state = DAD;
      this.#kick(held);
    }
  }

  /** Somebody else has it. Linux: addrconf_dad_failure() */
  failed(held: Ipv6Address): void {
    if (held.state !== DAD && held.state !== POSTDAD) return;
    if (held.state === POSTDAD && (held.flags & IFA_F_TENTATIVE) === 0) return;
    this.stopTimer(held);
    const { owner } = held;
    if ((held.flags & IFA_F_STABLE_PRIVACY) !== 0 && this.#tryAnother(held)) return;
    held.state = ERRDAD;
    this.#stop(held, true);
    // accept_dad 2: a duplicate of the hardware's own address means that the hardware is doubled.
    const own = new Uint32Array(4);
    own.set(held.address);
    if (
      Math.max(owner.all.acceptDad, owner.config.acceptDad) > 1 &&
      isLinkLocal(held.address) &&
      eui64(owner.device, own) &&
      held.is(own)
    ) {
      owner.config.disableIpv6 = 1;
      this.#addresses.interfaces.down(owner.device, false);
    }
  }

  stopTimer(held: Ipv6Address): void {
    if (held.dadTimer.armed) held.owner.device.stack.timers.cancel(held.dadTimer);
  }

  /** Linux: addrconf_join_solict() */
  joinSolicitedNode(device: NetDevice, address: In6): void {
    if ((device.flags & (IFF_LOOPBACK | IFF_NOARP)) === 0) this.#addresses.ipv6.multicast.joinSolicitedNode(device, address);
  }

  leaveSolicitedNode(device: NetDevice, address: In6): void {
    if ((device.flags & (IFF_LOOPBACK | IFF_NOARP)) === 0) this.#addresses.ipv6.multicast.leaveSolicitedNode(device, address);
  }

  leaveSolicited(held: Ipv6Address): void {
    if (!this.#joined.delete(held)) return;
    this.leaveSolicitedNode(held.owner.device, held.address);
  }
  readonly #joined = new WeakSet<Ipv6Address>();

  // Linux: addrconf_dad_begin()
  #begin(held: Ipv6Address): void {
    const { owner } = held;
    const { device } = owner;
    held.state = DAD;
    if (!this.#joined.has(held)) {
      this.#joined.add(held);
      this.joinSolicitedNode(device, held.address);
    }
    const unneeded =
      (device.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0 ||
      (owner.all.acceptDad < 1 && owner.config.acceptDad < 1) ||
      (held.flags & (IFA_F_TENTATIVE | IFA_F_NODAD)) !== IFA_F_TENTATIVE;
    if (unneeded) {
      this.#succeed(held);
      return;
    }
    if ((owner.flags & IF_READY) === 0) {
      // A permanent address waits for the device; others go.
      this.#stop(held, false);
      return;
    }
    if ((held.flags & IFA_F_OPTIMISTIC) !== 0) {
      if (held.route !== null) this.#addresses.prefixRoutes.link(held.route);
      if ((owner.all.useOptimistic | owner.config.useOptimistic) !== 0) {
        this.#kick(held);
        this.#addresses.events.notify({ type: 'new', address: held });
        return;
      }
    }
    this.#kick(held);
  }

  // Linux: addrconf_dad_kick()
  #kick(held: Ipv6Address): void {
    const { owner } = held;
    const { stack } = owner.device;
    const delayUs = Math.max(1, owner.config.routerSolicitationDelay * US_PER_SECOND);
    const waitUs = (held.flags & IFA_F_OPTIMISTIC) !== 0 ? 0 : randomBelow(stack.random, delayUs);
    held.dadNonce = 0;
    if (owner.all.enhancedDad !== 0 || owner.config.enhancedDad !== 0) {
      do held.dadNonce = stack.random.u32();
      while (held.dadNonce === 0);
    }
    held.dadProbes = owner.config.dadTransmits;
    stack.timers.schedule(held.dadTimer, stack.nowUs + waitUs);
  }

  // Linux: addrconf_dad_work()
  #work(held: Ipv6Address): void {
    const { owner } = held;
    const { device } = owner;
    if (held.state === PREDAD) {
      // After the pause of idgen_delay.
      if (!owner.dead) this.#begin(held);
      return;
    }
    if (owner.dead || (owner.flags & IF_READY) === 0 || held.state !== DAD) return;
    if (held.dadProbes === 0) {
      this.#succeed(held);
      return;
    }
    held.dadProbes--;
    const retransMs = Math.max(owner.ndParameters.values.retransTimeMs, SHORTEST_RETRANS_MS);
    device.stack.timers.schedule(held.dadTimer, device.stack.nowUs + retransMs * US_PER_MS);
    const group = solicitedNode(held.address, new Uint32Array(4));
    this.#addresses.ipv6.ndisc.sendSolicitation(device, held.address, group, ANY, held.dadNonce);
  }

  // Linux: addrconf_dad_completed()
  #succeed(held: Ipv6Address): void {
    const { owner } = held;
    const { device } = owner;
    const announce = (held.flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) === IFA_F_TENTATIVE;
    held.flags &= ~(IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED);
    held.state = POSTDAD;
    this.stopTimer(held);
    this.#addresses.ready(held);
    const { ipv6 } = this.#addresses;
    const onlyLinkLocal = held.scope === RT_SCOPE_LINK && isOnlyLinkLocal(held);
    if (onlyLinkLocal) ipv6.multicast.dadComplete(device);
    if (announce && (owner.config.ndiscNotify | owner.all.ndiscNotify) !== 0)
      ipv6.ndisc.sendAdvertisement(device, ALL_NODES, held.address, owner.forwards(), false, true, true);
    if (onlyLinkLocal && (device.flags & IFF_LOOPBACK) === 0) this.#addresses.routers.solicit(owner, held);
    if ((held.flags & IFA_F_TEMPORARY) !== 0) this.#addresses.lifetimes.arm();
  }

  // Linux: addrconf_dad_stop()
  #stop(held: Ipv6Address, failed: boolean): void {
    if (failed) held.flags |= IFA_F_DADFAILED;
    if ((held.flags & IFA_F_TEMPORARY) !== 0) {
      const { origin } = held;
      if (origin !== null) this.#addresses.temporary.create(origin, false);
      this.#addresses.remove(held);
    } else if ((held.flags & IFA_F_PERMANENT) !== 0 || !failed) {
      this.stopTimer(held);
      held.flags |= IFA_F_TENTATIVE;
      if (!failed) return;
      held.flags &= ~IFA_F_OPTIMISTIC;
      this.#addresses.events.notify({ type: 'new', address: held });
    } else this.#addresses.remove(held);
  }

  /** RFC 7217 6: the same network, the next identifier. False: there is none left. */
  #tryAnother(held: Ipv6Address): boolean {
    const { owner } = held;
    const { device } = owner;
    const { settings } = this.#addresses.ipv6;
    const secret = owner.config.stableSecret;
    if (secret === null || held.stableRetries >= settings.idgenRetries) return false;
    const address = held.address.slice();
    const retries = held.stableRetries + 1;
    if (!stablePrivacy(device, secret, address, retries, settings.idgenRetries)) return false;
    held.state = ERRDAD;
    this.#stop(held, true);
    try {
      const next = this.#addresses.insert(
        owner,
        address6Request(address, held.prefixLength, {
          flags: held.flags & ~(IFA_F_TENTATIVE | IFA_F_DADFAILED),
          protocol: held.protocol,
          validLifetime: held.validLifetime,
          preferredLifetime: held.preferredLifetime,
        }),
      );
      next.stableRetries = retries;
      next.state = PREDAD;
      const { stack } = device;
      stack.timers.schedule(next.dadTimer, stack.nowUs + settings.idgenDelay * US_PER_SECOND);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      return false;
    }
    return true;
  }
}

/** Whether it is the only usable link-local address of its device. Linux: ipv6_lonely_lladdr() */
function isOnlyLinkLocal(held: Ipv6Address): boolean {
  for (const other of held.owner.addresses)
    if (
      other !== held &&
      other.scope === RT_SCOPE_LINK &&
      (other.flags & (IFA_F_PERMANENT | IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED)) === IFA_F_PERMANENT
    )
      return false;
  return true;
}
