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

/** Reads words until the cursor's end; `bare` takes those that no keyword fits (they are still the cursor's next). */
export async function readKeywords<S>(
  keywords: readonly Keyword<S>[],
  state: S,
  cursor: Cursor,
  bare: (state: S, cursor: Cursor) => void | Promise<void>,
): Promise<void> {
  while (!cursor.done) {
    const word = cursor.peek();
    const keyword = keywords.find((candidate) => keywordFits(candidate, word));
    if (keyword === undefined) {
      await bare(state, cursor);
      continue;
    }
    cursor.skip();
    await keyword.take(state, cursor, word);
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
