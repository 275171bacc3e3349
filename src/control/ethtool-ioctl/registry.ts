import { EFAULT, ENODEV, EOPNOTSUPP, EPERM } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import { aboutCommands } from './about.js';
import { hardwareCommands } from './hardware.js';
import { type IoctlCommand, IoctlRequest } from './request.js';
import { steeringCommands } from './steering.js';

const commands: ReadonlyMap<number, IoctlCommand> = new Map(
  [...aboutCommands, ...hardwareCommands, ...steeringCommands].map((command) => [command.command, command]),
);

/**
 * ioctl(SIOCETHTOOL) on a device by its name: `bytes` is the struct that the caller points to, and is answered by what it is
 * afterwards. Throws NetError. Linux: dev_ethtool()
 */
export function ethtoolIoctl(namespace: Namespace, name: string, bytes: Uint8Array, netAdmin: boolean): Uint8Array {
  if (bytes.length < 4) fail(EFAULT);
  const device = namespace.deviceByName(name) ?? fail(ENODEV);
  const request = new IoctlRequest(device, bytes);
  const command = commands.get(request.u32(0));
  if (command?.reads !== true && !netAdmin) fail(EPERM);
  (command ?? fail(EOPNOTSUPP)).handle(request);
  return request.bytes;
}
