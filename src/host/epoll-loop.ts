import { chmodSync } from 'node:fs';
import { EAGAIN, ECONNABORTED, EEXIST, EINTR, EMFILE, ENFILE } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { type DescriptorLoop, EPOLLHUP, EPOLLIN, type Watcher } from './epoll-descriptors.js';
import { EpollStream, readPeer } from './epoll-stream.js';
import type { ByteStream, EventLoop, FrameDescriptors, Listener, LoopWork } from './event-loop.js';
import { MessageReceiver } from './message-receiver.js';
import { check, type Libc, O_CLOEXEC, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } from './libc.js';

// sys/epoll.h
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;
const EPOLL_CLOEXEC = 0o2000000;
const AF_UNIX = 1;

/** struct epoll_event is packed on x86-64 alone: u32 events, u64 data. */
const EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
const DATA_OFFSET = process.arch === 'x64' ? 4 : 8;
const EVENTS = 64;
const BACKLOG = 256;
/** A control message with a few descriptors. */
const CONTROL_BYTES = 64;

/**
 * Empty rounds before the thread blocks, while frames flow: a packet's answer is then often read without a wait. As many as have
 * paid of late: they are doubled when something comes before they are over, and halved when nothing does (as KVM polls before it halts),
 * so that who has to make what is waited for gets the processor.
 */
const MOST_EMPTY_ROUNDS = 200;
const LEAST_EMPTY_ROUNDS = 8;
/** While frames flow, every so many rounds the other descriptors are looked at too. */
const LOOK_EVERY = 8;
const LONGEST_WAIT_MS = 0x7fff_ffff;

interface FrameSource extends Watcher {
  readonly drain: () => number;
}

/** The loop of the stack's thread on Linux: epoll(7) over raw descriptors, through koffi. */
export class EpollLoop implements EventLoop, DescriptorLoop {
  readonly #libc: Libc;
  readonly #epoll: number;
  readonly #watchers = new Map<number, Watcher>();
  /** The how manieth watch() of all a descriptor's is: comes back with its events. */
  readonly #turns = new Map<number, number>();
  #lastTurn = 0;
  readonly #event = new DataView(new ArrayBuffer(16));
  readonly #eventBytes = new Uint8Array(this.#event.buffer);
  /** Pinned by this field: the kernel writes to its address. */
  readonly #events = new DataView(new ArrayBuffer(EVENT_BYTES * EVENTS));
  readonly #eventsAddress: number;
  #deferred: (() => void)[] = [];
  #sources: FrameSource[] = [];
  #stopped = false;
  readonly frames: FrameDescriptors;
  #spare: number;
  /** Where streams read to; shared, since a chunk is handled before the next is read. */
  readonly readBuffer = new Uint8Array(1 << 16);
  readonly receiver: MessageReceiver;

  /** `wakeFd`: an eventfd by which other threads wake this one; `woken` is called then. */
  constructor(libc: Libc, wakeFd: number, woken: () => void) {
    this.#libc = libc;
    this.#epoll = check(libc, libc.epollCreate1(EPOLL_CLOEXEC));
    this.#spare = check(libc, libc.open('/dev/null', O_CLOEXEC, 0));
    this.#eventsAddress = libc.addressOf(new Uint8Array(this.#events.buffer));
    this.frames = this.#frameDescriptors();
    this.receiver = new MessageReceiver(libc, 0, CONTROL_BYTES);
    const counter = new Uint8Array(8);
    this.watch(wakeFd, EPOLLIN, {
      ready: () => {
        libc.read(wakeFd, counter, 8);
        woken();
      },
    });
  }

  watch(fd: number, events: number, watcher: Watcher): void {
    const turn = (this.#lastTurn + 1) >>> 0;
    check(this.#libc, this.#control(EPOLL_CTL_ADD, fd, events, turn));
    this.#lastTurn = turn;
    this.#turns.set(fd, turn);
    this.#watchers.set(fd, watcher);
  }

  change(fd: number, events: number): void {
    check(this.#libc, this.#control(EPOLL_CTL_MOD, fd, events, this.#turns.get(fd) ?? 0));
  }

  unwatch(fd: number): void {
    this.#control(EPOLL_CTL_DEL, fd, 0, 0);
    this.#watchers.delete(fd);
    this.#turns.delete(fd);
  }

  #control(operation: number, fd: number, events: number, turn: number): number {
    this.#event.setUint32(0, events, true);
    this.#event.setUint32(DATA_OFFSET, fd, true);
    this.#event.setUint32(DATA_OFFSET + 4, turn, true);
    return this.#libc.epollCtl(this.#epoll, operation, fd, this.#eventBytes);
  }

  defer(work: () => void): void {
    this.#deferred.push(work);
  }

  listen(path: string, accept: (stream: ByteStream) => void): Listener {
    const libc = this.#libc;
    const fd = check(libc, libc.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    try {
      const name = new TextEncoder().encode(path);
      const address = new Uint8Array(2 + name.length + 1);
      address[0] = AF_UNIX;
      address.set(name, 2);
      check(libc, libc.bind(fd, address, address.length));
      chmodSync(path, 0o600);
      check(libc, libc.listen(fd, BACKLOG));
    } catch (error) {
      libc.close(fd);
      throw error;
    }
    this.watch(fd, EPOLLIN, { ready: () => this.#accept(fd, accept) });
    return {
      close: () => {
        this.unwatch(fd);
        libc.close(fd);
      },
    };
  }

  #accept(listener: number, accept: (stream: ByteStream) => void): void {
    for (;;) {
      const fd = this.#libc.accept4(listener, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) {
        accept(new EpollStream(this, this.#libc, fd, readPeer(this.#libc, fd)));
        continue;
      }
      const errno = this.#libc.errno();
      if (errno === EAGAIN || errno === EINTR || errno === ECONNABORTED) return;
      // Out of descriptors: whoever waits is turned away through the spare one, or the loop would find him there for ever.
      if (errno === EMFILE || errno === ENFILE) {
        this.#libc.close(this.#spare);
        this.#libc.close(this.#libc.accept4(listener, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK));
        this.#spare = this.#libc.open('/dev/null', O_CLOEXEC, 0);
        return;
      }
      throw new NetError(errno);
    }
  }

  #frameDescriptors(): FrameDescriptors {
    const sources = new Map<number, FrameSource>();
    return {
      add: (fd, drain) => {
        if (sources.has(fd)) throw new NetError(EEXIST);
        const source: FrameSource = {
          drain,
          ready: () => {
            this.#frameActivity = true;
          },
        };
        this.watch(fd, EPOLLIN, source);
        sources.set(fd, source);
        this.#sources = [...sources.values()];
      },
      remove: (fd) => {
        this.unwatch(fd);
        sources.delete(fd);
        this.#sources = [...sources.values()];
      },
    };
  }

  /** Frames are known to wait, or came in the last rounds. */
  #frameActivity = false;

  run(work: LoopWork): Promise<void> {
    let empty = 0;
    let round = 0;
    let patience = MOST_EMPTY_ROUNDS;
    while (!this.#stopped) {
      let frames = 0;
      if (this.#frameActivity) {
        for (const source of this.#sources) frames += source.drain();
        if (frames > 0) {
          if (empty > 0 && patience < MOST_EMPTY_ROUNDS) patience *= 2;
          empty = 0;
        } else if (++empty >= patience) {
          this.#frameActivity = false;
          if (patience > LEAST_EMPTY_ROUNDS) patience >>= 1;
        }
      }
      let more = work.poll();
      if (this.#deferred.length > 0) {
        this.#runDeferred();
        more = work.poll() || this.#deferred.length > 0;
      }
      round++;
      if (!this.#frameActivity) {
        empty = 0;
        this.#wait(more ? 0 : waitMs(work));
      } else if (this.#told || round % LOOK_EVERY === 0) this.#wait(0);
    }
    return Promise.resolve();
  }

  /** The last look found something: there may be more behind it. */
  #told = false;

  /** What the `index`th of the last events says. */
  #eventsAt(index: number): number {
    return this.#events.getUint32(index * EVENT_BYTES, true);
  }

  /** A watcher of an earlier event may have closed this one's descriptor, whose number another may have by now. */
  #tell(index: number): void {
    const at = index * EVENT_BYTES + DATA_OFFSET;
    const fd = this.#events.getUint32(at, true);
    if (this.#turns.get(fd) === this.#events.getUint32(at + 4, true)) this.#watchers.get(fd)!.ready(this.#eventsAt(index));
  }

  #wait(timeoutMs: number): void {
    const count = this.#libc.epollWaitAt(this.#epoll, this.#eventsAddress, EVENTS, timeoutMs);
    this.#told = count > 0;
    if (count < 0) {
      const errno = this.#libc.errno();
      if (errno === EINTR) return;
      throw new NetError(errno);
    }
    // Descriptors that were closed come first: the kernel keeps one that has something to tell at its place, though more came since, so
    // that what a program sent after a close() would be taken before the close.
    for (let i = 0; i < count; i++) if ((this.#eventsAt(i) & EPOLLHUP) !== 0) this.#tell(i);
    for (let i = 0; i < count; i++) if ((this.#eventsAt(i) & EPOLLHUP) === 0) this.#tell(i);
  }

  #runDeferred(): void {
    const work = this.#deferred;
    this.#deferred = [];
    for (const run of work) run();
  }

  stop(): void {
    this.#stopped = true;
  }
}

/** Until the next deadline, rounded up: a timer never fires early. */
function waitMs(work: LoopWork): number {
  const deadline = work.nextDeadlineUs();
  if (deadline === Number.POSITIVE_INFINITY) return -1;
  const wait = Math.ceil((deadline - work.clock.monotonicUs()) / 1000);
  return wait <= 0 ? 0 : Math.min(wait, LONGEST_WAIT_MS);
}
