import { unregisterDevice } from '../net/core/device-registry.js';
import type { NetDevice } from '../net/core/device.js';
import type { Namespace } from '../net/core/namespace.js';

/**
 * A tunnel that has moved elsewhere goes with the namespace that its outer packets are in: nothing of it would work any more.
 * Call it once the device is registered, and what it gives when the device goes. Linux: vxlan_exit_batch_net(), ip_tunnel_delete_nets()
 */
export function diesWith(device: NetDevice, underlay: Namespace): () => void {
  const stop = underlay.stack.namespaceEvents.subscribe((event) => {
    if (event.namespace !== underlay || event.type === 'created') return;
    stop();
    if (device.registered && device.namespace !== underlay) unregisterDevice(device);
  });
  return stop;
}
