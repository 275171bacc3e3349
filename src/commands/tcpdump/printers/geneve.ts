// Geneve, RFC 8926.
import type { Dissector } from '../dissector.js';
import { ethertypeWords } from '../ethertypes.js';
import { bits, hex, hex0x, word } from '../words.js';
import { printEthertype } from './ethernet.js';
import type { PortPrinter } from './registry-types.js';

const HEADER = 8;
const BRIDGED = 0x6558;
const flagNames = [
  [0x80, 'O'],
  [0x40, 'C'],
  [0x20, 'R1'],
  [0x10, 'R2'],
  [0x08, 'R3'],
  [0x04, 'R4'],
  [0x02, 'R5'],
  [0x01, 'R6'],
] as const;
const classes = ['Linux', 'Open vSwitch', 'Open Virtual Networking (OVN)', 'In-band Network Telemetry (INT)', 'VMware'] as const;

function geneve(d: Dissector, at: number, length: number): void {
  d.protocol = 'geneve';
  d.enter();
  d.put('Geneve');
  if (length < HEADER) {
    d.put(` [length ${length} < ${HEADER}]`);
    return d.invalid();
  }
  d.need(at, HEADER);
  const first = d.u8(at);
  if (first >>> 6 !== 0) return d.put(` ERROR: unknown-version ${first >>> 6}`);
  const type = d.be16(at + 2);
  d.put(`, Flags [${bits(flagNames, d.u8(at + 1), 'none', '')}], vni 0x${hex(d.be24(at + 4))}`);
  const reserved = d.u8(at + 7);
  if (reserved !== 0) d.put(`, rsvd ${hex0x(reserved)}`);
  if (d.options.linkLayer) d.put(`, proto ${word(ethertypeWords, type, () => 'unknown')} (${hex0x(type, 4)})`);
  const size = (first & 0x3f) * 4;
  const left = length - HEADER - size;
  if (left < 0) return d.put(` truncated-geneve - ${-left} bytes missing`);
  d.need(at + HEADER, size);
  if (size > 0) {
    d.put(', options [');
    if (d.options.verbose > 0) options(d, at + HEADER, size);
    else d.put(`${size} bytes`);
    d.put(']');
  }
  d.put(d.options.verbose > 0 ? '\n\t' : ': ');
  const payload = at + HEADER + size;
  if (printEthertype(d, type, payload, left, d.left(payload), -1, -1)) return;
  if (type === BRIDGED) d.registry.ethernet(d, payload, left, d.left(payload));
  else d.put(`geneve-proto-${hex0x(type)}`);
}

function className(number: number): string {
  if (number <= 0xff) return 'Standard';
  if (number >= 0xfff0) return 'Experimental';
  return classes[number - 0x100] ?? 'Unknown';
}

function options(d: Dissector, from: number, size: number): void {
  let left = size;
  for (let at = from; left > 0; ) {
    const number = d.be16(at);
    const type = d.u8(at + 2);
    const length = 4 + (d.u8(at + 3) & 0x1f) * 4;
    d.put(`${at === from ? '' : ', '}class ${className(number)} (${hex0x(number)}) type ${hex0x(type)}`);
    d.put(`${(type & 0x80) === 0 ? '' : '(C)'} len ${length}`);
    if (length > left) return d.put(' [bad length]');
    if (d.options.verbose > 1 && length > 4) {
      d.put(' data');
      for (let i = 4; i < length; i += 4) d.put(` ${hex(d.be32(at + i), 8)}`);
    }
    at += length;
    left -= length;
  }
}

export const genevePort: PortPrinter = { ports: [6081], print: geneve };
