import { EAGAIN } from '../../base/errno.js';
import { hostAddressOf } from '../../host/io-vector.js';
import { MSG_DONTWAIT } from '../../host/libc.js';
import { POLLERR, POLLOUT } from '../../net/core/socket.js';
import type { TcpSocket } from '../../net/tcp/socket.js';
import type { Workbench } from './workbench.js';

/** Bytes of one read of our end: the kernel keeps more in several buffers. */
const PIECE = 64 * 1024;
/** Pieces that one socket moves before the others have their turn. */
const TURN = 16;
const SHUT_WR = 1;

/** What is asked of a socket whose program writes. */
export interface WrittenStream {
  readonly bench: Workbench;
  readonly socket: TcpSocket;
  readonly end: number;
  readonly closed: boolean;
  /** The program has closed its end; what it wrote is still on its way. */
  readonly gone: boolean;
  /** The connection has ended under what the program writes. */
  sendFailed(): void;
  /** Both directions of our end are shut. */
  lookForClose(): void;
}

/** Program to stack: what was written to the program's end goes to the stack's socket, and behind it the end of it. */
export class StreamOutput {
  readonly #stream: WrittenStream;
  /** The program has sent all it will; the stack knows of it. */
  ended = false;

  constructor(stream: WrittenStream) {
    this.#stream = stream;
  }

  /** As much as the send buffer has room for. True: there may be more at once. */
  move(): boolean {
    const stream = this.#stream;
    const { socket, bench } = stream;
    const { libc, io } = bench;
    for (let i = 0; i < TURN; i++) {
      if (this.ended) return false;
      if ((socket.poll() & (POLLOUT | POLLERR)) === 0) return false;
      const room = Math.min(socket.sendRoom, PIECE);
      if (room <= 0) return false;
      const reserved = this.#reserve(room);
      const count = reserved > 0 ? this.#readReserved() : libc.receiveAt(stream.end, io.address, room, MSG_DONTWAIT);
      if (count > 0) {
        const sent = reserved > 0 ? socket.sendReserved(count) : socket.send(io.bytes, 0, count, 0, null);
        if (sent < 0) {
          stream.sendFailed();
          return false;
        }
        continue;
      }
      if (count < 0 && libc.errno() === EAGAIN) return false;
      // A close() may be seen here before it is told.
      if (!stream.gone && bench.isHungUp(stream.end)) stream.lookForClose();
      if (stream.closed) return false;
      this.ended = true;
      if (!stream.gone) socket.shutdown(SHUT_WR);
      return false;
    }
    return true;
  }

  /** All that there is now, or that the send buffer takes. */
  flush(): void {
    while (this.move());
  }

  /** Memory of the stack's socket for up to `room` bytes of the program, so that they need no copy; 0: they go another way. */
  #reserve(room: number): number {
    const { socket, bench } = this.#stream;
    const { pieces } = bench;
    pieces.count = 0;
    return socket.reserveSend(room, pieces);
  }

  /** Reads into what was reserved: the count, or -1 with errno as read(2) has it, and then nothing stays reserved. */
  #readReserved(): number {
    const { socket, bench, end } = this.#stream;
    const { libc, pieces, vector } = bench;
    for (let i = 0; i < pieces.count; i++)
      vector.point(i, hostAddressOf(libc, pieces.memories[i]!) + pieces.offsets[i]!, pieces.lengths[i]!);
    const count = libc.readvAt(end, vector.address, pieces.count);
    if (count <= 0) socket.sendReserved(0);
    return count;
  }
}
