// Cisco HDLC, with the address and keepalive packets of SLARP.
import type { Dissector } from '../dissector.js';
import { ethertypeWords } from '../ethertypes.js';
import { hex0x, type Words, word } from '../words.js';
import type { LinkPrinter } from './registry-types.js';

const HEADER = 4;
const SLARP = 0x8035;
const OSI = 0xfefe;
const SLARP_SHORTEST = 14;
const SLARP_LONGEST = 18;
const castWords: Words = { 0x0f: 'unicast', 0x8f: 'bcast' };

/** Returns how long the header was. */
export function chdlc(d: Dissector, at: number, givenLength: number): number {
  d.protocol = 'chdlc';
  if (givenLength < HEADER || !d.has(at, HEADER)) {
    d.truncated();
    return d.left(at);
  }
  const type = d.be16(at + 2);
  if (d.options.linkLayer) {
    const name = word(ethertypeWords, type, () => 'Unknown');
    d.put(`${word(castWords, d.u8(at), () => 'Unknown')}, ethertype ${name} (${hex0x(type, 4)}), length ${givenLength}: `);
  }
  const body = at + HEADER;
  const length = givenLength - HEADER;
  d.enter();
  switch (type) {
    case 0x0800:
      d.registry.ip(d, body, length);
      break;
    case 0x86dd:
      d.registry.ip6(d, body, length);
      break;
    case SLARP:
      slarp(d, body, length);
      break;
    case 0x8847:
    case 0x8848:
      d.registry.mpls(d, body, length);
      break;
    case OSI: {
      if (length < 2) {
        d.truncated();
        break;
      }
      // A byte of padding may stand before the network layer's identifier.
      const second = d.u8(body + 1);
      const padded = second >= 0x81 && second <= 0x83 ? 1 : 0;
      d.registry.isoclns(d, body + padded, length - padded);
      break;
    }
    default:
      if (!d.options.linkLayer) d.put(`unknown CHDLC protocol (${hex0x(type, 4)})`);
  }
  return HEADER;
}

function slarp(d: Dissector, at: number, length: number): void {
  d.protocol = 'chdlc_slarp';
  d.put(`SLARP (length: ${length}), `);
  if (length < SLARP_SHORTEST || !d.has(at, SLARP_SHORTEST)) return d.truncated();
  let timed = false;
  const code = d.be32(at);
  if (code === 0) d.put('request');
  else if (code === 1) d.put(`reply ${d.ip(at + 4)}/${d.ip(at + 8)}`);
  else if (code === 2) {
    d.put(`keepalive: mineseen=${hex0x(d.be32(at + 4), 8)}, yourseen=${hex0x(d.be32(at + 8), 8)}`);
    d.put(`, reliability=${hex0x(d.be16(at + 12), 4)}`);
    timed = length >= SLARP_LONGEST;
    if (timed) {
      const seconds = Math.floor(d.be32(at + 14) / 1000);
      const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86400)];
      d.put(`, link uptime=${days}d${hours % 24}h${minutes % 60}m${seconds % 60}s`);
    }
  } else {
    d.put(`${hex0x(code, 2)} unknown`);
    if (d.options.verbose <= 1) d.unknown(at + 4, '\n\t', length - 4);
  }
  if (length > SLARP_LONGEST && d.options.verbose > 0) d.put(`, (trailing junk: ${length - SLARP_LONGEST} bytes)`);
  // As tcpdump: behind the uptime, where it was shown.
  const shown = timed ? at + 18 : at + 4;
  if (d.options.verbose > 1) d.unknown(shown, '\n\t', length - 4);
}

export const chdlcLink: LinkPrinter = { types: [104], print: (d, at, length) => chdlc(d, at, length) };
