import { EINVAL, ENODEV } from '../../base/errno.js';
import {
  flagOption,
  intBytes,
  intOption,
  netnsCookie,
  type OptionTable,
  type SocketOption,
  timeoutOptions,
} from '../core/socket-options.js';
import {
  PACKET_ADD_MEMBERSHIP,
  PACKET_AUXDATA,
  PACKET_DROP_MEMBERSHIP,
  PACKET_FANOUT,
  PACKET_IGNORE_OUTGOING,
  PACKET_LOSS,
  PACKET_ORIGDEV,
  PACKET_QDISC_BYPASS,
  PACKET_STATISTICS,
  PACKET_TIMESTAMP,
  PACKET_VERSION,
} from './constants.js';
import { addMembership, removeMembership } from './memberships.js';
import { filterOptions } from '../core/options/filter.js';
import type { PacketSocket } from './packet-socket.js';

const accepted = (name: string) =>
  intOption<PacketSocket>(
    name,
    () => 0,
    () => 0,
  );

/** A switch of SOL_SOCKET that means nothing to frames, and is kept. */
const kept = (option: number, name: string): [number, SocketOption<PacketSocket>] => [
  option,
  flagOption<PacketSocket>(
    name,
    (s) => (s.keptSwitches & (1 << option)) !== 0,
    (s, on) => {
      s.keptSwitches = on ? s.keptSwitches | (1 << option) : s.keptSwitches & ~(1 << option);
    },
  ),
];

/** struct tpacket_stats: u32 packets, those that were lost among them; u32 drops. Asking sets both to 0. */
const statistics: SocketOption<PacketSocket> = {
  name: 'PACKET_STATISTICS',
  get(socket) {
    const bytes = new Uint8Array(8);
    bytes.set(intBytes(socket.statisticsPackets));
    bytes.set(intBytes(socket.statisticsDrops), 4);
    socket.statisticsPackets = 0;
    socket.statisticsDrops = 0;
    return bytes;
  },
};

const fanout = intOption<PacketSocket>(
  'PACKET_FANOUT',
  ({ fanout: group }) => (group === null ? 0 : group.id | ((group.mode | group.flags) << 16)),
  (socket, value) => socket.joinFanout(value),
);

/** SOL_PACKET. */
export const packetLevelOptions: OptionTable<PacketSocket> = new Map<number, SocketOption<PacketSocket>>([
  [PACKET_ADD_MEMBERSHIP, { name: 'PACKET_ADD_MEMBERSHIP', set: addMembership }],
  [PACKET_DROP_MEMBERSHIP, { name: 'PACKET_DROP_MEMBERSHIP', set: removeMembership }],
  [PACKET_STATISTICS, statistics],
  [
    PACKET_AUXDATA,
    flagOption<PacketSocket>(
      'PACKET_AUXDATA',
      (s) => s.auxdata,
      (s, on) => {
        s.auxdata = on;
      },
    ),
  ],
  [
    PACKET_ORIGDEV,
    flagOption<PacketSocket>(
      'PACKET_ORIGDEV',
      (s) => s.originDevice,
      (s, on) => {
        s.originDevice = on;
      },
    ),
  ],
  // There are no rings: TPACKET_V1 is what a socket without one has.
  [
    PACKET_VERSION,
    intOption<PacketSocket>(
      'PACKET_VERSION',
      () => 0,
      (_s, version) => (version === 0 ? 0 : -EINVAL),
    ),
  ],
  [PACKET_LOSS, accepted('PACKET_LOSS')],
  [PACKET_TIMESTAMP, accepted('PACKET_TIMESTAMP')],
  [PACKET_QDISC_BYPASS, accepted('PACKET_QDISC_BYPASS')],
  [PACKET_FANOUT, fanout],
  [
    PACKET_IGNORE_OUTGOING,
    flagOption<PacketSocket>(
      'PACKET_IGNORE_OUTGOING',
      (s) => s.ignoresOutgoing,
      (s, on) => {
        s.ignoresOutgoing = on;
      },
    ),
  ],
]);

/** SOCK_MIN_RCVBUF, SOCK_MIN_SNDBUF. */
const RECEIVE_MIN = 2304;
const SEND_MIN = 4608;

const decoder = new TextDecoder();

/** SOL_SOCKET, as far as packet sockets have it; who opened one may do all of it. */
export const packetSocketLevelOptions: OptionTable<PacketSocket> = new Map<number, SocketOption<PacketSocket>>([
  kept(2, 'SO_REUSEADDR'),
  [3, intOption<PacketSocket>('SO_TYPE', (s) => s.type, null)],
  [4, intOption<PacketSocket>('SO_ERROR', (s) => s.takeError(), null)],
  kept(5, 'SO_DONTROUTE'),
  kept(6, 'SO_BROADCAST'),
  [
    7,
    intOption<PacketSocket>(
      'SO_SNDBUF',
      (s) => s.sendBuffer,
      (s, v) => {
        s.sendBuffer = Math.max(Math.min(v >>> 0, s.namespace.stack.settings.wmemMax) * 2, SEND_MIN);
        return 0;
      },
    ),
  ],
  [
    8,
    intOption<PacketSocket>(
      'SO_RCVBUF',
      (s) => s.receiveBuffer,
      (s, v) => {
        s.receiveBuffer = Math.max(Math.min(v >>> 0, s.namespace.stack.settings.rmemMax) * 2, RECEIVE_MIN);
        return 0;
      },
    ),
  ],
  kept(9, 'SO_KEEPALIVE'),
  [
    12,
    intOption<PacketSocket>(
      'SO_PRIORITY',
      (s) => s.priority,
      (s, v) => {
        s.priority = v;
        return 0;
      },
    ),
  ],
  [
    25,
    {
      name: 'SO_BINDTODEVICE',
      set(socket, value) {
        const end = value.indexOf(0);
        const device = socket.namespace.deviceByName(decoder.decode(end < 0 ? value : value.subarray(0, end)));
        if (device === undefined) return -ENODEV;
        socket.boundIfindex = device.ifindex;
        return 0;
      },
    },
  ],
  ...filterOptions<PacketSocket>(),
  ...timeoutOptions<PacketSocket>(),
  [29, accepted('SO_TIMESTAMP')],
  [
    33,
    intOption<PacketSocket>('SO_RCVBUFFORCE', null, (s, v) => {
      s.receiveBuffer = Math.max(Math.min(Math.max(v, 0), 0x3fff_ffff) * 2, RECEIVE_MIN);
      return 0;
    }),
  ],
  [35, accepted('SO_TIMESTAMPNS')],
  [
    36,
    intOption<PacketSocket>(
      'SO_MARK',
      (s) => s.mark | 0,
      (s, v) => {
        s.mark = v >>> 0;
        return 0;
      },
    ),
  ],
  [38, intOption<PacketSocket>('SO_PROTOCOL', (s) => s.protocol, null)],
  [39, intOption<PacketSocket>('SO_DOMAIN', (s) => s.family, null)],
  netnsCookie<PacketSocket>(),
]);
