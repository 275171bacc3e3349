import type * as ast from '../ast.js';
import { type JsonValue, JsonRaw } from '../datatypes/datatype.js';
import { bytesOfUnit } from '../units.js';
import { NftError } from '../errors.js';
import { selectorByJson } from '../expressions/selectors.js';
import { InputSource, type Location, nowhere } from '../location.js';
import * as make from '../parser/make.js';
import { kindByJson } from '../statements/registry.js';

type Members = Readonly<Record<string, JsonValue>>;

const isMembers = (value: JsonValue | undefined): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonRaw);

const periods: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 };
const verdicts: ReadonlySet<string> = new Set(['accept', 'drop', 'continue', 'return', 'jump', 'goto']);
const binaries: readonly ast.BinaryOperator[] = ['&', '|', '^', '<<', '>>'];

/** What jansson calls a kind of value. */
export function jsonKind(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof JsonRaw) return 'integer';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'real';
  return typeof value;
}

/** Reads rules in the form of libnftables-json(5). What is wrong throws NftError. */
export class JsonReader {
  readonly loc: Location = nowhere;
  readonly #source: InputSource;
  /** What was found wrong, from the inside outwards. */
  readonly errors: NftError[] = [];

  constructor(source = new InputSource('', '')) {
    this.#source = source;
  }

  /** What goes wrong in `body` is told with `text` behind it. */
  within<T>(text: string, body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (!(error instanceof NftError)) throw error;
      this.errors.push(error);
      throw new NftError(text, this.loc);
    }
  }

  /**
   * A property that must be there. nft points at where its key stands in its own list of the properties of such an object, which
   * says nothing of the text: `place` is the place in that list.
   */
  required(value: JsonValue | undefined, name: string, place = 0): JsonValue {
    const found = isMembers(value) ? value[name] : undefined;
    if (found !== undefined) return found;
    const column = 3 + 5 * place;
    throw new NftError(`Object item not found: ${name}`, { source: this.#source, start: column, end: column + 1 });
  }

  fail(text: string): never {
    throw new NftError(text, this.loc);
  }

  member(value: JsonValue | undefined, name: string): JsonValue {
    return this.required(value, name);
  }

  has(value: JsonValue | undefined, ...names: readonly string[]): boolean {
    return isMembers(value) && names.some((name) => value[name] !== undefined);
  }

  string(value: JsonValue): string {
    return typeof value === 'string' ? value : this.fail('A string was expected.');
  }

  number(value: JsonValue): number {
    if (typeof value === 'string' && /^[0-9]+$/.test(value)) return Number(value);
    return typeof value === 'number' ? value : this.fail('A number was expected.');
  }

  optionalString(value: JsonValue | undefined, name: string): string | undefined {
    if (!isMembers(value)) return undefined;
    const found = value[name];
    return typeof found === 'string' ? found : undefined;
  }

  optionalNumber(value: JsonValue | undefined, name: string): number | undefined {
    if (!isMembers(value)) return undefined;
    const found = value[name];
    return typeof found === 'number' ? found : undefined;
  }

  flag(value: JsonValue, name: string): boolean {
    return isMembers(value) && value[name] === true;
  }

  /** One item, or several in an array. */
  list(value: JsonValue): readonly JsonValue[] {
    return Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  }

  statements(value: JsonValue): ast.Statement[] {
    if (!Array.isArray(value)) return this.fail('Value of property "expr" must be an array.');
    return this.list(value).map((item, index) => {
      if (jsonKind(item) !== 'object') return this.fail(`Unexpected expr array element of type ${jsonKind(item)}, expected object.`);
      return this.within(`Parsing expr array at index ${index} failed.`, () => this.statement(item));
    });
  }

  statement(value: JsonValue): ast.Statement {
    if (!isMembers(value)) return this.fail('Invalid statement: an object was expected.');
    const names = Object.keys(value);
    const [name] = names;
    if (name === undefined || names.length !== 1) return this.fail('Unable to parse JSON object as statement.');
    const kind = kindByJson(name);
    if (kind?.fromJson === undefined) return this.fail(`Unknown statement object '${name}'.`);
    return kind.fromJson(name, value[name]!, this);
  }

  relation(value: JsonValue): ast.Expr {
    const op = this.string(this.required(value, 'op', 2));
    const operators: Readonly<Record<string, ast.RelationalOperator>> = {
      in: 'implicit',
      '==': '==',
      '!=': '!=',
      '<': '<',
      '<=': '<=',
      '>': '>',
      '>=': '>=',
      '!': '!',
    };
    const operator = operators[op];
    if (operator === undefined) return this.fail(`Unknown relational op '${op}'.`);
    const left = this.within('Invalid LHS of relational.', () => this.expression(this.required(value, 'left')));
    const right = this.within('Invalid RHS of relational.', () => this.#right(this.required(value, 'right', 1)));
    return make.relational(this.loc, operator === '==' && right.kind !== 'value' && right.kind !== 'symbol' ? '==' : operator, left, right);
  }

  /** Several values that are not in a set are flags. */
  #right(value: JsonValue): ast.Expr {
    if (!Array.isArray(value)) return this.expression(value);
    return make.list(
      this.loc,
      (value as readonly JsonValue[]).map((item) => this.expression(item)),
    );
  }

  expression(value: JsonValue): ast.Expr {
    if (typeof value === 'string')
      return value.startsWith('@')
        ? make.setRef(this.loc, value.slice(1))
        : value === '*'
          ? make.catchall(this.loc)
          : make.symbol(this.loc, value);
    if (typeof value === 'number') return make.symbol(this.loc, String(value));
    if (value instanceof JsonRaw) return make.symbol(this.loc, value.text);
    if (typeof value === 'boolean') return make.symbol(this.loc, value ? 'exists' : 'missing');
    if (Array.isArray(value)) return this.#right(value);
    if (!isMembers(value)) return this.fail('Invalid expression.');
    const [name] = Object.keys(value);
    if (name === undefined) return this.fail('Invalid expression: it is empty.');
    const inner = value[name]!;
    const selector = selectorByJson(name);
    if (selector !== undefined) return selector.fromJson(name, inner, this);
    if (verdicts.has(name)) return this.verdict(name, inner);
    const binary = binaries.find((operator) => operator === name);
    if (binary !== undefined) {
      const items = this.list(inner).map((item) => this.expression(item));
      return items
        .slice(1)
        .reduce((left, right) => make.binop(this.loc, binary, left, right), items[0] ?? this.fail('Binary expression without operands.'));
    }
    switch (name) {
      case 'prefix':
        return make.prefix(this.loc, this.expression(this.member(inner, 'addr')), this.number(this.member(inner, 'len')));
      case 'range': {
        const [low, high] = this.list(inner);
        return make.range(this.loc, this.expression(low ?? null), this.expression(high ?? null));
      }
      case 'concat':
        return make.concat(
          this.loc,
          this.list(inner).map((item) => this.expression(item)),
        );
      case 'set':
        return this.set(inner);
      case 'map':
      case 'vmap':
        return this.map(inner);
      case 'elem':
        return this.element(value);
      default:
        return this.fail(`Unknown expression type '${name}'.`);
    }
  }

  map(value: JsonValue): ast.MapExpr {
    return make.map(this.loc, this.expression(this.member(value, 'key')), this.expression(this.member(value, 'data')));
  }

  set(value: JsonValue): ast.SetExpr {
    return make.set(
      this.loc,
      this.list(value).map((item) => this.element(item)),
    );
  }

  /** A key, a key with more, or a pair of key and data. */
  element(value: JsonValue): ast.ElementExpr {
    if (Array.isArray(value)) {
      const [key, data] = value as readonly JsonValue[];
      const element = this.element(key ?? null);
      if (data !== undefined) element.data = this.expression(data);
      return element;
    }
    if (!isMembers(value) || value['elem'] === undefined) return make.element(this.loc, this.expression(value));
    const inner = value['elem'];
    const element = make.element(this.loc, this.expression(this.member(inner, 'val')));
    const timeout = this.optionalNumber(inner, 'timeout');
    const expires = this.optionalNumber(inner, 'expires');
    const comment = this.optionalString(inner, 'comment');
    if (timeout !== undefined) element.timeout = timeout * 1000;
    if (expires !== undefined) element.expires = expires * 1000;
    if (comment !== undefined) element.comment = comment;
    for (const name of ['counter', 'limit', 'quota', 'ct count'])
      if (this.has(inner, name)) element.statements = [...(element.statements ?? []), this.statement({ [name]: this.member(inner, name) })];
    return element;
  }

  verdict(name: string, value: JsonValue): ast.Expr {
    if (name !== 'jump' && name !== 'goto') return make.verdict(this.loc, name as ast.VerdictExpr['verb']);
    return make.verdict(this.loc, name, make.symbol(this.loc, this.string(this.member(value, 'target'))));
  }

  objectReference(objectType: number, value: JsonValue): ast.Statement {
    return { kind: 'objref', objectType, expr: this.expression(value), loc: this.loc };
  }

  limit(value: JsonValue): { rate: number; unit: number; burst: number; bytes: boolean; over: boolean } {
    const unit = this.optionalString(value, 'rate_unit') ?? 'packets';
    const size = unit === 'packets' ? undefined : (bytesOfUnit(unit) ?? this.fail(`Invalid rate_unit '${unit}'.`));
    const burstSize = bytesOfUnit(this.optionalString(value, 'burst_unit') ?? 'bytes') ?? 1;
    const per = this.optionalString(value, 'per') ?? 'second';
    const period = periods[per];
    if (period === undefined) return this.fail(`Invalid per '${per}'.`);
    const burst = this.optionalNumber(value, 'burst');
    return {
      rate: this.number(this.member(value, 'rate')) * (size ?? 1),
      unit: period,
      burst: size === undefined ? (burst ?? 5) : (burst ?? 0) * burstSize,
      bytes: size !== undefined,
      over: this.flag(value, 'inv'),
    };
  }

  synproxy(value: JsonValue): { mss: number; wscale: number; flags: number } {
    const mss = this.optionalNumber(value, 'mss');
    const wscale = this.optionalNumber(value, 'wscale');
    let flags = (mss === undefined ? 0 : 1) | (wscale === undefined ? 0 : 2);
    if (this.has(value, 'flags'))
      for (const name of this.list(this.member(value, 'flags'))) {
        if (name === 'timestamp') flags |= 8;
        else if (name === 'sack-perm') flags |= 4;
        else return this.fail('Unknown synproxy flag.');
      }
    return { mss: mss ?? 0, wscale: wscale ?? 0, flags };
  }
}
