// SLIP, RFC 1055, with Van Jacobson's compressed headers, RFC 1144.
import type { Dissector } from '../dissector.js';
import type { LinkPrinter } from './registry-types.js';

const HEADER = 16;
const UNCOMPRESSED = 0x70;
const COMPRESSED = 0x80;
const NEW_CONNECTION = 0x40;
const NEW_ID = 0x20;
const NEW_SEQUENCE = 0x08;
const NEW_ACKNOWLEDGMENT = 0x04;
const NEW_WINDOW = 0x02;
const NEW_URGENT = 0x01;
const SPECIALS = 0x0f;
const ECHOED = 0x0b;
const UNIDIRECTIONAL = 0x0f;

/** What the packets before said, by Dissector: the last connection, and lengths of data by direction and connection. */
interface History {
  connection: number;
  readonly lengths: readonly [Uint32Array, Uint32Array];
}
const histories = new WeakMap<Dissector, History>();

function historyOf(d: Dissector): History {
  let history = histories.get(d);
  if (history === undefined) {
    history = { connection: 255, lengths: [new Uint32Array(256), new Uint32Array(256)] };
    histories.set(d, history);
  }
  return history;
}

function slip(d: Dissector, at: number, length: number): number {
  d.protocol = 'slip';
  d.need(at, HEADER);
  const body = at + HEADER;
  if (d.options.linkLayer) link(d, at, body, length - HEADER);
  const version = d.u8(body) >>> 4;
  if (version === 4) d.registry.ip(d, body, length - HEADER);
  else if (version === 6) d.registry.ip6(d, body, length - HEADER);
  else d.put(`ip v${version}`);
  return HEADER;
}

function slipBsdos(d: Dissector, at: number, length: number): number {
  d.protocol = 'slip_bsdos';
  d.need(at, HEADER);
  if (d.options.linkLayer) link(d, at, at + HEADER, length - HEADER);
  d.registry.ip(d, at + HEADER, length - HEADER);
  return HEADER;
}

/** How much data is behind the headers of IP and TCP. */
function dataLength(d: Dissector, ip: number, length: number): number {
  d.need(ip, 20);
  const tcp = ip + (d.u8(ip) & 0xf) * 4;
  d.need(tcp, 20);
  return (length - (tcp - ip) - (d.u8(tcp + 12) >>> 4) * 4) >>> 0;
}

function link(d: Dissector, at: number, ip: number, length: number): void {
  const direction = d.u8(at);
  d.put(direction === 0 ? 'I ' : direction === 1 ? 'O ' : `Invalid direction ${direction} `);
  const known = direction <= 1;
  const type = d.u8(at + 1);
  const history = historyOf(d);
  if ((type & 0xf0) === 0x40) d.put(`ip ${length + HEADER}: `);
  else if ((type & 0xf0) === UNCOMPRESSED) {
    history.connection = d.u8(at + 10);
    d.put(`utcp ${history.connection}: `);
    if (known) history.lengths[direction as 0 | 1][history.connection] = dataLength(d, ip, length);
  } else if (known) {
    if ((type & COMPRESSED) === 0) return d.put(`slip-${type}!: `);
    compressed(d, at + 1, ip, length, history, history.lengths[direction as 0 | 1]);
    d.put(': ');
  }
}

function compressed(d: Dissector, from: number, ip: number, length: number, history: History, lengths: Uint32Array): void {
  const flags = d.u8(from);
  let at = from + 1;
  if ((flags & NEW_CONNECTION) !== 0) {
    history.connection = d.u8(at++);
    d.put(`ctcp ${history.connection}`);
  } else d.put('ctcp *');
  // The checksum of TCP.
  at += 2;
  /** A change of one byte, or of two behind a zero. */
  const change = () => {
    let value = d.u8(at++);
    if (value === 0) {
      value = d.be16(at);
      at += 2;
    }
    return value;
  };
  switch (flags & SPECIALS) {
    case ECHOED:
      d.put(` *SA+${lengths[history.connection]}`);
      break;
    case UNIDIRECTIONAL:
      d.put(` *S+${lengths[history.connection]}`);
      break;
    default:
      if ((flags & NEW_URGENT) !== 0) d.put(` U=${change()}`);
      if ((flags & NEW_WINDOW) !== 0) {
        const window = (change() << 16) >> 16;
        d.put(` W${window >= 0 ? '+' : ''}${window}`);
      }
      if ((flags & NEW_ACKNOWLEDGMENT) !== 0) d.put(` A+${change()}`);
      if ((flags & NEW_SEQUENCE) !== 0) d.put(` S+${change()}`);
  }
  if ((flags & NEW_ID) !== 0) d.put(` I+${change()}`);
  const data = dataLength(d, ip, length);
  lengths[history.connection] = data;
  d.put(` ${data} (${at - from})`);
}

export const slipLinks: readonly LinkPrinter[] = [
  { types: [8], print: slip },
  { types: [15], print: slipBsdos },
];
