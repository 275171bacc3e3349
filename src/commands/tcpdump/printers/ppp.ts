// PPP, RFC 1661, with what controls it: LCP, PAP (RFC 1334), CHAP (RFC 1994), the network control protocols, and multilink (RFC 1990).
import type { Dissector } from '../dissector.js';
import { organisations } from '../names.js';
import { bits, hex, hex0x, type Words, word } from '../words.js';
import { chdlc } from './chdlc.js';
import { printEthertype } from './ethernet.js';
import { bacpOption, ccpOption, ip6cpOption, ipcpOption, lcpOption, type OptionPrinter } from './ppp-options.js';
import type { EthertypePrinter, LinkPrinter, Printer } from './registry-types.js';

const LCP = 0xc021;
const ADDRESS_AND_CONTROL = 0xff03;

export const pppWords: Words = {
  0x0021: 'IP',
  0x0023: 'OSI',
  0x0025: 'NS',
  0x0027: 'DECNET',
  0x0029: 'APPLE',
  0x002b: 'IPX',
  0x002d: 'VJC IP',
  0x002f: 'VJNC IP',
  0x0031: 'BRPDU',
  0x0033: 'STII',
  0x0035: 'VINES',
  0x003d: 'MLPPP',
  0x0057: 'IP6',
  0x00fd: 'Compressed',
  0x0201: 'HELLO',
  0x0231: 'LUXCOM',
  0x0233: 'SNS',
  0x0281: 'MPLS',
  0x0283: 'MPLS',
  0x8021: 'IPCP',
  0x8023: 'OSICP',
  0x8025: 'NSCP',
  0x8027: 'DECNETCP',
  0x8029: 'APPLECP',
  0x802b: 'IPXCP',
  0x8033: 'STIICP',
  0x8035: 'VINESCP',
  0x8057: 'IP6CP',
  0x80fd: 'CCP',
  0x8281: 'MPLSCP',
  0xc021: 'LCP',
  0xc023: 'PAP',
  0xc025: 'LQM',
  0xc027: 'SPAP',
  0xc02b: 'BACP',
  0xc02d: 'BAP',
  0xc03d: 'MLPPP-CP',
  0xc223: 'CHAP',
  0xc227: 'EAP',
};

const codeWords: Words = {
  0: 'Vendor-Extension',
  1: 'Conf-Request',
  2: 'Conf-Ack',
  3: 'Conf-Nack',
  4: 'Conf-Reject',
  5: 'Term-Request',
  6: 'Term-Ack',
  7: 'Code-Reject',
  8: 'Prot-Reject',
  9: 'Echo-Request',
  10: 'Echo-Reply',
  11: 'Disc-Req',
  12: 'Ident',
  13: 'Time-Rem',
  14: 'Reset-Req',
  15: 'Reset-Ack',
};

const optionsOf: Readonly<Record<number, OptionPrinter>> = {
  [LCP]: lcpOption,
  0x8021: ipcpOption,
  0x8057: ip6cpOption,
  0x80fd: ccpOption,
  0xc02b: bacpOption,
};

/** A packet of LCP or of a network control protocol, from its code on. */
function control(d: Dissector, protocol: number, at: number, captured: number): void {
  const name = word(pppWords, protocol, (n) => `unknown ctrl-proto (${hex0x(n, 4)})`);
  d.put(`${name}, `);
  if (captured < 4) return d.put(`[|${name}]`);
  const code = d.u8(at);
  d.put(`${word(codeWords, code, () => 'Unknown Opcode')} (${hex0x(code, 2)}), id ${d.u8(at + 1)}, length ${captured + 2}`);
  if (d.options.verbose === 0) return;
  const length = d.be16(at + 2);
  if (length < 4) return d.put(`\n\tencoded length ${length} (< 4))`);
  if (length > captured) return d.put(`\n\tencoded length ${length} (> packet length ${captured}))`);
  d.put(`\n\tencoded length ${length} (=Option(s) length ${length - 4})`);
  if (length === 4) return;
  if (d.options.verbose > 1) d.unknown(at - 2, '\n\t', 6);
  const data = at + 4;
  switch (code) {
    case 0:
      if (length < 11) return;
      return d.put(`\n\t  Magic-Num ${hex0x(d.be32(data), 8)} Vendor: ${vendor(d.be24(data + 4))}`);
    case 1:
    case 2:
    case 3:
    case 4:
      return configuration(d, protocol, data, length - 4);
    case 5:
    case 6:
    case 7:
      return;
    case 8: {
      if (length < 6) return;
      const rejected = d.be16(data);
      d.put(`\n\t  Rejected ${word(pppWords, rejected, () => 'unknown')} Protocol (${hex0x(rejected, 4)})`);
      if (length <= 6) return;
      d.put('\n\t  Rejected Packet');
      return d.unknown(data + 2, '\n\t    ', length - 2);
    }
    case 9:
    case 10:
    case 11:
      if (length < 8) return;
      d.put(`\n\t  Magic-Num ${hex0x(d.be32(data), 8)}`);
      if (length <= 8) return;
      d.put('\n\t  -----trailing data-----');
      d.need(data + 4, length - 8);
      return d.unknown(data + 4, '\n\t  ', length - 8);
    case 12:
      if (length < 8) return;
      d.put(`\n\t  Magic-Num ${hex0x(d.be32(data), 8)}`);
      if (length <= 8) return;
      d.put('\n\t  Message\n\t    ');
      if (d.chars(data + 4, length - 4, d.end)) d.put(`[|${name}]`);
      return;
    case 13:
      if (length < 12) return;
      return d.put(`\n\t  Magic-Num ${hex0x(d.be32(data), 8)}, Seconds-Remaining ${d.be32(data + 4)}s`);
    default:
      if (d.options.verbose <= 1) d.unknown(at - 2, '\n\t  ', length + 2);
  }
}

const vendor = (organisation: number) => `${word(organisations, organisation, () => 'Unknown')} (${organisation})`;

function configuration(d: Dissector, protocol: number, from: number, length: number): void {
  const print = optionsOf[protocol];
  if (print === undefined) return;
  let left = length;
  for (let at = from; left > 0; ) {
    const size = print(d, at, left);
    if (size === 0) return;
    if (size > left) {
      d.put(` [remaining options length ${left} < ${size}]`);
      return d.invalid();
    }
    at += size;
    left -= size;
  }
}

const chapWords: Words = { 1: 'Challenge', 2: 'Response', 3: 'Success', 4: 'Fail' };
const papWords: Words = { 1: 'Auth-Req', 2: 'Auth-ACK', 3: 'Auth-NACK' };

/** Code, identifier and length of PAP and CHAP; the end of the packet, or -1 where nothing follows. */
function authenticationHeader(d: Dissector, name: string, words: Words, at: number, length: number): number {
  const short = name.toLowerCase();
  if (length < 1) {
    d.put(`[|${short}]`);
    return -1;
  }
  if (length < 4) {
    d.put(`[|${short} ${hex0x(d.u8(at), 2)}]`);
    return -1;
  }
  const code = d.u8(at);
  d.put(`${name}, ${word(words, code, () => 'unknown')} (${hex0x(code, 2)})`);
  d.put(`, id ${d.u8(at + 1)}`);
  return at + d.be16(at + 2);
}

/** A byte that says how long the text behind it is. True: all of it was there. */
function counted(d: Dissector, at: number, end: number, label: string, show: (at: number) => void): number {
  if (end - at < 1) return -1;
  const size = d.u8(at);
  if (end - (at + 1) < size) return -1;
  d.put(label);
  for (let i = 0; i < size; i++) show(at + 1 + i);
  return at + 1 + size;
}

function chap(d: Dissector, at: number, length: number): void {
  const end = authenticationHeader(d, 'CHAP', chapWords, at, length);
  if (end < 0) return;
  const code = d.u8(at);
  const data = at + 4;
  if (code === 1 || code === 2) {
    const name = counted(d, data, end, ', Value ', (p) => d.put(d.hexOf(p, 1)));
    if (name < 0) return;
    d.put(', Name ');
    for (let p = name; p < end; p++) d.char(d.u8(p));
  } else if (code === 3 || code === 4) {
    d.put(', Msg ');
    for (let p = data; p < end; p++) d.char(d.u8(p));
  }
}

function pap(d: Dissector, at: number, length: number): void {
  d.protocol = 'pap';
  const cut = d.endsEarly(() => {
    const end = authenticationHeader(d, 'PAP', papWords, at, length);
    if (end < 0) return;
    if (end > at + length) return d.put(`, length ${end - at} > packet size`);
    const code = d.u8(at);
    const data = at + 4;
    const show = (p: number) => d.char(d.u8(p));
    if (code === 1) {
      d.need(data, 1);
      const name = counted(d, data, end, ', Peer ', show);
      if (name >= 0) counted(d, name, end, ', Name ', show);
    } else if (code === 2 || code === 3) {
      d.need(data, 1 + d.u8(data));
      counted(d, data, Math.max(end, data + 1 + d.u8(data)), ', Msg ', show);
    }
  });
  if (cut) d.put('[|pap]');
}

const multilinkFlags = [
  [0x8000, 'begin'],
  [0x4000, 'end'],
] as const;

function multilink(d: Dissector, at: number, length: number): void {
  d.protocol = 'mlppp';
  if (!d.options.linkLayer) d.put('MLPPP, ');
  if (length < 2) {
    d.put('[|mlppp]');
    return;
  }
  if (!d.has(at, 2)) return d.put('[|mlppp]');
  const first = d.be16(at);
  d.put(`seq ${hex0x(first & 0x0fff, 3)}, Flags [${bits(multilinkFlags, first & 0xc000)}], length ${length}`);
}

const asEthertype =
  (type: number): Printer =>
  (d, at, length) => {
    if (!printEthertype(d, type, at, length, length, -1, -1)) d.dump(at, length);
  };

const payloads: Readonly<Record<number, Printer>> = {
  0x0021: (d, at, length) => d.registry.ip(d, at, length),
  0x002f: (d, at, length) => d.registry.ip(d, at, length),
  0x0800: (d, at, length) => d.registry.ip(d, at, length),
  0x0057: (d, at, length) => d.registry.ip6(d, at, length),
  0x86dd: (d, at, length) => d.registry.ip6(d, at, length),
  0x002b: asEthertype(0x8137),
  0x0023: (d, at, length) => d.registry.isoclns(d, at, length),
  0x0281: (d, at, length) => d.registry.mpls(d, at, length),
  0x0283: (d, at, length) => d.registry.mpls(d, at, length),
  0x00fd: (d) => d.put('compressed PPP data'),
  0x003d: multilink,
  0xc023: pap,
  0xc223: chap,
  0xc02d: () => undefined,
};
const controlled = new Set([LCP, 0x8021, 0x8023, 0x8057, 0x8281, 0x80fd, 0xc02b]);

const FLAG = 0x7e;
const ESCAPE = 0x7d;

/** A frame in HDLC's framing within a frame, RFC 1662: its bytes are escaped. */
function framed(d: Dissector, at: number, length: number): void {
  const captured = d.left(at);
  if (captured === 0 || length === 0) return;
  const { bytes, view, end } = d;
  const plain = new Uint8Array(captured);
  let count = 0;
  for (let i = 0; i < captured; i++) {
    let byte = bytes[at + i]!;
    if (byte === ESCAPE) {
      if (i + 1 >= captured) break;
      byte = bytes[at + ++i]! ^ 0x20;
    }
    plain[count++] = byte;
  }
  d.bytes = plain;
  d.view = new DataView(plain.buffer);
  d.end = count;
  try {
    unframed(d, count);
  } finally {
    d.bytes = bytes;
    d.view = view;
    d.end = end;
  }
}

function unframed(d: Dissector, length: number): void {
  if (length < 1) return d.truncated();
  const first = d.u8(0);
  if (first === 0x21) return d.registry.ip(d, 1, length - 1);
  if (first === 0x57) return d.registry.ip6(d, 1, length - 1);
  if (length < 2) return d.truncated();
  const header = d.be16(0) === ADDRESS_AND_CONTROL ? 2 : 0;
  if (length < header + 2) return d.truncated();
  const protocol = d.be16(header);
  if (protocol >>> 8 === FLAG) d.put(`(protocol ${hex0x(protocol, 4)} invalid)`);
  else pppPayload(d, protocol, header + 2, length - header - 2);
}

/** What follows PPP's protocol field. */
export function pppPayload(d: Dissector, protocol: number, at: number, length: number): void {
  d.enter();
  if (protocol >>> 8 === FLAG) return framed(d, at - 1, length);
  if (controlled.has(protocol)) return control(d, protocol, at, length);
  const printer = payloads[protocol];
  if (printer !== undefined) return printer(d, at, length);
  d.put(`${word(pppWords, protocol, (n) => `unknown PPP protocol (${hex0x(n, 4)})`)} `);
  d.unknown(at, '\n\t', length);
}

/** A frame from its address field, or from its protocol where that is left out. Returns how long the header was. */
export function ppp(d: Dissector, from: number, givenLength: number): number {
  d.protocol = 'ppp';
  let at = from;
  let length = givenLength;
  const cut = () => {
    d.truncated();
    return 0;
  };
  if (length < 2) return cut();
  const header = d.be16(at);
  if (header === 0x0003 || header === 0x0103 || header === ADDRESS_AND_CONTROL) {
    if (d.options.linkLayer && header !== ADDRESS_AND_CONTROL) d.put(header === 3 ? 'In ' : 'Out ');
    at += 2;
    length -= 2;
  }
  if (length < 2) return cut();
  let protocol = d.u8(at);
  if (protocol % 2 === 1) {
    at++;
    length--;
  } else {
    protocol = d.be16(at);
    at += 2;
    length -= 2;
  }
  if (d.options.linkLayer) {
    const name = pppWords[protocol];
    d.put(`${name ?? 'unknown'} (${hex0x(protocol, 4)}), length ${givenLength}`);
    if (name === undefined) return at - from;
    d.put(': ');
  }
  pppPayload(d, protocol, at, length);
  return at - from;
}

export const pppLink: LinkPrinter = {
  types: [9],
  print: (d, at, length, captured) => {
    d.protocol = 'ppp';
    if (captured < 4) {
      d.truncated();
      return captured;
    }
    ppp(d, at, length);
    return 4;
  },
};

/** Serial lines with HDLC framing: PPP or Cisco's, as the address says. */
export const pppSerialLink: LinkPrinter = {
  types: [50],
  print: (d, at, length, captured) => {
    d.protocol = 'ppp_hdlc';
    if (captured < 2) {
      d.truncated();
      return captured;
    }
    const address = d.u8(at);
    if (address === 0x0f || address === 0x8f) return chdlc(d, at, length);
    const head = `${hex(address, 2)} ${hex(d.u8(at + 1), 2)} ${length} `;
    if (captured < 4) {
      d.truncated();
      return captured;
    }
    if (address !== 0xff) {
      if (d.options.linkLayer) d.put(head);
      // As tcpdump: what is shown are the two bytes behind.
      d.put(`unknown addr ${hex(d.u8(at + 2), 2)}; ctrl ${hex(d.u8(at + 3), 2)}`);
      return 2;
    }
    if (d.options.linkLayer) d.put(head);
    const protocol = d.be16(at + 2);
    d.put(`${word(pppWords, protocol, (n) => `unknown PPP protocol (${hex0x(n, 4)})`)}: `);
    pppPayload(d, protocol, at + 4, length - 4);
    return 4;
  },
};

/** PPP behind an EtherType. */
export const pppType: EthertypePrinter = {
  types: [0x880b],
  print(d, at, length) {
    if (length === 0) return;
    d.put(': ');
    ppp(d, at, length);
  },
};
