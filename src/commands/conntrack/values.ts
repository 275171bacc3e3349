import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../netlink/nfnl/nfnetlink.js';
import { ipv4Bytes, parseIpv4 } from '../../wire/ipv4-address.js';
import { parseIpv6 } from '../../wire/ipv6-address.js';
import { problem, usageProblem } from './fatal.js';
import { protocolNumber, stateProtocols } from './names.js';
import type { AddressFilter, ConntrackWords } from './words.js';

// What arguments of options mean. Each throws what conntrack says of a wrong one.

export function setCommand(words: ConntrackWords, letter: string, table: string): void {
  if (words.command !== '') throw usageProblem('Invalid commands combination');
  words.command = letter;
  if (table === '') return;
  if (!['conntrack', 'expect', 'dying', 'unconfirmed'].includes(table)) throw usageProblem(`unknown type \`${table}'`);
  words.table = table;
}

/** As strtoul(): decimal, 0x hexadecimal, 0 octal. */
export function number(text: string, what: string): number {
  const value = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : /^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 0 && value <= 0xffff_ffff)) throw usageProblem(`\`${text}' is not a valid ${what}`);
  return value;
}

function address(words: ConntrackWords, text: string): AddressFilter {
  const [host = '', length] = text.split('/');
  const four = parseIpv4(host);
  const bytes = four === null ? parseIpv6(host) : ipv4Bytes(four);
  if (bytes === null) throw usageProblem(`Invalid IP address \`${text}'`);
  const family = bytes.length === 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
  if (words.family !== undefined && words.family !== family) throw usageProblem('mismatched address family');
  words.family = family;
  const prefix = length === undefined ? bytes.length * 8 : Number(length);
  if (!(prefix >= 0 && prefix <= bytes.length * 8)) throw usageProblem(`Invalid IP address \`${text}'`);
  return { bytes, prefix };
}

export function setAddress(
  words: ConntrackWords,
  field: 'originalSource' | 'originalDestination' | 'replySource' | 'replyDestination',
  text: string,
): void {
  words[field] = address(words, text);
}

export function setNat(words: ConntrackWords, which: 'source' | 'destination' | 'any', text: string): void {
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(parseIpv6(text) === null ? text : `${text}`) ?? [];
  const whole = parseIpv6(text) !== null ? text : host;
  words.nat.push({ which, address: whole === '' ? null : address(words, whole).bytes, port: port === undefined ? null : Number(port) });
}

export function setProtocol(words: ConntrackWords, text: string): void {
  words.protocol = protocolNumber(text) ?? unsupported(text);
}

function unsupported(text: string): never {
  throw usageProblem(`\`${text}' unsupported protocol`);
}

export function setFamily(words: ConntrackWords, text: string): void {
  const family = text === 'ipv4' ? NFPROTO_IPV4 : text === 'ipv6' ? NFPROTO_IPV6 : undefined;
  if (family === undefined) throw usageProblem(`\`${text}' unsupported protocol`);
  if (words.family !== undefined && words.family !== family) throw usageProblem('mismatched address family');
  words.family = family;
}

const statuses: ReadonlyMap<string, number> = new Map([
  ['NONE', 0],
  ['UNSET', 0],
  ['UNREPLIED', 0],
  ['EXPECTED', 1 << 0],
  ['SEEN_REPLY', 1 << 1],
  ['ASSURED', 1 << 2],
  ['CONFIRMED', 1 << 3],
  ['SRC_NAT', 1 << 4],
  ['DST_NAT', 1 << 5],
  ['FIXED_TIMEOUT', 1 << 10],
  ['OFFLOAD', 1 << 14],
  ['HW_OFFLOAD', 1 << 15],
]);

export function setStatus(words: ConntrackWords, text: string): void {
  let status = 0;
  for (const name of text.split(',')) {
    const bit = statuses.get(name.toUpperCase());
    if (bit === undefined) throw usageProblem(`Bad parameter \`${text}'`);
    status |= bit;
  }
  words.status = status;
}

export function setMark(words: ConntrackWords, text: string): void {
  const [value = '', mask] = text.split('/');
  words.mark = { value: number(value, 'mark'), mask: mask === undefined ? undefined : number(mask, 'mark') };
}

export function setPort(
  words: ConntrackWords,
  field: 'sourcePort' | 'destinationPort' | 'replySourcePort' | 'replyDestinationPort',
  text: string,
): void {
  // As atoi(3) and htons(3) have it: what is no number is zero, and what is too great loses its upper bits.
  words[field] = (Number.parseInt(text, 10) || 0) & 0xffff;
}

export function setMask(words: ConntrackWords, field: 'sourceMask' | 'destinationMask', text: string): void {
  words[field] = address({ ...words, family: undefined }, text).bytes;
}

const roles = ['client', 'server'];

export function setRole(words: ConntrackWords, text: string): void {
  const role = roles.indexOf(text);
  if (role < 0) throw usageProblem(`unknown DCCP role \`${text}'`);
  words.role = role;
}

/** What could not be understood before all words were read: states by their protocol, and masks of addresses. */
export function settle(words: ConntrackWords): void {
  if (words.stateName !== undefined) {
    const { name, states } = stateProtocols.get(words.protocol ?? 0)!;
    const state = states.indexOf(words.stateName.toUpperCase());
    if (state < 0) throw usageProblem(`unknown ${name} state \`${words.stateName}'`);
    words.state = state;
  }
  if (words.originalSource !== undefined) words.originalSource = { ...words.originalSource, mask: words.sourceMask };
  if (words.originalDestination !== undefined) words.originalDestination = { ...words.originalDestination, mask: words.destinationMask };
}

const choices = (text: string, known: readonly string[]): string[] =>
  text.split(',').map((word) => {
    const found = known.find((name) => name.toLowerCase() === word.toLowerCase());
    if (found === undefined) throw usageProblem(`Bad parameter \`${text}'`);
    return found;
  });

export function setEvents(words: ConntrackWords, text: string): void {
  for (const event of choices(text, ['ALL', 'NEW', 'UPDATES', 'DESTROY'])) words.events.add(event);
}

export const outputs = ['xml', 'extended', 'timestamp', 'id', 'ktimestamp', 'labels', 'userspace', 'save'] as const;

export function setOutput(words: ConntrackWords, text: string): void {
  for (const output of choices(text, outputs)) words.output.add(output);
  if (words.output.has('save') && words.output.size > 1)
    throw problem('cannot combine save output with any other output type, use -o save only');
}
