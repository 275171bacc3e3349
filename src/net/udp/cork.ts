import { EMSGSIZE } from '../../base/errno.js';
import { copyBytes } from '../core/packet-pool.js';
import { SocketAddress } from '../core/socket.js';

const MAX_DATAGRAM = 0xffff;
const FIRST = 2048;

/** What a corked UDP socket has gathered: the pieces of one datagram, whose destination the first piece names. */
export class UdpCork {
  bytes = new Uint8Array(FIRST);
  length = 0;
  readonly to = new SocketAddress();
  /** Whether the first piece named its destination; else it is the peer's. */
  addressed = false;
  /** Anything, be it no bytes at all, has been gathered. */
  pending = false;

  /** 0 or -EMSGSIZE, after which all is as before. */
  append(from: Uint8Array, start: number, length: number): number {
    const total = this.length + length;
    if (total > MAX_DATAGRAM) return -EMSGSIZE;
    if (total > this.bytes.length) {
      const larger = new Uint8Array(Math.max(total, 2 * this.bytes.length));
      copyBytes(this.bytes, 0, larger, 0, this.length);
      this.bytes = larger;
    }
    copyBytes(from, start, this.bytes, this.length, length);
    this.length = total;
    return 0;
  }

  begin(to: SocketAddress | null): void {
    this.pending = true;
    this.length = 0;
    this.addressed = to !== null;
    if (to === null) return;
    this.to.family = to.family;
    this.to.words.set(to.words);
    this.to.port = to.port;
    this.to.scopeId = to.scopeId;
  }

  clear(): void {
    this.pending = false;
    this.length = 0;
  }
}
