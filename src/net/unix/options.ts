import { getOption, intBytes, intOption, netnsCookie, type OptionTable, setOption, type SocketOption } from '../core/socket-options.js';
import type { UnixSocket } from './unix-socket.js';

/** SOCK_MIN_SNDBUF, SOCK_MIN_RCVBUF. */
const SEND_MIN = 4608;
const RECEIVE_MIN = 2304;

/** struct ucred: pid, uid, gid. Of a peer's process the stack knows the user; -1 stands for what is not known. */
const peerCredentials: SocketOption<UnixSocket> = {
  name: 'SO_PEERCRED',
  get(socket) {
    const bytes = new Uint8Array(12);
    bytes.set(intBytes(0));
    bytes.set(intBytes(socket.peerUid), 4);
    bytes.set(intBytes(socket.peerUid), 8);
    return bytes;
  },
};

/** SOL_SOCKET, as far as Unix sockets have it. */
const table: OptionTable<UnixSocket> = new Map<number, SocketOption<UnixSocket>>([
  [3, intOption<UnixSocket>('SO_TYPE', (s) => s.type, null)],
  [4, intOption<UnixSocket>('SO_ERROR', (s) => s.takeError(), null)],
  [
    7,
    intOption<UnixSocket>(
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
    intOption<UnixSocket>(
      'SO_RCVBUF',
      (s) => s.receiveBuffer,
      (s, v) => {
        s.receiveBuffer = Math.max(Math.min(v >>> 0, s.namespace.stack.settings.rmemMax) * 2, RECEIVE_MIN);
        return 0;
      },
    ),
  ],
  [17, peerCredentials],
  [30, intOption<UnixSocket>('SO_ACCEPTCONN', (s) => (s.state === 10 ? 1 : 0), null)],
  [38, intOption<UnixSocket>('SO_PROTOCOL', () => 0, null)],
  [39, intOption<UnixSocket>('SO_DOMAIN', (s) => s.family, null)],
  [
    42,
    intOption<UnixSocket>(
      'SO_PEEK_OFF',
      (s) => s.peekOffset,
      (s, v) => {
        s.peekOffset = v;
        return 0;
      },
    ),
  ],
  netnsCookie<UnixSocket>(),
]);

export const setUnixOption = (socket: UnixSocket, option: number, value: Uint8Array): number => setOption(table, socket, option, value);
export const getUnixOption = (socket: UnixSocket, option: number): Uint8Array | number => getOption(table, socket, option);
