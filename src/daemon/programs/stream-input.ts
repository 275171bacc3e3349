import { ECONNRESET } from '../../base/errno.js';
import { hostAddressOf } from '../../host/io-vector.js';
import { MSG_DONTWAIT, MSG_NOSIGNAL } from '../../host/libc.js';
import { MSG_TRUNC } from '../../net/core/socket.js';
import { TCP_CLOSE } from '../../net/tcp/constants.js';
import type { TcpSocket } from '../../net/tcp/socket.js';
import { HandedOver } from './handed-over.js';
import { handOverUrgent, urgentAt } from './stream-urgent.js';
import type { Workbench } from './workbench.js';

/** Bytes of one write to our end: the kernel keeps more in several buffers. */
const PIECE = 64 * 1024;
/** A segment so long goes to the program without a copy. */
const LONG_SEGMENT = 8 * 1024;
const SHUT_WR = 1;
/** Where in a segment's memory: reused. */
const place = { at: 0 };

/** What is asked of a socket whose program reads. */
export interface ReadStream {
  readonly bench: Workbench;
  readonly socket: TcpSocket;
  readonly end: number;
  /** Memory of what the program has not read. */
  unreadMemory(): number;
  /** The program closed its end, with something unread in it. */
  closedUnread(): void;
  /** The connection was reset, and the program has all that came before. */
  reset(): void;
}

/**
 * Stack to program: copies of what is unread go to the program's end; what the program has read of them is then read in the stack, so
 * that the window tells of it.
 */
export class StreamInput {
  readonly #stream: ReadStream;
  readonly #handedOver = new HandedOver();
  /** The program knows that no more comes. */
  ended = false;
  /** When the program's end last got something, microseconds of the stack's clock. */
  handedUs = 0;

  constructor(stream: ReadStream) {
    this.#stream = stream;
  }

  /** Bytes that were handed over and not seen to be read. */
  get handedBytes(): number {
    return this.#handedOver.bytes;
  }

  /** What the program has read is read in the stack, `unread` being the memory of what it has not: else its close() were a reset. */
  takeRead(unread: number): void {
    const { socket, bench } = this.#stream;
    const read = this.#handedOver.takeRead(unread);
    if (read > 0) socket.receive(bench.io.bytes, 0, read, MSG_TRUNC, null);
  }

  /** As much as the program's end has room for, and behind it the end of the stream, or its reset. */
  move(): void {
    const stream = this.#stream;
    const { socket, bench } = stream;
    const { libc, io } = bench;
    const handed = this.#handedOver;
    if (handed.bytes > 0) {
      const unread = stream.unreadMemory();
      // A close() takes it all away too, and says so.
      if (unread === 0 && bench.endError(stream.end) === ECONNRESET) return stream.closedUnread();
      this.takeRead(unread);
    }
    let memory = handed.memory;
    while (handed.hasRoom) {
      const urgent = urgentAt(socket, handed.bytes);
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
      const written =
        urgent === 0 ? handOverUrgent(bench, stream.end, address) : libc.sendAt(stream.end, address, count, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (written <= 0) break;
      const now = stream.unreadMemory();
      handed.add(written, Math.max(now - memory, 1));
      this.handedUs = bench.stack.nowUs;
      memory = now;
      if (written < count) break;
    }
    if (socket.pendingError !== 0 && socket.state === TCP_CLOSE) {
      if (socket.peekAt(handed.bytes, io.bytes, 0, 1) === 0) stream.reset();
      return;
    }
    if (!this.ended && socket.readClosed && socket.peekAt(handed.bytes, io.bytes, 0, 1) === 0) {
      this.ended = true;
      libc.shutdown(stream.end, SHUT_WR);
    }
  }
}
