import * as udp from '../../wire/udp.js';
import * as udpLite from '../../wire/udplite.js';
import type { Namespace } from '../core/namespace.js';
import type { UdpStats } from '../ipv4/snmp.js';
import type { Udp6Stats } from '../ipv6/snmp.js';

/** What tells UDP and UDP-Lite apart (struct proto, struct udp_table): the rest of them is one. */
export interface UdpKind {
  readonly protocol: number;
  /** The checksum may cover but a part (RFC 3828). */
  readonly partial: boolean;
  counters(namespace: Namespace): UdpStats;
  counters6(namespace: Namespace): Udp6Stats;
}

export const udpKind: UdpKind = {
  protocol: udp.PROTOCOL,
  partial: false,
  counters: ({ ipv4 }) => ipv4.udpStats,
  counters6: ({ ipv6 }) => ipv6.udpStats,
};

export const udpLiteKind: UdpKind = {
  protocol: udpLite.PROTOCOL,
  partial: true,
  counters: ({ ipv4 }) => ipv4.udpLiteStats,
  counters6: ({ ipv6 }) => ipv6.udpLiteStats,
};
