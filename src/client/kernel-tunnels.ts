import type { Libc } from '../host/libc.js';
import { insideNamespace } from '../host/netns.js';
import { deviceIoctl, ioctlSocket } from './kernel-ioctl.js';
import type { TunnelPort } from './tunnel-port.js';

/** The ioctls of linux/if_tunnel.h of the host's kernel; `path` is that of a namespace, left out: the one that this process is in. */
export function kernelTunnels(libc: Libc, path: string | undefined): TunnelPort {
  const socket = path === undefined ? ioctlSocket(libc) : insideNamespace(libc, path, () => ioctlSocket(libc));
  return {
    ioctl: async (device, request, data) => deviceIoctl(libc, socket, request, device, data),
    close: () => void libc.close(socket),
  };
}
