// A VLAN tag, IEEE 802.1Q 9.6:  12 TPID | 14 TCI: priority 3, drop eligible 1, VLAN id 12 bits | 16 the EtherType

export const TAG_BYTES = 4;
export const VLAN_VID_MASK = 0x0fff;
export const VLAN_PRIO_MASK = 0xe000;
export const VLAN_PRIO_SHIFT = 13;
