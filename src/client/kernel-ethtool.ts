import { check, type Libc, SOCK_CLOEXEC } from '../host/libc.js';
import { AF_INET } from '../netlink/constants.js';
import { SIOCETHTOOL } from '../netlink/genl/ethtool/ioctl.js';
import type { EthtoolPort } from './ethtool-port.js';

const SOCK_DGRAM = 2;
/** struct ifreq: the name, then a union, here a pointer. */
const IFREQ = 40;
const IFNAMSIZ = 16;

/** ioctl(SIOCETHTOOL) of the host's kernel, in the namespace that this process is in. */
export function kernelEthtool(libc: Libc): EthtoolPort {
  const socket = check(libc, libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return {
    async ioctl(device, request) {
      // The kernel writes to where the pointer points: both live until the call returns.
      const bytes = new Uint8Array(new ArrayBuffer(request.length));
      bytes.set(request);
      const ifreq = new Uint8Array(IFREQ);
      ifreq.set(new TextEncoder().encode(device).subarray(0, IFNAMSIZ - 1));
      new DataView(ifreq.buffer).setBigUint64(IFNAMSIZ, BigInt(libc.addressOf(bytes)), true);
      check(libc, libc.ioctl(socket, SIOCETHTOOL, ifreq));
      return bytes;
    },
    close: () => void libc.close(socket),
  };
}
