import { EINVAL, EPERM } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../../netlink/constants.js';
import {
  BC_HOSTCOND_BYTES,
  BC_OP_BYTES,
  INET_DIAG_BC_AUTO,
  INET_DIAG_BC_CGROUP_COND,
  INET_DIAG_BC_D_COND,
  INET_DIAG_BC_D_EQ,
  INET_DIAG_BC_D_GE,
  INET_DIAG_BC_D_LE,
  INET_DIAG_BC_DEV_COND,
  INET_DIAG_BC_JMP,
  INET_DIAG_BC_MARK_COND,
  INET_DIAG_BC_NOP,
  INET_DIAG_BC_S_COND,
  INET_DIAG_BC_S_EQ,
  INET_DIAG_BC_S_GE,
  INET_DIAG_BC_S_LE,
} from '../../../netlink/diag/bytecode.js';
import type { InetEntry } from './entry.js';

/** A filter that was checked: it ends for any socket, and reads nothing outside of itself. */
export interface Bytecode {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Bytes of an address of a family in a condition; -1: no such family. */
function addressBytes(family: number): number {
  if (family === AF_UNSPEC) return 0;
  if (family === AF_INET) return 4;
  return family === AF_INET6 ? 16 : -1;
}

/** Bytes that the operation at `at` takes with its argument. EINVAL where the argument is not whole; EPERM. */
function operationBytes(view: DataView, at: number, left: number, netAdmin: boolean): number {
  let bytes = BC_OP_BYTES;
  switch (view.getUint8(at)) {
    case INET_DIAG_BC_S_COND:
    case INET_DIAG_BC_D_COND: {
      if (left < bytes + BC_HOSTCOND_BYTES) fail(EINVAL);
      const address = addressBytes(view.getUint8(at + bytes));
      if (address < 0 || left < bytes + BC_HOSTCOND_BYTES + address || view.getUint8(at + bytes + 1) > 8 * address) fail(EINVAL);
      bytes += BC_HOSTCOND_BYTES + address;
      break;
    }
    case INET_DIAG_BC_S_EQ:
    case INET_DIAG_BC_S_GE:
    case INET_DIAG_BC_S_LE:
    case INET_DIAG_BC_D_EQ:
    case INET_DIAG_BC_D_GE:
    case INET_DIAG_BC_D_LE:
    case INET_DIAG_BC_DEV_COND:
      bytes += 4;
      break;
    case INET_DIAG_BC_MARK_COND:
      if (!netAdmin) fail(EPERM);
      bytes += 8;
      break;
    case INET_DIAG_BC_CGROUP_COND:
      bytes += 8;
      break;
    case INET_DIAG_BC_AUTO:
    case INET_DIAG_BC_JMP:
    case INET_DIAG_BC_NOP:
      break;
    default:
      fail(EINVAL);
  }
  return left < bytes ? fail(EINVAL) : bytes;
}

/** Whether going on by `yes` from the start comes to `place`. Linux: valid_cc() */
function isOperation(view: DataView, length: number, place: number): boolean {
  let at = 0;
  while (at < place) {
    if (length - at < BC_OP_BYTES) return false;
    const yes = view.getUint8(at + 1);
    if (yes < BC_OP_BYTES || (yes & 3) !== 0) return false;
    at += yes;
  }
  return at === place;
}

/**
 * Checks a filter before any socket meets it: operations whole, jumps forward, to an operation or right behind the end ("no" may go
 * one operation further, which rejects). EINVAL; EPERM for marks without CAP_NET_ADMIN. Linux: inet_diag_bc_audit()
 */
export function checkBytecode(bytes: Uint8Array, netAdmin: boolean): Bytecode {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  if (length < BC_OP_BYTES) fail(EINVAL);
  let at = 0;
  while (at < length) {
    const left = length - at;
    if (left < BC_OP_BYTES) fail(EINVAL);
    const needed = operationBytes(view, at, left, netAdmin);
    const yes = view.getUint8(at + 1);
    const no = view.getUint16(at + 2, true);
    if (view.getUint8(at) !== INET_DIAG_BC_NOP) {
      if (no < needed || no > left + BC_OP_BYTES || (no & 3) !== 0) fail(EINVAL);
      if (no < left && !isOperation(view, length, at + no)) fail(EINVAL);
    }
    if (yes < needed || yes > left + BC_OP_BYTES || (yes & 3) !== 0) fail(EINVAL);
    at += yes;
  }
  if (at !== length) fail(EINVAL);
  return { bytes, view };
}

/** Whether a socket passes. Linux: inet_diag_bc_run() */
export function passes({ view, bytes }: Bytecode, entry: InetEntry): boolean {
  const end = bytes.length;
  let at = 0;
  while (at < end) at += holds(view, at, entry) ? view.getUint8(at + 1) : view.getUint16(at + 2, true);
  return at === end;
}

function holds(view: DataView, at: number, entry: InetEntry): boolean {
  const argument = at + BC_OP_BYTES;
  switch (view.getUint8(at)) {
    case INET_DIAG_BC_NOP:
      return true;
    case INET_DIAG_BC_JMP:
      return false;
    case INET_DIAG_BC_S_EQ:
      return entry.localPort === view.getUint16(argument + 2, true);
    case INET_DIAG_BC_S_GE:
      return entry.localPort >= view.getUint16(argument + 2, true);
    case INET_DIAG_BC_S_LE:
      return entry.localPort <= view.getUint16(argument + 2, true);
    case INET_DIAG_BC_D_EQ:
      return entry.remotePort === view.getUint16(argument + 2, true);
    case INET_DIAG_BC_D_GE:
      return entry.remotePort >= view.getUint16(argument + 2, true);
    case INET_DIAG_BC_D_LE:
      return entry.remotePort <= view.getUint16(argument + 2, true);
    case INET_DIAG_BC_AUTO:
      return !entry.portLocked;
    case INET_DIAG_BC_S_COND:
      return hostFits(view, argument, entry.family, entry.local, entry.localPort);
    case INET_DIAG_BC_D_COND:
      return hostFits(view, argument, entry.family, entry.remote, entry.remotePort);
    case INET_DIAG_BC_DEV_COND:
      return entry.ifindex === view.getUint32(argument, true);
    case INET_DIAG_BC_MARK_COND:
      return (entry.mark & view.getUint32(argument + 4, true)) >>> 0 === view.getUint32(argument, true);
    default:
      // INET_DIAG_BC_CGROUP_COND: all sockets are in the root group.
      return view.getUint32(argument, true) === ROOT_CGROUP && view.getUint32(argument + 4, true) === 0;
  }
}

/** The number of the root of the hierarchy, where a socket is that nobody put elsewhere. */
export const ROOT_CGROUP = 1;

function hostFits(view: DataView, at: number, family: number, words: Uint32Array, port: number): boolean {
  const wantedPort = view.getInt32(at + 4, true);
  if (wantedPort !== -1 && wantedPort !== port) return false;
  const wantedFamily = view.getUint8(at);
  const bits = view.getUint8(at + 1);
  const address = at + BC_HOSTCOND_BYTES;
  if (wantedFamily !== AF_UNSPEC && wantedFamily !== family) {
    // An IPv4 address fits the mapped one of an IPv6 socket.
    if (family !== AF_INET6 || wantedFamily !== AF_INET) return false;
    return words[0] === 0 && words[1] === 0 && words[2] === 0xffff && prefixFits(view, address, bits, words, 3);
  }
  return prefixFits(view, address, bits, words, family === AF_INET6 ? 0 : 3);
}

/** Whether the first `bits` of an address, from word `first` on, are those at `at`. */
function prefixFits(view: DataView, at: number, bits: number, words: Uint32Array, first: number): boolean {
  let left = bits;
  for (let i = 0; left > 0; i++, left -= 32) {
    const mask = left >= 32 ? 0xffff_ffff : (0xffff_ffff << (32 - left)) >>> 0;
    if (((words[first + i]! ^ view.getUint32(at + i * 4)) & mask) !== 0) return false;
  }
  return true;
}
