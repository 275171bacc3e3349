import { EINVAL } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { Assignment, Node, Part, Redirect, Word } from './ast.js';

const RESERVED = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}', 'in']);

/** A script as a tree; null: there is no command in it. Throws NetError(EINVAL). */
export function parseShell(text: string): Node | null {
  const parser = new ShellParser(text);
  const node = parser.list();
  parser.end();
  return node;
}

class ShellParser {
  readonly #text: string;
  #at = 0;
  /** Here-documents that begin behind the end of this line. */
  #pending: { readonly end: string; readonly quoted: boolean; fill(word: Word): void }[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  #fail(what: string): never {
    const line = this.#text.slice(0, this.#at).split('\n').length;
    throw new NetError(EINVAL, `line ${line}: syntax error: ${what}`);
  }

  end(): void {
    this.#blank(true);
    if (this.#at < this.#text.length) this.#fail(`unexpected "${this.#text.slice(this.#at, this.#at + 10)}"`);
  }

  #blank(newlines: boolean): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === ' ' || char === '\t' || char === '\r') this.#at++;
      else if (char === '\\' && this.#text[this.#at + 1] === '\n') this.#at += 2;
      else if (char === '#') while (this.#at < this.#text.length && this.#text[this.#at] !== '\n') this.#at++;
      else if (char === '\n' && newlines) this.#newline();
      else return;
    }
  }

  #newline(): void {
    this.#at++;
    for (const document of this.#pending.splice(0)) {
      let body = '';
      for (;;) {
        const end = this.#text.indexOf('\n', this.#at);
        const line = this.#text.slice(this.#at, end < 0 ? undefined : end);
        this.#at = end < 0 ? this.#text.length : end + 1;
        if (line.trim() === document.end || (end < 0 && line === '')) break;
        body += `${line}\n`;
      }
      document.fill(document.quoted ? [{ kind: 'text', text: body, quoted: true }] : new ShellParser(body).quotedParts(''));
    }
  }

  #sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #takes(text: string): boolean {
    this.#blank(false);
    if (!this.#sees(text)) return false;
    this.#at += text.length;
    return true;
  }

  #seesWord(word: string): boolean {
    this.#blank(false);
    return this.#sees(word) && !/[\w-]/.test(this.#text[this.#at + word.length] ?? '');
  }

  #takesWord(word: string): boolean {
    if (!this.#seesWord(word)) return false;
    this.#at += word.length;
    return true;
  }

  #wantsWord(word: string): void {
    this.#blank(true);
    if (!this.#takesWord(word)) this.#fail(`"${word}" was expected`);
  }

  /** Commands up to a word that ends them. */
  list(): Node | null {
    this.#blank(true);
    const first = this.#pipeline();
    if (first === null) return null;
    const rest: { operator: ';' | '&&' | '||'; node: Node }[] = [];
    for (;;) {
      this.#blank(false);
      let operator: ';' | '&&' | '||' = ';';
      if (this.#takes('&&')) operator = '&&';
      else if (this.#takes('||')) operator = '||';
      else if (this.#sees(';;')) break;
      // What would run in the background runs at once: nothing goes on beside a script.
      else if (!this.#takes(';') && !this.#takes('&') && this.#text[this.#at] !== '\n') break;
      this.#blank(true);
      const node = this.#pipeline();
      if (node === null) {
        if (operator !== ';') this.#fail(`a command was expected behind "${operator}"`);
        break;
      }
      rest.push({ operator, node });
    }
    return rest.length === 0 ? first : { kind: 'list', first, rest };
  }

  #body(...ends: readonly string[]): Node {
    const node = this.list();
    this.#blank(true);
    if (node === null || !ends.some((end) => this.#seesWord(end))) this.#fail(`"${ends.join('" or "')}" was expected`);
    return node;
  }

  #pipeline(): Node | null {
    const negated = this.#takesWord('!');
    const first = this.#command();
    if (first === null) return null;
    const parts = [first];
    while (!this.#sees('||') && this.#takes('|')) {
      this.#takes('&');
      this.#blank(true);
      parts.push(this.#command() ?? this.#fail('a command was expected behind "|"'));
    }
    return parts.length === 1 && !negated ? first : { kind: 'pipeline', negated, parts };
  }

  #command(): Node | null {
    this.#blank(false);
    if (this.#at >= this.#text.length || /[;)&|\n]/.test(this.#text[this.#at]!)) return null;
    for (const word of RESERVED) if (word !== 'in' && this.#seesWord(word)) return null;
    if (this.#takesWord('if')) return this.#if();
    const until = this.#seesWord('until');
    if (this.#takesWord('while') || this.#takesWord('until')) {
      const test = this.#body('do');
      this.#wantsWord('do');
      const body = this.#body('done');
      this.#wantsWord('done');
      return { kind: 'while', test, body, until };
    }
    if (this.#takesWord('for')) return this.#for();
    if (this.#takesWord('case')) return this.#case();
    if (this.#sees('((')) return this.#arithmeticCommand();
    if (this.#takes('(')) return this.#group(')');
    if (this.#sees('{') && /\s/.test(this.#text[this.#at + 1] ?? ' ')) {
      this.#at++;
      return this.#group('}');
    }
    const name = /(?:function\s+)?([A-Za-z_][\w-]*)\s*\(\s*\)\s*|function\s+([A-Za-z_][\w-]*)\s+(?=\{)/y;
    name.lastIndex = this.#at;
    const found = name.exec(this.#text);
    if (found !== null) {
      this.#at = name.lastIndex;
      this.#blank(true);
      return { kind: 'function', name: (found[1] ?? found[2])!, body: this.#command() ?? this.#fail('a function needs a body') };
    }
    return this.#simple();
  }

  #arithmeticCommand(): Node {
    this.#at += 2;
    const text = this.#upTo('))');
    const part: Part = { kind: 'arithmetic', text, quoted: true };
    return { kind: 'simple', assignments: [], words: [[literal('let')], [part]], redirects: [] };
  }

  #group(close: string): Node {
    const body = this.list() ?? this.#fail('a command was expected');
    this.#blank(true);
    if (!this.#takes(close)) this.#fail(`"${close}" was expected`);
    return { kind: 'group', body, redirects: this.#redirects(), subshell: close === ')' };
  }

  #if(): Node {
    const test = this.#body('then');
    this.#wantsWord('then');
    const then = this.#body('elif', 'else', 'fi');
    this.#blank(true);
    if (this.#takesWord('elif')) return { kind: 'if', test, then, otherwise: this.#if() };
    let otherwise: Node | null = null;
    if (this.#takesWord('else')) otherwise = this.#body('fi');
    this.#wantsWord('fi');
    return { kind: 'if', test, then, otherwise };
  }

  #for(): Node {
    this.#blank(false);
    const name = /[A-Za-z_]\w*/y;
    name.lastIndex = this.#at;
    const variable = name.exec(this.#text)?.[0] ?? this.#fail('a name was expected behind "for"');
    this.#at = name.lastIndex;
    this.#blank(true);
    let words: Word[] | null = null;
    if (this.#takesWord('in')) {
      words = [];
      for (;;) {
        const word = this.#word();
        if (word === null) break;
        words.push(word);
      }
    }
    this.#takes(';');
    this.#wantsWord('do');
    const body = this.#body('done');
    this.#wantsWord('done');
    return { kind: 'for', name: variable, words, body };
  }

  #case(): Node {
    const word = this.#word() ?? this.#fail('a word was expected behind "case"');
    this.#wantsWord('in');
    const branches: { patterns: Word[]; body: Node | null }[] = [];
    for (;;) {
      this.#blank(true);
      if (this.#takesWord('esac')) return { kind: 'case', word, branches };
      this.#takes('(');
      const patterns: Word[] = [];
      do patterns.push(this.#word() ?? this.#fail('a pattern was expected'));
      while (this.#takes('|'));
      if (!this.#takes(')')) this.#fail('")" was expected');
      const body = this.list();
      this.#blank(true);
      this.#takes(';;');
      branches.push({ patterns, body });
    }
  }

  #simple(): Node {
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      this.#blank(false);
      const redirect = this.#redirect();
      if (redirect !== null) {
        redirects.push(redirect);
        continue;
      }
      const assigned = /([A-Za-z_]\w*)=/y;
      assigned.lastIndex = this.#at;
      const found = words.length === 0 ? assigned.exec(this.#text) : null;
      if (found !== null) {
        this.#at = assigned.lastIndex;
        assignments.push({ name: found[1]!, value: this.#word() ?? [] });
        continue;
      }
      const word = this.#word();
      if (word === null) break;
      words.push(word);
    }
    if (words.length === 0 && assignments.length === 0 && redirects.length === 0) this.#fail(`unexpected "${this.#text[this.#at]}"`);
    return { kind: 'simple', assignments, words, redirects };
  }

  #redirects(): Redirect[] {
    const redirects: Redirect[] = [];
    for (;;) {
      this.#blank(false);
      const redirect = this.#redirect();
      if (redirect === null) return redirects;
      redirects.push(redirect);
    }
  }

  #redirect(): Redirect | null {
    const pattern = /(\d*)(<<<|<<-?|>>|>&|&>>?|<|>\|?)/y;
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null || (this.#sees('&') && !this.#sees('&>'))) return null;
    this.#at = pattern.lastIndex;
    const written = found[2]!;
    const input = written.startsWith('<');
    const descriptor = found[1] === '' ? (input ? 0 : 1) : Number(found[1]);
    if (written === '<<' || written === '<<-') {
      const word = this.#word() ?? this.#fail('a word was expected behind "<<"');
      const redirect: { descriptor: number; operator: '<<'; target: Word } = { descriptor, operator: '<<', target: [] };
      const end = word.map((part) => (part.kind === 'text' ? part.text : '')).join('');
      const quoted = word.some((part) => part.quoted);
      this.#pending.push({
        end,
        quoted,
        fill: (body) => {
          redirect.target = body;
        },
      });
      return redirect;
    }
    const operator = (written === '>|' ? '>' : written.startsWith('&>') ? '&>' : written) as Redirect['operator'];
    return { descriptor, operator, target: this.#word() ?? this.#fail(`a word was expected behind "${written}"`) };
  }

  /** The next word; null: an operator or the end comes. */
  #word(): Word | null {
    this.#blank(false);
    const parts: Part[] = [];
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || /[\s;&|<>()]/.test(char)) break;
      if (char === "'") {
        const end = this.#text.indexOf("'", this.#at + 1);
        if (end < 0) this.#fail("the ' is not closed");
        parts.push({ kind: 'text', text: this.#text.slice(this.#at + 1, end), quoted: true });
        this.#at = end + 1;
      } else if (char === '"') {
        this.#at++;
        const inside = this.quotedParts('"');
        parts.push(...(inside.length === 0 ? [{ kind: 'text', text: '', quoted: true } as const] : inside));
        this.#at++;
      } else if (char === '\\') {
        parts.push({ kind: 'text', text: this.#text[this.#at + 1] ?? '', quoted: true });
        this.#at += 2;
      } else if (char === '$' || char === '`') parts.push(this.#expansion(false));
      else {
        const plain = /[^\s;&|<>()'"\\$`]+/y;
        plain.lastIndex = this.#at;
        parts.push({ kind: 'text', text: plain.exec(this.#text)![0], quoted: false });
        this.#at = plain.lastIndex;
      }
    }
    return parts.length === 0 ? null : parts;
  }

  /** Parts up to `close`, which is not taken; an empty one: up to the end. */
  quotedParts(close: string): Part[] {
    const parts: Part[] = [];
    let text = '';
    const flush = () => {
      if (text !== '') parts.push({ kind: 'text', text, quoted: true });
      text = '';
    };
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) {
        if (close !== '') this.#fail(`the ${close} is not closed`);
        break;
      }
      if (char === close) break;
      if (char === '\\' && /["\\$`\n]/.test(this.#text[this.#at + 1] ?? '')) {
        if (this.#text[this.#at + 1] !== '\n') text += this.#text[this.#at + 1];
        this.#at += 2;
      } else if (char === '$' || char === '`') {
        flush();
        parts.push(this.#expansion(true));
      } else {
        text += char;
        this.#at++;
      }
    }
    flush();
    return parts;
  }

  #expansion(quoted: boolean): Part {
    if (this.#text[this.#at] === '`') {
      const end = this.#text.indexOf('`', this.#at + 1);
      if (end < 0) this.#fail('the ` is not closed');
      const script = this.#text.slice(this.#at + 1, end);
      this.#at = end + 1;
      return { kind: 'substitution', script, quoted };
    }
    this.#at++;
    if (this.#sees('((')) {
      this.#at += 2;
      return { kind: 'arithmetic', text: this.#upTo('))'), quoted };
    }
    if (this.#sees('(')) {
      this.#at++;
      return { kind: 'substitution', script: this.#upTo(')'), quoted };
    }
    if (this.#sees('{')) return this.#braced(quoted);
    const name = /[A-Za-z_]\w*|\d|[@*#?$!-]/y;
    name.lastIndex = this.#at;
    const found = name.exec(this.#text);
    if (found === null) return { kind: 'text', text: '$', quoted };
    this.#at = name.lastIndex;
    return { kind: 'variable', name: found[0], operator: '', word: null, quoted };
  }

  #braced(quoted: boolean): Part {
    const inside = /\{(#?)([A-Za-z_]\w*|\d+|[@*#?])(:?[-=+?]|##?|%%?)?/y;
    inside.lastIndex = this.#at;
    const found = inside.exec(this.#text) ?? this.#fail('bad substitution');
    this.#at = inside.lastIndex;
    const rest = this.#upTo('}');
    if (found[3] === undefined && rest !== '' && !/^\[[@*]\]$/.test(rest)) this.#fail('bad substitution');
    const word = found[3] === undefined ? null : new ShellParser(rest).quotedParts('');
    return { kind: 'variable', name: found[2]!, operator: found[1] === '#' ? 'length' : (found[3] ?? ''), word, quoted };
  }

  /** Text up to `close` at this depth of brackets and quotes; `close` is taken. */
  #upTo(close: string): string {
    const start = this.#at;
    const [open] = close === '}' ? ['{'] : ['('];
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at]!;
      if (char === '\\') this.#at++;
      else if (char === "'" || char === '"') {
        const end = this.#text.indexOf(char, this.#at + 1);
        if (end > 0) this.#at = end;
      } else if (char === open) depth++;
      else if (depth === 0 && this.#sees(close)) {
        const text = this.#text.slice(start, this.#at);
        this.#at += close.length;
        return text;
      } else if (char === close[0]) depth--;
    }
    return this.#fail(`"${close}" was expected`);
  }
}

const literal = (text: string): Part => ({ kind: 'text', text, quoted: false });
