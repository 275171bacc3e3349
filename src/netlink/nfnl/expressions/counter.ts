import { be64 } from '../../attributes.js';
import { expression } from '../expression.js';

/** [ counter pkts 0 bytes 0 ]. */
export const counter = expression('counter', { bytes: be64(1), packets: be64(2) }, (e) => `pkts ${e.packets ?? 0} bytes ${e.bytes ?? 0}`);
