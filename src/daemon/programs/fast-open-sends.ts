import { EINPROGRESS } from '../../base/errno.js';
import type { SocketAddress } from '../../net/core/socket.js';
import type { TcpSocket } from '../../net/tcp/socket.js';
import { MessageAccess } from './message-access.js';
import type { MessageKind, ProgramCall } from './program-call.js';
import type { WaitingCalls } from './waiting-calls.js';
import type { Workbench } from './workbench.js';

/** What is asked of the socket that sends. */
interface FastOpenStream {
  readonly bench: Workbench;
  readonly socket: TcpSocket;
  addressOf(call: ProgramCall, pointer: number, length: number): SocketAddress | number;
}

/** A send whose connection is under way. */
interface BegunSend {
  readonly data: Uint8Array;
  /** Bytes that went along, or -EINPROGRESS: none did. */
  readonly result: number;
}

/** sendto() and sendmsg() with MSG_FASTOPEN (RFC 7413): what the SYN did not take along is sent when the connection is there. */
export class FastOpenSends {
  readonly #stream: FastOpenStream;
  readonly #access: MessageAccess;
  /** Those that wait for their connection. */
  readonly #waiting = new Map<ProgramCall, BegunSend>();

  constructor(stream: FastOpenStream) {
    this.#stream = stream;
    this.#access = new MessageAccess(stream.bench);
  }

  /** Begins the connection, or says by a negative errno why it cannot. */
  begin(call: ProgramCall, kind: MessageKind, flags: number): BegunSend | number {
    const { bench, socket } = this.#stream;
    const access = this.#access;
    if (kind === 'plain') {
      access.plain(call.args[1]!, call.args[2]!);
      access.name = call.args[4]!;
      access.nameLength = call.ints[5]!;
    } else {
      const error = access.load(call, call.args[1]!);
      if (error < 0) return error;
    }
    const to = access.name === 0 ? null : this.#stream.addressOf(call, access.name, access.nameLength);
    if (typeof to === 'number') return to;
    const length = access.gather(call);
    if (length < 0) return length;
    const data = bench.io.bytes.slice(0, length);
    const result = socket.send(data, 0, length, flags, to);
    return result < 0 && result !== -EINPROGRESS ? result : { data, result };
  }

  /** Holds the call until the connection is there. */
  wait(call: ProgramCall, begun: BegunSend, waiting: WaitingCalls): void {
    this.#waiting.set(call, begun);
    waiting.add(call, this.#stream.socket.sendTimeoutMs, EINPROGRESS, () => this.#waiting.delete(call));
  }

  /** The connection of a call that waits is there: all that is sent now. */
  sendRest(call: ProgramCall): number {
    const begun = this.#waiting.get(call);
    if (begun === undefined) return 0;
    const { data } = begun;
    const sent = Math.max(begun.result, 0);
    return sent + Math.max(0, sent < data.length ? this.#stream.socket.send(data, sent, data.length - sent, 0, null) : 0);
  }
}
