// Broadcom's lawful interception shim.
import type { Dissector } from '../dissector.js';
import type { PortPrinter } from './registry-types.js';

const SHIM = 4;
const directions = ['unused', 'egress', 'ingress'] as const;
const kinds = ['', '', '', '', 'undecided', 'ipv4', 'ipv6', 'ethernet'] as const;
const tags = ['', 'single VLAN tag', 'double VLAN tag', 'untagged'] as const;

function bcmLi(d: Dissector, at: number, length: number): void {
  d.protocol = 'bcm_li';
  if (length < SHIM) {
    d.invalid();
    return;
  }
  const shim = d.be32(at);
  const direction = directions[(shim >>> 29) - 1] ?? 'unknown';
  const kind = kinds[(shim >>> 25) & 7]!;
  const tag = tags[(shim >>> 22) & 3]!;
  if (d.options.verbose > 0) d.put('\n    ');
  d.put(`BCM-LI-SHIM: direction ${direction}, pkt-type ${kind || 'unknown'}, pkt-subtype ${tag || 'unknown'}, li-id ${shim & 0x3fffff}`);
  if (d.options.verbose === 0) return;
  d.put('\n    ');
  const body = at + SHIM;
  const left = length - SHIM;
  d.enter();
  switch (kind) {
    case 'ipv4':
      return d.registry.ip(d, body, left);
    case 'ipv6':
      return d.registry.ip6(d, body, left);
    case 'ethernet':
      return void d.registry.ethernet(d, body, left, left);
    case 'undecided':
      if (d.u8(body) >>> 4 === 4) d.registry.ip(d, body, left);
      else if (d.u8(body) >>> 4 === 6) d.registry.ip6(d, body, left);
      else d.put('unknown payload');
      return;
    default:
      d.invalid();
  }
}

export const bcmLiPort: PortPrinter = { ports: [49152], print: bcmLi };
