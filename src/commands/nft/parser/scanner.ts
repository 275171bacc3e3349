import type { InputSource, Location } from '../location.js';

export type TokenKind = 'word' | 'number' | 'quoted' | 'wildcard' | 'sign' | 'newline' | 'end';

/** A piece of the input. `text` of quoted ones is without the quotes. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly loc: Location;
}

const STRING = /[A-Za-z_.][A-Za-z0-9/\-_.]*/y;
const WILDCARD = /(?:[A-Za-z_.][A-Za-z0-9/\-_.]*\\?\*|\\\*)(?:[A-Za-z_.][A-Za-z0-9/\-_.]*)?/y;
const NUMBER = /0[xX][0-9a-fA-F]+|[0-9]+/y;
const IPV4 = /[0-9]{1,3}(?:\.[0-9]{1,3}){3}/y;
const MAC = /[0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2}){5}/y;
const IPV6 = /(?:[0-9a-fA-F]{0,4}:){2,8}(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-fA-F]{0,4})/y;
const CLASSID = /[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}(?=[ \t\n:\-},]|$)/y;
/** Names of types of Ethernet that begin with a digit. */
const VLAN_TYPE = /8021(?:ad|q)/y;
const TIME = /(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m(?!s))?(?:[0-9]+s)?(?:[0-9]+ms)?/y;
const SIGNS = ['==', '!=', '<=', '>=', '<<', '>>', ...'<>!&|^,.:;{}[]()/-*@$=+'];

const is6 = (text: string) => {
  const groups = text.split(':');
  const doubled = text.includes('::');
  return doubled ? text.indexOf('::') === text.lastIndexOf('::') && groups.length <= 9 : groups.length === 8;
};

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** Cuts an input into tokens, one at a time; of several that fit, the longest. */
export class Scanner {
  readonly source: InputSource;
  #at = 0;

  constructor(source: InputSource) {
    this.source = source;
  }

  next(): Token {
    const { text } = this.source;
    this.#skipBlanks();
    const start = this.#at;
    if (start >= text.length) return this.#token('end', '', start, start);
    const character = text[start]!;
    if (character === '\n') return this.#token('newline', '\n', start, start + 1);
    if (character === '"') {
      const end = text.indexOf('"', start + 1);
      if (end !== -1) return this.#token('quoted', text.slice(start + 1, end), start, end + 1);
      return this.#token('sign', '"', start, start + 1);
    }
    if (character === '[') {
      const inside = match(IPV6, text, start + 1);
      if (inside !== '' && is6(inside) && text[start + 1 + inside.length] === ']')
        return this.#token('word', inside, start, start + inside.length + 2);
    }
    return this.#longest(start);
  }

  #longest(start: number): Token {
    const { text } = this.source;
    let kind: TokenKind = 'sign';
    let best = SIGNS.find((sign) => text.startsWith(sign, start)) ?? text[start]!;
    const consider = (found: string, as: TokenKind) => {
      if (found.length > best.length || (found.length === best.length && found !== '' && kind === 'sign' && found !== '.')) {
        best = found;
        kind = as;
      }
    };
    const code = text.charCodeAt(start);
    if (code >= 48 && code <= 57) {
      consider(match(NUMBER, text, start), 'number');
      consider(match(IPV4, text, start), 'word');
      consider(match(VLAN_TYPE, text, start), 'word');
      consider(match(TIME, text, start), 'word');
    }
    if (/[0-9a-fA-F:]/.test(text[start]!)) {
      consider(match(MAC, text, start), 'word');
      const six = match(IPV6, text, start);
      if (six !== '' && is6(six)) consider(six, 'word');
      consider(match(CLASSID, text, start), 'word');
    }
    consider(match(STRING, text, start), 'word');
    consider(match(WILDCARD, text, start), 'wildcard');
    return this.#token(kind, best, start, start + best.length);
  }

  #token(kind: TokenKind, text: string, start: number, end: number): Token {
    this.#at = end;
    return { kind, text, loc: { source: this.source, start, end: kind === 'end' || kind === 'newline' ? start + 1 : end } };
  }

  /** Blanks, comments, and newlines behind a backslash. */
  #skipBlanks(): void {
    const { text } = this.source;
    for (;;) {
      const character = text[this.#at];
      if (character === ' ' || character === '\t' || character === '\r') this.#at++;
      else if (character === '\\' && /^\\[ \t]*\n/.test(text.slice(this.#at, this.#at + 80))) this.#at = text.indexOf('\n', this.#at) + 1;
      else if (character === '#') {
        const end = text.indexOf('\n', this.#at);
        this.#at = end === -1 ? text.length : end;
      } else return;
    }
  }
}
