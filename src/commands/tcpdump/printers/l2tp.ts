// L2TP, RFC 2661: control messages made of attribute-value pairs, and tunnelled PPP.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { hex, type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const TYPE = 0x8000;
const LENGTH = 0x4000;
const SEQUENCE = 0x0800;
const OFFSET = 0x0200;
const PRIORITY = 0x0100;
const AVP_HEADER = 6;
const MANDATORY = 0x8000;
const HIDDEN = 0x4000;

const messageWords: Words = {
  1: 'SCCRQ',
  2: 'SCCRP',
  3: 'SCCCN',
  4: 'StopCCN',
  6: 'HELLO',
  7: 'OCRQ',
  8: 'OCRP',
  9: 'OCCN',
  10: 'ICRQ',
  11: 'ICRP',
  12: 'ICCN',
  14: 'CDN',
  15: 'WEN',
  16: 'SLI',
};
const authenticationWords: Words = { 1: 'Textual', 2: 'CHAP', 3: 'PAP', 4: 'No Auth', 5: 'MS-CHAPv1' };
const directionWords: Words = { 0: 'global error', 1: 'at peer', 2: 'at local' };

/** Shows a value of `length` bytes. */
type Value = (d: Dissector, at: number, length: number) => void;

interface Attribute {
  readonly name: string;
  /** Bytes that it has at the least. */
  readonly least: number;
  readonly show: Value;
}

const text: Value = (d, at, length) => {
  for (let i = 0; i < length; i++) d.char(d.u8(at + i));
};
const octets: Value = (d, at, length) => d.put(d.hexOf(at, length));
const u16: Value = (d, at) => d.put(String(d.be16(at)));
const u32: Value = (d, at) => d.put(String(d.be32(at)));
const bearer: Value = (d, at) => letters(d, d.be32(at), 'A', 'D');
const framing: Value = (d, at) => letters(d, d.be32(at), 'A', 'S');

function letters(d: Dissector, value: number, second: string, first: string): void {
  if ((value & 2) !== 0) d.put(second);
  if ((value & 1) !== 0) d.put(first);
}

const result: Value = (d, at, length) => {
  d.put(String(d.be16(at)));
  if (length === 2) return;
  if (length < 4) return d.put(' AVP too short');
  d.put(`/${d.be16(at + 2)}`);
  if (length === 4) return;
  d.put(' ');
  text(d, at + 4, length - 4);
};

const cause: Value = (d, at, length) => {
  d.put(`${d.be16(at)}, ${d.hexOf(at + 2, 1)}`);
  if (length <= 3) return;
  d.put(' ');
  text(d, at + 3, length - 3);
};

/** Numbers behind two reserved bytes, as many as there is room for. */
const numbers =
  (names: readonly string[], show: (value: number) => string): Value =>
  (d, at, length) => {
    for (const [i, name] of names.entries()) {
      if (length < 6 + i * 4) return d.put('AVP too short');
      d.put(`${name}=${show(d.be32(at + 2 + i * 4))} `);
    }
  };

const disconnect: Value = (d, at, length) => {
  d.put(`${hex(d.be16(at), 4)}, ${hex(d.be16(at + 2), 4)} ${word(directionWords, d.u8(at + 4), (n) => `Direction-#${n}`)}`);
  if (length <= 5) return;
  d.put(' ');
  text(d, at + 5, length - 5);
};

const attribute = (name: string, least: number, show: Value): Attribute => ({ name, least, show });

const attributes: Readonly<Record<number, Attribute>> = {
  0: attribute('MSGTYPE', 2, (d, at) => d.put(word(messageWords, d.be16(at), (n) => `MSGTYPE-#${n}`))),
  1: attribute('RESULT_CODE', 2, result),
  2: attribute('PROTO_VER', 2, (d, at) => d.put(`${d.be16(at) >>> 8}.${d.be16(at) & 0xff}`)),
  3: attribute('FRAMING_CAP', 4, framing),
  4: attribute('BEARER_CAP', 4, bearer),
  5: attribute('TIE_BREAKER', 8, (d, at) => octets(d, at, 8)),
  6: attribute('FIRM_VER', 2, u16),
  7: attribute('HOST_NAME', 0, text),
  8: attribute('VENDOR_NAME', 0, text),
  9: attribute('ASSND_TUN_ID', 2, u16),
  10: attribute('RECV_WIN_SIZE', 2, u16),
  11: attribute('CHALLENGE', 0, octets),
  12: attribute('Q931_CC', 3, cause),
  13: attribute('CHALLENGE_RESP', 16, (d, at) => octets(d, at, 16)),
  14: attribute('ASSND_SESS_ID', 2, u16),
  15: attribute('CALL_SER_NUM', 4, u32),
  16: attribute('MINIMUM_BPS', 4, u32),
  17: attribute('MAXIMUM_BPS', 4, u32),
  18: attribute('BEARER_TYPE', 4, bearer),
  19: attribute('FRAMING_TYPE', 4, framing),
  20: attribute('PACKET_PROC_DELAY', 0, (d) => d.put('obsolete')),
  21: attribute('CALLED_NUMBER', 0, text),
  22: attribute('CALLING_NUMBER', 0, text),
  23: attribute('SUB_ADDRESS', 0, text),
  24: attribute('TX_CONN_SPEED', 4, u32),
  25: attribute('PHY_CHANNEL_ID', 4, u32),
  26: attribute('INI_RECV_LCP', 0, octets),
  27: attribute('LAST_SENT_LCP', 0, octets),
  28: attribute('LAST_RECV_LCP', 0, octets),
  29: attribute('PROXY_AUTH_TYPE', 2, (d, at) => d.put(word(authenticationWords, d.be16(at), (n) => `AuthType-#${n}`))),
  30: attribute('PROXY_AUTH_NAME', 0, text),
  31: attribute('PROXY_AUTH_CHAL', 0, octets),
  32: attribute('PROXY_AUTH_ID', 2, (d, at) => d.put(String(d.be16(at) & 0xff))),
  33: attribute('PROXY_AUTH_RESP', 0, octets),
  34: attribute('CALL_ERRORS', 0, numbers(['CRCErr', 'FrameErr', 'HardOver', 'BufOver', 'Timeout', 'AlignErr'], String)),
  35: attribute(
    'ACCM',
    0,
    numbers(['send', 'recv'], (value) => hex(value, 8)),
  ),
  36: attribute('RANDOM_VECTOR', 0, octets),
  37: attribute('PRIVATE_GRP_ID', 0, text),
  38: attribute('RX_CONN_SPEED', 4, u32),
  39: attribute('SEQ_REQUIRED', 0, () => undefined),
  46: attribute('PPP_DISCON_CC', 5, disconnect),
};

function pairs(d: Dissector, from: number, length: number): void {
  let left = length;
  for (let at = from; left > 0; ) {
    d.put(' ');
    if (left < 2) return d.truncated();
    const first = d.be16(at);
    const size = first & 0x3ff;
    if (size < AVP_HEADER || size > left) return d.truncated();
    d.need(at, size);
    if ((first & MANDATORY) !== 0) d.put('*');
    const hidden = (first & HIDDEN) !== 0;
    if (hidden) d.put('?');
    const vendor = d.be16(at + 2);
    const type = d.be16(at + 4);
    const value = at + AVP_HEADER;
    const bytes = size - AVP_HEADER;
    if (vendor !== 0) {
      d.put(`VENDOR${hex(vendor, 4)}:ATTR${hex(type, 4)}(`);
      octets(d, value, bytes);
    } else {
      const known = attributes[type];
      d.put(`${known?.name ?? `AVP-#${type}`}(`);
      if (hidden) d.put('???');
      else if (known !== undefined) {
        if (bytes < known.least) d.put('AVP too short');
        else known.show(d, value, bytes);
      }
    }
    d.put(')');
    at += size;
    left -= size;
  }
}

function l2tp(d: Dissector, from: number, givenLength: number): void {
  d.protocol = 'l2tp';
  let length = givenLength;
  let at = from;
  const take = (bytes: number) => {
    const before = at;
    if (givenLength < at - from + bytes) throw TRUNCATED;
    d.need(before, bytes);
    at += bytes;
    return before;
  };
  if (length < 6) return d.truncated();
  const first = d.be16(take(2));
  const version = first & 7;
  if (version === 1) return d.put(' l2f:');
  if (version !== 2) return d.put(' Unknown Version, neither L2F(1) nor L2TP(2)');
  const isControl = (first & TYPE) !== 0;
  d.put(' l2tp:[');
  for (const [bit, letter] of [
    [TYPE, 'T'],
    [LENGTH, 'L'],
    [SEQUENCE, 'S'],
    [OFFSET, 'O'],
    [PRIORITY, 'P'],
  ] as const)
    if ((first & bit) !== 0) d.put(letter);
  d.put(']');
  let declared = 0;
  if ((first & LENGTH) !== 0) declared = d.be16(take(2));
  const tunnel = d.be16(take(2));
  d.put(`(${tunnel}/${d.be16(take(2))})`);
  if ((first & SEQUENCE) !== 0) {
    const sent = d.be16(take(2));
    d.put(`Ns=${sent},Nr=${d.be16(take(2))}`);
  }
  if ((first & OFFSET) !== 0) take(2 + d.be16(take(2)) - 2);
  const used = at - from;
  if ((first & LENGTH) !== 0) {
    if (length < declared) return d.put(` Length ${declared} larger than packet`);
    if (declared < used) return d.put(` Length ${declared} smaller than header length`);
    length = declared;
  } else if (length < used) return d.put(` Length ${length} smaller than header length`);
  if (isControl) {
    if ((first & LENGTH) === 0) return d.put(' No length');
    if (length - used === 0) return d.put(' ZLB');
    return pairs(d, at, length - used);
  }
  d.put(' {');
  d.enter();
  d.registry.ppp(d, at, length - used);
  d.put('}');
}

export const l2tpPort: PortPrinter = { ports: [1701], print: l2tp };
