import { incomplete } from './failure.js';

/** Is `word` an abbreviation of `name`, or `name` itself? The empty word abbreviates nothing. */
export const abbreviates = (word: string, name: string) => word !== '' && name.startsWith(word);

/** A command line being read, word by word. */
export class Cursor {
  readonly words: readonly string[];
  #at: number;

  constructor(words: readonly string[], at = 0) {
    this.words = words;
    this.#at = at;
  }

  get done(): boolean {
    return this.#at >= this.words.length;
  }

  /** How many words are left. */
  get left(): number {
    return this.words.length - this.#at;
  }

  /** The word that next() will give; empty at the end. */
  peek(ahead = 0): string {
    return this.words[this.#at + ahead] ?? '';
  }

  /** The next word; at the end the command line is not complete, and the tool ends. */
  next(): string {
    const word = this.words[this.#at];
    if (word === undefined) throw incomplete();
    this.#at++;
    return word;
  }

  skip(): void {
    this.#at++;
  }

  /** Steps back over the word that next() gave. */
  back(): void {
    this.#at--;
  }

  /** All that is left, taken. */
  rest(): readonly string[] {
    const words = this.words.slice(this.#at);
    this.#at = this.words.length;
    return words;
  }
}
