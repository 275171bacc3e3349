import { be32, be64 } from '../../attributes.js';
import { expression, hex, nameOf } from '../expression.js';

export const NFT_LIMIT_PKTS = 0;
export const NFT_LIMIT_PKT_BYTES = 1;
/** In flags: goes on when the rate is exceeded. */
export const NFT_LIMIT_F_INV = 1;

/** Units by their seconds. */
export const limitUnits: ReadonlyMap<number, string> = new Map([
  [1, 'second'],
  [60, 'minute'],
  [3600, 'hour'],
  [86400, 'day'],
  [604800, 'week'],
]);

/** [ limit rate 10/second burst 5 type packets flags 0x0 ]: `rate` packets or bytes in `unit` seconds. */
export const limit = expression(
  'limit',
  { rate: be64(1), unit: be64(2), burst: be32(3), type: be32(4), flags: be32(5) },
  (e) =>
    `rate ${e.rate ?? 0}/${nameOf(limitUnits, e.unit, 'error')} burst ${e.burst ?? 0} type ${
      e.type === NFT_LIMIT_PKT_BYTES ? 'bytes' : 'packets'
    } flags ${hex(e.flags)}`,
);
