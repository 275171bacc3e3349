import type { NetlinkKernel } from '../control/netlink-socket.js';
import type { ByteStream, EventLoop } from '../host/event-loop.js';
import { BusSession } from './bus-session.js';
import type { ControlRequests } from './control-requests.js';

export interface BusServerOptions {
  readonly loop: EventLoop;
  readonly kernel: NetlinkKernel;
  /** Whom the instance belongs to: this uid and 0 hold its network capabilities. */
  readonly ownerUid: number;
  /** The daemon's version, as the hello tells it. */
  readonly version: string;
  readonly control: ControlRequests;
  /** The namespace that a captured process is in, by id; undefined: it is none. */
  readonly namespaceOf: (pid: number) => number | undefined;
  /** Before anything of a client is handled: the stack looks at the clock. */
  readonly entering: () => void;
}

/** The clients of an instance: one session a connection. */
export class BusServer {
  readonly #options: BusServerOptions;
  readonly #sessions = new Set<BusSession>();
  /** Called when the last client has gone, or the first come. */
  onClients: (() => void) | null = null;

  constructor(options: BusServerOptions) {
    this.#options = options;
  }

  get clients(): number {
    let count = 0;
    for (const session of this.#sessions) if (!session.idle) count++;
    return count;
  }

  accept(stream: ByteStream): void {
    const session = new BusSession(stream, this.#options, () => {
      this.#sessions.delete(session);
      this.onClients?.();
    });
    this.#sessions.add(session);
    this.onClients?.();
  }

  /** All clients get EOF. */
  close(): void {
    for (const session of [...this.#sessions]) session.close();
  }
}
