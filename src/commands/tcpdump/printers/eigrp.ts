// EIGRP, RFC 7868, and its older relatives for IPX and AppleTalk.
import type { Dissector } from '../dissector.js';
import { type Bits, bits, hex0x, type Words, word } from '../words.js';
import type { IpProtocolPrinter } from './registry-types.js';

const HEADER = 20;
const TLV_HEADER = 4;

const opcodeWords: Words = { 1: 'Update', 3: 'Query', 4: 'Reply', 5: 'Hello', 6: 'IPX SAP', 7: 'Probe' };
const flagBits: Bits = [
  [0x01, 'Init'],
  [0x02, 'Conditionally Received'],
  [0x04, 'Restart'],
  [0x08, 'End-of-Table'],
];
const tlvWords: Words = {
  0x0001: 'General Parameters',
  0x0002: 'Authentication',
  0x0003: 'Sequence',
  0x0004: 'Software Version',
  0x0005: 'Next Multicast Sequence',
  0x0102: 'IP Internal routes',
  0x0103: 'IP External routes',
  0x0202: 'AppleTalk Internal routes',
  0x0203: 'AppleTalk External routes',
  0x0204: 'AppleTalk Cable setup',
  0x0302: 'IPX Internal routes',
  0x0303: 'IPX External routes',
};
const originWords: Words = {
  1: 'IGRP',
  2: 'EIGRP',
  3: 'Static',
  4: 'RIP',
  5: 'Hello',
  6: 'OSPF',
  7: 'IS-IS',
  8: 'EGP',
  9: 'BGP',
  10: 'IDRP',
  11: 'Connected',
};

function eigrp(d: Dissector, at: number, length: number): void {
  d.protocol = 'eigrp';
  d.need(at, HEADER);
  const version = d.u8(at);
  if (version !== 2) return d.put(`EIGRP version ${version} packet not supported`);
  const opcode = d.u8(at + 1);
  if (d.options.verbose === 0) return d.put(`EIGRP ${word(opcodeWords, opcode, () => `unknown (${opcode})`)}, length: ${length}`);
  if (length < HEADER)
    return d.put(`EIGRP ${word(opcodeWords, opcode, (n) => `unknown, type: ${n}`)}, length: ${length} (too short, < ${HEADER})`);
  d.put(`\n\tEIGRP v${version}, opcode: ${word(opcodeWords, opcode, (n) => `unknown, type: ${n}`)} (${opcode})`);
  d.put(`, chksum: ${hex0x(d.be16(at + 2), 4)}, Flags: [${bits(flagBits, d.be32(at + 4))}]`);
  d.put(`\n\tseq: ${hex0x(d.be32(at + 8), 8)}, ack: ${hex0x(d.be32(at + 12), 8)}`);
  d.put(`, VRID: ${d.be16(at + 16)}, AS: ${d.be16(at + 18)}, length: ${length - HEADER}`);
  tlvs(d, at + HEADER, length - HEADER);
}

function tlvs(d: Dissector, from: number, length: number): void {
  let left = length;
  for (let at = from; left > 0; ) {
    d.need(at, TLV_HEADER);
    const type = d.be16(at);
    const size = d.be16(at + 2);
    if (size < TLV_HEADER || size > left) return d.unknown(at + TLV_HEADER, '\n\t    ', left);
    d.put(`\n\t  ${word(tlvWords, type, () => 'Unknown')} TLV (${hex0x(type, 4)}), length: ${size}`);
    const value = at + TLV_HEADER;
    const show = bodies[type];
    if (show !== undefined && size < show.least) d.put(` (too short, < ${show.least})`);
    else {
      d.need(value, size - TLV_HEADER);
      if (show === undefined) {
        if (d.options.verbose <= 1) d.unknown(value, '\n\t    ', size - TLV_HEADER);
      } else show.print(d, value, size - TLV_HEADER);
    }
    if (d.options.verbose > 1) d.unknown(value, '\n\t    ', size - TLV_HEADER);
    at += size;
    left -= size;
  }
}

interface Body {
  /** Length that it has at the least, header included. */
  readonly least: number;
  print(d: Dissector, at: number, length: number): void;
}

const metric = (d: Dissector, delay: number, scale: number) => {
  const delayText = Math.floor(d.be32(delay) / scale);
  const bandwidth = d.be32(delay + 4);
  d.put(`\n\t      delay ${delayText} ms, bandwidth ${bandwidth} Kbps, mtu ${d.be24(delay + 8)}, hop ${d.u8(delay + 11)}`);
  d.put(`, reliability ${d.u8(delay + 12)}, load ${d.u8(delay + 13)}`);
};

const origin = (d: Dissector, router: string, at: number) => {
  d.put(`\n\t      origin-router ${router}, origin-as ${d.be32(at)}, origin-proto `);
};

/** False: its length is no prefix's. */
function prefix(d: Dissector, at: number, nextHop: number): boolean {
  const length = d.u8(at);
  if (length > 32) {
    d.put(`\n\t    illegal prefix length ${length}`);
    return false;
  }
  const bytes = (length + 7) >>> 3;
  d.need(at + 1, bytes);
  let address = 0;
  for (let i = 0; i < 4; i++) address = address * 256 + (i < bytes ? d.u8(at + 1 + i) : 0);
  const hop = d.be32(nextHop) === 0 ? 'self' : d.ip(nextHop);
  d.put(`\n\t    IPv4 prefix: ${d.names.ip(address).padStart(15)}/${length}, nexthop: ${hop}`);
  return true;
}

const cable = (d: Dissector, at: number, hop: number) => {
  const node = d.be32(hop) === 0 ? 'self' : `${d.be16(hop)}.${d.be16(hop + 2)}`;
  d.put(`\n\t     Cable-Range: ${d.be16(at)}-${d.be16(at + 2)}, nexthop: ${node}`);
};

const bodies: Readonly<Record<number, Body>> = {
  0x0001: {
    least: 12,
    print: (d, at) =>
      d.put(
        `\n\t    holdtime: ${d.be16(at + 6)}s, k1 ${d.u8(at)}, k2 ${d.u8(at + 1)}, k3 ${d.u8(at + 2)}, k4 ${d.u8(at + 3)}, k5 ${d.u8(at + 4)}`,
      ),
  },
  0x0004: {
    least: 8,
    print: (d, at) => d.put(`\n\t    IOS version: ${d.u8(at)}.${d.u8(at + 1)}, EIGRP version ${d.u8(at + 2)}.${d.u8(at + 3)}`),
  },
  0x0102: {
    least: 25,
    print(d, at) {
      if (prefix(d, at + 20, at)) metric(d, at + 4, 100);
    },
  },
  0x0103: {
    least: 45,
    print(d, at) {
      if (!prefix(d, at + 40, at)) return;
      origin(d, d.ip(at + 4), at + 8);
      d.put(`${word(originWords, d.u8(at + 22), () => 'unknown')}, flags [${hex0x(d.u8(at + 23), 2)}]`);
      d.put(`, tag ${hex0x(d.be32(at + 12), 8)}, metric ${d.be32(at + 16)}`);
      metric(d, at + 24, 100);
    },
  },
  0x0202: {
    least: 24,
    print(d, at) {
      cable(d, at + 20, at);
      metric(d, at + 4, 100);
    },
  },
  0x0203: {
    least: 40,
    print(d, at) {
      cable(d, at + 36, at);
      origin(d, String(d.be32(at + 4)), at + 8);
      d.put(`${word(originWords, d.u8(at + 18), () => 'unknown')}, flags [${hex0x(d.u8(at + 19), 2)}]`);
      d.put(`, tag ${hex0x(d.be32(at + 12), 8)}, metric ${d.be16(at + 16)}`);
      metric(d, at + 20, 100);
    },
  },
  0x0204: {
    least: 12,
    print: (d, at) => d.put(`\n\t    Cable-range: ${d.be16(at)}-${d.be16(at + 2)}, Router-ID ${d.be32(at + 4)}`),
  },
};

export const eigrpProtocol: IpProtocolPrinter = { protocols: [88], print: eigrp };
