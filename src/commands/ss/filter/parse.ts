import { fatal } from '../../shared/failure.js';
import { usage } from '../options.js';
import type { Expression, HostCondition, Side } from './expression.js';
import type { Token } from './words.js';

/** Reads what stands behind the words of a filter: addresses, ports, devices, marks, groups. Null: it said what is wrong. */
export interface FilterValues {
  /** `onlyPort`: behind sport and dport the colon may be left out. */
  host(text: string, onlyPort: boolean): Promise<readonly HostCondition[]>;
  device(text: string): Promise<number>;
  mark(text: string): { readonly mark: number; readonly mask: number };
  cgroup(text: string): Promise<number>;
}

type Kind = Token['kind'];
const comparisons: ReadonlySet<Kind> = new Set<Kind>(['=', '!=', '<', '>', '<=', '>=']);

/** What a word that is none of the language's own means depends on what came before it. */
type Subject = 'src' | 'dst' | 'sport' | 'dport' | 'dev' | 'fwmark' | 'cgroup';

/**
 * The language of filters, by recursive descent: "or" binds weaker than "and", which may be left out, and "not" the most. Values
 * are read as they come, so that a bad one is told of before what is wrong with the grammar behind it, as the real tool does.
 */
export class FilterParser {
  readonly #tokens: readonly Token[];
  readonly #values: FilterValues;
  #at = 0;
  #subject: Subject = 'src';
  readonly #read = new Map<number, readonly HostCondition[] | number | { readonly mark: number; readonly mask: number }>();

  constructor(tokens: readonly Token[], values: FilterValues) {
    this.#tokens = tokens;
    this.#values = values;
  }

  /** Null for an empty filter. */
  async parse(): Promise<Expression | null> {
    if (this.#tokens.length === 0) return null;
    const expression = await this.#or();
    if ((await this.#peek()) !== null) this.#fail();
    return expression;
  }

  #fail(): never {
    throw usage('ss: bison bellows (while parsing filter): "syntax error!" Sorry.\n');
  }

  /** The next token's kind, its value read; null at the end. */
  async #peek(): Promise<Kind | null> {
    const token = this.#tokens[this.#at];
    if (token === undefined) return null;
    if (token.kind === 'value' && !this.#read.has(this.#at)) this.#read.set(this.#at, await this.#value(token.text));
    return token.kind;
  }

  async #value(text: string) {
    if (this.#subject === 'dev') return this.#values.device(text);
    if (this.#subject === 'fwmark') return this.#values.mark(text);
    if (this.#subject === 'cgroup') return this.#values.cgroup(text);
    return this.#values.host(text, this.#subject === 'sport' || this.#subject === 'dport');
  }

  async #or(): Promise<Expression> {
    let left = await this.#and();
    while ((await this.#peek()) === '|') {
      this.#at++;
      left = { kind: 'or', left, right: await this.#and() };
    }
    return left;
  }

  async #and(): Promise<Expression> {
    let left = await this.#not();
    for (;;) {
      const kind = await this.#peek();
      if (kind === null || kind === '|' || kind === ')') return left;
      if (kind === '&') this.#at++;
      left = { kind: 'and', left, right: await this.#not() };
    }
  }

  async #not(): Promise<Expression> {
    const kind = await this.#peek();
    if (kind === '!') {
      this.#at++;
      return { kind: 'not', of: await this.#not() };
    }
    if (kind === '(') {
      this.#at++;
      const inside = await this.#or();
      if ((await this.#peek()) !== ')') this.#fail();
      this.#at++;
      return inside;
    }
    return this.#condition(kind);
  }

  async #condition(kind: Kind | null): Promise<Expression> {
    switch (kind) {
      case 'autobound':
        this.#at++;
        return { kind: 'autobound' };
      case 'src':
      case 'dst': {
        this.#at++;
        this.#subject = kind;
        if ((await this.#peek()) === '=') this.#at++;
        return { kind: 'host', side: sideOf(kind), hosts: (await this.#taken()) as readonly HostCondition[] };
      }
      case 'sport':
      case 'dport':
        this.#at++;
        this.#subject = kind;
        return this.#port(sideOf(kind));
      case 'dev':
      case 'fwmark':
      case 'cgroup':
        this.#at++;
        this.#subject = kind;
        return this.#equality(kind);
      default:
        return this.#fail();
    }
  }

  async #taken() {
    if ((await this.#peek()) !== 'value') this.#fail();
    return this.#read.get(this.#at++);
  }

  async #port(side: Side): Promise<Expression> {
    const sign = await this.#peek();
    if (sign === null || !comparisons.has(sign)) this.#fail();
    this.#at++;
    const hosts = (await this.#taken()) as readonly HostCondition[];
    const port = hosts[0]?.port ?? -1;
    switch (sign) {
      case '>=':
        return { kind: 'atLeast', side, port };
      case '<=':
        return { kind: 'atMost', side, port };
      case '>':
        return { kind: 'not', of: { kind: 'atMost', side, port } };
      case '<':
        return { kind: 'not', of: { kind: 'atLeast', side, port } };
      case '!=':
        return { kind: 'not', of: { kind: 'host', side, hosts } };
      default:
        return { kind: 'host', side, hosts };
    }
  }

  async #equality(subject: 'dev' | 'fwmark' | 'cgroup'): Promise<Expression> {
    const sign = await this.#peek();
    if (sign === '=' || sign === '!=') this.#at++;
    const value = await this.#taken();
    let condition: Expression;
    if (subject === 'dev') condition = { kind: 'device', ifindex: value as number };
    else if (subject === 'cgroup') condition = { kind: 'cgroup', id: value as number };
    else condition = { kind: 'mark', ...(value as { readonly mark: number; readonly mask: number }) };
    return sign === '!=' ? { kind: 'not', of: condition } : condition;
  }
}

const sideOf = (word: 'src' | 'dst' | 'sport' | 'dport'): Side => (word.startsWith('s') ? 'local' : 'peer');

/** A word that the filter cannot be read without. */
export const unreadable = (text: string) => fatal(text, 1);
