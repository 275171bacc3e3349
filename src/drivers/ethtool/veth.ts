import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import type { VethDevice } from '../veth.js';
import { gsoEncapsulated, gsoSoftware, scatterGather, soft, vlanInsert, vlanParse } from './groups.js';
import { pretendedLink } from './link-settings.js';

/** VETH_FEATURES */
const features = [
  ...scatterGather,
  ...gsoSoftware,
  ...gsoEncapsulated,
  ...vlanInsert,
  ...vlanParse,
  'tx-checksum-ip-generic',
  'tx-checksum-sctp',
  'rx-checksum',
  'highdma',
];

// Linux: veth_rq_stats_desc, veth_tq_stats_desc. There is no XDP: its counters stay at zero.
const rxNames = ['xdp_packets', 'xdp_bytes', 'drops', 'xdp_redirect', 'xdp_drops', 'xdp_tx', 'xdp_tx_errors'];
const txNames = ['xdp_xmit', 'xdp_xmit_errors'];

/** Linux: veth_ethtool_ops, veth_setup() */
export const vethEthtool: EthtoolOps<VethDevice> = {
  driver: () => ({ driver: 'veth', version: '1.0' }),
  features: () => ({ on: [...features, ...soft.filter((name) => name !== 'rx-gro'), 'tx-lockless'], changeable: features }),
  reportsLink: true,
  stampsSent: true,
  linkSettings: { get: () => pretendedLink(10_000) },
  channels: {
    get: (device) => ({
      rxMax: device.numRxQueues,
      txMax: device.numTxQueues,
      otherMax: 0,
      combinedMax: 0,
      rx: device.realRxQueues,
      tx: device.realTxQueues,
      other: 0,
      combined: 0,
    }),
    set(device, { rx, tx }) {
      device.realRxQueues = rx;
      device.realTxQueues = tx;
    },
  },
  statistics: {
    names: (device) => [
      'peer_ifindex',
      ...queueNames('rx', device.realRxQueues, rxNames),
      ...queueNames('tx', device.realTxQueues, txNames),
    ],
    values: (device) => [
      device.peer?.ifindex ?? 0,
      // All packets pass the first queue.
      ...Array.from({ length: device.realRxQueues * rxNames.length }, (_, i) => (i === 2 ? device.statistics.rxDropped : 0)),
      ...Array.from({ length: device.realTxQueues * txNames.length }, () => 0),
    ],
  },
};

const queueNames = (way: string, queues: number, names: readonly string[]): string[] =>
  Array.from({ length: queues }, (_, queue) => names.map((name) => `${way}_queue_${queue}_${name}`)).flat();
