import fc from 'fast-check';
import { ECONNREFUSED, ECONNRESET, EINPROGRESS, EPIPE, ETIMEDOUT } from '../../../../src/base/errno.js';
import { MSG_FASTOPEN, TCP_CLOSE, TCP_SYN_SENT } from '../../../../src/net/tcp/constants.js';
import { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { address, B, Kit, pattern } from './kit.js';

/** What one connection goes through. */
export interface Schedule {
  seed: number;
  loss: number;
  duplicate: number;
  corrupt: number;
  reorder: number;
  jitterMs: number;
  delayMs: number;
  up: number;
  down: number;
  chunk: number;
  offload: boolean;
  nodelay: boolean;
  timestamps: boolean;
  sack: boolean;
  ecn: boolean;
  /** The client's first bytes go with the SYN, without a cookie. */
  fastOpen: boolean;
  /** tcp_syncookies of the server. */
  cookies: number;
  congestion: string;
  readSlowly: boolean;
  receiveBuffer: number;
  /** When the wire breaks for good, seconds; 0: never. */
  breaksAfterS: number;
}

export const schedule: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.nat(),
  loss: fc.constantFrom(0, 0, 0.01, 0.05, 0.15, 0.3),
  duplicate: fc.constantFrom(0, 0, 0.05, 0.3),
  corrupt: fc.constantFrom(0, 0, 0.02, 0.1),
  reorder: fc.constantFrom(0, 0, 0.05, 0.5),
  jitterMs: fc.constantFrom(1, 5, 30, 400),
  delayMs: fc.constantFrom(0, 1, 20, 150),
  up: fc.constantFrom(0, 1, 100, 1460, 5000, 60_000, 300_000),
  down: fc.constantFrom(0, 1, 100, 1460, 5000, 60_000, 300_000),
  chunk: fc.constantFrom(1, 7, 500, 1448, 10_000, 100_000),
  offload: fc.boolean(),
  nodelay: fc.boolean(),
  timestamps: fc.boolean(),
  sack: fc.constantFrom(true, true, true, false),
  ecn: fc.boolean(),
  fastOpen: fc.constantFrom(false, false, false, true),
  cookies: fc.constantFrom(1, 1, 1, 2),
  congestion: fc.constantFrom('cubic', 'cubic', 'reno'),
  readSlowly: fc.boolean(),
  receiveBuffer: fc.constantFrom(0, 0, 2304, 9000),
  breaksAfterS: fc.constantFrom(0, 0, 0, 0, 0, 0.05, 0.5, 5),
});

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** One end: sends its bytes in chunks, closes its direction, reads until the end. */
class End {
  readonly sk: TcpSocket;
  readonly bytes: Uint8Array;
  /** How much came, all of it what was expected. */
  got = 0;
  readonly #expected: Uint8Array;
  readonly #into = new Uint8Array(70_000);
  sent = 0;
  eof = false;
  errno = 0;
  finished = false;
  readonly chunk: number;
  readonly #slow: boolean;

  constructor(sk: TcpSocket, bytes: Uint8Array, expected: Uint8Array, s: Schedule) {
    this.#expected = expected;
    this.sk = sk;
    this.bytes = bytes;
    this.chunk = Math.max(s.chunk, Math.ceil(bytes.length / 2000));
    this.#slow = s.readSlowly;
    // Without keep-alive an end that only waits would never learn that the wire broke.
    sk.setKeepAlive(true);
    sk.onReady = () => this.step();
  }

  step(): void {
    if (this.finished) return;
    if (this.sk.state === TCP_SYN_SENT) return;
    this.#read();
    if (this.finished) return;
    while (this.sent < this.bytes.length) {
      const n = this.sk.send(this.bytes, this.sent, Math.min(this.chunk, this.bytes.length - this.sent), 0, null);
      if (n === -11) break;
      if (n < 0) {
        this.#fail(-n);
        return;
      }
      this.sent += n;
    }
    if (this.sent === this.bytes.length && (this.sk.shutdownMask & 2) === 0) this.sk.shutdown(1);
    if (this.eof && this.sent === this.bytes.length) {
      this.finished = true;
      this.sk.close();
    }
  }

  #read(): void {
    const into = this.#into;
    const most = this.#slow ? 700 : into.length;
    for (let i = 0; i < (this.#slow ? 3 : 1000) && !this.eof; i++) {
      const n = this.sk.receive(into, 0, most, 0, null);
      if (n === -11) return;
      if (n < 0) {
        this.#fail(-n);
        return;
      }
      if (n === 0) this.eof = true;
      for (let at = 0; at < n; at++) {
        if (into[at] !== this.#expected[this.got + at]) throw new Error(`byte ${this.got + at} is wrong`);
      }
      this.got += n;
    }
  }

  #fail(errno: number): void {
    this.errno = errno;
    this.finished = true;
    this.sk.close();
  }
}

/** Runs one connection under `given`; throws where a byte is wrong, missing or twice, an errno is not the right one, or something leaks. */
export function run(given: Schedule): void {
  // A tenth of a packet at a time through a wire that loses a third takes longer than anybody waits.
  const most = given.loss + given.corrupt >= 0.15 && given.receiveBuffer > 0 ? 5000 : Number.POSITIVE_INFINITY;
  const s = { ...given, up: Math.min(given.up, most), down: Math.min(given.down, most) };
  const kit = new Kit({ seed: s.seed, delayMs: s.delayMs, offload: s.offload });
  kit.link.record = false;
  for (const tcp of [kit.a, kit.b]) {
    tcp.settings.keepaliveTime = 600;
    // As in Linux an end that closed gives up after the time that eight repetitions take at the least time-out, 102 s. Where ACKs get
    // lost, a late echo of an old timestamp makes the time-out 30 s and more, so that two lost repetitions would be enough for it.
    tcp.settings.orphanRetries = 15;
  }
  kit.a.settings.timestamps = s.timestamps ? 1 : 0;
  kit.a.settings.sack = s.sack ? 1 : 0;
  kit.a.settings.ecn = s.ecn ? 1 : 2;
  // A cookie holds only where the ACK of the handshake is the first that comes, and comes once; Linux's are no different.
  kit.b.settings.syncookies = s.loss + s.duplicate + s.corrupt + s.reorder === 0 ? s.cookies : 1;
  for (const tcp of [kit.a, kit.b]) tcp.settings.congestionControl = s.congestion;
  if (s.fastOpen) for (const tcp of [kit.a, kit.b]) tcp.settings.fastopen = 0x607;
  if (s.ecn) kit.link.mark = (seen) => seen.atUs % 7000 < 1000;
  kit.link.faults = { loss: s.loss, duplicate: s.duplicate, corrupt: s.corrupt, reorder: s.reorder, jitterUs: s.jitterMs * 1000 };
  const upward = pattern(s.up, 1);
  const downward = pattern(s.down, 5);
  const startMs = kit.nowMs;
  if (s.breaksAfterS > 0) kit.link.drop = () => kit.nowMs - startMs > s.breaksAfterS * 1000;
  const listener = kit.listener(kit.b, 80);
  if (s.receiveBuffer > 0) {
    listener.receiveBuffer = s.receiveBuffer;
    listener.receiveBufferLocked = true;
  }
  const client = kit.socket(kit.a);
  if (s.nodelay) client.setOption(6, 1, new Uint8Array([1, 0, 0, 0]));
  const up = new End(client, upward, downward, s);
  const accepted: End[] = [];
  listener.onReady = () => {
    const sk = listener.accept();
    if (!(sk instanceof TcpSocket)) return;
    // A second connection would be one that nobody asked for.
    check(accepted.length === 0, 'a second connection');
    const end = new End(sk, downward, upward, s);
    accepted.push(end);
    end.step();
  };
  if (s.fastOpen && s.up > 0) {
    const count = client.send(upward, 0, Math.min(up.chunk, s.up), MSG_FASTOPEN, address(B, 80));
    check(count > 0 || count === -EINPROGRESS, `send with the SYN: ${count}`);
    up.sent = Math.max(0, count);
  } else check(client.connect(address(B, 80)) === -EINPROGRESS, 'connect');
  const allDone = () => up.finished && accepted.every((end) => end.finished);
  const limitMs = kit.nowMs + 6 * 3_600_000;
  while (!allDone() && kit.nowMs < limitMs) {
    // Whoever reads slowly comes by every ten milliseconds.
    if (s.readSlowly) {
      up.step();
      accepted[0]?.step();
      kit.advance(kit.nowMs - startMs < 120_000 ? 10 : 5000);
    } else if (!kit.until(allDone, limitMs - kit.nowMs)) break;
  }
  check(up.finished && accepted.every((end) => end.finished), 'not finished in six hours');
  for (const end of [up, ...accepted]) {
    if (end.errno === 0) {
      // A clean end: everything arrived.
      check(end.got === (end === up ? s.down : s.up), `${end.got} bytes came`);
    } else {
      check([ETIMEDOUT, ECONNRESET, EPIPE, ECONNREFUSED].includes(end.errno), `errno ${end.errno}`);
      // Only a broken wire, or one that eats a third of everything, may end a connection.
      if (s.breaksAfterS === 0 && s.loss + s.corrupt < 0.15)
        throw new Error(`${end === up ? 'client' : 'server'} ended with errno ${end.errno} at ${kit.nowMs - startMs} ms`);
    }
  }
  listener.onReady = null;
  listener.close();
  // TIME_WAIT and orphans end by themselves.
  kit.until(() => kit.a.endpoints.count + kit.b.endpoints.count === 0, 4 * 3_600_000);
  check(kit.a.endpoints.count + kit.b.endpoints.count === 0, 'endpoints are left');
  check(kit.a.orphans + kit.b.orphans === 0, 'orphans are left');
  check(kit.a.ports.size + kit.b.ports.size === 0, 'ports are left');
  check(client.state === TCP_CLOSE, 'not closed');
  check(kit.end() === 0, 'packets leaked');
}
