import type { Destination } from '../destination.js';

/** What a connection costs: those that are idle count a 256th. Linux: ip_vs_dest_conn_overhead() */
export const overhead = (server: Destination): number => server.activeConns * 256 + server.inactConns;

/** With the new one in it: how long a connection would have to wait. Linux: ip_vs_sed_dest_overhead() */
export const expectedDelay = (server: Destination): number => server.activeConns + 1;

/** The server with the least of `cost` for its weight, the first of equals; null: none takes connections. Linux: ip_vs_wlc_schedule() */
export function leastForWeight(servers: readonly Destination[], cost: (server: Destination) => number): Destination | null {
  let least: Destination | null = null;
  let leastCost = 0;
  for (let i = 0; i < servers.length; i++) {
    const server = servers[i]!;
    if (server.unavailable) continue;
    const own = cost(server);
    if (least !== null && leastCost * server.weight <= own * least.weight) continue;
    least = server;
    leastCost = own;
  }
  return least;
}

/** More connections than its weight, while another has less than half of its own. Linux: is_overloaded() */
export function isOverloaded(server: Destination, servers: readonly Destination[]): boolean {
  if (server.activeConns <= server.weight) return false;
  for (let i = 0; i < servers.length; i++) if (servers[i]!.activeConns * 2 < servers[i]!.weight) return true;
  return false;
}
