import { hasBit, setBit, type Bits } from '../../netlink/genl/ethtool/bitset.js';
import { SPEED_UNKNOWN } from '../../netlink/genl/ethtool/constants.js';
import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import type { BridgeDevice } from '../../net/bridge/bridge-device.js';
import { featureBits, featureNumber, featuresOf } from '../../net/ethtool/features.js';
import { gsoEncapsulated, gsoSoftware, scatterGather, soft, vlanInsert } from './groups.js';
import { unknownLink } from './link-settings.js';

/** COMMON_FEATURES of br_device.c, and VLAN tags. */
const features = [
  ...scatterGather,
  ...gsoSoftware,
  ...gsoEncapsulated,
  ...vlanInsert,
  'tx-checksum-ip-generic',
  'highdma',
  'tx-gso-robust',
  'tx-fcoe-segmentation',
  'tx-gso-partial',
  'tx-tunnel-remcsum-segmentation',
  'tx-esp-segmentation',
];

/** NETIF_F_ONE_FOR_ALL: one port that has it is enough, for it is done in software for the others. */
const oneForAll = featureBits([
  ...gsoSoftware,
  'tx-generic-segmentation',
  'tx-gso-robust',
  'highdma',
  'tx-scatter-gather-fraglist',
  'tx-scatter-gather',
]);
const HW_CSUM = featureNumber('tx-checksum-ip-generic');

/** Linux: br_ethtool_ops, br_dev_setup() */
export const bridgeEthtool: EthtoolOps<BridgeDevice> = {
  driver: () => ({ driver: 'bridge', version: '2.3', firmware: 'N/A', bus: 'N/A' }),
  features: () => ({ on: [...features, ...soft, 'tx-lockless', 'netns-local'], changeable: features }),
  // Linux: br_features_recompute()
  fixFeatures(device, wanted) {
    if (device.ports.length === 0) return wanted;
    const ports = device.ports.map((port) => featuresOf(port.device).active);
    const fixed: Bits = wanted.slice();
    for (let bit = 0; bit < 64; bit++) {
      if (!hasBit(wanted, bit)) continue;
      const has = (active: Bits) => hasBit(active, bit);
      if (bit === HW_CSUM || !hasBit(oneForAll, bit)) continue;
      if (!ports.some(has)) setBit(fixed, bit, false);
    }
    return fixed;
  },
  reportsLink: true,
  linkSettings: {
    // Linux: br_get_link_ksettings(): as fast as the fastest port.
    get(device) {
      const speeds = device.ports
        .filter((port) => port.device.up && port.device.carrier)
        .map((port) => port.device.ethtool.linkSettings?.get(port.device).speed ?? SPEED_UNKNOWN)
        .filter((speed) => speed !== SPEED_UNKNOWN);
      return unknownLink(speeds.length === 0 ? {} : { speed: Math.max(...speeds) });
    },
  },
};
