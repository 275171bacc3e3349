// Payloads of ISAKMP and IKE's first version, RFC 2407 to 2409.
import { word } from '../words.js';
import { attributes, GENERIC, payloads, raw, type Show, some } from './isakmp-payloads.js';
import { certificateWords, idWords, ikeAttributes, ipsecAttributes, notifyWords, protocolWords, transformWords } from './isakmp-words.js';

/** Length, and with -vvv the bytes. */
export const plain =
  (title: string, label: string): Show =>
  (m, at, size) => {
    m.d.put(`${title}:${label} len=${size - GENERIC}`);
    if (m.d.options.verbose > 2 && size > GENERIC) {
      m.d.put(' ');
      raw(m, at + GENERIC, size - GENERIC);
    }
    return undefined;
  };

export const certificate =
  (title: string): Show =>
  (m, at, size) => {
    m.d.put(`${title}: len=${size - GENERIC} type=${word(certificateWords, m.d.u8(at + GENERIC))}`);
    if (m.d.options.verbose > 2 && size > GENERIC) {
      m.d.put(' ');
      raw(m, at + GENERIC, size - GENERIC);
    }
    return undefined;
  };

const association: Show = (m, at) => {
  const { d } = m;
  d.put('sa:');
  const doi = d.be32(at + GENERIC);
  if (doi !== 1) {
    d.put(` doi=${doi} situation=${d.be32(at + 8)}`);
    return undefined;
  }
  const situation = d.be32(at + 8);
  d.put(' doi=ipsec situation=');
  const words = [
    [1, 'identity'],
    [2, 'secrecy'],
    [4, 'integrity'],
  ] as const;
  d.put(
    words
      .filter(([bit]) => (situation & bit) !== 0)
      .map(([, name]) => name)
      .join('+'),
  );
  let body = at + 12;
  if ((situation & 6) !== 0) {
    d.put(` ident=${d.be32(at + 12)}`);
    body += 4;
  }
  return payloads(m, 2, body);
};

/** What the proposal's protocol is, for its transforms. */
const proposal: Show = (m, at, size) => {
  const { d } = m;
  const protocol = d.u8(at + 5);
  const spi = d.u8(at + 6);
  d.put(`p: #${d.u8(at + 4)} protoid=${word(protocolWords, protocol)} transform=${d.u8(at + 7)}`);
  if (spi > 0) {
    d.put(' spi=');
    raw(m, at + 8, spi);
  }
  m.protocol = protocol;
  if (8 + spi < size) return payloads(m, 3, at + 8 + spi);
  d.put(`\n${'    '.repeat(m.depth + 1)}()`);
  return undefined;
};

const transform: Show = (m, at, size) => {
  const { d } = m;
  const { protocol } = m;
  const id = d.u8(at + 5);
  d.put(`t: #${d.u8(at + 4)} id=${transformWords[protocol]?.[id] ?? (protocol === 0 ? id : `#${id}`)} `);
  const names = protocol === 1 ? ikeAttributes : protocol === 0 ? {} : ipsecAttributes;
  attributes(m, at + 8, at + size, names);
  return undefined;
};

const keyExchange: Show = (m, at, size) => {
  m.d.put(`ke: key len=${size - GENERIC}`);
  if (m.d.options.verbose > 2 && size > GENERIC) {
    m.d.put(' ');
    raw(m, at + GENERIC, size - GENERIC);
  }
  return undefined;
};

const identification: Show = (m, at, size) => {
  const { d } = m;
  const type = d.u8(at + 4);
  const length = size - 8;
  d.put(`id: idtype=${word(idWords, type)}`);
  // Of the first phase and of the second alike: what the identity is for.
  d.put(` protoid=${d.u8(at + 5)} port=${d.be16(at + 6)}`);
  if (length <= 0) return undefined;
  d.put(` len=${length}`);
  const value = at + 8;
  const least: Readonly<Record<number, number>> = { 1: 4, 4: 8, 5: 16, 6: 32, 7: 8, 8: 32 };
  const wanted = least[type];
  if (wanted !== undefined && length < wanted) {
    d.put(` [bad: < ${wanted}]`);
    return undefined;
  }
  switch (type) {
    case 1:
      d.put(` ${d.ip(value)}`);
      break;
    case 2:
    case 3:
      d.put(' ');
      for (let i = 0; i < length; i++) d.char(d.u8(value + i));
      break;
    case 4:
      d.put(` ${d.ip(value)}/${d.ip(value + 4)}`);
      break;
    case 5:
      d.put(` ${d.ip6(value)}`);
      break;
    case 6:
      d.put(` ${d.ip6(value)}/0x${d.hexOf(value + 16, 16)}`);
      break;
    case 7:
      d.put(` ${d.ip(value)}-${d.ip(value + 4)}`);
      break;
    case 8:
      d.put(` ${d.ip6(value)}-${d.ip6(value + 16)}`);
      break;
    default:
      if (d.options.verbose > 2) {
        d.put(' ');
        raw(m, value, length);
      }
  }
  return undefined;
};

const notification: Show = (m, at, size) => {
  const { d } = m;
  const doi = d.be32(at + 4);
  const protocol = d.u8(at + 8);
  const spi = d.u8(at + 9);
  const type = d.be16(at + 10);
  if (doi !== 1) {
    d.put(`n: doi=${doi} proto=${protocol} type=#${type}`);
    if (spi > 0) {
      d.put(' spi=');
      raw(m, at + 12, spi);
    }
    // What another domain says behind its SPI is taken for the next payload.
    return at + 12 + spi;
  }
  d.put(`n: doi=ipsec proto=${word(protocolWords, protocol)} type=${word(notifyWords, type)}`);
  let value = at + 12;
  if (spi > 0) {
    d.put(' spi=');
    raw(m, value, spi);
    value += spi;
  }
  const end = at + size;
  if (value >= m.end) return undefined;
  if (type === 24576) {
    d.put(' attrs=(');
    attributes(m, value, end, ipsecAttributes);
    d.put(')');
  } else if (type === 24577) {
    d.put(' status=(');
    d.put(`replay detection ${d.be32(value) !== 0 ? 'en' : 'dis'}abled)`);
  } else if (d.options.verbose > 3) {
    d.put(' data=(');
    raw(m, value, end - value);
    d.put(')');
  } else if (d.options.verbose > 1) {
    d.put(' data=(');
    some(m, value, false);
    d.put(')');
  }
  return undefined;
};

const deletion: Show = (m, at, size) => {
  const { d } = m;
  const doi = d.be32(at + 4);
  const protocol = d.u8(at + 8);
  const spi = d.u8(at + 9);
  const count = d.be16(at + 10);
  d.put(
    `d: doi=${doi === 1 ? 'ipsec' : doi} proto=${doi === 1 ? word(protocolWords, protocol) : protocol} spilen=${spi} nspi=${count} spi=`,
  );
  for (let i = 0; i < count && at + 12 + (i + 1) * spi <= at + size; i++) {
    if (i > 0) d.put(',');
    raw(m, at + 12 + i * spi, spi);
  }
  return undefined;
};

export const ikev1Payloads: Readonly<Record<number, Show>> = {
  1: association,
  2: proposal,
  3: transform,
  4: keyExchange,
  5: identification,
  6: certificate('cert'),
  7: certificate('cr'),
  8: plain('hash', ''),
  9: plain('sig', ''),
  10: plain('nonce', ' n'),
  11: notification,
  12: deletion,
  13: plain('vid', ''),
};
