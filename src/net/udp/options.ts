import { EINVAL, ENOPROTOOPT } from '../../base/errno.js';
import { intBytes, readInt, type OptionTable, type SocketOption } from '../core/socket-options.js';
import { HEADER } from '../../wire/udp.js';
import { PROTOCOL as UDPLITE } from '../../wire/udplite.js';
import type { UdpSocket } from './udp-socket.js';

export const SOL_UDP = 17;

/** linux/udp.h */
const UDP_CORK = 1;
const UDP_ENCAP = 100;
const UDP_NO_CHECK6_TX = 101;
const UDP_NO_CHECK6_RX = 102;
const UDP_SEGMENT = 103;
const UDP_GRO = 104;
/** net/udplite.h */
const UDPLITE_SEND_CSCOV = 10;
const UDPLITE_RECV_CSCOV = 11;

const MAX_SEGMENT = 0xffff;

type Entry = [number, SocketOption<UdpSocket>];

const flag = (
  option: number,
  name: string,
  read: (socket: UdpSocket) => boolean,
  write: (socket: UdpSocket, on: boolean) => number,
): Entry => [
  option,
  {
    name,
    set: (socket, value) => (value.length < 4 ? -EINVAL : write(socket, readInt(value) !== 0)),
    get: (socket) => intBytes(read(socket) ? 1 : 0),
  },
];

/** Bytes that a checksum covers: 0, or at least the header. */
const coverage = (option: number, name: string, field: 'sendCoverage' | 'receiveCoverage'): Entry => [
  option,
  {
    name,
    set(socket, value) {
      if (value.length < 4) return -EINVAL;
      if (socket.protocol !== UDPLITE) return -ENOPROTOOPT;
      const bytes = readInt(value);
      socket[field] = bytes === 0 ? 0 : Math.min(Math.max(bytes, HEADER), MAX_SEGMENT);
      return 0;
    },
    get: (socket) => intBytes(Math.max(socket[field], 0)),
  },
];

/** Options of level SOL_UDP. Linux: udp_lib_setsockopt(), udp_lib_getsockopt() */
export const udpOptions: OptionTable<UdpSocket> = new Map<number, SocketOption<UdpSocket>>([
  coverage(UDPLITE_SEND_CSCOV, 'UDPLITE_SEND_CSCOV', 'sendCoverage'),
  coverage(UDPLITE_RECV_CSCOV, 'UDPLITE_RECV_CSCOV', 'receiveCoverage'),
  flag(
    UDP_CORK,
    'UDP_CORK',
    (socket) => socket.corked,
    (socket, on) => socket.setCork(on),
  ),
  flag(
    UDP_NO_CHECK6_TX,
    'UDP_NO_CHECK6_TX',
    (socket) => socket.sendsZeroChecksum6,
    (socket, on) => {
      socket.sendsZeroChecksum6 = on;
      return 0;
    },
  ),
  flag(
    UDP_NO_CHECK6_RX,
    'UDP_NO_CHECK6_RX',
    (socket) => socket.acceptsZeroChecksum6,
    (socket, on) => {
      socket.acceptsZeroChecksum6 = on;
      return 0;
    },
  ),
  flag(
    UDP_GRO,
    'UDP_GRO',
    (socket) => socket.takesSuperPackets,
    (socket, on) => {
      socket.takesSuperPackets = on;
      return 0;
    },
  ),
  [
    UDP_SEGMENT,
    {
      name: 'UDP_SEGMENT',
      set(socket, value) {
        if (value.length < 4) return -EINVAL;
        const bytes = readInt(value);
        if (bytes < 0 || bytes > MAX_SEGMENT) return -EINVAL;
        socket.segmentBytes = bytes;
        return 0;
      },
      get: (socket) => intBytes(socket.segmentBytes),
    },
  ],
  [
    UDP_ENCAP,
    {
      name: 'UDP_ENCAP',
      // ESP and L2TP, which would take what comes to the socket, are not there: as on a kernel without them.
      set: (_socket, value) => (value.length < 4 ? -EINVAL : readInt(value) === 0 ? 0 : -ENOPROTOOPT),
      get: () => intBytes(0),
    },
  ],
]);
