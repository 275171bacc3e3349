import type { NetlinkClient, Request } from '../../client/netlink-client.js';
import type { AttributeShape, StructCodec } from '../../netlink/attributes.js';
import type { MessageSchema } from '../../netlink/schema.js';
import type { NetError } from '../../base/net-error.js';

type Fields = ConstructorParameters<typeof StructCodec>[0];

/** Bytes of requests that go out as one datagram, and how many datagrams may wait for their answer. */
const DATAGRAM_BYTES = 8192;
const WINDOW = 8;

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
  readonly #stopAtError: boolean;
  /** Sequences of requests not answered yet, with their lines; a datagram's last one is answered in any case. */
  readonly #lines = new Map<number, number>();
  readonly #datagramEnds: number[] = [];
  #lastSequence = 0;
  /** The line that runs now. */
  line = 0;
  /** Failures not reported yet, in the order of their lines. */
  readonly failures: LateFailure[] = [];

  constructor(client: NetlinkClient, stopAtError: boolean) {
    this.#client = client;
    this.#stopAtError = stopAtError;
  }

  /** Sends a request without waiting. Throws PipelineStopped when an earlier line has failed and the batch ends with that. */
  async post<F extends Fields, S extends AttributeShape>(schema: MessageSchema<F, S>, request: Request<F, S>): Promise<void> {
    this.#lastSequence = this.#client.post(schema, request);
    this.#lines.set(this.#lastSequence, this.line);
    if (this.#client.postedBytes < DATAGRAM_BYTES) return;
    await this.#send();
    while (this.#datagramEnds.length >= WINDOW) await this.#takeAnswers();
  }

  /** Waits until all requests are answered. Throws as post() does. */
  async settle(): Promise<void> {
    if (this.#client.postedBytes > 0) await this.#send();
    while (this.#datagramEnds.length > 0) await this.#takeAnswers();
  }

  async #send(): Promise<void> {
    this.#datagramEnds.push(this.#lastSequence);
    await this.#client.sendPosted();
  }

  async #takeAnswers(): Promise<void> {
    for (const { sequence, error } of await this.#client.postedAnswers()) {
      const line = this.#lines.get(sequence);
      if (line === undefined) continue;
      if (error !== null) this.failures.push({ line, error });
      if (error !== null && this.#stopAtError) {
        this.#lines.clear();
        this.#datagramEnds.length = 0;
        throw new PipelineStopped();
      }
      if (sequence !== this.#datagramEnds[0]) continue;
      this.#datagramEnds.shift();
      for (const earlier of this.#lines.keys()) if (earlier <= sequence) this.#lines.delete(earlier);
    }
  }
}
