import { EBADF, EINVAL, ENODATA, ENOPROTOOPT, ENOTCONN, EOPNOTSUPP } from '../../../base/errno.js';
import type { DatagramSocket } from '../datagram-socket.js';
import { SOCK_DGRAM, SOCK_STREAM } from '../socket.js';
import { SO_TXREHASH } from '../tx-hash.js';
import type { InetSocket } from '../inet-socket.js';
import { intBytes, intOption, netnsCookie, readInt, SOL_SOCKET as level } from '../socket-options.js';
import { keptFlag, keptInt, type OptionEntry, readable, refused } from './kept.js';

const UDP = 17;
const TCP = 6;

/** Linux: only UDP looks into its queue from where it looked last. */
const notUdp = ({ protocol, type }: InetSocket) => (type === SOCK_DGRAM && protocol === UDP ? 0 : -EOPNOTSUPP);
const neitherTcpNorUdp = ({ protocol }: InetSocket) => (protocol === TCP || protocol === UDP ? 0 : -EOPNOTSUPP);

/** struct ucred of a socket that has no process at its other end. */
const NOBODY = Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255);

/** SK_MEMINFO_*: bytes that wait to be read and may, that wait to be sent and may, and so on. */
function memoryInfo(socket: InetSocket): Uint8Array {
  const { receiveMemory, receiveBuffer, sendMemory, sendBuffer, forwardAlloc } = socket;
  // What TCP has to send counts as queued, what a datagram socket has on its way as allocated.
  const queued = socket.type === SOCK_STREAM ? sendMemory : 0;
  const drops = socket.type === SOCK_STREAM ? 0 : (socket as unknown as DatagramSocket).drops;
  return new Uint8Array(
    Uint32Array.of(receiveMemory, receiveBuffer, sendMemory - queued, sendBuffer, forwardAlloc, queued, 0, 0, drops).buffer,
  );
}

/** A number that no other socket of the stack has. */
const cookie = ({ inode }: InetSocket): Uint8Array => {
  const bytes = new Uint8Array(8);
  bytes.set(intBytes(inode));
  return bytes;
};

/** struct sockaddr_in or sockaddr_in6 of the peer. */
function peerName(socket: InetSocket): Uint8Array | number {
  const { remote, family } = socket;
  if (remote.port === 0) return -ENOTCONN;
  const bytes = new Uint8Array(family === 2 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family, true);
  view.setUint16(2, remote.port);
  if (family === 2) view.setUint32(4, remote.words[3]!);
  else {
    for (let i = 0; i < 4; i++) view.setUint32(8 + 4 * i, remote.words[i]!);
    view.setUint32(24, remote.scopeId, true);
  }
  return bytes;
}

const MAX_BUDGET = 0xffff;
const NOTHING = 8;

/**
 * Options of SOL_SOCKET that the stack keeps or answers: what they choose lies in hardware and processors that it has none of,
 * or in the control messages that whoever receives for a program makes of them.
 */
export const keptSocketOptions: readonly OptionEntry[] = [
  [14, { name: 'SO_BSDCOMPAT', get: () => intBytes(0), set: () => 0 }],
  keptFlag({ level, option: 16, name: 'SO_PASSCRED' }),
  readable(17, 'SO_PEERCRED', () => NOBODY),
  readable(28, 'SO_PEERNAME', peerName),
  refused(31, 'SO_PEERSEC', ENOPROTOOPT, ENOPROTOOPT),
  keptFlag({ level, option: 34, name: 'SO_PASSSEC' }),
  keptFlag({ level, option: 40, name: 'SO_RXQ_OVFL' }),
  keptFlag({ level, option: 41, name: 'SO_WIFI_STATUS' }),
  peekOffset(),
  keptFlag({ level, option: 43, name: 'SO_NOFCS' }),
  keptFlag({ level, option: 45, name: 'SO_SELECT_ERR_QUEUE' }),
  keptInt({ level, option: 46, name: 'SO_BUSY_POLL', least: 0 }),
  // How many of the extensions of classic BPF there are: SKF_AD_MAX.
  readable(48, 'SO_BPF_EXTENSIONS', () => intBytes(64)),
  [
    49,
    intOption(
      'SO_INCOMING_CPU',
      (s) => s.incomingCpu,
      (s, cpu) => {
        s.incomingCpu = cpu;
        return 0;
      },
    ),
  ],
  refused(50, 'SO_ATTACH_BPF', EBADF, ENOPROTOOPT),
  refused(52, 'SO_ATTACH_REUSEPORT_EBPF', EBADF, ENOPROTOOPT),
  [53, { name: 'SO_CNX_ADVICE', set: () => 0 }],
  readable(55, 'SO_MEMINFO', memoryInfo),
  readable(56, 'SO_INCOMING_NAPI_ID', () => intBytes(0)),
  readable(57, 'SO_COOKIE', cookie),
  readable(59, 'SO_PEERGROUPS', () => -ENODATA),
  keptFlag({ level, option: 60, name: 'SO_ZEROCOPY', strict: true, refuses: neitherTcpNorUdp }),
  [61, { name: 'SO_TXTIME', get: () => new Uint8Array(NOTHING), set: () => -EINVAL }],
  keptFlag({ level, option: 69, name: 'SO_PREFER_BUSY_POLL' }),
  [70, { name: 'SO_BUSY_POLL_BUDGET', set: busyPollBudget }],
  netnsCookie<InetSocket>(),
  bufferLock(),
  [73, { name: 'SO_RESERVE_MEM', get: () => intBytes(0), set: (_s, value) => ((value[3]! & 0x80) !== 0 ? -EINVAL : -EOPNOTSUPP) }],
  txRehash(),
  keptFlag({ level, option: 75, name: 'SO_RCVMARK' }),
];

function peekOffset(): OptionEntry {
  return [
    42,
    {
      name: 'SO_PEEK_OFF',
      get: (socket) => notUdp(socket) || intBytes(socket.peekOffset),
      set(socket, value) {
        const refused = notUdp(socket);
        if (refused === 0) socket.peekOffset = readInt(value);
        return refused;
      },
    },
  ];
}

function busyPollBudget(_socket: InetSocket, value: Uint8Array): number {
  const budget = new DataView(value.buffer, value.byteOffset).getInt32(0, true);
  return budget < 0 || budget > MAX_BUDGET ? -EINVAL : 0;
}

/** Which of the two buffers keeps the size that the user gave it. */
function bufferLock(): OptionEntry {
  return [
    72,
    {
      name: 'SO_BUF_LOCK',
      get: (s) => intBytes((s.sendBufferLocked ? 1 : 0) | (s.receiveBufferLocked ? 2 : 0)),
      set(s, value) {
        if ((value[0]! & ~3) !== 0 || value[1] !== 0 || value[2] !== 0 || value[3] !== 0) return -EINVAL;
        s.sendBufferLocked = (value[0]! & 1) !== 0;
        s.receiveBufferLocked = (value[0]! & 2) !== 0;
        return 0;
      },
    },
  ];
}

/** -1: as the namespace's net.core.txrehash has it. */
function txRehash(): OptionEntry {
  const [option, kept] = keptInt({ level, option: SO_TXREHASH, name: 'SO_TXREHASH', least: -1, most: 1 });
  return [
    option,
    {
      ...kept,
      get: (socket) => intBytes(socket.kept.get(level, option, socket.namespace.core.txrehash)),
      set(socket, value) {
        const result = kept.set!(socket, value);
        if (result === 0 && socket.kept.get(level, option) === -1) socket.kept.set(level, option, socket.namespace.core.txrehash);
        return result;
      },
    },
  ];
}
