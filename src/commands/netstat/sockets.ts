import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { formatAddress } from '../shared/address.js';
import { protocolName } from '../shared/protocols.js';
import type { NetstatContext } from './context.js';
import type { SocketKind } from './options.js';

// include/net/tcp_states.h, and three that ISO protocols once had.
// biome-ignore format: a table
const STATES = ['', 'ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'FIN_WAIT1', 'FIN_WAIT2', 'TIME_WAIT', 'CLOSE', 'CLOSE_WAIT', 'LAST_ACK', 'LISTEN', 'CLOSING', 'LISTENING', 'CONN SENT', 'DISC SENT'];
const ESTABLISHED = 1;
const CLOSE = 7;

const TIMERS = ['off', 'on', 'keepalive', 'timewait', 'probe'];
/** /proc counts time in hundredths of a second. */
const TICKS = 100;

const ADDRESS_WIDTH = 23;

interface Socket {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly state: number;
  readonly sendQueue: number;
  readonly receiveQueue: number;
  readonly timer: number;
  /** Hundredths of a second. */
  readonly expires: number;
  readonly retransmits: number;
  readonly uid: string;
  readonly probes: string;
  readonly inode: number;
}

interface Endpoint {
  /** "10.0.0.1", "fe80::1"; of a mapped address the IPv4 one, which has no name. */
  readonly address: string;
  readonly mapped: boolean;
  readonly unspecified: boolean;
  readonly port: number;
}

/** Words as a little-endian machine writes them, in hexadecimal digits. */
function endpoint(text: string): Endpoint {
  const [words = '', port = '0'] = text.split(':');
  const bytes = new Uint8Array(words.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[(i & ~3) | (3 - (i & 3))] = parseInt(words.slice(2 * i, 2 * i + 2), 16);
  const mapped = bytes.length === 16 && bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every((byte) => byte === 0);
  const shown = mapped ? bytes.subarray(12) : bytes;
  return {
    address: formatAddress(shown.length === 4 ? AF_INET : AF_INET6, shown),
    mapped,
    unspecified: bytes.every((byte) => byte === 0),
    port: parseInt(port, 16),
  };
}

const hex = (text: string | undefined) => parseInt(text ?? '0', 16);

/** A line of /proc/net/tcp and its like; null for one that is not. */
function parseSocket(line: string): Socket | null {
  const words = line.trim().split(/\s+/);
  if (words.length < 10) return null;
  const [, local = '', remote = '', state, queues = '', timer = '', retransmits, uid = '0', probes = '0', inode = '0'] = words;
  const [send, receive] = queues.split(':');
  const [active, when] = timer.split(':');
  return {
    local: endpoint(local),
    remote: endpoint(remote),
    state: hex(state),
    sendQueue: hex(send),
    receiveQueue: hex(receive),
    timer: hex(active),
    expires: hex(when),
    retransmits: hex(retransmits),
    uid,
    probes,
    inode: Number(inode),
  };
}

interface Kind {
  readonly option: SocketKind;
  readonly files: readonly [inet: string, inet6: string];
  /** First column. */
  readonly label: string;
  /** What ports are looked up as. */
  readonly protocol: string;
  /** Is it bound without a peer? Such sockets -l shows, and nothing but -a and -l. */
  waits(socket: Socket): boolean;
  state(socket: Socket): string;
}

const datagramState = ({ state, remote }: Socket): string =>
  state === ESTABLISHED ? 'ESTABLISHED' : state === CLOSE && (remote.unspecified || remote.port === 0) ? '' : 'UNKNOWN';

const kinds: readonly Kind[] = [
  {
    option: 'tcp',
    files: ['tcp', 'tcp6'],
    label: 'tcp',
    protocol: 'tcp',
    waits: ({ remote }) => remote.port === 0,
    state: ({ state }) => STATES[state] ?? '',
  },
  { option: 'udp', files: ['udp', 'udp6'], label: 'udp', protocol: 'udp', waits: ({ remote }) => remote.unspecified, state: datagramState },
  {
    option: 'udplite',
    files: ['udplite', 'udplite6'],
    label: 'udpl',
    protocol: 'udp',
    waits: ({ remote }) => remote.unspecified,
    state: datagramState,
  },
  {
    option: 'raw',
    files: ['raw', 'raw6'],
    label: 'raw',
    protocol: 'raw',
    waits: ({ remote }) => remote.unspecified,
    state: ({ state }) => String(state),
  },
];

/** The address and port, of which a long address is cut so that both fit. */
function place(context: NetstatContext, { address, port, mapped }: Endpoint, protocol: string): string {
  const name =
    protocol === 'raw'
      ? port === 0
        ? '*'
        : context.options.numericPorts
          ? String(port)
          : protocolName(port, false).replace(/^ipproto-/, '')
      : context.port(port, protocol);
  const host = mapped ? address : context.host(address);
  const { wide } = context.options;
  return `${wide ? host : host.slice(0, Math.max(0, ADDRESS_WIDTH - 1 - name.length))}:${name}`.padEnd(ADDRESS_WIDTH);
}

function line(context: NetstatContext, { label, protocol, state }: Kind, six: boolean, socket: Socket): string {
  const { extended, programs, timers } = context.options;
  let text =
    `${(six ? `${label}6` : label).padEnd(4)}  ${String(socket.receiveQueue).padStart(6)} ${String(socket.sendQueue).padStart(6)} ` +
    `${place(context, socket.local, protocol)} ${place(context, socket.remote, protocol)} ${state(socket).padEnd(11)}`;
  if (extended > 0) text += ` ${context.user(socket.uid).padEnd(10)} ${String(socket.inode).padEnd(10)}`;
  if (programs) text += ` ${context.program(socket.inode)}`;
  if (timers) {
    const name = TIMERS[socket.timer] ?? `unkn-${socket.timer}`;
    const seconds = socket.timer === 0 ? 0 : socket.expires / TICKS;
    text += ` ${name} (${seconds.toFixed(2)}/${socket.retransmits}/${socket.probes})`;
  }
  return `${text}\n`;
}

/** What the title says is shown. */
export const shownSockets = ({ options }: NetstatContext): string =>
  options.all ? '(servers and established)' : options.listening ? '(only servers)' : '(w/o servers)';

const title = (context: NetstatContext): string => {
  const { extended, programs, timers } = context.options;
  return (
    `Active Internet connections ${shownSockets(context)}\n` +
    'Proto Recv-Q Send-Q Local Address           Foreign Address         State      ' +
    `${extended > 0 ? ' User       Inode     ' : ''}${programs ? ' PID/Program name    ' : ''}${timers ? ' Timer' : ''}\n`
  );
};

/** Sockets over IP: `inet` and `inet6` say of which families. */
export async function showInternet(context: NetstatContext, inet: boolean, inet6: boolean): Promise<void> {
  const { io, options } = context;
  let text = title(context);
  for (const kind of kinds) {
    if (options.kinds.size > 0 && !options.kinds.has(kind.option)) continue;
    for (const [six, file] of kind.files.entries()) {
      if (!(six === 0 ? inet : inet6)) continue;
      for (const row of await context.lines(file)) {
        const socket = parseSocket(row);
        if (socket === null) continue;
        const waits = kind.waits(socket);
        if (options.all || (options.listening ? waits : !waits)) text += line(context, kind, six === 1, socket);
      }
    }
  }
  await io.stdout.write(text);
}
