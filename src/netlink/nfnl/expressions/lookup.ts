import { be32, string } from '../../attributes.js';
import { expression, hex, words } from '../expression.js';

/** In flags: go on when the key is not there. */
export const NFT_LOOKUP_F_INV = 1;

/** [ lookup reg 1 set s ] or, of a map, [ lookup reg 1 set m dreg 0 ]. */
export const lookup = expression('lookup', { set: string(1), setId: be32(4), sreg: be32(2), dreg: be32(3), flags: be32(5) }, (e) =>
  words(`reg ${e.sreg} set ${e.set}`, e.dreg !== undefined && `dreg ${e.dreg}`, (e.flags ?? 0) !== 0 && hex(e.flags)),
);
