import { NFT_META_IIFTYPE, NFT_META_L4PROTO, NFT_META_NFPROTO, NFT_META_PROTOCOL } from '../../../netlink/nfnl/expressions/meta.js';
import {
  NFT_CT_DST,
  NFT_CT_DST_IP,
  NFT_CT_DST_IP6,
  NFT_CT_L3PROTOCOL,
  NFT_CT_PROTO_DST,
  NFT_CT_PROTO_SRC,
  NFT_CT_PROTOCOL,
  NFT_CT_SRC,
  NFT_CT_SRC_IP,
  NFT_CT_SRC_IP6,
} from '../../../netlink/nfnl/expressions/ct.js';
import * as exthdrWire from '../../../netlink/nfnl/expressions/exthdr.js';
import { NFTA_FIB_F_PRESENT } from '../../../netlink/nfnl/expressions/fib.js';
import { NFT_RT_NEXTHOP4, NFT_RT_NEXTHOP6 } from '../../../netlink/nfnl/expressions/rt.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import type * as ast from '../ast.js';
import { ifnameType, integerType, invalidType, stringType, verdictType } from '../datatypes/basic.js';
import { type ByteOrder, type Datatype, type NameSource, parseSymbol, TypeProblem } from '../datatypes/datatype.js';
import { booleanType, isBitmask } from '../datatypes/meta.js';
import { concatType } from '../datatypes/registry.js';
import { type Complaint, fail, NftError } from '../errors.js';
import { ctOfFamily } from '../expressions/ct.js';
import { metaExpr } from '../expressions/meta.js';
import { checkRawPayload, payloadExpr } from '../expressions/payload.js';
import { NEXTHOP, rtExpr } from '../expressions/rt.js';
import { type Location, span } from '../location.js';
import * as make from '../parser/make.js';
import { icmp, icmpv6, igmp } from '../protocols/icmp.js';
import { ether, inet, netdev, vlan } from '../protocols/link.js';
import { arp, inetService, ip, ip6 } from '../protocols/network.js';
import { fieldNamed, LINK, NETWORK, numberOf, type Protocol, TRANSPORT, upperOf } from '../protocols/protocol.js';
import { sctp, tcp, th } from '../protocols/transport.js';
import { kindOf } from '../statements/registry.js';
import { type Expected, hton, isConstant, mapValues, maskOf, sameKinds } from './constants.js';
import { mergePayloads } from './merge.js';
import { ProtocolContext } from './protocol-context.js';
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

const NONE: Expected = { type: invalidType, bits: 0, byteorder: 'none' };

/** Gives a rule's tree its types, finds what it refers to, and adds the matches that others depend on. */
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
      kindOf(statement).evaluate?.(statement, this);
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

  // Conditions.

  condition(e: ast.Expr): ast.Expr {
    if (e.kind === 'flagcmp') return this.#flagCompare(e);
    if (e.kind !== 'relational') return fail('expression is no condition', e.loc);
    let left = this.expression(e.left);
    if (left.kind === 'range' || left.kind === 'prefix' || left.kind === 'set' || left.kind === 'list')
      fail('Left hand side of relational expression must not be constant', left.loc, e.loc);
    if (isConstant(left))
      fail(left.type === invalidType ? `unknown expression` : 'Left hand side of relational expression must not be constant', left.loc);
    const expected: Expected = { type: left.type, bits: valueBits(left), byteorder: left.byteorder };
    let right =
      e.right.kind === 'setref' ? this.#setReference(e.right, left) : this.sets.withParts(left, () => this.expression(e.right, expected));
    if (right.kind === 'set') right = this.#onlyElement(right) ?? right;
    ({ left, right } = this.#presence(left, right));
    if (right.kind !== 'setref') this.#sameType(left, right);
    const { op } = e;
    switch (right.kind) {
      case 'setref':
      case 'set': {
        if (op !== 'implicit' && op !== '==' && op !== '!=') fail(`Operator ${op} is not supported for sets`, e.loc);
        let set: ast.Expr = right;
        if (right.kind === 'set') {
          left = this.#transferToSet(left, right);
          set = this.sets.anonymous(right, left, false);
        }
        left = this.sets.lookupKey(left, (set as ast.SetRefExpr).set!);
        this.#learnSet(left, right);
        return make.relational(e.loc, op, left, set);
      }
      case 'range': {
        if (op !== 'implicit' && op !== '==' && op !== '!=') fail(`invalid operator ${op}`, e.loc);
        ({ left, right } = this.#transfer(left, right));
        ({ left, right } = this.#bigEndian(left, right));
        return make.relational(e.loc, op, left, right);
      }
      case 'prefix':
        ({ left, right } = this.#transfer(left, right));
        return make.relational(e.loc, op, left, right);
      default: {
        if (right.kind === 'list') fail('Right hand side of relational expression is no value', right.loc);
        ({ left, right } = this.#transfer(left, right));
        if (op === '<' || op === '>' || op === '<=' || op === '>=') ({ left, right } = this.#bigEndian(left, right));
        if (op === '!' && !isBitmask(left.type)) fail(`negation can only be used with singleton bitmask values`, e.loc);
        if (op === 'implicit' || op === '==') this.#learn(left, right);
        // What is masked already is compared as it is.
        return make.relational(e.loc, op === 'implicit' && left.kind === 'binop' ? '==' : op, left, right);
      }
    }
  }

  #flagCompare(e: ast.FlagCmpExpr): ast.Expr {
    const left = this.expression(e.left);
    const expected: Expected = { type: left.type, bits: left.bits, byteorder: left.byteorder };
    if (!isBitmask(left.type)) fail(`${left.type.description} is not a bitmask`, e.loc);
    return { ...e, left, mask: this.#bits(this.expression(e.mask, expected)), value: this.#bits(this.expression(e.value, expected)) };
  }

  #bits(e: ast.Expr): ast.Expr {
    if (e.kind !== 'list') return e;
    let value = 0n;
    for (const item of e.items) value |= item.kind === 'value' ? item.value : 0n;
    return make.value(e.loc, e.type, e.bits, e.byteorder, value);
  }

  /** "fib ... oif exists": whether there is one is asked, not which. */
  #presence(left: ast.Expr, right: ast.Expr): { left: ast.Expr; right: ast.Expr } {
    if (left.kind !== 'fib' || right.kind !== 'value' || right.type !== booleanType) return { left, right };
    return {
      left: { ...left, flags: left.flags | NFTA_FIB_F_PRESENT, type: booleanType },
      right: { ...right, bits: left.bits, byteorder: 'host' },
    };
  }

  #sameType(left: ast.Expr, right: ast.Expr): void {
    if (right.type.id === left.type.id || right.kind === 'set' || right.type === integerType || left.type.base?.id === right.type.id)
      return;
    if (left.type.base === stringType || left.type === stringType) return;
    fail(`datatype mismatch, expected ${left.type.description}, expression has type ${right.type.description}`, right.loc, left.loc);
  }

  #setReference(e: ast.SetRefExpr, left: ast.Expr): ast.SetRefExpr {
    const set = this.ruleset.findSet(e.name, e.loc);
    if (!sameKinds(left.type, set.keyType))
      fail(`datatype mismatch, expected ${left.type.description}, expression has type ${set.keyType.description}`, e.loc, left.loc);
    return { ...e, set, type: set.keyType, bits: set.keyBits, byteorder: set.keyByteorder };
  }

  /** A set of one element is no set. */
  #onlyElement(e: ast.SetExpr): ast.Expr | null {
    if (e.elements.length !== 1) return null;
    const [only] = e.elements;
    if (only!.key.kind === 'concat' || only!.key.kind === 'catchall' || only!.data !== undefined) return null;
    if (only!.key.kind === 'setref' || (only!.statements?.length ?? 0) > 0) return null;
    return only!.key;
  }

  /** Shifts of a part of a byte are done on the constants instead. */
  #transfer(left: ast.Expr, right: ast.Expr): { left: ast.Expr; right: ast.Expr } {
    if (left.kind !== 'binop') return { left, right };
    if (left.op === '>>' && left.right.kind === 'value' && isMasked(left.left)) {
      const by = left.right.value;
      return { left: left.left, right: mapValues(right, (value) => ({ ...value, value: value.value << by, bits: left.left.bits })) };
    }
    if (left.op === '^' && left.right.kind === 'value' && right.kind === 'value') {
      const xor = left.right.value;
      return this.#transfer(left.left, { ...right, value: right.value ^ xor });
    }
    return { left, right };
  }

  #transferToSet(left: ast.Expr, set: ast.SetExpr): ast.Expr {
    if (left.kind !== 'binop' || left.op !== '>>' || left.right.kind !== 'value' || !isMasked(left.left)) return left;
    const by = left.right.value;
    // What touches is one interval before it is moved to its place in the bytes.
    set.elements = joinTouching(set.elements);
    for (const element of set.elements)
      element.key = mapValues(element.key, (value) => ({ ...value, value: value.value << by, bits: left.left.bits }));
    set.bits = left.left.bits;
    return left.left;
  }

  /** Numbers are compared byte by byte: those of the host's order are turned round. */
  #bigEndian(left: ast.Expr, right: ast.Expr): { left: ast.Expr; right: ast.Expr } {
    if (left.byteorder !== 'host' || left.bits <= 8) return { left, right };
    if (left.type === ifnameType) return { left, right };
    return { left: hton(left), right: mapValues(right, (value) => ({ ...value, byteorder: 'big' })) };
  }

  // What matches tell of the headers.

  #learn(left: ast.Expr, right: ast.Expr): void {
    if (right.kind !== 'value') return;
    const number = Number(right.value);
    if (left.kind === 'payload' && left.protocol?.key !== undefined && left.field?.name === left.protocol.key) {
      const upper = upperOf(left.protocol, number);
      if (upper !== undefined) this.protocols.set(upper, span(left.loc, right.loc));
    } else if (left.kind === 'meta') this.#learnMeta(left, number, span(left.loc, right.loc));
    else if (left.kind === 'ct') {
      if (left.key === NFT_CT_L3PROTOCOL)
        this.#learnNetwork(number === NFPROTO_IPV4 ? ip : number === NFPROTO_IPV6 ? ip6 : undefined, left.loc);
      else if (left.key === NFT_CT_PROTOCOL && this.protocols.network !== undefined) this.#learnTransport(number, left.loc);
    }
  }

  #learnMeta(left: ast.MetaExpr, number: number, loc: Location): void {
    switch (left.key) {
      case NFT_META_IIFTYPE:
        if (number === 1 && this.protocols.at(LINK) !== vlan) this.protocols.set(ether, loc);
        break;
      case NFT_META_NFPROTO:
        this.#learnNetwork(number === NFPROTO_IPV4 ? ip : number === NFPROTO_IPV6 ? ip6 : undefined, loc);
        break;
      case NFT_META_L4PROTO:
        this.#learnTransport(number, loc);
        break;
      case NFT_META_PROTOCOL: {
        if (this.family === 'inet') break;
        const upper = upperOf(ether, number);
        if (upper !== undefined && upper !== vlan) this.#learnNetwork(upper, loc);
        break;
      }
    }
  }

  #learnNetwork(protocol: Protocol | undefined, loc: Location): void {
    if (protocol !== undefined && this.protocols.network === undefined) this.protocols.set(protocol, loc);
  }

  #learnTransport(number: number, loc: Location): void {
    const upper = upperOf(inetService, number);
    if (upper !== undefined) this.protocols.set(upper, loc);
    else this.protocols.severalTransports = true;
  }

  #learnSet(left: ast.Expr, right: ast.Expr): void {
    const selects =
      (left.kind === 'meta' && left.key === NFT_META_L4PROTO) ||
      (left.kind === 'payload' && left.protocol?.base === NETWORK && left.field?.name === left.protocol.key);
    if (selects && right.kind === 'set') this.protocols.severalTransports = true;
    if (selects && right.kind === 'setref') this.protocols.severalTransports = true;
  }

  /** Does a key of a map tell of a transport? */
  mapSelectsTransport(key: ast.Expr): boolean {
    if (key.kind === 'concat') return key.parts.some((part) => this.mapSelectsTransport(part));
    return key.kind === 'payload' && key.base === TRANSPORT && key.protocol !== th;
  }

  /** Adds the match LEFT == number before the present statement, and knows then that `protocol` is there. */
  require(left: ast.Expr, number: bigint, protocol: Protocol): void {
    const right = make.value(left.loc, left.type, left.bits, left.byteorder, number);
    this.#out.push({ kind: 'match', expr: make.relational(left.loc, '==', left, right), loc: left.loc, dependency: true });
    this.protocols.set(protocol, left.loc);
  }

  /** The same before all other statements. */
  requireFirst(left: ast.Expr, number: bigint, protocol: Protocol): void {
    this.require(left, number, protocol);
    this.#out.unshift(this.#out.pop()!);
  }

  /** Sees to it that packets are of this version of IP, or ARP. */
  requireNetwork(protocol: Protocol, loc: Location, byType = protocol === arp): void {
    const link = this.protocols.at(LINK);
    if (link === inet) {
      this.require(
        metaExpr(loc, NFT_META_NFPROTO),
        BigInt(numberOf(inet, protocol) ?? fail(conflict('inet', protocol.name), loc)),
        protocol,
      );
      return;
    }
    const number = BigInt(numberOf(ether, protocol) ?? 0);
    if (link === vlan || (link === ether && (this.family !== 'bridge' || byType))) {
      const type = payloadExpr(loc, link, fieldNamed(link, 'type')!);
      type.offset += this.protocols.linkOffset;
      this.require(type, number, protocol);
    } else this.require(metaExpr(loc, NFT_META_PROTOCOL), number, protocol);
  }

  // Expressions.

  /** Completes an expression; `expected` gives words their type. */
  expression(e: ast.Expr, expected: Expected = NONE): ast.Expr {
    switch (e.kind) {
      case 'symbol':
        return this.#symbol(e, expected);
      case 'value':
        return e.type.id === integerType.id && expected.type !== invalidType ? this.#checked({ ...e, ...pick(expected) }) : e;
      case 'setref':
        return { ...e, set: this.ruleset.findSet(e.name, e.loc) };
      case 'prefix':
        return this.#prefix(e, expected);
      case 'range':
        return this.#range(e, expected);
      case 'concat':
        return this.#concat(e, expected);
      case 'list':
        return this.#list(e, expected);
      case 'set':
        return this.sets.literal(e, expected);
      case 'element':
        return this.sets.element(e, expected);
      case 'catchall':
        return { ...e, ...pick(expected) };
      case 'map':
        return this.#map(e, expected);
      case 'binop':
        return this.#binop(e, expected);
      case 'unary':
        return e;
      case 'verdict':
        return this.verdict(e);
      case 'relational':
      case 'flagcmp':
        return this.condition(e);
      default:
        return this.#selector(e);
    }
  }

  #symbol(e: ast.SymbolExpr, expected: Expected): ast.Expr {
    let { type } = expected;
    if (expected === NONE) return fail('No symbol type information', e.loc);
    if (type === invalidType) return fail(`Can't parse symbolic ${type.description} expressions`, e.loc);
    if (e.text === '' && type.base === stringType) return fail('Empty string is not allowed', e.loc);
    if (e.text === '' && type === stringType) return fail('Empty string is not allowed', e.loc);
    if (type.parts !== undefined) return fail(`invalid data type, expected ${type.description}`, e.loc);
    if ((e.text === 'exists' || e.text === 'missing') && !e.quoted && type !== booleanType && type.base !== stringType) type = booleanType;
    let parsed: bigint | readonly bigint[];
    try {
      parsed = parseSymbol(type, e.text, this.names);
    } catch (error) {
      if (error instanceof TypeProblem) return fail(error.message, e.loc);
      throw error;
    }
    if (Array.isArray(parsed)) {
      const keys = parsed.map((value: bigint) => make.element(e.loc, make.value(e.loc, type, expected.bits, expected.byteorder, value)));
      return { ...make.set(e.loc, keys), ...pick({ ...expected, type }) };
    }
    const value = make.value(e.loc, type, expected.bits || type.bits, order(expected, type), parsed as bigint);
    return type === stringType || type.base === stringType ? this.#string(value, e.text) : this.#checked(value);
  }

  /** Names may end in an asterisk. */
  #string(value: ast.ValueExpr, text: string): ast.Expr {
    const most = value.bits / 8;
    const length = new TextEncoder().encode(text).length;
    if (most > 0 && length > most) fail(`String exceeds maximum length of ${most}`, value.loc);
    if (!text.endsWith('*')) return value;
    // "a\*" stands for "a*"; the backslash of a quoted word is in the name.
    if (text.endsWith('\\*')) return { ...value, value: parsedString(`${text.slice(0, -2)}*`) };
    if (text.length === 1) return fail('All-wildcard strings are not supported', value.loc);
    const short = { ...value, value: parsedString(text.slice(0, -1)) };
    return { ...make.prefix(value.loc, short, (length - 1) * 8), type: value.type, bits: value.bits, byteorder: value.byteorder };
  }

  #checked(value: ast.ValueExpr): ast.ValueExpr {
    if (value.bits === 0) return value;
    const most = (1n << BigInt(value.type.bits === 1 ? 1 : value.bits)) - 1n;
    if (value.value > most) fail(`Value ${value.value} exceeds valid range 0-${most}`, value.loc);
    return value;
  }

  #prefix(e: ast.PrefixExpr, expected: Expected): ast.Expr {
    const of = this.expression(e.of, expected);
    if (of.kind !== 'value') return fail(`Prefix expression is undefined for ${of.type.description} expressions`, e.loc);
    const { type } = of;
    if (type.prefix !== true && type.id !== integerType.id && type.base?.id !== integerType.id)
      fail(`Prefix expression expected integer value`, e.loc);
    if (e.length > of.bits) fail(`Prefix length ${e.length} is invalid for type of ${of.bits} bits width`, e.loc);
    const mask = maskOf(e.length, of.bits);
    return { ...make.prefix(e.loc, { ...of, value: of.value & mask }, e.length), ...pick(of) };
  }

  #range(e: ast.RangeExpr, expected: Expected): ast.Expr {
    const left = this.expression(e.left, expected);
    const right = this.expression(e.right, expected);
    if (left.kind === 'value' && right.kind === 'value' && left.value > right.value) fail('Range has zero or negative size', e.loc);
    if (left.type.base === stringType) fail(`Range expression is undefined for ${left.type.description} types`, left.loc, e.loc);
    return { ...make.range(e.loc, left, right), ...pick(left) };
  }

  #concat(e: ast.ConcatExpr, expected: Expected): ast.Expr {
    const types = expected.type.parts;
    if (types !== undefined && types.length < e.parts.length)
      fail('unexpected concat component, expecting ' + types.map((type) => type.description).join(' . '), e.parts[types.length]!.loc);
    if (expected.type !== invalidType && types === undefined)
      fail(`unexpected concat expression, expecting ${expected.type.description}`, e.loc);
    const parts = e.parts.map((part, index) => {
      const type = types?.[index];
      const wanted = type === undefined ? NONE : this.sets.partExpected(index, type);
      const done = this.expression(part, wanted);
      unspecificCt(done);
      if (done.kind === 'setref' || done.kind === 'set')
        fail(`cannot use ${done.kind === 'set' ? 'set' : 'set reference'} in concatenation`, done.loc);
      return done;
    });
    if (types !== undefined && parts.length < types.length)
      fail(
        `datatype mismatch, expected ${expected.type.description}, expression has type ${concatType(parts.map((part) => part.type)).description}`,
        e.loc,
      );
    for (const part of parts)
      if (part.bits === 0) fail(`can not use variable sized data types (${part.type.description}) in concat expressions`, part.loc);
    return { ...e, parts, ...concatShape(parts) };
  }

  #list(e: ast.ListExpr, expected: Expected): ast.Expr {
    const items = e.items.map((item) => this.expression(item, expected));
    const type = items[0]!.type;
    if (!isBitmask(type)) return { ...e, items, ...pick(items[0]!) };
    let value = 0n;
    for (const item of items) {
      if (item.kind !== 'value') return fail('List member is no value', item.loc);
      value |= item.value;
    }
    return make.value(e.loc, type, items[0]!.bits, items[0]!.byteorder, value);
  }

  #binop(e: ast.BinopExpr, expected: Expected): ast.Expr {
    const left = this.expression(e.left, expected);
    const shift = e.op === '<<' || e.op === '>>';
    const wanted: Expected = shift
      ? { type: integerType, bits: 32, byteorder: 'host' }
      : { type: left.type, bits: valueBits(left), byteorder: left.byteorder };
    const right = this.expression(e.right, wanted);
    if (left.kind === 'value' && right.kind === 'value')
      return this.#checked({ ...left, loc: e.loc, value: fold(e.op, left, right.value) });
    if (shift && right.kind === 'value' && right.value > BigInt(left.bits))
      fail(
        `${e.op === '<<' ? 'Left' : 'Right'} shift of ${right.value} bits is undefined for type of ${left.bits} bits width`,
        right.loc,
        left.loc,
      );
    if (right.kind !== 'value') return fail(`Right hand side of binary operation (${e.op}) must be constant`, right.loc, e.loc);
    if (left.kind === 'value' || left.kind === 'list' || left.kind === 'set' || left.kind === 'range')
      return fail(`Binary operation (${e.op}) is undefined for constant expressions`, left.loc);
    return { ...make.binop(e.loc, e.op, left, right), ...pick(left) };
  }

  #map(e: ast.MapExpr, expected: Expected): ast.Expr {
    let key = this.expression(e.key);
    if (isConstant(key)) fail('Map expression key must not be constant', key.loc);
    unspecificCt(key);
    let mappings = e.mappings;
    if (mappings.kind === 'set') {
      const literal = this.sets.mapLiteral(mappings, key, expected);
      key = this.#transferToSet(key, literal);
      mappings = this.sets.anonymous(literal, key, true, expected);
    } else if (mappings.kind === 'setref') {
      const set = this.ruleset.findSet(mappings.name, mappings.loc);
      if (set.dataType === undefined && set.objectType === undefined) fail('Expression is not a map', mappings.loc);
      if (!sameKinds(key.type, set.keyType))
        fail(
          `datatype mismatch, map expects ${set.keyType.description}, mapping expression has type ${key.type.description}`,
          mappings.loc,
          key.loc,
        );
      mappings = { ...mappings, set };
    } else fail('invalid mapping expression', mappings.loc, e.loc);
    const { set } = mappings as ast.SetRefExpr;
    if (expected.type !== verdictType && set!.dataType === verdictType && expected.type !== invalidType)
      fail('verdict map used as data map', e.loc);
    return {
      ...e,
      key: this.sets.lookupKey(key, set!),
      mappings,
      type: set!.dataType ?? stringType,
      bits: set!.dataBits ?? 0,
      byteorder: set!.dataByteorder ?? 'host',
    };
  }

  verdict(e: ast.Expr): ast.Expr {
    if (e.kind === 'map') {
      const done = this.#map(e, { type: verdictType, bits: 0, byteorder: 'none' });
      if (done.type.id !== verdictType.id)
        fail(`datatype mismatch, expected ${verdictType.description}, expression has type ${done.type.description}`, e.loc);
      return done;
    }
    if (e.kind !== 'verdict') return fail('expected a verdict', e.loc);
    if (e.block !== undefined) this.ruleset.declareBlock(e.block);
    if (e.chain !== undefined && e.chain.kind !== 'symbol' && e.chain.kind !== 'value')
      return fail('invalid verdict chain expression', e.chain.loc);
    return e;
  }

  #selector(e: ast.SelectorExpr): ast.Expr {
    switch (e.kind) {
      case 'payload':
        return this.#payload(e);
      case 'exthdr':
        return this.#exthdr(e);
      case 'ct': {
        if ((e.key === NFT_CT_PROTO_SRC || e.key === NFT_CT_PROTO_DST) && !this.protocols.hasTransport)
          return { ...e, type: invalidType, bits: 0 };
        this.#sameNetwork(e);
        if (e.key !== NFT_CT_SRC && e.key !== NFT_CT_DST) return e;
        const network = this.protocols.network;
        if (network === undefined) {
          const field = e.key === NFT_CT_SRC ? 'saddr' : 'daddr';
          const text = `cannot determine ip protocol version, use "ip ${field}" or "ip6 ${field}" instead`;
          // nft 1.0.6 says so and goes on with an address of no type.
          this.#complaints.push({ text, at: e.loc });
          return { ...e, type: invalidType, bits: 0 };
        }
        return ctOfFamily(e, network === ip6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
      }
      case 'rt': {
        if (e.key === NEXTHOP) {
          const network = this.protocols.network;
          if (network !== ip && network !== ip6)
            return fail('cannot determine ip protocol version, use "ip nexthop" or "ip6 nexthop" instead', e.loc);
          return rtExpr(e.loc, network === ip6 ? NFT_RT_NEXTHOP6 : NFT_RT_NEXTHOP4);
        }
        // Only the family of the table decides.
        if (e.key === NFT_RT_NEXTHOP6 && this.family === 'ip') fail('ip6 nexthop will not match', e.loc);
        return e;
      }
      case 'fib':
        if ((e.flags & 3) === 3) return fail('fib: saddr and daddr are mutually exclusive', e.flagsLoc ?? e.loc);
        if ((e.flags & 3) === 0) return fail('fib: need either saddr or daddr', e.loc);
        if ((e.flags & 0x18) === 0x18) return fail('fib: iif and oif are mutually exclusive', e.loc);
        return e;
      case 'xfrm':
        if (this.family === 'ip' || this.family === 'ip6' || this.family === 'inet') return e;
        return fail('ipsec expression is only valid in ip/ip6/inet tables', e.loc);
      case 'numgen':
        if (e.modulus + e.offset - 1 > 0xffff_ffff) fail('numgen modulus and offset are too large', e.loc);
        return e;
      case 'hash':
        return { ...e, ...(e.of === undefined ? {} : { of: this.expression(e.of) }) };
      case 'meta':
        if (e.key === NFT_META_NFPROTO && this.family !== 'inet') fail('meta nfproto is only useful in the inet family', e.loc);
        return e;
      default:
        return e;
    }
  }

  /** "ct original ip saddr" where packets are known to be of the other version. */
  #sameNetwork(e: ast.CtExpr): void {
    const wanted =
      e.key === NFT_CT_SRC_IP || e.key === NFT_CT_DST_IP ? ip : e.key === NFT_CT_SRC_IP6 || e.key === NFT_CT_DST_IP6 ? ip6 : null;
    const { network } = this.protocols;
    if (wanted !== null && network !== undefined && network !== wanted)
      fail(conflict(network.name, wanted.name), e.loc, this.protocols.locAt(NETWORK));
  }

  #exthdr(e: ast.ExthdrExpr): ast.Expr {
    const wanted = new Map<number, Protocol>([
      [exthdrWire.NFT_EXTHDR_OP_IPV6, ip6],
      [exthdrWire.NFT_EXTHDR_OP_IPV4, ip],
    ]).get(e.op);
    if (wanted !== undefined) {
      if (this.protocols.network === undefined) this.requireNetwork(wanted, e.loc, wanted === ip);
      else if (this.protocols.network !== wanted) fail(conflict(this.protocols.network.name, wanted.name), e.loc);
    }
    const transport = e.op === exthdrWire.NFT_EXTHDR_OP_TCPOPT ? tcp : e.op === exthdrWire.NFT_EXTHDR_OP_SCTP ? sctp : undefined;
    if (transport !== undefined) {
      const known = this.protocols.at(TRANSPORT);
      if (known !== undefined && known !== transport && known !== th) fail(conflict(known.name, transport.name), e.loc);
    }
    return e.present ? e : partOfBytes(e);
  }

  #payload(e: ast.PayloadExpr): ast.Expr {
    if (e.protocol === undefined) {
      checkRawPayload(e);
      return partOfBytes({ ...e });
    }
    const done = { ...e };
    const known = this.protocols.at(e.base);
    if (e.base === LINK) this.#linkHeader(done);
    else if (e.base === NETWORK) {
      if (known === undefined) this.requireNetwork(e.protocol, e.loc);
      else if (known !== e.protocol) fail(conflict(known.name, e.protocol.name), e.loc);
    } else if (e.base === TRANSPORT) this.#transportHeader(done);
    return partOfBytes(done);
  }

  #linkHeader(e: ast.PayloadExpr): void {
    const wanted = e.protocol!;
    const before = this.protocols.at(LINK);
    let known = before;
    if (known === undefined || known === inet || known === netdev) {
      this.require(metaExpr(e.loc, NFT_META_IIFTYPE), 1n, ether);
      known = ether;
    }
    if (wanted === vlan && known === ether) {
      if (before === ether && this.protocols.network !== undefined && this.protocols.network !== arp)
        fail(conflict('ether', 'vlan'), e.loc);
      this.require(payloadExpr(e.loc, ether, fieldNamed(ether, 'type')!), 0x8100n, vlan);
    } else if (wanted === ether && known === vlan) return;
    e.offset += this.protocols.linkOffset;
  }

  #transportHeader(e: ast.PayloadExpr): void {
    const wanted = e.protocol!;
    const known = this.protocols.at(TRANSPORT);
    if (wanted === th) {
      // Ports of what is known already are its own.
      const own = known === undefined ? undefined : fieldNamed(known, e.field!.name);
      if (own !== undefined) Object.assign(e, { protocol: known, field: own });
      return;
    }
    if (known === undefined) {
      const network = wanted === icmp || wanted === igmp ? ip : wanted === icmpv6 ? ip6 : undefined;
      if (network !== undefined && this.protocols.network === undefined) this.requireNetwork(network, e.loc, true);
      const number = numberOf(inetService, wanted);
      if (number === undefined || this.protocols.network === arp)
        fail(conflict(this.protocols.network?.name ?? this.family, wanted.name), e.loc);
      this.require(metaExpr(e.loc, NFT_META_L4PROTO), BigInt(number), wanted);
    } else if (known !== wanted) fail(conflict(known.name, wanted.name), e.loc);
    if (e.field?.onlyOf !== undefined) this.#icmpType(e, e.field.onlyOf);
  }

  /** The type of message that matches before this one want; of several, the last. */
  #knownIcmpType(protocol: Protocol): number | null {
    let known: number | null = null;
    for (const s of this.#out) {
      if (s.kind !== 'match' || s.expr.kind !== 'relational' || s.expr.op === '!=') continue;
      const { left, right } = s.expr;
      if (left.kind !== 'payload' || left.protocol !== protocol || left.field?.name !== 'type') continue;
      const value = right.kind === 'setref' ? right.set?.elements?.elements.at(-1)?.key : right;
      if (value?.kind === 'value') known = Number(value.value);
    }
    return known;
  }

  /** Fields that only messages of some types have: their type is matched first. */
  #icmpType(e: ast.PayloadExpr, types: readonly number[]): void {
    const known = this.#knownIcmpType(e.protocol!);
    if (known !== null) {
      if (!types.includes(known)) fail(`incompatible icmp match: rule has ${known}, need ${types[0]}`, e.loc);
      return;
    }
    const type = payloadExpr(e.loc, e.protocol!, fieldNamed(e.protocol!, 'type')!);
    const values = types.map((number) => make.value(e.loc, type.type, 8, 'big', BigInt(number)));
    if (values.length === 1) {
      this.#out.push({ kind: 'match', expr: make.relational(e.loc, '==', type, values[0]!), loc: e.loc, dependency: true });
      return;
    }
    const set = {
      ...make.set(
        e.loc,
        values.map((value) => make.element(e.loc, value)),
      ),
      ...pick(type),
    };
    this.#out.push({
      kind: 'match',
      expr: make.relational(e.loc, '==', type, this.sets.anonymous(set, type, false)),
      loc: e.loc,
      dependency: true,
    });
  }

  // Arguments of statements.

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

  /** What follows "set": written into packets by whole bytes, of TCP's flags by two. */
  mangle(s: ast.MangleStatement): void {
    const before = s.key;
    const key = before.kind === 'payload' || before.kind === 'exthdr' ? this.#whole(before) : (this.expression(before) as ast.SelectorExpr);
    const narrow = before.kind === 'payload' && before.field !== undefined ? before : key;
    const value = this.argument({ loc: { ...s.loc, end: s.value.loc.start } }, s.value, narrow.type, valueBits(narrow), narrow.byteorder);
    if (before.kind === 'payload' && key.kind === 'payload') {
      const first = key.offset + (before.offset % 8);
      const unit = before.protocol?.checksum === undefined ? 8 : 16;
      const start = Math.floor(first / unit) * unit;
      const bits = Math.ceil((first + before.bits - start) / unit) * unit;
      if (bits !== before.bits) {
        if (value.kind !== 'value') return fail('Right hand side of payload statement must be constant', value.loc);
        const shift = BigInt(bits - (first - start) - before.bits);
        const hole = ((1n << BigInt(before.bits)) - 1n) << shift;
        const load: ast.PayloadExpr = { ...key, offset: start, bits };
        const constant = (number: bigint) => make.value(value.loc, key.type, bits, 'big', number);
        const masked = make.binop(value.loc, '&', load, constant(((1n << BigInt(bits)) - 1n) ^ hole));
        s.key = { ...load };
        s.value = make.binop(value.loc, '^', masked, constant(value.value << shift));
        return;
      }
    }
    s.key = key;
    s.value = value;
  }

  /** The bytes that hold a field, their dependencies added. */
  #whole(e: ast.PayloadExpr | ast.ExthdrExpr): ast.SelectorExpr {
    let done = this.expression({ ...e });
    while (done.kind === 'binop') done = done.left;
    if (done.kind === 'exthdr') return done;
    return done as ast.PayloadExpr;
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

  objectName(e: ast.Expr, objectType: number): ast.Expr {
    if (e.kind !== 'map') return this.expression(e, { type: stringType, bits: 128 * 8, byteorder: 'host' });
    const key = this.expression(e.key);
    if (e.mappings.kind === 'setref') {
      const set = this.ruleset.findSet(e.mappings.name, e.mappings.loc);
      if (set.objectType === undefined) fail('Expression is not a map', e.mappings.loc);
      return { ...e, key: this.sets.lookupKey(key, set), mappings: { ...e.mappings, set } };
    }
    const literal = this.sets.mapLiteral(e.mappings as ast.SetExpr, key, { type: stringType, bits: 128 * 8, byteorder: 'host' });
    const mappings = this.sets.anonymous(literal, key, true, undefined, objectType);
    return { ...e, key: this.sets.lookupKey(key, mappings.set!), mappings };
  }

  setStatement(s: ast.SetStatement): void {
    const set = this.ruleset.findSet(s.set.name, s.set.loc);
    s.set.set = set;
    s.key = this.#setKey(s, set);
    if (s.data !== undefined) {
      if (set.dataType === undefined) fail('set is not a map', s.data.loc);
      s.data = this.argument(s, s.data, set.dataType, set.dataBits ?? set.dataType.bits, set.dataByteorder ?? 'host');
    }
    for (const inner of s.statements) kindOf(inner).evaluate?.(inner, this);
  }

  #setKey(s: ast.SetStatement, set: ast.SetDecl): ast.ElementExpr {
    const { key } = s;
    const done = this.expression(key.key, undefined);
    if (isConstant(done)) fail('Key expression comprises no packet data', key.loc);
    if (!sameKinds(done.type, set.keyType))
      fail(`datatype mismatch: expected ${set.keyType.description}, expression has type ${done.type.description}`, key.loc, s.loc);
    return { ...key, key: done, ...pick(done) };
  }

  meter(s: ast.MeterStatement): void {
    const key = this.expression(s.key.key);
    s.key = { ...s.key, key, ...pick(key) };
    kindOf(s.statement).evaluate?.(s.statement, this);
    const set: ast.SetDecl = {
      kind: 'set',
      name: s.name,
      keyType: key.type,
      keyBits: key.bits,
      keyByteorder: key.byteorder,
      flags: 0x20 | (s.key.timeout === undefined ? 0 : 0x10),
      ...(s.size === 0 ? {} : { size: s.size }),
      statements: [],
      loc: s.loc,
    };
    this.ruleset.declareMeter(set);
    s.set = set;
  }

  /** What a map gives, before it is evaluated: a concatenation, or ranges? */
  mapDataShape(mappings: ast.Expr): { concat: boolean; interval: boolean } {
    if (mappings.kind === 'setref') {
      const set = mappings.set ?? this.ruleset.findSet(mappings.name, mappings.loc);
      return { concat: set.dataType?.parts !== undefined, interval: set.dataInterval === true };
    }
    if (mappings.kind !== 'set') return { concat: false, interval: false };
    const data = mappings.elements.map((element) => element.data).filter((e) => e !== undefined);
    const ranged = (e: ast.Expr): boolean => e.kind === 'range' || e.kind === 'prefix' || (e.kind === 'concat' && e.parts.some(ranged));
    return { concat: data.some((e) => e.kind === 'concat'), interval: data.some(ranged) };
  }
}

// Helpers that know nothing of rulesets.

const conflict = (a: string, b: string) => `conflicting protocols specified: ${a} vs. ${b}`;
const pick = (e: Expected): { type: Datatype; bits: number; byteorder: ByteOrder } => ({
  type: e.type,
  bits: e.bits,
  byteorder: e.byteorder,
});
const order = (expected: Expected, type: Datatype): ByteOrder => {
  if (expected.byteorder !== 'none') return expected.byteorder;
  return type.byteorder === 'none' ? 'host' : type.byteorder;
};
const parsedString = (text: string): bigint => stringType.parse!(text, undefined as never) as bigint;

/** Bits of the values that it has: of a part of a byte fewer than those of the register. */
const valueBits = (e: ast.Expr): number => (e.kind === 'binop' && e.narrow !== undefined ? e.narrow : e.bits);

/** Where keys of sets are made, an address of a connection has to be of one version of IP. */
function unspecificCt(e: ast.Expr): void {
  if (e.kind === 'ct' && (e.key === NFT_CT_SRC || e.key === NFT_CT_DST)) fail('specify either ip or ip6 for address matching', e.loc);
}

/** The word that a statement begins with, where it is one that stands for itself. */
const headOf = (s: ast.Statement): Location => {
  const headed = s.kind === 'counter' || s.kind === 'log' || s.kind === 'reject' || s.kind === 'nat';
  const { source, start } = s.loc;
  const length = /^[a-z]+/.exec(source.text.slice(start, s.loc.end))?.[0].length ?? 0;
  return headed && length > 0 ? { source, start, end: start + length } : s.loc;
};

/** Values and ranges of a set, in order, those that touch as one. */
function joinTouching(elements: readonly ast.ElementExpr[]): ast.ElementExpr[] {
  const bounds = (e: ast.Expr): [bigint, bigint] | null => {
    if (e.kind === 'value') return [e.value, e.value];
    return e.kind === 'range' && e.left.kind === 'value' && e.right.kind === 'value' ? [e.left.value, e.right.value] : null;
  };
  const ranges = elements.map((element) => ({ element, bounds: bounds(element.key) }));
  const plain = ranges.every((range) => range.bounds !== null && range.element.data === undefined);
  if (!plain || !ranges.some(({ element }) => element.key.kind === 'range')) return [...elements];
  ranges.sort((a, b) => (a.bounds![0] < b.bounds![0] ? -1 : 1));
  const out: typeof ranges = [];
  for (const range of ranges) {
    const before = out.at(-1);
    if (before === undefined || range.bounds![0] > before.bounds![1] + 1n) {
      out.push(range);
      continue;
    }
    if (range.bounds![1] <= before.bounds![1]) continue;
    before.bounds![1] = range.bounds![1];
    const key = before.element.key;
    const left = key.kind === 'range' ? key.left : key;
    const right = range.element.key.kind === 'range' ? range.element.key.right : range.element.key;
    before.element = {
      ...before.element,
      key: { ...make.range(key.loc, left, right), type: key.type, bits: key.bits, byteorder: key.byteorder },
    };
  }
  return out.map(({ element }) => element);
}

const isMasked = (e: ast.Expr): boolean => e.kind === 'binop' && e.op === '&' && (e.left.kind === 'payload' || e.left.kind === 'exthdr');

/** Of what does not begin and end at bytes: the bytes, masked and shifted. */
function partOfBytes<E extends ast.PayloadExpr | ast.ExthdrExpr>(e: E): ast.Expr {
  const start = e.offset % 8;
  const end = (8 - ((e.offset + e.bits) % 8)) % 8;
  if (start === 0 && end === 0) return e;
  const bits = start + e.bits + end;
  const mask = ((1n << BigInt(e.bits)) - 1n) << BigInt(end);
  const whole = { ...e, offset: e.offset - start, bits };
  const masked = { ...make.binop(e.loc, '&', whole, make.value(e.loc, e.type, bits, 'big', mask)), bits };
  const shift = make.value(e.loc, integerType, 32, 'host', BigInt(end));
  if (end === 0) return { ...masked, narrow: e.bits };
  return { ...make.binop(e.loc, '>>', masked, shift), narrow: e.bits };
}

const concatShape = (parts: readonly ast.Expr[]) => ({
  type: concatType(parts.map((part) => part.type)),
  bits: parts.reduce((bits, part) => bits + Math.ceil(part.bits / 32) * 32, 0),
  byteorder: 'none' as ByteOrder,
});

function fold(op: ast.BinaryOperator, left: ast.ValueExpr, right: bigint): bigint {
  switch (op) {
    case '&':
      return left.value & right;
    case '|':
      return left.value | right;
    case '^':
      return left.value ^ right;
    case '<<':
      return (left.value << right) & ((1n << BigInt(left.bits || 64)) - 1n);
    case '>>':
      return left.value >> right;
  }
}
