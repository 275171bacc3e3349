import { fail, NftError } from '../errors.js';
import type { InputSource, Location } from '../location.js';
import { Scanner, type Token } from './scanner.js';
import { operatorWords, reservedWords, signName } from './words.js';

/** Looking ahead, taking, and saying what was expected instead. */
export class TokenStream {
  #scanner: Scanner;
  readonly #ahead: Token[] = [];
  #last: Token;
  #scope: readonly string[] = [];
  /** Inputs that include this one. */
  readonly #outer: { readonly scanner: Scanner; readonly ahead: readonly Token[] }[] = [];

  constructor(source: InputSource) {
    this.#scanner = new Scanner(source);
    this.#last = { kind: 'newline', text: '\n', loc: { source, start: 0, end: 0 } };
  }

  get source(): InputSource {
    return this.#scanner.source;
  }

  /** How many files lie inside each other here. */
  get depth(): number {
    return this.#outer.length;
  }

  /** Goes on with another input, on a line of its own; what was looked at already comes behind it. */
  push(source: InputSource): void {
    this.#outer.push({ scanner: this.#scanner, ahead: this.#ahead.splice(0) });
    this.#scanner = new Scanner(source);
    this.#ahead.push({ kind: 'newline', text: '\n', loc: { source, start: 0, end: 0 } });
  }

  peek(ahead = 0): Token {
    while (this.#ahead.length <= ahead) this.#ahead.push(this.#read());
    return this.#ahead[ahead]!;
  }

  #read(): Token {
    const token = this.#scanner.next();
    if (token.kind !== 'end') return token;
    const outer = this.#outer.pop();
    if (outer === undefined) return token;
    this.#scanner = outer.scanner;
    // The end of a file ends its last line.
    this.#ahead.push({ ...token, kind: 'newline', text: '\n' }, ...outer.ahead);
    return this.#ahead.pop()!;
  }

  take(): Token {
    const token = this.peek();
    this.#ahead.shift();
    this.#last = token;
    return token;
  }

  /** Gives back the token that was taken last. */
  untake(token: Token): void {
    this.#ahead.unshift(token);
  }

  /** Where what was taken since `from` lies. */
  since(from: Location): Location {
    return from.source === this.#last.loc.source ? { ...from, end: Math.max(from.end, this.#last.loc.end) } : from;
  }

  get last(): Token {
    return this.#last;
  }

  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'word' && token.text === word;
  }

  isSign(sign: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    if (token.kind === 'sign') return token.text === sign;
    return token.kind === 'word' && operatorWords.get(token.text) === sign;
  }

  acceptWord(...words: readonly string[]): Token | null {
    const token = this.peek();
    return token.kind === 'word' && words.includes(token.text) ? this.take() : null;
  }

  acceptSign(...signs: readonly string[]): Token | null {
    return signs.some((sign) => this.isSign(sign)) ? this.take() : null;
  }

  expectWord(...words: readonly string[]): Token {
    return this.acceptWord(...words) ?? this.unexpected(...words);
  }

  expectSign(sign: string, ...also: readonly string[]): Token {
    return this.acceptSign(sign) ?? this.unexpected(...also, signName(sign));
  }

  /** A name that somebody gave: no word of the language, unless in quotes. */
  isName(ahead = 0): boolean {
    const { kind, text } = this.peek(ahead);
    return (kind === 'word' && !reservedWords.has(text)) || kind === 'quoted' || kind === 'wildcard';
  }

  expectName(...also: readonly string[]): Token {
    if (this.isName() && this.peek().kind === 'word') return this.take();
    return this.unexpected(...also, 'string');
  }

  expectNumber(...also: readonly string[]): number {
    if (this.peek().kind !== 'number') return this.unexpected(...also, 'number');
    return Number(this.take().text);
  }

  expectString(): Token {
    const { kind } = this.peek();
    if (kind === 'quoted' || kind === 'word' || kind === 'wildcard') return this.take();
    return this.unexpected('string', 'quoted string', 'string with a trailing asterisk');
  }

  get atSeparator(): boolean {
    const { kind } = this.peek();
    return kind === 'newline' || kind === 'end' || this.isSign(';');
  }

  get atEnd(): boolean {
    return this.peek().kind === 'end';
  }

  skipSeparators(): void {
    while (this.peek().kind === 'newline' || this.isSign(';')) this.take();
  }

  skipNewlines(): void {
    while (this.peek().kind === 'newline') this.take();
  }

  /** After an error: on to behind the next newline or semicolon. */
  recover(): void {
    while (!this.atSeparator) this.take();
    if (!this.atEnd) this.take();
  }

  unexpected(...expected: readonly string[]): never {
    const token = this.peek();
    if (token.kind === 'word' && this.#scope.includes(token.text)) return unexpected(token, expected, token.text);
    return unexpected(token, expected);
  }

  /** Runs `work` where `words` are of the language, as they are nowhere else: errors name them. nft: start conditions of its scanner */
  within<T>(words: readonly string[], work: () => T): T {
    const before = this.#scope;
    this.#scope = words;
    try {
      return work();
    } finally {
      this.#scope = before;
    }
  }

  /** The same for a word that is one of the language here only, and has its name in errors. */
  unexpectedAs(name: string, ...expected: readonly string[]): never {
    return unexpected(this.peek(), expected, name);
  }
}

const MOST = 4;

function tokenName(token: Token): string {
  switch (token.kind) {
    case 'newline':
      return 'newline';
    case 'end':
      return 'end of file';
    case 'number':
      return 'number';
    case 'quoted':
      return 'quoted string';
    case 'wildcard':
      return 'string with a trailing asterisk';
    case 'sign':
      return signName(token.text);
    case 'word':
      return operatorWords.get(token.text) ?? (reservedWords.has(token.text) ? token.text : 'string');
  }
}

/** "syntax error, unexpected X, expecting A or B": of more than four, none are named. */
export function unexpected(token: Token, expected: readonly string[], name = tokenName(token)): never {
  const wanted = expected.length === 0 || expected.length > MOST ? '' : `, expecting ${expected.join(' or ')}`;
  return fail(`syntax error, unexpected ${name}${wanted}`, token.loc);
}

export const isSyntaxError = (error: unknown): error is NftError =>
  error instanceof NftError && error.complaint.text.startsWith('syntax error');
