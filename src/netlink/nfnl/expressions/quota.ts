import { be32, be64 } from '../../attributes.js';
import { expression } from '../expression.js';

/** In flags: goes on once the quota is used up. */
export const NFT_QUOTA_F_INV = 1;
/** In flags of an object's dump: it is used up. */
export const NFT_QUOTA_F_DEPLETED = 2;

/** [ quota bytes 26214400 consumed 0 flags 1 ]. */
export const quota = expression(
  'quota',
  { bytes: be64(1), consumed: be64(4), flags: be32(2) },
  (e) => `bytes ${e.bytes ?? 0} consumed ${e.consumed ?? 0} flags ${e.flags ?? 0}`,
);
