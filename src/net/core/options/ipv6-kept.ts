import { EINVAL, ENOPROTOOPT, ENOTCONN } from '../../../base/errno.js';
import { SOCK_RAW, SOCK_STREAM } from '../socket.js';
import type { InetSocket } from '../inet-socket.js';
import { intBytes, readInt } from '../socket-options.js';
import { keptFlag, keptInt, type OptionEntry, readable, refused } from './kept.js';

const level = 41;
const AF_INET = 2;
const MIN_MTU = 1280;

const rawOnly = ({ type }: InetSocket) => (type === SOCK_RAW ? 0 : -ENOPROTOOPT);

/** A flag; what is shorter than an int counts as 0. */
const shortFlag = (option: number, name: string): OptionEntry => [
  option,
  {
    name,
    get: (s) => intBytes(s.kept.get(level, option)),
    set(s, value) {
      s.kept.set(level, option, value.length >= 4 && readInt(value) !== 0 ? 1 : 0);
      return 0;
    },
  },
];

/** IPV6_ADDRFORM: makes a connection between mapped addresses one of IPv4. Here it stays what it is. */
const addressForm: OptionEntry = [
  1,
  {
    name: 'IPV6_ADDRFORM',
    get: (s) => (!s.speaksIpv4 ? -ENOPROTOOPT : s.isConnection() ? intBytes(s.family) : -ENOTCONN),
    set(s, value) {
      if (value.length < 4 || readInt(value) !== AF_INET) return -EINVAL;
      if (!s.speaksIpv4) return -ENOPROTOOPT;
      return s.isConnection() ? -EINVAL : -ENOTCONN;
    },
  },
];

/** IPV6_MTU: reads that of the connection. What is set is checked and kept; datagrams are cut by the way's own. */
const mtu: OptionEntry = [
  24,
  {
    name: 'IPV6_MTU',
    get: (s) => {
      const of = s.connectionMtu();
      return of === 0 ? -ENOTCONN : intBytes(of);
    },
    set(s, value) {
      if (value.length < 4) return -EINVAL;
      const bytes = readInt(value);
      if (bytes !== 0 && bytes < MIN_MTU) return -EINVAL;
      s.kept.set(level, 24, bytes);
      return 0;
    },
  },
];

/** IPV6_PREFER_SRC_*, RFC 5014: bits of pairs that exclude each other. */
const TMP = 1;
const PUBLIC = 2;
const PUBTMP_DEFAULT = 0x100;
const COA = 4;
const CGA = 8;
const HOME = 0x400;
const NONCGA = 0x800;

/** Linux: ip6_sock_set_addr_preferences() */
function setPreferences(socket: InetSocket, value: Uint8Array): number {
  if (value.length < 4) return -EINVAL;
  const wanted = readInt(value);
  let preferences = 0;
  const choose = (mask: number, choices: Readonly<Record<number, number>>): boolean => {
    const chosen = choices[wanted & mask];
    if (chosen === undefined) return false;
    preferences |= chosen;
    return true;
  };
  // Of each pair one, or none: then as it is.
  const kept = socket.kept.get(level, 72, 0);
  const fits =
    choose(TMP | PUBLIC | PUBTMP_DEFAULT, { 0: kept & (TMP | PUBLIC), [TMP]: TMP, [PUBLIC]: PUBLIC, [PUBTMP_DEFAULT]: 0 }) &&
    choose(HOME | COA, { 0: kept & COA, [HOME]: 0, [COA]: COA }) &&
    choose(CGA | NONCGA, { 0: 0, [CGA]: 0, [NONCGA]: 0 });
  if (!fits) return -EINVAL;
  socket.kept.set(level, 72, preferences);
  return 0;
}

function preferences(socket: InetSocket): Uint8Array {
  const kept = socket.kept.get(level, 72, 0);
  const pair = (kept & (TMP | PUBLIC)) === 0 ? PUBTMP_DEFAULT : kept & (TMP | PUBLIC);
  return intBytes(pair | ((kept & COA) === 0 ? HOME : COA));
}

/** Options of IPPROTO_IPV6 that are kept: what they ask for is told by control messages, or is not in the stack. */
export const keptIpv6Options: readonly OptionEntry[] = [
  addressForm,
  keptFlag({ level, option: 2, name: 'IPV6_2292PKTINFO' }),
  keptFlag({ level, option: 3, name: 'IPV6_2292HOPOPTS' }),
  keptFlag({ level, option: 4, name: 'IPV6_2292DSTOPTS' }),
  keptFlag({ level, option: 5, name: 'IPV6_2292RTHDR' }),
  // What it reads, the options of the last packet of a connection, there are none of.
  [6, { name: 'IPV6_2292PKTOPTIONS', get: ({ type }) => (type === SOCK_STREAM ? new Uint8Array(0) : -ENOPROTOOPT), set: () => 0 }],
  keptFlag({ level, option: 8, name: 'IPV6_2292HOPLIMIT' }),
  [22, { name: 'IPV6_ROUTER_ALERT', set: (_s, value) => (value.length < 4 ? -EINVAL : -ENOPROTOOPT) }],
  mtu,
  refused(27, 'IPV6_JOIN_ANYCAST', EINVAL, ENOPROTOOPT),
  refused(28, 'IPV6_LEAVE_ANYCAST', EINVAL, ENOPROTOOPT),
  keptFlag({ level, option: 30, name: 'IPV6_ROUTER_ALERT_ISOLATE' }),
  keptFlag({ level, option: 31, name: 'IPV6_RECVERR_RFC4884', strict: true }),
  refused(34, 'IPV6_IPSEC_POLICY', EINVAL, ENOPROTOOPT),
  refused(35, 'IPV6_XFRM_POLICY', EINVAL, ENOPROTOOPT),
  keptFlag({ level, option: 36, name: 'IPV6_HDRINCL', refuses: rawOnly, reads: rawOnly }),
  refused(50, 'IPV6_PKTINFO', EINVAL, ENOPROTOOPT),
  keptFlag({ level, option: 53, name: 'IPV6_RECVHOPOPTS' }),
  ...[54, 55, 57, 59].map(
    (option): OptionEntry => [
      option,
      { name: 'IPV6_HOPOPTS, _RTHDRDSTOPTS, _RTHDR, _DSTOPTS', get: () => new Uint8Array(0), set: () => -EINVAL },
    ],
  ),
  keptFlag({ level, option: 56, name: 'IPV6_RECVRTHDR' }),
  keptFlag({ level, option: 58, name: 'IPV6_RECVDSTOPTS' }),
  keptFlag({ level, option: 60, name: 'IPV6_RECVPATHMTU' }),
  readable(61, 'IPV6_PATHMTU', () => -ENOTCONN),
  [72, { name: 'IPV6_ADDR_PREFERENCES', get: preferences, set: setPreferences }],
  keptInt({ level, option: 73, name: 'IPV6_MINHOPCOUNT', least: 0, most: 255 }),
  keptFlag({ level, option: 74, name: 'IPV6_ORIGDSTADDR' }),
  shortFlag(77, 'IPV6_RECVFRAGSIZE'),
];
