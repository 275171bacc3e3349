// HNCP, home networking control over DNCP: RFC 7787 and 7788.
import type { Dissector } from '../dissector.js';
import { hex, type Words, word } from '../words.js';
import { domainName } from './domain.js';
import type { PortPrinter } from './registry-types.js';

const typeWords: Words = {
  1: 'Request network state',
  2: 'Request node state',
  3: 'Node endpoint',
  4: 'Network state',
  5: 'Node state',
  8: 'Peer',
  9: 'Keep-alive interval',
  10: 'Trust-Verdict',
  32: 'HNCP-Version',
  33: 'External-Connection',
  34: 'Delegated-Prefix',
  43: 'Prefix-Policy',
  37: 'DHCPv4-Data',
  38: 'DHCPv6-Data',
  35: 'Assigned-Prefix',
  36: 'Node-Address',
  39: 'DNS-Delegated-Zone',
  40: 'Domain-Name',
  41: 'Node-Name',
  42: 'Managed-PSK',
  65536: 'Reserved',
  65537: 'Unassigned',
  65538: 'Private use',
  65539: 'Future use',
};

const dhcp4Words: Words = {
  6: 'DNS-server',
  42: 'NTP-server',
  119: 'DNS-search',
};

const dhcp6Words: Words = {
  23: 'DNS-server',
  24: 'DNS-search-list',
  31: 'SNTP-servers',
};

const RESERVED = 0x10000;
const UNASSIGNED = 0x10001;
const PRIVATE = 0x10002;
const FUTURE = 0x10003;

function hncp(d: Dissector, at: number, length: number): void {
  d.protocol = 'hncp';
  d.put(`hncp (${length})`);
  tlvs(d, at, length, 1);
}

/** The type itself, or the range it is of. */
function kindOf(type: number): number {
  if (type <= 0xffff && typeWords[type] !== undefined) return type;
  if (type === 0) return RESERVED;
  if (type >= 44 && type <= 511) return UNASSIGNED;
  return type >= 768 && type <= 1023 ? PRIVATE : FUTURE;
}

const line = (d: Dissector, indent: number) => d.put(`\n${'\t'.repeat(indent)}`);

/** TLVs within TLVs; deep ones are only named unless much is to be said. */
function tlvs(d: Dissector, from: number, length: number, indent: number): void {
  const { verbose } = d.options;
  const brief = indent - 1 >= verbose && verbose < 3;
  const names = new Names(d, indent);
  d.enter();
  const cut = d.cutShort(() => {
    for (let i = 0; i < length; ) {
      const at = from + i;
      if (!brief) line(d, indent);
      d.need(at, 4);
      if (i + 4 > length) return invalidAll(d, names);
      const type = d.be16(at);
      const size = d.be16(at + 2);
      d.need(at + 4, size);
      if (i + size + 4 > length) return invalidAll(d, names);
      const kind = kindOf(type);
      if (brief) names.add(kind);
      else {
        d.put(word(typeWords, kind, () => 'Easter Egg (42)'));
        d.put(`${kind > 0xffff ? `: type=${type}` : ''} (${size + 4})`);
        if (bodies[kind]?.(d, at + 4, size, indent + 1) === false) {
          if (kind === 37) return invalidAll(d, names);
          d.invalid();
        }
      }
      i += 4 + ((size + 3) & ~3);
    }
  });
  d.depth--;
  if (!cut && !names.abandoned) names.end();
}

function invalidAll(d: Dissector, names: Names): void {
  names.abandoned = true;
  d.invalid();
}

/** Names of types in a row, with how often each came in succession. */
class Names {
  abandoned = false;
  readonly #d: Dissector;
  readonly #indent: number;
  #first = true;
  #kind = -1;
  #count = 0;

  constructor(d: Dissector, indent: number) {
    this.#d = d;
    this.#indent = indent;
  }

  add(kind: number): void {
    if (kind === this.#kind) {
      this.#count++;
      return;
    }
    this.end();
    this.#kind = kind;
    this.#count = 1;
  }

  end(): void {
    if (this.#count === 0) return;
    if (!this.#first) this.#d.put(', ');
    else if (this.#indent > 1) line(this.#d, this.#indent);
    else this.#d.put(' ');
    this.#first = false;
    this.#d.put(word(typeWords, this.#kind, () => 'Easter Egg'));
    if (this.#count > 1) this.#d.put(` (x${this.#count})`);
  }
}

/** False: its length is wrong. */
type Body = (d: Dissector, at: number, length: number, indent: number) => boolean;

/** A body of exactly `size` bytes. */
const exactly =
  (size: number, text: (d: Dissector, at: number) => string): Body =>
  (d, at, length) => {
    if (length !== size) return false;
    d.put(text(d, at));
    return true;
  };

const node = (d: Dissector, at: number) => d.hexOf(at, 4, ':');
const hex32 = (d: Dissector, at: number) => hex(d.be32(at), 8);
const interval = (value: number) => `${Math.floor(value / 1000)}.${String(value % 1000).padStart(3, '0')}s`;
const isMapped = (d: Dissector, at: number) => d.hexOf(at, 12) === '00000000000000000000ffff';
const address = (d: Dissector, at: number) => (isMapped(d, at) ? d.ip(at + 12) : d.ip6(at));

const nodeState: Body = (d, at, length, indent) => {
  if (length < 20) return false;
  d.put(` NID: ${node(d, at)} seqno: ${d.be32(at + 4)} ${interval(d.be32(at + 8))} hash: ${hex(d.be64(at + 12), 16)}`);
  tlvs(d, at + 20, length - 20, indent);
  return true;
};

/** A prefix behind its length: shows it and says how many bytes it took; -1: its length is impossible, -2: it is cut. */
function prefix(d: Dissector, at: number, room: number): number {
  const bits = d.u8(at);
  if (bits >= 96 && room >= 13 && isMapped(d, at + 1)) {
    const short = bits - 96;
    if (short > 32) return -1;
    const count = (short + 7) >>> 3;
    if (room - 1 < count + 12) return -2;
    d.put(`${d.names.address(masked(d, at + 13, short, 4), 0, 4)}/${short}`);
    return count + 13;
  }
  if (bits > 128) return -1;
  const count = (bits + 7) >>> 3;
  d.need(at + 1, count);
  if (room - 1 < count) return -2;
  d.put(`${d.names.ip6(masked(d, at + 1, bits, 16), 0)}/${bits}`);
  return count + 1;
}

function masked(d: Dissector, at: number, bitCount: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const count = (bitCount + 7) >>> 3;
  for (let i = 0; i < count; i++) bytes[i] = d.u8(at + i);
  if (bitCount % 8 !== 0) bytes[count - 1]! &= 0xff00 >>> (bitCount % 8);
  return bytes;
}

const padded = (count: number) => (count + 3) & ~3;

function rest(d: Dissector, at: number, length: number, used: number, indent: number): boolean {
  const skip = padded(used);
  if (length >= skip) tlvs(d, at + skip, length - skip, indent);
  return true;
}

const delegated: Body = (d, at, length, indent) => {
  if (length < 9 || length < 9 + ((d.u8(at + 8) + 7) >>> 3)) return false;
  d.put(` VLSO: ${interval(d.be32(at))} PLSO: ${interval(d.be32(at + 4))} Prefix: `);
  const used = prefix(d, at + 8, length - 8);
  if (used === -1) {
    d.put('(length is invalid)');
    return true;
  }
  if (used < 0) return false;
  // As tcpdump: the padding is counted of the prefix alone, which is as well for eight bytes before it.
  const skip = used + 8 + (-used & 3);
  if (length >= skip) tlvs(d, at + skip, length - skip, indent);
  return true;
};

const policy: Body = (d, at, length) => {
  if (length < 1) return false;
  const kind = d.u8(at);
  d.put(' type: ');
  if (kind === 0 || kind === 131) {
    if (length !== 1) return false;
    d.put(kind === 0 ? 'Internet connectivity' : 'Restrictive assignment');
  } else if (kind <= 128) {
    d.put('Dest-Prefix: ');
    const used = prefix(d, at, length);
    if (used === -1) d.put('(length is invalid)');
    else if (used < 0) return false;
  } else if (kind === 129) {
    d.put('DNS domain: ');
    labels(d, at + 1, length - 1);
  } else if (kind === 130) {
    d.put('Opaque UTF-8: ');
    d.charsToZero(at + 1, length - 1);
  } else d.put(`Unknown (${kind})`);
  return true;
};

/** Labels without pointers: how many bytes they took; -1: they do not end. */
function labels(d: Dissector, at: number, room: number): number {
  for (let length = 0; length < room; ) {
    const size = d.u8(at + length);
    length++;
    if (size === 0) return length;
    if (length > 1) d.put('.');
    if (length + size > room) {
      d.charsToZero(at + length, room - length);
      break;
    }
    d.charsToZero(at + length, size);
    length += size;
  }
  d.put('[|DNS]');
  return -1;
}

const assigned: Body = (d, at, length, indent) => {
  if (length < 6 || length < 6 + ((d.u8(at + 5) + 7) >>> 3)) return false;
  d.put(` EPID: ${hex32(d, at)} Prty: ${d.u8(at + 4) & 0xf} Prefix: `);
  const used = prefix(d, at + 5, length - 5);
  return used >= 0 && rest(d, at, length, used + 5, indent);
};

const zone: Body = (d, at, length, indent) => {
  if (length < 17) return false;
  const flags = d.u8(at + 16);
  d.put(` IP-Address: ${address(d, at)} ${(flags & 4) === 0 ? '-' : 'l'}${(flags & 2) === 0 ? '-' : 'b'}${(flags & 1) === 0 ? '-' : 's'} `);
  const used = labels(d, at + 17, length - 17);
  return used >= 0 && rest(d, at, length, used + 17, indent);
};

const nodeName: Body = (d, at, length, indent) => {
  if (length < 17) return false;
  const size = d.u8(at + 16);
  if (length < 17 + size) return false;
  d.put(` IP-Address: ${address(d, at)} Name: `);
  if (size < 64) {
    d.put('"');
    d.charsToZero(at + 17, size);
    d.put('"');
  } else d.invalid();
  return rest(d, at, length, size + 17, indent);
};

/** Options of DHCP, as both versions have them: `head` bytes before each body. */
const dhcp =
  (head: 2 | 4, words: Words, size: 4 | 16, servers: readonly number[], search: number): Body =>
  (d, from, length, indent) => {
    if (length === 0) return false;
    for (let i = 0; i < length; ) {
      if (i + head > length) return false;
      const at = from + i;
      const type = head === 2 ? d.u8(at) : d.be16(at);
      const count = head === 2 ? d.u8(at + 1) : d.be16(at + 2);
      const body = at + head;
      line(d, indent);
      d.put(`${word(words, type, () => 'Unknown')} (${count + head})`);
      if (i + head + count > length) return false;
      if (servers.includes(type)) {
        if (count % size !== 0 || (head === 2 && count < size)) {
          if (head === 4) d.invalid();
          return false;
        }
        for (let n = 0; n < count; n += size) d.put(` ${size === 4 ? d.ip(body + n) : d.ip6(body + n)}`);
      } else if (type === search) {
        for (let name = body; name < body + count; ) {
          d.put(' ');
          name = domainName(d, name, name);
        }
      }
      i += head + count;
    }
    return true;
  };

const bodies: Readonly<Record<number, Body>> = {
  1: exactly(0, () => ''),
  2: exactly(4, (d, at) => ` NID: ${node(d, at)}`),
  3: exactly(8, (d, at) => ` NID: ${node(d, at)} EPID: ${hex32(d, at + 4)}`),
  4: exactly(8, (d, at) => ` hash: ${hex(d.be64(at), 16)}`),
  5: nodeState,
  8: exactly(12, (d, at) => ` Peer-NID: ${node(d, at)} Peer-EPID: ${hex32(d, at + 4)} Local-EPID: ${hex32(d, at + 8)}`),
  9(d, at, length) {
    if (length < 8) return false;
    d.put(` EPID: ${hex32(d, at)} Interval: ${interval(d.be32(at + 4))}`);
    return true;
  },
  10(d, at, length) {
    if (length <= 36) return false;
    d.put(` Verdict: ${d.u8(at)} Fingerprint: ${d.hexOf(at + 4, 32)} Common Name: `);
    d.charsToZero(at + 36, length - 36);
    return true;
  },
  32(d, at, length) {
    if (length < 5) return false;
    const [one, other] = [d.u8(at + 2), d.u8(at + 3)];
    d.put(` M: ${one >>> 4} P: ${one & 0xf} H: ${other >>> 4} L: ${other & 0xf} User-agent: `);
    d.charsToZero(at + 4, length - 4);
    return true;
  },
  33(d, at, length, indent) {
    tlvs(d, at, length, indent);
    return true;
  },
  34: delegated,
  35: assigned,
  36(d, at, length, indent) {
    if (length < 20) return false;
    d.put(` EPID: ${hex32(d, at)} IP Address: ${address(d, at + 4)}`);
    tlvs(d, at + 20, length - 20, indent);
    return true;
  },
  37: dhcp(2, dhcp4Words, 4, [6, 42], 119),
  38: dhcp(4, dhcp6Words, 16, [23, 31], 24),
  39: zone,
  40(d, at, length) {
    if (length === 0) return false;
    d.put(' Domain: ');
    labels(d, at, length);
    return true;
  },
  41: nodeName,
  42(d, at, length, indent) {
    if (length < 32) return false;
    d.put(` PSK: ${d.hexOf(at, 32)}`);
    tlvs(d, at + 32, length - 32, indent);
    return true;
  },
  43: policy,
};

export const hncpPort: PortPrinter = { ports: [8231], print: hncp };
