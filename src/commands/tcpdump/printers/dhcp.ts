// BOOTP, RFC 951, and DHCP, RFC 2131.
import type { Dissector } from '../dissector.js';
import { bits, hex, hex0x, type Words, word } from '../words.js';
import { type OptionForm, options } from './dhcp-options.js';
import type { PortPrinter } from './registry-types.js';

const PAD = 0;
const NETBIOS_NODE = 46;
const OVERLOAD = 52;
const MESSAGE_TYPE = 53;
const PARAMETER_REQUEST = 55;
const CLIENT_ID = 61;
const USER_CLASS = 77;
const CLIENT_FQDN = 81;
const AGENT_INFORMATION = 82;
const CLASSLESS_ROUTE = 121;
const CLASSLESS_ROUTE_MICROSOFT = 249;
const END = 255;
const COOKIE_RFC1048 = 0x63825363;
const COOKIE_CMU = 0x434d5500;

const operationWords: Words = { 1: 'Request', 2: 'Reply' };
const messageWords: Words = {
  1: 'Discover',
  2: 'Offer',
  3: 'Request',
  4: 'Decline',
  5: 'ACK',
  6: 'NACK',
  7: 'Release',
  8: 'Inform',
  10: 'LeaseQuery',
  11: 'LeaseUnassigned',
  12: 'LeaseUnknown',
  13: 'LeaseActive',
};
const nodeWords: Words = { 1: 'b-node', 2: 'p-node', 4: 'm-node', 8: 'h-node' };
const overloadWords: Words = { 1: 'file', 2: 'sname', 3: 'file+sname' };
const hardwareWords: Words = { 1: 'ether', 6: 'ieee802', 7: 'arcnet', 15: 'frelay', 23: 'strip', 24: 'ieee1394' };
const agentWords: Words = { 1: 'Circuit-ID', 2: 'Remote-ID', 6: 'Subscriber-ID' };

function dhcp(d: Dissector, at: number, length: number): void {
  d.protocol = 'bootp';
  const operation = d.u8(at);
  d.put(`BOOTP/DHCP, ${word(operationWords, operation, (n) => `unknown (${hex0x(n, 2)})`)}`);
  const hardware = d.u8(at + 1);
  const hardwareBytes = d.u8(at + 2);
  const ethernet = hardware === 1 && hardwareBytes === 6;
  if (ethernet && operation === 1) d.put(` from ${d.mac(at + 28)}`);
  d.put(`, length ${length}`);
  if (d.options.verbose > 0) d.cutShort(() => fields(d, at, hardware, hardwareBytes, ethernet));
}

function fields(d: Dissector, at: number, hardware: number, hardwareBytes: number, ethernet: boolean): void {
  d.need(at + 8, 2);
  if (hardware !== 1) d.put(`, htype ${hardware}`);
  if (!ethernet) d.put(`, hlen ${hardwareBytes}`);
  if (d.u8(at + 3) !== 0) d.put(`, hops ${d.u8(at + 3)}`);
  if (d.be32(at + 4) !== 0) d.put(`, xid 0x${hex(d.be32(at + 4))}`);
  if (d.be16(at + 8) !== 0) d.put(`, secs ${d.be16(at + 8)}`);
  const flags = d.be16(at + 10);
  d.put(`, Flags [${bits([[0x8000, 'Broadcast']], flags)}]${d.options.verbose > 1 ? ` (${hex0x(flags, 4)})` : ''}`);
  for (const [i, who] of ['Client', 'Your', 'Server', 'Gateway'].entries())
    if (d.be32(at + 12 + i * 4) !== 0) d.put(`\n\t  ${who}-IP ${d.ip(at + 12 + i * 4)}`);
  if (ethernet) d.put(`\n\t  Client-Ethernet-Address ${d.mac(at + 28)}`);
  if (!text(d, 'sname', at + 44, 64) || !text(d, 'file', at + 108, 128)) return;
  const vendor = at + 236;
  const cookie = d.be32(vendor);
  if (cookie === COOKIE_RFC1048) vendorOptions(d, vendor);
  else if (cookie === COOKIE_CMU) cmu(d, vendor);
  else if (cookie !== 0) d.put(`\n\t  Vendor-#0x${hex(cookie)}`);
}

/** False: it does not end, and all is said. */
function text(d: Dissector, name: string, at: number, length: number): boolean {
  if (d.u8(at) === 0) return true;
  d.put(`\n\t  ${name} "`);
  const whole = d.zeroEnded(at, length, d.end) !== 0;
  d.put('"');
  if (!whole) d.truncated();
  return whole;
}

function cmu(d: Dissector, at: number): void {
  d.put(' vend-cmu');
  const flags = d.u8(at + 4);
  if ((flags & ~1) !== 0) d.put(` F:0x${hex(flags)}`);
  const names = [(flags & 1) !== 0 ? 'SM' : 'SM*', 'DG', 'TS1', 'TS2', 'NS1', 'NS2', 'IEN1', 'IEN2'];
  for (const name of ['DG', names[0]!, 'NS1', 'NS2', 'IEN1', 'IEN2', 'TS1', 'TS2']) {
    const field = at + 8 + names.indexOf(name) * 4;
    if (d.be32(field) !== 0) d.put(` ${name}:${d.ip(field)}`);
  }
}

const nameOf = (tag: number) => options[tag]?.[1] ?? 'Unknown';

function vendorOptions(d: Dissector, start: number): void {
  d.put(`\n\t  Vendor-rfc1048 Extensions\n\t    Magic Cookie ${hex0x(d.be32(start), 8)}`);
  const all = d.options.verbose >= 3;
  let at = start + 4;
  while (d.has(at, 1)) {
    const tag = d.u8(at++);
    if (tag === PAD && !all) continue;
    if (tag === END && !all) return;
    const length = tag === PAD || tag === END ? 0 : d.u8(at++);
    d.put(`\n\t    ${nameOf(tag)} (${tag}), length ${length}${length > 0 ? ': ' : ''}`);
    if (tag === PAD) {
      let count = 1;
      for (; d.has(at, 1) && d.u8(at) === PAD; at++) count++;
      if (count > 1) d.put(`, occurs ${count}`);
    }
    d.need(at, length);
    if (tag === MESSAGE_TYPE && length === 1) d.put(word(messageWords, d.u8(at), (n) => `Unknown (${n})`));
    else if (tag === PARAMETER_REQUEST) requested(d, at, length);
    else {
      const used = value(d, tag, at, length);
      if (used < length) d.put(`\n\t  trailing data length ${length - used}`);
    }
    at += length;
  }
}

function requested(d: Dissector, at: number, length: number): void {
  for (let i = 0; i < length; i++) d.put(`${i % 4 === 0 ? '\n\t      ' : ', '}${nameOf(d.u8(at + i))} (${d.u8(at + i)})`);
}

/** Shows an option's value and returns how many of its bytes were used. */
function value(d: Dissector, tag: number, at: number, length: number): number {
  const guess: OptionForm = (length & 1) !== 0 ? 'b' : (length & 2) !== 0 ? 's' : 'l';
  const form = options[tag]?.[0] ?? guess;
  const list = (size: number, one: (where: number) => string, between = ',') => {
    let used = 0;
    for (; length - used >= size; used += size) d.put(`${used > 0 ? between : ''}${one(at + used)}`);
    return used;
  };
  switch (form) {
    case 'a':
      d.put('"');
      d.chars(at, length);
      d.put('"');
      return length;
    case 'i':
      return list(4, (where) => d.ip(where));
    case 'l':
      return list(4, (where) => String(d.be32(where)));
    case 'L':
      return list(4, (where) => String(d.s32(where)));
    case 'p':
      return list(8, (where) => `(${d.ip(where)}:${d.ip(where + 4)})`);
    case 's':
      return list(2, (where) => String(d.be16(where)));
    case 'B':
      return list(1, (where) => ['N', 'Y'][d.u8(where)] ?? `${d.u8(where)}?`);
    case '$':
      return special(d, tag, at, length);
    default:
      return list(1, (where) => String(d.u8(where)), '.');
  }
}

function special(d: Dissector, tag: number, at: number, length: number): number {
  const tooShort = (least: number) => {
    if (length >= least) return false;
    d.put(`[ERROR: length < ${least} bytes]`);
    return true;
  };
  switch (tag) {
    case NETBIOS_NODE:
    case OVERLOAD:
      if (tooShort(1)) return 0;
      d.put(word(tag === OVERLOAD ? overloadWords : nodeWords, d.u8(at)));
      return 1;
    case CLIENT_FQDN:
      if (!tooShort(3)) clientName(d, at, length);
      return length;
    case CLIENT_ID: {
      if (tooShort(1)) return 0;
      const type = d.u8(at);
      if (type === 0) {
        d.put('"');
        d.chars(at + 1, length - 1);
        d.put('"');
      } else d.put(`${word(hardwareWords, type, (n) => `hardware-type ${n},`)} ${d.hexOf(at + 1, length - 1, ':')}`);
      return length;
    }
    case AGENT_INFORMATION:
      return agentInformation(d, at, length);
    case CLASSLESS_ROUTE:
    case CLASSLESS_ROUTE_MICROSOFT:
      if (!tooShort(5)) classlessRoutes(d, at, length);
      return length;
    case USER_CLASS:
      if (!tooShort(2)) userClasses(d, at, length);
      return length;
    default:
      d.put(`[unknown special tag ${tag}, size ${length}]`);
      return length;
  }
}

function clientName(d: Dissector, at: number, length: number): void {
  const flags = d.u8(at);
  if ((flags & 0xf0) !== 0) d.put(`[ERROR: MBZ nibble 0x${hex(flags >>> 4)} != 0] `);
  if ((flags & 0x0f) !== 0) d.put(`[${['S', 'O', 'E', 'N'].filter((_, bit) => (flags & (1 << bit)) !== 0).join('')}] `);
  if (d.u8(at + 1) !== 0 || d.u8(at + 2) !== 0) d.put(`${d.u8(at + 1)}/${d.u8(at + 2)} `);
  d.put('"');
  d.chars(at + 3, length - 3);
  d.put('"');
}

function agentInformation(d: Dissector, start: number, length: number): number {
  let at = start;
  let left = length;
  while (left >= 2) {
    const type = d.u8(at);
    const bytes = d.u8(at + 1);
    at += 2;
    left -= 2;
    const head = `\n\t      ${word(agentWords, type, () => 'Unknown')} SubOption ${type}, length ${bytes}: `;
    if (bytes > left) {
      d.put(`${head}length goes past end of option`);
      return length;
    }
    d.put(head);
    if (agentWords[type] === undefined) d.unknown(at, '\n\t\t', bytes);
    else d.chars(at, bytes);
    at += bytes;
    left -= bytes;
  }
  return length - left;
}

/** RFC 3442 */
function classlessRoutes(d: Dissector, start: number, length: number): void {
  let at = start;
  let left = length;
  while (left > 0) {
    if (at > start) d.put(',');
    const width = d.u8(at++);
    left--;
    if (width > 32) return d.put(`[ERROR: Mask width (${width}) > 32]`);
    const bytes = (width + 7) >>> 3;
    if (left < bytes + 4) return d.put(`[ERROR: Remaining length (${left}) < ${bytes + 4} bytes]`);
    const network = Array.from({ length: 4 }, (_, i) => (i < bytes ? d.u8(at + i) : 0)).join('.');
    d.put(`(${width === 0 ? 'default' : `${network}/${width}`}:${d.ip(at + bytes)})`);
    at += bytes + 4;
    left -= bytes + 4;
  }
}

/** RFC 3004 */
function userClasses(d: Dissector, start: number, length: number): void {
  let at = start;
  let left = length;
  for (let number = 1; left > 0; number++) {
    const bytes = d.u8(at++);
    left--;
    d.put(`\n\t      instance#${number}: `);
    if (bytes === 0) return d.put('[ERROR: suboption length must be non-zero]');
    if (left < bytes) return d.put('[ERROR: invalid option]');
    d.put('"');
    d.chars(at, bytes);
    d.put(`", length ${bytes}`);
    at += bytes;
    left -= bytes;
  }
}

export const dhcpPort: PortPrinter = { ports: [67, 68], print: dhcp };
