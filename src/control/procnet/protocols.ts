import type { Namespace } from '../../net/core/namespace.js';
import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { SOCK_STREAM } from '../../net/core/socket.js';
import { InetEntry } from '../diag/inet/entry.js';
import { rawDiag, udpDiag, udpLiteDiag } from '../diag/inet/datagram.js';
import type { InetDiagProtocol } from '../diag/inet/protocol.js';
import { tcpDiag } from '../diag/inet/tcp.js';
import type { ProcNetView } from './view.js';

const HEAD = 'protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in de sh ss gs se re sp bi br ha uh gp em\n';
const ALL_STATES = 0x1fff;
/** Bytes of headers that TCP keeps free (MAX_TCP_HEADER). */
const TCP_HEADER = 320;

/** What struct proto of a protocol has: bytes of a socket on x86-64, memory that is accounted, which operations there are. */
interface Protocol {
  readonly name: string;
  readonly size: number;
  readonly accounted: boolean;
  readonly pressure: boolean;
  readonly slab: boolean;
  readonly operations: string;
  count(namespace: Namespace): number;
}

function inet(protocol: InetDiagProtocol, family: number): (namespace: Namespace) => number {
  const entry = new InetEntry();
  return (namespace) => {
    let sockets = 0;
    for (const _ of protocol.entries(namespace, family, ALL_STATES, entry)) sockets++;
    return sockets;
  };
}

const pings =
  (family: number) =>
  ({ ping }: Namespace): number => {
    let sockets = 0;
    ping.forEach(family, () => sockets++);
    return sockets;
  };

const none = (): number => 0;
const unixSockets =
  (streams: boolean) =>
  ({ unix }: Namespace): number =>
    [...unix.sockets].filter(({ type }) => (type === SOCK_STREAM) === streams).length;

const protocol = (
  name: string,
  size: number,
  accounting: 'none' | 'memory' | 'pressure',
  slab: boolean,
  operations: string,
  count: (namespace: Namespace) => number,
): Protocol => ({ name, size, accounted: accounting !== 'none', pressure: accounting === 'pressure', slab, operations, count });

/** In the order in which Linux shows them: the last registered first. */
const protocols: readonly Protocol[] = [
  protocol('PACKET', 1600, 'none', false, 'nnnnnnnnnnnnnnnnnnn', ({ packets }) => [...packets.sockets].length),
  protocol('MPTCPv6', 2112, 'pressure', true, 'yyyyyyyyyyyynnnyyyn', none),
  protocol('PINGv6', 1200, 'none', true, 'yyynnynnyyyynyyyyyn', pings(AF_INET6)),
  protocol('RAWv6', 1200, 'none', true, 'yyynyyynyyyynyyyynn', inet(rawDiag, AF_INET6)),
  protocol('UDPLITEv6', 1344, 'memory', true, 'yyynyyynyyyynnnyyyn', inet(udpLiteDiag, AF_INET6)),
  protocol('UDPv6', 1344, 'memory', true, 'yyynyyynyyyynnnyyyn', inet(udpDiag, AF_INET6)),
  protocol('TCPv6', 2440, 'pressure', true, 'yyyyyyyyyyyyynyyyyy', inet(tcpDiag, AF_INET6)),
  protocol('XDP', 1024, 'none', false, 'nnnnnnnnnnnnnnnnnnn', none),
  protocol('UNIX-STREAM', 1024, 'none', true, 'ynnnnnnnnnnnnnnnynn', unixSockets(true)),
  protocol('UNIX', 1024, 'none', true, 'ynnnnnnnnnnnnnnnnnn', unixSockets(false)),
  protocol('UDP-Lite', 1152, 'memory', true, 'yyynyyynyyyyynnyyyn', inet(udpLiteDiag, AF_INET)),
  protocol('MPTCP', 1952, 'pressure', true, 'yyyyyyyyyyyynnnyyyn', none),
  protocol('PING', 992, 'none', true, 'yyynnynnyyyynyyyyyn', pings(AF_INET)),
  protocol('RAW', 1000, 'none', true, 'yyynyyynyyyynyyyynn', inet(rawDiag, AF_INET)),
  protocol('UDP', 1152, 'memory', true, 'yyynyyynyyyyynnyyyn', inet(udpDiag, AF_INET)),
  protocol('TCP', 2280, 'pressure', true, 'yyyyyyyyyyyyynyyyyy', inet(tcpDiag, AF_INET)),
  protocol('NETLINK', 1088, 'none', false, 'nnnnnnnnnnnnnnnnnnn', none),
];

/** /proc/net/protocols: the protocols that there are sockets of, how many, and what each can. Linux: proto_seq_show() */
export const protocolsView: ProcNetView = {
  path: 'protocols',
  text(namespace) {
    let text = HEAD;
    for (const { name, size, accounted, pressure, slab, operations, count } of protocols) {
      const pool = pressure ? namespace.stack.tcpMemory : namespace.stack.udpMemory;
      const memory = accounted ? String(pool.allocated) : '-1';
      const header = String(name.startsWith('TCP') ? TCP_HEADER : 0).padStart(6);
      text += `${name.padEnd(9)} ${String(size).padStart(4)} ${String(count(namespace)).padStart(6)}  ${memory.padStart(6)}   ${(pressure ? (pool.underPressure ? 'yes' : 'no') : 'NI').padEnd(3)} ${header}   ${(slab ? 'yes' : 'no').padEnd(3)}  ${'kernel'.padEnd(10)}`;
      text += `${[...operations].map((operation) => ` ${operation.padStart(2)}`).join('')}\n`;
    }
    return text;
  },
};
