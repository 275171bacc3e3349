import type { AttributeShape, ValuesOf } from '../../../netlink/attributes.js';
import type { ExpressionSchema } from '../../../netlink/nfnl/expression.js';
import type * as ast from '../ast.js';
import { integerType } from '../datatypes/basic.js';
import { bytesValue } from '../linearise/bytes.js';
import { nowhere } from '../location.js';
import * as make from '../parser/make.js';
import type { Delineariser } from './delineariser.js';

/** Bytes of a constant; their type is known once it is known what they are compared with. */
export const rawValue = (bytes: Uint8Array): ast.ValueExpr =>
  make.value(nowhere, integerType, bytes.length * 8, 'host', bytesValue(bytes, 'host'));

export type Reader = (values: Readonly<Record<string, unknown>>, d: Delineariser) => void;

/** What an expression of a kind means to the delineariser, with the kind's name. */
export const reader = <S extends AttributeShape>(
  schema: ExpressionSchema<S>,
  read: (e: ValuesOf<S>, d: Delineariser) => void,
): readonly [string, Reader] => [schema.name, read as unknown as Reader];
