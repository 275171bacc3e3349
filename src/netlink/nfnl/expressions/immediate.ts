import { be32 } from '../../attributes.js';
import { data, dataNotation } from '../data.js';
import { expression } from '../expression.js';

/** [ immediate reg 1 0x00000010 ] or [ immediate reg 0 jump -> chain ]: a constant into a register, or the rule's verdict. */
export const immediate = expression('immediate', { dreg: be32(1), data: data(2) }, (e) => `reg ${e.dreg} ${dataNotation(e.data)}`);
