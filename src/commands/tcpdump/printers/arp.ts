// ARP, RFC 826, RARP, RFC 903, and inverse ARP, RFC 2390.
import type { Dissector } from '../dissector.js';
import { ethertypeWords } from '../ethertypes.js';
import { hex0x, type Words, word } from '../words.js';
import type { EthertypePrinter } from './registry-types.js';

const HEADER = 8;
const ETHERTYPE_TRAILER = 0x1000;
const HARDWARE_ATM = 19;

const hardwareWords: Words = {
  1: 'Ethernet',
  6: 'TokenRing',
  7: 'ArcNet',
  15: 'FrameRelay',
  19: 'ATM',
  23: 'Strip',
  24: 'IEEE 1394',
  32: 'InfiniBand',
};
const operationWords: Words = {
  1: 'Request',
  2: 'Reply',
  3: 'Reverse Request',
  4: 'Reverse Reply',
  8: 'Inverse Request',
  9: 'Inverse Reply',
  10: 'NACK Reply',
};

const unknownOperation = (n: number) => `Unknown (${n})`;
const unknownHardware = (n: number) => `Unknown Hardware (${n})`;
const unknownProtocol = (n: number) => `Unknown Protocol (${hex0x(n, 4)})`;

function arp(d: Dissector, at: number, length: number, captured: number): void {
  d.protocol = 'arp';
  d.cutShort(() => body(d, at, length, captured));
}

function body(d: Dissector, at: number, length: number, captured: number): void {
  d.need(at, HEADER);
  const hardware = d.be16(at);
  if (hardware === HARDWARE_ATM) return atm(d, at, length, captured);
  const protocol = d.be16(at + 2);
  const hardwareBytes = d.u8(at + 4);
  const protocolBytes = d.u8(at + 5);
  const operation = d.be16(at + 6);
  const senderHardware = at + HEADER;
  const senderProtocol = senderHardware + hardwareBytes;
  const targetHardware = senderProtocol + protocolBytes;
  const targetProtocol = targetHardware + hardwareBytes;
  d.need(targetProtocol, protocolBytes);
  const { verbose, linkLayer } = d.options;
  if (!linkLayer) d.put('ARP, ');
  const isIp = protocol === 0x0800 || protocol === ETHERTYPE_TRAILER;
  if (!isIp || protocolBytes !== 4 || hardwareBytes === 0 || verbose > 0) {
    d.put(`${word(hardwareWords, hardware, unknownHardware)} (len ${hardwareBytes}), `);
    d.put(`${word(ethertypeWords, protocol, unknownProtocol)} (len ${protocolBytes})`);
    if (verbose === 0) return d.put(`, length ${length}`);
  }
  d.put(`${verbose > 0 ? ', ' : ''}${word(operationWords, operation, unknownOperation)} `);
  const address = (where: number) => (!isIp ? '<wrong proto type>' : protocolBytes !== 4 ? '<wrong len>' : d.ip(where));
  const link = (where: number) => d.names.link(d.bytes, where, hardwareBytes);
  switch (operation) {
    case 1: {
      const known = d.bytes.subarray(targetHardware, targetHardware + hardwareBytes).some((byte) => byte !== 0);
      d.put(`who-has ${address(targetProtocol)}${known ? ` (${link(targetHardware)})` : ''} tell ${address(senderProtocol)}`);
      break;
    }
    case 2:
      d.put(`${address(senderProtocol)} is-at ${link(senderHardware)}`);
      break;
    case 3:
    case 8:
      d.put(`who-is ${link(targetHardware)} tell ${link(senderHardware)}`);
      break;
    case 4:
      d.put(`${link(targetHardware)} at ${address(targetProtocol)}`);
      break;
    case 9:
      d.put(`${link(senderHardware)} at ${address(senderProtocol)}`);
      break;
    default:
      d.hexAndAscii('\n\t', at, captured);
      return;
  }
  d.put(`, length ${length}`);
}

/** RFC 2225: addresses and subaddresses, each with its own length. */
function atm(d: Dissector, at: number, length: number, captured: number): void {
  const HEADER_ATM = 12;
  d.need(at, HEADER_ATM);
  const protocol = d.be16(at + 2);
  const operation = d.be16(at + 6);
  const lengths = [d.u8(at + 4) & 0x3f, d.u8(at + 5) & 0x3f, d.u8(at + 8), d.u8(at + 9) & 0x3f, d.u8(at + 10) & 0x3f, d.u8(at + 11)];
  const places: number[] = [];
  let next = at + HEADER_ATM;
  for (const bytes of lengths) {
    places.push(next);
    next += bytes;
  }
  d.need(places[5]!, lengths[5]!);
  const { verbose, linkLayer } = d.options;
  if (!linkLayer) d.put('ARP, ');
  const isIp = protocol === 0x0800 || protocol === ETHERTYPE_TRAILER;
  if (!isIp || lengths[2] !== 4 || lengths[5] !== 4 || verbose > 0) {
    d.put(`ATM, ${word(ethertypeWords, protocol, unknownProtocol)} (len ${lengths[2]}/${lengths[5]})`);
    if (verbose === 0) return d.put(`, length ${length}`);
  }
  d.put(`${verbose > 0 ? ', ' : ''}${word(operationWords, operation, unknownOperation)} `);
  const address = (index: 2 | 5) =>
    !isIp ? '<wrong proto type>' : lengths[index] !== 4 ? `<wrong ${index === 2 ? 'splen' : 'tplen'}>` : d.ip(places[index]!);
  const link = (index: 0 | 3) => {
    if (lengths[index] === 0) return '<No address>';
    const sub = lengths[index + 1]!;
    const text = d.names.link(d.bytes, places[index]!, lengths[index]!);
    return sub === 0 ? text : `${text},${d.names.link(d.bytes, places[index + 1]!, sub)}`;
  };
  switch (operation) {
    case 1:
      d.put(`who-has ${address(5)}${lengths[3] === 0 ? '' : ` (${link(3)})`} tell ${address(2)}`);
      break;
    case 2:
      d.put(`${address(2)} is-at ${link(0)}`);
      break;
    case 8:
      d.put(`who-is ${link(3)} tell ${link(0)}`);
      break;
    case 9:
      d.put(`${link(0)}at ${address(2)}`);
      break;
    case 10:
      d.put(`for ${address(2)}`);
      break;
    default:
      d.hexAndAscii('\n\t', at, captured);
      return;
  }
  d.put(`, length ${length}`);
}

export const arpType: EthertypePrinter = { types: [0x0806, 0x8035], print: arp };
