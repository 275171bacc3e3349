// Feature groups of netdev_features.h, by their names.

/** NETIF_F_ALL_TSO */
export const allTso = ['tx-tcp-segmentation', 'tx-tcp-ecn-segmentation', 'tx-tcp-mangleid-segmentation', 'tx-tcp6-segmentation'] as const;
/** NETIF_F_GSO_SOFTWARE: what is cut in software where a device does not do it. */
export const gsoSoftware = [...allTso, 'tx-udp-segmentation', 'tx-gso-list', 'tx-sctp-segmentation'] as const;
/** NETIF_F_GSO_ENCAP_ALL */
export const gsoEncapsulated = [
  'tx-gre-segmentation',
  'tx-gre-csum-segmentation',
  'tx-ipxip4-segmentation',
  'tx-ipxip6-segmentation',
  'tx-udp_tnl-segmentation',
  'tx-udp_tnl-csum-segmentation',
] as const;
export const scatterGather = ['tx-scatter-gather', 'tx-scatter-gather-fraglist'] as const;
/** NETIF_F_SOFT_FEATURES */
export const soft = ['tx-generic-segmentation', 'rx-gro'] as const;
export const vlanInsert = ['tx-vlan-hw-insert', 'tx-vlan-stag-hw-insert'] as const;
export const vlanParse = ['rx-vlan-hw-parse', 'rx-vlan-stag-hw-parse'] as const;
