import { EADDRINUSE, EADDRNOTAVAIL } from '../../base/errno.js';
import { equalAddress, type In6 } from '../../wire/ipv6.js';
import type { NetDevice } from './device.js';
import type { Namespace } from './namespace.js';
import type { PacketBuffer } from './packet-buffer.js';

/** The IPv6 groups that one socket is in (struct ipv6_mc_socklist). */
export class SocketMemberships6 {
  readonly #entries: { readonly group: In6; readonly device: NetDevice }[] = [];

  has(group: In6, ifindex: number): boolean {
    for (const entry of this.#entries) if (entry.device.ifindex === ifindex && equalAddress(entry.group, group)) return true;
    return false;
  }

  /** Whether it has the group on the device that a packet came in by; of a VRF, by the VRF or its member. */
  hasOn(group: In6, skb: PacketBuffer): boolean {
    return this.has(group, skb.iif) || (skb.sdif !== 0 && this.has(group, skb.sdif));
  }

  /** 0 or -EADDRINUSE. */
  join(namespace: Namespace, group: In6, device: NetDevice): number {
    if (this.has(group, device.ifindex)) return -EADDRINUSE;
    this.#entries.push({ group: group.slice(), device });
    namespace.ipv6.multicast.join(device, group);
    return 0;
  }

  /** `ifindex` 0: by whatever device. 0 or -EADDRNOTAVAIL. */
  leave(namespace: Namespace, group: In6, ifindex: number): number {
    const at = this.#entries.findIndex((entry) => equalAddress(entry.group, group) && (ifindex === 0 || entry.device.ifindex === ifindex));
    if (at < 0) return -EADDRNOTAVAIL;
    const [entry] = this.#entries.splice(at, 1);
    namespace.ipv6.multicast.leave(entry!.device, group);
    return 0;
  }

  leaveAll(namespace: Namespace): void {
    for (const entry of this.#entries.splice(0)) namespace.ipv6.multicast.leave(entry.device, entry.group);
  }
}
