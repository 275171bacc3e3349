import type { NetlinkClient, Request } from '../../client/netlink-client.js';
import type { AttributeShape, StructCodec } from '../../netlink/attributes.js';
import type { MessageSchema } from '../../netlink/schema.js';
import type { NetError } from '../../base/net-error.js';

type Fields = ConstructorParameters<typeof StructCodec>[0];

/** Bytes of requests that go out as one datagram, and how many datagrams may wait for their answer. */
const DATAGRAM_BYTES = 32_768;
const WINDOW = 8;

/** Requests that went out together: their sequences are consecutive from `first` on; a datagram's last one is answered in any case. */
interface UnderWay {
  readonly first: number;
  readonly lines: readonly number[];
}

/** A request of a batch that failed after its line was done. */
export interface LateFailure {
  readonly line: number;
  readonly error: NetError;
}

/** A line is not to go on: an earlier one has failed. */
export class PipelineStopped extends Error {}

/**
 * Requests of a batch's lines that are under way together. The stack carries them out one after the other and, where the
 * batch ends at the first failure, none behind one that failed (TAPSTACK_STOP_AT_ERROR); so the result is as if each line had
 * waited for its answer.
 */
export class Pipeline {
  readonly #client: NetlinkClient;
  readonly stopsAtError: boolean;
  /** Datagrams whose last request is not answered yet, in the order in which they were sent. */
  readonly #underWay: UnderWay[] = [];
  /** The lines of the requests that wait for their datagram to be full, and the sequence of the first. */
  #lines: number[] = [];
  #first = 0;
  /** The line that runs now. */
  line = 0;
  /** Failures not reported yet, in the order of their lines. */
  readonly failures: LateFailure[] = [];

  constructor(client: NetlinkClient, stopsAtError: boolean) {
    this.#client = client;
    this.stopsAtError = stopsAtError;
  }

  /**
   * Sends a request without waiting for its answer; a promise only where much is under way already. Throws PipelineStopped when
   * an earlier line has failed and the batch ends with that.
   */
  post<F extends Fields, S extends AttributeShape>(schema: MessageSchema<F, S>, request: Request<F, S>): void | Promise<void> {
    const sequence = this.#client.post(schema, request);
    if (this.#lines.length === 0) this.#first = sequence;
    this.#lines.push(this.line);
    return this.#client.postedBytes < DATAGRAM_BYTES ? undefined : this.#sendFull();
  }

  /** Waits until all requests are answered. Throws as post() does. */
  async settle(): Promise<void> {
    if (this.#lines.length > 0) await this.#send();
    while (this.#underWay.length > 0) await this.#takeAnswers();
  }

  async #sendFull(): Promise<void> {
    await this.#send();
    while (this.#underWay.length >= WINDOW) await this.#takeAnswers();
  }

  async #send(): Promise<void> {
    this.#underWay.push({ first: this.#first, lines: this.#lines });
    this.#lines = [];
    await this.#client.sendPosted();
  }

  async #takeAnswers(): Promise<void> {
    for (const { sequence, error } of await this.#client.postedAnswers()) {
      const datagram = this.#underWay[0];
      if (datagram === undefined) return;
      const line = datagram.lines[sequence - datagram.first];
      if (line === undefined) continue;
      if (error !== null) this.failures.push({ line, error });
      if (error !== null && this.stopsAtError) {
        this.#underWay.length = 0;
        throw new PipelineStopped();
      }
      if (sequence === datagram.first + datagram.lines.length - 1) this.#underWay.shift();
    }
  }
}
