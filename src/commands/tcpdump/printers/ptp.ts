// PTP, IEEE 1588 version 2.
import type { Dissector } from '../dissector.js';
import { type Bits, bits, hex0x, type Words, word } from '../words.js';
import type { EthertypePrinter, PortPrinter } from './registry-types.js';

const messageWords: Words = {
  0: 'sync msg',
  1: 'delay req msg',
  2: 'peer delay req msg',
  3: 'peer delay resp msg',
  8: 'follow up msg',
  9: 'delay resp msg',
  10: 'pdelay resp fup msg',
  11: 'announce msg',
  12: 'signalling msg',
  13: 'management msg',
};

const controlWords: Words = {
  0: 'Sync',
  1: 'Delay_Req',
  2: 'Follow_Up',
  3: 'Delay_Resp',
  4: 'Management',
  5: 'Other',
};

const flagBits: Bits = [
  [0x1, 'l1 61'],
  [0x2, 'l1 59'],
  [0x4, 'utc reasonable'],
  [0x8, 'timescale'],
  [0x10, 'time tracable'],
  [0x20, 'frequency tracable'],
  [0x100, 'alternate master'],
  [0x200, 'two step'],
  [0x400, 'unicast'],
  [0x1000, 'profile specific 1'],
  [0x2000, 'profile specific 2'],
  [0x4000, 'security mask'],
  [0x18c0, 'unknown'],
];

const HEADER = 34;
const ORIGIN = 'originTimeStamp';
const PRECISE = 'preciseOriginTimeStamp';
const RECEIVE = 'receiveTimeStamp';

function ptp(d: Dissector, at: number, length: number): void {
  d.protocol = 'ptp';
  if (length < HEADER) return d.invalid();
  const version = d.u8(at + 1);
  d.put(`PTPv${version}`);
  if (version === 1) d.put(' (not implemented)');
  else if (version === 2) second(d, at);
}

function second(d: Dissector, at: number): void {
  const first = d.u8(at);
  const type = first & 0xf;
  d.put(`, v1 compat : ${(first & 0x10) === 0 ? 'no' : 'yes'}, msg type : ${word(messageWords, type, () => 'Reserved')}`);
  d.put(`, length : ${d.be16(at + 2)}, domain : ${d.u8(at + 4)}, reserved1 : ${d.u8(at + 5)}`);
  d.put(`, Flags [${bits(flagBits, d.be16(at + 6))}], NS correction : ${d.be48(at + 8)}, sub NS correction : ${d.be16(at + 14)}`);
  d.put(`, reserved2 : ${d.be32(at + 16)}, clock identity : ${hex0x(d.be64(at + 20))}, port id : ${d.be16(at + 28)}`);
  const control = d.u8(at + 32);
  d.put(`, seq id : ${d.be16(at + 30)}, control : ${control} (${word(controlWords, control, () => 'Reserved')})`);
  d.put(`, log message interval : ${d.be16(at + 32) & 0xff}`);
  message(d, type, at + HEADER);
}

const port = (d: Dissector, at: number) => d.put(`, port identity : ${hex0x(d.be64(at))}, port id : ${d.be16(at + 8)}`);

function time(d: Dissector, at: number, name: string, withPort = false): void {
  d.put(`, ${name} : ${d.be48(at)} seconds, ${d.be32(at + 6)} nanoseconds`);
  if (withPort) port(d, at + 10);
}

function message(d: Dissector, type: number, at: number): void {
  switch (type) {
    case 0:
    case 1:
      return time(d, at, ORIGIN);
    case 2:
      return time(d, at, PRECISE, true);
    case 3:
      return time(d, at, RECEIVE, true);
    case 8:
      return time(d, at, PRECISE);
    case 9:
      return time(d, at, RECEIVE, true);
    case 10:
      return time(d, at, PRECISE, true);
    case 11:
      return announce(d, at);
    case 12:
      return port(d, at);
    case 13: {
      port(d, at);
      // As tcpdump: each is the first byte of what the port identity is.
      const value = d.u8(at);
      d.put(`, , start boundary hops  ${value}, , boundary hops  ${value}, , flags  ${hex0x(value)}, , reserved  ${hex0x(value)}`);
    }
  }
}

function announce(d: Dissector, at: number): void {
  d.put(`, ${ORIGIN} : ${d.be48(at)} seconds ${d.be32(at + 6)} nanoseconds, origin cur utc :${d.be16(at + 10)}, rsvd : ${d.u8(at + 12)}`);
  d.put(`, gm priority_1 : ${d.u8(at + 13)}, gm clock class : ${d.u8(at + 14)}, gm clock accuracy : ${d.u8(at + 15)}`);
  d.put(`, gm clock variance : ${d.be16(at + 16)}, gm priority_2 : ${d.u8(at + 18)}, gm clock id : ${hex0x(d.be64(at + 19))}`);
  d.put(`, steps removed : ${d.be16(at + 27)}, time source : ${hex0x(d.u8(at + 29))}`);
}

export const ptpPort: PortPrinter = { ports: [319, 320], type: 'ptp', print: ptp };
export const ptpType: EthertypePrinter = { types: [0x88f7], print: ptp };
