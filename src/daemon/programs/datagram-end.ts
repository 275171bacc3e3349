import { EAGAIN } from '../../base/errno.js';
import { SOCK_SEQPACKET } from '../../host/libc.js';
import { MSG_DONTWAIT, MSG_ERRQUEUE, MSG_PEEK, MSG_TRUNC } from '../../net/core/socket.js';
import type { MessageKind, ProgramCall } from './program-call.js';
import type { ProgramSocket } from './program-socket.js';
import { WaitingCalls } from './waiting-calls.js';
import { MMSGHDR } from './workbench.js';

const TURN = 64;
const MMSG_LENGTH = 56;

/** What a message-keeping socket has for the program's end. */
export interface DatagramSource {
  /** Bytes of the next datagram, copied to `io`, which stays; -1: there is none; 0 with `error`: an error waits. */
  peek(): number;
  /** Forgets the next datagram: the program has read the copy. */
  skip(): void;
  /** Takes a datagram that the program sent by write() or send(). */
  take(length: number): void;
  /** One message of a receiving call: a count or a negative errno (-EAGAIN: there is none). `header`: a struct msghdr, 0: plain. */
  receiveOne(call: ProgramCall, header: number, flags: number): number;
  /** An error waits, and the program asked for a queue of errors: its end shows POLLERR instead of a message. */
  readonly showsErrors: boolean;
  /** One message of a sending call: a count or a negative errno. */
  sendOne(call: ProgramCall, header: number, flags: number): number;
  readonly receiveTimeoutMs: number;
}

/**
 * The program's end of a socket that keeps messages: a SOCK_SEQPACKET pair (SOCK_DGRAM would not tell of its close()). The stack's
 * queue is the truth; of its first message a copy lies in the program's end, so that poll() sees it and read() gets it. What the
 * program takes by recvmsg() comes from the stack, with its address and control messages.
 */
export class DatagramEnd {
  readonly #socket: ProgramSocket;
  readonly #source: DatagramSource;
  #offered = false;
  readonly #waiting: WaitingCalls;

  constructor(socket: ProgramSocket, source: DatagramSource) {
    this.#socket = socket;
    this.#source = source;
    this.#waiting = new WaitingCalls(socket.bench.stack);
  }

  static readonly type = SOCK_SEQPACKET;

  /** Datagrams that the program wrote; true: it has closed its end, or shut it. */
  drain(hangup: boolean): boolean {
    const { bench, end } = this.#socket;
    for (let i = 0; i < TURN; i++) {
      if (end < 0 || this.#socket.closed) return false;
      const count = bench.libc.receiveAt(end, bench.io.address, bench.io.bytes.length, MSG_DONTWAIT);
      if (count < 0) return bench.libc.errno() !== EAGAIN && hangup;
      if (count === 0 && hangup) return true;
      this.#source.take(count);
    }
    bench.loop.defer(() => {
      if (this.#socket.end >= 0) this.#socket.ready(0);
    });
    return false;
  }

  /** Something came, or the program read what was there. */
  update(): void {
    this.#sync();
    for (let call = this.#waiting.first; call !== undefined; call = this.#waiting.first) if (!this.#answer(call, false)) break;
    this.#offer();
  }

  /** The copy was read by read() or recv(). */
  #sync(): void {
    if (!this.#offered || this.#socket.unreadMemory() > 0) return;
    this.#offered = false;
    this.#source.skip();
  }

  #offer(): void {
    const { bench, end } = this.#socket;
    if (this.#offered || end < 0 || this.#waiting.count > 0) return;
    if (this.#source.showsErrors && this.#socket.breakEnd()) return;
    const count = this.#source.peek();
    if (count < 0) return;
    if (bench.libc.sendAt(end, bench.io.address, count, MSG_DONTWAIT | 0x4000) >= 0) this.#offered = true;
  }

  /** Takes the copy back: the stack has been asked for the message itself. */
  #retract(): void {
    if (!this.#offered) return;
    const { bench } = this.#socket;
    const program = this.#socket.takeEnd();
    if (program < 0) return;
    bench.libc.receiveAt(program, bench.scratchAddress, 0, MSG_DONTWAIT | MSG_TRUNC);
    bench.libc.close(program);
    this.#offered = false;
  }

  send(call: ProgramCall, kind: MessageKind): void {
    this.#socket.remember(call);
    this.drain(false);
    if (kind === 'plain') return call.answer(this.#source.sendOne(call, 0, call.ints[3]!));
    if (kind === 'message') return call.answer(this.#source.sendOne(call, call.args[1]!, call.ints[2]!));
    const flags = call.ints[3]!;
    call.answer(this.#each(call, (header) => this.#source.sendOne(call, header, flags)));
  }

  receive(call: ProgramCall, kind: MessageKind): void {
    this.#socket.remember(call);
    this.drain(false);
    this.#sync();
    call.kind = kind;
    if (this.#answer(call, true)) this.#offer();
  }

  /** True: the call is over. */
  #answer(call: ProgramCall, first: boolean): boolean {
    const { kind } = call;
    const flags = kind === 'message' ? call.ints[2]! : call.ints[3]!;
    const keeps = (flags & (MSG_PEEK | MSG_ERRQUEUE)) !== 0;
    const result =
      kind === 'messages'
        ? this.#each(call, (header, index) => {
            const count = this.#source.receiveOne(call, header, flags);
            if (count >= 0 && index === 0 && !keeps) this.#retract();
            return count;
          })
        : this.#source.receiveOne(call, kind === 'message' ? call.args[1]! : 0, flags);
    if (result !== -EAGAIN) {
      if (!keeps && kind !== 'messages') this.#retract();
      call.answer(result);
      return true;
    }
    if (!first) return false;
    if ((flags & (MSG_DONTWAIT | MSG_ERRQUEUE)) !== 0 || this.#socket.isNonblocking(call)) {
      call.fail(EAGAIN);
      return true;
    }
    this.#wait(call);
    return false;
  }

  /** sendmmsg(), recvmmsg(): the number of messages that went well; the error of the first where none did. */
  #each(call: ProgramCall, work: (header: number, index: number) => number): number {
    const { memory, scratch } = this.#socket.bench;
    const most = Math.min(call.ints[2]! >>> 0, 1024);
    for (let i = 0; i < most; i++) {
      const header = call.args[1]! + i * MMSGHDR;
      const count = work(header, i);
      if (count < 0) return i === 0 ? count : i;
      memory.view.setUint32(scratch, count, true);
      if (!call.write(header + MMSG_LENGTH, 4, memory.address + scratch)) return i;
    }
    return most;
  }

  #wait(call: ProgramCall): void {
    this.#waiting.add(call, this.#source.receiveTimeoutMs, EAGAIN, () => {
      // A poll() that follows is to find what came meanwhile.
      if (!this.#socket.closed) this.#offer();
    });
  }

  end(errno: number): void {
    this.#waiting.failAll(errno);
  }
}
