// VXLAN-GPE, draft-ietf-nvo3-vxlan-gpe.
import type { Dissector } from '../dissector.js';
import { bits } from '../words.js';
import { nsh } from './nsh.js';
import type { PortPrinter } from './registry-types.js';

const HEADER = 8;
const flagNames = [
  [0x08, 'I'],
  [0x04, 'P'],
  [0x02, 'B'],
  [0x01, 'O'],
] as const;

function vxlanGpe(d: Dissector, at: number, length: number): void {
  d.protocol = 'vxlan_gpe';
  d.put('VXLAN-GPE, ');
  if (length < HEADER) {
    d.put(` (len ${length} < ${HEADER})`);
    return d.invalid();
  }
  d.put(`flags [${bits(flagNames, d.u8(at), 'none', '')}], `);
  const next = d.u8(at + 3);
  const vni = d.be24(at + 4);
  d.need(at + 7, 1);
  d.put(`vni ${vni}${d.options.verbose > 0 ? '\n    ' : ': '}`);
  const payload = at + HEADER;
  const left = length - HEADER;
  d.enter();
  if (next === 1) return d.registry.ip(d, payload, left);
  if (next === 2) return d.registry.ip6(d, payload, left);
  if (next === 4) return nsh(d, payload, left);
  if (next === 3) return void d.registry.ethernet(d, payload, left, d.left(payload));
  d.put('ERROR: unknown-next-protocol');
  d.invalid();
}

export const vxlanGpePort: PortPrinter = { ports: [4790], print: vxlanGpe };
