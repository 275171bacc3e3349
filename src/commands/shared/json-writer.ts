/** A value as it is to stand in JSON, for numbers that JavaScript would write differently (0.00, u64). */
export class RawJson {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type JsonScalar = string | number | boolean | null | RawJson;

/**
 * Writes JSON piece by piece, laid out as iproute2 lays it out. Pretty: every member of an object on its own line, four spaces a
 * level (arrays count as levels), elements of arrays side by side: `[ {` ... `},{` ... `} ]`.
 */
export class JsonWriter {
  readonly #write: (text: string) => void;
  readonly #pretty: boolean;
  #depth = 0;
  /** Something stands before in this array or object. */
  #continued = false;

  constructor(write: (text: string) => void, pretty: boolean) {
    this.#write = write;
    this.#pretty = pretty;
  }

  get depth(): number {
    return this.#depth;
  }

  name(key: string): void {
    this.#separate();
    this.#newLine();
    this.#continued = false;
    this.#write(`${quote(key)}:${this.#pretty ? ' ' : ''}`);
  }

  value(value: JsonScalar): void {
    this.#separate();
    this.#write(value instanceof RawJson ? value.text : typeof value === 'string' ? quote(value) : String(value));
  }

  openObject(): void {
    this.#open('{');
  }

  closeObject(): void {
    this.#depth--;
    if (this.#continued) this.#newLine();
    this.#write('}');
    this.#continued = true;
  }

  openArray(): void {
    this.#open(this.#pretty ? '[ ' : '[');
  }

  closeArray(): void {
    this.#depth--;
    this.#write(this.#pretty && this.#continued ? ' ]' : ']');
    this.#continued = true;
  }

  /** The newline behind the whole document. */
  end(): void {
    this.#write('\n');
  }

  #open(bracket: string): void {
    this.#separate();
    this.#write(bracket);
    this.#depth++;
    this.#continued = false;
  }

  #separate(): void {
    if (this.#continued) this.#write(',');
    this.#continued = true;
  }

  #newLine(): void {
    if (this.#pretty) this.#write(`\n${'    '.repeat(this.#depth)}`);
  }
}

const escapes: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\f': '\\f',
  '\b': '\\b',
  '\\': '\\\\',
  '"': '\\"',
};

const quote = (text: string) => `"${text.replace(/[\t\n\r\f\b\\"]/g, (character) => escapes[character] ?? character)}"`;
