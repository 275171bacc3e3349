import { EAGAIN, EINTR, EMSGSIZE, ENOBUFS, ENOMEM, strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { CommandIo } from '../../client/command.js';
import { MSG_DONTWAIT, MSG_ERRQUEUE, type Received } from '../../client/sockets.js';
import { verify } from '../../wire/checksum.js';
import * as icmp from '../../wire/icmp.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import * as ip from '../../wire/ipv4.js';
import { EchoRequest, STAMP_BYTES, stampOf } from './echo.js';
import type { EchoSocket } from './echo-socket.js';
import { icmpInfo, icmpText, icmpv6Text } from './icmp-text.js';
import { IpOptionText } from './ip-options.js';
import { MAX_DUP_CHECK, type PingOptions } from './options.js';
import { Pace } from './pace.js';
import { roundTripText, Statistics } from './statistics.js';

/** SO_EE_ORIGIN_* */
const ORIGIN_LOCAL = 1;
const ORIGIN_ICMP = 2;
const ORIGIN_ICMP6 = 3;

export interface SessionTarget {
  /** As it was written. */
  readonly name: string;
  readonly address: Uint8Array;
  readonly identifier: number;
  readonly describe: (address: Uint8Array) => string;
}

/** Sends echo requests, tells of what comes back, and counts: the life of one ping after its first line. */
export class Session {
  readonly #io: CommandIo;
  readonly #echo: EchoSocket;
  readonly #options: PingOptions;
  readonly #target: SessionTarget;
  readonly #request: EchoRequest;
  readonly #pace: Pace;
  readonly #statistics = new Statistics();
  readonly #optionText: IpOptionText;
  /** One bit a sequence number that an answer came for. */
  readonly #seen = new Uint8Array(MAX_DUP_CHECK);
  #acknowledged = 0xffff;
  #exiting = false;
  #exitAtUs = Number.POSITIVE_INFINITY;
  #scheduled = false;
  #statusWanted = false;
  /** Grows where packets cannot be sent for lack of memory, and slows an adaptive ping down. */
  #addendUs = 0;
  #wake: (() => void) | null = null;
  #woken = false;
  #failure: unknown = null;

  constructor(io: CommandIo, echo: EchoSocket, options: PingOptions, target: SessionTarget) {
    this.#io = io;
    this.#echo = echo;
    this.#options = options;
    this.#target = target;
    this.#request = new EchoRequest(target.identifier, options.dataBytes, options.pattern, echo.v6);
    this.#pace = new Pace(options.intervalMs, options.preload);
    this.#optionText = new IpOptionText(target.describe);
  }

  /** Runs to the end and gives the exit status. */
  async run(): Promise<number> {
    const options = this.#options;
    const statistics = this.#statistics;
    const stop = new AbortController();
    const ears = [
      this.#io.onSignal('SIGINT', () => this.#end()),
      this.#io.onSignal('SIGQUIT', () => {
        this.#statusWanted = true;
        this.#rouse();
      }),
    ];
    const abort = () => this.#end();
    this.#io.signal.addEventListener('abort', abort, { once: true });
    if (this.#io.signal.aborted) abort();
    statistics.startUs = statistics.lastUs = this.#io.nowUs();
    if (options.deadlineSeconds > 0) this.#exitAtUs = statistics.startUs + options.deadlineSeconds * 1_000_000;
    const receiving = this.#receive(stop.signal);
    try {
      while (!this.#finished()) {
        if (this.#statusWanted) {
          this.#statusWanted = false;
          await this.#io.stderr.write(statistics.status(this.#request.timed));
        }
        const nextMs = await this.#sendDue();
        if (!this.#finished()) await this.#wait(nextMs * 1000);
      }
    } finally {
      stop.abort();
      for (const close of ears) close();
      this.#io.signal.removeEventListener('abort', abort);
      await receiving;
    }
    if (this.#failure !== null) throw this.#failure;
    const paced = options.intervalMs > 0 && !options.flood && !options.adaptive;
    await this.#io.stdout.write(statistics.summary(this.#target.name, this.#request.timed, paced));
    return statistics.received === 0 || (options.deadlineSeconds > 0 && statistics.received < options.count) ? 1 : 0;
  }

  #end(): void {
    this.#exiting = true;
    this.#rouse();
  }

  #finished(): boolean {
    const { count, deadlineSeconds } = this.#options;
    const { received, errors } = this.#statistics;
    if (this.#io.nowUs() >= this.#exitAtUs) this.#exiting = true;
    return this.#exiting || this.#failure !== null || (count > 0 && received + errors >= count) || (deadlineSeconds > 0 && errors > 0);
  }

  /** Waits that long, or until something came in or a signal did. */
  async #wait(us: number): Promise<void> {
    if (!this.#woken) {
      const done = new AbortController();
      this.#wake = () => done.abort();
      await this.#io.sleepUs(Math.max(0, Math.min(us, this.#exitAtUs - this.#io.nowUs())), done.signal);
      this.#wake = null;
    }
    this.#woken = false;
  }

  #rouse(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /** What comes in begins with an IPv4 header. */
  get #headed(): boolean {
    return this.#echo.raw && !this.#echo.v6;
  }

  // Sending

  /** Sends what is due and says for how many milliseconds nothing is. */
  async #sendDue(): Promise<number> {
    for (;;) {
      const next = this.#scheduleExit(await this.#sendOne());
      if (next > 0 || this.#finished()) return next;
    }
  }

  async #sendOne(): Promise<number> {
    const { count, deadlineSeconds, outstanding, quiet, flood } = this.#options;
    const statistics = this.#statistics;
    if (this.#exiting || (count > 0 && statistics.transmitted >= count && deadlineSeconds === 0)) return 1000;
    const waitMs = this.#pace.take(Math.trunc(this.#io.nowUs() / 1000), this.#inFlight());
    if (waitMs > 0) return waitMs;
    if (outstanding && statistics.transmitted > 0 && this.#seen[statistics.transmitted % MAX_DUP_CHECK] === 0)
      await this.#print(`${this.#timestamp()}no answer yet for icmp_seq=${statistics.transmitted % MAX_DUP_CHECK}\n`);
    const sequence = (statistics.transmitted + 1) % MAX_DUP_CHECK;
    this.#seen[sequence] = 0;
    const nowUs = this.#io.nowUs();
    if (statistics.transmitted === 0) statistics.startUs = nowUs;
    statistics.lastUs = nowUs;
    try {
      const { flowLabel } = this.#options;
      const to = { address: this.#target.address, port: 0, ...(flowLabel > 0 ? { flowInfo: flowLabel } : {}) };
      await this.#echo.socket.send(this.#request.build(sequence, nowUs), this.#options.connect ? {} : { to });
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      return await this.#sendFailed(error);
    }
    this.#countTransmitted();
    if (flood && !quiet) await this.#print('.');
    return this.#pace.nextMs;
  }

  async #sendFailed(error: NetError): Promise<number> {
    const statistics = this.#statistics;
    if (error.errno === ENOBUFS || error.errno === ENOMEM) {
      this.#pace.clear();
      this.#addendUs += Math.min(50_000, Math.trunc(statistics.smoothed / 8));
      if (this.#options.adaptive) this.#adapt();
      return Math.min(500, Math.max(10, this.#pace.intervalMs / 2));
    }
    if (error.errno === EAGAIN) return this.#pace.giveBack();
    // An error about an earlier packet was reported by this call: the packet goes out now.
    if ((await this.#takeErrors()).network > 0) return this.#pace.giveBack();
    // Else it counts as sent; what the error queue does not tell, the real tool does not either.
    this.#countTransmitted();
    this.#pace.clear();
    return this.#pace.nextMs;
  }

  #countTransmitted(): void {
    const transmitted = ++this.#statistics.transmitted;
    // What is out of sight is not waited for.
    if (((transmitted - this.#acknowledged) & 0xffff) > 0x7fff) this.#acknowledged = (transmitted + 1) & 0xffff;
  }

  #inFlight(): number {
    const { transmitted, received, errors } = this.#statistics;
    const distance = (transmitted - this.#acknowledged) & 0xffff;
    return distance <= 0x7fff ? distance : transmitted - received - errors;
  }

  #acknowledge(sequence: number): void {
    const { transmitted } = this.#statistics;
    const distance = (transmitted - sequence) & 0xffff;
    if (distance > 0x7fff) return;
    if (distance + 1 > this.#statistics.pipe) this.#statistics.pipe = distance + 1;
    const ahead = (sequence - this.#acknowledged) & 0xffff;
    if ((ahead !== 0 && ahead < 0x8000) || ((transmitted - this.#acknowledged) & 0xffff) > 0x7fff) this.#acknowledged = sequence;
  }

  /** Once all is sent: how long to wait for what is missing. */
  #scheduleExit(nextMs: number): number {
    const { count, deadlineSeconds, lingerMs } = this.#options;
    const { transmitted, received, maxUs } = this.#statistics;
    if (count === 0 || transmitted < count || deadlineSeconds > 0 || this.#scheduled) return nextMs;
    const waitUs = received > 0 ? Math.max(2 * maxUs, 1000 * this.#pace.intervalMs) : lingerMs * 1000;
    if (waitUs === 0) return nextMs;
    this.#scheduled = true;
    this.#exitAtUs = Math.min(this.#exitAtUs, this.#io.nowUs() + waitUs);
    return Math.max(nextMs, Math.trunc(waitUs / 1000));
  }

  #adapt(): void {
    const { smoothed } = this.#statistics;
    const estimateUs = smoothed === 0 ? this.#pace.intervalMs * 1000 : Math.trunc(smoothed / 8);
    const ms = Math.trunc((estimateUs + this.#addendUs + 500) / 1000);
    this.#pace.intervalMs = this.#io.processes.uid === 0 ? ms : Math.max(2, ms);
  }

  // Receiving

  async #receive(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const received = await this.#echo.socket.receive({ signal });
        if (this.#finished()) return;
        await this.#take(received);
      } catch (error) {
        if (!(error instanceof NetError) || (error.errno === EINTR && signal.aborted)) {
          if (!signal.aborted) this.#failure = error;
          this.#rouse();
          return;
        }
        // An ICMP error shows as the socket's own; what it was about lies in the error queue.
        try {
          const { network, local } = await this.#takeErrors();
          if (network + local === 0 && !signal.aborted) await this.#io.sleepUs(1000, signal);
        } catch (failure) {
          this.#failure = failure;
        }
      }
      this.#rouse();
      if (this.#failure !== null) return;
    }
  }

  async #take(received: Received): Promise<void> {
    const { data } = received;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const at = this.#headed ? ip.headerLength(view, 0) : 0;
    if (data.length < at + icmp.HEADER || received.from === null) {
      if (this.#options.verbose)
        await this.#complain(
          `packet too short (${data.length} bytes) from ${this.#target.describe(received.from?.address ?? new Uint8Array(4))}`,
        );
      return;
    }
    if (icmp.type(view, at) === (this.#echo.v6 ? icmpv6.ECHO_REPLY : icmp.ECHO_REPLY)) {
      if (!this.#echo.raw || icmp.echoId(view, at) === this.#target.identifier) await this.#reply(received, view, at);
      return;
    }
    if (!this.#echo.v6) await this.#otherMessage(received, view, at);
  }

  /** Errors come by the error queue; of the rest only redirects are told. */
  async #otherMessage(received: Received, view: DataView, at: number): Promise<void> {
    const type = icmp.type(view, at);
    if (type !== icmp.REDIRECT && type !== icmp.SOURCE_QUENCH) return;
    const inner = at + icmp.HEADER;
    if (view.byteLength < inner + ip.HEADER + icmp.HEADER) return;
    const innerIcmp = inner + ip.headerLength(view, inner);
    if (view.byteLength < innerIcmp + icmp.HEADER || icmp.echoId(view, innerIcmp) !== this.#target.identifier) return;
    if (this.#options.quiet || this.#options.flood) return;
    const text = icmpText(type, icmp.code(view, at), icmpInfo(view, at));
    const from = this.#target.describe(received.from!.address);
    await this.#print(`${this.#timestamp()}From ${from}: icmp_seq=${icmp.echoSequence(view, innerIcmp)} ${text}\n`);
  }

  async #reply(received: Received, view: DataView, at: number): Promise<void> {
    const { options, statistics } = { options: this.#options, statistics: this.#statistics };
    const { data } = received;
    const bytes = data.length - at;
    const sequence = icmp.echoSequence(view, at);
    const intact = !this.#headed || verify(view, at, bytes, 0);
    const receivedUs = received.stampUs > 0 && !options.userLatency ? received.stampUs : this.#io.nowUs();
    let roundTripUs = -1;
    if (this.#request.timed && bytes >= icmp.HEADER + STAMP_BYTES) roundTripUs = await this.#measure(receivedUs, stampOf(view, at));
    let duplicate = false;
    if (!intact) statistics.corrupted++;
    else {
      this.#acknowledge(sequence);
      duplicate = this.#seen[sequence] !== 0;
      this.#seen[sequence] = 1;
      if (duplicate) statistics.duplicates++;
      else statistics.received++;
      if (roundTripUs >= 0) {
        statistics.addRoundTrip(roundTripUs);
        if (options.adaptive) this.#adapt();
      }
    }
    if (options.quiet) return;
    if (options.flood) {
      await this.#print(intact ? '\b \b' : '\bC');
      return;
    }
    const { address } = received.from!;
    let text = `${this.#timestamp(receivedUs)}${options.audible ? '\x07' : ''}${bytes} bytes from ${this.#target.describe(address)}: icmp_seq=${sequence}`;
    if (options.verbose) text += ` ident=${icmp.echoId(view, at)}`;
    const ttl = this.#headed ? ip.ttl(view, 0) : received.ttl;
    text += ` ttl=${ttl}`;
    if (bytes < icmp.HEADER + options.dataBytes) text += ' (truncated)';
    else {
      if (roundTripUs >= 0) text += ` time=${roundTripText(roundTripUs)} ms`;
      if (duplicate && (!isGroup(this.#target.address) || options.verbose)) text += ' (DUP!)';
      if (!intact) text += ' (BAD CHECKSUM!)';
      if (!anyMayAnswer(this.#target.address) && !options.broadcast && !same(address, this.#target.address))
        text += ' (DIFFERENT ADDRESS!)';
      text += this.#request.difference(data, at);
      if (this.#headed && at > ip.HEADER) text += this.#optionText.of(data, ip.HEADER, at, options.flood);
    }
    await this.#print(`${text}\n`);
  }

  async #measure(receivedUs: number, sentUs: number): Promise<number> {
    // The stack looks at its clock once a round: what was sent meanwhile seems to be younger than its answer.
    const us = (receivedUs >= sentUs ? receivedUs : this.#io.nowUs()) - sentUs;
    if (us >= 0) return us;
    await this.#complain(`Warning: time of day goes back (${us}us), taking countermeasures`);
    return 0;
  }

  /** Takes the error queue: how many of its errors came from the network, and how many from this host's own stack. */
  async #takeErrors(): Promise<{ network: number; local: number }> {
    const count = { network: 0, local: 0 };
    for (;;) {
      let received: Received;
      try {
        received = await this.#echo.socket.receive({ flags: MSG_ERRQUEUE | MSG_DONTWAIT });
      } catch (error) {
        if (error instanceof NetError && error.errno === EAGAIN) return count;
        throw error;
      }
      const { error, data } = received;
      if (error === null) continue;
      if (error.origin === ORIGIN_LOCAL) {
        count.local++;
        await this.#localError(error.errno, error.info);
      } else if ((error.origin === ORIGIN_ICMP || error.origin === ORIGIN_ICMP6) && (await this.#networkError(received, data)))
        count.network++;
    }
  }

  async #localError(errno: number, mtu: number): Promise<void> {
    this.#statistics.errors++;
    if (this.#options.quiet) return;
    if (this.#options.flood) await this.#print('E');
    else if (errno === EMSGSIZE) await this.#complain(`local error: message too long, ${this.#echo.v6 ? `mtu: ${mtu}` : `mtu=${mtu}`}`);
    else await this.#complain(`local error: ${strerror(errno)}`);
  }

  /** An ICMP error; false: about somebody else's packet. */
  async #networkError(received: Received, data: Uint8Array): Promise<boolean> {
    const error = received.error!;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const mine =
      data.length >= icmp.HEADER &&
      received.from !== null &&
      same(received.from.address, this.#target.address) &&
      icmp.type(view, 0) === (this.#echo.v6 ? icmpv6.ECHO_REQUEST : icmp.ECHO) &&
      (!this.#echo.raw || icmp.echoId(view, 0) === this.#target.identifier);
    if (!mine) return false;
    const sequence = icmp.echoSequence(view, 0);
    this.#acknowledge(sequence);
    this.#statistics.errors++;
    if (this.#options.quiet) return true;
    if (this.#options.flood) {
      await this.#print('\bE');
      return true;
    }
    const from = this.#target.describe(error.offender ?? new Uint8Array(4));
    await this.#print(
      `${this.#timestamp()}From ${from} icmp_seq=${sequence} ${(this.#echo.v6 ? icmpv6Text : icmpText)(error.type, error.code, error.info)}\n`,
    );
    return true;
  }

  // Text

  #timestamp(us = this.#io.nowUs()): string {
    return this.#options.timestamps ? `[${Math.trunc(us / 1_000_000)}.${String(Math.trunc(us % 1_000_000)).padStart(6, '0')}] ` : '';
  }

  async #print(text: string): Promise<void> {
    await this.#io.stdout.write(text);
  }

  async #complain(text: string): Promise<void> {
    await this.#io.stderr.write(`ping: ${text}\n`);
  }
}

const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, at) => byte === b[at]);
/** A multicast or the limited broadcast address: many may answer. */
const isGroup = (address: Uint8Array) => (address.length === 4 ? address[0]! >= 224 : address[0] === 0xff);
/** The same, or the anycast address of a subnet's routers (RFC 4291 2.6.1): the answer has another address. */
const anyMayAnswer = (address: Uint8Array) =>
  isGroup(address) || (address.length === 16 && address.subarray(8).every((byte) => byte === 0));
