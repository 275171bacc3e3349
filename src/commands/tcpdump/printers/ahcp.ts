// AHCP, ad-hoc configuration protocol, version 1.
import type { Dissector } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const messageWords: Words = {
  0: 'Discover',
  1: 'Offer',
  2: 'Request',
  3: 'Ack',
  4: 'Nack',
  5: 'Release',
};

const optionWords: Words = {
  0: 'Pad',
  1: 'Mandatory',
  2: 'Origin Time',
  3: 'Expires',
  4: 'My-IPv6-Address',
  5: 'My-IPv4-Address',
  6: 'IPv6 Prefix',
  7: 'IPv4 Prefix',
  8: 'IPv6 Address',
  9: 'IPv4 Address',
  10: 'IPv6 Prefix Delegation',
  11: 'IPv4 Prefix Delegation',
  12: 'Name Server',
  13: 'NTP Server',
};

const MAGIC = 43;
const HEADER = 24;

/** Shows an option's value; false: its length is wrong, and `at` how far it came. */
type Option = (d: Dissector, at: number, length: number) => boolean;

const list =
  (size: number, text: (d: Dissector, at: number) => string): Option =>
  (d, from, length) => {
    let between = ': ';
    for (let at = from, left = length; left > 0; at += size, left -= size) {
      if (left < size) return false;
      d.put(`${between}${text(d, at)}`);
      between = ', ';
    }
    return true;
  };

const addresses6 = list(16, (d, at) => d.ip6(at));
const addresses4 = list(4, (d, at) => d.ip(at));
const prefixes6 = list(17, (d, at) => `${d.ip6(at)}/${d.u8(at + 16)}`);
const prefixes4 = list(5, (d, at) => `${d.ip(at)}/${d.u8(at + 4)}`);
const ofFour =
  (text: (value: number) => string): Option =>
  (d, at, length) => {
    if (length !== 4) return false;
    d.put(`: ${text(d.be32(at))}`);
    return true;
  };

const values: Readonly<Record<number, Option>> = {
  2: ofFour((value) => `${new Date(value * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`),
  3: ofFour((value) => `${value}s`),
  4: addresses6,
  5: addresses4,
  6: prefixes6,
  8: addresses6,
  9: addresses4,
  10: prefixes6,
  11: prefixes4,
  12: addresses6,
  13: addresses6,
};

function invalid(d: Dissector, at: number, length: number): void {
  d.invalid();
  d.need(at, length);
}

function ahcp(d: Dissector, at: number, length: number): void {
  d.protocol = 'ahcp';
  d.put('AHCP');
  if (length < 2 || d.u8(at) !== MAGIC) return invalid(d, at, length);
  const version = d.u8(at + 1);
  if (version !== 1) {
    d.put(` Version ${version} (unknown)`);
    return d.need(at + 2, length - 2);
  }
  d.put(' Version 1');
  if (length < HEADER) return invalid(d, at + 2, length - 2);
  d.need(at, d.options.verbose > 0 ? 0 : HEADER);
  if (d.options.verbose > 0) {
    d.put(`\n\tHopcount ${d.u8(at + 2)}, Original Hopcount ${d.u8(at + 3)}, Nonce ${hex0x(d.be32(at + 4), 8)}`);
    d.put(`, Source Id ${d.hexOf(at + 8, 8, ':')}, Destination Id ${d.hexOf(at + 16, 8, ':')}`);
  }
  body(d, at + HEADER, length - HEADER);
}

function body(d: Dissector, at: number, length: number): void {
  if (length < 4) return invalid(d, at, length);
  const [type, zero, size] = [d.u8(at), d.u8(at + 1), d.be16(at + 2)];
  if (d.options.verbose > 0) {
    d.put(`\n\t${word(messageWords, type, (n) => `Unknown-${n}`)}`);
    d.put(`${zero === 0 ? '' : `, MBZ ${zero}`}, Length ${size}`);
  }
  if (size > length - 4) return invalid(d, at + 4, length - 4);
  if (d.options.verbose >= 2) options(d, at + 4, size);
  else d.need(at + 4, size);
}

function options(d: Dissector, from: number, length: number): void {
  let left = length;
  for (let at = from; left > 0; ) {
    const type = d.u8(at++);
    left--;
    d.put(`\n\t ${word(optionWords, type, (n) => `Unknown-${n}`)}`);
    if (type <= 1) continue;
    if (left === 0) return invalid(d, at, 0);
    const size = d.u8(at++);
    left--;
    if (size > left) return invalid(d, at, left);
    const print = values[type];
    if (print === undefined) {
      d.put(` (Length ${size})`);
      d.need(at, size);
    } else if (!print(d, at, size)) invalid(d, at, size);
    at += size;
    left -= size;
  }
}

export const ahcpPort: PortPrinter = { ports: [5359], print: ahcp };
