import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { hasBit } from '../../netlink/genl/ethtool/bitset.js';
import { both, either, featureBits, featureNumber, featuresOf } from '../../net/ethtool/features.js';
import { gsoEncapsulated, gsoSoftware, scatterGather } from './groups.js';
import type { NetDevice } from '../../net/core/device.js';
import { linkOfLower } from './link-settings.js';

/** ALWAYS_ON_OFFLOADS and what follows the device below. */
const always = [...scatterGather, ...gsoSoftware, ...gsoEncapsulated, 'tx-checksum-ip-generic', 'tx-gso-robust', 'highdma'];
/** What a device has if the one below has it, as it is when it is made. */
const inherited = ['rx-checksum', 'rx-vlan-filter', 'rx-vlan-stag-filter'];
const changeable = ['tx-generic-segmentation', 'rx-gro'];
const followed = featureBits(['rx-gro', 'rx-lro']);

const isOn = (device: NetDevice | null, feature: string) => device !== null && hasBit(featuresOf(device).active, featureNumber(feature));

/** GRO is on only where it is on below. Linux: macvlan_fix_features(), ipvlan_fix_features() */
function fixFeatures(device: NetDevice, wanted: Uint32Array): Uint32Array {
  const below = device.link === null ? new Uint32Array(2) : featuresOf(device.link).active;
  const kept = wanted.map((word, i) => word & ~followed[i]!);
  return either(kept, both(wanted, both(below, followed)));
}

const stacked = (
  extra: readonly string[],
  also: readonly string[],
): Pick<EthtoolOps, 'features' | 'fixFeatures' | 'reportsLink' | 'linkSettings'> => ({
  features: (device) => ({
    on: [
      ...always,
      'tx-generic-segmentation',
      'tx-lockless',
      ...['rx-gro', ...inherited].filter((feature) => isOn(device.link, feature)),
      ...extra,
    ],
    changeable: [...changeable, ...also],
    wished: ['rx-gro'],
  }),
  fixFeatures,
  reportsLink: true,
  linkSettings: linkOfLower,
});

/** Linux: macvlan_ethtool_ops */
export const macvlanEthtool: EthtoolOps = {
  driver: () => ({ driver: 'macvlan', version: '0.1' }),
  ...stacked([], ['rx-lro']),
  stampsSent: true,
};

/** Linux: ipvlan_ethtool_ops */
export const ipvlanEthtool: EthtoolOps = {
  driver: () => ({ driver: 'ipvlan', version: '0.1' }),
  ...stacked(['vlan-challenged'], []),
  messageLevel: {
    get: (device) => levels.get(device) ?? 0,
    set: (device, level) => void levels.set(device, level),
  },
};

const levels = new WeakMap<NetDevice, number>();
