import { be32 } from '../../attributes.js';
import { expression, words } from '../expression.js';

/** [ dup sreg_addr 1 sreg_dev 2 ]: a copy of the packet to another host, or of netdev out of another device. */
export const dup = expression('dup', { sregAddr: be32(1), sregDev: be32(2) }, (e) =>
  words(e.sregAddr !== undefined && `sreg_addr ${e.sregAddr}`, e.sregDev !== undefined && `sreg_dev ${e.sregDev}`),
);
