import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { gsoSoftware, scatterGather, soft } from './groups.js';

const features = [...scatterGather, ...gsoSoftware, 'rx-checksum', 'tx-checksum-ip-generic', 'tx-checksum-sctp', 'highdma'];
/** Never changed, though the driver says that they may be. */
const lasting = ['vlan-challenged', 'tx-lockless', 'netns-local'];

/** Linux: vrf_ethtool_ops, vrf_setup() */
export const vrfEthtool: EthtoolOps = {
  driver: () => ({ driver: 'vrf', version: '1.1' }),
  features: () => ({ on: [...features, ...soft, ...lasting], changeable: [...features, ...lasting] }),
};
