import { EAGAIN } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { MSG_DONTWAIT, MSG_NOSIGNAL, O_CLOEXEC, O_NONBLOCK } from '../../host/libc.js';
import { POLLIN, type SocketAddress } from '../../net/core/socket.js';
import type { TcpSocket } from '../../net/tcp/socket.js';
import type { ProgramCall } from './program-call.js';
import type { WaitingCalls } from './waiting-calls.js';
import type { Workbench } from './workbench.js';

/** Bytes that are taken out of a program's end at once. */
const PIECE = 64 * 1024;

/** A connection that a program is about to get. */
interface AcceptedStream {
  /** Throws NetError. */
  open(flags: number): number;
  close(): void;
  /** Lets everything go but the stack's socket. */
  giveBack(): void;
  /** The call's program has it, as the descriptor `fd`. */
  taken(call: ProgramCall, fd: number): void;
}

/** What is asked of a socket that listens. */
export interface ListeningStream {
  readonly bench: Workbench;
  readonly socket: TcpSocket;
  readonly end: number;
  takeEnd(): number;
  isNonblocking(call: ProgramCall): boolean;
  giveName(call: ProgramCall, name: SocketAddress, pointer: number, lengthPointer: number): number;
  /** The program's socket for a connection. */
  accepted(child: TcpSocket): AcceptedStream;
}

/** The accept queue of a program's listener: its end is readable by as many bytes as connections wait. */
export class StreamListener {
  readonly #stream: ListeningStream;
  readonly #waiting: WaitingCalls;
  /** Connections taken from the stack that no program took. */
  readonly #unclaimed: TcpSocket[] = [];
  /** Bytes in the program's end. */
  #announced = 0;

  constructor(stream: ListeningStream, waiting: WaitingCalls) {
    this.#stream = stream;
    this.#waiting = waiting;
  }

  accept(call: ProgramCall, flags: number): void {
    const { socket } = this.#stream;
    const child = this.#unclaimed.shift() ?? socket.accept();
    call.flags = flags;
    if (typeof child !== 'number') return this.#give(call, child as TcpSocket, flags);
    if (child !== -EAGAIN || this.#stream.isNonblocking(call)) return call.fail(-child);
    this.#waiting.add(call, socket.receiveTimeoutMs, EAGAIN);
  }

  /** The stack has connections. */
  connectionsCame(): void {
    for (let call = this.#waiting.first; call !== undefined; call = this.#waiting.first) {
      const child = this.#unclaimed.shift() ?? this.#stream.socket.accept();
      if (typeof child === 'number') return;
      this.#give(call, child as TcpSocket, call.flags);
    }
    this.#announce();
  }

  #give(call: ProgramCall, child: TcpSocket, flags: number): void {
    const { bench } = this.#stream;
    let stream: AcceptedStream | null = null;
    let program = -1;
    try {
      stream = this.#stream.accepted(child);
      program = stream.open(flags & O_NONBLOCK);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      stream?.close();
      return call.fail(error.errno);
    }
    if (call.args[1] !== 0) {
      const error = this.#stream.giveName(call, child.remote, call.args[1]!, call.args[2]!);
      if (error < 0) {
        bench.libc.close(program);
        stream.close();
        return call.fail(-error);
      }
    }
    // Before the program goes on: a poll() would find the connection that it has already.
    this.#quiet();
    const fd = call.give(program, (flags & O_CLOEXEC) !== 0);
    bench.libc.close(program);
    if (fd >= 0) return stream.taken(call, fd);
    stream.giveBack();
    child.onReady = null;
    this.#unclaimed.push(child);
    this.#announce();
  }

  /** No connection waits any more: the program's end is not readable. */
  #quiet(): void {
    const { bench, socket } = this.#stream;
    if (this.#announced === 0 || this.#unclaimed.length > 0 || (socket.poll() & POLLIN) !== 0) return;
    const { libc, io } = bench;
    const program = this.#stream.takeEnd();
    if (program < 0) return;
    while (this.#announced > 0) {
      const count = libc.receiveAt(program, io.address, Math.min(this.#announced, PIECE), MSG_DONTWAIT);
      if (count <= 0) break;
      this.#announced -= count;
    }
    libc.close(program);
    this.#announced = 0;
  }

  #announce(): void {
    const { bench, socket, end } = this.#stream;
    const { libc, io } = bench;
    const due = (socket.listenQueue?.length ?? 0) + this.#unclaimed.length - this.#announced;
    for (let i = 0; i < due; i++) if (libc.sendAt(end, io.address, 1, MSG_DONTWAIT | MSG_NOSIGNAL) === 1) this.#announced++;
  }

  close(): void {
    for (const child of this.#unclaimed) child.close();
  }
}
