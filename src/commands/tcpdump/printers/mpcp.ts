// Multi-point control protocol of Ethernet passive optical networks, IEEE 802.3ah clause 64.
import type { Dissector } from '../dissector.js';
import { type Bits, bits, type Words, word } from '../words.js';
import type { EthertypePrinter } from './registry-types.js';

const operationWords: Words = {
  1: 'Pause',
  2: 'Gate',
  3: 'Report',
  4: 'Register Request',
  5: 'Register',
  6: 'Register ACK',
};

const grantBits: Bits = [
  [0x8, 'Discovery'],
  [0x10, 'Force Grant #1'],
  [0x20, 'Force Grant #2'],
  [0x40, 'Force Grant #3'],
  [0x80, 'Force Grant #4'],
];

const requestBits: Bits = [
  [0x1, 'Register'],
  [0x3, 'De-Register'],
];

const registerBits: Bits = [
  [0x1, 'Re-Register'],
  [0x2, 'De-Register'],
  [0x3, 'ACK'],
  [0x4, 'NACK'],
];

const reportBits: Bits = [
  [0x1, 'Q0'],
  [0x2, 'Q1'],
  [0x4, 'Q2'],
  [0x8, 'Q3'],
  [0x10, 'Q4'],
  [0x20, 'Q5'],
  [0x40, 'Q6'],
  [0x80, 'Q7'],
];

const acknowledgeBits: Bits = [
  [0x0, 'NACK'],
  [0x1, 'ACK'],
];

const PAUSE = 1;

function mpcp(d: Dissector, at: number, length: number): void {
  d.protocol = 'mpcp';
  const operation = d.be16(at);
  const time = d.be32(at + 2);
  d.put(`MPCP, Opcode ${word(operationWords, operation, (n) => `Unknown (${n})`)}`);
  d.put(`${operation === PAUSE ? '' : `, Timestamp ${time} ticks`}, length ${length}`);
  if (d.options.verbose === 0) return;
  const body = at + 6;
  switch (operation) {
    case PAUSE:
      return;
    case 2:
      return gate(d, body);
    case 3:
      return report(d, body);
    case 4:
      return d.put(`\n\tFlags [ ${bits(requestBits, d.u8(body), 'Reserved')} ], Pending-Grants ${d.u8(body + 1)}`);
    case 5:
      d.put(`\n\tAssigned-Port ${d.be16(body)}, Flags [ ${bits(registerBits, d.u8(body + 2), 'Reserved')} ]`);
      return d.put(`\n\tSync-Time ${d.be16(body + 3)} ticks, Echoed-Pending-Grants ${d.u8(body + 5)}`);
    case 6:
      d.put(`\n\tEchoed-Assigned-Port ${d.be16(body + 1)}, Flags [ ${bits(acknowledgeBits, d.u8(body), 'Reserved')} ]`);
      return d.put(`\n\tEchoed-Sync-Time ${d.be16(body + 3)} ticks`);
    default:
      d.unknown(at, '\n\t', length);
  }
}

function gate(d: Dissector, from: number): void {
  const first = d.u8(from);
  const grants = first & 7;
  d.put(`\n\tGrant Numbers ${grants}, Flags [ ${bits(grantBits, first & ~7, '?')} ]`);
  let at = from + 1;
  for (let n = 1; n <= grants; n++, at += 6) d.put(`\n\tGrant #${n}, Start-Time ${d.be32(at)} ticks, duration ${d.be16(at + 4)} ticks`);
  d.put(`\n\tSync-Time ${d.be16(at)} ticks`);
}

function report(d: Dissector, from: number): void {
  const sets = d.u8(from);
  d.put(`\n\tTotal Queue-Sets ${sets}`);
  let at = from + 1;
  for (let set = 1; set < sets; set++) {
    const bitmap = d.u8(at++);
    d.put(`\n\t  Queue-Set #${sets}, Report-Bitmap [ ${bits(reportBits, bitmap, 'Unknown')} ]`);
    for (let queue = 1, left = bitmap; left !== 0; queue++, left >>>= 1) {
      if ((left & 1) === 0) continue;
      d.put(`\n\t    Q${queue} Report, Duration ${d.be16(at)} ticks`);
      at += 2;
    }
  }
}

export const mpcpType: EthertypePrinter = { types: [0x8808], print: mpcp };
