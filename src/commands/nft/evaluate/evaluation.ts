import { NFT_CT_DST, NFT_CT_SRC } from '../../../netlink/nfnl/expressions/ct.js';
import { NFT_META_PROTOCOL } from '../../../netlink/nfnl/expressions/meta.js';
import type * as ast from '../ast.js';
import { integerType, invalidType } from '../datatypes/basic.js';
import type { ByteOrder, Datatype, NameSource } from '../datatypes/datatype.js';
import { type Complaint, fail, NftError } from '../errors.js';
import type { Location } from '../location.js';
import * as make from '../parser/make.js';
import { ether } from '../protocols/link.js';
import { ip, ip6 } from '../protocols/network.js';
import { numberOf, type Protocol } from '../protocols/protocol.js';
import { kindOf } from '../statements/registry.js';
import * as compounds from './compounds.js';
import { condition } from './conditions.js';
import { concatShape, type Expected, isConstant, NOTHING_EXPECTED, sameKinds, shapeOf } from './constants.js';
import * as literals from './literals.js';
import { mergePayloads } from './merge.js';
import { ProtocolContext } from './protocol-context.js';
import { selector } from './selectors.js';
import { SetEvaluation } from './sets.js';

/** What evaluation asks of the ruleset. */
export interface RulesetView {
  readonly family: ast.Family;
  readonly names: NameSource;
  findSet(name: string, loc: Location): ast.SetDecl;
  /** A set without a name; it gets one from the kernel. */
  declareAnonymous(set: ast.SetDecl): void;
  /** A set that a meter makes. */
  declareMeter(set: ast.SetDecl): void;
  /** jump { ... }: a chain without a name, with its rules. */
  declareBlock(block: ast.ChainBlock): void;
}

/**
 * Gives a rule's tree its types, finds what it refers to, and adds the matches that others depend on. What there is to say of one
 * kind of expression stands in a file of its own here; of a statement, in its own file of statements/.
 */
export class Evaluation {
  readonly ruleset: RulesetView;
  readonly protocols: ProtocolContext;
  readonly sets: SetEvaluation;
  #out: ast.Statement[] = [];
  /** What is wrong and yet does not end the evaluation. */
  #complaints: Complaint[] = [];

  constructor(ruleset: RulesetView) {
    this.ruleset = ruleset;
    this.protocols = new ProtocolContext(ruleset.family);
    this.sets = new SetEvaluation(this);
  }

  get family(): ast.Family {
    return this.ruleset.family;
  }

  get names(): NameSource {
    return this.ruleset.names;
  }

  /** The statements of a rule, with those that they depend on. */
  rule(statements: readonly ast.Statement[]): readonly ast.Statement[] {
    this.#complaints = [];
    try {
      const evaluated = this.#statements(statements);
      const last = this.#complaints.pop();
      return last === undefined ? evaluated : fail(last.text, last.at);
    } catch (error) {
      if (error instanceof NftError) error.earlier = this.#complaints;
      throw error;
    }
  }

  #statements(statements: readonly ast.Statement[]): readonly ast.Statement[] {
    this.#out = [];
    let ended: ast.Statement | null = null;
    const redundant: ast.Statement[] = [];
    for (const statement of statements) {
      if (ended !== null) fail('Statement after terminal statement has no effect', headOf(statement), headOf(ended));
      this.statement(statement);
      if (this.#saysFamily(statement)) redundant.push(statement);
      else this.#out.push(statement);
      if (kindOf(statement).terminal?.(statement) === true) ended = statement;
    }
    return this.#out.length === 0 ? redundant : mergePayloads(this.#out);
  }

  /** "meta protocol ip" in a table of ip: all its packets are. */
  #saysFamily(s: ast.Statement): boolean {
    if (s.kind !== 'match' || s.expr.kind !== 'relational' || s.expr.right.kind !== 'value' || s.expr.op === '!=') return false;
    const protocol = this.family === 'ip' ? ip : this.family === 'ip6' ? ip6 : null;
    const { left, right } = s.expr;
    return protocol !== null && left.kind === 'meta' && left.key === NFT_META_PROTOCOL && Number(right.value) === numberOf(ether, protocol);
  }

  /** Of a rule, or one inside of another. */
  statement(s: ast.Statement): void {
    kindOf(s).evaluate?.(s, this);
  }

  complain(complaint: Complaint): void {
    this.#complaints.push(complaint);
  }

  /** The statements before the present one. */
  get before(): readonly ast.Statement[] {
    return this.#out;
  }

  /** Adds a match before the present statement. */
  depend(expr: ast.Expr): void {
    this.#out.push({ kind: 'match', expr, loc: expr.loc, dependency: true });
  }

  /** Adds the match LEFT == number before the present statement, and knows then that `protocol` is there. */
  require(left: ast.Expr, number: bigint, protocol: Protocol): void {
    const right = make.value(left.loc, left.type, left.bits, left.byteorder, number);
    this.depend(make.relational(left.loc, '==', left, right));
    this.protocols.set(protocol, left.loc);
  }

  /** The same before all other statements. */
  requireFirst(left: ast.Expr, number: bigint, protocol: Protocol): void {
    this.require(left, number, protocol);
    this.#out.unshift(this.#out.pop()!);
  }

  /** Completes an expression; `expected` gives words their type. */
  expression(e: ast.Expr, expected: Expected = NOTHING_EXPECTED): ast.Expr {
    switch (e.kind) {
      case 'symbol':
        return literals.symbol(this, e, expected);
      case 'value':
        return e.type.id === integerType.id && expected.type !== invalidType ? literals.checked({ ...e, ...shapeOf(expected) }) : e;
      case 'setref':
        return { ...e, set: this.ruleset.findSet(e.name, e.loc) };
      case 'prefix':
        return literals.prefix(this, e, expected);
      case 'range':
        return literals.range(this, e, expected);
      case 'concat':
        return compounds.concat(this, e, expected);
      case 'list':
        return literals.list(this, e, expected);
      case 'set':
        return this.sets.literal(e, expected);
      case 'element':
        return this.sets.element(e, expected);
      case 'catchall':
        return { ...e, ...shapeOf(expected) };
      case 'map':
        return compounds.map(this, e, expected);
      case 'binop':
        return compounds.binop(this, e, expected);
      case 'unary':
        return e;
      case 'verdict':
        return compounds.verdict(this, e);
      case 'relational':
      case 'flagcmp':
        return condition(this, e);
      default:
        return selector(this, e);
    }
  }

  /** An argument that has to have a type: constants get it, others must have it. */
  argument(statement: { readonly loc: Location }, e: ast.Expr, type: Datatype, bits: number, byteorder: ByteOrder): ast.Expr {
    const done = this.expression(e, { type, bits, byteorder });
    if (done.kind === 'set' || done.kind === 'list')
      return fail('you cannot use a set here, unknown value to use', done.loc, statement.loc);
    if (!sameKinds(type, done.type) && done.type.id !== type.id && !(type === integerType || done.type.id === integerType.id))
      return fail(`datatype mismatch: expected ${type.description}, expression has type ${done.type.description}`, done.loc, statement.loc);
    if (isConstant(done) || done.kind === 'map') return done;
    if (byteorder !== 'none' && done.byteorder !== byteorder && done.bits > 8 && done.byteorder !== 'none' && done.kind !== 'binop')
      return {
        kind: 'unary',
        op: byteorder === 'big' ? 'hton' : 'ntoh',
        of: done,
        loc: done.loc,
        type: done.type,
        bits: done.bits,
        byteorder,
      };
    return done;
  }

  /** Of an expression of `typeof`: how it is shown, and its type; what it depends on does not matter. */
  typeOf(e: ast.Expr): { shown: ast.Expr; expr: ast.Expr; bits: number } {
    const alone = (part: ast.Expr): ast.Expr => new Evaluation(this.ruleset).#typeOfPart(part);
    if (e.kind !== 'concat') {
      const expr = alone(e);
      return { shown: e, expr, bits: Math.ceil(expr.bits / 8) * 8 };
    }
    const parts = e.parts.map(alone);
    return { shown: e, expr: { ...e, parts, ...concatShape(parts) }, bits: concatShape(parts).bits };
  }

  #typeOfPart(e: ast.Expr): ast.Expr {
    if (e.kind === 'ct' && (e.key === NFT_CT_SRC || e.key === NFT_CT_DST)) return e;
    return e.kind === 'payload' || e.kind === 'exthdr' ? e : this.expression(e);
  }
}

/** The word that a statement begins with, where it is one that stands for itself. */
const headOf = (s: ast.Statement): Location => {
  const headed = s.kind === 'counter' || s.kind === 'log' || s.kind === 'reject' || s.kind === 'nat';
  const { source, start } = s.loc;
  const length = /^[a-z]+/.exec(source.text.slice(start, s.loc.end))?.[0].length ?? 0;
  return headed && length > 0 ? { source, start, end: start + length } : s.loc;
};
