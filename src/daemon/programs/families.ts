import { ENOSYS } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { EPOLLERR, EPOLLHUP, EPOLLIN } from '../../host/epoll-descriptors.js';
import { type CapturedCall, seccompFilter } from '../../host/seccomp-filter.js';
import { type ListenerStructures, listenerStructures, SeccompListener } from '../../host/seccomp-listener.js';
import { systemCallNumber } from '../../host/system-calls.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { CallDescriptor } from './call-table.js';
import { type CallOwner, ProgramCall } from './program-call.js';
import type { Supervisor } from './supervisor.js';
import type { Workbench } from './workbench.js';

/** Objects of calls that are kept for the next. */
const MOST_SPARE = 64;

interface Memo {
  readonly number: number;
  readonly args: Float64Array;
  readonly value: number;
  readonly errno: number;
}

/** One family of captured processes: those that a launcher's filter was handed down to. */
interface Family {
  readonly listener: SeccompListener;
  /** The instance, and where in it those of its processes are that carry no tag; held as long as one of them lives. */
  readonly supervisor: Supervisor;
  readonly home: Namespace;
  /** Its launcher's wall is still to be made. */
  walls: boolean;
}

/**
 * Takes the system calls of captured programs from the kernel and hands each to the supervisor of the instance that its program is in:
 * a filter cannot be put over a process twice, so that the instances of a `run` inside a `run` share the outer one's.
 */
export class Families implements CallOwner {
  readonly #bench: Workbench;
  readonly #table: readonly CallDescriptor[];
  readonly #handlers: ((call: ProgramCall, supervisor: Supervisor) => void)[] = [];
  readonly #structures: ListenerStructures;
  readonly #families = new Map<number, Family>();
  readonly #held = new Map<number, ProgramCall>();
  readonly #memos = new Map<number, Memo>();
  #spare: ProgramCall[] = [];
  /** By the number that tags of their processes have in common. */
  readonly #supervisors = new Map<number, Supervisor>();
  /** Of instances that have ended: what is left of their programs is about to be, too. */
  readonly #ended = new Set<number>();

  constructor(bench: Workbench, table: readonly CallDescriptor[]) {
    this.#bench = bench;
    this.#table = table;
    this.#structures = listenerStructures(bench.memory);
    for (const { name, handle } of table) {
      const number = systemCallNumber(name);
      if (number >= 0 && handle !== undefined) this.#handlers[number] = handle;
    }
  }

  get access() {
    return this.#bench.access;
  }

  /** The filter that a launcher puts over itself. */
  filter(cookie: number): Uint8Array {
    return seccompFilter(this.#table as readonly CapturedCall[], cookie);
  }

  /** Families that began in an instance. */
  countOf(supervisor: Supervisor): number {
    let count = 0;
    for (const family of this.#families.values()) if (family.supervisor === supervisor) count++;
    return count;
  }

  enroll(supervisor: Supervisor): void {
    this.#supervisors.set(supervisor.tags.mark, supervisor);
  }

  /** An instance ends: nobody answers its programs any more. */
  dismiss(supervisor: Supervisor): void {
    for (const family of [...this.#families.values()]) if (family.supervisor === supervisor) this.#drop(family);
    this.#supervisors.delete(supervisor.tags.mark);
    this.#ended.add(supervisor.tags.mark);
    for (const [tid, call] of this.#held) if (supervisor.tags.isOf(tid)) this.#letGo(tid, call);
  }

  /** Takes over the processes behind a listener, which begin in `home`. */
  adopt(fd: number, supervisor: Supervisor, home: Namespace, walls: boolean): void {
    const { libc, memory, loop } = this.#bench;
    const family: Family = { listener: new SeccompListener(libc, memory, this.#structures, fd), supervisor, home, walls };
    supervisor.bench.names.hold(home);
    this.#families.set(fd, family);
    loop.watch(fd, EPOLLIN, { ready: (events) => this.#ready(family, events) });
  }

  /** Where those of a caller's family are that carry no tag; undefined: in another instance. */
  homeOf(call: ProgramCall, supervisor: Supervisor): Namespace | undefined {
    const family = this.#families.get(call.listener.fd);
    return family?.supervisor === supervisor ? family.home : undefined;
  }

  /** The wall of a launcher makes one network namespace of the host; the first unshare() of its family is it. */
  takeWall(call: ProgramCall): boolean {
    const family = this.#families.get(call.listener.fd);
    if (family === undefined || !family.walls) return false;
    family.walls = false;
    return true;
  }

  /** One call at a time: what the program did before it without us, a close() perhaps, is looked at in between. */
  #ready(family: Family, events: number): void {
    if ((events & EPOLLIN) !== 0) {
      // A caller that was killed meanwhile leaves nothing to receive, which would be waited for.
      if (!family.listener.waiting()) return;
      const call = this.#spare.pop() ?? new ProgramCall(this);
      call.listener = family.listener;
      if (!family.listener.receive(call)) {
        this.#spare.push(call);
        return;
      }
      call.done = false;
      this.#handle(call, family);
      if (call.done && !call.held && this.#spare.length < MOST_SPARE) this.#spare.push(call);
    } else if ((events & (EPOLLHUP | EPOLLERR)) !== 0) this.#drop(family);
  }

  #handle(call: ProgramCall, family: Family): void {
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
    const supervisor = this.#supervisorOf(call, family);
    if (handle === undefined || supervisor === null) return call.fail(ENOSYS);
    supervisor.bench.stack.refreshClock();
    if (supervisor.tags.births > 0) supervisor.settleBirths(call);
    try {
      handle(call, supervisor);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      call.fail(error.errno);
    }
  }

  /** The supervisor of the instance that a program is in; null: that has ended. */
  #supervisorOf(call: ProgramCall, family: Family): Supervisor | null {
    // Only where there are several does it have to be asked.
    if (this.#supervisors.size === 1 && this.#ended.size === 0) return family.supervisor;
    const mark = family.supervisor.tags.markOf(call.tid);
    const supervisor = this.#supervisors.get(mark);
    if (supervisor !== undefined) return supervisor;
    return this.#ended.has(mark) ? null : family.supervisor;
  }

  #drop(family: Family): void {
    const { fd } = family.listener;
    this.#bench.loop.unwatch(fd);
    this.#families.delete(fd);
    family.listener.close();
    family.supervisor.bench.names.release(family.home);
    for (const [tid, call] of this.#held) if (call.listener === family.listener) this.#letGo(tid, call);
    if (this.#families.size === 0) this.#memos.clear();
  }

  #letGo(tid: number, call: ProgramCall): void {
    this.#held.delete(tid);
    if (!call.done) call.abandon();
  }

  // -- CallOwner ---------------------------------------------------------------------------------------------------------------

  hold(call: ProgramCall): void {
    this.#held.set(call.tid, call);
  }

  remember(call: ProgramCall, value: number, errno: number): void {
    this.#memos.set(call.tid, { number: call.number, args: call.args.slice(), value, errno });
  }
}
