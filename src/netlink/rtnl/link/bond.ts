import { EINVAL } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import {
  type AttributeCodec,
  type AttributesOf,
  attributes,
  be32,
  binary,
  custom,
  nest,
  plain,
  s32,
  u16,
  u32,
  u8,
} from '../../attributes.js';
import { align4, NLA_HDRLEN } from '../../constants.js';

// linux/if_bonding.h
export const BOND_MODE_ROUNDROBIN = 0;
export const BOND_MODE_ACTIVEBACKUP = 1;
export const BOND_MODE_XOR = 2;
export const BOND_MODE_BROADCAST = 3;
export const BOND_MODE_8023AD = 4;
export const BOND_MODE_TLB = 5;
export const BOND_MODE_ALB = 6;

export const BOND_LINK_UP = 0;
/** It has just gone down, and downdelay runs. */
export const BOND_LINK_FAIL = 1;
export const BOND_LINK_DOWN = 2;
/** It has just come back, and updelay runs. */
export const BOND_LINK_BACK = 3;

export const BOND_STATE_ACTIVE = 0;
export const BOND_STATE_BACKUP = 1;

export const BOND_XMIT_POLICY_LAYER2 = 0;
export const BOND_XMIT_POLICY_LAYER34 = 1;
export const BOND_XMIT_POLICY_LAYER23 = 2;
export const BOND_XMIT_POLICY_ENCAP23 = 3;
export const BOND_XMIT_POLICY_ENCAP34 = 4;
export const BOND_XMIT_POLICY_VLAN_SRCMAC = 5;

// IFLA_BOND_ARP_VALIDATE: bits of 1 << BOND_STATE_*, and filter.
export const BOND_ARP_VALIDATE_NONE = 0;
export const BOND_ARP_VALIDATE_ACTIVE = 1;
export const BOND_ARP_VALIDATE_BACKUP = 2;
export const BOND_ARP_VALIDATE_ALL = 3;
export const BOND_ARP_FILTER = 4;

export const BOND_ARP_TARGETS_ANY = 0;
export const BOND_ARP_TARGETS_ALL = 1;

export const BOND_PRI_RESELECT_ALWAYS = 0;
export const BOND_PRI_RESELECT_BETTER = 1;
export const BOND_PRI_RESELECT_FAILURE = 2;

export const BOND_FOM_NONE = 0;
export const BOND_FOM_ACTIVE = 1;
export const BOND_FOM_FOLLOW = 2;

export const BOND_AD_STABLE = 0;
export const BOND_AD_BANDWIDTH = 1;
export const BOND_AD_COUNT = 2;

/** BOND_MAX_ARP_TARGETS, BOND_MAX_NS_TARGETS */
export const BOND_MAX_TARGETS = 16;

/** A nest whose attributes are numbered from 0 on: a list of addresses. A shorter attribute than `bytes` is refused. */
const numbered = <T>(
  type: number,
  nested: boolean,
  bytes: number,
  complaint: string | undefined,
  item: (index: number) => AttributeCodec<T>,
) =>
  custom<readonly T[]>(type, {
    nested,
    read(source, start, end) {
      const items: T[] = [];
      for (let at = start; end - at >= NLA_HDRLEN; ) {
        const length = source.view.getUint16(at, true);
        if (length < NLA_HDRLEN || length > end - at) break;
        if (length - NLA_HDRLEN < bytes) throw new NetError(EINVAL, complaint);
        items.push(item(0).read(source, at + NLA_HDRLEN, at + length));
        at += align4(length);
      }
      return items;
    },
    write(writer, items) {
      for (const [index, value] of items.entries()) {
        const mark = writer.beginAttribute(index);
        item(index).write(writer, value);
        writer.endAttribute(mark);
      }
    },
  });

/** The aggregator in use, of 802.3ad. */
export const bondAdInfo = attributes('IFLA_BOND_AD_INFO', {
  aggregator: u16(1),
  numPorts: u16(2),
  actorKey: u16(3),
  partnerKey: u16(4),
  partnerMac: binary(5, { min: 6, max: 6 }),
});

/** IFLA_INFO_DATA of kind "bond": linux/if_link.h, IFLA_BOND_*, in the order of Linux's bond_fill_info(). Times are milliseconds. */
export const bondData = attributes('IFLA_BOND', {
  mode: u8(1),
  activeSlave: u32(2),
  miimon: u32(3),
  updelay: u32(4),
  downdelay: u32(5),
  peerNotifDelay: u32(28, { max: 300_000 }),
  useCarrier: u8(6),
  arpInterval: u32(7),
  arpIpTarget: numbered(8, false, 4, undefined, (index) => be32(index)),
  arpValidate: u32(9),
  arpAllTargets: u32(10),
  nsIp6Target: numbered(31, true, 16, 'Invalid IPv6 address', (index) => binary(index, { min: 16, max: 16 })),
  primary: u32(11),
  primaryReselect: u8(12),
  failOverMac: u8(13),
  xmitHashPolicy: u8(14),
  resendIgmp: u32(15),
  numPeerNotif: u8(16),
  allSlavesActive: u8(17),
  minLinks: u32(18),
  /** Seconds. */
  lpInterval: u32(19),
  packetsPerSlave: u32(20),
  adLacpActive: u8(29),
  adLacpRate: u8(21),
  adSelect: u8(22),
  tlbDynamicLb: u8(27),
  missedMax: u8(30),
  adActorSysPrio: u16(24),
  adUserPortKey: u16(25),
  adActorSystem: binary(26, { max: 6 }),
  adInfo: plain(nest(23, bondAdInfo)),
});
export type BondData = AttributesOf<typeof bondData>;

/** IFLA_INFO_SLAVE_DATA of a bond's slaves: IFLA_BOND_SLAVE_*, in the order of Linux's bond_fill_slave_info(). */
export const bondSlaveData = attributes('IFLA_BOND_SLAVE', {
  state: u8(1),
  miiStatus: u8(2),
  linkFailureCount: u32(3),
  permHwaddr: binary(4),
  queueId: u16(5),
  prio: s32(9),
  adAggregatorId: u16(6),
  adActorOperPortState: u8(7),
  adPartnerOperPortState: u16(8),
});
export type BondSlaveData = AttributesOf<typeof bondSlaveData>;
