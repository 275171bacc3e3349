import { ENOSYS } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { EPOLLERR, EPOLLHUP, EPOLLIN } from '../../host/epoll-descriptors.js';
import { type CapturedCall, seccompFilter } from '../../host/seccomp-filter.js';
import { type ListenerStructures, listenerStructures, SeccompListener } from '../../host/seccomp-listener.js';
import { systemCallNumber } from '../../host/system-calls.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { CallDescriptor } from './call-table.js';
import { ProgramCall } from './program-call.js';
import type { ProgramSocket } from './program-socket.js';
import { ProgramTags } from './program-tags.js';
import type { Workbench } from './workbench.js';

/** Calls of one listener that are handled before the others and the frames have their turn. */
const TURN = 64;
/** Distinct requests that were not supported, kept for `tapstack status --unsupported`. */
const MOST_NOTES = 1000;

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
  readonly held: Set<Namespace>;
  readonly home: Namespace;
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

  constructor(bench: Workbench, table: readonly CallDescriptor[]) {
    this.bench = bench;
    this.#table = table;
    this.#structures = listenerStructures(bench.memory);
    this.tags = new ProgramTags(bench);
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
  adopt(fd: number, home: Namespace): void {
    const family: Family = {
      listener: new SeccompListener(this.bench.libc, this.bench.memory, this.#structures, fd),
      held: new Set([home]),
      home,
    };
    this.bench.names.hold(home);
    this.#families.set(fd, family);
    this.bench.loop.watch(fd, EPOLLIN, { ready: (events) => this.#ready(family, events) });
  }

  /** Keeps a namespace as long as the family of a call lives: one of its processes is in it now. */
  enter(call: ProgramCall, namespace: Namespace): void {
    const family = this.#families.get(call.listener.fd);
    if (family === undefined || family.held.has(namespace)) return;
    family.held.add(namespace);
    this.bench.names.hold(namespace);
  }

  #ready(family: Family, events: number): void {
    if ((events & EPOLLIN) !== 0) {
      this.bench.stack.refreshClock();
      for (let i = 0; i < TURN; i++) {
        const call = this.#spare.pop() ?? new ProgramCall(this);
        call.listener = family.listener;
        if (!family.listener.receive(call)) {
          this.#spare.push(call);
          return;
        }
        call.done = false;
        this.#handle(call);
        if (call.done && !call.held && this.#spare.length < TURN) this.#spare.push(call);
        if (!family.listener.waiting()) return;
      }
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
    for (const namespace of family.held) this.bench.names.release(namespace);
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
  socketOf(call: ProgramCall, fd: number): ProgramSocket | undefined {
    return fd < 0 ? undefined : this.bench.sockets.get(this.bench.access.inodeOf(call.tid, fd));
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
    this.bench.close();
  }
}
