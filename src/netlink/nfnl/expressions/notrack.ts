import { expression } from '../expression.js';

/** [ notrack ]: the packet gets no connection. */
export const notrack = expression('notrack', {}, () => '');
