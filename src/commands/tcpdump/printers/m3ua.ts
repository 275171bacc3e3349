// M3UA, RFC 4666: signalling of telephone networks over SCTP.
import type { Dissector } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';

const HEADER = 8;
const PARAMETER_HEADER = 4;

interface MessageClass {
  readonly name: string;
  readonly types: Words;
}

const classes: Readonly<Record<number, MessageClass>> = {
  0: { name: 'Management', types: { 0: 'Error', 1: 'Notify' } },
  1: { name: 'Transfer', types: { 1: 'Data' } },
  2: {
    name: 'SS7',
    types: {
      1: 'Destination Unavailable',
      2: 'Destination Available',
      3: 'Destination State Audit',
      4: 'Signalling Congestion',
      5: 'Destination User Part Unavailable',
      6: 'Destination Restricted',
    },
  },
  3: {
    name: 'ASP',
    types: { 1: 'Up', 2: 'Down', 3: 'Heartbeat', 4: 'Up Acknowledgement', 5: 'Down Acknowledgement', 6: 'Heartbeat Acknowledgement' },
  },
  4: { name: 'ASP', types: { 1: 'Active', 2: 'Inactive', 3: 'Active Acknowledgement', 4: 'Inactive Acknowledgement' } },
  9: {
    name: 'Routing Key Management',
    types: { 1: 'Registration Request', 2: 'Registration Response', 3: 'Deregistration Request', 4: 'Deregistration Response' },
  },
};

const parameterWords: Words = {
  0x0004: 'INFO String',
  0x0006: 'Routing Context',
  0x0007: 'Diagnostic Info',
  0x0009: 'Heartbeat Data',
  0x000b: 'Traffic Mode Type',
  0x000c: 'Error Code',
  0x000d: 'Status',
  0x0011: 'ASP Identifier',
  0x0012: 'Affected Point Code',
  0x0013: 'Correlation ID',
  0x0200: 'Network Appearance',
  0x0204: 'User/Cause',
  0x0205: 'Congestion Indications',
  0x0206: 'Concerned Destination',
  0x0207: 'Routing Key',
  0x0208: 'Registration Result',
  0x0209: 'Deregistration Result',
  0x020a: 'Local Routing Key Identifier',
  0x020b: 'Destination Point Code',
  0x020c: 'Service Indicators',
  0x020e: 'Originating Point Code List',
  0x020f: 'Circuit Range',
  0x0210: 'Protocol Data',
  0x0212: 'Registration Status',
  0x0213: 'Deregistration Status',
};
/** Parameters that are one number. The real tool shows their headers instead. */
const numbers = new Set([0x0006, 0x0013, 0x0200, 0x020a]);

export function m3ua(d: Dissector, at: number, length: number): void {
  d.protocol = 'm3ua';
  if (length < HEADER) {
    d.put(`\n\t\t[packet length ${length} < ${HEADER}]`);
    return d.invalid();
  }
  d.need(at, HEADER);
  const kind = d.u8(at + 2);
  const known = classes[kind];
  if (known === undefined) d.put(`\n\t\tUnknown message class ${kind}`);
  else d.put(`\n\t\t${known.name} ${word(known.types, d.u8(at + 3), (n) => `Unknown (${hex0x(n, 2)})`)} Message`);
  const declared = d.be32(at + 4);
  if (declared !== length) return d.put(`\n\t\t\t@@@@@@ Corrupted length ${declared} of message @@@@@@`);
  parameters(d, at + HEADER, length - HEADER);
}

function parameters(d: Dissector, from: number, length: number): void {
  let left = length;
  for (let at = from; left > 0; ) {
    if (left < PARAMETER_HEADER) return d.invalid();
    const tag = d.be16(at);
    const size = d.be16(at + 2);
    d.put(`\n\t\t\t${word(parameterWords, tag, (n) => `Unknown Parameter (${hex0x(n, 4)})`)}: `);
    const aligned = (size + 3) & ~3;
    if (size < PARAMETER_HEADER || aligned > left) return d.invalid();
    d.put(numbers.has(tag) ? hex0x(d.be32(at), 8) : `(length ${size})`);
    at += aligned;
    left -= aligned;
  }
}
