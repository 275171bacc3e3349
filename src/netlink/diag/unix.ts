import { type AttributesOf, attributes, binary, layout, struct, u8, u32 } from '../attributes.js';
import { type HeaderOf, message } from '../schema.js';
import { skMeminfo } from './sock-diag.js';

// linux/unix_diag.h

export const UDIAG_SHOW_NAME = 0x01;
export const UDIAG_SHOW_VFS = 0x02;
export const UDIAG_SHOW_PEER = 0x04;
export const UDIAG_SHOW_ICONS = 0x08;
export const UDIAG_SHOW_RQLEN = 0x10;
export const UDIAG_SHOW_MEMINFO = 0x20;
export const UDIAG_SHOW_UID = 0x40;

export const unixDiagRequest = message(
  'unix_diag_req',
  layout({
    family: 'u8',
    protocol: 'u8',
    pad: 'pad16',
    states: 'u32',
    inode: 'u32',
    show: 'u32',
    cookie0: 'u32',
    cookie1: 'u32',
  }),
  attributes('UNIX_DIAG_REQ', {}),
);

const answerAttributes = attributes('UNIX_DIAG', {
  /** As bound: a path, or a name behind a first byte 0. */
  name: binary(0),
  vfs: struct(1, { inode: 'u32', device: 'u32' }),
  /** Its inode number. */
  peer: u32(2),
  /** Of a listener: the inode numbers of what waits to be accepted, u32 each. */
  icons: binary(3),
  rqlen: struct(4, { rqueue: 'u32', wqueue: 'u32' }),
  meminfo: struct(5, skMeminfo),
  shutdown: u8(6),
  uid: u32(7),
});

export const unixDiagMessage = message(
  'unix_diag_msg',
  layout({ family: 'u8', type: 'u8', state: 'u8', pad: 'pad8', inode: 'u32', cookie0: 'u32', cookie1: 'u32' }),
  answerAttributes,
);
export type UnixDiagMessage = HeaderOf<typeof unixDiagMessage>;
export type UnixDiagAttributes = AttributesOf<typeof answerAttributes>;
