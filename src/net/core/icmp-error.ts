import { ECONNREFUSED, EHOSTDOWN, EHOSTUNREACH, EMSGSIZE, ENETUNREACH, ENONET, ENOPROTOOPT, EOPNOTSUPP, EPROTO } from '../../base/errno.js';
import { DEST_UNREACH, MAX_UNREACH, PARAMETER_PROBLEM, SOURCE_QUENCH, TIME_EXCEEDED } from '../../wire/icmp.js';

/** icmp_err_convert: what a code of DEST_UNREACH becomes on a socket, and whether it ends a connection at once. */
const UNREACH_ERRNO: readonly number[] = [
  ENETUNREACH,
  EHOSTUNREACH,
  ENOPROTOOPT,
  ECONNREFUSED,
  EMSGSIZE,
  EOPNOTSUPP,
  ENETUNREACH,
  EHOSTDOWN,
  ENONET,
  ENETUNREACH,
  EHOSTUNREACH,
  ENETUNREACH,
  EHOSTUNREACH,
  EHOSTUNREACH,
  EHOSTUNREACH,
  EHOSTUNREACH,
];
/** Codes 2, 3, 6-8 and 9, 10, 13-15 are fatal. */
const UNREACH_FATAL = 0b1110_0111_1100_1100;

/** The errno of an ICMP error; 0: none is reported. */
export function icmpErrno(type: number, code: number): number {
  if (type === DEST_UNREACH) return code <= MAX_UNREACH ? UNREACH_ERRNO[code]! : EHOSTUNREACH;
  if (type === TIME_EXCEEDED) return EHOSTUNREACH;
  if (type === PARAMETER_PROBLEM) return EPROTO;
  if (type === SOURCE_QUENCH) return 0;
  return EHOSTUNREACH;
}

/** Whether a socket is told even if it did not ask (IP_RECVERR). */
export function icmpFatal(type: number, code: number): boolean {
  if (type === DEST_UNREACH) return code <= MAX_UNREACH && ((UNREACH_FATAL >>> code) & 1) !== 0;
  return type === PARAMETER_PROBLEM;
}
