// Kerberos: version 4 is shown, of version 5 that it is.
import type { Dissector } from '../dissector.js';
import { type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const typeWords: Words = {
  2: 'KDC_REQUEST',
  4: 'KDC_REPLY',
  6: 'APPL_REQUEST',
  8: 'APPL_REQUEST_MUTUAL',
  10: 'ERR_REPLY',
  12: 'PRIVATE',
  14: 'SAFE',
  16: 'APPL_ERR',
  126: 'DIE',
};

const errorWords: Words = {
  0: 'OK',
  1: 'NAME_EXP',
  2: 'SERVICE_EXP',
  3: 'AUTH_EXP',
  4: 'PKT_VER',
  5: 'NAME_MAST_KEY_VER',
  6: 'SERV_MAST_KEY_VER',
  7: 'BYTE_ORDER',
  8: 'PRINCIPAL_UNKNOWN',
  9: 'PRINCIPAL_NOT_UNIQUE',
  10: 'NULL_KEY',
};

function kerberos(d: Dissector, at: number): void {
  d.protocol = 'krb';
  if (at >= d.end) return d.truncated();
  const version = d.u8(at);
  if (version >= 1 && version <= 4) d.put(` v${version}`);
  else if (version === 106 || version === 107) d.put(' v5');
  if (version === 4) d.cutShort(() => four(d, at));
}

/** A string up to its zero byte: where the next begins. */
function text(d: Dissector, from: number): number {
  for (let at = from; ; ) {
    const byte = d.u8(at++);
    if (byte === 0) return at;
    d.char(byte);
  }
}

/** The name, instance and realm of a principal. */
function principal(d: Dissector, at: number): number {
  let next = text(d, at + 2);
  d.put('.');
  next = text(d, next);
  d.put('@');
  return text(d, next);
}

function four(d: Dissector, start: number): void {
  const code = d.u8(start + 1);
  const little = (code & 1) !== 0;
  const type = code & 0xfe;
  const u16 = (at: number) => (little ? d.le16(at) : d.be16(at));
  d.put(` ${little ? 'le' : 'be'} ${word(typeWords, type)}: `);
  switch (type) {
    case 2: {
      const at = principal(d, start) + 4;
      d.put(` ${d.u8(at) * 5}min `);
      const next = text(d, at + 1);
      d.put('.');
      text(d, next);
      return;
    }
    case 6: {
      d.put(`v${d.u8(start + 2)} `);
      const at = text(d, start + 3);
      return d.put(` (${d.u8(at)}) (${d.u8(at + 1)})`);
    }
    case 4: {
      const at = principal(d, start) + 10;
      return d.put(` (${u16(at)})`);
    }
    case 10: {
      const at = principal(d, start) + 4;
      d.put(` ${word(errorWords, u16(at))} `);
      text(d, at + 4);
      return;
    }
    default:
      d.put('(unknown)');
  }
}

export const kerberosPort: PortPrinter = { ports: [88, 750], print: kerberos };
