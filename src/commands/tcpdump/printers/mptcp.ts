// Multipath TCP, RFC 6824 and RFC 8684 section 3.
import type { Dissector } from '../dissector.js';
import { hex, type Words, word } from '../words.js';

const SYN = 0x02;
const ACK = 0x10;

type Subtype = (d: Dissector, at: number, length: number, flags: number) => boolean;

const capable: Subtype = (d, at, length, flags) => {
  const synchronizes = (length === 12 || length === 4) && (flags & SYN) !== 0;
  const acknowledges = (length === 20 || length === 22) && (flags & (SYN | ACK)) === ACK;
  if (!synchronizes && !acknowledges) return false;
  const version = d.u8(at + 2) & 0xf;
  if (version > 1) {
    d.put(` Unknown Version (${version})`);
    return true;
  }
  d.put(` v${version}${(d.u8(at + 3) & 0x80) === 0 ? '' : ' csum'}`);
  if (length === 12 || length >= 20) d.put(` {0x${hex(d.be64(at + 4))}${length >= 20 ? `,0x${hex(d.be64(at + 12))}` : ''}}`);
  return true;
};

const join: Subtype = (d, at, length, flags) => {
  const right =
    (length === 12 && (flags & SYN) !== 0) ||
    (length === 16 && (flags & (SYN | ACK)) === (SYN | ACK)) ||
    (length === 24 && (flags & ACK) !== 0);
  if (!right) return false;
  if (length !== 24) d.put(`${(d.u8(at + 2) & 1) === 0 ? '' : ' backup'} id ${d.u8(at + 3)}`);
  if (length === 12) d.put(` token 0x${hex(d.be32(at + 4))} nonce 0x${hex(d.be32(at + 8))}`);
  else if (length === 16) d.put(` hmac 0x${hex(d.be64(at + 4))} nonce 0x${hex(d.be32(at + 12))}`);
  else d.put(` hmac 0x${d.hexOf(at + 4, 20)}`);
  return true;
};

/** A number of 8 or 4 bytes from `at`; null: `left` has none. */
const sequence = (d: Dissector, at: number, wide: boolean, left: number) =>
  left < (wide ? 8 : 4) ? null : wide ? String(d.be64(at)) : String(d.be32(at));

const dataSequence: Subtype = (d, start, length, tcpFlags) => {
  if (length < 4 || (tcpFlags & SYN) !== 0) return false;
  const flags = d.u8(start + 3);
  if ((flags & 0x10) !== 0) d.put(' fin');
  let at = start + 4;
  let left = length - 4;
  const number = (name: string, wide: boolean) => {
    d.put(` ${name} `);
    const text = sequence(d, at, wide, left);
    if (text === null) return false;
    d.put(text);
    at += wide ? 8 : 4;
    left -= wide ? 8 : 4;
    return true;
  };
  if ((flags & 0x01) !== 0 && !number('ack', (flags & 0x02) !== 0)) return false;
  if ((flags & 0x04) !== 0) {
    if (!number('seq', (flags & 0x08) !== 0) || left < 4) return false;
    d.put(` subseq ${d.be32(at)}`);
    if (left < 6) return false;
    d.put(` len ${d.be16(at + 4)}`);
    left -= 6;
    if (left >= 2) {
      d.put(` csum 0x${hex(d.be16(at + 6))}`);
      left -= 2;
    }
  }
  return left === 0;
};

const echoWords: Words = { 6: 'v0-ip6', 4: 'v0-ip4', 1: 'v1-echo', 0: 'v1' };

const addAddress: Subtype = (d, at, length) => {
  const v4 = length === 8 || length === 10 || length === 16 || length === 18;
  const v6 = length === 20 || length === 22 || length === 28 || length === 30;
  if (!v4 && !v6) return false;
  d.put(` ${word(echoWords, d.u8(at + 2) & 0xf, () => '[bad version/echo]')} id ${d.u8(at + 3)}`);
  d.put(` ${v4 ? d.ip(at + 4) : d.ip6(at + 4)}`);
  const behind = at + 4 + (v4 ? 4 : 16);
  const rest = length - (behind - at);
  const hasPort = rest === 2 || rest === 10;
  if (hasPort) d.put(`:${d.be16(behind)}`);
  if (rest >= 8) d.put(` hmac 0x${hex(d.be64(behind + (hasPort ? 2 : 0)))}`);
  return true;
};

const removeAddress: Subtype = (d, at, length) => {
  if (length < 4) return false;
  d.put(' id');
  for (let i = 3; i < length; i++) d.put(` ${d.u8(at + i)}`);
  return true;
};

const priority: Subtype = (d, at, length) => {
  if (length !== 3 && length !== 4) return false;
  d.put((d.u8(at + 2) & 1) === 0 ? ' non-backup' : ' backup');
  if (length === 4) d.put(` id ${d.u8(at + 3)}`);
  return true;
};

const failed: Subtype = (d, at, length) => {
  if (length !== 12) return false;
  d.put(` seq ${d.be64(at + 4)}`);
  return true;
};

const fastClose: Subtype = (d, at, length) => {
  if (length !== 12) return false;
  d.put(` key 0x${hex(d.be64(at + 4))}`);
  return true;
};

const subtypes: readonly (readonly [name: string, print: Subtype])[] = [
  ['capable', capable],
  ['join', join],
  ['dss', dataSequence],
  ['add-addr', addAddress],
  ['rem-addr', removeAddress],
  ['prio', priority],
  ['fail', failed],
  ['fast-close', fastClose],
];

/** The option at `at` with its kind and length; false: it is wrong. */
export function mptcp(d: Dissector, at: number, length: number, flags: number): boolean {
  d.protocol = 'mptcp';
  if (length < 3) return false;
  const known = subtypes[d.u8(at + 2) >>> 4];
  d.put(` ${length} ${known?.[0] ?? 'unknown'}`);
  return known === undefined || known[1](d, at, length, flags);
}
