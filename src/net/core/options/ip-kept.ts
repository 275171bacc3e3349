import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOPROTOOPT } from '../../../base/errno.js';
import { SOCK_RAW, SOCK_STREAM } from '../socket.js';
import type { InetSocket } from '../inet-socket.js';
import { intBytes, readInt } from '../socket-options.js';
import { keptFlag, type OptionEntry, readable, refused } from './kept.js';

const level = 0;
const byte = true;

const rawOnly = ({ type }: InetSocket) => (type === SOCK_RAW ? 0 : -ENOPROTOOPT);
const notStream = ({ type }: InetSocket) => (type === SOCK_STREAM ? -EINVAL : 0);

const swapped = (value: number) => ((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);

/** IP_UNICAST_IF: the device that is sent by, its number in network byte order. */
const unicastInterface: OptionEntry = [
  50,
  {
    name: 'IP_UNICAST_IF',
    get: (s) => intBytes(swapped(s.unicastIfindex)),
    set(s, value) {
      if (value.length !== 4) return -EINVAL;
      const ifindex = swapped(readInt(value));
      if (ifindex !== 0 && s.namespace.deviceByIndex(ifindex) === undefined) return -EADDRNOTAVAIL;
      s.unicastIfindex = ifindex;
      s.routeChanged();
      return 0;
    },
  },
];

/** IP_LOCAL_PORT_RANGE: the lowest port in the lower half, the highest in the upper; 0: the namespace's. Linux: ip_sock_set_... of ip_setsockopt() */
const localPortRange: OptionEntry = [
  51,
  {
    name: 'IP_LOCAL_PORT_RANGE',
    get: (s) => intBytes(s.localPorts),
    set(s, value) {
      if (value.length !== 4) return -EINVAL;
      const range = readInt(value);
      const low = range & 0xffff;
      const high = range >>> 16;
      if (low !== 0 && high !== 0 && low > high) return -EINVAL;
      s.localPorts = range;
      return 0;
    },
  },
];

/** One socket alone may watch for the router alert of a value; the stack hands such packets to nobody. */
const routerAlert: OptionEntry = [
  5,
  {
    name: 'IP_ROUTER_ALERT',
    set(s, value) {
      if (s.type !== SOCK_RAW) return -EINVAL;
      const on = value.length >= 4 ? readInt(value) : (value[0] ?? 0);
      const watches = s.kept.get(level, 5) !== 0;
      if (on === 0) s.kept.set(level, 5, 0);
      else if (watches) return -EADDRINUSE;
      else s.kept.set(level, 5, 1);
      return 0;
    },
  },
];

/** Options of IPPROTO_IP that are kept: what they ask for is told by control messages, or is not in the stack. */
export const keptIpOptions: readonly OptionEntry[] = [
  [3, { name: 'IP_HDRINCL', get: () => intBytes(0), set: () => -ENOPROTOOPT }],
  routerAlert,
  keptFlag({ level, option: 6, name: 'IP_RECVOPTS', byte }),
  keptFlag({ level, option: 7, name: 'IP_RETOPTS', byte }),
  [9, { name: 'IP_PKTOPTIONS', get: ({ type }) => (type === SOCK_STREAM ? new Uint8Array(0) : -ENOPROTOOPT), set: () => -ENOPROTOOPT }],
  refused(16, 'IP_IPSEC_POLICY', EINVAL, ENOPROTOOPT),
  refused(17, 'IP_XFRM_POLICY', EINVAL, ENOPROTOOPT),
  keptFlag({ level, option: 18, name: 'IP_PASSSEC', byte }),
  keptFlag({ level, option: 20, name: 'IP_ORIGDSTADDR', byte }),
  keptFlag({ level, option: 22, name: 'IP_NODEFRAG', byte, refuses: rawOnly }),
  keptFlag({ level, option: 23, name: 'IP_CHECKSUM', byte }),
  keptFlag({ level, option: 25, name: 'IP_RECVFRAGSIZE', byte, refuses: notStream }),
  keptFlag({ level, option: 26, name: 'IP_RECVERR_RFC4884', byte, strict: true }),
  unicastInterface,
  localPortRange,
  readable(52, 'IP_PROTOCOL', ({ type, protocol }) => intBytes(type === SOCK_RAW ? protocol : 0)),
];
