import { EINVAL, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { SitDevice } from '../../drivers/ipip/devices.js';
import { PRL, readPrl, writePrl } from '../../netlink/rtnl/link/tunnel-ioctl.js';
import { netdevStateChange } from '../../net/core/device-notify.js';
import { needAdmin, type TunnelCommand, type TunnelRequest } from './request.js';

/** EOPNOTSUPP; EINVAL: the module's own device has none. */
function routersOf({ device }: TunnelRequest): SitDevice {
  if (!(device instanceof SitDevice)) return fail(EOPNOTSUPP);
  return device.tunnel.fallback ? fail(EINVAL) : device;
}

/** One of them, or all: as many as there is room for behind the request. Linux: ipip6_tunnel_get_prl() */
function list(request: TunnelRequest): Uint8Array {
  const { routers } = routersOf(request);
  const { address } = readPrl(request.view, 0);
  let room = Math.floor(request.view.getUint32(8, true) / PRL);
  if (room > 1 && address !== 0) room = 1;
  const shown = routers.all.filter((router) => address === 0 || router.address === address).slice(0, room);
  const bytes = new Uint8Array(PRL * (1 + shown.length));
  bytes.set(request.bytes.subarray(0, PRL));
  const view = new DataView(bytes.buffer);
  view.setUint32(8, PRL * shown.length, true);
  for (const [i, router] of shown.entries()) writePrl(view, PRL * (1 + i), router);
  return bytes;
}

/** Linux: ipip6_tunnel_prl_ctl() */
const changing = (act: (device: SitDevice, address: number, flags: number) => void): TunnelCommand => ({
  size: PRL,
  run(request) {
    if (!(request.device instanceof SitDevice)) fail(EOPNOTSUPP);
    needAdmin(request);
    const device = routersOf(request);
    const { address, flags } = readPrl(request.view, 0);
    act(device, address, flags);
    netdevStateChange(device);
    return null;
  },
});

/** SIOCGETPRL, SIOCADDPRL, SIOCDELPRL, SIOCCHGPRL. */
export const getRouters: TunnelCommand = { size: PRL, run: list };
export const addRouter = changing((device, address, flags) => device.routers.add(address, flags, false));
export const changeRouter = changing((device, address, flags) => device.routers.add(address, flags, true));
export const deleteRouter = changing((device, address) => device.routers.delete(address));
