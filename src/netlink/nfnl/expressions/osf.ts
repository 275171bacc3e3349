import { be32, u8 } from '../../attributes.js';
import { expression } from '../expression.js';

/** In flags: the name with its version. */
export const NFT_OSF_F_VERSION = 1;
/** Bytes of the name in its register. */
export const NFT_OSF_MAXGENRELEN = 16;

/** [ osf dreg 1 ]: the name of the system that sent the SYN. */
export const osf = expression('osf', { dreg: be32(1), ttl: u8(2), flags: be32(3) }, (e) => `dreg ${e.dreg}`);
