import { EADDRINUSE, EADDRNOTAVAIL } from '../../base/errno.js';
import type { NetDevice } from './device.js';
import type { Namespace } from './namespace.js';
import type { PacketBuffer } from './packet-buffer.js';

/** The groups that one socket is in (struct ip_mc_socklist). */
export class SocketMemberships {
  readonly #entries: { readonly group: number; readonly device: NetDevice }[] = [];

  has(group: number, ifindex: number): boolean {
    for (const entry of this.#entries) if (entry.group === group && entry.device.ifindex === ifindex) return true;
    return false;
  }

  /** Whether it has the group on the device that a packet came in by; of a VRF, by the VRF or its member. */
  hasOn(group: number, skb: PacketBuffer): boolean {
    return this.has(group, skb.iif) || (skb.sdif !== 0 && this.has(group, skb.sdif));
  }

  get size(): number {
    return this.#entries.length;
  }

  /** 0 or -EADDRINUSE. */
  join(namespace: Namespace, group: number, device: NetDevice): number {
    if (this.has(group, device.ifindex)) return -EADDRINUSE;
    this.#entries.push({ group, device });
    namespace.ipv4.multicast.join(device, group);
    return 0;
  }

  /** `ifindex` 0: by whatever device. 0 or -EADDRNOTAVAIL. */
  leave(namespace: Namespace, group: number, ifindex: number): number {
    const at = this.#entries.findIndex((entry) => entry.group === group && (ifindex === 0 || entry.device.ifindex === ifindex));
    if (at < 0) return -EADDRNOTAVAIL;
    const [entry] = this.#entries.splice(at, 1);
    namespace.ipv4.multicast.leave(entry!.device, group);
    return 0;
  }

  leaveAll(namespace: Namespace): void {
    for (const entry of this.#entries.splice(0)) namespace.ipv4.multicast.leave(entry.device, entry.group);
  }
}
