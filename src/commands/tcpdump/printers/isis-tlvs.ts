// TLVs of IS-IS: ISO 10589, RFC 1195, 5120, 5303 to 5308, 6232, 7981, 8202 and others.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { organisations } from '../names.js';
import { type Bits, bits, hex0x, type Words, word } from '../words.js';
import { nsap } from './bgp-words.js';
import { isisId } from './isis-id.js';
import { capabilitySubTlv, linkSubTlv, linkSubTlvHead, portSubTlvs, prefixSubTlv, topologySubTlvs } from './isis-subtlvs.js';

const SYSTEM_ID = 6;
const NODE_ID = 7;
const LSP_ID = 8;

const tlvWords: Words = {
  1: 'Area address(es)',
  2: 'IS Reachability',
  3: 'ES Neighbor(s)',
  4: 'Partition DIS',
  5: 'Prefix Neighbors',
  6: 'IS Neighbor(s)',
  7: 'Instance Identifier',
  8: 'Padding',
  9: 'LSP entries',
  10: 'Authentication',
  12: 'Checksum',
  13: 'Purge Originator Identifier',
  14: 'LSP Buffersize',
  22: 'Extended IS Reachability',
  24: 'IS Alias ID',
  42: 'DECnet Phase IV',
  66: 'Lucent Proprietary',
  128: 'IPv4 Internal Reachability',
  129: 'Protocols supported',
  130: 'IPv4 External Reachability',
  131: 'Inter-Domain Information Type',
  132: 'IPv4 Interface address(es)',
  133: 'IPv4 authentication (deprecated)',
  134: 'Traffic Engineering Router ID',
  135: 'Extended IPv4 Reachability',
  137: 'Hostname',
  138: 'Shared Risk Link Group',
  143: 'Multi-Topology-Aware Port Capability',
  144: 'Multi-Topology Capability',
  176: 'Nortel Proprietary',
  177: 'Nortel Proprietary',
  211: 'Restart Signaling',
  222: 'Multi Topology IS Reachability',
  229: 'Multi Topology',
  232: 'IPv6 Interface address(es)',
  235: 'Multi-Topology IPv4 Reachability',
  236: 'IPv6 reachability',
  237: 'Multi-Topology IP6 Reachability',
  240: 'Point-to-point Adjacency State',
  241: 'Hello PDU Sequence Number',
  242: 'IS-IS Router Capability',
  250: 'Vendor Private',
};
const nlpidWords: Words = {
  0x08: 'Q.933',
  0x09: 'LMI',
  0x80: 'SNAP',
  0x81: 'CLNP',
  0x82: 'ES-IS',
  0x83: 'IS-IS',
  0x8e: 'IPv6',
  0xb1: 'FRF.15',
  0xb0: 'FRF.12',
  0xc1: 'ISIS_SPB',
  0xcc: 'IPv4',
  0xcf: 'PPP',
  0: 'NULL',
};
const adjacencyWords: Words = { 0: 'Up', 1: 'Initializing', 2: 'Down' };
const domainWords: Words = { 0: 'Reserved', 1: 'Routing-Domain Specific', 2: 'AS Number Tag' };
const restartBits: Bits = [
  [0x01, 'Restart Request'],
  [0x02, 'Restart Acknowledgement'],
  [0x04, 'Suppress adjacency advertisement'],
];
const capabilityBits: Bits = [
  [0x01, 'S bit'],
  [0x02, 'D bit'],
];
const topologyBits: Bits = [
  [0x4000, 'ATT bit set'],
  [0x8000, 'Overload bit set'],
];
const topologyWords: Words = { 0: 'IPv4 unicast', 1: 'In-Band Management', 2: 'IPv6 unicast', 3: 'Multicast' };

/** `length` bytes of TLVs in a packet that ends at `packetEnd`, which may be before. */
export function isisTlvs(d: Dissector, from: number, length: number, packetEnd: number): void {
  let left = length;
  for (let at = from; left > 0 && at !== packetEnd; ) {
    if (left < 2) return d.need(at, 2);
    const type = d.u8(at);
    const size = d.u8(at + 1);
    at += 2;
    left -= 2;
    d.put(`\n\t    ${word(tlvWords, type, () => 'unknown')} TLV #${type}, length: ${size}`);
    if (size > left || at + size > packetEnd) return d.truncated();
    const body = bodies[type];
    if (body !== undefined) {
      if (body(d, at, size) === false) return;
    } else if (d.options.verbose <= 1) d.unknown(at, '\n\t\t', size);
    if (d.options.verbose > 1) d.unknown(at, '\n\t      ', size);
    at += size;
    left -= size;
  }
}

/** False: the packet is not looked at any further. */
type Body = (d: Dissector, at: number, length: number) => unknown;

/** Entries of `size` bytes, as many as fit. */
const each =
  (size: number, show: (d: Dissector, at: number) => void): Body =>
  (d, at, length) => {
    let i = 0;
    for (; i + size <= length; i += size) show(d, at + i);
  };

const topology = (id: number) => {
  const number = id & 0xfff;
  const name = topologyWords[number] ?? (number < 3996 ? 'Reserved for IETF Consensus' : 'Development, Experimental or Proprietary');
  return `${name} Topology (${hex0x(number, 3)})`;
};
const topologyLine = (d: Dissector, at: number) =>
  d.put(`\n\t      ${topology(d.be16(at))}, Flags: [${bits(topologyBits, d.be16(at) & 0xf000)}]`);

/** Default, delay, expense and error of ISO 10589, where they are said. */
function metricBlock(d: Dissector, at: number): void {
  const value = d.u8(at);
  d.put(`, Default Metric: ${value & 0x3f}, ${(value & 0x40) !== 0 ? 'External' : 'Internal'}`);
  for (const [i, name] of ['Delay', 'Expense', 'Error'].entries()) {
    const further = d.u8(at + 1 + i);
    if (further < 0x80) d.put(`\n\t\t  ${name} Metric: ${further & 0x3f}, ${(further & 0x40) !== 0 ? 'External' : 'Internal'}`);
  }
}

/** A neighbour with sub-TLVs behind it; its length, or 0: cut. */
function extendedNeighbour(d: Dissector, at: number, left: number, indent: string): number {
  if (left < 11) return short();
  d.put(`${indent}IS Neighbor: ${isisId(d, at, NODE_ID)}, Metric: ${d.be24(at + 7)}`);
  const size = d.u8(at + 10);
  d.put(`${size === 0 ? ', no' : ','} sub-TLVs present`);
  if (size === 0) return 11;
  d.put(` (${size})`);
  if (!neighbourSubTlvs(d, at + 11, size, left - 11, indent)) return left;
  if (11 + size > left) {
    d.put(` [remaining tlv length ${left} < ${11 + size}]`);
    return -1;
  }
  return 11 + size;
}

/** False: the TLV ends before them. */
function neighbourSubTlvs(d: Dissector, from: number, length: number, available: number, indent: string): boolean {
  let left = length;
  for (let at = from; left > 0; ) {
    if (available - (length - left) < 2) {
      d.put(`${indent}  Remaining data in TLV shorter than a subTLV header`);
      return false;
    }
    if (left < 2) {
      d.put(`${indent}  Remaining data in subTLVs shorter than a subTLV header`);
      return true;
    }
    const type = d.u8(at);
    const size = d.u8(at + 1);
    at += 2;
    left -= 2;
    linkSubTlvHead(d, type, size, `${indent}  `);
    if (size > left) {
      d.put(' (remaining data in subTLVs shorter than the current subTLV)');
      return true;
    }
    if (!linkSubTlv(d, type, at, size)) return true;
    at += size;
    left -= size;
  }
  return true;
}

/** A TLV that is shorter than what it holds: the packet ends with it. */
function short(): never {
  throw TRUNCATED;
}

/** Nothing behind it can be found. */
function cutHere(): never {
  throw TRUNCATED;
}

const neighbours =
  (skip: number): Body =>
  (d, at, length) => {
    if (skip > 0) {
      topologyLine(d, at);
    }
    for (let i = skip; i < length; ) {
      const used = extendedNeighbour(d, at + i, length - i, '\n\t      ');
      if (used < 0) return d.invalid();
      i += used;
    }
  };

/** RFC 5305 4, RFC 5308: a prefix with a metric of 32 bits. Its length; 0: illegal. */
function extendedPrefix(d: Dissector, at: number, indent: string, family: 4 | 6): number {
  const metric = d.be32(at);
  const control = d.u8(at + 4);
  const bitLength = family === 4 ? control & 0x3f : d.u8(at + 5);
  const header = family === 4 ? 5 : 6;
  const size = family === 4 ? 4 : 16;
  if (bitLength > size * 8) {
    d.put(`${indent}IPv${family} prefix: bad bit length ${bitLength}`);
    return cutHere();
  }
  const bytes = (bitLength + 7) >>> 3;
  d.need(at + header, bytes);
  const address = new Uint8Array(16);
  for (let i = 0; i < bytes; i++) address[i] = d.u8(at + header + i);
  const text = d.names.address(address, 0, size);
  d.put(`${indent}IPv${family} prefix: ${family === 4 ? text.padStart(15) : text}/${bitLength}`);
  d.put(`, Distribution: ${(control & 0x80) !== 0 ? 'down' : 'up'}, Metric: ${metric}`);
  if (family === 6) d.put(`, ${(control & 0x40) !== 0 ? 'External' : 'Internal'}`);
  const hasSubTlvs = family === 4 ? (control & 0x40) !== 0 : (control & 0x20) !== 0;
  let used = header + bytes;
  if (!hasSubTlvs) return used;
  const length = d.u8(at + used);
  used++;
  d.put(`, sub-TLVs present (${length})`);
  // What is longer than its room runs on until the capture ends.
  for (let p = at + used, left = length; left !== 0; ) {
    const type = d.u8(p);
    const value = d.u8(p + 1);
    if (!prefixSubTlv(d, type, p + 2, value, `${indent}  `)) return cutHere();
    p += 2 + value;
    left -= 2 + value;
  }
  return used + length;
}

const prefixes =
  (skip: number, family: 4 | 6): Body =>
  (d, at, length) => {
    if (skip > 0) topologyLine(d, at);
    for (let i = skip; i < length; ) {
      const used = extendedPrefix(d, at + i, '\n\t      ', family);
      if (used > length - i) {
        d.put(` [remaining tlv length ${length - i} < ${used}]`);
        d.invalid();
        break;
      }
      i += used;
    }
  };

/** RFC 1195 4.4. */
const oldPrefixes: Body = (d, at, length) => {
  for (let i = 0; i < length; i += 12) {
    if (length - i < 12) {
      d.put(`short IPv4 Reachability (${length - i} vs 12)`);
      return false;
    }
    const p = at + i;
    const mask = d.be32(p + 8);
    let bitLength = -1;
    for (let n = 32; n >= 0; n--) if ((n === 0 ? 0 : (0xffffffff << (32 - n)) >>> 0) === mask) bitLength = n;
    if (bitLength < 0) d.put(`\n\t      IPv4 prefix: ${d.ip(p + 4)} mask ${d.ip(p + 8)}`);
    else d.put(`\n\t      IPv4 prefix: ${d.ip(p + 4).padStart(15)}/${bitLength}`);
    const metric = d.u8(p);
    d.put(
      `, Distribution: ${(metric & 0x80) !== 0 ? 'down' : 'up'}, Metric: ${metric & 0x3f}, ${(metric & 0x40) !== 0 ? 'External' : 'Internal'}`,
    );
    for (const [k, name] of ['Delay', 'Expense', 'Error'].entries()) {
      const value = d.u8(p + 1 + k);
      if (value < 0x80) d.put(`\n\t        ${name} Metric: ${value & 0x3f}, ${(value & 0x40) !== 0 ? 'External' : 'Internal'}`);
    }
  }
  return true;
};

const bodies: Readonly<Record<number, Body>> = {
  1: (d, at, length) => {
    for (let i = 0; i < length; ) {
      const size = d.u8(at + i);
      if (size > length - i - 1) return;
      d.put(`\n\t      Area address (length: ${size}): ${nsap(d, at + i + 1, size)}`);
      i += 1 + size;
    }
  },
  2: (d, at, length) => {
    if (length === 0) return;
    const virtual = d.u8(at);
    d.put(`\n\t      ${virtual === 0 ? 'IsNotVirtual' : virtual === 1 ? 'IsVirtual' : `bogus virtual flag ${hex0x(virtual, 2)}`}`);
    for (let i = 1; i < length; i += 11) {
      if (length - i < 11) return;
      d.put(`\n\t      IS Neighbor: ${isisId(d, at + i + 4, NODE_ID)}`);
      metricBlock(d, at + i);
    }
  },
  3: each(10, (d, at) => {
    d.put(`\n\t      ES Neighbor: ${isisId(d, at + 4, SYSTEM_ID)}`);
    metricBlock(d, at);
  }),
  4: each(SYSTEM_ID, (d, at) => d.put(`\n\t      ${isisId(d, at, SYSTEM_ID)}`)),
  5: (d, at, length) => {
    if (length < 4) return;
    d.put('\n\t      Metric Block');
    metricBlock(d, at);
    for (let i = 4; i < length; ) {
      const nibbles = d.u8(at + i);
      const bytes = nibbles >>> 1;
      if (nibbles < 2) return d.put(`\n\t\tAddress: prefix length ${nibbles} < 2`);
      if (bytes > length - i - 1) return;
      d.need(at + i + 1, bytes);
      d.put(`\n\t\tAddress: ${nsap(d, at + i + 1, bytes)}/${nibbles * 4}`);
      i += 1 + bytes;
    }
  },
  6: each(6, (d, at) => d.put(`\n\t      SNPA: ${isisId(d, at, SYSTEM_ID)}`)),
  7: (d, at, length) => {
    if (length < 4) return;
    d.put(`\n\t      Instance ID: ${d.be16(at)}, ITIDs(${(length - 2) >>> 1})${length > 2 ? ': ' : ''}`);
    for (let i = 2; i + 2 <= length; i += 2) d.put(`${d.be16(at + i)}${i + 4 <= length ? ', ' : ''}`);
  },
  8: () => undefined,
  9: each(16, (d, at) => {
    d.put(`\n\t      lsp-id: ${isisId(d, at + 2, LSP_ID)}`);
    d.put(`, seq: ${hex0x(d.be32(at + 10), 8)}`);
    d.put(`, lifetime: ${String(d.be16(at)).padStart(5)}s`);
    d.put(`, chksum: ${hex0x(d.be16(at + 14), 4)}`);
  }),
  10: authentication,
  12: (d, at, length) => {
    if (length < 2) return;
    d.put(`\n\t      checksum: ${hex0x(d.be16(at), 4)} `);
    d.put(' (unverified)');
  },
  13: (d, at, length) => {
    const systems = length < 1 ? 0 : d.u8(at);
    if (systems === 0) return d.put(' No system IDs supplied');
    if (length < 7) return;
    d.put(`\n\t      Purge Originator System-ID: ${isisId(d, at + 1, SYSTEM_ID)}`);
    if (systems === 1 || length < 13) return;
    d.put(`\n\t      Received from System-ID: ${isisId(d, at + 7, SYSTEM_ID)}`);
  },
  14: (d, at, length) => {
    if (length >= 2) d.put(`\n\t      LSP Buffersize: ${d.be16(at)}`);
  },
  22: neighbours(0),
  24: (d, at, length) => {
    for (let i = 0; i < length; ) {
      if (length - i < 8) return short();
      d.put(`\n\t      IS Neighbor: ${isisId(d, at + i, NODE_ID)}`);
      const size = d.u8(at + i + 7);
      d.put(`${size === 0 ? ', no' : ','} sub-TLVs present`);
      if (size > 0) {
        d.put(` (${size})`);
        if (!neighbourSubTlvs(d, at + i + 8, size, length - i - 8, '\n\t      ')) return;
      }
      if (8 + size > length - i) {
        d.put(` [remaining tlv length ${length - i} < ${8 + size}]`);
        return d.invalid();
      }
      i += 8 + size;
    }
  },
  128: oldPrefixes,
  129: (d, at, length) => {
    d.put('\n\t      NLPID(s): ');
    for (let i = 0; i < length; i++)
      d.put(`${word(nlpidWords, d.u8(at + i), () => 'unknown')} (${hex0x(d.u8(at + i), 2)})${i + 1 < length ? ', ' : ''}`);
  },
  130: oldPrefixes,
  131: (d, at, length) => {
    if (length < 1) return;
    const type = d.u8(at);
    d.put(`\n\t      Inter-Domain Information Type: ${word(domainWords, type, (n) => `Unknown (${hex0x(n, 2)})`)}`);
    if (type === 2) {
      if (length < 3) return;
      d.put(`AS Number: ${d.be16(at + 1)}`);
    } else d.unknown(at + 1, '\n\t      ', length - 1);
  },
  132: each(4, (d, at) => d.put(`\n\t      IPv4 interface address: ${d.ip(at)}`)),
  134: (d, at, length) => {
    if (length >= 4) d.put(`\n\t      Traffic Engineering Router ID: ${d.ip(at)}`);
  },
  135: prefixes(0, 4),
  137: (d, at, length) => {
    d.put('\n\t      Hostname: ');
    d.charsToZero(at, length);
  },
  138: (d, at, length) => {
    if (length < 8) return;
    d.put(`\n\t      IS Neighbor: ${isisId(d, at, NODE_ID)}, Flags: [${(d.u8(at + 7) & 1) !== 0 ? 'numbered' : 'unnumbered'}]`);
    if (length < 12) return;
    d.put(`\n\t      IPv4 interface address: ${d.ip(at + 8)}`);
    if (length < 16) return;
    d.put(`\n\t      IPv4 neighbor address: ${d.ip(at + 12)}`);
    for (let i = 16; i < length; i += 4) {
      if (length - i < 4) return;
      d.put(`\n\t      Link-ID: ${hex0x(d.be32(at + i), 8)}`);
    }
  },
  143: (d, at, length) => {
    if (length < 2) return;
    d.put(`\n\t       RES: ${d.be16(at) >>> 12}, MTID(s): ${d.be16(at) & 0xfff}`);
    if (length > 2) portSubTlvs(d, at + 2, length - 2);
  },
  144: (d, at, length) => {
    if (length < 2) return;
    const first = d.be16(at);
    d.put(`\n\t      O: ${first >>> 15}, RES: ${(first >>> 12) & 7}, MTID(s): ${first & 0xfff}`);
    if (length > 2) topologySubTlvs(d, at + 2, length - 2);
  },
  211: (d, at, length) => {
    if (length < 1) return;
    d.put(`\n\t      Flags [${bits(restartBits, d.u8(at))}]`);
    if (length >= 3) d.put(`, Remaining holding time ${d.be16(at + 1)}s`);
    if (length === 9) d.put(`, for ${isisId(d, at + 3, SYSTEM_ID)}`);
  },
  222: neighbours(2),
  229: each(2, topologyLine),
  232: each(16, (d, at) => d.put(`\n\t      IPv6 interface address: ${d.ip6(at)}`)),
  235: prefixes(2, 4),
  236: prefixes(0, 6),
  237: prefixes(2, 6),
  240: (d, at, length) => {
    if (length < 1) return;
    d.put(`\n\t      Adjacency State: ${word(adjacencyWords, d.u8(at), () => 'unknown')} (${d.u8(at)})`);
    if (length > 5) d.put(`\n\t      Extended Local circuit-ID: ${hex0x(d.be32(at + 1), 8)}`);
    if (length >= 11) d.put(`\n\t      Neighbor System-ID: ${isisId(d, at + 5, SYSTEM_ID)}`);
    // The real tool shows it of a TLV that ends with the local one, too.
    if (length >= 15 || length === 5) d.put(`\n\t      Neighbor Extended Local circuit-ID: ${hex0x(d.be32(at + 11), 8)}`);
  },
  241: (d, at, length) => {
    if (length >= 4) d.put(`\n\t      Sequence number: ${d.be32(at)}`);
  },
  242: (d, at, length) => {
    if (length < 5) {
      d.put(` [object length ${length} < 5]`);
      return d.invalid();
    }
    d.put(`\n\t      Router-ID ${d.ip(at)}, Flags [${bits(capabilityBits, d.u8(at + 4))}]`);
    for (let i = 5; i + 2 <= length; ) {
      const type = d.u8(at + i);
      const size = d.u8(at + i + 1);
      if (i + 2 + size > length) return;
      capabilitySubTlv(d, type, at + i + 2, size);
      i += 2 + size;
    }
  },
  250: (d, at, length) => {
    if (length < 3) return;
    d.put(`\n\t      Vendor: ${word(organisations, d.be24(at), () => 'Unknown')} (${d.be24(at)})`);
    if (length > 3) d.unknown(at + 3, '\n\t\t', length - 3);
  },
};

function authentication(d: Dissector, at: number, length: number): void {
  if (length < 1) return;
  const type = d.u8(at);
  const names: Words = {
    1: 'simple text password',
    3: 'Generic Crypto key-id',
    54: 'HMAC-MD5 password',
    255: 'Routing Domain private password',
  };
  d.put(`\n\t      ${word(names, type, (n) => `unknown Authentication type ${hex0x(n, 2)}`)}: `);
  switch (type) {
    case 1:
      for (let i = 1; i < length; i++) d.char(d.u8(at + i));
      return;
    case 54:
      for (let i = 1; i < length; i++) d.put(d.hexOf(at + i, 1));
      if (length !== 17) d.put(', (invalid subTLV) ');
      return d.put(' (unchecked)');
    case 3: {
      d.put(`${d.be16(at + 1)}, password: `);
      for (let i = 3; i < length; i++) d.put(d.hexOf(at + i, 1));
      return;
    }
    default:
      d.unknown(at + 1, '\n\t\t  ', length - 1);
  }
}
