import { registerDevice } from '../../net/core/device-registry.js';
import type { NetDevice } from '../../net/core/device.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { Stack } from '../../net/core/stack.js';

/** A tunnel module of Linux: from its first use on, every namespace has its fallback devices. */
export interface TunnelModule {
  readonly name: string;
  init(namespace: Namespace): void;
}

const loaded = new WeakMap<Stack, Set<string>>();

/** Makes a module's part of all namespaces, those to come included, unless it was done. Linux: request_module() */
export function loadTunnelModule(stack: Stack, module: TunnelModule): void {
  let modules = loaded.get(stack);
  if (modules === undefined) {
    modules = new Set();
    loaded.set(stack, modules);
  }
  if (modules.has(module.name)) return;
  modules.add(module.name);
  for (const namespace of stack.namespaces.values()) if (!namespace.dead) initIn(namespace, module);
  stack.namespaceEvents.subscribe((event) => {
    if (event.type === 'created') initIn(event.namespace, module);
  });
}

/**
 * Registers a fallback device that gets its MTU afterwards only: with none, IPv6 does not come to it before it is up.
 * Linux: ip_tunnel_init_net()
 */
export function registerWithoutMtu(namespace: Namespace, device: NetDevice): void {
  const { mtu } = device;
  device.mtu = 0;
  registerDevice(namespace, device);
  device.mtu = mtu;
}

/** Linux: net_has_fallback_tunnels() */
function initIn(namespace: Namespace, module: TunnelModule): void {
  const { fbTunnelsOnlyForInitNet: only } = namespace.stack.settings;
  if (only === 0 || (only === 1 && namespace === namespace.stack.initial)) module.init(namespace);
}
