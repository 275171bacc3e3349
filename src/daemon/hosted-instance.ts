import { freemem } from 'node:os';
import type { Clock } from '../base/clock.js';
import type { RandomSource } from '../base/random.js';
import type { NamespaceNames } from '../control/namespace-names.js';
import type { NetlinkKernel } from '../control/netlink-socket.js';
import { NicDevice } from '../drivers/nic.js';
import { assembleStack } from '../instance/assemble.js';
import type { NetDevice } from '../net/core/device.js';
import type { ModuleEeprom } from '../net/core/ethtool-ops.js';
import { registerDevice, unregisterDevice } from '../net/core/device-registry.js';
import type { FramePort } from '../net/core/frame-port.js';
import type { Namespace } from '../net/core/namespace.js';
import type { Stack } from '../net/core/stack.js';

/** What the stack's thread needs of an instance. */
export interface HostedInstance {
  readonly stack: Stack;
  readonly netlink: NetlinkKernel;
  readonly names: NamespaceNames;
  /** A namespace by name or id; undefined as an argument: the initial one. */
  resolveNamespace(namespace: string | number | undefined): Namespace | undefined;
  /** Makes a NIC in the initial namespace. Throws NetError: EEXIST, EINVAL (name). */
  plugNic(name: string, mac: Uint8Array, port: FramePort, module: ModuleEeprom | null): NetDevice;
  unplugNic(device: NetDevice): void;
}

/** A stack with its control servers, for the daemon's thread. */
export function hostInstance(options: { readonly clock: Clock; readonly random: RandomSource }): HostedInstance {
  const { stack, names, netlink } = assembleStack(options);
  stack.availableBytes = freemem;
  return {
    stack,
    netlink,
    names,
    resolveNamespace: (namespace) => names.resolve(namespace),
    plugNic: (name, mac, port, module) => {
      const nic = new NicDevice(stack, name, mac, port);
      nic.module = module;
      registerDevice(stack.initial, nic);
      return nic;
    },
    unplugNic: unregisterDevice,
  };
}
