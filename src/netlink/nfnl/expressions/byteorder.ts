import { be32 } from '../../attributes.js';
import { expression, nameOf, numbered } from '../expression.js';

export const NFT_BYTEORDER_NTOH = 0;
export const NFT_BYTEORDER_HTON = 1;

const operators = numbered(['ntoh', 'hton']);

/** [ byteorder reg 1 = hton(reg 1, 4, 4) ]: words of `size` bytes (2, 4, 8) over `len` bytes. */
export const byteorder = expression(
  'byteorder',
  { sreg: be32(1), dreg: be32(2), op: be32(3), len: be32(4), size: be32(5) },
  (e) => `reg ${e.dreg} = ${nameOf(operators, e.op)}(reg ${e.sreg}, ${e.len}, ${e.size})`,
);
