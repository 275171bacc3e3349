// OSI's network layer: whose protocol it is, the first byte says (ISO/IEC TR 9577).
import type { Dissector } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';
import { clnp } from './clnp.js';
import { esis } from './esis.js';
import { isis } from './isis.js';
import type { EthertypePrinter } from './registry-types.js';

const CLNP = 0x81;
const ESIS = 0x82;
const ISIS = 0x83;

export const nlpidWords: Words = {
  0x00: 'NULL',
  0x03: 'unknown',
  0x08: 'Q.933',
  0x09: 'LMI',
  0x81: 'CLNP',
  0x82: 'ES-IS',
  0x83: 'IS-IS',
  0x8e: 'IPv6',
  0xb0: 'FRF.12',
  0xb1: 'FRF.15',
  0xcc: 'IPv4',
  0xcf: 'PPP',
  0x80: 'SNAP',
};

/** In an Ethernet frame a byte stands before it. */
export const osiType: EthertypePrinter = {
  types: [0xfefe],
  print(d, at, length) {
    if (length === 0 || !d.has(at, 1)) return d.put('OSI');
    isoclns(d, at + 1, length - 1);
  },
};

export function isoclns(d: Dissector, at: number, length: number): void {
  d.protocol = 'isoclns';
  const type = d.u8(at);
  if (d.options.linkLayer) d.put(`OSI NLPID ${word(nlpidWords, type, () => 'Unknown')} (${hex0x(type, 2)}): `);
  d.enter();
  switch (type) {
    case CLNP:
      if (!clnp(d, at, length)) d.unknown(at, '\n\t', length);
      return;
    case ESIS:
      return esis(d, at, length);
    case ISIS:
      if (!isis(d, at, length)) d.unknown(at, '\n\t', length);
      return;
    case 0x8e:
      return d.registry.ip6(d, at + 1, length - 1);
    case 0xcc:
      return d.registry.ip(d, at + 1, length - 1);
    case 0xcf:
      return d.registry.ppp(d, at + 1, length - 1);
    case 0:
      return d.put(`${d.options.linkLayer ? '' : ', '}length: ${length}`);
    default:
      if (!d.options.linkLayer) d.put(`OSI NLPID ${hex0x(type, 2)} unknown, `);
      d.put(`length: ${length}`);
      if (length > 1) d.unknown(at, '\n\t', length);
  }
}
