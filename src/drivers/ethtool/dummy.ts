import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { gsoEncapsulated, gsoSoftware, scatterGather, soft } from './groups.js';

const features = [...scatterGather, ...gsoSoftware, ...gsoEncapsulated, 'tx-checksum-ip-generic', 'highdma'];

/** Linux: dummy_ethtool_ops, dummy_setup() */
export const dummyEthtool: EthtoolOps = {
  driver: () => ({ driver: 'dummy' }),
  features: () => ({ on: [...features, ...soft, 'tx-lockless'], changeable: features }),
  stampsSent: true,
};
