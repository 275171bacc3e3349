import {
  IFF_ALLMULTI,
  IFF_BROADCAST,
  IFF_DORMANT,
  IFF_ECHO,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_MASTER,
  IFF_POINTOPOINT,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_SLAVE,
  IFF_UP,
} from '../../netlink/rtnl/constants.js';
import type { NetDevice } from './device.js';

/** IFF_VOLATILE: not the user's to set. */
export const IFF_VOLATILE =
  IFF_LOOPBACK | IFF_POINTOPOINT | IFF_BROADCAST | IFF_ECHO | IFF_MASTER | IFF_SLAVE | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT;

/** What RTM_NEWLINK shows of a device that is up has changed. Linux: netdev_state_change() */
export function netdevStateChange(device: NetDevice): void {
  if (!device.up) return;
  device.namespace.deviceEvents.notify({ type: 'carrier', device });
  device.namespace.deviceEvents.notify({ type: 'change', device, flags: 0 });
}

/**
 * Tells of changed flags: `oldFlags` is what device.flags was, `shown` the IFF_* that the message names as changed (0: no
 * message). Linux: __dev_notify_flags()
 */
export function notifyFlags(device: NetDevice, oldFlags: number, shown: number): void {
  const events = device.namespace.deviceEvents;
  const changes = device.flags ^ oldFlags;
  if (shown !== 0) events.notify({ type: 'change', device, flags: shown });
  if ((changes & IFF_UP) !== 0) events.notify({ type: device.up ? 'up' : 'down', device });
  if (device.up && (changes & ~(IFF_UP | IFF_PROMISC | IFF_ALLMULTI | IFF_VOLATILE)) !== 0) events.notify({ type: 'carrier', device });
}
