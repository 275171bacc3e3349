import { be32, string } from '../../attributes.js';
import { expression } from '../expression.js';

/** [ objref type 1 name c ], [ objref sreg 1 set m ]: a stateful object by its name, or by a map from a register. */
export const objref = expression(
  'objref',
  { setSreg: be32(3), setName: string(4), setId: be32(5), immType: be32(1), immName: string(2) },
  (e) => (e.setSreg !== undefined ? `sreg ${e.setSreg} set ${e.setName}` : `type ${e.immType ?? 0} name ${e.immName}`),
);
