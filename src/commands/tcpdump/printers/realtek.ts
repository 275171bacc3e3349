// Realtek's protocols of remote configuration and loop detection.
import type { Dissector, LinkAddresses } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';
import type { EthertypePrinter } from './registry-types.js';

const operationWords: Words = {
  0: 'hello',
  1: 'get',
  2: 'set',
};

const CONTROL = 0x01;
const ECHO = 0x02;
const LOOP_DETECTION = [0x03, 0x23];
const CHIP_TAG = 0x04;
const HELLO = 0;

function realtek(d: Dissector, at: number, { source, destination }: LinkAddresses): void {
  d.protocol = 'rtl';
  if (source >= 0) d.put(`${d.mac(source)} > ${d.mac(destination)}, `);
  const protocol = d.u8(at);
  if (protocol === CONTROL) return control(d, at);
  if (protocol === ECHO) d.put('REP');
  else if (LOOP_DETECTION.includes(protocol)) d.put('RLDP');
  else if (protocol === CHIP_TAG) d.put('Realtek 8-byte DSA tag');
  else if ((protocol & 0xf0) === 0x90) d.put('Realtek RTL8306 4-byte DSA tag');
  else if ((protocol & 0xf0) === 0xa0) d.put('Realtek RTL8366RB 4-byte DSA tag');
  else d.put(`Realtek unknown type ${hex0x(protocol, 2)}`);
}

function control(d: Dissector, at: number): void {
  d.protocol = 'rrcp';
  const code = d.u8(at + 1);
  const reply = (code & 0x80) !== 0;
  const operation = code & 0x7f;
  const registers = operation === 1 || operation === 2;
  d.put(`RRCP ${reply ? 'reply' : 'query'}: ${word(operationWords, operation, (n) => `unknown opcode (${hex0x(n, 2)})`)}`);
  if (registers) d.put(` addr=${hex0x(d.le16(at + 4), 4)}, data=${hex0x(d.le32(at + 6), 8)}`);
  d.put(`, auth=${hex0x(d.be16(at + 2), 4)}`);
  if (operation === HELLO && reply) {
    d.put(` downlink_port=${d.u8(at + 4)}, uplink_port=${d.u8(at + 5)}, uplink_mac=${d.mac(at + 6)}`);
    d.put(`, vendor_id=${d.hexOf(at + 14, 4)} ,chip_id=${d.hexOf(at + 12, 2)} `);
  } else if (registers) d.put(`, cookie=0x${d.hexOf(at + 14, 4)}${d.hexOf(at + 10, 4)} `);
}

export const realtekType: EthertypePrinter = {
  types: [0x8899],
  print: (d, at, _length, _captured, addresses) => realtek(d, at, addresses),
};
