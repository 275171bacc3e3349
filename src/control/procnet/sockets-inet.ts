import type { Namespace } from '../../net/core/namespace.js';
import type { DatagramSocket } from '../../net/core/datagram-socket.js';
import { INFINITE_SSTHRESH, TCP_LISTEN } from '../../net/tcp/constants.js';
import { TcpSocket } from '../../net/tcp/socket.js';
import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { TIMER_KEEPALIVE, TIMER_OFF, TIMER_ON, TIMER_PERSIST } from '../../netlink/diag/inet.js';
import { diagWord, InetEntry } from '../diag/inet/entry.js';
import { rawDiag, udpDiag, udpLiteDiag } from '../diag/inet/datagram.js';
import type { InetDiagProtocol } from '../diag/inet/protocol.js';
import { tcpDiag } from '../diag/inet/tcp.js';
import { hex } from './hex.js';
import type { ProcNetView } from './view.js';

const ALL_STATES = 0x1fff;
/** clock_t has 100 ticks a second. */
const TICK_MS = 10;

const COLUMNS = 'st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const upper = (value: number, digits: number) => hex(value, digits).toUpperCase();

/** A word as memory has it, read by a little-endian machine. */
const swapped = (word: number) => upper(((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0, 8);

function address(family: number, words: Uint32Array, port: number): string {
  const count = family === AF_INET6 ? 4 : 1;
  let text = '';
  for (let i = 0; i < count; i++) text += swapped(diagWord(family, words, i));
  return `${text}:${upper(port, 4)}`;
}

/** What stands for the address of the kernel's object: nobody may know that, but it tells sockets apart. */
const pointer = (inode: number) => hex(inode, 16);

/** The columns that all have, up to the inode. */
const common = (e: InetEntry, tx: number, rx: number, timer: string, retransmits: number, probes: number): string =>
  `${address(e.family, e.local, e.localPort)} ${address(e.family, e.remote, e.remotePort)} ${upper(e.state, 2)} ${upper(tx, 8)}:${upper(rx, 8)} ` +
  `${timer} ${upper(retransmits, 8)} ${String(e.uid).padStart(5)} ${String(probes).padStart(8)} ${e.inode}`;

const NO_TIMER = '00:00000000';

/** Linux: get_tcp4_sock(), get_timewait4_sock(), get_openreq4() */
function tcpLine(index: number, entry: InetEntry): string {
  const { socket, timer } = entry;
  const kind = timer === TIMER_ON ? 1 : timer === TIMER_KEEPALIVE ? 2 : timer === TIMER_PERSIST ? 4 : timer === TIMER_OFF ? 0 : 3;
  const when = `${upper(kind, 2)}:${upper(Math.floor(entry.expires / TICK_MS), 8)}`;
  const start = `${String(index).padStart(4)}: `;
  if (!(socket instanceof TcpSocket)) return `${start}${common(entry, 0, 0, when, entry.retrans, 0)} ${kind === 3 ? 3 : 1} ${pointer(0)}`;
  const listens = entry.state === TCP_LISTEN;
  const line = common(entry, listens ? 0 : entry.wqueue, entry.rqueue, when, socket.retransmits, socket.probesOut);
  const threshold = listens ? 0 : socket.ssthresh >= INFINITE_SSTHRESH ? -1 : socket.ssthresh;
  const ticks = (us: number) => Math.floor(us / 1000 / TICK_MS);
  const ack = (socket.quick << 1) | (socket.pingpong ? 1 : 0);
  const references = socket.orphan || listens || kind === 0 ? 1 : 2;
  return `${start}${line} ${references} ${pointer(socket.inode)} ${ticks(socket.rtoUs)} ${ticks(socket.atoUs)} ${ack} ${socket.cwnd} ${threshold}`;
}

/** Linux: udp4_format_sock(), raw_sock_seq_show(), ip6_dgram_sock_seq_show() */
function datagramLine(index: string, entry: InetEntry): string {
  const { socket } = entry;
  const drops = socket === null ? 0 : (socket as DatagramSocket).drops;
  return `${index}: ${common(entry, entry.wqueue, entry.rqueue, NO_TIMER, 0, 0)} 2 ${pointer(entry.inode)} ${drops}`;
}

function* entriesOf(namespace: Namespace, protocol: InetDiagProtocol, family: number): IterableIterator<InetEntry> {
  if (family === AF_INET6 && namespace.ipv6 === undefined) return;
  const entry = new InetEntry();
  for (const _ of protocol.entries(namespace, family, ALL_STATES, entry)) yield entry;
}

/** `width`: what lines are filled with spaces to; 0: as they are. */
function view(path: string, head: string, width: number, lines: (namespace: Namespace) => Iterable<string>): ProcNetView {
  return {
    path,
    text(namespace) {
      let text = `${head.padEnd(width)}\n`;
      for (const line of lines(namespace)) text += `${line.padEnd(width)}\n`;
      return text;
    },
  };
}

const HEAD4 = `  sl  local_address rem_address   ${COLUMNS}`;
const HEAD6 = `  sl  local_address                         remote_address                        ${COLUMNS}`;
const DATAGRAM = ' ref pointer drops';

function* tcpLines(namespace: Namespace, family: number): IterableIterator<string> {
  let index = 0;
  for (const entry of entriesOf(namespace, tcpDiag, family)) yield tcpLine(index++, entry);
}

/** UDP counts the slots of its hash table, which the port chooses; UDP-Lite's is smaller. */
const UDP_SLOTS = 0x3ff;
const UDPLITE_SLOTS = 0x7f;
const RAW_SLOTS = 0xff;

const slotsOf = (protocol: InetDiagProtocol): number =>
  protocol === rawDiag ? RAW_SLOTS : protocol === udpLiteDiag ? UDPLITE_SLOTS : UDP_SLOTS;

function* datagramLines(namespace: Namespace, protocol: InetDiagProtocol, family: number, digits: number): IterableIterator<string> {
  for (const entry of entriesOf(namespace, protocol, family)) {
    const slot = entry.localPort & slotsOf(protocol);
    yield datagramLine(String(slot).padStart(digits), entry);
  }
}

function* pingLines(namespace: Namespace, family: number): IterableIterator<string> {
  const entry = new InetEntry();
  const sockets: DatagramSocket[] = [];
  namespace.ping.forEach(family, (socket) => sockets.push(socket));
  for (const socket of sockets) {
    entry.takeSocket(socket);
    entry.state = socket.connected ? 1 : 7;
    entry.rqueue = socket.receiveMemory;
    entry.wqueue = socket.sendMemory;
    yield datagramLine(String(socket.local.port & 63).padStart(5), entry);
  }
}

/** Sockets over IP: tcp, udp, raw, icmp and those of IPv6. */
export const inetSocketViews: readonly ProcNetView[] = [
  view('tcp', HEAD4, 149, (namespace) => tcpLines(namespace, AF_INET)),
  view('tcp6', HEAD6, 0, (namespace) => tcpLines(namespace, AF_INET6)),
  view('udp', ` ${HEAD4}${DATAGRAM}`, 127, (namespace) => datagramLines(namespace, udpDiag, AF_INET, 5)),
  view('udp6', HEAD6 + DATAGRAM, 0, (namespace) => datagramLines(namespace, udpDiag, AF_INET6, 5)),
  view('udplite', ` ${HEAD4}${DATAGRAM}`, 127, (namespace) => datagramLines(namespace, udpLiteDiag, AF_INET, 5)),
  view('udplite6', HEAD6 + DATAGRAM, 0, (namespace) => datagramLines(namespace, udpLiteDiag, AF_INET6, 5)),
  view('raw', HEAD4 + DATAGRAM, 0, (namespace) => datagramLines(namespace, rawDiag, AF_INET, 4)),
  view('raw6', HEAD6 + DATAGRAM, 0, (namespace) => datagramLines(namespace, rawDiag, AF_INET6, 5)),
  view('icmp', HEAD4 + DATAGRAM, 127, (namespace) => pingLines(namespace, AF_INET)),
  view('icmp6', HEAD6 + DATAGRAM, 0, (namespace) => pingLines(namespace, AF_INET6)),
];
