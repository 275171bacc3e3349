import { EAGAIN, EALREADY, ECONNRESET, EINPROGRESS, EINVAL, ENOTCONN, EOPNOTSUPP, EPIPE } from '../../base/errno.js';
import { MSG_DONTWAIT, SOCK_STREAM } from '../../host/libc.js';
import { MSG_ERRQUEUE, MSG_TRUNC } from '../../net/core/socket.js';
import type { Namespace } from '../../net/core/namespace.js';
import { MSG_OOB, TCP_CLOSE, TCP_LISTEN, TCP_SYN_RECV, TCP_SYN_SENT } from '../../net/tcp/constants.js';
import { sendsWithoutCopy } from '../../net/tcp/user-send.js';
import { URGENT_NONE } from '../../net/tcp/urgent.js';
import type { TcpSocket } from '../../net/tcp/socket.js';
import { AF_UNSPEC } from '../../netlink/constants.js';
import { ConnectFiller } from './connect-filler.js';
import { FastOpenSends } from './fast-open-sends.js';
import type { MessageKind, ProgramCall } from './program-call.js';
import { StackSocket } from './stack-socket.js';
import { type ReadStream, StreamInput } from './stream-input.js';
import { type ListeningStream, StreamListener } from './stream-listener.js';
import { type StreamEnd, StreamMessages } from './stream-messages.js';
import { StreamOutput, type WrittenStream } from './stream-output.js';
import { WaitingCalls } from './waiting-calls.js';
import type { Workbench } from './workbench.js';

const FIONREAD = 0x541b;
const MSG_ZEROCOPY = 0x400_0000;
const MSG_FASTOPEN = 0x2000_0000;
const SHUT_RD = 0;
const SHUT_WR = 1;
const SO_ERROR = 4;
const SOL_SOCKET = 1;

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
export class StreamSocket extends StackSocket implements StreamEnd, WrittenStream, ReadStream, ListeningStream {
  declare readonly socket: TcpSocket;
  #state = FRESH;
  /** accept(), connect() and recvmsg() that wait. */
  readonly #waiting: WaitingCalls;
  readonly output = new StreamOutput(this);
  readonly input = new StreamInput(this);
  #filler: ConnectFiller | null = null;
  /** A connect() was answered with success. */
  #told = false;
  /** A connect() is under way whose program has a broken end: a signal came before the new one. */
  #renewalDue = false;
  /** The call under way gave it that. */
  #resumed = false;
  gone = false;
  #turnDue = false;

  constructor(bench: Workbench, namespace: Namespace, socket: TcpSocket, connected: boolean) {
    super(bench, namespace, socket);
    this.#waiting = new WaitingCalls(bench.stack);
    // The urgent byte is told apart in the program's end.
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
    if (result === -EALREADY && !this.isNonblocking(call)) return this.#waiting.add(call, this.socket.sendTimeoutMs, EINPROGRESS);
    // Its program was not told yet that it is under way.
    if (result === -EALREADY && this.#resumed) return call.fail(EINPROGRESS);
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
    } else this.#waiting.add(call, this.socket.sendTimeoutMs, EINPROGRESS);
  }

  /** AF_UNSPEC ends a connection; with TCP_FASTOPEN_CONNECT, what is written first goes along with the SYN. */
  #connectedOtherwise(family: number): void {
    if (family !== AF_UNSPEC) this.#state = CONNECTED;
    else if (this.#state === CONNECTED) this.#breakOff();
  }

  /** Puts a new pair in the place of the broken one; false: the call is answered, or over. */
  #renew(call: ProgramCall): boolean {
    this.#renewalDue = true;
    const result = this.replaceEnd(call, call.ints[0]!);
    if (result < 0) call.fail(-result);
    else this.#renewalDue = false;
    return result >= 0;
  }

  /** The new end that a program did not get at its connect() is given at its next call, which finds the connection as it is by then. */
  override settle(call: ProgramCall, fd: number): void {
    super.settle(call, fd);
    this.#resumed = false;
    if (!this.#renewalDue) return;
    // One that failed meanwhile leaves the broken end as it is.
    this.#renewalDue = this.socket.state !== TCP_CLOSE;
    if (!this.#renewalDue || !this.#renew(call)) return;
    this.#resumed = true;
    this.#state = CONNECTING;
    if (this.isNonblocking(call)) this.#filler = new ConnectFiller(this);
    this.#connectEnded();
  }

  #connectEnded(): void {
    const { socket } = this;
    if (socket.state === TCP_SYN_SENT || socket.state === TCP_SYN_RECV) return;
    if (socket.state !== TCP_CLOSE) {
      this.#state = CONNECTED;
      this.letKeptGo();
      this.#filler?.drain();
      this.#filler = null;
      for (const call of this.#waiting.all) {
        // A second connect() fetches the outcome.
        if (!this.#told) socket.connect(socket.remote);
        this.#told = true;
        call.ok(this.#fastOpen?.sendRest(call) ?? 0);
      }
      this.#pump();
      return;
    }
    const [first] = this.#waiting.all;
    if (first !== undefined && this.#filler === null) {
      this.#state = FRESH;
      first.answer(socket.connect(socket.remote));
      this.#waiting.failAll(EINVAL);
      return;
    }
    this.#breakOff();
    for (const call of this.#waiting.all) call.answer(socket.connect(socket.remote));
  }

  /** The program's end tells of an error: ECONNRESET of the kernel, since our end closes with something unread in it. */
  #breakOff(): void {
    this.#state = BROKEN;
    if (this.#filler === null && !this.output.ended) this.leaveUnread();
    this.#filler = null;
    this.detach();
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
    this.#listener.accept(call, flags);
  }

  get #listener(): StreamListener {
    this.#accepting ??= new StreamListener(this, this.#waiting);
    return this.#accepting;
  }

  #accepting: StreamListener | null = null;

  accepted(child: TcpSocket): StreamSocket {
    return new StreamSocket(this.bench, this.namespace, child, true);
  }

  /** From accept(). */
  taken(call: ProgramCall, fd: number): void {
    this.tid = call.tid;
    this.fd = fd;
    this.bench.loop.defer(() => this.#pump());
  }

  /** Lets everything go but the stack's socket. */
  giveBack(): void {
    this.releases = false;
    this.close();
  }

  // -- data --------------------------------------------------------------------------------------------------------------------

  protected stackReady(): void {
    if (this.closed) return;
    if (this.#state === CONNECTING) this.#connectEnded();
    else if (this.#state === LISTENING) this.#listener.connectionsCame();
    else if (this.#state === CONNECTED) {
      this.#pump();
      if (this.#waiting.count > 0) this.#readersLook();
    }
  }

  protected happened(_events: number, hangup: boolean): void {
    if (this.#state === CONNECTED) {
      if (hangup) this.lookForClose();
      if (this.end >= 0) this.#pump();
    } else if (hangup && this.#state !== BROKEN) this.close();
  }

  /** By the program's close(), or by the ends of both streams. */
  lookForClose(): void {
    const unread = this.bench.endError(this.end) === ECONNRESET;
    if (!unread && this.input.ended && this.isWhereItWas()) return;
    if (unread) return this.closedUnread();
    this.gone = true;
    this.input.takeRead(0);
  }

  /** The stack's queue still has what the program did not read: that makes a reset of its close(), as in Linux. */
  closedUnread(): void {
    this.gone = true;
    this.output.flush();
    this.close();
  }

  #pump(): void {
    if (this.end < 0 || this.#state !== CONNECTED) return;
    const more = this.output.move();
    if (this.end < 0) return;
    if (this.gone) {
      if (this.output.ended) this.close();
    } else this.input.move();
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

  sendFailed(): void {
    if (this.gone) this.close();
    else this.reset();
  }

  reset(): void {
    this.#state = BROKEN;
    if (!this.output.ended) this.leaveUnread();
    this.detach();
  }

  // -- the rest ----------------------------------------------------------------------------------------------------------------

  shutdown(call: ProgramCall, how: number): void {
    if (how < 0 || how > 2) return call.fail(EINVAL);
    if (this.#state === LISTENING) {
      const result = this.socket.shutdown(how);
      this.#waiting.failAll(EINVAL);
      return call.answer(result);
    }
    if (this.#state !== CONNECTED || this.socket.state === TCP_CLOSE) {
      if (this.#state === CONNECTING) return call.answer(this.socket.shutdown(how));
      return call.fail(ENOTCONN);
    }
    this.remember(call);
    if (how !== SHUT_WR) {
      this.socket.shutdown(SHUT_RD);
      this.input.ended = true;
    }
    // The end of what it writes comes behind what it wrote: by the pair itself.
    call.proceed();
  }

  override getOption(call: ProgramCall, level: number, option: number, given: Uint8Array): Uint8Array | number {
    if (level === SOL_SOCKET && option === SO_ERROR) this.remember(call);
    return super.getOption(call, level, option, given);
  }

  send(call: ProgramCall, kind: MessageKind): void {
    const flags = kind === 'message' ? call.ints[2]! : call.ints[3]!;
    if ((flags & MSG_FASTOPEN) !== 0 && kind !== 'messages') return this.#sendWithSyn(call, kind, flags);
    if (this.#state === CONNECTED) {
      if (kind === 'messages' || (flags & (MSG_OOB | MSG_ZEROCOPY)) === 0) return call.proceed();
      if ((flags & MSG_OOB) !== 0) return this.#messages.sendUrgent(call, kind);
      if (!sendsWithoutCopy(this.socket)) return call.proceed();
      this.remember(call);
      return this.#messages.sendWithoutCopy(call, kind);
    }
    // Linux: tcp_sendmsg() of a socket that was never connected.
    call.fail(EPIPE);
  }

  /** MSG_FASTOPEN: a connect() whose SYN takes data along, where it may. */
  #sendWithSyn(call: ProgramCall, kind: MessageKind, flags: number): void {
    this.#fastOpen ??= new FastOpenSends(this);
    const begun = this.#fastOpen.begin(call, kind, flags);
    if (typeof begun === 'number') return call.fail(-begun);
    if (this.#state === BROKEN && !this.#renew(call)) return;
    this.#state = CONNECTING;
    this.remember(call);
    if ((flags & MSG_DONTWAIT) === 0 && !this.isNonblocking(call)) return this.#fastOpen.wait(call, begun, this.#waiting);
    this.#filler = new ConnectFiller(this);
    call.answer(begun.result);
  }

  #fastOpen: FastOpenSends | null = null;

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

  refill(): void {
    this.#pump();
  }

  await(call: ProgramCall): void {
    this.#waiting.add(call, this.socket.receiveTimeoutMs, EAGAIN);
  }

  /** recvmsg() that waits for data, while there are some. */
  #readersLook(): void {
    for (const call of this.#waiting.all) {
      if (!call.waits) continue;
      this.#waiting.withdraw(call);
      this.#messages.receive(call);
    }
  }

  /** FIONREAD: what lies in the program's end, and what is still the stack's. */
  override control(call: ProgramCall, request: number): boolean {
    if (request !== FIONREAD || this.#state !== CONNECTED || this.socket.urgentState !== URGENT_NONE) return false;
    this.remember(call);
    return this.#messages.tellUnread(call);
  }

  override map(call: ProgramCall): void {
    call.fail(EOPNOTSUPP);
  }

  /** Of a connection that nobody took, the stack's socket goes on. */
  protected releases = true;

  protected override release(): void {
    this.#waiting.failAll(EINVAL);
    this.#accepting?.close();
    if (this.releases) super.release();
  }
}
