import { EAGAIN, EDESTADDRREQ, EINVAL } from '../../base/errno.js';
import { EPOLLIN } from '../../host/epoll-descriptors.js';

import { InetSocket } from '../../net/core/inet-socket.js';
import type { Namespace } from '../../net/core/namespace.js';
import { PacketSocket } from '../../net/packet/packet-socket.js';
import { withControl } from '../../net/core/send-control.js';
import {
  MSG_ERRQUEUE,
  MSG_PEEK,
  MSG_TRUNC,
  POLLERR,
  POLLIN,
  ReceiveInfo,
  SHUT_RD,
  SHUT_RDWR,
  type Socket,
  type SocketAddress,
} from '../../net/core/socket.js';
import { ControlWriter } from './control-messages.js';
import { DatagramEnd, type DatagramSource } from './datagram-end.js';
import { MessageAccess } from './message-access.js';
import type { MessageKind, ProgramCall } from './program-call.js';
import { giveAddress, writeAddress } from './socket-address.js';
import { StackSocket } from './stack-socket.js';
import { IO_BYTES, type Workbench } from './workbench.js';

const info = new ReceiveInfo();

/** A program's UDP, ping, raw or packet socket. */
export class DatagramSocket extends StackSocket implements DatagramSource {
  readonly #end: DatagramEnd;
  readonly #access: MessageAccess;
  readonly #control: ControlWriter;
  #shut = false;

  constructor(bench: Workbench, namespace: Namespace, socket: Socket) {
    super(bench, namespace, socket);
    this.#end = new DatagramEnd(this, this);
    this.#access = new MessageAccess(bench);
    this.#control = new ControlWriter(bench);
  }

  open(flags: number): number {
    const pair = this.bench.pair(DatagramEnd.type, flags);
    this.attach(pair, true);
    return pair.program;
  }

  get showsErrors(): boolean {
    return this.socket instanceof InetSocket && this.socket.receiveErrors && (this.socket.poll() & POLLERR) !== 0;
  }

  get receiveTimeoutMs(): number {
    const { socket } = this;
    return socket instanceof InetSocket || socket instanceof PacketSocket ? socket.receiveTimeoutMs : 0;
  }

  protected isConnected(): boolean {
    return this.socket.remote.port !== 0 || (this.socket as { readonly connected?: boolean }).connected === true;
  }

  connect(call: ProgramCall): void {
    const wanted = this.addressOf(call, call.args[1]!, call.ints[2]!);
    if (typeof wanted === 'number') return call.fail(-wanted);
    this.#end.drain(false);
    call.answer(this.socket.connect(wanted));
  }

  shutdown(call: ProgramCall, how: number): void {
    const result = this.socket.shutdown(how);
    if (how < SHUT_RD || how > SHUT_RDWR) return call.fail(EINVAL);
    this.remember(call);
    // Even where it is not connected (ENOTCONN), those who wait for it are woken.
    this.#shut = true;
    call.answer(result);
    this.#end.update();
  }

  protected stackReady(): void {
    if (!this.closed) this.#end.update();
  }

  protected happened(events: number, hangup: boolean): void {
    const ended = this.#end.drain(hangup);
    if (hangup && (ended || (events & EPOLLIN) === 0)) {
      if (!this.#shut || !this.isWhereItWas()) this.close();
      return;
    }
    if (!this.closed) this.#end.update();
  }

  send(call: ProgramCall, kind: MessageKind): void {
    this.#end.send(call, kind);
  }

  receive(call: ProgramCall, kind: MessageKind): void {
    this.#end.receive(call, kind);
  }

  // -- DatagramSource ----------------------------------------------------------------------------------------------------------

  peek(): number {
    const events = this.socket.poll();
    // An error is told by an empty message: who asks for it gets the error.
    if ((events & POLLERR) !== 0) return 0;
    if ((events & POLLIN) === 0) return -1;
    return Math.max(0, this.socket.receive(this.bench.io.bytes, 0, IO_BYTES, MSG_PEEK, null));
  }

  skip(): void {
    if (this.socket.pendingError !== 0) this.socket.takeError();
    else this.socket.receive(this.bench.io.bytes, 0, 0, 0, null);
  }

  take(length: number): void {
    const { socket } = this;
    const result = socket.send(this.bench.io.bytes, 0, length, 0, null);
    // Who wrote it has his answer: what went wrong is told by the next call.
    if (result < 0 && result !== -EAGAIN && result !== -EDESTADDRREQ) socket.pendingError = -result;
  }

  receiveOne(call: ProgramCall, header: number, flags: number): number {
    const { bench, socket } = this;
    const access = this.#access;
    if (header === 0) access.plain(call.args[1]!, call.args[2]!);
    else {
      const error = access.load(call, header);
      if (error < 0) return error;
    }
    const room = Math.min(access.length, IO_BYTES);
    const count = socket.receive(bench.io.bytes, 0, room, flags & (MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE), info);
    if (count < 0) return count;
    const ended = count === 0 && (socket.shutdownMask & 1) !== 0 && (socket.poll() & POLLIN) !== 0;
    const error = access.scatter(call, Math.min(count, room));
    if (error < 0) return error;
    this.#control.begin(access.controlLength);
    let nameLength = 0;
    if (!ended) {
      nameLength = writeAddress(bench.memory, bench.address, info.from, socket.family);
      this.#control.tell(socket, info);
    }
    const told = info.flags | this.#control.flags;
    if (header !== 0) return access.answer(call, nameLength, this.#control.length, told) || count;
    const given =
      call.args[4] === 0 ? 0 : giveAddress(call, bench.memory, bench.address, nameLength, call.args[4]!, call.args[5]!, bench.scratch);
    return given || count;
  }

  /** What a sending call names as its destination, its buffers being read along; null: nothing. Or a negative errno. */
  protected destinationOf(call: ProgramCall, header: number): SocketAddress | number | null {
    const access = this.#access;
    if (header === 0) {
      access.plain(call.args[1]!, call.args[2]!);
      access.name = call.args[4]!;
      access.nameLength = call.ints[5]!;
    } else {
      const error = access.load(call, header);
      if (error < 0) return error;
    }
    return access.name === 0 || access.nameLength === 0 ? null : this.addressOf(call, access.name, access.nameLength);
  }

  sendOne(call: ProgramCall, header: number, flags: number): number {
    const { bench, socket } = this;
    const access = this.#access;
    const to = this.destinationOf(call, header);
    if (typeof to === 'number') return to;
    const control = access.readControl(call);
    if (control < 0) return control;
    const length = access.gather(call);
    if (length < 0) return length;
    return withControl(socket, bench.memory.view, bench.control, control, () => socket.send(bench.io.bytes, 0, length, flags, to));
  }

  protected override release(): void {
    this.#end.end(EINVAL);
    super.release();
  }
}
