import { writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../base/clock.js';
import type { EventLoop } from '../host/event-loop.js';
import { EpollLoop } from '../host/epoll-loop.js';
import { HostRandom } from '../host/clock.js';
import type { Libc } from '../host/libc.js';
import { BusServer } from './bus-server.js';
import { type HostedInstance, hostInstance } from './hosted-instance.js';
import { Idleness } from './idleness.js';
import { instanceRequests } from './instance-requests.js';
import type { NestRequests } from './nested-instances.js';
import { NicBoard } from './nic-board.js';
import { Families } from './programs/families.js';
import { NamespaceFiles } from './programs/namespace-files.js';
import { callTable } from './programs/registry.js';
import { Supervisor } from './programs/supervisor.js';
import { Workbench } from './programs/workbench.js';
import type { ThreadData, ThreadMessage } from './thread-messages.js';

/** What of an instance the daemon was told. */
export type ResidentData = Omit<ThreadData, 'wakeFd' | 'flags'>;

export interface ResidentOptions {
  readonly loop: EventLoop;
  readonly libc: Libc | null;
  readonly clock: Clock;
  readonly data: ResidentData;
  /** The instance that this one is inside. */
  readonly outer?: Resident;
  readonly nest: NestRequests;
  /** It is to end. */
  readonly stop: () => void;
  readonly tell: (message: ThreadMessage) => void;
}

/** One instance in the daemon's thread: its stack, NICs, bus, and the programs that are on it. */
export class Resident {
  readonly data: ResidentData;
  /** null: programs cannot be captured here. */
  readonly supervisor: Supervisor | null;
  readonly #instance: HostedInstance;
  readonly #nics: NicBoard;
  readonly #server: BusServer;
  readonly #idleness: Idleness;
  readonly #listener: { close(): void };

  /** Throws ClientError (its NICs), NetError (its socket). */
  constructor(options: ResidentOptions) {
    const { loop, libc, clock, data } = options;
    this.data = data;
    this.#instance = hostInstance({ clock, random: new HostRandom() });
    const { stack } = this.#instance;
    // The daemon's standard error is the instance's log.
    stack.log.onLine = (line) => void writeSync(2, `${line}\n`);
    this.supervisor = loop instanceof EpollLoop && libc !== null ? this.#superviseOn(libc, loop, options.outer) : null;
    this.#nics = new NicBoard(this.#instance, loop, libc);
    this.#idleness = new Idleness({ clock, seconds: data.idleSeconds, isEmpty: () => this.#isEmpty(), ended: options.stop });
    this.#server = new BusServer({
      loop,
      kernel: this.#instance.netlink,
      ownerUid: data.ownerUid,
      version: data.version,
      entering: () => {
        stack.refreshClock();
        this.supervisor?.viewFiles.settle();
      },
      namespaceOf: (pid) => this.supervisor?.tags.namespaceOf(pid)?.id,
      control: instanceRequests({
        data,
        instance: this.#instance,
        nics: this.#nics,
        clients: () => this.#server.clients,
        stop: options.stop,
        supervisor: this.supervisor,
        marks: (paths) => options.tell({ type: 'marks', folder: data.folder, paths }),
        held: (launcher, tags) => options.tell({ type: 'held', folder: data.folder, launcher, tags }),
        nest: (argument, session) => options.nest(this, argument, session),
      }),
    });
    try {
      for (const nic of data.nics) this.#nics.add(nic);
      this.#listener = loop.listen(data.socket, (stream) => this.#server.accept(stream));
    } catch (error) {
      this.#nics.close();
      this.supervisor?.close();
      throw error;
    }
  }

  #superviseOn(libc: Libc, loop: EpollLoop, outer: Resident | undefined): Supervisor {
    const { stack, names, netlink } = this.#instance;
    const { data } = this;
    const beside = outer?.supervisor ?? undefined;
    const files = new NamespaceFiles(join(dirname(data.etc), 'netns'), names);
    const bench = new Workbench({ libc, loop, stack, names, netlink, ownerUid: data.ownerUid, beside: beside?.bench });
    return new Supervisor(beside?.families ?? new Families(bench, callTable), bench, files);
  }

  /** Nobody is connected, and it holds nothing but lo, or was meant for one launcher alone. */
  #isEmpty(): boolean {
    const { stack } = this.#instance;
    return (
      this.#server.clients === 0 &&
      (this.supervisor?.families.countOf(this.supervisor) ?? 0) === 0 &&
      (this.data.private || (stack.namespaces.size === 1 && stack.initial.devicesByIndex.size <= 1))
    );
  }

  poll(): boolean {
    const more = this.#instance.stack.poll();
    this.#idleness.look();
    return more;
  }

  nextDeadlineUs(): number {
    return Math.min(this.#instance.stack.nextDeadlineUs(), this.#idleness.deadlineUs);
  }

  close(): void {
    this.#listener.close();
    this.#server.close();
    this.supervisor?.close();
    this.#nics.close();
  }
}
