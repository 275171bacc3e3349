import type { Match, Target } from './extension.js';
import * as connection from './matches/connection.js';
import * as packet from './matches/packet.js';
import * as ports from './matches/ports.js';
import { string } from './matches/string.js';
import { time } from './matches/time.js';
import * as marks from './targets/marks.js';
import * as nat from './targets/nat.js';
import * as packetTargets from './targets/packet.js';
import * as queues from './targets/queue.js';

/** The matches and targets of x_tables that packets can be judged by; a new one is a descriptor and one line here. */
// biome-ignore format: a table
const matches: readonly Match[] = [
  packet.comment, packet.mark, packet.limit, packet.addrtype, packet.length, packet.ttl, packet.hl, packet.dscp, packet.tos, packet.mac,
  packet.iprange, packet.pkttype, packet.owner, packet.statistic, packet.socket, packet.physdev, string, time,
  ports.tcpMatch, ports.udpMatch, ports.udpLiteMatch, ports.multiport, ports.icmpMatch, ports.icmp6Match, ports.tcpmss,
  connection.state, connection.conntrack, connection.connmark, connection.helper, connection.connbytes, connection.connlimit,
];

// biome-ignore format: a table
const targets: readonly Target[] = [
  nat.snat, nat.dnat, nat.masqueradeTarget, nat.redirectTarget, nat.netmap,
  marks.mark, marks.connmark, marks.ct, marks.notrack, marks.classify,
  packetTargets.reject, packetTargets.log, packetTargets.nflog, packetTargets.ttl, packetTargets.hl, packetTargets.dscp, packetTargets.tos,
  packetTargets.tcpmss, packetTargets.checksum, queues.nfqueue, queues.tproxy, queues.tee, queues.trace,
];

const byName = <T extends { readonly name: string }>(all: readonly T[]): ReadonlyMap<string, T> =>
  new Map(all.map((one) => [one.name, one]));
const matchesByName = byName(matches);
const targetsByName = byName(targets);

export const findMatch = (name: string): Match | undefined => matchesByName.get(name);
export const findTarget = (name: string): Target | undefined => targetsByName.get(name);

/** Whether a revision of an extension is there: its struct has a size, or it takes none. */
export const hasRevision = (extension: { readonly bytes: readonly number[] }, revision: number): boolean =>
  revision < extension.bytes.length && (revision === extension.bytes.length - 1 || extension.bytes[revision] !== 0);
