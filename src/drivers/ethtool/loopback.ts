import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { gsoSoftware, scatterGather, soft } from './groups.js';

/** Linux: loopback_ethtool_ops, gen_lo_setup() */
export const loopbackEthtool: EthtoolOps = {
  features: () => ({
    on: [
      ...gsoSoftware,
      ...scatterGather,
      ...soft,
      'rx-checksum',
      'tx-checksum-ip-generic',
      'tx-checksum-sctp',
      'highdma',
      'vlan-challenged',
      'tx-lockless',
      'netns-local',
      'loopback',
    ],
    changeable: gsoSoftware,
  }),
  reportsLink: true,
  stampsSent: true,
};
