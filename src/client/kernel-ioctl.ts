import { check, type Libc, SOCK_CLOEXEC } from '../host/libc.js';
import { AF_INET } from '../netlink/constants.js';

const SOCK_DGRAM = 2;
/** struct ifreq: the name, then a union, here a pointer. */
const IFREQ = 40;
const IFNAMSIZ = 16;

/** A socket to ask about devices by, in the namespace that this thread is in. */
export const ioctlSocket = (libc: Libc): number => check(libc, libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

/** ioctl() of the host's kernel with a struct ifreq that points to `data`; what the kernel made of it. Throws NetError. */
export function deviceIoctl(libc: Libc, socket: number, request: number, device: string, data: Uint8Array): Uint8Array {
  // The kernel writes to where the pointer points: both live until the call returns.
  const bytes = new Uint8Array(new ArrayBuffer(data.length));
  bytes.set(data);
  const ifreq = new Uint8Array(IFREQ);
  ifreq.set(new TextEncoder().encode(device).subarray(0, IFNAMSIZ - 1));
  new DataView(ifreq.buffer).setBigUint64(IFNAMSIZ, BigInt(libc.addressOf(bytes)), true);
  check(libc, libc.ioctl(socket, request, ifreq));
  return bytes;
}
