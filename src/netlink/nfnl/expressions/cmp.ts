import { be32 } from '../../attributes.js';
import { data, dataNotation } from '../data.js';
import { expression, nameOf, numbered } from '../expression.js';

// enum nft_cmp_ops
export const NFT_CMP_EQ = 0;
export const NFT_CMP_NEQ = 1;
export const NFT_CMP_LT = 2;
export const NFT_CMP_LTE = 3;
export const NFT_CMP_GT = 4;
export const NFT_CMP_GTE = 5;

const operators = numbered(['eq', 'neq', 'lt', 'lte', 'gt', 'gte']);

/** [ cmp eq reg 1 0x00000016 ]: goes on when the register compares so to the data, byte by byte; else the rule ends. */
export const cmp = expression(
  'cmp',
  { sreg: be32(1), op: be32(2), data: data(3) },
  (e) => `${nameOf(operators, e.op)} reg ${e.sreg} ${dataNotation(e.data)}`,
);
