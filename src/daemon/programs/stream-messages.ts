import { EAGAIN, EFAULT } from '../../base/errno.js';
import { MSG_DONTWAIT, MSG_NOSIGNAL } from '../../host/libc.js';
import { MSG_ERRQUEUE, MSG_PEEK, MSG_TRUNC, ReceiveInfo } from '../../net/core/socket.js';
import { MSG_OOB } from '../../net/tcp/constants.js';
import type { TcpSocket } from '../../net/tcp/socket.js';
import { unreadBytes } from '../../net/tcp/user-receive.js';
import { noteCopied } from '../../net/tcp/user-send.js';
import { ControlWriter } from './control-messages.js';
import { MessageAccess } from './message-access.js';
import type { MessageKind, ProgramCall } from './program-call.js';
import type { StreamInput } from './stream-input.js';
import type { StreamOutput } from './stream-output.js';
import { IO_BYTES, type Workbench } from './workbench.js';

const FIONREAD = 0x541b;
const MSG_WAITALL = 0x100;

const info = new ReceiveInfo();

/** What the messages of a stream need of its socket. */
export interface StreamEnd {
  readonly bench: Workbench;
  readonly socket: TcpSocket;
  readonly input: StreamInput;
  readonly output: StreamOutput;
  takeEnd(): number;
  isNonblocking(call: ProgramCall): boolean;
  /** Moves what there is room for now, both ways. */
  refill(): void;
  /** Answers the call when there is more to read. */
  await(call: ProgramCall): void;
}

/**
 * What of a program's TCP socket does not go through the pair by itself: control messages of what is received (timestamps, TCP_INQ),
 * the error queue, sends without a copy, urgent data. poll() cannot tell of the queue: a Unix socket has POLLERR with POLLHUP alone.
 */
export class StreamMessages {
  readonly #stream: StreamEnd;
  readonly #access: MessageAccess;
  readonly #control: ControlWriter;

  constructor(stream: StreamEnd) {
    this.#stream = stream;
    this.#access = new MessageAccess(stream.bench);
    this.#control = new ControlWriter(stream.bench);
  }

  /** Whether a recvmsg() is to tell more than the bytes. */
  static wanted({ tellsQueue, timestamps, timestampingFlags }: TcpSocket, kind: MessageKind, flags: number): boolean {
    return (tellsQueue || timestamps !== 0 || timestampingFlags !== 0) && kind === 'message' && (flags & MSG_WAITALL) === 0;
  }

  /** MSG_ERRQUEUE: never waits. */
  errors(call: ProgramCall, kind: MessageKind): void {
    const { socket, bench } = this.#stream;
    const access = this.#access;
    const error = this.#load(call, kind);
    if (error < 0) return call.fail(-error);
    const count = socket.receive(bench.io.bytes, 0, Math.min(access.length, IO_BYTES), MSG_ERRQUEUE, info);
    if (count < 0) return call.fail(-count);
    this.#control.begin(access.controlLength);
    this.#control.tell(socket, info);
    call.answer(access.answer(call, 0, this.#control.length, info.flags | this.#control.flags) || count);
  }

  #load(call: ProgramCall, kind: MessageKind): number {
    if (kind !== 'plain') return this.#access.load(call, call.args[1]!);
    this.#access.plain(call.args[1]!, call.args[2]!);
    return 0;
  }

  /** recvmsg() with control messages, and what is not to be had but discarded (MSG_TRUNC); it waits where there is nothing. */
  receive(call: ProgramCall): void {
    const { bench, socket } = this.#stream;
    const { libc, io } = bench;
    const access = this.#access;
    const error = this.#load(call, call.kind);
    if (error < 0) return call.fail(-error);
    const program = this.#stream.takeEnd();
    if (program < 0) return call.fail(-program);
    const flags = call.ints[call.kind === 'plain' ? 3 : 2]!;
    const count = libc.receiveAt(program, io.address, Math.min(access.length, IO_BYTES), (flags & MSG_PEEK) | MSG_DONTWAIT);
    const errno = count < 0 ? libc.errno() : 0;
    if (errno === 0 && (flags & MSG_TRUNC) === 0 && access.scatter(call, count) < 0) {
      libc.close(program);
      return call.fail(EFAULT);
    }
    const stampUs = this.#stream.input.handedUs;
    this.#stream.refill();
    const left = this.#left(program);
    libc.close(program);
    if (errno === EAGAIN && (flags & MSG_DONTWAIT) === 0 && !this.#stream.isNonblocking(call)) return this.#stream.await(call);
    if (errno !== 0) return call.fail(errno);
    this.#control.begin(access.controlLength);
    if (count > 0) this.#control.tellStream(socket, stampUs, left);
    call.answer(access.answer(call, 0, this.#control.length, this.#control.flags) || count);
  }

  /** MSG_ZEROCOPY: the kernel copies what is sent, so that the notice of its end is due at once. A signal may leave it short. */
  sendWithoutCopy(call: ProgramCall, kind: MessageKind): void {
    const { bench, socket } = this.#stream;
    const { libc, io } = bench;
    const access = this.#access;
    const error = this.#load(call, kind);
    if (error < 0) return call.fail(-error);
    const length = access.gather(call);
    if (length < 0) return call.fail(-length);
    const program = this.#stream.takeEnd();
    if (program < 0) return call.fail(-program);
    const count = libc.sendAt(program, io.address, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    const nonblocking = (call.ints[kind === 'plain' ? 3 : 2]! & MSG_DONTWAIT) !== 0 || this.#stream.isNonblocking(call);
    libc.close(program);
    if (count > 0) {
      noteCopied(socket);
      call.ok(count);
    } else if (nonblocking && libc.errno() === EAGAIN) call.fail(EAGAIN);
    else {
      // It waits, or ends with SIGPIPE, as any other.
      if (libc.errno() === EAGAIN) noteCopied(socket);
      call.proceed();
    }
  }

  /** sendto() and sendmsg() with MSG_OOB: behind what was written before. */
  sendUrgent(call: ProgramCall, kind: MessageKind): void {
    const { bench, socket } = this.#stream;
    const error = this.#load(call, kind);
    if (error < 0) return call.fail(-error);
    this.#stream.output.flush();
    const length = this.#access.gather(call);
    if (length < 0) return call.fail(-length);
    call.answer(socket.send(bench.io.bytes, 0, length, MSG_OOB | MSG_DONTWAIT, null));
  }

  /** FIONREAD; false: the program's end is not to be had. */
  tellUnread(call: ProgramCall): boolean {
    const { memory, scratch, scratchAddress, libc } = this.#stream.bench;
    const program = this.#stream.takeEnd();
    if (program < 0) return false;
    this.#stream.input.move();
    const bytes = this.#unread(program);
    libc.close(program);
    if (bytes < 0) return false;
    memory.view.setInt32(scratch, bytes, true);
    call.answer(call.copyOut(call.args[2]!, 4, scratchAddress));
    return true;
  }

  /** TCP_INQ: behind the last byte the end counts. */
  #left(program: number): number {
    return Math.max(0, this.#unread(program)) || (this.#stream.socket.finReceived ? 1 : 0);
  }

  /** What lies in the program's end, and what is still the stack's; -1: it cannot be said. */
  #unread(program: number): number {
    const { bench, socket, input } = this.#stream;
    const { libc, memory, scratch, scratchAddress } = bench;
    if (libc.ioctlValue(program, FIONREAD, scratchAddress) < 0) return -1;
    return memory.view.getInt32(scratch, true) + Math.max(0, unreadBytes(socket) - input.handedBytes);
  }
}
