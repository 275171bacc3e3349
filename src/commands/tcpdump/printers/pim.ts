// PIM version 2, RFC 7761, with its bidirectional (RFC 5015) and dense (RFC 3973) modes.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { type Bits, bits, hex0x, relativeTime, type Words, word } from '../words.js';
import type { IpContext, IpProtocolPrinter } from './registry-types.js';

const PROTOCOL = 103;
const HEADER = 4;
const INFINITE = 0xffff;

const typeWords: Words = {
  0: 'Hello',
  1: 'Register',
  2: 'Register Stop',
  3: 'Join / Prune',
  4: 'Bootstrap',
  5: 'Assert',
  6: 'Graft',
  7: 'Graft Acknowledgement',
  8: 'Candidate RP Advertisement',
  9: 'Prune Refresh',
  10: 'DF Election',
  11: 'ECMP Redirect',
};
const optionWords: Words = {
  1: 'Hold Time',
  2: 'LAN Prune Delay',
  18: 'DR Priority (Old)',
  19: 'DR Priority',
  20: 'Generation ID',
  21: 'State Refresh Capability',
  22: 'Bi-Directional Capability',
  24: 'Address List',
};
const registerBits: Bits = [
  [0x80000000, 'Border'],
  [0x40000000, 'Null'],
];
const electionWords: Words = { 1: 'Offer', 2: 'Winner', 3: 'Backoff', 4: 'Pass' };

/** What an encoded address is of, RFC 7761 4.9.1. */
type Encoding = 'unicast' | 'group' | 'source';

class Reader {
  readonly d: Dissector;
  at: number;
  readonly end: number;
  /** RFC 2117's encoding: how long addresses are is said once, in the header; 0: before each of them. */
  readonly #addressLength: number;

  constructor(d: Dissector, at: number, end: number, addressLength: number) {
    this.#addressLength = addressLength;
    this.d = d;
    this.at = at;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  take(bytes: number): number {
    if (this.left < bytes) throw TRUNCATED;
    this.d.need(this.at, bytes);
    const at = this.at;
    this.at += bytes;
    return at;
  }

  u8(): number {
    return this.d.u8(this.take(1));
  }

  be16(): number {
    return this.d.be16(this.take(2));
  }

  be32(): number {
    return this.d.be32(this.take(4));
  }

  /** An encoded address. */
  address(encoding: Encoding): string {
    const { d } = this;
    let size = this.#addressLength;
    let header = encoding === 'unicast' ? 0 : 2;
    if (size === 0) {
      if (this.left < 2) throw TRUNCATED;
      const family = d.u8(this.at);
      if (d.u8(this.at + 1) !== 0 || (family !== 1 && family !== 2)) throw TRUNCATED;
      size = family === 1 ? 4 : 16;
      header += 2;
    } else if (size !== 4 && size !== 16) throw TRUNCATED;
    const at = this.take(header + size);
    const text = size === 4 ? d.ip(at + header) : d.ip6(at + header);
    if (encoding === 'unicast') return text;
    const flags = d.u8(at + header - 2);
    const length = d.u8(at + header - 1);
    const mask = length === size * 8 ? '' : `/${length}`;
    if (encoding === 'group') return `${text}${mask}${flags === 0 ? '' : `(${hex0x(flags, 2)})`}`;
    if (flags === 0) return `${text}${mask}`;
    const letters = `${(flags & 4) !== 0 ? 'S' : ''}${(flags & 2) !== 0 ? 'W' : ''}${(flags & 1) !== 0 ? 'R' : ''}`;
    return `${text}${mask}(${letters}${(flags & 0xf8) !== 0 ? `+${hex0x(flags & 0xf8, 2)}` : ''})`;
  }
}

function pim(d: Dissector, at: number, length: number, ip: IpContext): void {
  d.protocol = 'pim';
  const version = d.u8(at) >>> 4;
  const type = d.u8(at) & 0xf;
  if (version !== 2) return d.put(`PIMv${version}, length ${length}`);
  d.put(`PIMv${version}, `);
  if (d.options.verbose === 0) return d.put(`${word(typeWords, type, () => 'Unknown Type')}, length ${length}`);
  d.put(`length ${length}\n\t${word(typeWords, type, () => 'Unknown Type')}`);
  d.protocol = 'pimv2';
  // RFC 2117's header says how long addresses are; today's has zero there, or an election's kind.
  const addressLength = d.u8(at + 1) & 0xf;
  if (addressLength !== 0) d.put(', RFC2117-encoding');
  checksum(d, at, length, type, ip);
  const r = new Reader(d, at + HEADER, at + length, addressLength);
  switch (type) {
    case 0:
      return hello(d, r);
    case 1:
      return register(d, r);
    case 2:
      d.put(' group=');
      d.put(r.address('group'));
      d.put(' source=');
      return d.put(r.address('unicast'));
    case 3:
    case 6:
    case 7:
      return joinPrune(d, r, type);
    case 4:
      return bootstrap(d, r);
    case 5: {
      d.put(' group=');
      d.put(r.address('group'));
      d.put(' src=');
      d.put(r.address('unicast'));
      const preference = r.be32();
      if (preference >= 0x80000000) d.put(' RPT');
      d.put(` pref=${preference & 0x7fffffff}`);
      return d.put(` metric=${r.be32()}`);
    }
    case 8:
      return candidate(d, r);
    case 9:
      return refresh(d, r);
    case 10:
      return election(d, r);
    default:
      d.put(` [type ${type}]`);
  }
}

function checksum(d: Dissector, at: number, length: number, type: number, ip: IpContext): void {
  const field = d.be16(at + 2);
  d.put(`, cksum ${hex0x(field, 4)} `);
  if (field === 0) return d.put('(unverified)');
  // Of a register, the header alone is summed up; some sum up all.
  if (type === 1 && length >= 8 && verify(d, at, 8, ip) === 0) return d.put('(correct)');
  const wrong = verify(d, at, length, ip);
  d.put(wrong < 0 ? '(unverified)' : wrong === 0 ? '(correct)' : '(incorrect)');
}

/** 0: right; negative: not all was captured. */
function verify(d: Dissector, at: number, length: number, ip: IpContext): number {
  if (!d.has(at, length)) return -1;
  return d.checksum(at, length, ip.version === 6 ? d.pseudoHeader(ip.header, length, PROTOCOL) : 0);
}

const exact: Readonly<Record<number, number>> = { 1: 2, 2: 4, 18: 4, 19: 4, 20: 4, 21: 4 };

function hello(d: Dissector, r: Reader): void {
  while (r.left > 0) {
    const type = r.be16();
    const size = r.be16();
    d.put(`\n\t  ${word(optionWords, type, () => 'Unknown')} Option (${type}), length ${size}, Value: `);
    const value = r.take(size);
    const wanted = exact[type];
    if ((type === 18 || type === 19) && size === 0) d.put('Bi-Directional Capability (Old)');
    else if (wanted !== undefined && size !== wanted) {
      d.put(`[option length ${size} != ${wanted}]`);
      return d.invalid();
    } else helloValue(d, type, value, size);
    if (d.options.verbose > 1) d.unknown(value, '\n\t    ', size);
  }
}

function helloValue(d: Dissector, type: number, at: number, size: number): void {
  switch (type) {
    case 1:
      return d.put(relativeTime(d.be16(at)));
    case 2: {
      const delay = d.be16(at);
      d.put(`\n\t    T-bit=${delay >>> 15}, LAN delay ${delay & 0x7fff}ms, Override interval ${d.be16(at + 2)}ms`);
      return;
    }
    case 18:
    case 19:
      return d.put(String(d.be32(at)));
    case 20:
      return d.put(hex0x(d.be32(at), 8));
    case 21:
      d.put(`v${d.u8(at)}`);
      if (d.u8(at + 1) !== 0) d.put(`, interval ${relativeTime(d.u8(at + 1))}`);
      if (d.be16(at + 2) !== 0) d.put(` ?${hex0x(d.be16(at + 2), 4)}?`);
      return;
    case 22:
      return;
    case 24: {
      if (d.options.verbose < 2) return;
      const list = new Reader(d, at, at + size, 0);
      while (list.left > 0) {
        d.put('\n\t    ');
        d.put(list.address('unicast'));
      }
      return;
    }
    default:
      if (d.options.verbose <= 1) d.unknown(at, '\n\t    ', size);
  }
}

function register(d: Dissector, r: Reader): void {
  const flags = r.be32();
  d.put(`, Flags [ ${bits(registerBits, flags)} ]\n\t`);
  if (r.left === 0) throw TRUNCATED;
  const version = d.u8(r.at) >>> 4;
  d.enter();
  if (version === 0) {
    // A null register: a header of IP without a version.
    d.put(`${d.ip(r.at + 12)} > ${d.ip(r.at + 16)}`);
  } else if (version === 4) d.registry.ip(d, r.at, r.left);
  else if (version === 6) d.registry.ip6(d, r.at, r.left);
  else d.put(`IP ver ${version}`);
}

function joinPrune(d: Dissector, r: Reader, type: number): void {
  if (type !== 7) {
    d.put(', upstream-neighbor: ');
    d.put(r.address('unicast'));
  }
  r.take(1);
  const groups = r.u8();
  const holdTime = r.be16();
  d.put(`\n\t  ${groups} group(s)`);
  if (type !== 7) d.put(`, holdtime: ${holdTime === INFINITE ? 'infinite' : relativeTime(holdTime)}`);
  for (let i = 0; i < groups; i++) {
    d.put(`\n\t    group #${i + 1}: `);
    d.put(r.address('group'));
    const joins = r.be16();
    const prunes = r.be16();
    d.put(`, joined sources: ${joins}, pruned sources: ${prunes}`);
    sources(d, r, 'joined', joins);
    sources(d, r, 'pruned', prunes);
  }
}

function sources(d: Dissector, r: Reader, what: string, count: number): void {
  for (let i = 0; i < count; i++) {
    d.put(`\n\t      ${what} source #${i + 1}: `);
    d.put(r.address('source'));
  }
}

/** RFC 5059. */
function bootstrap(d: Dissector, r: Reader): void {
  d.put(` tag=${r.be16().toString(16)}`);
  d.put(` hashmlen=${r.u8()}`);
  d.put(` BSRprio=${r.u8()}`);
  d.put(' BSR=');
  d.put(r.address('unicast'));
  for (let i = 0; r.left > 0; i++) {
    d.put(` (group${i}: `);
    d.put(r.address('group'));
    d.put(` RPcnt=${r.u8()}`);
    const fragment = r.u8();
    d.put(` FRPcnt=${fragment}`);
    r.take(2);
    for (let j = 0; j < fragment && r.left > 0; j++) {
      d.put(` RP${j}=`);
      d.put(r.address('unicast'));
      d.put(`,holdtime=${relativeTime(r.be16())}`);
      d.put(`,prio=${r.u8()}`);
      r.take(1);
    }
    d.put(')');
  }
}

function candidate(d: Dissector, r: Reader): void {
  const count = r.u8();
  d.put(` prefix-cnt=${count}`);
  d.put(` prio=${r.u8()}`);
  d.put(` holdtime=${relativeTime(r.be16())}`);
  d.put(' RP=');
  d.put(r.address('unicast'));
  for (let i = 0; i < count && r.left > 0; i++) {
    d.put(` Group${i}=`);
    d.put(r.address('group'));
  }
}

/** State refresh, RFC 3973 4.7.10. */
function refresh(d: Dissector, r: Reader): void {
  d.put(' src=');
  d.put(r.address('unicast'));
  d.put(' grp=');
  d.put(r.address('group'));
  d.put(' forwarder=');
  d.put(r.address('unicast'));
  d.put(` TUNR ${r.be16()}`);
}

/** RFC 5015 3.7. */
function election(d: Dissector, r: Reader): void {
  // The kind of election stands in the byte that is reserved elsewhere.
  const subtype = d.u8(r.at - 3) >>> 4;
  d.put(`\n\t  ${word(electionWords, subtype, () => 'Unknown')}, rpa=`);
  d.put(r.address('unicast'));
  d.put(` sender pref=${r.be32()}`);
  d.put(` sender metric=${r.be32()}`);
  if (subtype !== 3 && subtype !== 4) return;
  const who = subtype === 3 ? 'offer' : 'new winner';
  d.put(`\n\t  ${who} addr=`);
  d.put(r.address('unicast'));
  d.put(` ${who} pref=${r.be32()}`);
  d.put(` ${who} metric=${r.be32()}`);
  if (subtype === 3) d.put(` interval ${r.be16()}ms`);
}

export const pimProtocol: IpProtocolPrinter = { protocols: [PROTOCOL], print: pim };
