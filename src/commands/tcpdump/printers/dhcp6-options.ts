// Options of DHCPv6.
import type { Dissector } from '../dissector.js';
import { hex, type Words, word } from '../words.js';
import { domainName } from './domain.js';
import type { Printer } from './registry-types.js';

const HEADER = 4;
const ADDRESS = 16;
const options: Words = {
  1: 'client-ID',
  2: 'server-ID',
  3: 'IA_NA',
  4: 'IA_TA',
  5: 'IA_ADDR',
  6: 'option-request',
  7: 'preference',
  8: 'elapsed-time',
  9: 'relay-message',
  11: 'authentication',
  12: 'server-unicast',
  13: 'status-code',
  14: 'rapid-commit',
  15: 'user-class',
  16: 'vendor-class',
  17: 'vendor-specific-info',
  18: 'interface-ID',
  19: 'reconfigure-message',
  20: 'reconfigure-accept',
  21: 'SIP-servers-domain',
  22: 'SIP-servers-address',
  23: 'DNS-server',
  24: 'DNS-search-list',
  25: 'IA_PD',
  26: 'IA_PD-prefix',
  27: 'NIS-server',
  28: 'NIS+-server',
  29: 'NIS-domain-name',
  30: 'NIS+-domain-name',
  31: 'SNTP-servers',
  32: 'lifetime',
  33: 'BCMCS-domain-name',
  34: 'BCMCS-server',
  36: 'Geoconf-Civic',
  37: 'Remote-ID',
  38: 'Subscriber-ID',
  39: 'Client-FQDN',
  40: 'PANA-agent',
  41: 'POSIX-timezone',
  42: 'POSIX-tz-database',
  43: 'Echo-request-option',
  44: 'Lease-query',
  45: 'LQ-client-data',
  46: 'Clt-time',
  47: 'LQ-relay-data',
  48: 'LQ-client-link',
  56: 'NTP-server',
  64: 'AFTR-Name',
  112: 'MUD-URL',
};
const statusCodes = [
  ['Success', 'UnspecFail', 'NoAddrsAvail', 'NoBinding', 'NotOnLink', 'UseMulticast', 'NoPrefixAvail', 'UnknownQueryType'],
  ['MalformedQuery', 'NotConfigured', 'NotAllowed'],
].flat();
const queries: Words = { 1: 'by-address', 2: 'by-clientID' };
const optionName = (type: number) => word(options, type, (n) => `opt_${n}`);

/** Prints an option's value and the parenthesis behind it. */
type Value = (d: Dissector, at: number, size: number, message: Printer) => void;

/** A printer for values whose size `fits`. */
const sized =
  (fits: (size: number) => boolean, value: Value): Value =>
  (d, at, size, message) => {
    if (!fits(size)) return d.put(' ?)');
    value(d, at, size, message);
    d.put(')');
  };

const atLeast = (least: number, value: Value): Value => sized((size) => size >= least, value);
const exactly = (wanted: number, value: Value): Value => sized((size) => size === wanted, value);

/** Options within an option, behind its own `header` bytes. */
function inner(d: Dissector, at: number, size: number, header: number, message: Printer): void {
  if (size > header) dhcp6Options(d, at + header, at + size, message);
}

const identifier: Value = (d, at, size) => {
  if (size < 2) return d.put(' ?)');
  const kind = d.be16(at);
  if (kind < 1 || kind > 3) return d.put(` type ${kind})`);
  if (size < [8, 10, 4][kind - 1]!) return d.put(' ?)');
  if (kind === 1) d.put(` hwaddr/time type ${d.be16(at + 2)} time ${d.be32(at + 4)} ${d.hexOf(at + 8, size - 8)})`);
  else if (kind === 2) d.put(` vid ${d.hexOf(at + 2, 8)})`);
  else d.put(` hwaddr type ${d.be16(at + 2)} ${d.hexOf(at + 4, size - 4)})`);
};

const requested = sized(
  (size) => size % 2 === 0,
  (d, at, size) => {
    for (let i = 0; i < size; i += 2) d.put(` ${optionName(d.be16(at + i))}`);
  },
);

const addresses = sized(
  (size) => size % ADDRESS === 0,
  (d, at, size) => {
    for (let i = 0; i < size; i += ADDRESS) d.put(` ${d.ip6(at + i)}`);
  },
);

const association = atLeast(12, (d, at, size, message) => {
  d.put(` IAID:${d.be32(at)} T1:${d.be32(at + 4)} T2:${d.be32(at + 8)}`);
  inner(d, at, size, 12, message);
});

const seconds = exactly(4, (d, at) => d.put(` ${d.be32(at)}`));
const start: Value = (d, at, size) => d.put(` ${d.hexOf(at, Math.min(size, 10))}...)`);
const text = atLeast(5, (d, at, size) => {
  d.put(' ');
  d.charsToZero(at, size);
});

const names: Value = (d, at, size) => {
  const end = at + size;
  const names = () => {
    for (let p = at; p < end; ) {
      d.put(' ');
      // Pointers have nowhere to lead to.
      p = domainName(d, p, end);
    }
    d.put(')');
  };
  if (d.endsEarly(names)) throw CUT;
};

const reconfigure: Value = (d, at, size) => {
  if (size !== 1) return d.put(' ?)');
  const type = d.u8(at);
  d.put(type === 5 ? ' for renew)' : type === 11 ? ' for inf-req)' : ` for ???(${hex(type, 2)}))`);
};

const timeServers = atLeast(4, (d, at, size) => {
  const end = at + size;
  for (let p = at; p < end - 4; ) {
    const code = d.be16(p);
    const length = d.be16(p + 2);
    p += 4;
    if (p + length > end) throw CUT;
    d.put(` subopt:${code}`);
    if ((code === 1 || code === 2) && length === ADDRESS) d.put(` ${d.ip6(p)}`);
    else if (code === 3) {
      d.put(' ');
      domainName(d, p, p + length);
    } else d.put(' ?');
    p += length;
  }
});

const routerName = atLeast(3, (d, at, size) => {
  d.put(' ');
  let p = at;
  for (let left = size; left > 0 && d.u8(p) !== 0; ) {
    const label = d.u8(p++);
    if (label >= left - 1) return d.put(' ?');
    d.charsToZero(p, label);
    p += label;
    left -= label + 1;
    if (d.u8(p) !== 0) d.put('.');
  }
});

const authentication = atLeast(11, (d, at, size) => {
  const protocol = d.u8(at);
  d.put(` proto: ${protocol === 2 ? 'delayed' : protocol === 3 ? 'reconfigure' : protocol}`);
  const algorithm = d.u8(at + 1);
  d.put(`, alg: ${algorithm === 1 ? 'HMAC-MD5' : algorithm}`);
  const method = d.u8(at + 2);
  d.put(`, RDM: ${method === 0 ? 'mono' : method}, RD:`);
  for (let i = 3; i < 11; i += 2) d.put(` ${hex(d.be16(at + i), 4)}`);
  const left = size - 11;
  if (protocol === 2) delayed(d, at + 11, left);
  else if (protocol === 3 && left === 17) {
    const type = d.u8(at + 11);
    d.put(`${type === 1 ? ' reconfig-key' : type === 2 ? ' type: HMAC-MD5' : ' type: ??'} value:`);
    digest(d, at + 12);
  } else d.put(' ??');
});

function delayed(d: Dissector, at: number, size: number): void {
  if (size === 0) return;
  if (size < 20) return d.put(' ??');
  const realm = size - 20;
  if (realm > 0) d.put(`, realm: ${d.hexOf(at, realm)}`);
  d.put(`, key ID: ${hex(d.be32(at + realm), 8)}, HMAC-MD5:`);
  digest(d, at + realm + 4);
}

function digest(d: Dissector, at: number): void {
  for (let i = 0; i < 16; i += 4) d.put(` ${hex(d.be32(at + i), 8)}`);
}

const leaseQuery = atLeast(17, (d, at, size, message) => {
  d.put(` ${word(queries, d.u8(at), (n) => `type_${n}`)} ${d.ip6(at + 1)}`);
  inner(d, at, size, 17, message);
});

const lifetimes = (d: Dissector, at: number) => d.put(` pltime:${d.be32(at)} vltime:${d.be32(at + 4)}`);

const values: Readonly<Record<number, Value>> = {
  1: identifier,
  2: identifier,
  3: association,
  4: atLeast(4, (d, at, size, message) => {
    d.put(` IAID:${d.be32(at)}`);
    inner(d, at, size, 4, message);
  }),
  5: atLeast(24, (d, at, size, message) => {
    d.put(` ${d.ip6(at)}`);
    lifetimes(d, at + ADDRESS);
    inner(d, at, size, 24, message);
  }),
  6: requested,
  7: exactly(1, (d, at) => d.put(` ${d.u8(at)}`)),
  8: exactly(2, (d, at) => d.put(` ${d.be16(at)}`)),
  9(d, at, size, message) {
    d.put(' (');
    message(d, at, size);
    d.put(')');
  },
  11: authentication,
  13: atLeast(2, (d, at) => {
    const code = d.be16(at);
    d.put(` ${code > 255 ? 'INVALID code' : (statusCodes[code] ?? `code${code}`)}`);
  }),
  18: start,
  19: reconfigure,
  21: names,
  22: addresses,
  23: addresses,
  24: names,
  25: association,
  26: atLeast(25, (d, at, size, message) => {
    d.put(` ${d.ip6(at + 9)}/${d.u8(at + 8)}`);
    lifetimes(d, at);
    inner(d, at, size, 25, message);
  }),
  27: addresses,
  28: addresses,
  31: addresses,
  32: seconds,
  34: addresses,
  37: (d, at, size) => {
    if (size < 4) return d.put(' ?)');
    d.put(` ${d.be32(at)} ${d.hexOf(at + 4, Math.min(size - 4, 10))}...)`);
  },
  38: start,
  40: addresses,
  41: text,
  42: text,
  43: requested,
  44: leaseQuery,
  45(d, at, size, message) {
    inner(d, at, size, 0, message);
    d.put(')');
  },
  46: seconds,
  47: (d, at, size) => {
    if (size < ADDRESS) return d.put(' ?)');
    d.put(` ${d.ip6(at)} ${d.hexOf(at + ADDRESS, Math.min(size - ADDRESS, 10))}...)`);
  },
  48: addresses,
  56: timeServers,
  64: routerName,
  112: text,
};

/** Thrown where an option says more than it holds: the options around it end. */
const CUT = Symbol('cut');

function isCut(show: () => void): boolean {
  try {
    show();
    return false;
  } catch (error) {
    if (error !== CUT) throw error;
    return true;
  }
}

/** The options between `from` and `end`; `message` prints a message within a relay's. */
export function dhcp6Options(d: Dissector, from: number, end: number, message: Printer): void {
  d.enter();
  for (let at = from; at < end; ) {
    if (end - at < HEADER || !d.has(at, HEADER)) return cut(d);
    const size = d.be16(at + 2);
    if (end - at < HEADER + size) return cut(d);
    const type = d.be16(at);
    d.put(` (${optionName(type)}`);
    if (!d.has(at + HEADER, size)) return cut(d);
    const value = values[type];
    if (value === undefined) d.put(')');
    else if (isCut(() => value(d, at + HEADER, size, message))) return cut(d);
    at += HEADER + size;
  }
  d.depth--;
}

/** What ends too early ends these options alone. */
function cut(d: Dissector): void {
  d.truncated();
  d.depth--;
}
