// RPKI to router, RFC 6810.
import type { Dissector } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const pduWords: Words = {
  0: 'Serial Notify',
  1: 'Serial Query',
  2: 'Reset Query',
  3: 'Cache Response',
  4: 'IPV4 Prefix',
  6: 'IPV6 Prefix',
  7: 'End of Data',
  8: 'Cache Reset',
  10: 'Error Report',
};

const errorWords: Words = {
  0: 'Corrupt Data',
  1: 'Internal Error',
  2: 'No Data Available',
  3: 'Invalid Request',
  4: 'Unsupported Protocol Version',
  5: 'Unsupported PDU Type',
  6: 'Withdrawal of Unknown Record',
  7: 'Duplicate Announcement Received',
};

const HEADER = 8;
const unknown = () => 'Unknown';
/** Lengths that each type must have, where it must. */
const lengths: Readonly<Record<number, number>> = { 0: 12, 1: 12, 2: 8, 3: 8, 4: 20, 6: 32, 7: 12, 8: 8 };
const ERROR_REPORT = 10;

/** A line break, tabs and blanks to a column. */
const indentText = (column: number) => `\n${'\t'.repeat(column >>> 3)}${' '.repeat(column & 7)}`;

/** How many bytes it took; what is wrong takes all. */
function pdu(d: Dissector, at: number, length: number, nested: boolean, indent: number): number {
  const first = d.u8(at);
  if (first !== 0) {
    d.put(`${indentText(8)}RPKI-RTRv${first} (unknown)`);
    return length;
  }
  const invalid = () => {
    d.invalid();
    d.need(at, length);
    return length;
  };
  if (length < HEADER) {
    d.put(`(${length} bytes is too few to decode)`);
    return invalid();
  }
  d.need(at, HEADER);
  const type = d.u8(at + 1);
  const size = d.be32(at + 4);
  d.put(`${indentText(8)}RPKI-RTRv0, ${word(pduWords, type, unknown)} PDU (${type}), length: ${size}`);
  if (size < HEADER || size > length) return invalid();
  const wanted = lengths[type];
  if (wanted !== undefined && wanted !== size) return invalid();
  const line = indentText(indent + 2);
  let dump = false;
  switch (type) {
    case 0:
    case 1:
    case 7:
      d.put(`${line}Session ID: ${hex0x(d.be16(at + 2), 4)}, Serial: ${d.be32(at + 8)}`);
      break;
    case 3:
      d.put(`${line}Session ID: ${hex0x(d.be16(at + 2), 4)}`);
      break;
    case 4:
    case 6: {
      const prefix = type === 4 ? d.ip(at + 12) : d.ip6(at + 12);
      const origin = d.be32(at + (type === 4 ? 16 : 28));
      d.put(`${line}IPv${type} Prefix ${prefix}/${d.u8(at + 9)}-${d.u8(at + 10)}, origin-as ${origin}, flags ${hex0x(d.u8(at + 8), 2)}`);
      break;
    }
    case ERROR_REPORT:
      if (!errorReport(d, at, size, nested, indent)) return invalid();
      break;
    case 2:
    case 8:
      break;
    default:
      d.need(at, size);
      dump = true;
  }
  if (d.options.verbose > 1 || (d.options.verbose > 0 && dump)) d.unknown(at, '\n\t  ', size);
  return size;
}

/** False: its parts do not fit. */
function errorReport(d: Dissector, at: number, size: number, nested: boolean, indent: number): boolean {
  let taken = HEADER + 4;
  if (size < taken) return false;
  d.need(at, taken);
  const code = d.be16(at + 2);
  const inner = d.be32(at + HEADER);
  const line = indentText(indent + 2);
  d.put(`${line}Error code: ${word(errorWords, code, unknown)} (${code}), Encapsulated PDU length: ${inner}`);
  if (inner > 0) {
    if (size < taken + inner) return false;
    if (nested) d.need(at, taken + inner);
    else {
      d.put(`${indentText(indent + 4)}-----encapsulated PDU-----`);
      pdu(d, at + taken, inner, true, indent + 2);
    }
    taken += inner;
  }
  if (size < taken + 4) return false;
  d.need(at, taken + 4);
  const text = d.be32(at + taken);
  taken += 4;
  if (text === 0) return true;
  if (size < taken + text) return false;
  d.put(`${line}Error text: `);
  d.chars(at + taken, text);
  return true;
}

function rpki(d: Dissector, from: number, length: number): void {
  d.protocol = 'rpki_rtr';
  if (d.options.verbose === 0) return d.put(', RPKI-RTR');
  for (let at = from, left = length; left > 0; ) {
    const taken = pdu(d, at, left, false, 8);
    at += taken;
    left -= taken;
  }
}

export const rpkiPort: PortPrinter = { ports: [323], print: rpki };
