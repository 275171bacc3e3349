import { badArguments } from './subcommand.js';

/** Kinds of flows whose hashed fields can be chosen. */
export interface HashFlowType {
  readonly word: string;
  readonly number: number;
  readonly title: string;
}

export const hashFlowTypes: readonly HashFlowType[] = [
  { word: 'tcp4', number: 1, title: 'TCP over IPV4 flows' },
  { word: 'udp4', number: 2, title: 'UDP over IPV4 flows' },
  { word: 'ah4', number: 4, title: 'IPSEC AH/ESP over IPV4 flows' },
  { word: 'esp4', number: 4, title: 'IPSEC AH/ESP over IPV4 flows' },
  { word: 'sctp4', number: 3, title: 'SCTP over IPV4 flows' },
  { word: 'tcp6', number: 5, title: 'TCP over IPV6 flows' },
  { word: 'udp6', number: 6, title: 'UDP over IPV6 flows' },
  { word: 'ah6', number: 8, title: 'IPSEC AH/ESP over IPV6 flows' },
  { word: 'esp6', number: 8, title: 'IPSEC AH/ESP over IPV6 flows' },
  { word: 'sctp6', number: 7, title: 'SCTP over IPV6 flows' },
  { word: 'ether', number: 18, title: 'Ethernet flows' },
];

/** RXH_*: letter, bit and what it is called. */
const fields: readonly (readonly [letter: string, bit: number, text: string])[] = [
  ['m', 1 << 1, 'L2DA'],
  ['v', 1 << 2, 'VLAN tag'],
  ['t', 1 << 3, 'L3 proto'],
  ['s', 1 << 4, 'IP SA'],
  ['d', 1 << 5, 'IP DA'],
  ['f', 1 << 6, 'L4 bytes 0 & 1 [TCP/UDP src port]'],
  ['n', 1 << 7, 'L4 bytes 2 & 3 [TCP/UDP dst port]'],
];
const DISCARD = 2 ** 31;

/** The fields that letters name. */
export function hashFieldsOf(letters: string): number {
  let bits = 0;
  for (const letter of letters) {
    if (letter === 'r') bits = DISCARD;
    else bits += fieldBit(letter, bits);
  }
  return bits;
}

function fieldBit(letter: string, bits: number): number {
  const bit = fields.find(([own]) => own === letter)?.[1] ?? badArguments();
  return (bits & bit) !== 0 ? 0 : bit;
}

/** Linux ethtool: dump_rxfhash() */
export function hashFieldsText({ title }: HashFlowType, bits: number): string {
  if (bits === 0) return `${title} use these fields for computing Hash flow key:\nNone\n\n`;
  if (bits >= DISCARD) return `${title} use these fields for computing Hash flow key:\nAll matching flows discarded on RX\n\n`;
  const lines = fields.filter(([, bit]) => (bits & bit) !== 0).map(([, , text]) => `${text}\n`);
  return `${title} use these fields for computing Hash flow key:\n${lines.join('')}\n`;
}
