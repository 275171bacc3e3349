import { be32 } from '../../attributes.js';
import { expression } from '../expression.js';

/** In flags: goes on when there are more. */
export const NFT_CONNLIMIT_F_INV = 1;

/** [ connlimit count 20 flags 1 ]: how many connections there are, of the element's key or of all packets. */
export const connlimit = expression(
  'connlimit',
  { count: be32(1), flags: be32(2) },
  (e) => `count ${e.count ?? 0} flags ${(e.flags ?? 0).toString(16)}`,
);
