import { attributes, be32, layout } from '../attributes.js';
import { NLMSG_MIN_TYPE } from '../constants.js';
import { message } from '../schema.js';

/** struct nfgenmsg, linux/netfilter/nfnetlink.h: the fixed header of all messages of NETLINK_NETFILTER. */
export const nfgenmsg = layout({
  /** NFPROTO_* */
  family: 'u8',
  /** NFNETLINK_V0 */
  version: 'u8',
  /** Of a batch the subsystem; of nf_tables' answers the lower half of the generation. */
  resId: 'be16',
});

export const NFNETLINK_V0 = 0;

export const NFNL_SUBSYS_NONE = 0;
export const NFNL_SUBSYS_CTNETLINK = 1;
export const NFNL_SUBSYS_CTNETLINK_EXP = 2;
export const NFNL_SUBSYS_QUEUE = 3;
export const NFNL_SUBSYS_ULOG = 4;
export const NFNL_SUBSYS_OSF = 5;
export const NFNL_SUBSYS_IPSET = 6;
export const NFNL_SUBSYS_ACCT = 7;
export const NFNL_SUBSYS_CTNETLINK_TIMEOUT = 8;
export const NFNL_SUBSYS_CTHELPER = 9;
export const NFNL_SUBSYS_NFTABLES = 10;
export const NFNL_SUBSYS_NFT_COMPAT = 11;
export const NFNL_SUBSYS_HOOK = 12;

/** nlmsg_type of a subsystem's message: eight bits each. */
export const nfnlType = (subsystem: number, operation: number) => (subsystem << 8) | operation;
export const nfnlSubsystem = (type: number) => (type >> 8) & 0xff;
export const nfnlOperation = (type: number) => type & 0xff;

/** Around the messages of a transaction; their nfgenmsg names the subsystem in `resId`. */
export const NFNL_MSG_BATCH_BEGIN = NLMSG_MIN_TYPE;
export const NFNL_MSG_BATCH_END = NLMSG_MIN_TYPE + 1;

/** NFNL_BATCH_*: what NFNL_MSG_BATCH_BEGIN carries. A generation that is not the present one is refused with ERESTART. */
export const batchAttributes = attributes('NFNL_BATCH', { genid: be32(1) });
export const batchMessage = message('batch', nfgenmsg, batchAttributes);

// Multicast groups.
export const NFNLGRP_CONNTRACK_NEW = 1;
export const NFNLGRP_CONNTRACK_UPDATE = 2;
export const NFNLGRP_CONNTRACK_DESTROY = 3;
export const NFNLGRP_CONNTRACK_EXP_NEW = 4;
export const NFNLGRP_CONNTRACK_EXP_UPDATE = 5;
export const NFNLGRP_CONNTRACK_EXP_DESTROY = 6;
export const NFNLGRP_NFTABLES = 7;
export const NFNLGRP_ACCT_QUOTA = 8;
export const NFNLGRP_NFTRACE = 9;

// linux/netfilter.h: NFPROTO_*
export const NFPROTO_UNSPEC = 0;
export const NFPROTO_INET = 1;
export const NFPROTO_IPV4 = 2;
export const NFPROTO_ARP = 3;
export const NFPROTO_NETDEV = 5;
export const NFPROTO_BRIDGE = 7;
export const NFPROTO_IPV6 = 10;

// linux/netfilter.h: verdicts of hooks
export const NF_DROP = 0;
export const NF_ACCEPT = 1;
export const NF_STOLEN = 2;
export const NF_QUEUE = 3;
export const NF_REPEAT = 4;
export const NF_STOP = 5;
