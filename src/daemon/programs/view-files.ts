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
const bytesOf = (content: string | Uint8Array) => (typeof content === 'string' ? new TextEncoder().encode(content) : content);

/** What one write of a program to a setting may have. */
export const MOST_WRITTEN = 65_536;
/**
 * Numbers for descriptors of settings: the last that programs may have where they did not raise their limit (1,024), so that what a
 * program with a thousand files does with them is the only thing that is asked about for nothing.
 */
export const FIRST_JUDGED = 1008;
export const LAST_JUDGED = 1023;

/** A file of settings that a program has open for writing. */
export interface SettingWriter {
  readonly node: ViewNode;
  /** Of the program's end. */
  readonly inode: number;
  /** Bytes written so far. */
  position: number;
}

/** Descriptors for programs that open files of the stack: a text as it is now, or an end whose writes set something. */
export class ViewFiles {
  readonly #supervisor: Supervisor;
  /** Ends of files that are open for writing. */
  readonly #writers = new Map<number, SettingWriter>();

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  /** Throws NetError. */
  openText({ root, namespace, path }: ViewNode): number {
    const { libc, memory, scratch } = this.#supervisor.bench;
    const text = bytesOf(root.tree.read(namespace, path));
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
      const text = bytesOf(node.root.tree.read(node.namespace, node.path));
      libc.sendto(ours, text, text.length, MSG_DONTWAIT | MSG_NOSIGNAL, null, 0);
    }
    libc.systemCall(systemCallNumber('shutdown'), ours, SHUT_WR, 0, 0, 0, 0);
    this.#writers.set(ours, { node, inode: this.#supervisor.bench.access.ownInode(program), position: 0 });
    loop.watch(ours, READABLE, { ready: () => this.#take(ours) });
    return program;
  }

  get open(): boolean {
    return this.#writers.size > 0;
  }

  /** A number for a descriptor of the program whose writes are to be judged; -1: all are taken. */
  judgedNumber(tid: number): number {
    const { access } = this.#supervisor.bench;
    for (let fd = LAST_JUDGED; fd >= FIRST_JUDGED; fd--) if (access.inodeOf(tid, fd) < 0) return fd;
    return -1;
  }

  /** What a program writes to by a descriptor, where that is one of ours; undefined: it is none. */
  writerBehind(tid: number, fd: number): SettingWriter | undefined {
    const inode = this.#supervisor.bench.access.inodeOf(tid, fd);
    for (const writer of this.#writers.values()) if (writer.inode === inode) return writer;
    return undefined;
  }

  /** Sets what lies in the transfer buffer, written at a position (-1: behind what was written before). Throws NetError. */
  write(writer: SettingWriter, length: number, position: number): void {
    const { bytes } = this.#supervisor.bench.io;
    if (length === 0) return;
    this.#set(writer.node, position < 0 ? writer.position : position, new TextDecoder('latin1').decode(bytes.subarray(0, length)));
    if (position < 0) writer.position += length;
  }

  /** Sets what programs have written meanwhile: it holds before anything else is answered. */
  settle(): void {
    for (const fd of this.#writers.keys()) this.#take(fd);
  }

  #take(fd: number): void {
    const { libc, loop } = this.#supervisor.bench;
    const writer = this.#writers.get(fd);
    if (writer === undefined) return;
    const buffer = new Uint8Array(MOST_WRITTEN);
    for (;;) {
      const count = libc.recvfrom(fd, buffer, buffer.length, MSG_DONTWAIT, null, null);
      if (count < 0) return;
      if (count === 0) break;
      this.#written(writer, new TextDecoder('latin1').decode(buffer.subarray(0, count)));
    }
    this.#writers.delete(fd);
    loop.unwatch(fd);
    libc.close(fd);
  }

  /** Linux, proc_first_pos_non_zero_ignore(): of a file of /proc/sys what is written at its beginning counts. Throws NetError. */
  #set({ root, namespace, path }: ViewNode, position: number, text: string): void {
    if (position === 0 || !root.fromItsBeginning) root.tree.write?.(namespace, path, text);
  }

  /** What the program wrote by a descriptor of another number: its write() has long returned. */
  #written(writer: SettingWriter, text: string): void {
    const { node } = writer;
    try {
      this.#set(node, writer.position, text);
      writer.position += text.length;
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.#supervisor.note(`write of "${text.trim().slice(0, 40)}" to ${node.root.name}/${node.path}: ${error.code}`);
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
