// Numbers of NFS, RFC 1094 and RFC 1813.
import type { Words } from '../words.js';

export const NFS_PORT = 2049;
/** Of version 2: a procedure that does nothing. */
const NONE = -1;

/** Procedures as version 3 numbers them. */
export const procedureWords: Words = {
  0: 'null',
  1: 'getattr',
  2: 'setattr',
  3: 'lookup',
  4: 'access',
  5: 'readlink',
  6: 'read',
  7: 'write',
  8: 'create',
  9: 'mkdir',
  10: 'symlink',
  11: 'mknod',
  12: 'remove',
  13: 'rmdir',
  14: 'rename',
  15: 'link',
  16: 'readdir',
  17: 'readdirplus',
  18: 'fsstat',
  19: 'fsinfo',
  20: 'pathconf',
  21: 'commit',
  [NONE]: 'nop',
};

/** Version 2's procedures, as version 3 numbers them; those that it has not do nothing. */
const ofVersion2 = [0, 1, 2, NONE, 3, 5, 6, NONE, 7, 8, 12, 14, 15, 10, 9, 13, 16, 18, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE];

export const procedureOf = (number: number, version: number) => (version === 3 ? number : (ofVersion2[number] ?? number));

export const fileTypeWords: Words = { 0: 'NON', 1: 'REG', 2: 'DIR', 3: 'BLK', 4: 'CHR', 5: 'LNK', 6: 'SOCK', 7: 'FIFO' };
export const CHARACTER_DEVICE = 4;
export const BLOCK_DEVICE = 3;

export const stabilityWords: Words = { 0: 'unstable', 1: 'datasync', 2: 'filesync' };

export const statusWords: Words = {
  1: 'Operation not permitted',
  2: 'No such file or directory',
  5: 'Input/output error',
  6: 'Device not configured',
  11: 'Resource deadlock avoided',
  12: 'Cannot allocate memory',
  13: 'Permission denied',
  17: 'File exists',
  18: 'Cross-device link',
  19: 'Operation not supported by device',
  20: 'Not a directory',
  21: 'Is a directory',
  22: 'Invalid argument',
  26: 'Text file busy',
  27: 'File too large',
  28: 'No space left on device',
  30: 'Read-only file system',
  31: 'Too many links',
  45: 'Operation not supported',
  62: 'Too many levels of symbolic links',
  63: 'File name too long',
  66: 'Directory not empty',
  69: 'Disc quota exceeded',
  70: 'Stale NFS file handle',
  71: 'Too many levels of remote in path',
  99: 'Write cache flushed to disk',
  10001: 'Illegal NFS file handle',
  10002: 'Update synchronization mismatch',
  10003: 'READDIR/READDIRPLUS cookie is stale',
  10004: 'Operation not supported',
  10005: 'Buffer or request is too small',
  10006: 'Unspecified error on server',
  10007: 'Object of that type not supported',
  10008: "Request couldn't be completed in time",
};
