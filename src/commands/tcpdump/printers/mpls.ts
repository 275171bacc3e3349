// MPLS label stacks, RFC 3032.
import type { Dissector } from '../dissector.js';
import type { EthertypePrinter, PortPrinter } from './registry-types.js';

const LABEL = 4;
const reserved = ['IPv4 explicit NULL', 'router alert', 'IPv6 explicit NULL', 'implicit NULL'] as const;

export function mpls(d: Dissector, at: number, length: number): void {
  d.protocol = 'mpls';
  d.put('MPLS');
  const verbose = d.options.verbose > 0;
  let p = at;
  let left = length;
  let label: number;
  for (let depth = 0; ; depth++) {
    if (left < LABEL) {
      d.invalid();
      return d.need(p, left);
    }
    const entry = d.be32(p);
    label = entry >>> 12;
    const name = verbose && label < 16 ? ` (${reserved[label] ?? 'rsvd'})` : '';
    const last = (entry & 0x100) !== 0;
    d.put(
      `${depth > 0 && verbose ? '\n\t' : ' '}(label ${label}${name}, tc ${(entry >>> 9) & 7}${last ? ', [S]' : ''}, ttl ${entry & 0xff})`,
    );
    p += LABEL;
    left -= LABEL;
    if (last) break;
  }
  payload(d, label, p, left);
}

function payload(d: Dissector, label: number, at: number, length: number): void {
  if (length < 1 && label !== 0 && label !== 2 && label !== 3) return;
  const first = label === 0 || label === 3 ? 0x45 : label === 2 ? 0x60 : d.u8(at);
  const printer =
    first >= 0x45 && first <= 0x4f
      ? d.registry.ip
      : first >= 0x60 && first <= 0x6f
        ? d.registry.ip6
        : first >= 0x81 && first <= 0x83
          ? d.registry.isoclns
          : null;
  if (printer === null) return d.dump(at, length);
  d.put(d.options.verbose > 0 ? '\n\t' : ' ');
  d.enter();
  printer(d, at, length);
}

export const mplsType: EthertypePrinter = { types: [0x8847, 0x8848], print: mpls };
export const mplsPort: PortPrinter = { ports: [6635], print: mpls };
