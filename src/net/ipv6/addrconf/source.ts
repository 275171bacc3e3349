import {
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_HOMEADDRESS,
  IFA_F_OPTIMISTIC,
  IFA_F_TEMPORARY,
  IFA_F_TENTATIVE,
} from '../../../netlink/rtnl/constants.js';
import { type In6, isAny, isMulticast } from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';
import type { Ipv6Address } from '../address.js';
import type { Ipv6Addresses } from '../addresses.js';
import { addressScope } from './scope.js';
import { l3MasterOf } from '../../core/l3mdev.js';

const LINK = 2;

/**
 * The best source address for packets to `destination` by `device` (null: any), RFC 6724 5. False: there is none.
 * Linux: ipv6_dev_get_saddr()
 */
export function selectSource(addresses: Ipv6Addresses, device: NetDevice | null, destination: In6, into: In6): boolean {
  const scope = addressScope(destination);
  const multicast = isMulticast(destination);
  // RFC 6724 4: candidates of a packet that stays on the link are the addresses of its device.
  const onlyDevice = device !== null && (multicast || scope <= LINK || (device.ipv6 !== null && device.ipv6.config.useOifAddrsOnly !== 0));
  const domain = device === null ? null : l3MasterOf(device);
  let best: Ipv6Address | null = null;
  for (const other of addresses.ipv6.namespace.devicesByIndex.values()) {
    const owner = other.ipv6;
    if (owner === null || owner.dead || (onlyDevice && other !== device) || l3MasterOf(other) !== domain) continue;
    for (let i = 0; i < owner.addresses.length; i++) {
      const held = owner.addresses[i]!;
      if (!usable(held)) continue;
      if (best === null || better(addresses, held, best, device, destination, scope)) best = held;
    }
  }
  if (best === null) return false;
  for (let i = 0; i < 4; i++) into[i] = best.address[i]!;
  return true;
}

/** Tentative ones are none, optimistic ones are, failed ones are not. */
function usable(held: Ipv6Address): boolean {
  if ((held.flags & IFA_F_DADFAILED) !== 0 || (held.flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) === IFA_F_TENTATIVE) return false;
  return !isAny(held.address) && !isMulticast(held.address);
}

/** Whether `a` is to be taken instead of `b`: the rules one after the other, until one tells them apart. */
function better(
  addresses: Ipv6Addresses,
  a: Ipv6Address,
  b: Ipv6Address,
  device: NetDevice | null,
  destination: In6,
  scope: number,
): boolean {
  // Rule 1: the destination itself.
  let order = Number(a.is(destination)) - Number(b.is(destination));
  if (order !== 0) return order > 0;
  // Rule 2: the scope that is wide enough, and no wider.
  order = scopeScore(a, scope) - scopeScore(b, scope);
  if (order !== 0) return order > 0;
  // Rule 3: not deprecated; and not still to be examined.
  order = Number(preferred(a)) - Number(preferred(b));
  if (order !== 0) return order > 0;
  // Rule 4: home addresses.
  order = Number((a.flags & IFA_F_HOMEADDRESS) !== 0) - Number((b.flags & IFA_F_HOMEADDRESS) !== 0);
  if (order !== 0) return order > 0;
  // Rule 5: of the outgoing device.
  order = Number(device === null || a.owner.device === device) - Number(device === null || b.owner.device === device);
  if (order !== 0) return order > 0;
  // Rule 6: the destination's label.
  const { labels } = addresses;
  const label = labels.label(destination, device === null ? 0 : device.ifindex);
  order =
    Number(labels.label(a.address, a.owner.device.ifindex) === label) - Number(labels.label(b.address, b.owner.device.ifindex) === label);
  if (order !== 0) return order > 0;
  // Rule 7: temporary ones where the device prefers them, else public ones.
  order = Number(privacyFits(a)) - Number(privacyFits(b));
  if (order !== 0) return order > 0;
  // Linux: IPV6_SADDR_RULE_ORCHID: ORCHIDs talk to ORCHIDs.
  order = Number(isOrchid(a.address) === isOrchid(destination)) - Number(isOrchid(b.address) === isOrchid(destination));
  if (order !== 0) return order > 0;
  // Rule 8: the longest common prefix.
  order = commonBits(a, destination) - commonBits(b, destination);
  if (order !== 0) return order > 0;
  return Number((a.flags & IFA_F_OPTIMISTIC) === 0) > Number((b.flags & IFA_F_OPTIMISTIC) === 0);
}

/** The nearer above the wanted scope, the better; what is narrower is the worse the further below. */
function scopeScore(held: Ipv6Address, wanted: number): number {
  const scope = addressScope(held.address);
  return scope >= wanted ? 1000 - scope : scope - 1000;
}

const preferred = (held: Ipv6Address): boolean => (held.flags & IFA_F_DEPRECATED) === 0 && (held.flags & IFA_F_OPTIMISTIC) === 0;

function privacyFits(held: Ipv6Address): boolean {
  const temporary = (held.flags & IFA_F_TEMPORARY) !== 0;
  return temporary === held.owner.config.useTempaddr >= 2;
}

const isOrchid = (a: In6): boolean => (a[0]! & 0xffff_fff0) >>> 0 === 0x2001_0010;

/** Bits that two addresses have in common, at most the prefix of the held one (RFC 6724 2.2). Linux: ipv6_addr_diff() */
function commonBits(held: Ipv6Address, destination: In6): number {
  for (let i = 0; i < 4; i++) {
    const differing = (held.address[i]! ^ destination[i]!) >>> 0;
    if (differing !== 0) return Math.min(i * 32 + Math.clz32(differing), held.prefixLength);
  }
  return held.prefixLength;
}
