// HSRP, RFC 2281.
import type { Dissector } from '../dissector.js';
import { relativeTime, type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const operations: Words = { 0: 'hello', 1: 'coup', 2: 'resign' };
const states: Words = { 0: 'initial', 1: 'learn', 2: 'listen', 4: 'speak', 8: 'standby', 16: 'active' };

function hsrp(d: Dissector, at: number, length: number): void {
  d.protocol = 'hsrp';
  const version = d.u8(at);
  d.put(`HSRPv${version}`);
  if (version !== 0) return;
  d.put('-');
  d.put(`${word(operations, d.u8(at + 1), (n) => `unknown (${n})`)} ${length}: `);
  d.put(`state=${word(states, d.u8(at + 2), (n) => `Unknown (${n})`)} `);
  d.put(`group=${d.u8(at + 6)} `);
  const reserved = d.u8(at + 7);
  if (reserved !== 0) d.put(`[reserved=${reserved}!] `);
  d.put(`addr=${d.ip(at + 16)}`);
  if (d.options.verbose === 0) return;
  d.put(` hellotime=${relativeTime(d.u8(at + 3))} holdtime=${relativeTime(d.u8(at + 4))} priority=${d.u8(at + 5)} auth="`);
  d.charsToZero(at + 8, 8);
  d.put('"');
}

export const hsrpPort: PortPrinter = { destinationPorts: [1985], print: hsrp };
