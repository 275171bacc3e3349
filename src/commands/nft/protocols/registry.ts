import { icmp, icmpv6, igmp } from './icmp.js';
import { ether, vlan } from './link.js';
import { arp, ip, ip6 } from './network.js';
import type { Protocol } from './protocol.js';
import { ah, comp, dccp, esp, sctp, tcp, th, udp, udplite } from './transport.js';

/** All headers that have fields; a new one is one definition and one line here. */
// biome-ignore format: a table
export const protocols: readonly Protocol[] = [
  ether, vlan, arp, ip, icmp, igmp, ip6, icmpv6, ah, esp, comp, udp, udplite, tcp, dccp, sctp, th,
];

const byName = new Map(protocols.map((protocol) => [protocol.name, protocol]));
const byId = new Map(protocols.map((protocol) => [protocol.id, protocol]));

export const protocolNamed = (name: string): Protocol | undefined => byName.get(name);
export const protocolById = (id: number): Protocol | undefined => byId.get(id);
