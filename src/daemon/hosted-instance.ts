import type { Clock } from '../base/clock.js';
import { EOPNOTSUPP } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import type { RandomSource } from '../base/random.js';
import { NamespaceNames } from '../control/namespace-names.js';
import { NetlinkServer } from '../control/netlink-kernel.js';
import type { NetlinkKernel } from '../control/netlink-socket.js';
import type { NetDevice } from '../net/core/device.js';
import type { FramePort } from '../net/core/frame-port.js';
import type { Namespace } from '../net/core/namespace.js';
import { Stack } from '../net/core/stack.js';

/** What the stack's thread needs of an instance. */
export interface HostedInstance {
  readonly stack: Stack;
  readonly netlink: NetlinkKernel;
  /** A namespace by name or id; undefined as an argument: the initial one. */
  resolveNamespace(namespace: string | number | undefined): Namespace | undefined;
  /** Makes a NIC in the initial namespace. Throws NetError: EEXIST, EINVAL (name). */
  plugNic(name: string, mac: Uint8Array, port: FramePort): NetDevice;
  unplugNic(device: NetDevice): void;
}

export function hostInstance(options: { readonly clock: Clock; readonly random: RandomSource }): HostedInstance {
  const stack = new Stack({ ...options, modules: [], linkKinds: [] }, (skb) => stack.consume(skb));
  const names = new NamespaceNames(stack);
  const server = new NetlinkServer(stack, names);
  return {
    stack,
    netlink: server,
    resolveNamespace: (namespace) => names.resolve(namespace),
    plugNic: () => {
      throw new NetError(EOPNOTSUPP);
    },
    unplugNic: () => undefined,
  };
}
