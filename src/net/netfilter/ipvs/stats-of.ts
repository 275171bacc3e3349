import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { Ipvs } from './ipvs.js';

// A packet counts for its server, the service of that, and all of them together - while the server is of a service.

/** From the client. Linux: ip_vs_in_stats() */
export function countIncoming(ipvs: Ipvs, id: number, skb: PacketBuffer): void {
  const server = ipvs.destinationOf(id);
  if (server === null || !server.available) return;
  const bytes = skb.tail - skb.networkHeader;
  server.stats.incoming(bytes);
  server.serviceStats!.incoming(bytes);
  ipvs.stats.incoming(bytes);
  ipvs.counted();
}

/** From the server. Linux: ip_vs_out_stats() */
export function countOutgoing(ipvs: Ipvs, id: number, skb: PacketBuffer): void {
  const server = ipvs.destinationOf(id);
  if (server === null || !server.available) return;
  const bytes = skb.tail - skb.networkHeader;
  server.stats.outgoing(bytes);
  server.serviceStats!.outgoing(bytes);
  ipvs.stats.outgoing(bytes);
  ipvs.counted();
}

/** Linux: ip_vs_conn_stats() */
export function countConnection(ipvs: Ipvs, id: number): void {
  const server = ipvs.destinationOf(id);
  if (server === null) return;
  server.stats.connection();
  server.serviceStats?.connection();
  ipvs.stats.connection();
  ipvs.counted();
}
