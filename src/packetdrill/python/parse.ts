import { Float, type Node, type Parameter, type Statement, type Value } from './ast.js';
import { PythonError } from './python-error.js';
import { type Token, tokenize } from './tokens.js';

const AUGMENTED = new Set(['+=', '-=', '*=', '/=', '//=', '%=', '&=', '|=', '^=', '>>=', '<<=', '**=']);
/** By how closely they bind, loosest first. */
const BINARY: readonly (readonly string[])[] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '//', '%']];
const COMPARE = new Set(['<', '>', '<=', '>=', '==', '!=', '<>']);

/** A snippet as statements. Throws PythonError("SyntaxError"). */
export const parsePython = (source: string): readonly Statement[] => new Parser(tokenize(source)).program();

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  program(): Statement[] {
    const statements: Statement[] = [];
    while (this.#token.kind !== 'end') {
      if (this.#token.kind === 'newline') this.#at++;
      else statements.push(...this.#statement());
    }
    return statements;
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #isAt(kind: Token['kind']): boolean {
    return this.#token.kind === kind;
  }

  #fail(text: string): never {
    throw new PythonError('SyntaxError', text, this.#token.line);
  }

  #sees(text: string): boolean {
    const { kind } = this.#token;
    return (kind === 'operator' || kind === 'name') && this.#token.text === text;
  }

  #takes(text: string): boolean {
    if (!this.#sees(text)) return false;
    this.#at++;
    return true;
  }

  #wants(text: string): void {
    if (!this.#takes(text)) this.#fail(`expected '${text}'`);
  }

  #name(): string {
    if (this.#token.kind !== 'name') this.#fail('invalid syntax');
    return this.#tokens[this.#at++]!.text;
  }

  // -- statements --------------------------------------------------------------------------------------------------------------

  #statement(): Statement[] {
    const { line } = this.#token;
    if (this.#takes('if')) return [this.#if(line)];
    if (this.#takes('while')) {
      const test = this.#expression();
      return [{ kind: 'while', line, test, body: this.#block() }];
    }
    if (this.#takes('for')) {
      const target = this.#targets();
      this.#wants('in');
      const over = this.#tuple();
      return [{ kind: 'for', line, target, over, body: this.#block() }];
    }
    if (this.#takes('def')) return [this.#def(line)];
    const statements = [this.#simple()];
    while (this.#takes(';')) if (this.#token.kind !== 'newline' && this.#token.kind !== 'end') statements.push(this.#simple());
    if (this.#token.kind === 'newline') this.#at++;
    else if (this.#token.kind !== 'end') this.#fail('invalid syntax');
    return statements;
  }

  #if(line: number): Statement {
    const test = this.#expression();
    const body = this.#block();
    const next = this.#token.line;
    let otherwise: Statement[] = [];
    if (this.#takes('elif')) otherwise = [this.#if(next)];
    else if (this.#takes('else')) otherwise = this.#block();
    return { kind: 'if', line, test, body, otherwise };
  }

  #def(line: number): Statement {
    const name = this.#name();
    const parameters: Parameter[] = [];
    this.#wants('(');
    while (!this.#takes(')')) {
      const parameter = this.#name();
      parameters.push({ name: parameter, fallback: this.#takes('=') ? this.#expression() : null });
      if (!this.#sees(')')) this.#wants(',');
    }
    return { kind: 'def', line, name, parameters, body: this.#block() };
  }

  #block(): Statement[] {
    this.#wants(':');
    if (!this.#isAt('newline')) return this.#statement();
    this.#at++;
    if (!this.#isAt('indent')) this.#fail('expected an indented block');
    this.#at++;
    const statements: Statement[] = [];
    while (this.#token.kind !== 'dedent' && this.#token.kind !== 'end') {
      if (this.#token.kind === 'newline') this.#at++;
      else statements.push(...this.#statement());
    }
    if (this.#token.kind === 'dedent') this.#at++;
    return statements;
  }

  #simple(): Statement {
    const { line } = this.#token;
    if (this.#takes('assert')) {
      const test = this.#expression();
      return { kind: 'assert', line, test, message: this.#takes(',') ? this.#expression() : null };
    }
    if (this.#sees('print') && !(this.#tokens[this.#at + 1]!.kind === 'operator' && '(=.'.includes(this.#tokens[this.#at + 1]!.text))) {
      // The statement of Python 2.
      this.#at++;
      const values: Node[] = [];
      while (this.#token.kind !== 'newline' && this.#token.kind !== 'end' && !this.#sees(';')) {
        values.push(this.#expression());
        if (!this.#takes(',')) break;
      }
      return { kind: 'print', line, values };
    }
    for (const kind of ['pass', 'break', 'continue'] as const) if (this.#takes(kind)) return { kind, line };
    if (this.#takes('return')) return { kind: 'return', line, value: this.#atEnd ? null : this.#tuple() };
    if (this.#takes('raise')) return { kind: 'raise', line, value: this.#atEnd ? null : this.#expression() };
    if (this.#sees('import') || this.#sees('from') || this.#sees('global')) {
      while (!this.#atEnd) this.#at++;
      return { kind: 'import', line };
    }
    const first = this.#tuple();
    if (this.#token.kind === 'operator' && AUGMENTED.has(this.#token.text)) {
      const operator = this.#tokens[this.#at++]!.text.slice(0, -1);
      return { kind: 'augment', line, target: first, operator, value: this.#tuple() };
    }
    if (!this.#sees('=')) return { kind: 'expression', line, value: first };
    const chain = [first];
    while (this.#takes('=')) chain.push(this.#tuple());
    return { kind: 'assign', line, targets: chain.slice(0, -1), value: chain.at(-1)! };
  }

  get #atEnd(): boolean {
    return this.#token.kind === 'newline' || this.#token.kind === 'end' || this.#sees(';');
  }

  // -- expressions -------------------------------------------------------------------------------------------------------------

  #targets(): Node {
    const items = [this.#unary()];
    while (this.#takes(',')) items.push(this.#unary());
    return items.length === 1 ? items[0]! : { kind: 'tuple', items };
  }

  #tuple(): Node {
    const first = this.#expression();
    if (!this.#sees(',')) return first;
    const items = [first];
    while (this.#takes(',')) {
      if (this.#atEnd || this.#sees('=') || this.#sees(')')) break;
      items.push(this.#expression());
    }
    return { kind: 'tuple', items };
  }

  #expression(): Node {
    const then = this.#or();
    if (!this.#takes('if')) return then;
    const test = this.#or();
    this.#wants('else');
    return { kind: 'choice', test, then, otherwise: this.#expression() };
  }

  #or(): Node {
    let left = this.#and();
    while (this.#takes('or')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Node {
    let left = this.#not();
    while (this.#takes('and')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Node {
    return this.#takes('not') ? { kind: 'unary', operator: 'not', value: this.#not() } : this.#comparison();
  }

  #comparison(): Node {
    const first = this.#binary(0);
    const rest: { operator: string; value: Node }[] = [];
    for (;;) {
      const operator = this.#comparator();
      if (operator === null) break;
      rest.push({ operator, value: this.#binary(0) });
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest };
  }

  #comparator(): string | null {
    if (this.#token.kind === 'operator' && COMPARE.has(this.#token.text)) return this.#tokens[this.#at++]!.text;
    if (this.#takes('in')) return 'in';
    if (this.#takes('is')) return this.#takes('not') ? 'is not' : 'is';
    if (this.#sees('not') && this.#tokens[this.#at + 1]!.text === 'in') {
      this.#at += 2;
      return 'not in';
    }
    return null;
  }

  #binary(level: number): Node {
    const operators = BINARY[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    while (this.#token.kind === 'operator' && operators.includes(this.#token.text)) {
      const operator = this.#tokens[this.#at++]!.text;
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1) };
    }
    return left;
  }

  #unary(): Node {
    for (const operator of ['-', '+', '~']) if (this.#takes(operator)) return { kind: 'unary', operator, value: this.#unary() };
    const base = this.#postfix();
    return this.#takes('**') ? { kind: 'binary', operator: '**', left: base, right: this.#unary() } : base;
  }

  #postfix(): Node {
    let node = this.#atom();
    for (;;) {
      if (this.#takes('(')) node = this.#call(node);
      else if (this.#takes('.')) node = { kind: 'attribute', value: node, name: this.#name() };
      else if (this.#takes('[')) {
        node = { kind: 'index', value: node, at: this.#subscript() };
        this.#wants(']');
      } else return node;
    }
  }

  #subscript(): Node {
    const from = this.#sees(':') ? null : this.#expression();
    if (!this.#takes(':')) return from!;
    return { kind: 'slice', from, to: this.#sees(']') ? null : this.#expression() };
  }

  #call(callee: Node): Node {
    const args: Node[] = [];
    const named: (readonly [string, Node])[] = [];
    while (!this.#takes(')')) {
      const next = this.#tokens[this.#at + 1]!;
      if (this.#token.kind === 'name' && next.kind === 'operator' && next.text === '=') {
        const name = this.#name();
        this.#wants('=');
        named.push([name, this.#expression()]);
      } else args.push(this.#comprehension(this.#expression()));
      if (!this.#sees(')')) this.#wants(',');
    }
    return { kind: 'call', callee, args, named };
  }

  #comprehension(item: Node): Node {
    if (!this.#takes('for')) return item;
    const target = this.#targets();
    this.#wants('in');
    const over = this.#or();
    return { kind: 'comprehension', item, target, over, condition: this.#takes('if') ? this.#or() : null };
  }

  #atom(): Node {
    const token = this.#token;
    this.#at++;
    if (token.kind === 'number') return constant(Number(/^0\d/.test(token.text) ? Number.parseInt(token.text, 8) : token.text));
    if (token.kind === 'float') return constant(new Float(Number(token.text)));
    if (token.kind === 'string') return this.#strings(token);
    if (token.kind === 'name') {
      if (token.text === 'True') return constant(true);
      if (token.text === 'False') return constant(false);
      if (token.text === 'None') return constant(null);
      return { kind: 'name', name: token.text };
    }
    if (token.text === '(') return this.#parenthesis();
    if (token.text === '[') {
      if (this.#takes(']')) return { kind: 'list', items: [] };
      const first = this.#comprehension(this.#expression());
      if (first.kind === 'comprehension') {
        this.#wants(']');
        return first;
      }
      return { kind: 'list', items: this.#items(first, ']') };
    }
    if (token.text === '{') return this.#braces();
    this.#at--;
    return this.#fail('invalid syntax');
  }

  #parenthesis(): Node {
    if (this.#takes(')')) return { kind: 'tuple', items: [] };
    const first = this.#comprehension(this.#expression());
    if (this.#takes(')')) return first;
    return { kind: 'tuple', items: this.#items(first, ')') };
  }

  /** What follows the first of a list. */
  #items(first: Node, close: string): Node[] {
    const items = [first];
    while (!this.#takes(close)) {
      this.#wants(',');
      if (!this.#sees(close)) items.push(this.#expression());
    }
    return items;
  }

  #braces(): Node {
    if (this.#takes('}')) return { kind: 'dict', entries: [] };
    const first = this.#expression();
    if (!this.#takes(':')) return { kind: 'set', items: this.#items(first, '}') };
    const entries: (readonly [Node, Node])[] = [[first, this.#expression()]];
    while (!this.#takes('}')) {
      this.#wants(',');
      if (this.#sees('}')) continue;
      const key = this.#expression();
      this.#wants(':');
      entries.push([key, this.#expression()]);
    }
    return { kind: 'dict', entries };
  }

  /** Strings beside each other are one. */
  #strings(first: Token): Node {
    let text = unquote(first.text);
    while (this.#token.kind === 'string') text += unquote(this.#tokens[this.#at++]!.text);
    return constant(text);
  }
}

const constant = (value: Value): Node => ({ kind: 'constant', value });

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', '\n': '' };

function unquote(literal: string): string {
  const start = literal.search(/["']/);
  const raw = /r/i.test(literal.slice(0, start));
  const body = literal.slice(start);
  const width = body.startsWith('"""') || body.startsWith("'''") ? 3 : 1;
  const text = body.slice(width, -width);
  if (raw) return text;
  return text.replace(/\\(x[0-9a-fA-F]{2}|[\s\S])/g, (whole, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return escapes[code] ?? (/["'\\]/.test(code) ? code : whole);
  });
}
