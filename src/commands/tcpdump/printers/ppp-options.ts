// Options of PPP's control protocols: LCP (RFC 1661, 1570), IPCP (RFC 1332, 1877, 2290), IPV6CP (RFC 5072), CCP (RFC 1962) and BACP (RFC 2125).
import type { Dissector } from '../dissector.js';
import { organisations } from '../names.js';
import { hex0x, type Words, word } from '../words.js';

/** Prints the option at `at`; returns its length, 0 where nothing can follow it. */
export type OptionPrinter = (d: Dissector, at: number, left: number) => number;

const lcpNames = [
  'Vend-Ext',
  'MRU',
  'ACCM',
  'Auth-Prot',
  'Qual-Prot',
  'Magic-Num',
  'deprecated(6)',
  'PFC',
  'ACFC',
  'FCS-Alt',
  'SDP',
  'Num-Mode',
  'deprecated(12)',
  'Call-Back',
  'deprecated(14)',
  'deprecated(15)',
  'deprecated(16)',
  'MRRU',
  '12-Bit seq #',
  'End-Disc',
  'Proprietary',
  'DCE-Id',
  'MP+',
  'Link-Disc',
  'LCP-Auth-Opt',
  'COBS',
  'Prefix-elision',
  'Multilink-header-Form',
  'I18N',
  'SDL-over-SONET/SDH',
  'PPP-Muxing',
] as const;
const callbackWords: Words = { 0: 'UserAuth', 1: 'DialString', 2: 'LocalID', 3: 'E.164', 4: 'X.500', 6: 'CBCP' };
const endpointWords: Words = { 0: 'Null', 1: 'Local', 2: 'IPv4', 3: 'MAC', 4: 'Magic-Num-Block', 5: 'PSNDN' };
const authenticationWords: Words = { 0xc023: 'PAP', 0xc027: 'SPAP', 0xc123: 'Old-SPAP', 0xc227: 'EAP' };
const chapWords: Words = { 5: 'MD5', 0x80: 'MS-CHAPv1', 0x81: 'MS-CHAPv2' };
const ipcpWords: Words = {
  1: 'IP-Addrs',
  2: 'IP-Comp',
  3: 'IP-Addr',
  4: 'Home-Addr',
  0x81: 'Pri-DNS',
  0x82: 'Pri-NBNS',
  0x83: 'Sec-DNS',
  0x84: 'Sec-NBNS',
};
const ccpWords: Words = {
  0: 'OUI',
  1: 'Pred-1',
  2: 'Pred-2',
  3: 'Puddle',
  16: 'HP-PPC',
  17: 'Stac-LZS',
  18: 'MPPC',
  19: 'Gand-FZA',
  20: 'V.42bis',
  21: 'BSD-Comp',
  23: 'LZS-DCP',
  24: 'MVRCA',
  25: 'DEC',
  26: 'Deflate',
};
const compressionWords: Words = { 0x2d: 'VJ-Comp', 0x61: 'IP Header Compression' };
const IP_HEADER_COMPRESSION = 0x61;
const subOptionWords: Words = { 1: 'RTP-Compression', 2: 'Enhanced RTP-Compression' };

/** What an option says, its body at `at + 2`; false: its length is wrong, and no more is said of it. */
/** False: it is wrong; a number: what is dumped of it lies two bytes behind there. */
type Body = (d: Dissector, at: number, length: number) => boolean | number;

/** An option of exactly `length` bytes. */
const exactly =
  (length: number, show: (d: Dissector, body: number) => string): Body =>
  (d, at, given) => {
    d.put(given === length ? `: ${show(d, at + 2)}` : ` (length bogus, should be = ${length})`);
    return given === length;
  };

const atLeast =
  (length: number, show: (d: Dissector, body: number) => string): Body =>
  (d, at, given) => {
    d.put(given >= length ? `: ${show(d, at + 2)}` : ` (length bogus, should be >= ${length})`);
    return given >= length;
  };

const number16 = exactly(4, (d, body) => String(d.be16(body)));
const number32 = exactly(6, (d, body) => hex0x(d.be32(body), 8));
const address = exactly(6, (d, body) => d.ip(body));
const silent: Body = () => true;

const lcpBodies: Readonly<Record<number, Body>> = {
  0: atLeast(6, (d, body) => {
    const organisation = d.be24(body);
    return `Vendor: ${word(organisations, organisation, () => 'Unknown')} (${organisation})`;
  }),
  1: number16,
  2: number32,
  3: authentication,
  4: atLeast(4, (d, body) => (d.be16(body) === 0xc025 ? 'LQR' : 'unknown')),
  5: exactly(6, (d, body) => hex0x(d.be32(body), 8)),
  7: silent,
  8: silent,
  13: atLeast(3, (d, body) => {
    const operation = d.u8(body);
    return `: Callback Operation ${word(callbackWords, operation, () => 'Unknown')} (${operation})`;
  }),
  17: exactly(4, (d, body) => String(d.be16(body))),
  19: endpoint,
  23: exactly(4, (d, body) => hex0x(d.be16(body), 4)),
};

function authentication(d: Dissector, at: number, length: number): boolean {
  if (length < 4) {
    d.put(' (length bogus, should be >= 4)');
    return false;
  }
  const protocol = d.be16(at + 2);
  d.put(': ');
  if (protocol === 0xc223) {
    d.put('CHAP');
    d.put(`, ${word(chapWords, d.u8(at + 4), (n) => `Unknown Auth Alg ${n}`)}`);
  } else if (authenticationWords[protocol] !== undefined) d.put(authenticationWords[protocol]);
  else {
    // The real tool's format lacks a percent sign here.
    d.put('Unknown Auth Proto (0x04x)');
    d.unknown(at, '\n\t', length);
  }
  return true;
}

/** The endpoint discriminator, RFC 1990. */
function endpoint(d: Dissector, at: number, length: number): boolean {
  if (length < 3) {
    d.put(' (length bogus, should be >= 3)');
    return false;
  }
  const kind = d.u8(at + 2);
  const bogus = kind === 2 ? 7 : kind === 3 ? 9 : length;
  if (length !== bogus) {
    d.put(` (length bogus, should be = ${bogus})`);
    return false;
  }
  d.put(`: ${word(endpointWords, kind, (n) => `Unknown class ${n}`)}`);
  if (kind === 2) d.put(` ${d.ip(at + 3)}`);
  else if (kind === 3) d.put(` ${d.hexOf(at + 3, 6, ':')}`);
  return true;
}

/** Where their lengths are wrong, nothing follows. */
const lasts = new Set<Body | undefined>([...[4, 5, 17, 23].map((kind) => lcpBodies[kind]), compression]);

/** An option whose kind and length are read and shown; `bodies` know what it says. */
function shown(d: Dissector, at: number, left: number, name: (kind: number) => string, bodies: Readonly<Record<number, Body>>): number {
  if (left < 2) return 0;
  d.need(at, 2);
  const kind = d.u8(at);
  const length = d.u8(at + 1);
  if (length < 2) {
    d.put(`\n\t  ${name(kind)} Option (${hex0x(kind, 2)}), length ${length} (length bogus, should be >= 2)`);
    return 0;
  }
  d.put(`\n\t  ${name(kind)} Option (${hex0x(kind, 2)}), length ${length}`);
  const body = bodies[kind];
  const outcome = body?.(d, at, length) ?? true;
  const isRight = outcome !== false;
  if (!isRight && lasts.has(body)) return 0;
  if ((body === undefined && d.options.verbose < 2) || (isRight && d.options.verbose > 1))
    d.unknown((typeof outcome === 'number' ? outcome : at) + 2, '\n\t    ', length - 2);
  return length;
}

/** Shows `[|name]` where the option was cut, and ends there. */
const cutAs =
  (name: string, print: OptionPrinter): OptionPrinter =>
  (d, at, left) => {
    let length = 0;
    if (d.endsEarly(() => (length = print(d, at, left)))) {
      d.put(`[|${name}]`);
      return 0;
    }
    return length;
  };

export const lcpOption = cutAs('lcp', (d, at, left) => {
  if (left < 2) return 0;
  d.need(at, 2);
  if (d.u8(at + 1) > left) return 0;
  const kind = d.u8(at);
  if (kind < lcpNames.length) return shown(d, at, left, (n) => lcpNames[n]!, lcpBodies);
  d.put(`\n\tunknown LCP option ${hex0x(kind, 2)}`);
  return d.u8(at + 1);
});

const ipcpBodies: Readonly<Record<number, Body>> = {
  1: exactly(10, (d, body) => `src ${d.ip(body)}, dst ${d.ip(body + 4)}`),
  2: compression,
  3: address,
  4: address,
  0x81: address,
  0x82: address,
  0x83: address,
  0x84: address,
};

/** RFC 2509, RFC 3544. */
function compression(d: Dissector, at: number, length: number): boolean | number {
  if (length < 4) {
    d.put(' (length bogus, should be >= 4)');
    return false;
  }
  const protocol = d.be16(at + 2);
  d.put(`: ${word(compressionWords, protocol, () => 'Unknown')} (${hex0x(protocol, 2)}):`);
  if (protocol !== IP_HEADER_COMPRESSION) return true;
  if (length < 14) {
    d.put(' (length bogus, should be >= 14)');
    return false;
  }
  d.need(at + 2, 12);
  d.put(`\n\t    TCP Space ${d.be16(at + 4)}, non-TCP Space ${d.be16(at + 6)}`);
  d.put(`, maxPeriod ${d.be16(at + 8)}, maxTime ${d.be16(at + 10)}, maxHdr ${d.be16(at + 12)}`);
  let left = length - 14;
  d.put(`\n\t      Suboptions, length ${left}`);
  let p = at + 14;
  while (left >= 2) {
    d.need(p, 2);
    const kind = d.u8(p);
    const size = d.u8(p + 1);
    if (kind === 0 || size === 0) break;
    d.put(`\n\t\t${word(subOptionWords, kind, () => 'Unknown')} Suboption #${kind}, length ${size}`);
    if (size > left) {
      d.put(` [remaining suboptions length ${left} < ${size}]`);
      d.invalid();
      break;
    }
    left -= size;
    p += size;
  }
  // The real tool dumps from here, as long as the option is.
  return p;
}

export const ipcpOption = cutAs('ipcp', (d, at, left) => shown(d, at, left, (n) => word(ipcpWords, n, () => 'unknown'), ipcpBodies));

const ip6cpBodies: Readonly<Record<number, Body>> = {
  1: exactly(10, (d, body) => [0, 2, 4, 6].map((i) => d.hexOf(body + i, 2)).join(':')),
};
export const ip6cpOption = cutAs('ip6cp', (d, at, left) => shown(d, at, left, (n) => (n === 1 ? 'Interface-ID' : 'unknown'), ip6cpBodies));

const ccpBodies: Readonly<Record<number, Body>> = {
  21: atLeast(3, (d, body) => `Version: ${d.u8(body) >>> 5}, Dictionary Bits: ${d.u8(body) & 0x1f}`),
  24: atLeast(4, (d, body) => {
    const features = d.u8(body);
    const contexts = d.u8(body + 1);
    return `Features: ${features >>> 6}, PxP: ${(features & 0x20) !== 0 ? 'Enabled' : 'Disabled'}, History: ${features & 0x1f}, #CTX-ID: ${contexts}`;
  }),
  26: atLeast(4, (d, body) => {
    const [window, check] = [d.u8(body), d.u8(body + 1)];
    const method = (window & 0x0f) === 8 ? 'zlib' : 'unknown';
    return `Window: ${window >>> 4}K, Method: ${method} (0x${(window & 0xf).toString(16)}), MBZ: ${check >>> 2}, CHK: ${check & 3}`;
  }),
};
export const ccpOption: OptionPrinter = (d, at, left) => shown(d, at, left, (n) => word(ccpWords, n, () => 'Unknown'), ccpBodies);

const bacpBodies: Readonly<Record<number, Body>> = { 1: exactly(6, (d, body) => `Magic-Num ${hex0x(d.be32(body), 8)}`) };
export const bacpOption = cutAs('bacp', (d, at, left) => shown(d, at, left, (n) => (n === 1 ? 'Favored-Peer' : 'Unknown'), bacpBodies));
