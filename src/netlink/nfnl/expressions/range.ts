import { be32 } from '../../attributes.js';
import { data, dataNotation } from '../data.js';
import { expression, nameOf, numbered } from '../expression.js';

export const NFT_RANGE_EQ = 0;
export const NFT_RANGE_NEQ = 1;

const operators = numbered(['eq', 'neq']);

/** [ range neq reg 1 0x00000500 0x00000a00 ]: between the two, both included, or not. */
export const range = expression(
  'range',
  { sreg: be32(1), op: be32(2), fromData: data(3), toData: data(4) },
  (e) => `${nameOf(operators, e.op)} reg ${e.sreg} ${dataNotation(e.fromData)} ${dataNotation(e.toData)}`,
);
