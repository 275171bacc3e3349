import { attributes, be16, be32, binary, layout, nest, string, struct } from '../attributes.js';
import { message } from '../schema.js';
import { conntrackAttributes } from './ctnetlink.js';
import { NFNL_SUBSYS_QUEUE, NFNL_SUBSYS_ULOG, nfgenmsg, nfnlType } from './nfnetlink.js';

/** Packets for programs: linux/netfilter/nfnetlink_queue.h and nfnetlink_log.h. The queue's or group's number is nfgenmsg's `resId`. */

export const NFQNL_MSG_PACKET = nfnlType(NFNL_SUBSYS_QUEUE, 0);
export const NFQNL_MSG_VERDICT = nfnlType(NFNL_SUBSYS_QUEUE, 1);
export const NFQNL_MSG_CONFIG = nfnlType(NFNL_SUBSYS_QUEUE, 2);
export const NFQNL_MSG_VERDICT_BATCH = nfnlType(NFNL_SUBSYS_QUEUE, 3);
export const NFULNL_MSG_PACKET = nfnlType(NFNL_SUBSYS_ULOG, 0);
export const NFULNL_MSG_CONFIG = nfnlType(NFNL_SUBSYS_ULOG, 1);

// enum nfqnl_msg_config_cmds; those of nfnetlink_log have the same numbers.
export const CFG_CMD_BIND = 1;
export const CFG_CMD_UNBIND = 2;
export const CFG_CMD_PF_BIND = 3;
export const CFG_CMD_PF_UNBIND = 4;

export const COPY_NONE = 0;
export const COPY_META = 1;
export const COPY_PACKET = 2;

export const NFQA_CFG_F_FAIL_OPEN = 1;
export const NFQA_CFG_F_CONNTRACK = 2;
export const NFQA_CFG_F_GSO = 4;
export const NFQA_CFG_F_UID_GID = 8;
export const NFQA_CFG_F_MAX = 1 << 5;

export const NFULNL_CFG_F_SEQ = 1;
export const NFULNL_CFG_F_SEQ_GLOBAL = 2;
export const NFULNL_CFG_F_CONNTRACK = 4;

export const queueConfig = message(
  'queue configuration',
  nfgenmsg,
  attributes('NFQA_CFG', {
    cmd: struct(1, { command: 'u8', pad: 'pad8', pf: 'be16' }),
    params: struct(2, { copyRange: 'be32', copyMode: 'u8' }),
    maxlen: be32(3),
    mask: be32(4),
    flags: be32(5),
  }),
);

/** A link's address, eight bytes at most, with its length before it (struct nfqnl_msg_packet_hw). */
const hwaddr = binary;
const time = layout({ secHigh: 'be32', sec: 'be32', usecHigh: 'be32', usec: 'be32' });

export const queuePacket = message(
  'queued packet',
  nfgenmsg,
  attributes('NFQA', {
    packetHdr: struct(1, { id: 'be32', protocol: 'be16', hook: 'u8' }),
    indev: be32(5),
    outdev: be32(6),
    mark: be32(3),
    hwaddr: hwaddr(9),
    timestamp: struct(4, time),
    uid: be32(16),
    gid: be32(17),
    ct: nest(11, conntrackAttributes),
    ctInfo: be32(12),
    capLen: be32(13),
    skbInfo: be32(14),
    priority: be32(21),
    payload: binary(10),
  }),
);

export const queueVerdict = message(
  'verdict',
  nfgenmsg,
  attributes('NFQA', {
    verdictHdr: struct(2, { verdict: 'be32', id: 'be32' }),
    mark: be32(3),
    payload: binary(10),
    ct: nest(11, conntrackAttributes),
    priority: be32(21),
  }),
);

export const logConfig = message(
  'log configuration',
  nfgenmsg,
  attributes('NFULA_CFG', {
    cmd: struct(1, { command: 'u8' }),
    mode: struct(2, { copyRange: 'be32', copyMode: 'u8', pad: 'pad8' }),
    nlbufsiz: be32(3),
    timeout: be32(4),
    qthresh: be32(5),
    flags: be16(6),
  }),
);

export const logPacket = message(
  'logged packet',
  nfgenmsg,
  attributes('NFULA', {
    packetHdr: struct(1, { protocol: 'be16', hook: 'u8', pad: 'pad8' }),
    prefix: string(10, { nulTerminated: true }),
    indev: be32(4),
    outdev: be32(5),
    mark: be32(2),
    hwaddr: hwaddr(8),
    hwtype: be16(15),
    hwlen: be16(17),
    hwheader: binary(16),
    timestamp: struct(3, time),
    uid: be32(11),
    gid: be32(14),
    seq: be32(12),
    seqGlobal: be32(13),
    ct: nest(18, conntrackAttributes),
    ctInfo: be32(19),
    payload: binary(9),
  }),
);
