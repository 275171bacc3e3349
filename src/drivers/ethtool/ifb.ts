import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { gsoEncapsulated, gsoSoftware, scatterGather, soft, vlanInsert } from './groups.js';

const features = [...scatterGather, ...gsoSoftware, ...gsoEncapsulated, ...vlanInsert, 'tx-checksum-ip-generic', 'highdma'];

/** Linux: ifb_ethtool_ops, ifb_setup(). It has one queue. */
export const ifbEthtool: EthtoolOps = {
  driver: () => ({ driver: 'ifb' }),
  features: () => ({ on: [...features, ...soft], changeable: features }),
  statistics: {
    names: () => ['rx_queue_0_packets', 'rx_queue_0_bytes', 'tx_queue_0_packets', 'tx_queue_0_bytes'],
    values: ({ statistics: s }) => [s.rxPackets, s.rxBytes, s.txPackets, s.txBytes],
  },
};
