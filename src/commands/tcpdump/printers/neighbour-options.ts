// Options of neighbour discovery: RFC 4861 4.6, RFC 4191 (routes), RFC 8106 (DNS), RFC 6275 (mobility).
import { formatIpv6 } from '../../../wire/ipv6-address.js';
import type { Dissector } from '../dissector.js';
import { bits, type Words, word } from '../words.js';
import { domainName } from './domain.js';

const optionWords: Words = {
  1: 'source link-address',
  2: 'destination link-address',
  3: 'prefix info',
  4: 'redirected header',
  5: 'mtu',
  7: 'advertisement interval',
  8: 'homeagent information',
  24: 'route info',
  25: 'rdnss',
  31: 'dnssl',
};
const prefixFlagBits = [
  [0x80, 'onlink'],
  [0x40, 'auto'],
  [0x20, 'router'],
] as const;

/** RFC 4191 2.1 */
export const preference = (flags: number) => ['medium', 'high', 'rsv', 'low'][(flags & 0x18) >>> 3]!;
const lifetime = (seconds: number) => (seconds === 0xffffffff ? 'infinity' : `${seconds}s`);

export function neighbourOptions(d: Dissector, start: number, givenLength: number): void {
  let at = start;
  let length = givenLength;
  while (at < d.end) {
    d.need(at + 1, 1);
    if (length <= 0) return;
    const type = d.u8(at);
    const units = d.u8(at + 1);
    const bytes = units << 3;
    if (units === 0 || at + bytes > d.end) return d.truncated();
    d.put(`\n\t  ${word(optionWords, type, () => 'unknown')} option (${type}), length ${bytes} (${units}): `);
    if (!option(d, type, at, units, start)) {
      if (optionWords[type] !== undefined) return d.truncated();
      if (d.options.verbose <= 1) return d.unknown(at + 2, '\n\t  ', bytes - 2);
    }
    if (d.options.verbose > 1) d.unknown(at + 2, '\n\t    ', bytes - 2);
    at += bytes;
    length -= bytes;
  }
}

/** False: it is not known, or wrong. */
function option(d: Dissector, type: number, at: number, units: number, start: number): boolean {
  const bytes = units << 3;
  switch (type) {
    case 1:
    case 2:
      d.put(d.hexOf(at + 2, bytes - 2, ':'));
      return true;
    case 3:
      d.put(`${d.ip6(at + 16)}/${d.u8(at + 2)}${units === 4 ? '' : 'badlen'}, Flags [${bits(prefixFlagBits, d.u8(at + 3))}]`);
      d.put(`, valid time ${lifetime(d.be32(at + 4))}, pref. time ${lifetime(d.be32(at + 8))}`);
      return true;
    case 4:
      d.unknown(start, '\n\t    ', bytes);
      return true;
    case 5:
      d.put(` ${d.be32(at + 4)}${units === 1 ? '' : 'bad option length'}`);
      return true;
    case 7:
      d.put(` ${d.be32(at + 4)}ms`);
      return true;
    case 8:
      d.put(` preference ${d.be16(at + 4)}, lifetime ${d.be16(at + 6)}`);
      return true;
    case 24: {
      const lifetimeSeconds = d.be32(at + 4);
      if (units > 3) return false;
      const prefix = new Uint8Array(16);
      d.need(at + 8, bytes - 8);
      prefix.set(d.bytes.subarray(at + 8, at + bytes));
      d.put(` ${d.names.numeric ? formatIpv6(prefix) : d.names.ip6(prefix, 0)}/${d.u8(at + 2)}, pref=${preference(d.u8(at + 3))}`);
      d.put(`, lifetime=${lifetime(lifetimeSeconds)}`);
      return true;
    }
    case 25:
      d.put(` lifetime ${d.be32(at + 4)}s,`);
      for (let i = 0; i < (units - 1) >> 1; i++) d.put(` addr: ${d.ip6(at + 8 + i * 16)}`);
      return true;
    case 31: {
      d.put(` lifetime ${d.be32(at + 4)}s, domain(s):`);
      for (let domain = at + 8; domain < at + bytes && d.u8(domain) !== 0; ) {
        d.put(' ');
        const next = searchName(d, domain, start);
        if (next < 0) return false;
        domain = next;
      }
      return true;
    }
    default:
      return false;
  }
}

/** Where a domain name ends; negative: it is wrong. */
function searchName(d: Dissector, at: number, start: number): number {
  try {
    return domainName(d, at, start);
  } catch (error) {
    if (typeof error !== 'symbol') throw error;
    return -1;
  }
}
