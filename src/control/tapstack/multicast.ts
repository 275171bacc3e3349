import { EINVAL, ENODEV, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { Command, tapstackMessage } from '../../netlink/genl/tapstack.js';
import type { NetDevice } from '../../net/core/device.js';
import type { NetlinkRequest } from '../netlink-request.js';
import type { TapstackCommands } from './family.js';

/** The device and the link-layer group that a request names. ENODEV, EINVAL. Linux: dev_ifsioc() */
function named(request: NetlinkRequest): { readonly device: NetDevice; readonly address: Uint8Array } {
  const { name = '', address = new Uint8Array(0) } = tapstackMessage.parse(request.message).attributes;
  const device = request.namespace.deviceByName(name) ?? fail(ENODEV);
  // Linux: only what has ndo_set_rx_mode knows groups; loopback and tunnels do not.
  if (!device.hasMulticastList || address.length !== device.address.length) fail(EINVAL);
  return { device, address: address.slice() };
}

/** MULTICAST_*: the ioctls SIOCADDMULTI and SIOCDELMULTI of a host. */
export const multicastCommands: TapstackCommands = () => [
  {
    command: Command.MULTICAST_ADD,
    admin: true,
    handle(request) {
      const { device, address } = named(request);
      if (device.multicastList.addFixed(address)) device.rxModeChanged();
    },
  },
  {
    command: Command.MULTICAST_DEL,
    admin: true,
    handle(request) {
      const { device, address } = named(request);
      if (!device.multicastList.remove(address, true)) fail(ENOENT);
      device.rxModeChanged();
    },
  },
];
