import {
  type AttributeCodec,
  type AttributeShape,
  type AttributesOf,
  type AttributeTable,
  attributes,
  list,
  nest,
  string,
  type ValuesOf,
} from '../attributes.js';
import { Deferred, deferred } from '../schema.js';

/**
 * One kind of nf_tables expression: what nft and the stack both say about it. A kind is one file in expressions/ and one line
 * in expressions/registry.ts:
 *
 *   export const cmp = expression('cmp', { sreg: be32(1), op: be32(2), data: data(3) }, (e) => `eq reg ${e.sreg} ...`);
 *   type Cmp = ExpressionValues<typeof cmp>;       // { readonly sreg?: number; readonly op?: number; readonly data?: Data }
 *
 * The stack adds what it does, in a file of the same name under net/netfilter/nf_tables/expressions/, which refers to this one:
 *
 *   export const cmp: StackExpression<typeof cmpSchema> = { of: cmpSchema, init(values) { ... }, run(...) { ... }, compile(...) { ... } };
 *
 * and its own registry finds that by `of.name`. Attributes stand in the order in which the kernel's dump function writes them.
 */
export interface ExpressionSchema<S extends AttributeShape = AttributeShape> {
  /** NFTA_EXPR_NAME. */
  readonly name: string;
  readonly attributes: AttributeTable<S>;
  /** What `nft --debug=netlink` shows between "[ name " and " ]"; `notationOf` gives that of an expression inside this one. */
  notation(values: ValuesOf<S>, notationOf: (inner: WireExpression) => string): string;
}

export type ExpressionValues<E> = E extends ExpressionSchema<infer S> ? ValuesOf<S> : never;

export function expression<S extends AttributeShape>(
  name: string,
  shape: S,
  notation: ExpressionSchema<S>['notation'],
): ExpressionSchema<S> {
  return { name, attributes: attributes(`NFTA_${name.toUpperCase()}`, shape), notation };
}

/** NFTA_EXPR_*: an expression in a rule, a set or an element. Its data are read by the table of its kind. */
export const expressionAttributes = attributes('NFTA_EXPR', { name: string(1), data: deferred(2) });
export type WireExpression = AttributesOf<typeof expressionAttributes>;

/** NFTA_LIST_ELEM: lists of expressions, as rules and sets have them. */
export const expressionList = (type: number): AttributeCodec<readonly WireExpression[]> => list(type, nest(1, expressionAttributes));
export const oneExpression = (type: number): AttributeCodec<WireExpression> => nest(type, expressionAttributes);

/** For sending: an expression of a kind with its values. */
export const wireExpression = <S extends AttributeShape>(schema: ExpressionSchema<S>, values: ValuesOf<S>): WireExpression => ({
  name: schema.name,
  data: Deferred.of(schema.attributes, values),
});

/** Notation's small words: those that are there, one space between them. */
export const words = (...parts: readonly (string | false | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== false && part !== '').join(' ');

/** Names of numbers: "eq" of NFT_CMP_EQ. */
export const nameOf = (names: ReadonlyMap<number, string>, value: number | undefined, otherwise = 'unknown'): string =>
  names.get(value ?? 0) ?? otherwise;

/** Of an array of names the map from their places. */
export const numbered = (names: readonly string[], first = 0): ReadonlyMap<number, string> =>
  new Map(names.map((name, index) => [index + first, name]));

export const hex = (value: number | undefined): string => `0x${(value ?? 0).toString(16)}`;
