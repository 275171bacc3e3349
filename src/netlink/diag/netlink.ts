import { type AttributesOf, attributes, binary, layout, struct, u32 } from '../attributes.js';
import { type HeaderOf, message } from '../schema.js';
import { skMeminfo } from './sock-diag.js';

// linux/netlink_diag.h

export const NDIAG_PROTO_ALL = 0xff;
export const NDIAG_SHOW_MEMINFO = 0x01;
export const NDIAG_SHOW_GROUPS = 0x02;
export const NDIAG_SHOW_RING_CFG = 0x04;
export const NDIAG_SHOW_FLAGS = 0x08;

export const NDIAG_FLAG_CB_RUNNING = 0x01;
export const NDIAG_FLAG_PKTINFO = 0x02;
export const NDIAG_FLAG_BROADCAST_ERROR = 0x04;
export const NDIAG_FLAG_NO_ENOBUFS = 0x08;
export const NDIAG_FLAG_LISTEN_ALL_NSID = 0x10;
export const NDIAG_FLAG_CAP_ACK = 0x20;

/** sk_state of netlink sockets. */
export const NETLINK_UNCONNECTED = 0;
export const NETLINK_CONNECTED = 1;

const none = attributes('NETLINK_DIAG_REQ', {});

export const netlinkDiagRequest = message(
  'netlink_diag_req',
  layout({ family: 'u8', protocol: 'u8', pad: 'pad16', inode: 'u32', show: 'u32', cookie0: 'u32', cookie1: 'u32' }),
  none,
);

const answerAttributes = attributes('NETLINK_DIAG', {
  meminfo: struct(0, skMeminfo),
  /** Joined groups, a bit each. */
  groups: binary(1),
  flags: u32(4),
});

export const netlinkDiagMessage = message(
  'netlink_diag_msg',
  layout({
    family: 'u8',
    type: 'u8',
    protocol: 'u8',
    state: 'u8',
    portId: 'u32',
    destinationPortId: 'u32',
    destinationGroup: 'u32',
    inode: 'u32',
    cookie0: 'u32',
    cookie1: 'u32',
  }),
  answerAttributes,
);
export type NetlinkDiagMessage = HeaderOf<typeof netlinkDiagMessage>;
export type NetlinkDiagAttributes = AttributesOf<typeof answerAttributes>;
