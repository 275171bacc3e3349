import { be32 } from '../../attributes.js';
import { expression, words } from '../expression.js';

export const NFT_NG_INCREMENTAL = 0;
export const NFT_NG_RANDOM = 1;

/** [ numgen reg 1 = inc mod 2 offset 100 ]: numbers from `offset` on, `modulus` different ones. */
export const numgen = expression('numgen', { dreg: be32(1), modulus: be32(2), type: be32(3), offset: be32(4) }, (e) =>
  words(
    `reg ${e.dreg} = ${e.type === NFT_NG_RANDOM ? 'random' : 'inc'} mod ${e.modulus ?? 0}`,
    (e.offset ?? 0) !== 0 && `offset ${e.offset}`,
  ),
);
