import type { In6 } from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import type { NeighbourTable } from '../core/neighbour-table.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import type { Ipv6Address } from './address.js';

/** A router advertisement that was checked: `skb.data` at the ICMPv6 header, sender in the IPv6 header. */
export interface RouterAdvertisement {
  readonly skb: PacketBuffer;
  readonly device: NetDevice;
}

/** What IPv6 asks of neighbour discovery (net/ndisc), which stands above it. */
export interface NeighbourDiscovery {
  readonly table: NeighbourTable;
  /** ICMPv6 types 133 to 137, `skb.data` at the ICMPv6 header, checksum verified. Takes ownership. */
  receive(skb: PacketBuffer): void;
  /**
   * Sends a neighbour solicitation for `target`; `destination` null: its solicited-node group; `source` null: a link-local one of
   * the device. `nonce` is that of enhanced DAD (48 bits), 0: none.
   */
  sendSolicitation(device: NetDevice, target: In6, destination: In6 | null, source: In6 | null, nonce: number): void;
  /** Sends an advertisement. */
  sendAdvertisement(
    device: NetDevice,
    destination: In6,
    target: In6,
    router: boolean,
    solicited: boolean,
    override: boolean,
    includeAddress: boolean,
  ): void;
  /** Sends a router solicitation; a source of :: carries no link-layer address. */
  sendRouterSolicitation(device: NetDevice, source: In6, destination: In6): void;
  /** Tells the sender of `skb`, which is forwarded, of a better first hop. The packet stays the caller's. */
  sendRedirect(skb: PacketBuffer, target: In6): void;
  /** net/ipv6/addrconf sets these. A router advertisement came in; does not take ownership. */
  onRouterAdvertisement: ((advertisement: RouterAdvertisement) => void) | null;
  /** Somebody else has the address (ours or not yet ours): addrconf_dad_failure(). */
  onDuplicate: ((address: Ipv6Address) => void) | null;
}
