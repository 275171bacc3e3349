import type { Namespace } from '../../net/core/namespace.js';
import { TcpSocket } from '../../net/tcp/socket.js';
import { AF_INET6 } from '../../netlink/constants.js';
import type { ProcNetView } from './view.js';

interface Counts {
  /** Of IPv4, of IPv6. */
  readonly tcp: [number, number];
  readonly udp: [number, number];
  readonly udpLite: [number, number];
  readonly raw: [number, number];
  timeWaits: number;
  orphans: number;
}

/** Looks at every socket over IP once. */
function count(namespace: Namespace): Counts {
  const counts: Counts = { tcp: [0, 0], udp: [0, 0], udpLite: [0, 0], raw: [0, 0], timeWaits: 0, orphans: namespace.tcp.orphans };
  const place = (family: number) => (family === AF_INET6 ? 1 : 0);
  const { tcp, udp, udpLite, raw, raw6 } = namespace;
  for (const listener of tcp.listeners.values()) counts.tcp[place(listener.family)]++;
  for (const endpoint of tcp.endpoints.values()) {
    if (endpoint instanceof TcpSocket) {
      counts.tcp[place(endpoint.family)]++;
    }
  }
  counts.timeWaits = tcp.timeWaits;
  udp.ports.forEach((user) => {
    counts.udp[place(user.local.family)]++;
  });
  udpLite.ports.forEach((user) => {
    counts.udpLite[place(user.local.family)]++;
  });
  raw.forEach(() => {
    counts.raw[0]++;
  });
  raw6?.forEach(() => {
    counts.raw[1]++;
  });
  return counts;
}

const sum = ([v4, v6]: readonly [number, number]) => v4 + v6;

/** /proc/net/sockstat. Linux: sockstat_seq_show() */
export const sockstat: ProcNetView = {
  path: 'sockstat',
  text(namespace) {
    const { tcp, udp, udpLite, raw, timeWaits, orphans } = count(namespace);
    const { stack } = namespace;
    const { memory, queues } = namespace.ipv4.reassembly;
    const used =
      sum(tcp) -
      orphans +
      sum(udp) +
      sum(udpLite) +
      sum(raw) +
      namespace.ping.idents.size +
      namespace.packets.sockets.size +
      namespace.unix.sockets.size;
    return (
      `sockets: used ${used}\n` +
      `TCP: inuse ${tcp[0]} orphan ${orphans} tw ${timeWaits} alloc ${sum(tcp)} mem ${stack.tcpMemory.allocated}\n` +
      `UDP: inuse ${udp[0]} mem ${stack.udpMemory.allocated}\n` +
      `UDPLITE: inuse ${udpLite[0]}\nRAW: inuse ${raw[0]}\nFRAG: inuse ${queues} memory ${memory}\n`
    );
  },
};

/** /proc/net/sockstat6. Linux: sockstat6_seq_show() */
export const sockstat6: ProcNetView = {
  path: 'sockstat6',
  text(namespace) {
    const { tcp, udp, udpLite, raw } = count(namespace);
    const { memory, queues } = namespace.ipv6.reassembly;
    return `TCP6: inuse ${tcp[1]}\nUDP6: inuse ${udp[1]}\nUDPLITE6: inuse ${udpLite[1]}\nRAW6: inuse ${raw[1]}\nFRAG6: inuse ${queues} memory ${memory}\n`;
  },
};
