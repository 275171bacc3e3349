import { both, either, featureBits, featuresOf } from '../../net/ethtool/features.js';
import { combine } from '../../netlink/genl/ethtool/bitset.js';
import { SPEED_UNKNOWN } from '../../netlink/genl/ethtool/constants.js';
import { BOND_MODE_BROADCAST } from '../../netlink/rtnl/link/bond.js';
import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import type { BondDevice } from '../bond/device.js';
import { gsoEncapsulated, gsoSoftware, scatterGather } from './groups.js';
import { unknownLink } from './link-settings.js';

const changeable = [
  ...scatterGather,
  ...gsoSoftware,
  ...gsoEncapsulated,
  'tx-checksum-ip-generic',
  'tx-generic-segmentation',
  'rx-gro',
  'rx-lro',
  'rx-vlan-hw-parse',
  'rx-vlan-stag-hw-parse',
  'rx-vlan-filter',
  'rx-vlan-stag-filter',
  'highdma',
  'tx-esp-segmentation',
  'esp-hw-offload',
  'esp-tx-csum-hw-offload',
];

/** What it claims while there is no slave. */
const alone = [
  'tx-checksum-ip-generic',
  'rx-gro',
  'rx-lro',
  'rx-vlan-hw-parse',
  'tx-vlan-hw-insert',
  'rx-vlan-filter',
  'tx-lockless',
  'netns-local',
  'tx-fcoe-segmentation',
  ...gsoEncapsulated,
  'tx-nocache-copy',
  'tx-vlan-stag-hw-insert',
  'rx-vlan-stag-hw-parse',
  'rx-vlan-stag-filter',
];
const wished = [...scatterGather, ...gsoSoftware, 'tx-generic-segmentation', 'highdma'];
const aloneOff = featureBits(wished);
/** What all slaves must have (NETIF_F_ALL_FOR_ALL), and what one is enough for. */
const shared = featureBits([...scatterGather, ...gsoSoftware, ...gsoEncapsulated, 'tx-checksum-ip-generic', 'highdma']);
const NOCACHE_COPY = featureBits(['tx-nocache-copy']);
const never = featureBits(['rx-lro', 'tx-esp-segmentation', 'esp-hw-offload', 'esp-tx-csum-hw-offload']);

/** Linux: bond_ethtool_ops, bond_fix_features() */
export const bondEthtool: EthtoolOps<BondDevice> = {
  driver: () => ({ driver: 'bonding', firmware: '2' }),
  features: () => ({ on: alone, changeable, wished }),
  fixFeatures(device, wanted) {
    const without = (mask: typeof wanted) => (x: typeof wanted) => combine(x, mask, (a, b) => a & ~b);
    // What is shared begins as on (NETIF_F_ALL_FOR_ALL), though nobody may have asked for it.
    if (device.slaves.length === 0) return either(without(aloneOff)(wanted), NOCACHE_COPY);
    let fixed = without(never)(wanted);
    for (const { device: slave } of device.slaves) {
      const missing = combine(shared, featuresOf(slave).active, (a, b) => a & ~b);
      fixed = without(missing)(fixed);
    }
    return both(fixed, wanted);
  },
  reportsLink: true,
  linkSettings: {
    // Linux: bond_ethtool_get_link_ksettings(): what the slaves that send have together.
    get(device) {
      const links = device.slaves
        .filter((slave) => slave.canTransmit)
        .flatMap(({ device: slave }) => slave.ethtool.linkSettings?.get(slave) ?? [])
        .filter(({ speed }) => speed !== SPEED_UNKNOWN);
      const [first] = links;
      if (first === undefined) return unknownLink();
      const speeds = links.map(({ speed }) => speed);
      const broadcast = device.parameters.mode === BOND_MODE_BROADCAST;
      const speed = broadcast ? Math.min(...speeds) : speeds.reduce((total, one) => total + one, 0);
      return unknownLink({ speed, duplex: first.duplex });
    },
  },
};
