import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { both, either, featureBits, featuresOf } from '../../net/ethtool/features.js';
import { gsoEncapsulated, gsoSoftware, scatterGather } from './groups.js';
import type { NetDevice } from '../../net/core/device.js';
import { linkOfLower } from './link-settings.js';

/** ALWAYS_ON_OFFLOADS and what follows the device below. */
const always = [...scatterGather, ...gsoSoftware, ...gsoEncapsulated, 'tx-checksum-ip-generic', 'tx-gso-robust', 'highdma', 'rx-checksum'];
const changeable = ['tx-generic-segmentation', 'rx-gro'];
const followed = featureBits(['rx-gro', 'rx-lro']);
const GRO = featureBits(['rx-gro']);

const isOn = (device: NetDevice | null) => device !== null && both(featuresOf(device).active, GRO).some((word) => word !== 0);

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
    on: [...always, 'tx-generic-segmentation', 'tx-lockless', ...(isOn(device.link) ? ['rx-gro'] : []), ...extra],
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
