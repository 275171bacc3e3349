import { be32, be64 } from '../../attributes.js';
import { expression } from '../expression.js';

/** [ last never ]: how many milliseconds ago it was passed. */
export const last = expression('last', { set: be32(1), msecs: be64(2) }, (e) => ((e.set ?? 0) === 0 ? 'never' : `${e.msecs ?? 0}`));
