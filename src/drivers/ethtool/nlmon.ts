import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { scatterGather, soft } from './groups.js';

/** Linux: nlmon_ethtool_ops, nlmon_setup() */
export const nlmonEthtool: EthtoolOps = {
  driver: () => ({ driver: 'nlmon' }),
  features: () => ({ on: [...scatterGather, ...soft, 'highdma', 'tx-lockless'], changeable: [] }),
  reportsLink: true,
};
