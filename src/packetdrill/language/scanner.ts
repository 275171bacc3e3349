import { ScriptError } from './script-error.js';

const COMMENT_OR_SPACE = /(?:[ \t\r\n]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;

/**
 * Reads a script from left to right. The parser says what may come next, so that "1:1001" is no IPv6 address and "." no number
 * where they cannot be.
 */
export class Scanner {
  readonly path: string;
  readonly text: string;
  at = 0;
  readonly #definitions: ReadonlyMap<string, string>;
  /** Where each line begins. */
  readonly #lines: number[] = [0];

  constructor(path: string, text: string, definitions: ReadonlyMap<string, string>) {
    this.path = path;
    this.text = text;
    this.#definitions = definitions;
    // A file may begin as a program does.
    if (text.startsWith('#!')) this.at = (text.indexOf('\n') + text.length) % text.length;
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.#lines.push(i + 1);
  }

  get line(): number {
    return this.lineOf(this.at);
  }

  lineOf(at: number): number {
    let low = 0;
    let high = this.#lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lines[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  fail(text: string, at = this.at): never {
    throw new ScriptError(this.path, this.lineOf(at), text);
  }

  /** What stands here, for a message. */
  get near(): string {
    const rest = /\S{1,20}/y;
    rest.lastIndex = this.at;
    return rest.exec(this.text)?.[0] ?? 'the end of the file';
  }

  expected(what: string): never {
    return this.fail(`parse error at '${this.near}': ${what} was expected`);
  }

  skip(): void {
    COMMENT_OR_SPACE.lastIndex = this.at;
    this.at += COMMENT_OR_SPACE.exec(this.text)![0].length;
  }

  get ended(): boolean {
    this.skip();
    return this.at >= this.text.length;
  }

  /** Whether `text` comes next; nothing is taken. */
  sees(text: string): boolean {
    this.skip();
    return this.text.startsWith(text, this.at);
  }

  /** Takes `text` if it comes next. */
  takes(text: string): boolean {
    if (!this.sees(text)) return false;
    this.at += text.length;
    return true;
  }

  /** Takes a word of its own, not the beginning of a longer one. */
  takesWord(word: string): boolean {
    if (!this.seesWord(word)) return false;
    this.at += word.length;
    return true;
  }

  seesWord(word: string): boolean {
    return this.sees(word) && !/\w/.test(this.text[this.at + word.length] ?? '');
  }

  wants(text: string): void {
    if (!this.takes(text)) this.expected(`"${text}"`);
  }

  /** Takes what `pattern` (sticky) matches here; null: it does not. */
  match(pattern: RegExp): RegExpExecArray | null {
    this.skip();
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at += found[0].length;
    return found;
  }

  /** A name; one that was defined (-D) is what it stands for. */
  word(what: string): string {
    const name = this.match(/[A-Za-z0-9_]+/y)?.[0] ?? this.expected(what);
    return this.#definitions.get(name) ?? name;
  }

  isDefined(name: string): string | undefined {
    return this.#definitions.get(name);
  }

  integer(what: string): number {
    const found = this.match(/-?(?:0x[0-9a-fA-F]+|\d+)/y);
    if (found !== null) return toNumber(found[0]);
    const start = this.at;
    const name = this.match(/[A-Za-z_]\w*/y)?.[0];
    const value = name === undefined ? undefined : this.#definitions.get(name);
    if (value !== undefined && /^-?(?:0x[0-9a-fA-F]+|\d+)$/.test(value)) return toNumber(value);
    this.at = start;
    return this.expected(what);
  }

  /** An integer of `min` to `max`. */
  ranged(what: string, max: number): number {
    this.skip();
    const start = this.at;
    const value = this.integer(what);
    if (value < 0 || value > max) this.fail(`semantic error: ${what} out of range`, start);
    return value;
  }

  /** Microseconds; seconds as written, with a fraction or without. */
  time(): number {
    const found = this.match(/-?(?:\d*\.\d+|\d+(?:\.(?!\.))?)/y) ?? this.expected('a time');
    const seconds = Number(found[0]);
    if (seconds < 0) this.fail('semantic error: negative time');
    return Math.round(seconds * 1e6);
  }

  /** The text between two quotes, as it stands there. */
  quoted(quote: string): string {
    let end = this.at + 1;
    while (end < this.text.length && this.text[end] !== quote) end += this.text[end] === '\\' ? 2 : 1;
    if (end >= this.text.length) this.fail(`parse error: the ${quote} that opens here is not closed`);
    const inside = this.text.slice(this.at + 1, end);
    this.at = end + 1;
    return inside;
  }
}

const toNumber = (text: string): number => (text.startsWith('-') ? -Number(text.slice(1)) : Number(text));
