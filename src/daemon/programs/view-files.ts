import { EACCES } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { READABLE } from '../../host/epoll-descriptors.js';
import { check, MSG_DONTWAIT, MSG_NOSIGNAL, O_CLOEXEC, O_RDONLY, SOCK_CLOEXEC } from '../../host/libc.js';
import { systemCallNumber } from '../../host/system-calls.js';
import type { Supervisor } from './supervisor.js';
import type { ViewNode } from './path-views.js';

const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const MFD_CLOEXEC = 1;
const SHUT_WR = 1;
/** What one write of a program to a setting may have. */
const MOST_WRITTEN = 65_536;

interface Writer {
  readonly node: ViewNode;
  /** Of the program's end. */
  readonly inode: number;
}

/** Descriptors for programs that open files of the stack: a text as it is now, or an end whose writes set something. */
export class ViewFiles {
  readonly #supervisor: Supervisor;
  /** Ends of files that are open for writing. */
  readonly #writers = new Map<number, Writer>();

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  /** Throws NetError. */
  openText({ root, namespace, path }: ViewNode): number {
    const { libc, memory, scratch } = this.#supervisor.bench;
    const text = new TextEncoder().encode(root.tree.read(namespace, path));
    memory.setText(scratch, 'view');
    const made = check(libc, libc.systemCall(systemCallNumber('memfd_create'), memory.address + scratch, MFD_CLOEXEC, 0, 0, 0, 0));
    try {
      for (let at = 0; at < text.length; ) at += check(libc, libc.write(made, text.subarray(at), text.length - at));
      // Another opening of it: for reading alone, at its beginning.
      return check(libc, libc.open(`/proc/self/fd/${made}`, O_RDONLY | O_CLOEXEC, 0));
    } finally {
      libc.close(made);
    }
  }

  /** For writing; `reads`: it can be read, too. A packet a write. Throws NetError. */
  openWriter(node: ViewNode, reads: boolean): number {
    const { libc, loop } = this.#supervisor.bench;
    if (node.root.tree.write === undefined) throw new NetError(EACCES);
    const pair = new Int32Array(2);
    check(libc, libc.socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, new Uint8Array(pair.buffer)));
    const [program = -1, ours = -1] = pair;
    if (reads) {
      const text = new TextEncoder().encode(node.root.tree.read(node.namespace, node.path));
      libc.sendto(ours, text, text.length, MSG_DONTWAIT | MSG_NOSIGNAL, null, 0);
    }
    libc.systemCall(systemCallNumber('shutdown'), ours, SHUT_WR, 0, 0, 0, 0);
    this.#writers.set(ours, { node, inode: this.#supervisor.bench.access.ownInode(program) });
    loop.watch(ours, READABLE, { ready: () => this.#take(ours) });
    return program;
  }

  get open(): boolean {
    return this.#writers.size > 0;
  }

  /** What a program writes to a descriptor, where that is one of ours; undefined: it is none. */
  nodeBehind(tid: number, fd: number): ViewNode | undefined {
    const inode = this.#supervisor.bench.access.inodeOf(tid, fd);
    for (const writer of this.#writers.values()) if (writer.inode === inode) return writer.node;
    return undefined;
  }

  /** Sets what programs have written meanwhile: it holds before anything else is answered. */
  settle(): void {
    for (const fd of this.#writers.keys()) this.#take(fd);
  }

  #take(fd: number): void {
    const { libc, loop } = this.#supervisor.bench;
    const node = this.#writers.get(fd)?.node;
    if (node === undefined) return;
    const buffer = new Uint8Array(MOST_WRITTEN);
    for (;;) {
      const count = libc.recvfrom(fd, buffer, buffer.length, MSG_DONTWAIT, null, null);
      if (count < 0) return;
      if (count === 0) break;
      this.#write(node, new TextDecoder('latin1').decode(buffer.subarray(0, count)));
    }
    this.#writers.delete(fd);
    loop.unwatch(fd);
    libc.close(fd);
  }

  #write({ root, namespace, path }: ViewNode, text: string): void {
    try {
      root.tree.write?.(namespace, path, text);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      // The program's write() has long returned.
      this.#supervisor.note(`write of "${text.trim().slice(0, 40)}" to ${root.name}/${path}: ${error.code}`);
    }
  }

  close(): void {
    const { libc, loop } = this.#supervisor.bench;
    for (const fd of this.#writers.keys()) {
      loop.unwatch(fd);
      libc.close(fd);
    }
    this.#writers.clear();
  }
}
