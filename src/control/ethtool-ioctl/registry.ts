import { EFAULT, ENODEV, ENOMEM, EOPNOTSUPP, EPERM } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import { aboutCommands } from './about.js';
import { featureCommands } from './features.js';
import { hardwareCommands } from './hardware.js';
import { linkCommands } from './link.js';
import { parameterCommands } from './parameters.js';
import { type IoctlCommand, IoctlRequest } from './request.js';
import { steeringCommands } from './steering.js';

/** Bytes that may follow a struct: none has as many. */
const MOST_BEHIND = 1 << 18;

const commands: ReadonlyMap<number, IoctlCommand> = new Map(
  [...aboutCommands, ...featureCommands, ...hardwareCommands, ...linkCommands, ...parameterCommands, ...steeringCommands].map((command) => [
    command.command,
    command,
  ]),
);

/**
 * ioctl(SIOCETHTOOL) on a device by its name: `bytes` is the struct that the caller points to, and is answered by what it is
 * afterwards. Throws NetError. Linux: dev_ethtool()
 */
export function ethtoolIoctl(namespace: Namespace, name: string, bytes: Uint8Array, netAdmin: boolean): Uint8Array {
  return ethtoolIoctlFrom(namespace, name, (size) => (size > bytes.length ? fail(EFAULT) : bytes), netAdmin).bytes;
}

/** The same where the caller's struct lies elsewhere: `read` gives as many of its bytes as are asked for, or throws EFAULT. */
export function ethtoolIoctlFrom(namespace: Namespace, name: string, read: (size: number) => Uint8Array, netAdmin: boolean): IoctlRequest {
  const number = read(4);
  const device = namespace.deviceByName(name) ?? fail(ENODEV);
  const command = commands.get(new IoctlRequest(device, number).u32(0));
  if (command?.reads !== true && !netAdmin) fail(EPERM);
  if (command === undefined) return fail(EOPNOTSUPP);
  const behind = command.behind?.(new IoctlRequest(device, read(command.size))) ?? 0;
  if (behind > MOST_BEHIND) fail(ENOMEM);
  const request = new IoctlRequest(device, read(command.size + behind));
  command.handle(request);
  return request;
}
