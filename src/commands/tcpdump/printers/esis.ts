// ES-IS, ISO 9542.
import type { Dissector } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';
import { nsap } from './bgp-words.js';
import { showOsiChecksum } from './osi-checksum.js';

const HEADER = 9;
const typeWords: Words = { 2: 'ESH', 4: 'ISH', 6: 'redirect' };
const HELLO_END = 2;
const HELLO_INTERMEDIATE = 4;
const REDIRECT = 6;

export function esis(d: Dissector, at: number, length: number): void {
  d.protocol = 'esis';
  if (!d.options.linkLayer) d.put('ES-IS');
  if (length <= 2) return d.put('no header at all!');
  const indicator = d.u8(at + 1);
  if (indicator > length) return d.put(` length indicator(${indicator}) > PDU size (${length})!`);
  if (indicator < HEADER) {
    d.put(` length indicator ${indicator} < min PDU size:`);
    return d.put(d.hexOf(at, Math.min(length, d.left(at))).toUpperCase());
  }
  const version = d.u8(at + 2);
  if (version !== 1) {
    d.put(`, unsupported protocol version ${version}`);
    return d.unknown(at, '\n\t', length);
  }
  const type = d.u8(at + 4) & 0x1f;
  const name = word(typeWords, type, (n) => `unknown type (${n})`);
  if (d.options.verbose < 1) return d.put(`${d.options.linkLayer ? '' : ', '}${name}, length ${length}`);
  d.put(`${d.options.linkLayer ? '' : ', '}length ${length}\n\t${word(typeWords, type, (n) => `unknown type: ${n}`)} (${type})`);
  const field = d.be16(at + 7);
  d.put(`, v: ${version}, checksum: ${hex0x(field, 4)}`);
  showOsiChecksum(d, field, at, 7, indicator);
  d.put(`, holding time: ${d.be16(at + 5)}s, length indicator: ${indicator}`);
  if (d.options.verbose > 1) d.unknown(at, '\n\t', HEADER);
  body(d, type, at + HEADER, indicator - HEADER);
}

function body(d: Dissector, type: number, from: number, length: number): void {
  let at = from;
  let left = length;
  /** A length and an address; its place, or -1 after saying what is wrong. */
  const counted = (what: string, show: (at: number, size: number) => void): boolean => {
    if (left < 1) {
      d.put(`, bad ${what}`);
      return false;
    }
    const size = d.u8(at);
    at++;
    left--;
    d.need(at, size);
    if (left < size) {
      d.put(`, bad ${what}`);
      return false;
    }
    show(at, size);
    at += size;
    left -= size;
    return true;
  };
  switch (type) {
    case REDIRECT: {
      if (!counted('redirect/li', (p, size) => d.put(`\n\t  ${nsap(d, p, size)}`))) return;
      if (!counted('redirect/li', (p, size) => d.put(`\n\t  SNPA (length: ${size}): ${d.names.link(d.bytes, p, size)}`))) return;
      const net = (p: number, size: number) => {
        if (size !== 0) d.put(`\n\t  NET (length: ${size}) ${nsap(d, p, size)}`);
      };
      // As the real tool: the byte that says the length is not taken off what is left.
      left++;
      if (left === 1 || !counted('redirect/li', net)) return;
      break;
    }
    case HELLO_END: {
      if (left < 1) return d.put(', bad esh/li');
      const count = d.u8(at);
      at++;
      left--;
      d.put(`\n\t  Number of Source Addresses: ${count}`);
      for (let i = 0; i < count; i++)
        if (!counted('esh/li', (p, size) => d.put(`\n\t  NET (length: ${size}): ${nsap(d, p, size)}`))) return;
      break;
    }
    case HELLO_INTERMEDIATE:
      if (!counted('ish/li', (p, size) => d.put(`\n\t  NET (length: ${size}): ${nsap(d, p, size)}`))) return;
      break;
    default:
      if (d.options.verbose <= 1) d.unknown(at, '\n\t  ', left);
      return;
  }
  while (left > 0) {
    if (left < 2) return d.put(', bad opts/li');
    const option = d.u8(at);
    const size = d.u8(at + 1);
    at += 2;
    left -= 2;
    if (size > left) return d.put(`, opt (${option}) too long`);
    d.put(`\n\t  ${word(optionWords, option, () => 'Unknown')} Option #${option}, length ${size}, value: `);
    if (option === 198) {
      if (size === 2) d.put(`${d.be16(at)}s`);
      else d.put('(bad length)');
    } else if (option === 129) {
      for (let i = 0; i < size; i++) {
        d.put(`${word(nlpids, d.u8(at + i), () => 'Unknown')} (${hex0x(d.u8(at + i), 2)})`);
        if (i + 1 < size) d.put(', ');
      }
    } else if (d.options.verbose <= 1) d.unknown(at, '\n\t  ', size);
    at += size;
    left -= size;
  }
}

const optionWords: Words = {
  129: 'Protocols supported',
  195: 'QoS Maintenance',
  197: 'Security',
  198: 'ES Configuration Timer',
  205: 'Priority',
};
const nlpids: Words = { 0x81: 'CLNP', 0x82: 'ES-IS', 0x83: 'IS-IS', 0x8e: 'IPv6', 0xcc: 'IPv4' };
