import { type Bits, bitsOf, combine, equalBits, hasBit, newBits, setBit } from '../../netlink/genl/ethtool/bitset.js';
import { featureNames } from '../../netlink/genl/ethtool/strings.js';
import {
  NETIF_F_GRO,
  NETIF_F_GSO,
  NETIF_F_GSO_UDP_L4,
  NETIF_F_HW_CSUM,
  NETIF_F_HW_VLAN_TX,
  NETIF_F_RXCSUM,
  NETIF_F_SG,
  NETIF_F_TSO,
  NETIF_F_TSO6,
  type NetDevice,
} from '../core/device.js';
import type { FeatureState } from '../core/ethtool-ops.js';
import { IFF_LOOPBACK } from '../../netlink/rtnl/constants.js';

/** NETDEV_FEATURE_COUNT */
export const FEATURES = featureNames.length;

const numbers = new Map(featureNames.map((name, index) => [name, index]));

/** The number of a feature by its name. */
export function featureNumber(name: string): number {
  const number = numbers.get(name);
  if (name === '' || number === undefined) throw new TypeError(`"${name}" is no feature of a device`);
  return number;
}

export const featureBits = (names: Iterable<string>): Bits => bitsOf(FEATURES, [...names].map(featureNumber));

const SG = featureNumber('tx-scatter-gather');
const IP_CSUM = featureNumber('tx-checksum-ipv4');
const HW_CSUM = featureNumber('tx-checksum-ip-generic');
const IPV6_CSUM = featureNumber('tx-checksum-ipv6');
const VLAN_TX = featureNumber('tx-vlan-hw-insert');
const GSO = featureNumber('tx-generic-segmentation');
const GRO = featureNumber('rx-gro');
const GRO_HW = featureNumber('rx-gro-hw');
const LRO = featureNumber('rx-lro');
const TSO = featureNumber('tx-tcp-segmentation');
const TSO_ECN = featureNumber('tx-tcp-ecn-segmentation');
const TSO_MANGLEID = featureNumber('tx-tcp-mangleid-segmentation');
const TSO6 = featureNumber('tx-tcp6-segmentation');
const UDP_L4 = featureNumber('tx-udp-segmentation');
const RXCSUM = featureNumber('rx-checksum');
const RXFCS = featureNumber('rx-fcs');
const NOCACHE_COPY = featureNumber('tx-nocache-copy');

/** NETIF_F_SOFT_FEATURES and NETIF_F_SOFT_FEATURES_OFF: what the stack does for any device. */
const softOn = bitsOf(FEATURES, [GSO, GRO]);
const softOff = featureBits(['rx-gro-list', 'rx-udp-gro-forwarding']);
/** NETIF_F_NEVER_CHANGE */
export const neverChange = featureBits(['vlan-challenged', 'tx-lockless', 'netns-local']);

const or = (a: Bits, b: Bits) => combine(a, b, (x, y) => x | y);
const and = (a: Bits, b: Bits) => combine(a, b, (x, y) => x & y);
const without = (a: Bits, b: Bits) => combine(a, b, (x, y) => x & ~y);

/** Whether a request touches what nobody may change (NETIF_F_NEVER_CHANGE). */
export const touchesUnchangeable = (mask: Bits) => and(mask, neverChange).some((word) => word !== 0);

/** What a device can, wants and does; made when first asked for. Linux: register_netdevice() */
export function featuresOf(device: NetDevice): FeatureState {
  device.featureState ??= firstState(device);
  return device.featureState;
}

function firstState(device: NetDevice): FeatureState {
  const { on, changeable, wished = [] } = device.ethtool.features(device);
  const active = or(featureBits(on), newBits(FEATURES));
  let able = or(or(featureBits(changeable), softOn), softOff);
  const wanted = and(or(active, featureBits(wished)), able);
  if ((device.flags & IFF_LOOPBACK) === 0) setBit(able, NOCACHE_COPY);
  if (hasBit(able, TSO)) setBit(able, TSO_MANGLEID);
  able = without(able, neverChange);
  return { active, changeable: able, wanted };
}

/** Features that need others: Linux: netdev_fix_features() */
function fixDependencies(wanted: Bits): Bits {
  const bits = wanted.slice();
  const has = (bit: number) => hasBit(bits, bit);
  const drop = (...dropped: readonly number[]) => {
    for (const bit of dropped) setBit(bits, bit, false);
  };
  if (has(HW_CSUM)) drop(IP_CSUM, IPV6_CSUM);
  if (!has(SG)) drop(TSO, TSO_ECN, TSO_MANGLEID, TSO6);
  if (!has(HW_CSUM) && !has(IP_CSUM)) drop(TSO, TSO_ECN);
  if (!has(HW_CSUM) && !has(IPV6_CSUM)) drop(TSO6);
  if (!has(TSO)) drop(TSO_MANGLEID);
  if (has(TSO_ECN) && !has(TSO) && !has(TSO6)) drop(TSO_ECN);
  if (!has(SG)) drop(GSO);
  if (!has(RXCSUM)) drop(GRO_HW);
  if (has(RXFCS)) drop(LRO, GRO_HW);
  return bits;
}

/** Which bits of device.features, those that packets ask for, follow which feature. */
const fast: readonly (readonly [feature: number, bit: number])[] = [
  [SG, NETIF_F_SG],
  [HW_CSUM, NETIF_F_HW_CSUM],
  [TSO, NETIF_F_TSO],
  [TSO6, NETIF_F_TSO6],
  [UDP_L4, NETIF_F_GSO_UDP_L4],
  [RXCSUM, NETIF_F_RXCSUM],
  [GRO, NETIF_F_GRO],
  [GSO, NETIF_F_GSO],
  [VLAN_TX, NETIF_F_HW_VLAN_TX],
];

/** Makes what is on follow what is wanted and possible; true: something has changed. Linux: __netdev_update_features() */
export function updateFeatures(device: NetDevice): boolean {
  const state = featuresOf(device);
  let next = or(without(state.active, state.changeable), state.wanted);
  next = device.ethtool.fixFeatures?.(device, next) ?? next;
  next = fixDependencies(next);
  if (equalBits(next, state.active)) return false;
  for (const [feature, bit] of fast) {
    const on = hasBit(next, feature);
    if (on === hasBit(state.active, feature)) continue;
    device.features = on ? device.features | bit : device.features & ~bit;
  }
  state.active = next;
  device.ethtool.featuresChanged?.(device);
  for (const upper of device.uppers) upper.lowerFeaturesChanged(device);
  return true;
}

/** Tells of features that have changed (netdev_features_change()). */
export function tellFeatures(device: NetDevice): void {
  device.namespace.deviceEvents.notify({ type: 'features', device });
}

/** What `ethtool -K` asks for: of the features in `mask` those in `value`. Gives what was and is on, and what is wished for. */
export function changeFeatures(
  device: NetDevice,
  value: Bits,
  mask: Bits,
): { before: Bits; after: Bits; requested: Bits; changed: boolean } {
  const state = featuresOf(device);
  const before = state.active.slice();
  const requested = or(without(state.wanted, mask), and(value, mask));
  if (!equalBits(requested, state.wanted)) {
    state.wanted = and(requested, state.changeable);
    updateFeatures(device);
  }
  const changed = !equalBits(before, state.active);
  return { before, after: state.active.slice(), requested, changed };
}

export const difference = (a: Bits, b: Bits) => combine(a, b, (x, y) => x ^ y);
export const both = and;
export const either = or;
