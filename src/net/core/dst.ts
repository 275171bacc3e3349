import type { NetDevice } from './device.js';
import type { Neighbour } from './neighbour.js';
import type { TunnelMetadata } from './tunnel-metadata.js';

/**
 * Where a packet goes: the result of a route lookup (Linux's dst_entry), kept with the next hop that it came from and shared
 * by all packets and sockets that go that way. Families extend it.
 */
export class Dst {
  /** Out of which device; for local delivery the loopback. Null only when `error` is set. */
  device: NetDevice | null = null;
  /** 0, or the positive errno a sender gets: ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL. */
  error = 0;
  /** RTN_UNICAST, RTN_LOCAL, RTN_BROADCAST, ... (linux/rtnetlink.h) */
  type = 0;
  /** Path MTU in bytes of the network layer, where it is lower than the device's; 0: the device's. */
  mtu = 0;
  /** The neighbour it leads to, once resolved; checked for being alive before use. */
  neighbour: Neighbour | null = null;
  /** What outer headers are to say where it leads into a tunnel that asks (lwtstate); null: nothing. */
  tunnel: TunnelMetadata | null = null;
  /** Of the routing tables when it was made; another number there makes it obsolete. */
  generation = 0;
  obsolete = false;

  /** One word of the metrics of the route it came from, RTAX_*; 0: not set (dst_metric_raw()). */
  metric(_which: number): number {
    return 0;
  }

  /** The congestion control that its route names; empty: none (RTAX_CC_ALGO). */
  get congestionControl(): string {
    return '';
  }
}
