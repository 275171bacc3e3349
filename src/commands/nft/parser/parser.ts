import type * as ast from '../ast.js';
import { parseInteger } from '../datatypes/datatype.js';
import { parseSpan } from '../datatypes/time.js';
import { NftError, fail } from '../errors.js';
import { parseRawPayload } from '../expressions/payload.js';
import { selectorByWord } from '../expressions/selectors.js';
import { type InputSource, type Location, span } from '../location.js';
import { parseStatement, startsStatement } from '../statements/registry.js';
import { nearest } from '../suggest.js';
import * as make from './make.js';
import { Scope } from './scope.js';
import { TokenStream } from './token-stream.js';
import { reservedWords } from './words.js';

/** Words of the language that are values too, on the right-hand side. */
// biome-ignore format: a table
const valueWords: ReadonlySet<string> = new Set([
  'tcp', 'udp', 'udplite', 'esp', 'ah', 'icmp', 'icmpv6', 'igmp', 'comp', 'dccp', 'sctp', 'redirect', 'ip', 'ip6', 'arp', 'vlan', 'exists', 'missing',
  'snat', 'dnat', 'ecn', 'ether', 'reset', 'all', 'dst', 'hbh', 'rt', 'frag', 'mh', 'srh',
]);
/** Left of a relation only those stand that the grammar has there as symbols. */
const leftValueWords: ReadonlySet<string> = new Set();

const verdictWords: ReadonlySet<string> = new Set(['accept', 'drop', 'continue', 'return', 'jump', 'goto']);

/** A recursive-descent parser of the language: expressions here, statements in statements/, commands in commands.ts. */
export class Parser extends TokenStream {
  scope = new Scope();
  #blocks = 0;
  /** Syntax errors that were recovered from. */
  readonly errors: NftError[] = [];

  constructor(source: InputSource) {
    super(source);
  }

  /** Between braces of a table or chain: the file cannot end here. */
  get inBlock(): boolean {
    return this.#blocks > 0;
  }

  /** Inside a block: its own variables, and errors that end a line of it only. */
  inScope<T>(body: () => T): T {
    const outer = this.scope;
    this.scope = new Scope(outer);
    this.#blocks++;
    try {
      return body();
    } finally {
      this.scope = outer;
      this.#blocks--;
    }
  }

  /** Runs one line of a block; what is wrong in it is remembered, and the parser goes on behind it. */
  guarded(body: () => void): void {
    try {
      body();
    } catch (error) {
      if (!(error instanceof NftError)) throw error;
      this.errors.push(error);
      if (this.errors.length >= 10) throw new TooManyErrors();
      while (!this.atSeparator) this.take();
      if (this.atEnd) throw new TooManyErrors();
      this.take();
    }
  }

  // Left-hand sides.

  /** Expressions joined by dots. */
  concatExpression(): ast.Expr {
    const first = this.basicExpression();
    if (!this.isSign('.')) return first;
    const parts = [first];
    while (this.acceptSign('.')) parts.push(this.basicExpression());
    return make.concat(this.since(first.loc), parts);
  }

  /** One thing that can be read: what describe and typeof take. */
  basicPrimary(): ast.Expr {
    return this.#leftPrimary();
  }

  basicExpression(): ast.Expr {
    return this.#binary(this.#leftPrimary, this.#rightPrimary, 0);
  }

  /** The operators by how strongly they bind; `or` is the weakest. */
  static readonly #operators: readonly (readonly ast.BinaryOperator[])[] = [['|'], ['^'], ['&'], ['<<', '>>']];

  #binary(primary: () => ast.Expr, rightPrimary: () => ast.Expr, level: number): ast.Expr {
    const operators = Parser.#operators[level];
    if (operators === undefined) return primary();
    let left = this.#binary(primary, rightPrimary, level + 1);
    for (;;) {
      const operator = operators.find((sign) => this.isSign(sign));
      if (operator === undefined) return left;
      this.take();
      const right = this.#binary(rightPrimary, rightPrimary, level + 1);
      left = make.binop(span(left.loc, right.loc), operator, left, right);
    }
  }

  /** One value or, where `selectors` says so, one thing that can be read. */
  #primary(words: ReadonlySet<string>, selectors: boolean): ast.Expr {
    const token = this.peek();
    if (token.kind === 'sign') {
      if (token.text === '(') {
        this.take();
        const primary = () => this.#primary(words, selectors);
        const inside = this.#binary(primary, words === valueWords ? primary : this.#rightPrimary, 0);
        this.expectSign(')');
        return { ...inside, loc: this.since(token.loc) };
      }
      if (token.text === '$') return this.variable();
      if (token.text === '@') {
        const next = this.peek(1);
        if (next.kind === 'word' && ['ll', 'nh', 'th', 'ih'].includes(next.text)) {
          this.take();
          return parseRawPayload(this, token);
        }
        return this.setReference();
      }
    }
    if (selectors && token.kind === 'word') {
      const kind = words === valueWords && valueWords.has(token.text) && !this.#isSelectorAhead() ? undefined : selectorByWord(token.text);
      if (kind !== undefined) {
        this.take();
        return kind.parse(this, token);
      }
    }
    return this.#symbol(words);
  }

  /** Of a word that is a protocol and a value: does a field follow? */
  #isSelectorAhead(): boolean {
    const word = this.peek().text;
    const next = this.peek(1);
    if (next.kind !== 'word') return false;
    const kind = selectorByWord(word);
    return kind !== undefined && !reservedForStatements.has(next.text) && /^[a-z]/.test(next.text) && isFieldOf(word, next.text);
  }

  #symbol(words: ReadonlySet<string>): ast.Expr {
    const token = this.peek();
    if (token.kind === 'number') {
      this.take();
      const value = parseInteger(token.text);
      return make.symbol(token.loc, value !== null && value <= 0xffff_ffff_ffff_ffffn ? value.toString() : token.text);
    }
    if (
      token.kind === 'quoted' ||
      token.kind === 'wildcard' ||
      (token.kind === 'word' && (!reservedWords.has(token.text) || words.has(token.text)))
    ) {
      this.take();
      return make.symbol(token.loc, token.text, token.kind === 'quoted');
    }
    return this.unexpected();
  }

  variable(): ast.Expr {
    const sign = this.expectSign('$');
    const name = this.expectName();
    const value = this.scope.find(name.text);
    const loc = this.since(sign.loc);
    if (value === undefined) {
      const close = nearest(name.text, this.scope.names(), (known) => known);
      return fail(
        close === undefined
          ? `unknown identifier '${name.text}'`
          : `unknown identifier '${name.text}'; did you mean identifier ‘${close}’?`,
        name.loc,
      );
    }
    return structuredExpr(value, loc);
  }

  setReference(): ast.Expr {
    const at = this.acceptSign('@') ?? this.unexpected('@', "'$'");
    const name = this.take();
    if (name.kind !== 'word' && name.kind !== 'quoted') return this.unexpected('string');
    return make.setRef(this.since(at.loc), name.text);
  }

  // Right-hand sides.

  readonly #leftPrimary = (): ast.Expr => this.#primary(leftValueWords, true);
  readonly #rightPrimary = (): ast.Expr => this.#primary(valueWords, false);
  readonly #argumentPrimary = (): ast.Expr => this.#primary(valueWords, true);

  /** A value, a range, a prefix, a concatenation of these, a list, or a set. */
  rightExpression(): ast.Expr {
    if (this.isSign('{')) return this.setExpression();
    if (this.isSign('@') && !this.#rawAhead()) return this.setReference();
    const first = this.concatRight();
    return this.isSign(',') ? this.#list(first) : first;
  }

  #rawAhead(): boolean {
    const next = this.peek(1);
    return next.kind === 'word' && ['ll', 'nh', 'th', 'ih'].includes(next.text);
  }

  #list(first: ast.Expr): ast.Expr {
    const items = [first];
    while (this.acceptSign(',')) {
      this.skipNewlines();
      items.push(this.basicRight());
    }
    return make.list(this.since(first.loc), items);
  }

  concatRight(): ast.Expr {
    const first = this.multitonRight();
    if (!this.isSign('.')) return first;
    const parts = [first];
    while (this.acceptSign('.')) {
      this.skipNewlines();
      parts.push(this.multitonRight());
    }
    return make.concat(this.since(first.loc), parts);
  }

  basicRight(): ast.Expr {
    return this.#binary(this.#rightPrimary, this.#rightPrimary, 0);
  }

  /** A value, "a-b", "a/24", or "*". */
  multitonRight(): ast.Expr {
    if (this.isSign('*')) return make.catchall(this.take().loc);
    const left = this.basicRight();
    if (this.isSign('/') && this.peek(1).kind === 'number') {
      this.take();
      const length = this.expectNumber();
      return make.prefix(this.since(left.loc), left, length);
    }
    if (this.acceptSign('-')) {
      const right = this.basicRight();
      return make.range(this.since(left.loc), left, right);
    }
    return left;
  }

  /** { a, b timeout 1m : c, ... } */
  setExpression(): ast.SetExpr {
    const open = this.expectSign('{');
    const elements: ast.ElementExpr[] = [];
    this.skipNewlines();
    if (this.isSign('}')) return this.unexpected();
    for (;;) {
      this.skipNewlines();
      if (this.isSign('}')) break;
      elements.push(this.setElement());
      this.skipNewlines();
      if (!this.acceptSign(',')) break;
    }
    this.skipNewlines();
    if (!this.isSign('}')) return this.unexpected('comma', "'}'");
    this.take();
    return make.set(this.since(open.loc), elements);
  }

  setElement(): ast.ElementExpr {
    const start = this.peek().loc;
    const key = this.isSign('{') ? this.setExpression() : this.isSign('@') && !this.#rawAhead() ? this.setReference() : this.concatRight();
    const element = make.element(this.since(start), key);
    this.elementOptions(element);
    if (this.acceptSign(':')) {
      element.data = this.elementData();
      this.elementOptions(element);
    }
    element.loc = key.loc;
    return element;
  }

  elementData(): ast.Expr {
    const token = this.peek();
    if (token.kind === 'word' && verdictWords.has(token.text)) return this.verdict();
    if (this.isSign('{')) return this.setExpression();
    return this.concatRight();
  }

  /** timeout, expires, counter, ..., comment */
  elementOptions(element: ast.ElementExpr): void {
    for (;;) {
      if (this.acceptWord('timeout')) element.timeout = this.timeSpan();
      else if (this.acceptWord('expires')) element.expires = this.timeSpan();
      else if (this.acceptWord('comment')) element.comment = this.expectString().text;
      else if (
        this.isWord('counter') ||
        this.isWord('limit') ||
        this.isWord('quota') ||
        this.isWord('last') ||
        (this.isWord('ct') && this.isWord('count', 1))
      )
        element.statements = [...(element.statements ?? []), parseStatement(this)];
      else return;
    }
  }

  /** Milliseconds. */
  timeSpan(): number {
    const token = this.peek();
    if (token.kind !== 'word' && token.kind !== 'number' && token.kind !== 'quoted') return this.unexpected('string');
    this.take();
    const parsed = parseSpan(token.text);
    return parsed === null ? fail('bad time format', token.loc) : Number(parsed);
  }

  /** Arguments of statements: as right-hand sides, and maps. */
  argument(): ast.Expr {
    const first = this.argumentPart();
    let whole = first;
    if (this.isSign('.')) {
      const parts = [first];
      while (this.acceptSign('.')) parts.push(this.argumentPart());
      whole = make.concat(this.since(first.loc), parts);
    }
    if (this.acceptWord('map')) {
      const target = this.mapTarget();
      return make.map(this.since(first.loc), whole, target);
    }
    return this.isSign(',') ? this.#list(whole) : whole;
  }

  argumentPart(): ast.Expr {
    const left = this.#binary(this.#argumentPrimary, this.#argumentPrimary, 0);
    if (this.isSign('/') && this.peek(1).kind === 'number') {
      this.take();
      const length = this.expectNumber();
      return make.prefix(this.since(left.loc), left, length);
    }
    if (this.acceptSign('-')) {
      const right = this.basicRight();
      return make.range(this.since(left.loc), left, right);
    }
    return left;
  }

  /** Behind map and vmap. */
  mapTarget(): ast.Expr {
    if (this.isSign('{')) return this.setExpression();
    if (this.isSign('@')) return this.setReference();
    if (this.isSign('$')) return this.variable();
    return this.unexpected("'{'", '@', "'$'");
  }

  verdict(): ast.VerdictExpr {
    const word = this.take();
    if (word.text !== 'jump' && word.text !== 'goto') return make.verdict(word.loc, word.text as ast.VerdictExpr['verb']);
    if (this.isSign('{')) {
      const rules = this.chainBlock();
      return { ...make.verdict(this.since(word.loc), word.text), block: { rules } };
    }
    const chain = this.isSign('$') ? this.variable() : this.#chainName();
    return make.verdict(this.since(word.loc), word.text, chain);
  }

  #chainName(): ast.Expr {
    const token = this.peek();
    if (!this.isName()) {
      // Words that are no names end the statement as bison sees it.
      if (token.kind === 'newline' || token.kind === 'end') return this.unexpected("'{'");
      return this.unexpected('string');
    }
    this.take();
    return make.symbol(token.loc, token.text);
  }

  /** { rule; rule } of jump. */
  chainBlock(): ast.RuleDecl[] {
    this.expectSign('{');
    const rules: ast.RuleDecl[] = [];
    this.inScope(() => {
      for (;;) {
        this.skipSeparators();
        if (this.acceptSign('}')) return;
        rules.push(this.rule());
        if (!this.atSeparator) this.unexpected('newline', 'semicolon');
      }
    });
    return rules;
  }

  statement(): ast.Statement {
    return parseStatement(this);
  }

  /** Statements up to the end of the line, and a comment. */
  rule(): ast.RuleDecl {
    const start = this.peek().loc;
    const statements: ast.Statement[] = [];
    let comment: string | undefined;
    while (!this.atSeparator && !this.isSign('}')) {
      if (this.isWord('comment') && statements.length > 0) {
        this.take();
        comment = this.expectString().text;
        if (comment.length > 128) fail(`comment too long, 128 characters maximum allowed`, this.last.loc);
        break;
      }
      if (statements.length > 0 && !startsStatement(this)) {
        if (this.inBlock) return this.unexpected('newline', 'semicolon');
        return this.unexpected('end of file', 'newline', 'semicolon');
      }
      statements.push(parseStatement(this));
    }
    if (statements.length === 0) return this.unexpected();
    return { kind: 'rule', statements, ...(comment === undefined ? {} : { comment }), loc: this.since(start) };
  }
}

/** Ten errors, or the input ends inside a block: nothing more can be said. */
export class TooManyErrors extends Error {}

const reservedForStatements: ReadonlySet<string> = new Set(['accept', 'drop', 'counter', 'log', 'set', 'map', 'vmap', 'jump', 'goto']);

function isFieldOf(word: string, next: string): boolean {
  const fields: Readonly<Record<string, RegExp>> = {
    ip: /^(version|hdrlength|dscp|ecn|length|id|frag-off|ttl|protocol|checksum|saddr|daddr|option)$/,
    ip6: /^(version|dscp|ecn|flowlabel|length|nexthdr|hoplimit|saddr|daddr)$/,
    tcp: /^(sport|dport|sequence|ackseq|doff|reserved|flags|window|checksum|urgptr|option)$/,
    udp: /^(sport|dport|length|checksum)$/,
    udplite: /^(sport|dport|csumcov|checksum)$/,
    icmp: /^(type|code|checksum|id|sequence|gateway|mtu)$/,
    icmpv6: /^(type|code|checksum|parameter-problem|mtu|id|sequence|max-delay)$/,
    igmp: /^(type|checksum|mrt|group)$/,
    ether: /^(saddr|daddr|type)$/,
    vlan: /^(id|dei|cfi|pcp|type)$/,
    arp: /^(htype|ptype|hlen|plen|operation|saddr|daddr)$/,
    esp: /^(spi|sequence)$/,
    ah: /^(nexthdr|hdrlength|reserved|spi|sequence)$/,
    comp: /^(nexthdr|flags|cpi)$/,
    dccp: /^(sport|dport|type)$/,
    sctp: /^(sport|dport|vtag|checksum|chunk)$/,
    dst: /^(nexthdr|hdrlength)$/,
    hbh: /^(nexthdr|hdrlength)$/,
    rt: /^(nexthdr|hdrlength|type|seg-left|classid|nexthop|mtu|ip|ip6|ipsec)$/,
    frag: /^(nexthdr|reserved|frag-off|reserved2|more-fragments|id)$/,
    mh: /^(nexthdr|hdrlength|type|reserved|checksum)$/,
    srh: /^(nexthdr|hdrlength|type|seg-left|last-entry|flags|tag|sid)$/,
  };
  return fields[word]?.test(next) ?? false;
}

/** A variable's value where it is used: a copy, placed there for errors. */
function structuredExpr(value: ast.Expr, loc: Location): ast.Expr {
  const copy = cloneExpr(value);
  copy.loc = loc;
  return copy;
}

export function cloneExpr<T>(value: T): T {
  if (Array.isArray(value)) return value.map(cloneExpr) as T;
  if (value === null || typeof value !== 'object') return value;
  if (!('kind' in value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value))
    copy[key] =
      key === 'loc' || key === 'type' || key === 'set' || key === 'protocol' || key === 'field' || key === 'header'
        ? inner
        : cloneExpr(inner);
  return copy as T;
}
