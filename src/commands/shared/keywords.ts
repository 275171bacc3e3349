import { abbreviates, type Cursor } from './cursor.js';

/**
 * One word of a command's language. Tables of these are what a command line is parsed by, and what man pages and completions
 * are generated from. Order counts: of two words that an abbreviation fits, the first is meant.
 */
export interface Keyword<S> {
  readonly word: string;
  /** Other spellings. */
  readonly also?: readonly string[];
  /** `exact`: may not be abbreviated. */
  readonly exact?: boolean;
  /** What follows, as the synopsis shows it: "PACKETS", "{ on | off }". */
  readonly value?: string;
  /** Where completions find values: devices, namespaces, or these words. */
  readonly complete?: 'device' | 'namespace' | readonly string[];
  /** What it means, for the man page. */
  readonly text?: string;
  /** Takes its arguments from the cursor (the word itself was taken) into the state. */
  take(state: S, cursor: Cursor, word: string): void | Promise<void>;
}

export const keywordFits = (keyword: Pick<Keyword<never>, 'word' | 'also' | 'exact'>, word: string) =>
  keyword.exact === true
    ? word === keyword.word || (keyword.also?.includes(word) ?? false)
    : abbreviates(word, keyword.word) || (keyword.also?.some((name) => abbreviates(word, name)) ?? false);

/** A table of keywords, made quick to look words up in: a batch asks the same few words a million times. */
class KeywordIndex<S> {
  readonly #keywords: readonly Keyword<S>[];
  /** Spellings and abbreviations that were met; there are only so many. */
  readonly #known = new Map<string, Keyword<S>>();
  /** First letters of all spellings. */
  readonly #letters = new Set<number>();

  constructor(keywords: readonly Keyword<S>[]) {
    this.#keywords = keywords;
    for (const { word, also = [] } of keywords) for (const spelling of [word, ...also]) this.#letters.add(spelling.charCodeAt(0));
  }

  find(word: string): Keyword<S> | undefined {
    const known = this.#known.get(word);
    if (known !== undefined || !this.#letters.has(word.charCodeAt(0))) return known;
    const found = this.#keywords.find((candidate) => keywordFits(candidate, word));
    if (found !== undefined) this.#known.set(word, found);
    return found;
  }
}

const indexes = new WeakMap<readonly Keyword<never>[], KeywordIndex<never>>();

function indexOf<S>(keywords: readonly Keyword<S>[]): KeywordIndex<S> {
  const key = keywords as readonly Keyword<never>[];
  let index = indexes.get(key);
  if (index === undefined) {
    index = new KeywordIndex(key);
    indexes.set(key, index);
  }
  return index as KeywordIndex<S>;
}

/**
 * Reads words until the cursor's end; `bare` takes those that no keyword fits (they are still the cursor's next). A promise only
 * where a word had to wait for something.
 */
export function readKeywords<S>(
  keywords: readonly Keyword<S>[],
  state: S,
  cursor: Cursor,
  bare: (state: S, cursor: Cursor) => void | Promise<void>,
): void | Promise<void> {
  const index = indexOf(keywords);
  while (!cursor.done) {
    const word = cursor.peek();
    const keyword = index.find(word);
    if (keyword !== undefined) cursor.skip();
    const waiting = keyword === undefined ? bare(state, cursor) : keyword.take(state, cursor, word);
    if (waiting !== undefined) return waiting.then(() => readKeywords(keywords, state, cursor, bare));
  }
}

/** A keyword without its parser: what documentation and completions need. */
export type KeywordWords = Omit<Keyword<never>, 'take'>;

/** What a man page and completions need of one verb: "ip neigh add". */
export interface VerbGrammar {
  /** Names that mean the same language: add, change, replace. */
  readonly names: readonly string[];
  /** Not shown, but understood. */
  readonly hidden?: readonly string[];
  /** One line about what it does. */
  readonly summary: string;
  /** What stands before the keywords: "ADDR", "{ DEVICE | group GROUP }". */
  readonly operands?: string;
  readonly completeOperand?: 'device' | 'namespace' | readonly string[];

  readonly keywords: readonly KeywordWords[];
}

/** What `ip OBJECT help` prints and the man page of the object is made of. */
export interface ObjectGrammar {
  readonly name: string;
  /** One line: "network device configuration". */
  readonly summary: string;
  /** The real tool's usage text. */
  readonly usage: string;
  readonly verbs: readonly VerbGrammar[];
  /** Paragraphs of the man page's description. */
  readonly description: readonly string[];
  readonly examples?: readonly (readonly [command: string, text: string])[];
}
