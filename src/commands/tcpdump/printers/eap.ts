// EAP over LAN (802.1X) and EAP, RFC 3748.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { bits, hex0x, type Words, word } from '../words.js';
import type { EthertypePrinter } from './registry-types.js';

const frameTypes: Words = { 0: 'EAP packet', 1: 'EAPOL start', 2: 'EAPOL logoff', 3: 'EAPOL key', 4: 'Encapsulated ASF alert' };
const codes: Words = { 1: 'Request', 2: 'Response', 3: 'Success', 4: 'Failure' };
const IDENTITY = 1;
const NOTIFICATION = 2;
const NAK = 3;
const TLS = 13;
const SIM = 18;
const TTLS = 21;
const AKA = 23;
const FAST = 43;
const types: Words = {
  0: 'No proposed',
  [IDENTITY]: 'Identity',
  [NOTIFICATION]: 'Notification',
  [NAK]: 'Nak',
  4: 'MD5-challenge',
  5: 'OTP',
  6: 'GTC',
  [TLS]: 'TLS',
  [SIM]: 'SIM',
  [TTLS]: 'TTLS',
  [AKA]: 'AKA',
  [FAST]: 'FAST',
  254: 'Expanded types',
  255: 'Experimental',
};
const tlsFlags = [
  [0x80, 'L bit'],
  [0x40, 'More fragments bit'],
  [0x20, 'Start bit'],
] as const;
const akaSubtypes: Words = {
  1: 'Challenge',
  2: 'Auth reject',
  4: 'Sync failure',
  5: 'Identity',
  10: 'Start',
  11: 'Challenge',
  12: 'Notification',
  13: 'Reauth',
  14: 'Client error',
};
const unknown = () => 'unknown';

function eapol(d: Dissector, at: number): void {
  d.protocol = 'eap';
  d.need(at, 4);
  const type = d.u8(at + 1);
  const length = d.be16(at + 2);
  d.put(`${word(frameTypes, type, unknown)} (${type}) v${d.u8(at)}, len ${length}`);
  if (d.options.verbose === 0 || type !== 0) return;
  if (length === 0) throw TRUNCATED;
  d.put(', ');
  eap(d, at + 4, length);
}

export function eap(d: Dissector, at: number, given: number): void {
  const code = d.u8(at);
  const length = d.be16(at + 2);
  if (length !== given) return d.put('EAP fragment?');
  d.put(`${word(codes, code, unknown)} (${code}), id ${d.u8(at + 1)}, len ${length}`);
  if (length < 4) return d.put(' (too short for EAP header)');
  d.need(at, length);
  if (code !== 1 && code !== 2) return;
  if (length < 5) return d.put(' (too short for EAP request/response)');
  const type = d.u8(at + 4);
  d.put(`\n\t\t Type ${word(types, type, unknown)} (${type})`);
  body(d, type, at, length);
}

function body(d: Dissector, type: number, at: number, length: number): void {
  const short = (what: string) => d.put(` (too short for EAP ${what})`);
  switch (type) {
    case IDENTITY:
    case NOTIFICATION:
      if (length < 6) return type === IDENTITY ? undefined : short('Notification request/response');
      d.put(`, ${types[type]}: `);
      return d.charsToZero(at + 5, length - 5);
    case NAK:
      if (length < 6) return short('Legacy NAK request/response');
      for (let i = 5; i < length; i++) d.put(`${i === 5 ? '' : ','} ${word(types, d.u8(at + i), unknown)} (${d.u8(at + i)})`);
      return;
    case TTLS:
    case TLS:
    case FAST: {
      const what = type === FAST ? 'FAST' : 'TLS/TTLS';
      if (length < 6) return short(`${what} request/response`);
      const flags = d.u8(at + 5);
      if (type !== TLS) d.put(` ${types[type]}v${flags & 7}`);
      d.put(` flags [${bits(tlsFlags, flags)}] ${hex0x(flags, 2)}`);
      if ((flags & 0x80) === 0) return;
      if (length < 10) return short(`${what} request/response with length`);
      return d.put(`, len ${d.be32(at + 6)}`);
    }
    case AKA:
    case SIM: {
      if (length < 6) return short('SIM/AKA request/response');
      const subtype = d.u8(at + 5);
      return d.put(` subtype [${word(akaSubtypes, subtype, unknown)}] ${hex0x(subtype, 2)}`);
    }
  }
}

export const eapolType: EthertypePrinter = { types: [0x888e], print: eapol };
