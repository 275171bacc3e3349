import { be32 } from '../../attributes.js';
import { expression, hex, words } from '../expression.js';

export const NFT_HASH_JENKINS = 0;
export const NFT_HASH_SYM = 1;

/** [ hash reg 1 = jhash(reg 2, 4, 0x0) % mod 16 offset 5 ], [ hash reg 1 = symhash() % mod 2 ]. */
export const hash = expression(
  'hash',
  { sreg: be32(1), dreg: be32(2), len: be32(3), modulus: be32(4), seed: be32(5), offset: be32(6), type: be32(7) },
  (e) =>
    words(
      `reg ${e.dreg} = ${e.type === NFT_HASH_SYM ? 'symhash()' : `jhash(reg ${e.sreg}, ${e.len}, ${hex(e.seed)})`} % mod ${e.modulus ?? 0}`,
      (e.offset ?? 0) !== 0 && `offset ${e.offset}`,
    ),
);
