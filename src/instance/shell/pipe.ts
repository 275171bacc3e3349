import { EPIPE } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { InputPort, OutputPort } from '../../client/command.js';

const encoder = new TextEncoder();

/** What a command wrote, kept as bytes. */
export class Collector implements OutputPort {
  readonly isTerminal = false;
  readonly columns = 80;
  readonly #chunks: Uint8Array[] = [];

  write(text: string | Uint8Array): void {
    this.#chunks.push(typeof text === 'string' ? encoder.encode(text) : text.slice());
  }

  get bytes(): Uint8Array {
    const whole = new Uint8Array(this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  get text(): string {
    return new TextDecoder().decode(this.bytes);
  }
}

/** Input whose bytes are all there already. */
export function inputOf(bytes: Uint8Array): InputPort {
  return {
    isTerminal: false,
    async *chunks() {
      if (bytes.length > 0) yield bytes;
    },
  };
}

/** Between two commands of a pipeline. Writing waits while the reader is far behind; a reader that is gone is EPIPE. */
export class Pipe implements OutputPort, InputPort {
  readonly isTerminal = false;
  readonly columns = 80;
  readonly #chunks: Uint8Array[] = [];
  #ended = false;
  #readerGone = false;
  #wakeReader: (() => void) | null = null;
  #wakeWriter: (() => void) | null = null;

  async write(text: string | Uint8Array): Promise<void> {
    if (this.#readerGone) throw new NetError(EPIPE);
    this.#chunks.push(typeof text === 'string' ? encoder.encode(text) : text.slice());
    this.#wakeReader?.();
    if (this.#chunks.length > 64)
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve;
      });
  }

  async *chunks(): AsyncIterable<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#wakeWriter?.();
        yield chunk;
      } else if (this.#ended) return;
      else
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
    }
  }

  /** The writer has ended. */
  end(): void {
    this.#ended = true;
    this.#wakeReader?.();
  }

  /** The reader has ended: what is written from now on goes nowhere. */
  abandon(): void {
    this.#readerGone = true;
    this.#chunks.length = 0;
    this.#wakeWriter?.();
  }
}
