import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { packageRoot } from '../../client/start-daemon.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { ProgramUnixSocket } from '../../net/core/program-unix-socket.js';
import { UNIX_CLOSE, UNIX_ESTABLISHED, UNIX_LISTEN } from '../../net/unix/unix-socket.js';

/** __SO_ACCEPTCON, linux/net.h */
const SO_ACCEPTCON = 1 << 16;
const SS_CONNECTED = 3;
const SLASH = 0x2f;

/** Num: RefCount Protocol Flags Type St Inode Path */
const LINE = /^[0-9a-f]+: [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{8}) ([0-9A-F]{4}) ([0-9A-F]{2}) +(\d+)(?: (.*))?$/;

/** One line of the host's /proc/net/unix; null: it is none of a socket. */
export function parseUnixLine(line: string): ProgramUnixSocket | null {
  const [, flags, type, state, inode, path] = LINE.exec(line) ?? [];
  if (inode === undefined) return null;
  const listens = (Number.parseInt(flags!, 16) & SO_ACCEPTCON) !== 0;
  return {
    inode: Number(inode),
    type: Number.parseInt(type!, 16),
    state: listens ? UNIX_LISTEN : Number.parseInt(state!, 16) === SS_CONNECTED ? UNIX_ESTABLISHED : UNIX_CLOSE,
    name: path === undefined ? null : nameOf(path),
    line,
  };
}

/** The zero byte of an abstract name is written as "@", as one that belongs to a name is. */
function nameOf(path: string): Uint8Array {
  const name = Uint8Array.from(Buffer.from(path, 'latin1'));
  if (name[0] !== SLASH && path.startsWith('@')) name[0] = 0;
  return name;
}

/**
 * The Unix sockets that programs in `namespace` have open: the kernel lists those of the network namespace of the host that they are in, which
 * of them is whose their descriptors tell. `namespaceOf`: where a process is; `isOurs`: whether an inode is one of a program's end
 * of something of the stack.
 */
export function unixSocketsOf(
  namespace: Namespace,
  namespaceOf: (pid: number) => Namespace | undefined,
  isOurs: (inode: number) => boolean,
): readonly ProgramUnixSocket[] {
  const found = new Map<number, ProgramUnixSocket>();
  /** By "net:[...]" of the host. */
  const tables = new Map<string, Map<number, ProgramUnixSocket>>();
  for (const pid of names('/proc')) {
    if (!/^\d+$/.test(pid) || namespaceOf(Number(pid)) !== namespace || isCommandOfOurs(pid)) continue;
    const table = tableOf(pid, tables);
    for (const fd of names(`/proc/${pid}/fd`)) {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(look(() => readlinkSync(`/proc/${pid}/fd/${fd}`))) ?? [];
      const socket = inode === undefined ? undefined : table.get(Number(inode));
      if (socket !== undefined && !isOurs(socket.inode)) found.set(socket.inode, socket);
    }
  }
  return [...found.values()].sort((a, b) => a.inode - b.inode);
}

/** One of our commands, whose connection to the daemon is nobody's business: the native client, or Node with a file of ours. */
function isCommandOfOurs(pid: string): boolean {
  const root = packageRoot();
  const program = look(() => readlinkSync(`/proc/${pid}/exe`));
  if (program.startsWith(`${root}/`)) return true;
  if (program !== process.execPath && !program.endsWith('/node')) return false;
  const words = look(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1')).split('\0');
  const script = words.find((word, i) => i > 0 && !word.startsWith('-')) ?? '';
  const file = look(() => realpathSync(resolve(readlinkSync(`/proc/${pid}/cwd`), script)));
  return file.startsWith(`${root}/dist/`) || file.startsWith(`${root}/bin/`);
}

function tableOf(pid: string, tables: Map<string, Map<number, ProgramUnixSocket>>): Map<number, ProgramUnixSocket> {
  const host = look(() => readlinkSync(`/proc/${pid}/ns/net`));
  let table = tables.get(host);
  if (table === undefined) {
    table = new Map();
    for (const line of look(() => readFileSync(`/proc/${pid}/net/unix`, 'latin1')).split('\n')) {
      const socket = parseUnixLine(line);
      if (socket !== null) table.set(socket.inode, socket);
    }
    tables.set(host, table);
  }
  return table;
}

const names = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    // It has ended meanwhile, or is not this user's to look at.
    return [];
  }
};

/** What a process shows; nothing of one that has ended meanwhile or belongs to somebody else. */
function look(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
