import { NetError } from '../../../base/net-error.js';
import { AF_INET, AF_INET6 } from '../../../netlink/constants.js';
import { LOCAL, LOCAL_PORT, NETID, newRow, PEER, PEER_PORT, PROCESS, RECVQ, SENDQ, STATE } from '../columns.js';
import type { SsContext } from '../context.js';
import type { SocketSeen } from '../filter/expression.js';
import { matches } from '../filter/match.js';
import { stateName } from '../states.js';

/** sl, local, remote, state, tx:rx, timer, retransmits, uid, timeout, inode */
const LINE =
  /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]{2}) ([0-9A-F]+):([0-9A-F]+) \S+ \S+ +(\d+) +\d+ +(\d+)/;

/** Addresses are words of the machine's order: little-endian. */
function addressOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[(i & ~3) + 3 - (i & 3)] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
  return bytes;
}

/** Datagram and raw sockets by their files below /proc/net, for kernels that cannot be asked about them. */
export async function showDatagramFiles(context: SsContext, files: readonly string[], ports: string): Promise<void> {
  const { selection } = context.options;
  for (const file of files) {
    if (!selection.families.has(file.endsWith('6') ? AF_INET6 : AF_INET)) continue;
    let text: string;
    try {
      text = await context.proc(`net/${file}`);
    } catch (error) {
      if (error instanceof NetError) continue;
      throw error;
    }
    for (const line of text.split('\n').slice(1)) await showLine(context, line, ports);
  }
}

async function showLine(context: SsContext, line: string, ports: string): Promise<void> {
  const match = LINE.exec(line);
  if (match === null) return;
  const [, local = '', localPort = '', peer = '', peerPort = '', state = '', tx = '', rx = '', uid = '', inode = ''] = match;
  const number = Number.parseInt(state, 16);
  if ((context.options.selection.states & (1 << number)) === 0) return;
  const family = local.length === 8 ? AF_INET : AF_INET6;
  const socket: SocketSeen = {
    family,
    local: addressOf(local),
    peer: addressOf(peer),
    localPort: Number.parseInt(localPort, 16),
    peerPort: Number.parseInt(peerPort, 16),
    ifindex: 0,
    mark: 0,
    cgroupId: 0,
    ephemeral: context.names.isEphemeral(Number.parseInt(localPort, 16)),
  };
  if (context.filter !== null && !matches(context.filter, socket)) return;
  const { names } = context;
  const row = newRow();
  row[NETID] = ports;
  row[STATE] = stateName(number);
  row[RECVQ] = String(Number.parseInt(rx, 16));
  row[SENDQ] = String(Number.parseInt(tx, 16));
  row[LOCAL] = `${names.address(family, socket.local, false)}:`;
  row[LOCAL_PORT] = names.port(socket.localPort, ports);
  row[PEER] = `${names.address(family, socket.peer, false)}:`;
  row[PEER_PORT] = names.port(socket.peerPort, ports);
  const holders = context.holders?.describe(Number(inode)) ?? '';
  row[PROCESS] = holders === '' || uid === '' ? '' : ` ${holders}`;
  await context.columns.add(row);
}
