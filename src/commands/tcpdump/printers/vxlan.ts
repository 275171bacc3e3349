// VXLAN, RFC 7348.
import type { Dissector } from '../dissector.js';
import { bits, hex0x } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const HEADER = 8;

function vxlan(d: Dissector, at: number, length: number): void {
  d.protocol = 'vxlan';
  d.put('VXLAN');
  if (length < HEADER) return d.invalid();
  const flags = d.u8(at);
  d.put(`, flags [${bits([[0x08, 'I']], flags, 'invalid', '')}] (${hex0x(flags, 2)}), vni ${d.be24(at + 4)}\n`);
  d.need(at + 7, 1);
  d.registry.ethernet(d, at + HEADER, length - HEADER, d.left(at + HEADER));
}

export const vxlanPort: PortPrinter = { ports: [4789], type: 'vxlan', print: vxlan };
