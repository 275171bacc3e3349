import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { gsoSoftware, scatterGather, soft } from './groups.js';

const features = [...scatterGather, ...gsoSoftware, 'rx-checksum', 'tx-checksum-ip-generic', 'tx-checksum-sctp', 'highdma'];

/** Linux: vrf_ethtool_ops, vrf_setup() */
export const vrfEthtool: EthtoolOps = {
  driver: () => ({ driver: 'vrf', version: '1.1' }),
  features: () => ({ on: [...features, ...soft, 'vlan-challenged', 'tx-lockless', 'netns-local'], changeable: features }),
};
