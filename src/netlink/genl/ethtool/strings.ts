import { StringSet } from './constants.js';

/** Names of net device features by their bits (NETIF_F_*_BIT of Linux 6.1); '' where a bit has none. */
// biome-ignore format: a table
export const featureNames: readonly string[] = [
  'tx-scatter-gather', 'tx-checksum-ipv4', '', 'tx-checksum-ip-generic', 'tx-checksum-ipv6', 'highdma', 'tx-scatter-gather-fraglist',
  'tx-vlan-hw-insert', 'rx-vlan-hw-parse', 'rx-vlan-filter', 'vlan-challenged', 'tx-generic-segmentation', 'tx-lockless', 'netns-local',
  'rx-gro', 'rx-lro', 'tx-tcp-segmentation', 'tx-gso-robust', 'tx-tcp-ecn-segmentation', 'tx-tcp-mangleid-segmentation',
  'tx-tcp6-segmentation', 'tx-fcoe-segmentation', 'tx-gre-segmentation', 'tx-gre-csum-segmentation', 'tx-ipxip4-segmentation',
  'tx-ipxip6-segmentation', 'tx-udp_tnl-segmentation', 'tx-udp_tnl-csum-segmentation', 'tx-gso-partial', 'tx-tunnel-remcsum-segmentation',
  'tx-sctp-segmentation', 'tx-esp-segmentation', '', 'tx-udp-segmentation', 'tx-gso-list', 'tx-checksum-fcoe-crc', 'tx-checksum-sctp',
  'fcoe-mtu', 'rx-ntuple-filter', 'rx-hashing', 'rx-checksum', 'tx-nocache-copy', 'loopback', 'rx-fcs', 'rx-all', 'tx-vlan-stag-hw-insert',
  'rx-vlan-stag-hw-parse', 'rx-vlan-stag-filter', 'l2-fwd-offload', 'hw-tc-offload', 'esp-hw-offload', 'esp-tx-csum-hw-offload',
  'rx-udp_tunnel-port-offload', 'tls-hw-tx-offload', 'tls-hw-rx-offload', 'rx-gro-hw', 'tls-hw-record', 'rx-gro-list', 'macsec-hw-offload',
  'rx-udp-gro-forwarding', 'hsr-tag-ins-offload', 'hsr-tag-rm-offload', 'hsr-fwd-offload', 'hsr-dup-offload',
];

/** ETHTOOL_LINK_MODE_*_BIT: what a link can be, and among it ports, pause and FEC. */
// biome-ignore format: a table
export const linkModeNames: readonly string[] = [
  '10baseT/Half', '10baseT/Full', '100baseT/Half', '100baseT/Full', '1000baseT/Half', '1000baseT/Full', 'Autoneg', 'TP', 'AUI', 'MII',
  'FIBRE', 'BNC', '10000baseT/Full', 'Pause', 'Asym_Pause', '2500baseX/Full', 'Backplane', '1000baseKX/Full', '10000baseKX4/Full',
  '10000baseKR/Full', '10000baseR_FEC', '20000baseMLD2/Full', '20000baseKR2/Full', '40000baseKR4/Full', '40000baseCR4/Full',
  '40000baseSR4/Full', '40000baseLR4/Full', '56000baseKR4/Full', '56000baseCR4/Full', '56000baseSR4/Full', '56000baseLR4/Full',
  '25000baseCR/Full', '25000baseKR/Full', '25000baseSR/Full', '50000baseCR2/Full', '50000baseKR2/Full', '100000baseKR4/Full',
  '100000baseSR4/Full', '100000baseCR4/Full', '100000baseLR4_ER4/Full', '50000baseSR2/Full', '1000baseX/Full', '10000baseCR/Full',
  '10000baseSR/Full', '10000baseLR/Full', '10000baseLRM/Full', '10000baseER/Full', '2500baseT/Full', '5000baseT/Full', 'None', 'RS',
  'BASER', '50000baseKR/Full', '50000baseSR/Full', '50000baseCR/Full', '50000baseLR_ER_FR/Full', '50000baseDR/Full', '100000baseKR2/Full',
  '100000baseSR2/Full', '100000baseCR2/Full', '100000baseLR2_ER2_FR2/Full', '100000baseDR2/Full', '200000baseKR4/Full',
  '200000baseSR4/Full', '200000baseLR4_ER4_FR4/Full', '200000baseDR4/Full', '200000baseCR4/Full', '100baseT1/Full', '1000baseT1/Full',
  '400000baseKR8/Full', '400000baseSR8/Full', '400000baseLR8_ER8_FR8/Full', '400000baseDR8/Full', '400000baseCR8/Full', 'LLRS',
  '100000baseKR/Full', '100000baseSR/Full', '100000baseLR_ER_FR/Full', '100000baseCR/Full', '100000baseDR/Full', '200000baseKR2/Full',
  '200000baseSR2/Full', '200000baseLR2_ER2_FR2/Full', '200000baseDR2/Full', '200000baseCR2/Full', '400000baseKR4/Full',
  '400000baseSR4/Full', '400000baseLR4_ER4_FR4/Full', '400000baseDR4/Full', '400000baseCR4/Full', '100baseFX/Half', '100baseFX/Full',
  '10baseT1L/Full',
];

/** Bits of linkModeNames that are no modes of a link: a port, negotiation, pause, FEC. */
export const LinkMode = {
  AUTONEG: 6,
  TP: 7,
  AUI: 8,
  MII: 9,
  FIBRE: 10,
  BNC: 11,
  PAUSE: 13,
  ASYM_PAUSE: 14,
  BACKPLANE: 16,
  FEC_NONE: 49,
  FEC_RS: 50,
  FEC_BASER: 51,
  FEC_LLRS: 74,
} as const;

/** NETIF_MSG_* by their bits. */
// biome-ignore format: a table
export const messageClassNames: readonly string[] = [
  'drv', 'probe', 'link', 'timer', 'ifdown', 'ifup', 'rx_err', 'tx_err', 'tx_queued', 'intr', 'tx_done', 'rx_status', 'pktdata', 'hw', 'wol',
];

/** WAKE_* by their bits. */
export const wolModeNames: readonly string[] = ['phy', 'ucast', 'mcast', 'bcast', 'arp', 'magic', 'magicsecure', 'filter'];

/** SOF_TIMESTAMPING_* by their bits. */
// biome-ignore format: a table
export const timestampingNames: readonly string[] = [
  'hardware-transmit', 'software-transmit', 'hardware-receive', 'software-receive', 'software-system-clock', 'hardware-legacy-clock',
  'hardware-raw-clock', 'option-id', 'sched-transmit', 'ack-transmit', 'option-cmsg', 'option-tsonly', 'option-stats', 'option-pktinfo',
  'option-tx-swhw', 'bind-phc',
];

/** HWTSTAMP_TX_* and HWTSTAMP_FILTER_* by their numbers. */
const txTypeNames: readonly string[] = ['off', 'on', 'onestep-sync', 'onestep-p2p'];
// biome-ignore format: a table
const rxFilterNames: readonly string[] = [
  'none', 'all', 'some', 'ptpv1-l4-event', 'ptpv1-l4-sync', 'ptpv1-l4-delay-req', 'ptpv2-l4-event', 'ptpv2-l4-sync', 'ptpv2-l4-delay-req',
  'ptpv2-l2-event', 'ptpv2-l2-sync', 'ptpv2-l2-delay-req', 'ptpv2-event', 'ptpv2-sync', 'ptpv2-delay-req', 'ntp-all',
];

/** ETHTOOL_STATS_*: the groups of standard statistics, and their counters (IEEE 802.3 clause 30, RFC 2819). */
export const statisticsGroupNames: readonly string[] = ['eth-phy', 'eth-mac', 'eth-ctrl', 'rmon'];
const ethPhyNames: readonly string[] = ['SymbolErrorDuringCarrier'];
// biome-ignore format: a table
const ethMacNames: readonly string[] = [
  'FramesTransmittedOK', 'SingleCollisionFrames', 'MultipleCollisionFrames', 'FramesReceivedOK', 'FrameCheckSequenceErrors',
  'AlignmentErrors', 'OctetsTransmittedOK', 'FramesWithDeferredXmissions', 'LateCollisions', 'FramesAbortedDueToXSColls',
  'FramesLostDueToIntMACXmitError', 'CarrierSenseErrors', 'OctetsReceivedOK', 'FramesLostDueToIntMACRcvError', 'MulticastFramesXmittedOK',
  'BroadcastFramesXmittedOK', 'FramesWithExcessiveDeferral', 'MulticastFramesReceivedOK', 'BroadcastFramesReceivedOK',
  'InRangeLengthErrors', 'OutOfRangeLengthField', 'FrameTooLongErrors',
];
const ethCtrlNames: readonly string[] = ['MACControlFramesTransmitted', 'MACControlFramesReceived', 'UnsupportedOpcodesReceived'];
const rmonNames: readonly string[] = ['etherStatsUndersizePkts', 'etherStatsOversizePkts', 'etherStatsFragments', 'etherStatsJabbers'];

/** ETH_RSS_HASH_* by their bits. */
export const hashFunctionNames: readonly string[] = ['toeplitz', 'xor', 'crc32'];
const tunableNames: readonly string[] = ['Unspec', 'rx-copybreak', 'tx-copybreak', 'pfc-prevention-tout', 'tx-copybreak-buf-size'];
const phyTunableNames: readonly string[] = ['Unspec', 'phy-downshift', 'phy-fast-link-down', 'phy-energy-detect-power-down'];
export const tunnelTypeNames: readonly string[] = ['vxlan', 'geneve', 'vxlan-gpe'];

/** The string sets that are the same for all devices. */
export const globalStringSets: ReadonlyMap<number, readonly string[]> = new Map([
  [StringSet.FEATURES, featureNames],
  [StringSet.RSS_HASH_FUNCS, hashFunctionNames],
  [StringSet.TUNABLES, tunableNames],
  [StringSet.PHY_TUNABLES, phyTunableNames],
  [StringSet.LINK_MODES, linkModeNames],
  [StringSet.MSG_CLASSES, messageClassNames],
  [StringSet.WOL_MODES, wolModeNames],
  [StringSet.SOF_TIMESTAMPING, timestampingNames],
  [StringSet.TS_TX_TYPES, txTypeNames],
  [StringSet.TS_RX_FILTERS, rxFilterNames],
  [StringSet.UDP_TUNNEL_TYPES, tunnelTypeNames],
  [StringSet.STATS_STD, statisticsGroupNames],
  [StringSet.STATS_ETH_PHY, ethPhyNames],
  [StringSet.STATS_ETH_MAC, ethMacNames],
  [StringSet.STATS_ETH_CTRL, ethCtrlNames],
  [StringSet.STATS_RMON, rmonNames],
]);
