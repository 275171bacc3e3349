// Links of old local networks: ARCNET (RFC 1201 and Linux'), Token Ring, FDDI.
import type { Dissector } from '../dissector.js';
import { hex, type Words, word } from '../words.js';
import { ipx } from './ipx.js';
import type { LinkPrinter } from './registry-types.js';

const arcnetWords: Words = {
  240: 'oldip',
  241: 'oldarp',
  212: 'ip',
  213: 'arp',
  214: 'rarp',
  221: 'atalk',
  247: 'banyan',
  250: 'ipx',
  196: 'ipv6',
  128: 'diag',
};

/** EtherTypes that ARCNET's types stand for. */
const arcnetTypes: Readonly<Record<number, number>> = {
  240: 0x0800,
  212: 0x0800,
  0xc4: 0x86dd,
  241: 0x0806,
  213: 0x0806,
  214: 0x0806,
  221: 0x809b,
  250: 0x8137,
};
/** Types without a packet header: those of old, and of diagnostics. */
const isBare = (type: number) => type === 240 || type === 241 || type === 0x80;

function arcnetHeader(d: Dissector, at: number, length: number, extended: boolean, flag: number, sequence: number): void {
  const addresses = `${hex(d.u8(at), 2)} ${hex(d.u8(at + 1), 2)}`;
  if (d.options.quiet > 0) return d.put(`${addresses} ${length}: `);
  const name = `${addresses} ${word(arcnetWords, d.u8(at + 2), (n) => hex(n, 2))}`;
  if (!extended) return d.put(`${name} ${length}: `);
  const number = `${name} seqid ${hex(sequence, 4)}`;
  if (flag === 0) d.put(`${number} ${length}: `);
  else if ((flag & 1) !== 0) d.put(`${number} (first of ${Math.floor((flag + 3) / 2)} fragments) ${length}: `);
  else d.put(`${number} (fragment ${Math.floor(flag / 2) + 1}) ${length}: `);
}

function arcnetPayload(d: Dissector, type: number, at: number, length: number, captured: number): void {
  const ethertype = arcnetTypes[type];
  const printer = ethertype === undefined ? undefined : d.registry.ethertypes.get(ethertype);
  if (ethertype === 0x8137) ipx(d, at, length);
  else if (printer === undefined) d.hexAndAscii('\n\t', at, captured);
  else printer.print(d, at, length, captured, { source: -1, destination: -1 });
}

const cut = (d: Dissector, at: number) => d.need(at, Number.POSITIVE_INFINITY);

function arcnet(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = 'arcnet';
  if (captured < 3) cut(d, at);
  const type = d.u8(at + 2);
  const extended = !isBare(type);
  let header = 3;
  let flag = 0;
  let sequence = 0;
  if (extended) {
    const stop = (text: string) => {
      arcnetHeader(d, at, length, false, 0, 0);
      d.put(text);
      cut(d, at);
    };
    if (captured < 6) stop(' phds');
    flag = d.u8(at + 3);
    header = 6;
    if (flag === 0xff) {
      if (captured < 10) stop(' phds extended');
      flag = d.u8(at + 7);
      sequence = d.be16(at + 8);
      header = 10;
    } else sequence = d.be16(at + 4);
  }
  if (d.options.linkLayer) arcnetHeader(d, at, length, extended, flag, sequence);
  // Of a packet in pieces, the first is shown alone.
  if (extended && flag !== 0 && (flag & 1) === 0) return header;
  arcnetPayload(d, type, at + header, length - header, captured - header);
  return header;
}

function linuxArcnet(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = 'arcnet_linux';
  if (captured < 5) cut(d, at);
  const type = d.u8(at + 4);
  const header = isBare(type) ? 5 : 8;
  if (captured < header) cut(d, at);
  // As tcpdump: the type is looked for where BSD has it.
  if (d.options.linkLayer) arcnetHeader(d, at, length, false, 0, 0);
  arcnetPayload(d, type, at + header, length - header, captured - header);
  return header;
}

/** Runs `part` while the bytes at `at` are others: addresses are not on the wire as they are shown. */
function withBytes<T>(d: Dissector, at: number, bytes: readonly number[], part: () => T): T {
  const before = d.bytes.slice(at, at + bytes.length);
  d.bytes.set(bytes, at);
  try {
    return part();
  } finally {
    d.bytes.set(before, at);
  }
}

/** LLC behind a header of `header` bytes, or data: how long the headers were. */
function logicalLink(
  d: Dissector,
  frame: number,
  header: number,
  length: number,
  captured: number,
  source: number,
  destination: number,
): number {
  const at = frame + header;
  const size = d.registry.llc(d, at, length - header, captured - header, { source, destination });
  if (size < 0) d.dump(at, captured - header);
  return header + Math.abs(size);
}

const TOKEN_HEADER = 14;
const broadcasts = [
  'Non-Broadcast',
  'Non-Broadcast',
  'Non-Broadcast',
  'Non-Broadcast',
  'All-routes',
  'All-routes',
  'Single-route',
  'Single-route',
];
const largest = ['516', '1500', '2052', '4472', '8144', '11407', '17800', '??'];

function tokenRing(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = 'token-ring';
  if (captured < TOKEN_HEADER) {
    d.truncated();
    return TOKEN_HEADER;
  }
  const first = d.u8(at + 8);
  return withBytes(d, at + 8, [first & 0x7f], () => tokenFrame(d, at, length, captured, (first & 0x80) !== 0));
}

function tokenFrame(d: Dissector, at: number, length: number, captured: number, routed: boolean): number {
  const show = () => {
    if (d.options.quiet === 0) d.put(`${hex(d.u8(at), 2)} ${hex(d.u8(at + 1), 2)} `);
    d.put(`${d.mac(at + 8)} > ${d.mac(at + 2)}, length ${length}: `);
  };
  if (d.options.linkLayer) show();
  let header = TOKEN_HEADER;
  if (routed) {
    const route = captured < TOKEN_HEADER + 2 ? 0 : d.be16(at + TOKEN_HEADER);
    const routeLength = (route >>> 8) & 0x1f;
    if (captured < TOKEN_HEADER + 2 || captured < TOKEN_HEADER + routeLength) {
      d.truncated();
      return TOKEN_HEADER + routeLength;
    }
    header += routeLength;
    ringRoute(d, at + TOKEN_HEADER, route, routeLength);
  }
  if (d.u8(at + 1) >>> 6 === 1) return logicalLink(d, at, header, length, captured, at + 8, at + 2);
  if (!d.options.linkLayer) show();
  d.dump(at + header, captured - header);
  return header;
}

function ringRoute(d: Dissector, at: number, route: number, length: number): void {
  const segments = Math.trunc((length - 2) / 2);
  const segment = (n: number) => d.be16(at + 2 + n * 2);
  if (d.options.verbose > 0) {
    d.put(`${broadcasts[route >>> 13]} ${(route & 0x80) === 0 ? 'Forward' : 'Backward'}`);
    for (let n = 0; n < segments; n++) d.put(` [${segment(n) >>> 4}:${segment(n) & 0xf}]`);
  } else {
    d.put(`rt = ${hex(route)}`);
    for (let n = 0; n < segments; n++) d.put(`:${hex(segment(n))}`);
  }
  d.put(` (${largest[(route >>> 4) & 7]}) `);
}

const FDDI_HEADER = 13;
const frameWords: Words = { 0x40: 'void ', 0x80: 'nrt ', 0xc0: 'rt ', 0x41: 'info ', 0x4f: 'nsa ', 0xc2: 'beacon ', 0xc3: 'claim ' };
const classWords: Words = { 0xc0: 'mac', 0x40: 'smt', 0x50: 'async', 0xd0: 'sync', 0x60: 'imp_async', 0xe0: 'imp_sync' };

function fddi(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = 'fddi';
  if (captured < FDDI_HEADER) {
    d.truncated();
    return captured;
  }
  const control = d.u8(at);
  const kind = classWords[control & 0xf0];
  const show = () => {
    if (d.options.quiet === 0) d.put(frameWords[control] ?? (kind === undefined ? `${hex(control, 2)} ` : `${kind}${hex(control & 0xf)} `));
    d.put(`${d.mac(at + 7)} > ${d.mac(at + 1)}, length ${length}: `);
  };
  if (d.options.linkLayer) show();
  if ((control & 0xf0) === 0x50) return logicalLink(d, at, FDDI_HEADER, length, captured, at + 7, at + 1);
  if ((control & 0xf0) === 0x40) d.put('<SMT printer not yet implemented>');
  else {
    if (!d.options.linkLayer) show();
    d.dump(at + FDDI_HEADER, captured - FDDI_HEADER);
  }
  return FDDI_HEADER;
}

export const ringLinks: readonly LinkPrinter[] = [
  { types: [7], print: arcnet },
  { types: [129], print: linuxArcnet },
  { types: [6], print: tokenRing },
  { types: [10], print: fddi },
];
