// RIPng, RFC 2080.
import type { Dissector } from '../dissector.js';
import type { PortPrinter } from './registry-types.js';

const HEADER = 4;
const ENTRY = 20;
const REQUEST = 1;
const RESPONSE = 2;
const INFINITY = 16;

function ripng(d: Dissector, at: number, length: number): void {
  d.protocol = 'ripng';
  const version = d.u8(at + 1);
  if (version !== 1) {
    d.put(` [vers ${version}]`);
    return d.invalid();
  }
  const command = d.u8(at);
  if (command !== REQUEST && command !== RESPONSE) {
    d.put(` ripng-${command} ?? ${length}`);
    return d.invalid();
  }
  const left = length - HEADER;
  if (left < 0) return d.invalid();
  const count = Math.floor(left / ENTRY);
  if (command === REQUEST && count === 1 && wantsAll(d, at + HEADER)) return d.put(' ripng-req dump');
  const odd = count * ENTRY !== left;
  d.put(` ripng-${command === REQUEST ? 'req' : 'resp'} ${count}${odd ? `[${length}]` : ''}:`);
  for (let i = 0; i < count; i++) entry(d, at + HEADER + i * ENTRY, command === RESPONSE);
  if (odd) d.invalid();
}

function wantsAll(d: Dissector, at: number): boolean {
  if (d.u8(at + 19) !== INFINITY) return false;
  for (let i = 0; i < 16; i++) if (d.u8(at + i) !== 0) return false;
  return true;
}

function entry(d: Dissector, at: number, showMetric: boolean): void {
  d.put(d.options.verbose > 1 ? '\n\t' : ' ');
  d.put(`${d.ip6(at)}/${d.u8(at + 18)}`);
  const tag = d.be16(at + 16);
  if (tag !== 0) d.put(` [${tag}]`);
  const metric = d.u8(at + 19);
  if (metric !== 0 && showMetric) d.put(` (${metric})`);
}

export const ripngPort: PortPrinter = { ports: [521], print: ripng };
