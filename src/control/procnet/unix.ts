import type { Namespace } from '../../net/core/namespace.js';
import { UNIX_ESTABLISHED, UNIX_LISTEN, type UnixSocket } from '../../net/unix/unix-socket.js';
import { hex } from './hex.js';
import type { ProcNetView } from './view.js';

const HEAD = 'Num       RefCount Protocol Flags    Type St Inode Path\n';
/** __SO_ACCEPTCON, linux/net.h */
const SO_ACCEPTCON = 1 << 16;
/** SS_UNCONNECTED, SS_CONNECTED: of sockets that have a file. */
const SS_UNCONNECTED = 1;
const SS_CONNECTED = 3;

/** A name as it is shown: a path, or `@` and what lies behind the zero byte. */
function nameOf({ local }: UnixSocket): string {
  if (local.bytes === null || local.bytes.length === 0) return '';
  return ` ${[...local.bytes].map((byte) => (byte === 0 ? '@' : String.fromCharCode(byte))).join('')}`;
}

/** /proc/net/unix. Linux: unix_seq_show() */
export const unix: ProcNetView = {
  path: 'unix',
  text(namespace: Namespace) {
    let text = HEAD;
    for (const socket of namespace.unix.sockets) {
      const connected = socket.state === UNIX_ESTABLISHED;
      const flags = socket.state === UNIX_LISTEN ? SO_ACCEPTCON : 0;
      const upper = (value: number, digits: number) => hex(value, digits).toUpperCase();
      text += `${hex(socket.inode, 16)}: ${upper(connected ? 3 : 2, 8)} ${upper(0, 8)} ${upper(flags, 8)} ${upper(socket.type, 4)} `;
      text += `${upper(connected ? SS_CONNECTED : SS_UNCONNECTED, 2)} ${String(socket.inode).padStart(5)}${nameOf(socket)}\n`;
    }
    for (const { line } of namespace.unix.ofPrograms) text += `${line}\n`;
    return text;
  },
};
