import type { Libc } from '../host/libc.js';
import { SIOCETHTOOL } from '../netlink/genl/ethtool/ioctl.js';
import type { EthtoolPort } from './ethtool-port.js';
import { deviceIoctl, ioctlSocket } from './kernel-ioctl.js';

/** ioctl(SIOCETHTOOL) of the host's kernel, in the namespace that this process is in. */
export function kernelEthtool(libc: Libc): EthtoolPort {
  const socket = ioctlSocket(libc);
  return {
    ioctl: async (device, request) => deviceIoctl(libc, socket, SIOCETHTOOL, device, request),
    close: () => void libc.close(socket),
  };
}
