import type { Namespace } from '../../net/core/namespace.js';
import type { Families } from './families.js';
import type { NamespaceFiles } from './namespace-files.js';
import { NamespaceHolders } from './namespace-holders.js';
import { PathViews } from './path-views.js';
import type { ProgramCall } from './program-call.js';
import type { ProgramSocket } from './program-socket.js';
import { ProgramTags } from './program-tags.js';
import { unixSocketsOf } from './unix-sockets.js';
import { ViewFiles } from './view-files.js';
import type { Workbench } from './workbench.js';

/** Distinct requests that were not supported, kept for `tapstack status --unsupported`. */
const MOST_NOTES = 1000;
/** clone() calls whose callers have not been heard of since. */
const MOST_BIRTHS = 64;
const PAGE = 4096;
/** PATH_MAX */
const MOST_PATH = 4096;

/** What captured programs of one instance see: where they are, and which of their descriptors and paths are the stack's. */
export class Supervisor {
  readonly families: Families;
  readonly bench: Workbench;
  readonly tags: ProgramTags;
  /** What was asked for and is not there, and how often. */
  readonly unsupported = new Map<string, number>();
  readonly #holders: NamespaceHolders;
  /** Where a thread was before it last went to another namespace. */
  readonly #origins = new Map<number, Namespace>();
  /** What programs see as /run/netns; null: they see none of ours. */
  readonly files: NamespaceFiles | null;
  /** A launcher that is captured already comes with a wall of its own to make. */
  walls = false;

  /** What of /proc and /sys is the stack's, and the files of it that programs have open. */
  readonly views = new PathViews();
  readonly viewFiles: ViewFiles;

  constructor(families: Families, bench: Workbench, files: NamespaceFiles | null) {
    this.families = families;
    this.files = files;
    this.viewFiles = new ViewFiles(this);
    this.bench = bench;
    this.tags = new ProgramTags(bench);
    this.#holders = new NamespaceHolders(bench, this.tags);
    bench.names.namespaceOfProcess = (pid) => this.tags.namespaceOf(pid);
    bench.stack.unixSocketsOfPrograms = (namespace) =>
      unixSocketsOf(
        namespace,
        (pid) => this.tags.namespaceOf(pid),
        (inode) => bench.sockets.has(inode),
      );
    families.enroll(this);
  }

  /** Puts the caller's process into a namespace. */
  enter(call: ProgramCall, namespace: Namespace): void {
    if (this.#origins.size >= MOST_NOTES) this.#origins.clear();
    this.#origins.set(call.tid, this.namespaceOf(call));
    this.place(this.bench.access.groupOf(call.tid), namespace);
  }

  /** The caller's child is to be born into a namespace of its own, which the kernel is about to make one for, too. */
  bear(call: ProgramCall, namespace: Namespace): void {
    this.bench.names.hold(namespace);
    this.tags.begin(call.tid, this.namespaceOf(call), namespace);
  }

  /** A thread that had a child born into a namespace is heard of again: the child is there, or was never made. */
  settleBirths(call: ProgramCall): void {
    for (let birth = this.tags.birthBy(call.tid, MOST_BIRTHS); birth !== undefined; birth = this.tags.birthBy(call.tid, MOST_BIRTHS)) {
      for (const pid of this.tags.end(birth)) this.place(pid, birth.after);
      this.bench.names.release(birth.after);
    }
  }

  /** Puts a process into a namespace, which lives as long as a process is in it. */
  place(pid: number, namespace: Namespace): void {
    this.tags.put(pid, namespace);
    this.#holders.hold(namespace, pid);
  }

  get access() {
    return this.bench.access;
  }

  /** The socket behind a descriptor of the caller; undefined: it is none of ours. */
  socketOf(call: ProgramCall, fd: number, settle = true): ProgramSocket | undefined {
    if (fd < 0) return undefined;
    const socket = this.bench.sockets.get(this.bench.access.inodeOf(call.tid, fd));
    if (settle) socket?.settle(call, fd);
    return socket;
  }

  /** The namespace that a descriptor stands for; undefined: it is of no network namespace that the stack knows. */
  namespaceBehind(call: ProgramCall, fd: number): Namespace | undefined {
    const { access, names } = this.bench;
    const named = this.namespaceOfFile(call.tid, fd);
    if (named !== undefined) return named;
    // Of a process, setns() takes what it is in.
    if (this.isPidfd(call, fd)) return names.ofProcess(access.processBehind(call.tid, fd));
    // What was opened past us: programs come back by it.
    return access.linkOf(`/proc/${call.tid}/fd/${fd}`).startsWith('net:')
      ? (this.#origins.get(call.tid) ?? this.namespaceOf(call))
      : undefined;
  }

  isPidfd(call: ProgramCall, fd: number): boolean {
    return this.bench.access.linkOf(`/proc/${call.tid}/fd/${fd}`) === 'anon_inode:[pidfd]';
  }

  /** The same of a file of /run/netns alone. */
  namespaceOfFile(tid: number, fd: number): Namespace | undefined {
    const { access } = this.bench;
    const inode = access.inodeOf(tid, fd);
    return inode < 0 ? undefined : this.files?.find(access.device, inode);
  }

  /** A path of the caller's memory; null: it cannot be read. */
  pathAt(call: ProgramCall, pointer: number): string | null {
    const { io } = this.bench;
    let text = '';
    for (let at = pointer; text.length < MOST_PATH; ) {
      const size = PAGE - (at % PAGE);
      if (!call.read(at, size, io.address)) return null;
      const end = io.bytes.subarray(0, size).indexOf(0);
      text += new TextDecoder().decode(io.bytes.subarray(0, end < 0 ? size : end));
      if (end >= 0) return text;
      at += size;
    }
    return null;
  }

  /** Whether an unshare() is that of a launcher's wall, whose network namespace is the host's. */
  takeWall(call: ProgramCall): boolean {
    if (!this.walls) return this.families.takeWall(call);
    this.walls = false;
    return true;
  }

  /** The namespace that a thread is in: its tag's, else that of its launcher. */
  namespaceOf(call: ProgramCall): Namespace {
    return this.tags.namespaceOf(call.tid) ?? this.families.homeOf(call, this) ?? this.bench.stack.initial;
  }

  /** Counts a request that nobody answers. */
  note(what: string): void {
    const count = this.unsupported.get(what);
    if (count !== undefined || this.unsupported.size < MOST_NOTES) this.unsupported.set(what, (count ?? 0) + 1);
  }

  close(): void {
    this.families.dismiss(this);
    this.#holders.close();
    this.viewFiles.close();
    this.views.close();
    this.bench.close();
  }
}
