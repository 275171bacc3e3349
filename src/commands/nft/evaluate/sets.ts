import {
  NFT_SET_ANONYMOUS,
  NFT_SET_CONCAT,
  NFT_SET_CONSTANT,
  NFT_SET_INTERVAL,
  NFT_SET_MAP,
  NFT_SET_OBJECT,
  NFT_SET_TIMEOUT,
} from '../../../netlink/nfnl/nf-tables.js';
import type * as ast from '../ast.js';
import { stringType, verdictType } from '../datatypes/basic.js';
import type { ByteOrder, Datatype } from '../datatypes/datatype.js';
import { concatType } from '../datatypes/registry.js';
import { fail } from '../errors.js';
import * as make from '../parser/make.js';
import { type Expected, hton, mapValues } from './constants.js';
import type { Evaluation } from './evaluation.js';

/** Sets in expressions, and the keys by which they are asked. */
export class SetEvaluation {
  readonly #context: Evaluation;
  /** Within the data of a map, and within keys. */
  #partShapes: readonly ast.Expr[] | null = null;

  constructor(context: Evaluation) {
    this.#context = context;
  }

  /** Elements of a set that has a name: keys and data have its types. */
  namedElements(set: ast.SetDecl, e: ast.SetExpr): ast.SetExpr {
    const interval = (set.flags & NFT_SET_INTERVAL) !== 0;
    const order: ByteOrder = set.keyByteorder;
    const bits =
      set.keyTypeof !== undefined && set.keyTypeof.bits > 0 && set.keyType.parts === undefined
        ? Math.min(set.keyBits, set.keyTypeof.bits)
        : set.keyBits;
    const expected: Expected = { type: set.keyType, bits, byteorder: order };
    const before = this.#partShapes;
    const elements: ast.ElementExpr[] = [];
    for (const element of e.elements) {
      this.#partShapes = set.keyParts ?? null;
      const done = this.element({ ...element }, expected);
      this.#partShapes = before;
      if (isRanged(done.key) && !interval) {
        const what = done.key.kind === 'range' ? 'range' : 'prefix';
        fail(`You must add 'flags interval' to your set declaration if you want to add ${what} elements`, element.loc);
      }
      if (element.data !== undefined) {
        if (set.objectType !== undefined)
          done.data = this.#context.expression(element.data, { type: stringType, bits: 1024, byteorder: 'host' });
        else if (set.dataType === undefined) fail('set is not a map', null);
        else done.data = this.data(element.data, { type: set.dataType, bits: set.dataBits ?? 0, byteorder: set.dataByteorder ?? 'host' });
      }
      this.#flatten(done, elements);
    }
    const concat = set.keyType.parts !== undefined;
    for (const element of elements) {
      if (interval && concat) element.key = bigEndianParts(element.key);
      if (set.keyBits !== bits) element.key = mapValues(element.key, (value) => ({ ...value, bits: set.keyBits }));
      if (set.statements.length > 0 && element.statements === undefined) element.statements = set.statements;
    }
    return { ...e, elements, type: set.keyType, bits: set.keyBits, byteorder: order };
  }

  /** The type of a part of a concatenation: by what it is compared with, where that is known. */
  partExpected(index: number, type: Datatype): Expected {
    const shape = this.#partShapes?.[index];
    if (shape !== undefined && shape.type.id === type.id)
      return { type: shape.type, bits: shape.kind === 'binop' ? (shape.narrow ?? shape.bits) : shape.bits, byteorder: shape.byteorder };
    return { type, bits: type.bits, byteorder: type.byteorder === 'none' ? 'big' : type.byteorder };
  }

  /** { a, b }: nested sets are taken apart, names with several addresses become several elements. */
  literal(e: ast.SetExpr, expected: Expected): ast.SetExpr {
    const elements: ast.ElementExpr[] = [];
    for (const element of e.elements) {
      const done = this.element(element, expected);
      if (done.data !== undefined) fail('mapping outside of map context', element.loc);
      this.#flatten(done, elements);
    }
    return { ...e, elements, type: expected.type, bits: expected.bits, byteorder: expected.byteorder };
  }

  #flatten(element: ast.ElementExpr, into: ast.ElementExpr[]): void {
    if (element.key.kind === 'set') for (const inner of element.key.elements) this.#flatten({ ...element, key: inner.key }, into);
    else if (element.key.kind === 'setref') {
      const { set } = element.key;
      for (const inner of set?.elements?.elements ?? []) into.push(inner);
    } else into.push(element);
  }

  element(e: ast.ElementExpr, expected: Expected): ast.ElementExpr {
    const key =
      e.key.kind === 'setref'
        ? { ...e.key, set: this.#context.ruleset.findSet(e.key.name, e.key.loc) }
        : this.#context.expression(e.key, expected);
    if (key.kind === 'symbol' || key.kind === 'relational') fail('invalid set element', e.loc);
    return { ...e, key, type: expected.type, bits: expected.bits, byteorder: expected.byteorder };
  }

  /** { a : b, ... } whose keys have the type of `key`. */
  mapLiteral(e: ast.SetExpr, key: ast.Expr, data: Expected): ast.SetExpr {
    const before = this.#partShapes;
    this.#partShapes = key.kind === 'concat' ? key.parts : null;
    const expected: Expected = {
      type: key.type,
      bits: key.kind === 'binop' ? (key.narrow ?? key.bits) : key.bits,
      byteorder: key.byteorder,
    };
    const elements: ast.ElementExpr[] = [];
    for (const element of e.elements) {
      const done = this.element({ ...element }, expected);
      if (element.data === undefined) return fail('expected mapping, got set element', element.loc);
      this.#partShapes = null;
      done.data = this.data(element.data, data);
      this.#partShapes = key.kind === 'concat' ? key.parts : null;
      this.#flatten(done, elements);
    }
    this.#partShapes = before;
    return { ...e, elements, type: key.type, bits: expected.bits, byteorder: key.byteorder };
  }

  data(e: ast.Expr, expected: Expected): ast.Expr {
    if (expected.type === verdictType && e.kind !== 'verdict') fail('expected a verdict, got a value', e.loc);
    const done = this.#context.expression(e, expected);
    if (done.kind === 'set') return fail('mapping data must be a single value', done.loc);
    return done;
  }

  /** Keys in a concatenated literal follow the shapes of the parts. */
  withParts<T>(key: ast.Expr, body: () => T): T {
    const before = this.#partShapes;
    this.#partShapes = key.kind === 'concat' ? key.parts : null;
    try {
      return body();
    } finally {
      this.#partShapes = before;
    }
  }

  /** A set without a name for a literal. */
  anonymous(e: ast.SetExpr, key: ast.Expr, isMap: boolean, data?: Expected, objectType?: number): ast.SetRefExpr {
    const ranged = e.elements.some((element) => isRanged(element.key));
    const concat = key.kind === 'concat';
    const first = isMap && objectType === undefined ? e.elements.find((element) => element.data !== undefined)?.data : undefined;
    let flags = NFT_SET_ANONYMOUS | NFT_SET_CONSTANT;
    if (ranged) flags |= NFT_SET_INTERVAL;
    if (ranged && concat) flags |= NFT_SET_CONCAT;
    if (isMap) flags |= objectType === undefined ? NFT_SET_MAP : NFT_SET_OBJECT;
    if (e.elements.some((element) => element.timeout !== undefined)) flags |= NFT_SET_TIMEOUT;
    const dataInterval = e.elements.some((element) => element.data !== undefined && isRanged(element.data));
    const set: ast.SetDecl = {
      kind: 'set',
      name: isMap ? (objectType === undefined ? '__map%d' : '__objmap%d') : '__set%d',
      keyType: key.type,
      keyBits: concat ? key.bits : Math.ceil((e.bits || key.bits) / 8) * 8,
      keyByteorder: ranged && !concat ? rangedOrder(key) : key.byteorder,
      flags,
      statements: [],
      elements: e,
      loc: e.loc,
      ...(concat ? { keyParts: key.parts, keyTypeof: key } : {}),
      ...(objectType === undefined ? {} : { objectType }),
      ...(first === undefined || data === undefined
        ? {}
        : {
            dataType: data.type,
            dataBits: data.bits,
            dataByteorder: data.byteorder,
            ...(dataInterval ? { dataInterval: true } : {}),
          }),
    };
    if (ranged && !concat && key.byteorder === 'host' && set.keyByteorder === 'big')
      e.elements = e.elements.map((element) => ({ ...element, key: mapValues(element.key, (value) => ({ ...value, byteorder: 'big' })) }));
    if (ranged && concat) e.elements = e.elements.map((element) => ({ ...element, key: bigEndianParts(element.key) }));
    this.#context.ruleset.declareAnonymous(set);
    return { ...make.setRef(e.loc, set.name), set, type: key.type, bits: key.bits, byteorder: key.byteorder };
  }

  /** The key as the set has its keys: numbers of intervals are big endian. */
  lookupKey(key: ast.Expr, set: ast.SetDecl): ast.Expr {
    if ((set.flags & NFT_SET_INTERVAL) === 0) return key;
    if (key.kind === 'concat') return { ...key, parts: key.parts.map(bigEndianPart) };
    return bigEndianPart(key);
  }
}

/** Of keys in intervals: numbers in host byte order are turned round, names are not. */
const isHostNumber = (e: ast.Expr): boolean => e.byteorder === 'host' && e.bits > 8 && e.type.name !== 'ifname' && e.type.name !== 'string';
const bigEndianPart = (e: ast.Expr): ast.Expr => (isHostNumber(e) ? hton(e) : e);
const rangedOrder = (key: ast.Expr): ast.Expr['byteorder'] => (isHostNumber(key) ? 'big' : key.byteorder);

export function bigEndianParts(e: ast.Expr): ast.Expr {
  if (e.kind !== 'concat') return e;
  return { ...e, parts: e.parts.map((part) => (isHostNumber(part) ? mapValues(part, (value) => ({ ...value, byteorder: 'big' })) : part)) };
}

export function isRanged(e: ast.Expr): boolean {
  if (e.kind === 'concat') return e.parts.some(isRanged);
  return e.kind === 'range' || e.kind === 'prefix';
}

/** The type of a set of several parts, from expressions. */
export const typeOfParts = (parts: readonly ast.Expr[]): Datatype => concatType(parts.map((part) => part.type));
