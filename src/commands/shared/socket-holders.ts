import { NetError } from '../../base/net-error.js';
import type { FilePort } from '../../client/command.js';
import type { TapstackAttributes } from '../../netlink/genl/tapstack.js';

/** A process (or thread) that holds a socket by a file descriptor. */
interface Holder {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly fd: number;
}

/** Who holds which socket, by its inode number. */
export class Holders {
  readonly #byInode = new Map<number, Holder[]>();
  readonly #threads: boolean;

  constructor(threads: boolean) {
    this.#threads = threads;
  }

  add(inode: number, holder: Holder): void {
    const known = this.#byInode.get(inode);
    if (known === undefined) this.#byInode.set(inode, [holder]);
    else known.unshift(holder);
  }

  /** Who was found first. */
  first(inode: number): Holder | undefined {
    return inode === 0 ? undefined : this.#byInode.get(inode)?.at(-1);
  }

  /** `users:(("nc",pid=7,fd=3))`; empty where nobody is known. */
  describe(inode: number): string {
    const holders = inode === 0 ? undefined : this.#byInode.get(inode);
    if (holders === undefined) return '';
    const each = holders.map(({ name, pid, tid, fd }) => `("${name}",pid=${pid},${this.#threads ? `tid=${tid},` : ''}fd=${fd})`);
    return `users:(${each.join(',')})`;
  }
}

const decoder = new TextDecoder();

/** What may not be read, or has gone meanwhile, holds nothing that we can tell of. */
async function ifThere<T>(value: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await value;
  } catch (error) {
    if (error instanceof NetError) return otherwise;
    throw error;
  }
}

const inOrder = (names: readonly string[]) => names.filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(a) - Number(b));

/** The name of a process: comm in /proc/PID/stat. */
export async function processName(files: FilePort, pid: number): Promise<string | null> {
  const stat = decoder.decode(await ifThere(files.read(`/proc/${pid}/stat`), new Uint8Array(0)));
  const open = stat.indexOf('(');
  return open < 0 ? null : stat.slice(open + 1, stat.lastIndexOf(')'));
}

/** The host's processes by /proc. */
export async function readHolders(files: FilePort, threads: boolean): Promise<Holders> {
  const holders = new Holders(threads);
  const { readLink } = files;
  if (readLink === undefined) return holders;
  for (const pid of inOrder(await ifThere(files.list('/proc'), []))) {
    const tasks = threads ? inOrder(await ifThere(files.list(`/proc/${pid}/task`), [])) : [pid];
    for (const tid of tasks) {
      const folder = threads ? `/proc/${pid}/task/${tid}` : `/proc/${pid}`;
      let name: string | null = null;
      for (const fd of inOrder(await ifThere(files.list(`${folder}/fd`), []))) {
        const match = /^socket:\[(\d+)\]$/.exec(await ifThere(readLink.call(files, `${folder}/fd/${fd}`), ''));
        if (match === null) continue;
        name ??= (await processName(files, Number(tid))) ?? '';
        holders.add(Number(match[1]), { name, pid: Number(pid), tid: Number(tid), fd: Number(fd) });
      }
    }
  }
  return holders;
}

/**
 * Who holds the stack's sockets: as the stack tells of its clients; captured programs hold them by descriptors of their own, whose
 * inodes are the sockets'.
 */
export async function holdersOf(files: FilePort, listed: AsyncIterable<TapstackAttributes>, threads: boolean): Promise<Holders> {
  const holders = await readHolders(files, threads);
  const names = new Map<number, string>();
  for await (const { inode = 0, pid = 0, socket: fd = 0 } of listed) {
    let name = names.get(pid);
    if (name === undefined) {
      name = (await processName(files, pid)) ?? 'tapstack';
      names.set(pid, name);
    }
    holders.add(inode, { name, pid, tid: pid, fd });
  }
  return holders;
}
