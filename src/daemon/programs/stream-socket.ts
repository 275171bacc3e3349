import { EAGAIN, EALREADY, ECONNRESET, EINPROGRESS, EINVAL, ENOTCONN, EOPNOTSUPP, EPIPE } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { Timer } from '../../base/timer-wheel.js';
import { hostAddressOf } from '../../host/io-vector.js';
import { MSG_DONTWAIT, MSG_NOSIGNAL, O_CLOEXEC, O_NONBLOCK, SOCK_STREAM } from '../../host/libc.js';
import { MSG_ERRQUEUE, MSG_TRUNC, POLLERR, POLLIN, POLLOUT } from '../../net/core/socket.js';
import type { Namespace } from '../../net/core/namespace.js';
import { MSG_OOB, TCP_CLOSE, TCP_LISTEN, TCP_SYN_RECV, TCP_SYN_SENT } from '../../net/tcp/constants.js';
import { seqDiff } from '../../net/tcp/sequence.js';
import { unreadBytes } from '../../net/tcp/user-receive.js';
import { sendsWithoutCopy } from '../../net/tcp/user-send.js';
import { URGENT_NONE } from '../../net/tcp/urgent.js';
import type { TcpSocket } from '../../net/tcp/socket.js';
import { AF_UNSPEC } from '../../netlink/constants.js';
import { ConnectFiller } from './connect-filler.js';
import { HandedOver } from './handed-over.js';
import { MessageAccess } from './message-access.js';
import type { MessageKind, ProgramCall } from './program-call.js';
import { StackSocket } from './stack-socket.js';
import { type StreamEnd, StreamMessages } from './stream-messages.js';
import type { Workbench } from './workbench.js';

const FIONREAD = 0x541b;
const MSG_ZEROCOPY = 0x400_0000;
const MSG_FASTOPEN = 0x2000_0000;
const SHUT_RD = 0;
const SHUT_WR = 1;
const SO_ERROR = 4;
const SOL_SOCKET = 1;

/** Bytes of one read or write on our end: the kernel keeps more in several buffers. */
const PIECE = 64 * 1024;
/** Pieces that one socket moves before the others have their turn. */
const TURN = 16;

/** A segment so long goes to the program without a copy. */
const LONG_SEGMENT = 8 * 1024;
/** Where in a segment's memory: reused. */
const place = { at: 0 };

const FRESH = 0;
const CONNECTING = 1;
const CONNECTED = 2;
const LISTENING = 3;
/** A connection that failed or was reset: our end is closed, the stack's socket tells why. */
const BROKEN = 4;

/**
 * A TCP socket of a program: a SOCK_STREAM pair, through which data flow as they come, and of which shutdown, half-close and EOF
 * mean what they mean in TCP. What the program has not read stays in the stack's receive queue too, so that the window tells of it.
 */
export class StreamSocket extends StackSocket implements StreamEnd {
  declare readonly socket: TcpSocket;
  #state = FRESH;
  /** Of a listener: connections taken from the stack that no program took. */
  readonly #unclaimed: TcpSocket[] = [];
  /** Of a listener: bytes in the program's end, by which it is readable. */
  #announced = 0;
  /** accept() and connect() that wait. */
  #waiting: ProgramCall[] = [];
  #filler: ConnectFiller | null = null;
  /** sendto() and sendmsg() with MSG_FASTOPEN that wait for their connection. */
  readonly #withSyn = new Map<ProgramCall, { readonly data: Uint8Array; readonly sent: number }>();
  /** A connect() was answered with success. */
  #told = false;
  readonly #handedOver = new HandedOver();
  /** The program has sent all it will; the stack knows of it. */
  #outputEnded = false;
  /** The program knows that no more comes. */
  #inputEnded = false;
  /** The program has closed its end; what it wrote is still on its way. */
  #gone = false;
  #turnDue = false;

  constructor(bench: Workbench, namespace: Namespace, socket: TcpSocket, connected: boolean) {
    super(bench, namespace, socket);
    // The urgent byte has its place in what is handed over, and is marked there by the kernel (MSG_OOB of AF_UNIX, Linux 5.15).
    socket.ignoresUrgent = true;
    if (connected) {
      this.#state = CONNECTED;
      this.#told = true;
    }
  }

  /** Makes the pair; returns the program's end, which the caller gives away and closes. */
  open(flags: number): number {
    const pair = this.bench.pair(SOCK_STREAM, flags);
    this.attach(pair, this.#state !== CONNECTED);
    this.socket.inode = pair.inode;
    return pair.program;
  }

  protected isConnected(): boolean {
    const { state } = this.socket;
    return state !== TCP_CLOSE && state !== TCP_LISTEN && state !== TCP_SYN_SENT;
  }

  // -- connect -----------------------------------------------------------------------------------------------------------------

  connect(call: ProgramCall): void {
    const wanted = this.addressOf(call, call.args[1]!, call.ints[2]!);
    if (typeof wanted === 'number') return call.fail(-wanted);
    if (this.#state === CONNECTED && !this.#told) {
      this.#told = true;
      return call.ok();
    }
    const result = this.socket.connect(wanted);
    if (result === -EALREADY && !this.isNonblocking(call)) return this.#wait(call, this.socket.sendTimeoutMs, EINPROGRESS);
    if (result !== -EINPROGRESS) {
      if (result === 0) this.#connectedOtherwise(wanted.family);
      return call.answer(result);
    }
    if (this.#state === BROKEN && !this.#renew(call)) return;
    this.#state = CONNECTING;
    this.remember(call);
    if (this.isNonblocking(call)) {
      this.#filler = new ConnectFiller(this);
      call.fail(EINPROGRESS);
    } else this.#wait(call, this.socket.sendTimeoutMs, EINPROGRESS);
  }

  /** AF_UNSPEC ends a connection; with TCP_FASTOPEN_CONNECT, what is written first goes along with the SYN. */
  #connectedOtherwise(family: number): void {
    if (family !== AF_UNSPEC) this.#state = CONNECTED;
    else if (this.#state === CONNECTED) this.#breakOff();
  }

  /** Puts a new pair in the place of the broken one; false: the call is answered. */
  #renew(call: ProgramCall): boolean {
    const { bench } = this;
    bench.sockets.delete(this.inode);
    bench.detached.delete(this);
    const program = this.open(this.isNonblocking(call) ? O_NONBLOCK : 0);
    const closeOnExec = bench.access.closesOnExec(call.tid, call.ints[0]!);
    const result = call.listener.addDescriptor(call, program, closeOnExec, call.ints[0]!);
    bench.libc.close(program);
    if (result >= 0) return true;
    call.fail(-result);
    return false;
  }

  #wait(call: ProgramCall, timeoutMs: number, errno: number): void {
    this.#waiting.push(call);
    let timer: Timer | null = null;
    if (timeoutMs > 0) {
      timer = new Timer(() => call.fail(errno));
      this.bench.stack.timers.schedule(timer, this.bench.stack.nowUs + timeoutMs * 1000);
    }
    call.onEnd = () => {
      if (timer !== null) this.bench.stack.timers.cancel(timer);
      this.#waiting = this.#waiting.filter((other) => other !== call);
      this.#withSyn.delete(call);
    };
    call.hold();
  }

  #connectEnded(): void {
    const { socket } = this;
    if (socket.state === TCP_SYN_SENT || socket.state === TCP_SYN_RECV) return;
    const waiting = this.#waiting;
    if (socket.state !== TCP_CLOSE) {
      this.#state = CONNECTED;
      this.letKeptGo();
      this.#filler?.drain();
      this.#filler = null;
      for (const call of [...waiting]) {
        // A second connect() fetches the outcome.
        if (!this.#told) socket.connect(socket.remote);
        this.#told = true;
        call.ok(this.#sendRest(call));
      }
      this.#pump();
      return;
    }
    const first = waiting[0];
    if (first !== undefined && this.#filler === null) {
      this.#state = FRESH;
      first.answer(socket.connect(socket.remote));
      for (const call of [...waiting]) call.fail(EINVAL);
      return;
    }
    this.#breakOff();
    for (const call of [...waiting]) call.answer(socket.connect(socket.remote));
  }

  /** What of a send with MSG_FASTOPEN the SYN did not take along: all that is sent now. */
  #sendRest(call: ProgramCall): number {
    const rest = this.#withSyn.get(call);
    if (rest === undefined) return 0;
    const { data, sent } = rest;
    return sent + Math.max(0, sent < data.length ? this.socket.send(data, sent, data.length - sent, 0, null) : 0);
  }

  /** The program's end tells of an error: ECONNRESET of the kernel, since our end closes with something unread in it. */
  #breakOff(): void {
    this.#state = BROKEN;
    if (this.#filler === null) this.#leaveUnread();
    this.#filler = null;
    this.detach();
  }

  #leaveUnread(): void {
    const { bench } = this;
    if (this.#outputEnded) return;
    const program = this.takeEnd();
    if (program < 0) return;
    bench.libc.sendAt(program, bench.io.address, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    bench.libc.close(program);
  }

  // -- listen and accept -------------------------------------------------------------------------------------------------------

  override listen(call: ProgramCall): void {
    const result = this.socket.listen(call.ints[1]!);
    if (result === 0 && this.#state !== LISTENING) {
      this.#state = LISTENING;
      this.remember(call);
      // A listener is never writable.
      this.#filler = new ConnectFiller(this);
    }
    call.answer(result);
  }

  override accept(call: ProgramCall, flags: number): void {
    this.remember(call);
    const child = this.#unclaimed.shift() ?? this.socket.accept();
    call.flags = flags;
    if (typeof child !== 'number') return this.#accepted(call, child as TcpSocket, flags);
    if (child !== -EAGAIN || this.isNonblocking(call)) return call.fail(-child);
    this.#wait(call, this.socket.receiveTimeoutMs, EAGAIN);
  }

  #accepted(call: ProgramCall, child: TcpSocket, flags: number): void {
    const { bench } = this;
    let stream: StreamSocket | null = null;
    let program = -1;
    try {
      stream = new StreamSocket(bench, this.namespace, child, true);
      program = stream.open(flags & O_NONBLOCK);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      stream?.close();
      return call.fail(error.errno);
    }
    if (call.args[1] !== 0) {
      const error = this.giveName(call, child.remote, call.args[1]!, call.args[2]!);
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
    if (fd < 0) {
      stream.giveBack();
      child.onReady = null;
      this.#unclaimed.push(child);
      this.#announce();
    } else {
      stream.tid = call.tid;
      stream.fd = fd;
      bench.loop.defer(() => stream.#pump());
    }
  }

  /** Lets everything go but the stack's socket. */
  giveBack(): void {
    this.releases = false;
    this.close();
  }

  /** No connection waits any more: the program's end is not readable. */
  #quiet(): void {
    if (this.#announced === 0 || this.#unclaimed.length > 0 || (this.socket.poll() & POLLIN) !== 0) return;
    const { libc, io } = this.bench;
    const program = this.takeEnd();
    if (program < 0) return;
    while (this.#announced > 0) {
      const count = libc.receiveAt(program, io.address, Math.min(this.#announced, PIECE), MSG_DONTWAIT);
      if (count <= 0) break;
      this.#announced -= count;
    }
    libc.close(program);
    this.#announced = 0;
  }

  #connectionsCame(): void {
    while (this.#waiting.length > 0) {
      const call = this.#waiting[0]!;
      if (!call.waits) continue;
      const child = this.#unclaimed.shift() ?? this.socket.accept();
      if (typeof child === 'number') return;
      this.#accepted(call, child as TcpSocket, call.flags);
    }
    this.#announce();
  }

  /** The program's end is readable by as many bytes as connections wait. */
  #announce(): void {
    const { libc, io } = this.bench;
    const due = (this.socket.listenQueue?.length ?? 0) + this.#unclaimed.length - this.#announced;
    for (let i = 0; i < due; i++) if (libc.sendAt(this.end, io.address, 1, MSG_DONTWAIT | MSG_NOSIGNAL) === 1) this.#announced++;
  }

  // -- data --------------------------------------------------------------------------------------------------------------------

  protected stackReady(): void {
    if (this.closed) return;
    if (this.#state === CONNECTING) this.#connectEnded();
    else if (this.#state === LISTENING) this.#connectionsCame();
    else if (this.#state === CONNECTED) {
      this.#pump();
      if (this.#waiting.length > 0) this.#readersLook();
    }
  }

  protected happened(_events: number, hangup: boolean): void {
    if (this.#state === CONNECTED) {
      if (hangup) this.#lookForClose();
      if (this.end >= 0) this.#pump();
    } else if (hangup && this.#state !== BROKEN) this.close();
  }

  /** Both directions of our end are shut: by the program's close(), or by the ends of both streams. */
  #lookForClose(): void {
    const unread = this.bench.endError(this.end) === ECONNRESET;
    if (!unread && this.#inputEnded && this.isWhereItWas()) return;
    if (unread) return this.#closedUnread();
    this.#gone = true;
    this.#takeRead(0);
  }

  /** What the program has read is read in the stack, `unread` being the memory of what it has not: else its close() were a reset. */
  #takeRead(unread: number): void {
    const read = this.#handedOver.takeRead(unread);
    if (read > 0) this.socket.receive(this.bench.io.bytes, 0, read, MSG_TRUNC, null);
  }

  /** The stack's queue still has what the program did not read: that makes a reset of its close(), as in Linux. */
  #closedUnread(): void {
    this.#gone = true;
    while (!this.#outputEnded && this.#output());
    this.close();
  }

  #pump(): void {
    if (this.end < 0 || this.#state !== CONNECTED) return;
    const more = this.#output();
    if (this.end < 0) return;
    if (this.#gone) {
      if (this.#outputEnded) this.close();
    } else this.#input();
    if (more && this.end >= 0) this.#takeTurn();
  }

  #takeTurn(): void {
    if (this.#turnDue) return;
    this.#turnDue = true;
    this.bench.loop.defer(() => {
      this.#turnDue = false;
      this.#pump();
    });
  }

  /** Program to stack, as the send buffer has room. True: there may be more at once. */
  #output(): boolean {
    const { libc, io } = this.bench;
    const { socket } = this;
    for (let i = 0; i < TURN; i++) {
      if (this.#outputEnded) return false;
      if ((socket.poll() & (POLLOUT | POLLERR)) === 0) return false;
      const room = Math.min(socket.sendRoom, PIECE);
      if (room <= 0) return false;
      const reserved = this.#reserve(room);
      const count = reserved > 0 ? this.#readReserved() : libc.receiveAt(this.end, io.address, room, MSG_DONTWAIT);
      if (count > 0) {
        const sent = reserved > 0 ? socket.sendReserved(count) : socket.send(io.bytes, 0, count, 0, null);
        if (sent < 0) {
          this.#sendFailed();
          return false;
        }
        continue;
      }
      if (count < 0 && libc.errno() === EAGAIN) return false;
      // A close() may be seen here before it is told.
      if (!this.#gone && this.bench.isHungUp(this.end)) this.#lookForClose();
      if (this.closed) return false;
      this.#outputEnded = true;
      if (!this.#gone) socket.shutdown(SHUT_WR);
      return false;
    }
    return true;
  }

  /** Memory of the stack's socket for up to `room` bytes of the program, so that they need no copy; 0: they go another way. */
  #reserve(room: number): number {
    const { pieces } = this.bench;
    pieces.count = 0;
    return this.socket.reserveSend(room, pieces);
  }

  /** Reads into what was reserved: the count, or -1 with errno as read(2) has it, and then nothing stays reserved. */
  #readReserved(): number {
    const { libc, pieces, vector } = this.bench;
    for (let i = 0; i < pieces.count; i++)
      vector.point(i, hostAddressOf(libc, pieces.memories[i]!) + pieces.offsets[i]!, pieces.lengths[i]!);
    const count = libc.readvAt(this.end, vector.address, pieces.count);
    if (count <= 0) this.socket.sendReserved(0);
    return count;
  }

  /** The connection has ended under what the program writes. */
  #sendFailed(): void {
    if (this.#gone) this.close();
    else this.#reset();
  }

  #reset(): void {
    this.#state = BROKEN;
    this.#leaveUnread();
    this.detach();
  }

  /** Stack to program: copies of what is unread; what the program has read of them is then read in the stack. */
  #input(): void {
    const { libc, io } = this.bench;
    const { socket } = this;
    const handed = this.#handedOver;
    if (handed.bytes > 0) {
      const unread = this.unreadMemory();
      // A close() takes it all away too, and says so.
      if (unread === 0 && this.bench.endError(this.end) === ECONNRESET) return this.#closedUnread();
      this.#takeRead(unread);
    }
    let memory = handed.memory;
    while (handed.hasRoom) {
      const urgent = this.#urgentAt();
      const segment = socket.segmentAt(handed.bytes, place);
      if (segment === null) break;
      let count = Math.min(segment.tail - place.at, Math.max(urgent, 1));
      let address: number;
      // A long segment goes as it is, short ones are copied together.
      if (count >= LONG_SEGMENT) address = hostAddressOf(libc, segment.memory) + place.at;
      else {
        address = io.address;
        count = socket.peekAt(handed.bytes, io.bytes, 0, Math.min(PIECE, Math.max(urgent, 1)));
      }
      const written = this.#handOver(address, count, urgent === 0);
      if (written <= 0) break;
      const now = this.unreadMemory();
      handed.add(written, Math.max(now - memory, 1));
      this.handedUs = this.bench.stack.nowUs;
      memory = now;
      if (written < count) break;
    }
    if (socket.pendingError !== 0 && socket.state === TCP_CLOSE) {
      if (socket.peekAt(handed.bytes, io.bytes, 0, 1) === 0) this.#reset();
      return;
    }
    if (!this.#inputEnded && socket.readClosed && socket.peekAt(handed.bytes, io.bytes, 0, 1) === 0) {
      this.#inputEnded = true;
      libc.shutdown(this.end, SHUT_WR);
    }
  }

  /** How many bytes after what was handed over the urgent one comes; Infinity: none does. */
  #urgentAt(): number {
    const { socket } = this;
    if (socket.urgentState === URGENT_NONE) return Number.POSITIVE_INFINITY;
    const offset = seqDiff(socket.urgentSeq, socket.copiedSeq) - this.#handedOver.bytes;
    return offset < 0 ? Number.POSITIVE_INFINITY : offset;
  }

  #handOver(address: number, count: number, urgent: boolean): number {
    const { libc } = this.bench;
    const written = urgent ? libc.sendAt(this.end, address, count, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL) : -1;
    // A kernel whose Unix sockets have no urgent data gives it as any other.
    if (written > 0 || (urgent && libc.errno() === EAGAIN)) return written;
    return libc.sendAt(this.end, address, count, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  /** sendto() and sendmsg() with MSG_OOB: behind what was written before. */
  #sendUrgent(call: ProgramCall, kind: MessageKind): void {
    const { bench, socket } = this;
    this.#access ??= new MessageAccess(bench);
    const access = this.#access;
    if (kind === 'plain') access.plain(call.args[1]!, call.args[2]!);
    else {
      const error = access.load(call, call.args[1]!);
      if (error < 0) return call.fail(-error);
    }
    while (this.#output());
    const length = access.gather(call);
    if (length < 0) return call.fail(-length);
    call.answer(socket.send(bench.io.bytes, 0, length, MSG_OOB | MSG_DONTWAIT, null));
  }

  #access: MessageAccess | null = null;

  // -- the rest ----------------------------------------------------------------------------------------------------------------

  shutdown(call: ProgramCall, how: number): void {
    if (how < 0 || how > 2) return call.fail(EINVAL);
    if (this.#state === LISTENING) {
      const result = this.socket.shutdown(how);
      for (const waiting of [...this.#waiting]) waiting.fail(EINVAL);
      return call.answer(result);
    }
    if (this.#state !== CONNECTED || this.socket.state === TCP_CLOSE) {
      if (this.#state === CONNECTING) return call.answer(this.socket.shutdown(how));
      return call.fail(ENOTCONN);
    }
    this.remember(call);
    if (how !== SHUT_WR) {
      this.socket.shutdown(SHUT_RD);
      this.#inputEnded = true;
    }
    // The end of what it writes comes behind what it wrote: by the pair itself.
    call.proceed();
  }

  override getOption(call: ProgramCall, level: number, option: number, given: Uint8Array): Uint8Array | number {
    if (level === SOL_SOCKET && option === SO_ERROR) {
      this.remember(call);
    }
    return super.getOption(call, level, option, given);
  }

  send(call: ProgramCall, kind: MessageKind): void {
    const flags = kind === 'message' ? call.ints[2]! : call.ints[3]!;
    if ((flags & MSG_FASTOPEN) !== 0 && kind !== 'messages') return this.#sendWithSyn(call, kind, flags);
    if (this.#state === CONNECTED) {
      if (kind === 'messages' || (flags & (MSG_OOB | MSG_ZEROCOPY)) === 0) return call.proceed();
      if ((flags & MSG_OOB) !== 0) return this.#sendUrgent(call, kind);
      if (!sendsWithoutCopy(this.socket)) return call.proceed();
      this.remember(call);
      return this.#messages.sendWithoutCopy(call, kind);
    }
    // Linux: tcp_sendmsg() of a socket that was never connected.
    call.fail(EPIPE);
  }

  /** MSG_FASTOPEN: a connect() whose SYN takes data along, where it may. */
  #sendWithSyn(call: ProgramCall, kind: MessageKind, flags: number): void {
    const { bench, socket } = this;
    this.#access ??= new MessageAccess(bench);
    const access = this.#access;
    if (kind === 'plain') {
      access.plain(call.args[1]!, call.args[2]!);
      access.name = call.args[4]!;
      access.nameLength = call.ints[5]!;
    } else {
      const error = access.load(call, call.args[1]!);
      if (error < 0) return call.fail(-error);
    }
    const to = access.name === 0 ? null : this.addressOf(call, access.name, access.nameLength);
    if (typeof to === 'number') return call.fail(-to);
    const length = access.gather(call);
    if (length < 0) return call.fail(-length);
    const data = bench.io.bytes.slice(0, length);
    const result = socket.send(data, 0, length, flags, to);
    if (result < 0 && result !== -EINPROGRESS) return call.fail(-result);
    if (this.#state === BROKEN && !this.#renew(call)) return;
    this.#state = CONNECTING;
    this.remember(call);
    if ((flags & MSG_DONTWAIT) === 0 && !this.isNonblocking(call)) {
      this.#withSyn.set(call, { data, sent: Math.max(result, 0) });
      return this.#wait(call, socket.sendTimeoutMs, EINPROGRESS);
    }
    this.#filler = new ConnectFiller(this);
    call.answer(result);
  }

  receive(call: ProgramCall, kind: MessageKind): void {
    const flags = kind === 'message' ? call.ints[2]! : call.ints[3]!;
    if ((flags & MSG_ERRQUEUE) !== 0 && kind !== 'messages') return this.#messages.errors(call, kind);
    if (this.#state === FRESH || this.#state === LISTENING) return call.fail(ENOTCONN);
    if (this.#state !== CONNECTED) return call.proceed();
    const discards = (flags & MSG_TRUNC) !== 0 && kind !== 'messages';
    if (!discards && !StreamMessages.wanted(this.socket, kind, flags)) return call.proceed();
    this.remember(call);
    call.kind = kind;
    this.#messages.receive(call);
  }

  // -- StreamEnd ---------------------------------------------------------------------------------------------------------------

  get #messages(): StreamMessages {
    this.#toldApart ??= new StreamMessages(this);
    return this.#toldApart;
  }

  #toldApart: StreamMessages | null = null;
  handedUs = 0;

  get handedBytes(): number {
    return this.#handedOver.bytes;
  }

  refill(): void {
    this.#pump();
  }

  await(call: ProgramCall): void {
    this.#wait(call, this.socket.receiveTimeoutMs, EAGAIN);
  }

  /** recvmsg() that waits for data, while there are some. */
  #readersLook(): void {
    for (const call of [...this.#waiting]) {
      if (!call.waits) continue;
      const { onEnd } = call;
      onEnd?.();
      call.onEnd = null;
      this.#messages.receive(call);
    }
  }

  /** FIONREAD: what lies in the program's end, and what is still the stack's. */
  override control(call: ProgramCall, request: number): boolean {
    if (request !== FIONREAD || this.#state !== CONNECTED || this.socket.urgentState !== URGENT_NONE) return false;
    this.remember(call);
    const program = this.takeEnd();
    if (program < 0) return false;
    this.#input();
    const { libc, memory, scratch, scratchAddress } = this.bench;
    const result = libc.ioctlValue(program, FIONREAD, scratchAddress);
    libc.close(program);
    if (result < 0) return false;
    const behind = Math.max(0, unreadBytes(this.socket) - this.#handedOver.bytes);
    memory.view.setInt32(scratch, memory.view.getInt32(scratch, true) + behind, true);
    call.answer(call.copyOut(call.args[2]!, 4, scratchAddress));
    return true;
  }

  override map(call: ProgramCall): void {
    call.fail(EOPNOTSUPP);
  }

  /** Of a connection that nobody took, the stack's socket goes on. */
  protected releases = true;

  protected override release(): void {
    for (const call of [...this.#waiting]) call.fail(EINVAL);
    for (const child of this.#unclaimed) child.close();
    if (this.releases) super.release();
  }
}
