import { ENOSYS } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { EPOLLERR, EPOLLHUP, EPOLLIN } from '../../host/epoll-descriptors.js';
import { type CapturedCall, seccompFilter } from '../../host/seccomp-filter.js';
import { type ListenerStructures, listenerStructures, SeccompListener } from '../../host/seccomp-listener.js';
import { systemCallNumber } from '../../host/system-calls.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { CallDescriptor } from './call-table.js';
import type { NamespaceFiles } from './namespace-files.js';
import { NamespaceHolders } from './namespace-holders.js';
import { PathViews } from './path-views.js';
import { ProgramCall } from './program-call.js';
import type { ProgramSocket } from './program-socket.js';
import { ProgramTags } from './program-tags.js';
import { ViewFiles } from './view-files.js';
import type { Workbench } from './workbench.js';

/** Objects of calls that are kept for the next. */
const MOST_SPARE = 64;
/** Distinct requests that were not supported, kept for `tapstack status --unsupported`. */
const MOST_NOTES = 1000;
const PAGE = 4096;
/** PATH_MAX */
const MOST_PATH = 4096;

interface Memo {
  readonly number: number;
  readonly args: Float64Array;
  readonly value: number;
  readonly errno: number;
}

/** One family of captured processes: those that a launcher's filter was handed down to. */
interface Family {
  readonly listener: SeccompListener;
  /** What its processes are in that carry no tag; held as long as one of them lives. */
  readonly home: Namespace;
  /** Its launcher's wall is still to be made. */
  walls: boolean;
}

/** Answers the system calls of captured programs from the stack. */
export class Supervisor {
  readonly bench: Workbench;
  readonly tags: ProgramTags;
  readonly #table: readonly CallDescriptor[];
  readonly #handlers: ((call: ProgramCall, supervisor: Supervisor) => void)[] = [];
  readonly #structures: ListenerStructures;
  readonly #families = new Map<number, Family>();
  readonly #held = new Map<number, ProgramCall>();
  readonly #memos = new Map<number, Memo>();
  /** What was asked for and is not there, and how often. */
  readonly unsupported = new Map<string, number>();
  #spare: ProgramCall[] = [];
  readonly #holders: NamespaceHolders;
  /** Where a thread was before it last went to another namespace. */
  readonly #origins = new Map<number, Namespace>();
  /** What programs see as /run/netns; null: they see none of ours. */
  readonly files: NamespaceFiles | null;

  /** What of /proc and /sys is the stack's, and the files of it that programs have open. */
  readonly views = new PathViews();
  readonly viewFiles: ViewFiles;

  constructor(bench: Workbench, table: readonly CallDescriptor[], files: NamespaceFiles | null) {
    this.files = files;
    this.viewFiles = new ViewFiles(this);
    this.bench = bench;
    this.#table = table;
    this.#structures = listenerStructures(bench.memory);
    this.tags = new ProgramTags(bench);
    this.#holders = new NamespaceHolders(bench, this.tags);
    for (const { name, handle } of table) {
      const number = systemCallNumber(name);
      if (number >= 0 && handle !== undefined) this.#handlers[number] = handle;
    }
    bench.names.namespaceOfProcess = (pid) => this.tags.namespaceOf(pid);
  }

  /** The filter that a launcher puts over itself. */
  filter(cookie: number): Uint8Array {
    return seccompFilter(this.#table as readonly CapturedCall[], cookie);
  }

  get families(): number {
    return this.#families.size;
  }

  /** Takes over the processes behind a listener, which begin in `home`. */
  adopt(fd: number, home: Namespace, walls: boolean): void {
    const family: Family = {
      listener: new SeccompListener(this.bench.libc, this.bench.memory, this.#structures, fd),
      home,
      walls,
    };
    this.bench.names.hold(home);
    this.#families.set(fd, family);
    this.bench.loop.watch(fd, EPOLLIN, { ready: (events) => this.#ready(family, events) });
  }

  /** Puts the caller's process into a namespace. */
  enter(call: ProgramCall, namespace: Namespace): void {
    if (this.#origins.size >= MOST_NOTES) this.#origins.clear();
    this.#origins.set(call.tid, this.namespaceOf(call));
    this.place(this.bench.access.groupOf(call.tid), namespace);
  }

  /** Puts a process into a namespace, which lives as long as a process is in it. */
  place(pid: number, namespace: Namespace): void {
    this.tags.put(pid, namespace);
    this.#holders.hold(namespace, pid);
  }

  /** One call at a time: what the program did before it without us, a close() perhaps, is looked at in between. */
  #ready(family: Family, events: number): void {
    if ((events & EPOLLIN) !== 0) {
      // A caller that was killed meanwhile leaves nothing to receive, which would be waited for.
      if (!family.listener.waiting()) return;
      this.bench.stack.refreshClock();
      const call = this.#spare.pop() ?? new ProgramCall(this);
      call.listener = family.listener;
      if (!family.listener.receive(call)) {
        this.#spare.push(call);
        return;
      }
      call.done = false;
      this.#handle(call);
      if (call.done && !call.held && this.#spare.length < MOST_SPARE) this.#spare.push(call);
    } else if ((events & (EPOLLHUP | EPOLLERR)) !== 0) this.#drop(family);
  }

  #handle(call: ProgramCall): void {
    const earlier = this.#held.get(call.tid);
    if (earlier !== undefined) {
      this.#held.delete(call.tid);
      if (!earlier.done) earlier.abandon();
    }
    const memo = this.#memos.size === 0 ? undefined : this.#memos.get(call.tid);
    if (memo !== undefined) {
      this.#memos.delete(call.tid);
      if (memo.number === call.number && memo.args.every((value, i) => value === call.args[i]))
        return memo.errno === 0 ? call.ok(memo.value) : call.fail(memo.errno);
    }
    const handle = this.#handlers[call.number];
    if (handle === undefined) return call.fail(ENOSYS);
    try {
      handle(call, this);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      call.fail(error.errno);
    }
  }

  #drop(family: Family): void {
    const { fd } = family.listener;
    this.bench.loop.unwatch(fd);
    this.#families.delete(fd);
    family.listener.close();
    this.bench.names.release(family.home);
    for (const [tid, call] of this.#held) {
      if (call.listener !== family.listener) continue;
      this.#held.delete(tid);
      if (!call.done) call.abandon();
    }
    if (this.#families.size === 0) this.#memos.clear();
  }

  // -- what calls ask for ------------------------------------------------------------------------------------------------------

  get access() {
    return this.bench.access;
  }

  hold(call: ProgramCall): void {
    this.#held.set(call.tid, call);
  }

  remember(call: ProgramCall, value: number, errno: number): void {
    this.#memos.set(call.tid, { number: call.number, args: call.args.slice(), value, errno });
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
    const { access } = this.bench;
    const named = this.namespaceOfFile(call.tid, fd);
    if (named !== undefined) return named;
    // Programs open /proc/self/ns/net to come back by it.
    return access.linkOf(`/proc/${call.tid}/fd/${fd}`).startsWith('net:')
      ? (this.#origins.get(call.tid) ?? this.namespaceOf(call))
      : undefined;
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

  /** The wall of a launcher makes one network namespace of the host; the first unshare() of its family is it. */
  takeWall(call: ProgramCall): boolean {
    const family = this.#families.get(call.listener.fd);
    if (family === undefined || !family.walls) return false;
    family.walls = false;
    return true;
  }

  /** The namespace that a thread is in: its tag's, else that of its launcher. */
  namespaceOf(call: ProgramCall): Namespace {
    return this.tags.namespaceOf(call.tid) ?? this.#families.get(call.listener.fd)?.home ?? this.bench.stack.initial;
  }

  /** Counts a request that nobody answers. */
  note(what: string): void {
    const count = this.unsupported.get(what);
    if (count !== undefined || this.unsupported.size < MOST_NOTES) this.unsupported.set(what, (count ?? 0) + 1);
  }

  close(): void {
    for (const family of [...this.#families.values()]) this.#drop(family);
    this.#holders.close();
    this.viewFiles.close();
    this.views.close();
    this.bench.close();
  }
}
