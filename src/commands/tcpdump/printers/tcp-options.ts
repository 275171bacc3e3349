// Options of TCP: RFC 9293 3.2, 7323, 2018, 2385, 5482, 5925, 7413, 8684.

import { type Dissector, TRUNCATED } from '../dissector.js';
import { hex, type Words, word } from '../words.js';
import { mptcp } from './mptcp.js';
import { type Segment, verifySignature } from './tcp-signature.js';

const END = 0;
const NOP = 1;
const MSS = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const ECHO = 6;
const ECHO_REPLY = 7;
const TIMESTAMPS = 8;
const CC = 11;
const CC_NEW = 12;
const CC_ECHO = 13;
const MD5 = 19;
const SCPS = 20;
const USER_TIMEOUT = 28;
const AUTHENTICATION = 29;
const MULTIPATH = 30;
const FAST_OPEN = 34;
const EXPERIMENTAL = 254;

const optionWords: Words = {
  [END]: 'eol',
  [NOP]: 'nop',
  [MSS]: 'mss',
  [WINDOW_SCALE]: 'wscale',
  [SACK_PERMITTED]: 'sackOK',
  [SACK]: 'sack',
  [ECHO]: 'echo',
  [ECHO_REPLY]: 'echoreply',
  [TIMESTAMPS]: 'TS',
  [CC]: 'cc',
  [CC_NEW]: 'ccnew',
  [CC_ECHO]: '',
  [MD5]: 'md5',
  [SCPS]: 'scps',
  [USER_TIMEOUT]: 'uto',
  [AUTHENTICATION]: 'tcp-ao',
  [MULTIPATH]: 'mptcp',
  [FAST_OPEN]: 'tfo',
  [EXPERIMENTAL]: 'exp',
};

/** Bytes behind kind and length of options that have a length of their own. */
const fixedBytes: Readonly<Record<number, number>> = {
  [MSS]: 2,
  [WINDOW_SCALE]: 1,
  [SACK_PERMITTED]: 0,
  [ECHO]: 4,
  [ECHO_REPLY]: 4,
  [TIMESTAMPS]: 8,
  [CC]: 4,
  [CC_NEW]: 4,
  [CC_ECHO]: 4,
  [MD5]: 16,
  [SCPS]: 2,
  [USER_TIMEOUT]: 2,
};

const BAD = Symbol('bad option');

/** `, options [...]`; false: they were wrong or cut, and nothing more is to be shown. */
export function tcpOptions(d: Dissector, from: number, length: number, flags: number, sackBase: number, segment: Segment): boolean {
  d.put(', options [');
  let at = from;
  let left = length;
  let separator = '';
  let inOption = false;
  try {
    while (left > 0) {
      d.put(separator);
      const kind = d.u8(at++);
      let bytes = 1;
      left--;
      if (kind !== END && kind !== NOP) {
        bytes = d.u8(at++);
        if (bytes < 2 || bytes > left + 1) throw BAD;
        left--;
      }
      d.put(word(optionWords, kind, (n) => `unknown-${n}`));
      inOption = true;
      const used = kind === END || kind === NOP ? 0 : option(d, kind, at, bytes - 2, left, { flags, sackBase, segment });
      at += used;
      left -= used;
      if (used + (bytes === 1 ? 1 : 2) !== bytes) d.put(`[len ${bytes}]`);
      inOption = false;
      separator = ',';
      if (kind === END) break;
    }
  } catch (error) {
    if (error === TRUNCATED && inOption) {
      d.truncated();
      if (separator !== '') d.put('>');
      return false;
    }
    if (error !== BAD) throw error;
    d.put(separator === '' ? '[bad opt]' : '[bad opt]]');
    return false;
  }
  d.put(']');
  return true;
}

interface OptionContext {
  readonly flags: number;
  readonly sackBase: number;
  readonly segment: Segment;
}

/** One option's value of `length` bytes, `left` bytes before the header's end; returns how many it took. */
function option(d: Dissector, kind: number, at: number, length: number, left: number, { flags, sackBase, segment }: OptionContext): number {
  const used = fixedBytes[kind] ?? length;
  if (used > left) throw BAD;
  if (kind !== SACK && kind !== AUTHENTICATION && optionWords[kind] !== undefined) d.need(at, used);
  switch (kind) {
    case MSS:
      d.put(` ${d.be16(at)}`);
      break;
    case WINDOW_SCALE:
      d.put(` ${d.u8(at)}`);
      break;
    case SACK_PERMITTED:
      break;
    case SACK:
      if (length % 8 !== 0) {
        d.put(' invalid sack');
        break;
      }
      d.put(` ${length / 8} `);
      for (let i = 0; i < length; i += 8) d.put(`{${(d.be32(at + i) - sackBase) >>> 0}:${(d.be32(at + i + 4) - sackBase) >>> 0}}`);
      break;
    case ECHO:
    case ECHO_REPLY:
    case CC:
    case CC_NEW:
    case CC_ECHO:
      d.put(` ${d.be32(at)}`);
      break;
    case TIMESTAMPS:
      d.put(` val ${d.be32(at)} ecr ${d.be32(at + 4)}`);
      break;
    case MD5:
      verifySignature(d, segment, at);
      break;
    case SCPS:
      d.put(` cap ${hex(d.u8(at), 2)} id ${d.u8(at + 1)}`);
      break;
    case USER_TIMEOUT: {
      const value = d.be16(at);
      d.put(` 0x${hex(value)} ${(value & 1) === 1 ? (value >>> 1) * 60 : value >>> 1}`);
      break;
    }
    case AUTHENTICATION:
      if (length < 2) d.invalid();
      else {
        d.put(` keyid ${d.u8(at)} rnextkeyid ${d.u8(at + 1)}`);
        if (length > 2) d.put(' mac 0x');
        for (let i = 2; i < length; i++) d.put(d.hexOf(at + i, 1));
      }
      break;
    case MULTIPATH: {
      const end = d.cut(at, length);
      const right = mptcp(d, at - 2, length + 2, flags);
      d.end = end;
      if (!right) throw BAD;
      break;
    }
    case FAST_OPEN:
      d.put(' ');
      fastOpen(d, at, length, false);
      break;
    case EXPERIMENTAL: {
      if (length < 2) throw BAD;
      const magic = d.be16(at);
      d.put('-');
      if (magic === 0xf989) fastOpen(d, at + 2, length - 2, true);
      else d.put(hex(magic, 4));
      break;
    }
    default:
      if (length > 0) d.put(' 0x');
      for (let i = 0; i < length; i++) d.put(hex(d.u8(at + i), 2));
  }
  return used;
}

function fastOpen(d: Dissector, at: number, length: number, experimental: boolean): void {
  if (experimental) d.put('tfo');
  if (length === 0) d.put(' cookiereq');
  else if (length % 2 !== 0 || length < 4 || length > 16) d.invalid();
  else d.put(` cookie ${d.hexOf(at, length)}`);
}
