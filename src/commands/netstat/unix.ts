import type { NetstatContext } from './context.js';
import { shownSockets } from './sockets.js';

const TYPES = ['', 'STREAM', 'DGRAM', 'RAW', 'RDM', 'SEQPACKET'];
const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x10000, 'ACC '],
  [0x20000, 'W '],
  [0x40000, 'N '],
];
const ACCEPTS = 0x10000;
// enum socket_state, linux/net.h
const STATES = ['FREE', '', 'CONNECTING', 'CONNECTED', 'DISCONNECTING'];
const UNCONNECTED = 1;

/** Unix sockets, out of /proc/net/unix. */
export async function showUnixSockets(context: NetstatContext): Promise<void> {
  const { io, options } = context;
  let text =
    `Active UNIX domain sockets ${shownSockets(context)}\n` +
    `Proto RefCnt Flags       Type       State         I-Node   ${options.programs ? 'PID/Program name     ' : ''}Path\n`;
  for (const row of await context.lines('unix')) {
    const [, references = '0', , flagWord = '0', type = '0', stateWord = '0', inode = '0', path = ''] = row.trim().split(/\s+/);
    const flags = parseInt(flagWord, 16);
    const state = parseInt(stateWord, 16);
    const listens = state === UNCONNECTED && (flags & ACCEPTS) !== 0;
    if (!options.all && (options.listening ? !listens : state === UNCONNECTED && (flags & ACCEPTS) !== 0)) continue;
    const flagNames = FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
    text +=
      `unix  ${String(parseInt(references, 16)).padEnd(6)} ${`[ ${flagNames.join('')}]`.padEnd(11)} ` +
      `${(TYPES[parseInt(type, 16)] ?? 'UNKNOWN').padEnd(10)} ${(listens ? 'LISTENING' : (STATES[state] ?? 'UNKNOWN')).padEnd(13)} ${inode.padEnd(8)} ` +
      `${options.programs ? `${context.program(Number(inode))} ` : ''}${path}\n`;
  }
  await io.stdout.write(text);
}
