import { NetError } from '../../../base/net-error.js';
import { randomBelow } from '../../../base/random.js';
import {
  IFA_F_DEPRECATED,
  IFA_F_OPTIMISTIC,
  IFA_F_TEMPORARY,
  IFA_F_TENTATIVE,
  INFINITY_LIFE_TIME,
} from '../../../netlink/rtnl/constants.js';
import type { Ipv6Address } from '../address.js';
import type { Ipv6Addresses } from '../addresses.js';
import type { Ipv6Device } from '../device.js';
import { randomIdentifier } from './generate.js';
import { address6Request } from './request.js';

const US_PER_SECOND = 1_000_000;

/** Addresses with a random lower half that live a day, so that a host cannot be followed by it: RFC 8981. Linux: ipv6_create_tempaddr() */
export class TemporaryAddresses {
  readonly #addresses: Ipv6Addresses;
  /** DESYNC_FACTOR of each device, seconds. */
  readonly #desync = new WeakMap<Ipv6Device, number>();

  constructor(addresses: Ipv6Addresses) {
    this.#addresses = addresses;
  }

  /** The public address got lifetimes, or (0) goes: its temporary ones follow. Linux: manage_tempaddrs() */
  manage(origin: Ipv6Address, valid: number, preferred: number, create: boolean): void {
    const { owner } = origin;
    const { nowUs } = owner.device.stack;
    let any = false;
    for (const held of [...owner.addresses]) {
      if (held.origin !== origin) continue;
      any = true;
      const age = Math.floor((nowUs - held.createdUs) / US_PER_SECOND);
      const validMost = Math.max(0, owner.config.tempValidLft - age);
      const preferredMost = Math.max(0, owner.config.tempPreferedLft - this.#desyncOf(owner) - age);
      held.validLifetime = Math.min(valid, validMost);
      held.preferredLifetime = Math.min(preferred, preferredMost, held.validLifetime);
      held.updatedUs = nowUs;
      if (held.preferredLifetime > 0) held.flags &= ~IFA_F_DEPRECATED;
      if ((held.flags & IFA_F_TENTATIVE) === 0) this.#addresses.events.notify({ type: 'new', address: held });
    }
    if ((create || !any) && owner.config.useTempaddr > 0 && valid > 0) this.create(origin, true);
    this.#addresses.lifetimes.arm();
  }

  /** Those of an address that goes. Linux: delete_tempaddrs() */
  forget(origin: Ipv6Address): void {
    for (const held of [...origin.owner.addresses]) if (held.origin === origin) this.#addresses.remove(held);
  }

  /** Seconds before its end that another one is made: REGEN_ADVANCE of RFC 8981 3.8. */
  regenAdvance(held: Ipv6Address): number {
    const { config, ndParameters } = held.owner;
    return config.regenMaxRetry * config.dadTransmits * Math.max(Math.floor(ndParameters.values.retransTimeMs / 1000), 1) + 2;
  }

  create(origin: Ipv6Address, block: boolean): void {
    const { owner } = origin;
    const { config, device } = owner;
    if (config.useTempaddr <= 0 || (!block && origin.regenerated >= config.regenMaxRetry)) return;
    origin.regenerated = block ? 0 : origin.regenerated + 1;
    const { nowUs, random } = device.stack;
    const age = Math.floor((nowUs - origin.updatedUs) / US_PER_SECOND);
    const left = (lifetime: number) => (lifetime === INFINITY_LIFE_TIME ? lifetime : Math.max(0, lifetime - age));
    const validLifetime = Math.min(left(origin.validLifetime), config.tempValidLft);
    const preferredLifetime = Math.min(left(origin.preferredLifetime), config.tempPreferedLft - this.#desyncOf(owner), validLifetime);
    const address = origin.address.slice();
    randomIdentifier(random, address);
    const flags = IFA_F_TEMPORARY | (origin.flags & IFA_F_OPTIMISTIC);
    const request = address6Request(address, origin.prefixLength, { flags, validLifetime, preferredLifetime });
    // One that would be replaced at once is of no use.
    if (preferredLifetime <= config.regenMaxRetry * config.dadTransmits + 2) return;
    try {
      const held = this.#addresses.insert(owner, request);
      held.origin = origin;
      held.createdUs = nowUs;
      this.#addresses.dad.start(held);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
    }
  }

  #desyncOf(owner: Ipv6Device): number {
    let desync = this.#desync.get(owner);
    if (desync === undefined) {
      desync = randomBelow(owner.device.stack.random, Math.max(1, owner.config.maxDesyncFactor));
      this.#desync.set(owner, desync);
    }
    return Math.min(desync, Math.max(0, owner.config.tempPreferedLft - 10));
  }
}
