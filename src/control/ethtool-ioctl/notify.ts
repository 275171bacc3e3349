import type { NetDevice } from '../../net/core/device.js';

/**
 * Tells ethtool's family what an ioctl() has set: always where the driver did not refuse, while netlink's own requests tell only of
 * what is other than before. Linux: ethtool_notify()
 */
export function tellSet(device: NetDevice, ...notifications: readonly number[]): void {
  for (const notification of notifications) device.namespace.deviceEvents.notify({ type: 'ethtool', device, notification });
}
