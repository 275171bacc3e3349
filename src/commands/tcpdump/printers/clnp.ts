// CLNP, ISO 8473.
import type { Dissector } from '../dissector.js';
import { type Bits, bits, hex0x, type Words, word } from '../words.js';
import { nsap } from './bgp-words.js';
import { showOsiChecksum } from './osi-checksum.js';

const HEADER = 9;
const SEGMENT = 6;
const SEGMENTATION = 0x80;
const PRIORITY = 205;
const flagBits: Bits = [
  [0x80, 'Segmentation permitted'],
  [0x40, 'More Segments'],
  [0x20, 'Request Error Report'],
];
const optionWords: Words = {
  195: 'QoS Maintenance',
  197: 'Security',
  200: 'Source Routing',
  203: 'Record Routing',
  204: 'Padding',
  205: 'Priority',
  193: 'Discard reason',
};
const kindWords: Words = { 1: 'Error Report', 0x1c: 'Data', 0x1e: 'Echo Request', 0x1f: 'Echo Response', 0x1d: 'Multicast data' };

/** False: nothing more is known of it, and its bytes are to be shown. */
export function clnp(d: Dissector, at: number, length: number): boolean {
  d.protocol = 'clnp';
  if (!d.options.linkLayer) d.put('CLNP');
  if (length < HEADER) return fault(d, length === 0 ? 'no header' : ', too short header');
  const indicator = d.u8(at + 1);
  const version = d.u8(at + 2);
  const flags = d.u8(at + 4);
  if (version !== 1) return fault(d, `version ${version} packet not supported`);
  if (indicator > length) return fault(d, ` length indicator(${indicator}) is larger than PDU size (${length})!`);
  if (indicator < HEADER) return fault(d, ` length indicator ${indicator} < min PDU size:`);
  const type = flags & 0x1f;
  if (d.options.verbose < 1) {
    const destinationLength = d.u8(at + 9);
    const destination = nsap(d, at + 10, destinationLength);
    const sourceLength = d.u8(at + 10 + destinationLength);
    const source = nsap(d, at + 11 + destinationLength, sourceLength);
    d.put(
      `${d.options.linkLayer ? '' : ', '}${source} > ${destination}, ${word(kindWords, type, (n) => `unknown (${n})`)}, length ${length}`,
    );
    return true;
  }
  return whole(d, at, length, indicator, type, flags);
}

function whole(d: Dissector, at: number, length: number, indicator: number, type: number, flags: number): boolean {
  const separator = d.options.linkLayer ? '' : ', ';
  d.put(`${separator}length ${length}\n\t${word(kindWords, type, (n) => `unknown (${n})`)} PDU`);
  const lifetime = d.u8(at + 3);
  d.put(`, hlen: ${indicator}, v: ${d.u8(at + 2)}, lifetime: ${lifetime >>> 1}.${(lifetime & 1) * 5}s`);
  d.put(`, Segment PDU length: ${d.be16(at + 5)}, checksum: ${hex0x(d.be16(at + 7), 4)}`);
  showOsiChecksum(d, d.be16(at + 7), at, 7, indicator);
  d.put(`\n\tFlags [${bits(flagBits, flags)}]`);
  if (d.options.verbose > 1) d.unknown(at, '\n\t', HEADER);
  const destination = at + HEADER + 1;
  const destinationLength = d.u8(at + HEADER);
  const source = destination + destinationLength + 1;
  const sourceLength = d.u8(source - 1);
  let left = indicator - HEADER - 2 - destinationLength - sourceLength;
  if (left < 0) return fault(d, 'li < size of fixed part of CLNP header and addresses');
  d.put(`\n\tsource address (length ${sourceLength}): ${nsap(d, source, sourceLength)}`);
  d.put(`\n\tdest   address (length ${destinationLength}): ${nsap(d, destination, destinationLength)}`);
  let p = source + sourceLength;
  if ((flags & SEGMENTATION) !== 0) {
    if (left < SEGMENT) return fault(d, 'li < size of fixed part of CLNP header, addresses, and segment part');
    d.put(`\n\tData Unit Identifier: ${hex0x(d.be16(p), 4)}, Segment Offset: ${hex0x(d.be16(p + 2), 4)}`);
    d.put(`, PDU Total Length: ${hex0x(d.be16(p + 4), 4)}`);
    p += SEGMENT;
    left -= SEGMENT;
  }
  if (!options(d, p, left)) return false;
  return payload(d, type, at + indicator, length - indicator);
}

function options(d: Dissector, from: number, length: number): boolean {
  let left = length;
  for (let at = from; left > 0; ) {
    if (left < 2) return fault(d, ', bad opts/li');
    const option = d.u8(at);
    const size = d.u8(at + 1);
    at += 2;
    left -= 2;
    if (size > left) return fault(d, `, opt ${option} too long`);
    d.need(at, size);
    d.put(`\n\t  ${word(optionWords, option, () => 'Unknown')} Option #${option}, length ${size}, value: `);
    if (option === PRIORITY && size === 1) d.put(`0x${(d.u8(at) & 0x0f).toString(16)}`);
    else if (d.options.verbose <= 1) d.unknown(at, '\n\t  ', size);
    at += size;
    left -= size;
  }
  return true;
}

function payload(d: Dissector, type: number, at: number, length: number): boolean {
  switch (type) {
    case 1:
      d.put(`\n\t-----original packet-----\n\t`);
      if (length > 0) clnp(d, at, length);
      return true;
    case 0x1e:
    case 0x1f:
      if (length > 0) {
        d.put('\n\t-----original packet-----\n\t');
        clnp(d, at, length);
      }
      return true;
    default:
      if (length > 0) d.unknown(at, '\n\t  ', length);
      return true;
  }
}

function fault(d: Dissector, text: string): false {
  d.put(text);
  return false;
}
