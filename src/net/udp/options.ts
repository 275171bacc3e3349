import { EINVAL, ENOPROTOOPT } from '../../base/errno.js';
import { intBytes, readInt, type OptionTable, type SocketOption } from '../core/socket-options.js';
import type { UdpSocket } from './udp-socket.js';

export const SOL_UDP = 17;

/** linux/udp.h */
const UDP_CORK = 1;
const UDP_ENCAP = 100;
const UDP_NO_CHECK6_TX = 101;
const UDP_NO_CHECK6_RX = 102;
const UDP_SEGMENT = 103;
const UDP_GRO = 104;

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

/** Options of level SOL_UDP. Linux: udp_lib_setsockopt(), udp_lib_getsockopt() */
export const udpOptions: OptionTable<UdpSocket> = new Map<number, SocketOption<UdpSocket>>([
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
