import { EINVAL, ENODEV, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { loadTunnelModule } from '../../drivers/tunnel/module.js';
import type { Namespace } from '../../net/core/namespace.js';
import * as ioctl from '../../netlink/rtnl/link/tunnel-ioctl.js';
import { ioctlKinds, modulesByDevice } from './kinds.js';
import { type TunnelCommand, tunnelRequest } from './request.js';
import { addRouter, changeRouter, deleteRouter, getRouters } from './routers.js';
import { deleteSixRd, getSixRd, setSixRd } from './six-rd.js';
import { addTunnel, changeTunnel, deleteTunnel, getTunnel } from './tunnels.js';

const commands: ReadonlyMap<number, TunnelCommand> = new Map([
  [ioctl.SIOCGETTUNNEL, getTunnel],
  [ioctl.SIOCADDTUNNEL, addTunnel],
  [ioctl.SIOCDELTUNNEL, deleteTunnel],
  [ioctl.SIOCCHGTUNNEL, changeTunnel],
  [ioctl.SIOCGETPRL, getRouters],
  [ioctl.SIOCADDPRL, addRouter],
  [ioctl.SIOCDELPRL, deleteRouter],
  [ioctl.SIOCCHGPRL, changeRouter],
  [ioctl.SIOCGET6RD, getSixRd],
  [ioctl.SIOCADD6RD, setSixRd],
  [ioctl.SIOCCHG6RD, setSixRd],
  [ioctl.SIOCDEL6RD, deleteSixRd],
]);

/**
 * An ioctl of linux/if_tunnel.h on a device by its name: `read` gets so many bytes of what the caller points to, of which the answer is
 * written over; null: nothing is. ENODEV, EOPNOTSUPP, EPERM and what the request itself says. Linux: dev_siocdevprivate()
 */
export function tunnelIoctl(
  namespace: Namespace,
  name: string,
  request: number,
  read: (size: number) => Uint8Array,
  admin: boolean,
): Uint8Array | null {
  const command = commands.get(request) ?? fail(EINVAL);
  const module = modulesByDevice.get(name);
  if (module !== undefined && admin && namespace.deviceByName(name) === undefined) loadTunnelModule(namespace.stack, module);
  const device = namespace.deviceByName(name) ?? fail(ENODEV);
  if (!ioctlKinds.some((kind) => kind.is(device))) fail(EOPNOTSUPP);
  return command.run(tunnelRequest(device, read(command.size), command.size, admin));
}
