import type { NetDevice } from './device.js';
import type { PacketBuffer } from './packet-buffer.js';

/** A neighbour: an address on a link and the link-layer address that it has (struct neighbour). */
export interface Neighbour {
  readonly device: NetDevice;
  /** True once it left its table: whoever kept it looks it up anew. */
  dead: boolean;
  /** Sends a packet to it, `skb.data` at the network header: resolves, queues meanwhile. Takes ownership; 0 or negative errno. */
  output(skb: PacketBuffer): number;
  /** The upper layer saw proof that it is reachable (dst_confirm). */
  confirm(): void;
}

export interface NeighbourTable {
  readonly family: number;
}
