import { be32 } from '../../attributes.js';
import { expression, words } from '../expression.js';
import { familyName } from '../families.js';

/** [ tproxy ip addr reg 1 port reg 2 ]: to a local socket, the packet left as it is. */
export const tproxy = expression('tproxy', { family: be32(1), regAddr: be32(2), regPort: be32(3) }, (e) =>
  words(
    (e.family ?? 0) !== 0 && familyName(e.family ?? 0),
    e.regAddr !== undefined && `addr reg ${e.regAddr}`,
    e.regPort !== undefined && `port reg ${e.regPort}`,
  ),
);
