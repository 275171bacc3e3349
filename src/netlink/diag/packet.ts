import { type AttributesOf, attributes, binary, layout, struct, u32 } from '../attributes.js';
import { type HeaderOf, message } from '../schema.js';
import { skMeminfo } from './sock-diag.js';

// linux/packet_diag.h

export const PACKET_SHOW_INFO = 0x01;
export const PACKET_SHOW_MCLIST = 0x02;
export const PACKET_SHOW_RING_CFG = 0x04;
export const PACKET_SHOW_FANOUT = 0x08;
export const PACKET_SHOW_MEMINFO = 0x10;
export const PACKET_SHOW_FILTER = 0x20;

export const PDI_RUNNING = 0x01;
export const PDI_AUXDATA = 0x02;
export const PDI_ORIGDEV = 0x04;
export const PDI_VNETHDR = 0x08;
export const PDI_LOSS = 0x10;

/** struct packet_diag_mclist, of which PACKET_DIAG_MCLIST is an array; the address has 32 bytes. */
export const PACKET_MCLIST_BYTES = 44;

export const packetDiagRequest = message(
  'packet_diag_req',
  layout({ family: 'u8', protocol: 'u8', pad: 'pad16', inode: 'u32', show: 'u32', cookie0: 'u32', cookie1: 'u32' }),
  attributes('PACKET_DIAG_REQ', {}),
);

/** struct packet_diag_ring */
const ring = layout({
  blockSize: 'u32',
  blockCount: 'u32',
  frameSize: 'u32',
  frameCount: 'u32',
  retireTimeout: 'u32',
  privateSize: 'u32',
  features: 'u32',
});

const answerAttributes = attributes('PACKET_DIAG', {
  info: struct(0, { index: 'u32', version: 'u32', reserve: 'u32', copyThreshold: 'u32', timestamp: 'u32', flags: 'u32' }),
  mclist: binary(1),
  rxRing: struct(2, ring),
  txRing: struct(3, ring),
  fanout: u32(4),
  uid: u32(5),
  meminfo: struct(6, skMeminfo),
  /** struct sock_filter of 8 bytes each. */
  filter: binary(7),
});

export const packetDiagMessage = message(
  'packet_diag_msg',
  layout({ family: 'u8', type: 'u8', number: 'u16', inode: 'u32', cookie0: 'u32', cookie1: 'u32' }),
  answerAttributes,
);
export type PacketDiagMessage = HeaderOf<typeof packetDiagMessage>;
export type PacketDiagAttributes = AttributesOf<typeof answerAttributes>;
