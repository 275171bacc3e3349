import { combine, hasBit } from '../../netlink/genl/ethtool/bitset.js';
import { NETIF_F_HW_CSUM, NETIF_F_TSO } from '../../net/core/device.js';
import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { featureBits, featureNumber, featuresOf } from '../../net/ethtool/features.js';
import type { NicDevice } from '../nic.js';
import { LONGEST_RING, MOST_CHANNELS, SHORTEST_RING } from '../nic/limits.js';
import { soft } from './groups.js';

const RX_GRO_HW = featureNumber('rx-gro-hw');
const NTUPLE = featureNumber('rx-ntuple-filter');
const sent = ['tx-checksum-ip-generic'];
const cut = ['tx-tcp-segmentation', 'tx-tcp-ecn-segmentation', 'tx-tcp6-segmentation'];
const received = ['rx-checksum', 'rx-gro-hw'];
const changeable = ['tx-scatter-gather', ...sent, ...cut, ...received, 'rx-ntuple-filter', 'rx-hashing'];
/** Of a wire that does nothing by itself. */
const sentBits = featureBits([...sent, ...cut]);

const perQueue = ['packets', 'bytes'] as const;

/** "tapstack-nic": what it shows is what it does. */
export const nicEthtool: EthtoolOps<NicDevice> = {
  driver: ({ wire }) => ({ driver: 'tapstack-nic', version: '1.0.0', bus: wire.bus ?? '' }),
  features: ({ wire }) => ({
    on: [
      'tx-scatter-gather',
      ...soft,
      'highdma',
      ...((wire.offloads & NETIF_F_HW_CSUM) === 0 ? [] : sent),
      ...((wire.offloads & NETIF_F_TSO) === 0 ? [] : cut),
      ...received,
      'rx-ntuple-filter',
      'rx-hashing',
    ],
    changeable,
  }),
  fixFeatures: ({ wire }, wanted) => ((wire.offloads & NETIF_F_HW_CSUM) === 0 ? combine(wanted, sentBits, (x, y) => x & ~y) : wanted),
  featuresChanged(device) {
    const { active } = featuresOf(device);
    device.receivesSuperPackets = hasBit(active, RX_GRO_HW);
    device.steering.useRules = hasBit(active, NTUPLE);
    device.featuresChanged();
  },
  reportsLink: true,
  stampsSent: true,
  linkSettings: {
    get: (device) => device.linkSettings,
    // Linux: virtio_net keeps what it is told (virtnet_set_link_ksettings()).
    set(device, settings) {
      device.linkSettings = settings;
    },
  },
  rings: {
    get: ({ rxRing, txRing }) => ({
      rxMax: LONGEST_RING,
      rxMiniMax: 0,
      rxJumboMax: 0,
      txMax: LONGEST_RING,
      rx: rxRing,
      rxMini: 0,
      rxJumbo: 0,
      tx: txRing,
    }),
    // A ring has room for a few frames at least, as drivers have it.
    set(device, { rx, tx }) {
      device.rxRing = Math.max(rx, SHORTEST_RING);
      device.txRing = Math.max(tx, SHORTEST_RING);
      device.applyCoalesce();
    },
  },
  channels: {
    get: ({ channels }) => ({ rxMax: 0, txMax: 0, otherMax: 0, combinedMax: MOST_CHANNELS, rx: 0, tx: 0, other: 0, combined: channels }),
    set(device, { combined }) {
      device.channels = combined;
      device.steering.setQueues(combined);
    },
  },
  coalesce: {
    supported: ['rxUsecs', 'rxMaxFrames', 'txUsecs', 'txMaxFrames', 'adaptiveRx'],
    get: ({ coalesce }) => coalesce,
    set(device, values) {
      device.coalesce = { ...device.coalesce, ...values };
      device.applyCoalesce();
    },
  },
  statistics: {
    names: ({ channels }) => [
      'rx_packets',
      'tx_packets',
      'rx_bytes',
      'tx_bytes',
      'rx_multicast',
      'rx_dropped',
      'tx_dropped',
      'rx_length_errors',
      'tx_fifo_errors',
      'tx_completions',
      ...Array.from({ length: channels }, (_, queue) =>
        ['rx', 'tx'].flatMap((way) => perQueue.map((what) => `${way}_queue_${queue}_${what}`)),
      ).flat(),
    ],
    values: ({ channels, statistics: s, counters: c, completion }) => [
      s.rxPackets,
      s.txPackets,
      s.rxBytes,
      s.txBytes,
      s.multicast,
      s.rxDropped,
      s.txDropped,
      s.rxLengthErrors,
      s.txFifoErrors,
      completion.count,
      ...Array.from({ length: channels }, (_, queue) => [
        c.rxPackets[queue]!,
        c.rxBytes[queue]!,
        c.txPackets[queue]!,
        c.txBytes[queue]!,
      ]).flat(),
    ],
  },
  // ETHTOOL_A_STATS_ETH_MAC_*
  standardStatistics: ({ statistics: s }, group) =>
    group === 1
      ? [
          { id: 0, value: s.txPackets },
          { id: 3, value: s.rxPackets },
          { id: 6, value: s.txBytes },
          { id: 12, value: s.rxBytes },
          { id: 17, value: s.multicast },
        ]
      : [],
  moduleEeprom: ({ module }) => module,
  rxQueues: ({ channels }) => channels,
  rss: {
    get: ({ steering }) => steering.rss,
    set: ({ steering }, settings) => steering.setRss(settings),
  },
  flowHash: {
    get: ({ steering }, type) => steering.fieldsOf(type),
    set: ({ steering }, type, fields) => steering.setFields(type, fields),
  },
  flowRules: {
    capacity: 1024,
    list: ({ steering }) => steering.list(),
    insert: ({ steering }, rule) => steering.insert(rule),
    delete: ({ steering }, location) => steering.delete(location),
  },
};
