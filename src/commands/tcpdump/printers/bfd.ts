// BFD, RFC 5880, and its echo (RFC 5881), over several hops (RFC 5883) and of the members of a LAG (RFC 7130).
import type { Dissector } from '../dissector.js';
import { type Bits, bits, hex0x, type Words, word } from '../words.js';
import type { PortContext, PortPrinter } from './registry-types.js';

const CONTROL = 3784;
const ECHO = 3785;
const MULTIHOP = 4784;
const LAG = 6784;
const LENGTH = 24;
const AUTHENTICATION = 0x04;

const diagnosticWords: Words = {
  0: 'No Diagnostic',
  1: 'Control Detection Time Expired',
  2: 'Echo Function Failed',
  3: 'Neighbor Signaled Session Down',
  4: 'Forwarding Plane Reset',
  5: 'Path Down',
  6: 'Concatenated Path Down',
  7: 'Administratively Down',
  8: 'Reverse Concatenated Path Down',
};
const stateWords = ['AdminDown', 'Down', 'Init', 'Up'] as const;
const flagBits: Bits = [
  [0x20, 'Poll'],
  [0x10, 'Final'],
  [0x08, 'Control Plane Independent'],
  [0x04, 'Authentication Present'],
  [0x02, 'Demand'],
  [0x01, 'Multipoint'],
];
/** Version 0, of the first drafts. */
const oldFlagBits: Bits = [
  [0x80, 'I Hear You'],
  [0x40, 'Demand'],
  [0x20, 'Poll'],
  [0x10, 'Final'],
  [0x08, 'Control Plane Independent'],
  [0x04, 'Authentication Present'],
];
const authenticationWords: Words = {
  1: 'Simple Password',
  2: 'Keyed MD5',
  3: 'Meticulous Keyed MD5',
  4: 'Keyed SHA1',
  5: 'Meticulous Keyed SHA1',
};

function bfd(d: Dissector, at: number, length: number, { sourcePort, destinationPort }: PortContext): void {
  d.protocol = 'bfd';
  const is = (port: number) => sourcePort === port || destinationPort === port;
  if (is(ECHO)) {
    d.put(`BFD, Echo, length: ${length}`);
    if (d.options.verbose > 0) d.unknown(at, '\n\t', length);
    return;
  }
  control(d, at, length, is(CONTROL) ? 'Control' : is(MULTIHOP) ? 'Multihop' : 'Lag');
}

function control(d: Dissector, at: number, length: number, kind: string): void {
  let name = kind;
  const first = d.u8(at);
  d.need(at, LENGTH);
  const version = first >>> 5;
  const flags = d.u8(at + 1);
  const state = stateWords[flags >>> 6]!;
  d.put(`BFDv${version}, `);
  if (version > 1) {
    d.put(`${kind}, length: ${length}`);
    if (d.options.verbose > 0) d.unknown(at, '\n\t', length);
    return;
  }
  if (version === 0) name = 'Control';
  const shownFlags = version === 0 ? bits(oldFlagBits, flags) : bits(flagBits, flags);
  const stateText = version === 0 ? '' : `State ${state}, `;
  if (d.options.verbose === 0) return d.put(`${name}, ${stateText}Flags: [${shownFlags}], length: ${length}`);
  const diagnostic = first & 0x1f;
  d.put(`length: ${length}\n\t${name}, ${stateText}Flags: [${shownFlags}]`);
  d.put(`, Diagnostic: ${word(diagnosticWords, diagnostic, () => 'unknown')} (${hex0x(diagnostic, 2)})`);
  const multiplier = d.u8(at + 2);
  const milliseconds = (value: number) => Math.floor(value / 1000);
  d.put(
    `\n\tDetection Timer Multiplier: ${multiplier} (${milliseconds(multiplier * d.be32(at + 12))} ms Detection time), BFD Length: ${d.u8(at + 3)}`,
  );
  d.put(`\n\tMy Discriminator: ${hex0x(d.be32(at + 4), 8)}, Your Discriminator: ${hex0x(d.be32(at + 8), 8)}`);
  const timer = (label: string, p: number) => d.put(`\n\t  ${label} ${String(milliseconds(d.be32(p))).padStart(4)} ms`);
  timer('Desired min Tx Interval:   ', at + 12);
  timer('Required min Rx Interval:  ', at + 16);
  timer('Required min Echo Interval:', at + 20);
  if ((flags & AUTHENTICATION) !== 0) authentication(d, at + LENGTH);
}

function authentication(d: Dissector, at: number): void {
  d.need(at, 4);
  const type = d.u8(at);
  const length = d.u8(at + 1);
  d.put(`\n\tAuthentication: ${word(authenticationWords, type, () => 'Unknown')} (${type}), length: ${length}`);
  d.put(`\n\t  Auth Key ID: ${d.u8(at + 2)}`);
  const wrong = () => d.put(`[invalid length ${length}]`);
  switch (type) {
    case 1:
      if (length < 4 || length > 19) return wrong();
      d.put(', Password: ');
      for (let i = 3; i < length; i++) d.char(d.u8(at + i));
      return;
    case 2:
    case 3:
      return length === 24 ? digest(d, at, 'Digest', 16) : wrong();
    case 4:
    case 5:
      return length === 28 ? digest(d, at, 'Hash', 20) : wrong();
  }
}

function digest(d: Dissector, at: number, name: string, bytes: number): void {
  d.put(`, Sequence Number: ${hex0x(d.be32(at + 4), 8)}`);
  d.need(at + 8, bytes);
  d.put(`\n\t  ${name}: `);
  for (let i = 0; i < bytes; i++) d.put(d.hexOf(at + 8 + i, 1));
}

export const bfdPort: PortPrinter = { ports: [CONTROL, ECHO, MULTIHOP, LAG], print: bfd };
