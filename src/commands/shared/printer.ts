import type { ColorRole, Painter } from './color.js';
import { type JsonScalar, JsonWriter, RawJson } from './json-writer.js';

export interface PrinterOptions {
  readonly json: boolean;
  readonly pretty: boolean;
  /** Lines of one record are joined by a backslash. */
  readonly oneline: boolean;
  readonly paint: Painter | null;
  /** Takes the text; the printer batches it. */
  readonly write: (text: string) => Promise<void> | void;
}

const FLUSH_AT = 32768;

/**
 * Where a command's findings go: text or JSON from one description. `field` gives a key for JSON and the words for text;
 * `text` and `json` are for what stands in one of them alone.
 */
export class Printer {
  readonly oneline: boolean;
  readonly #options: PrinterOptions;
  #pending = '';
  #json: JsonWriter | null = null;

  constructor(options: PrinterOptions) {
    this.#options = options;
    this.oneline = options.oneline;
  }

  /** Is a JSON document open? Only then do fields go into JSON (`ip -j monitor link` prints text). */
  get isJson(): boolean {
    return this.#json !== null;
  }

  get wantsJson(): boolean {
    return this.#options.json;
  }

  /** Is there text that has not gone out? */
  get hasText(): boolean {
    return this.#pending !== '';
  }

  /** Forgets text that has not gone out. */
  discard(): void {
    this.#pending = '';
  }

  /** Opens the document, an array of records, when JSON is wanted. */
  openDocument(): void {
    if (!this.#options.json || this.#json !== null) return;
    this.#json = new JsonWriter((text) => this.#put(text), this.#options.pretty);
    this.#json.openArray();
  }

  closeDocument(): void {
    if (this.#json === null) return;
    this.#json.closeArray();
    this.#json.end();
    this.#json = null;
  }

  /** Opens the document as a plain object instead of an array of records. */
  openPlainDocument(): void {
    if (!this.#options.json || this.#json !== null) return;
    this.#json = new JsonWriter((text) => this.#put(text), this.#options.pretty);
    this.#json.openObject();
  }

  closePlainDocument(): void {
    if (this.#json === null) return;
    this.#json.closeObject();
    this.#json.end();
    this.#json = null;
  }

  openObject(key?: string): void {
    if (this.#json === null) return;
    if (key !== undefined) this.#json.name(key);
    this.#json.openObject();
  }

  closeObject(): void {
    this.#json?.closeObject();
  }

  /** In text, `opening` is printed. */
  openArray(key?: string, opening = ''): void {
    if (this.#json === null) {
      this.#put(opening);
      return;
    }
    if (key !== undefined) this.#json.name(key);
    this.#json.openArray();
  }

  closeArray(closing = ''): void {
    if (this.#json === null) this.#put(closing);
    else this.#json.closeArray();
  }

  /** A member in JSON (an element, when `key` is null), `text` otherwise. */
  field(key: string | null, value: JsonScalar, text: string, color?: ColorRole): void {
    if (this.#json !== null) this.#jsonValue(key, value);
    else this.text(text, color);
  }

  /** A member in JSON; in text a word, then the painted value: its colour reaches over the space behind it, as in iproute2. */
  named(key: string, value: string, word: string, color: ColorRole | undefined): void {
    if (this.#json !== null) {
      this.#jsonValue(key, value);
      return;
    }
    this.text(`${word} `);
    this.text(`${value} `, color);
  }

  /** In JSON alone. */
  json(key: string | null, value: JsonScalar): void {
    if (this.#json !== null) this.#jsonValue(key, value);
  }

  /** In text alone. */
  text(text: string, color?: ColorRole): void {
    if (this.#json !== null || text === '') return;
    this.#put(color !== undefined && this.#options.paint !== null ? this.#options.paint(text, color) : text);
  }

  /** `true` in JSON, the words in text. */
  flag(key: string, text = `${key} `): void {
    this.field(key, true, text);
  }

  /** `true` or `false` in JSON, "key on " or "key off " in text. */
  onOff(key: string, value: boolean, word = key): void {
    this.field(key, value, `${word} ${value ? 'on' : 'off'} `);
  }

  hex(key: string, value: number, text: string): void {
    this.field(key, `0x${value.toString(16)}`, text);
  }

  /** A new line, or with -oneline the backslash that stands for it. */
  newLine(): void {
    this.text(this.oneline ? '\\' : '\n');
  }

  /** Past the JSON: what is printed whatever the format. */
  always(text: string): void {
    this.#put(text);
  }

  /** What `print` prints, which stands in the output as well. */
  recorded(print: () => void): string {
    const before = this.#pending;
    this.#pending = '';
    try {
      print();
      return this.#pending;
    } finally {
      this.#pending = before + this.#pending;
    }
  }

  /** Hands over what was batched; waits for a slow reader. */
  async flush(): Promise<void> {
    if (this.#pending === '') return;
    const text = this.#pending;
    this.#pending = '';
    await this.#options.write(text);
  }

  /** As flush(), once much has gathered: for loops over long dumps. */
  async flushIfFull(): Promise<void> {
    if (this.#pending.length >= FLUSH_AT) await this.flush();
  }

  #jsonValue(key: string | null, value: JsonScalar): void {
    if (this.#json === null) return;
    if (key !== null) this.#json.name(key);
    this.#json.value(value);
  }

  #put(text: string): void {
    this.#pending += text;
  }
}

export { RawJson };
