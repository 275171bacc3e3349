import { be32 } from '../../attributes.js';
import { expression, words } from '../expression.js';

/** [ fwd sreg_dev 1 sreg_addr 2 nfproto 2 ]: out of another device, with an address to that neighbour. */
export const fwd = expression('fwd', { sregDev: be32(1), sregAddr: be32(2), nfproto: be32(3) }, (e) =>
  words(
    e.sregDev !== undefined && `sreg_dev ${e.sregDev}`,
    e.sregAddr !== undefined && `sreg_addr ${e.sregAddr}`,
    e.nfproto !== undefined && `nfproto ${e.nfproto}`,
  ),
);
