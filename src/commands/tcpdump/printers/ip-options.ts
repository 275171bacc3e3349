// Options of IPv4: RFC 791 3.1, RFC 2113, RFC 1393.
import type { Dissector } from '../dissector.js';
import { type Words, word } from '../words.js';

const END = 0;
const NOP = 1;
const RECORD_ROUTE = 7;
const TIMESTAMP = 68;
const LOOSE_ROUTE = 131;
const STRICT_ROUTE = 137;
const ROUTER_ALERT = 148;

const optionWords: Words = {
  [END]: 'EOL',
  [NOP]: 'NOP',
  [TIMESTAMP]: 'timestamp',
  130: 'security',
  [RECORD_ROUTE]: 'RR',
  [STRICT_ROUTE]: 'SSRR',
  [LOOSE_ROUTE]: 'LSRR',
  [ROUTER_ALERT]: 'RA',
  82: 'traceroute',
};

/** The options in `length` bytes at `from`; false: they were cut. */
export function ipOptions(d: Dissector, from: number, length: number): boolean {
  let at = from;
  let left = length;
  let separator = '';
  while (left > 0) {
    d.put(separator);
    separator = ',';
    const code = d.u8(at);
    d.put(word(optionWords, code, (n) => `unknown ${n}`));
    let bytes = 1;
    if (code !== NOP && code !== END) {
      bytes = d.u8(at + 1);
      if (bytes < 2) {
        d.put(` [bad length ${bytes}]`);
        return true;
      }
    }
    if (bytes > left) {
      d.put(` [bad length ${bytes}]`);
      return true;
    }
    if (!d.has(at, bytes)) return false;
    if (code === END) return true;
    if (code === TIMESTAMP) {
      if (!timestamps(d, at, bytes)) return false;
    } else if (code === RECORD_ROUTE || code === STRICT_ROUTE || code === LOOSE_ROUTE) {
      if (!route(d, at, bytes)) return false;
    } else if (code === ROUTER_ALERT) {
      if (bytes < 4) d.put(` [bad length ${bytes}]`);
      else if (d.be16(at + 2) !== 0) d.put(` value ${d.be16(at + 2)}`);
    }
    at += bytes;
    left -= bytes;
  }
  return true;
}

/** False: an address was cut. */
function route(d: Dissector, at: number, length: number): boolean {
  if (length < 3) {
    d.put(` [bad length ${length}]`);
    return true;
  }
  if (((length + 1) & 3) !== 0) d.put(` [bad length ${length}]`);
  const pointer = d.u8(at + 2) - 1;
  if (pointer < 3 || ((pointer + 1) & 3) !== 0 || pointer > length + 1) d.put(` [bad ptr ${d.u8(at + 2)}]`);
  for (let i = 3; i < length; i += 4) {
    if (!d.has(at + i, 4)) return false;
    d.put(` ${d.ip(at + i)}${pointer > i ? ',' : ''}`);
  }
  return true;
}

const TIMESTAMP_ONLY = 0;
const timestampTypes: Words = { [TIMESTAMP_ONLY]: 'TSONLY', 1: 'TS+ADDR', 3: 'PRESPEC' };

/** False: one was cut. */
function timestamps(d: Dissector, at: number, length: number): boolean {
  if (length < 4) {
    d.put(`[bad length ${length}]`);
    return true;
  }
  d.put(' TS{');
  const type = d.u8(at + 3) & 0xf;
  const step = type === TIMESTAMP_ONLY ? 4 : 8;
  if (((length - 4) & (step - 1)) !== 0) d.put(`[bad length ${length}]`);
  const pointer = d.u8(at + 2) - 1;
  if (pointer < 4 || ((pointer - 4) & (step - 1)) !== 0 || pointer > length + 1) d.put(`[bad ptr ${d.u8(at + 2)}]`);
  let i = 0;
  if (timestampTypes[type] === undefined) d.put(`[bad ts type ${type}]`);
  else {
    d.put(timestampTypes[type]!);
    for (i = 4; i < length; i += step) {
      if (!d.has(at + i, step)) return false;
      d.put(`${pointer === i ? ' ^ ' : ' '}${d.be32(at + i + step - 4)}@${step === 8 ? d.ip(at + i) : ''}`);
    }
  }
  if (pointer === i) d.put(' ^ ');
  const missing = d.u8(at + 3) >>> 4;
  d.put(missing > 0 ? ` [${missing} hops not recorded]} ` : '}');
  return true;
}
