import { EINVAL, EOPNOTSUPP } from '../../../base/errno.js';
import { SOCK_STREAM } from '../socket.js';
import type { InetSocket } from '../inet-socket.js';
import { intBytes, readInt } from '../socket-options.js';
import type { OptionEntry } from './kept.js';

/** SOF_TIMESTAMPING_*, linux/net_tstamp.h */
const OPT_ID = 1 << 7;
const OPT_TSONLY = 1 << 11;
const BIND_PHC = 1 << 15;
const OPT_PKTINFO_MASK = (1 << 16) - 1;

/** How a datagram's time is told: not at all, in microseconds (struct timeval) or nanoseconds (struct timespec). */
export type StampUnit = 0 | 'us' | 'ns';

/** SO_TIMESTAMP and SO_TIMESTAMPNS with structures of `long` or, the NEW ones, of 64 bits. */
const stampOption = (option: number, name: string, unit: 'us' | 'ns', wide: boolean): OptionEntry => [
  option,
  {
    name,
    get: (s) => intBytes(s.timestamps === unit && s.timestampsWide === wide ? 1 : 0),
    set(s, value) {
      if (value.length < 4) return -EINVAL;
      const on = readInt(value) !== 0;
      s.timestamps = on ? unit : 0;
      s.timestampsWide = on && wide;
      return 0;
    },
  },
];

/** Linux: sock_set_timestamping() */
function setTimestamping(socket: InetSocket, value: Uint8Array, wide: boolean): number {
  if (value.length < 4) return -EINVAL;
  const flags = readInt(value);
  if ((flags & ~OPT_PKTINFO_MASK) !== 0) return -EINVAL;
  const stream = socket.type === SOCK_STREAM;
  // Bytes can be numbered of a connection alone.
  if (stream && (flags & OPT_ID) !== 0 && (socket.timestampingFlags & OPT_ID) === 0 && !socket.isConnection()) return -EINVAL;
  if ((flags & OPT_STATS) !== 0 && (flags & OPT_TSONLY) === 0) return -EINVAL;
  // There is no clock of a device to be bound to.
  if ((flags & BIND_PHC) !== 0) return socket.boundIfindex === 0 ? -EOPNOTSUPP : -EINVAL;
  socket.timestampingFlags = flags;
  socket.timestampingWide = wide && flags !== 0;
  return 0;
}
const OPT_STATS = 1 << 12;

/** struct so_timestamping: the flags, and the clock that it is bound to. */
const timestampingOption = (option: number, name: string, wide: boolean): OptionEntry => [
  option,
  {
    name,
    get(socket) {
      const bytes = new Uint8Array(8);
      if (socket.timestampingWide === wide || socket.timestampingFlags === 0) bytes.set(intBytes(socket.timestampingFlags));
      return bytes;
    },
    set: (socket, value) => setTimestamping(socket, value, wide),
  },
];

/** When packets came and went. */
export const timestampOptions: readonly OptionEntry[] = [
  stampOption(29, 'SO_TIMESTAMP', 'us', false),
  stampOption(35, 'SO_TIMESTAMPNS', 'ns', false),
  timestampingOption(37, 'SO_TIMESTAMPING', false),
  stampOption(63, 'SO_TIMESTAMP_NEW', 'us', true),
  stampOption(64, 'SO_TIMESTAMPNS_NEW', 'ns', true),
  timestampingOption(65, 'SO_TIMESTAMPING_NEW', true),
];
