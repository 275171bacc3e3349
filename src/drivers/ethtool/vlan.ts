import { combine } from '../../netlink/genl/ethtool/bitset.js';
import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import type { VlanDevice } from '../../net/8021q/vlan-device.js';
import { both, either, featureBits, featuresOf } from '../../net/ethtool/features.js';
import { gsoEncapsulated, gsoSoftware, scatterGather, soft } from './groups.js';
import { linkOfLower } from './link-settings.js';

/** hw_features of vlan_dev_init() */
const features = [
  ...scatterGather,
  ...gsoSoftware,
  ...gsoEncapsulated,
  'tx-checksum-ip-generic',
  'tx-checksum-sctp',
  'highdma',
  'tx-checksum-fcoe-crc',
  'tx-fcoe-segmentation',
  'fcoe-mtu',
];
const softBits = featureBits([...soft, 'rx-gro-list', 'rx-udp-gro-forwarding', 'tx-nocache-copy', 'tx-lockless']);
const transmitted = featureBits(features);

/** Linux: vlan_ethtool_ops, vlan_dev_fix_features() */
export const vlanEthtool: EthtoolOps<VlanDevice> = {
  driver: () => ({ driver: '802.1Q VLAN Support', version: '1.8', firmware: 'N/A' }),
  features(device) {
    const below = featuresOf(device.lower).active;
    const has = (name: string) => both(below, featureBits([name])).some((word) => word !== 0);
    return { on: [...features.filter(has), ...soft, 'tx-lockless'], changeable: features, wished: features };
  },
  fixFeatures(device, wanted) {
    const below = both(featuresOf(device.lower).active, transmitted);
    return either(
      both(wanted, below),
      both(
        wanted,
        combine(softBits, transmitted, (x, y) => x & ~y),
      ),
    );
  },
  reportsLink: true,
  stampsSent: true,
  linkSettings: linkOfLower,
};
