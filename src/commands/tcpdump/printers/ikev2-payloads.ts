// Payloads of IKE's second version, RFC 7296.
import { word } from '../words.js';
import { ikev1Payloads } from './ikev1-payloads.js';
import { attributes, BROKEN, GENERIC, type Message, payloads, raw, type Show, some } from './isakmp-payloads.js';
import { notify2Words, protocolWords, transforms2, transformTypes } from './isakmp-words.js';

const MAXIMUM_VENDOR = 14;

const critical = (m: Message, at: number) => ((m.d.u8(at + 1) & 0x80) !== 0 ? '[C]' : '');

const association: Show = (m, at, size) => {
  m.d.put(`sa${critical(m, at)}: len=${size - GENERIC}`);
  if (payloads(m, 2, at + GENERIC) === BROKEN) m.d.put(' [|v2sa]');
  return undefined;
};

const proposal: Show = (m, at, size) => {
  const { d } = m;
  const spi = d.u8(at + 6);
  d.put(`p: #${d.u8(at + 4)} protoid=${word(protocolWords, d.u8(at + 5))} transform=${d.u8(at + 7)} len=${size}`);
  if (spi > 0) {
    d.put(' spi=');
    raw(m, at + 8, spi);
  }
  m.transforms = 0;
  return payloads(m, 3, at + 8 + spi);
};

const transform: Show = (m, at, size) => {
  const { d } = m;
  const type = d.u8(at + 4);
  const id = d.be16(at + 6);
  d.put(`t: #${++m.transforms} type=${word(transformTypes, type)} id=${transforms2[type]?.[id] ?? `#${id}`} `);
  attributes(m, at + 8, at + size, { 14: { name: 'keylen' } });
  return undefined;
};

const keyExchange: Show = (m, at, size) => {
  const { d } = m;
  if (!d.has(at, 8)) {
    d.put(' [|v2ke]');
    return BROKEN;
  }
  const length = size - 8;
  d.put(`v2ke${critical(m, at)}: len=${length} group=${word(transforms2[4]!, d.be16(at + 4))}`);
  if (length > 0 && d.options.verbose > 2) {
    d.put(' ');
    raw(m, at + 8, length);
  }
  return undefined;
};

const nonce: Show = (m, at, size) => {
  const { d } = m;
  d.put(`nonce${critical(m, at)}: len=${size - GENERIC}`);
  if (d.options.verbose > 2 && size > GENERIC) {
    d.put(' nonce=(');
    raw(m, at + GENERIC, size - GENERIC);
    d.put(') ');
  } else if (d.options.verbose > 0 && size > GENERIC) {
    d.put(' data=(');
    some(m, at + GENERIC, true);
    d.put(')');
  }
  return undefined;
};

const notification: Show = (m, at, size) => {
  const { d } = m;
  const protocol = d.u8(at + 4);
  const spi = d.u8(at + 5);
  const type = d.be16(at + 6);
  const kind = type < 8192 ? 'error' : 'status';
  d.put(`n${critical(m, at)}: prot_id=${word(protocolWords, protocol)} type=${type}(${word(notify2Words, type, () => kind)})`);
  let value = at + 8;
  if (spi > 0) {
    d.put(' spi=');
    raw(m, value, spi);
    value += spi;
  }
  const end = at + size;
  if (value >= end) return undefined;
  if (type === 16390 || d.options.verbose > 3) {
    d.put(' data=(');
    if (d.options.verbose > 3) raw(m, value, m.end - value);
    else some(m, value, false);
    d.put(')');
  }
  return undefined;
};

const lengthAlone =
  (name: string): Show =>
  (m, at, size) => {
    m.d.put(`${name}${critical(m, at)}: len=${size - GENERIC}`);
    if (m.d.options.verbose > 2 && size > GENERIC) {
      m.d.put(' ');
      raw(m, at + GENERIC, size - GENERIC);
    }
    return undefined;
  };

/** RFC 7296 3.12: as characters, and with -vvv the bytes. */
const vendor: Show = (m, at, size) => {
  const { d } = m;
  d.put(`v2vid${critical(m, at)}: len=${size - GENERIC} vid=`);
  for (let i = GENERIC; i < Math.min(size, GENERIC + MAXIMUM_VENDOR); i++) {
    const byte = d.u8(at + i);
    d.put(byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');
  }
  if (d.options.verbose > 2 && size > GENERIC) {
    d.put(' ');
    raw(m, at + GENERIC, size - GENERIC);
  }
  return undefined;
};

/** What the first version's chains may hold, too: all but proposals, transforms and what is encrypted. */
const payloadsOfBoth: Readonly<Record<number, Show>> = {
  33: association,
  34: keyExchange,
  37: lengthAlone('v2cert'),
  38: lengthAlone('v2cr'),
  40: nonce,
  41: notification,
  42: lengthAlone('v2d'),
  43: vendor,
  44: lengthAlone('v2TSi'),
  45: lengthAlone('v2TSr'),
  47: lengthAlone('v2cp'),
  48: lengthAlone('v2eap'),
};

export const version1: Readonly<Record<number, Show>> = { ...ikev1Payloads, ...payloadsOfBoth };
export const version2: Readonly<Record<number, Show>> = { ...version1, 2: proposal, 3: transform, 46: lengthAlone('v2e') };
