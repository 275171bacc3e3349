import { EAGAIN } from '../../base/errno.js';
import { MSG_DONTWAIT, MSG_NOSIGNAL } from '../../host/libc.js';
import { MSG_OOB } from '../../net/tcp/constants.js';
import { seqDiff } from '../../net/tcp/sequence.js';
import type { TcpSocket } from '../../net/tcp/socket.js';
import { URGENT_NONE } from '../../net/tcp/urgent.js';
import type { Workbench } from './workbench.js';

// The urgent byte has its place in what is handed over, and is marked there by the kernel (MSG_OOB of AF_UNIX, Linux 5.15).

/** How many bytes after the first `handed` unread ones the urgent one comes; Infinity: none does. */
export function urgentAt(socket: TcpSocket, handed: number): number {
  if (socket.urgentState === URGENT_NONE) return Number.POSITIVE_INFINITY;
  const offset = seqDiff(socket.urgentSeq, socket.copiedSeq) - handed;
  return offset < 0 ? Number.POSITIVE_INFINITY : offset;
}

/** Writes the urgent byte to a program's end: 1, or what send(2) has for nothing. */
export function handOverUrgent({ libc }: Workbench, end: number, address: number): number {
  const written = libc.sendAt(end, address, 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL);
  // A kernel whose Unix sockets have no urgent data gives it as any other.
  if (written > 0 || libc.errno() === EAGAIN) return written;
  return libc.sendAt(end, address, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}
