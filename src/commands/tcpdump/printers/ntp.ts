// NTP, RFC 5905 and 1305.
import type { Dissector } from '../dissector.js';
import { alternate, hex, type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const LEAST_TIME = 48;
const LEAST_CONTROL = 12;
const modeWords: Words = {
  0: 'unspecified',
  1: 'symmetric active',
  2: 'symmetric passive',
  3: 'Client',
  4: 'Server',
  5: 'Broadcast',
  6: 'Control Message',
  7: 'Reserved',
};
const leapWords: Words = { 0x00: '', 0x40: '+1s', 0x80: '-1s', 0xc0: 'clock unsynchronized' };

function ntp(d: Dissector, at: number, length: number): void {
  d.protocol = 'ntp';
  const status = d.u8(at);
  const mode = status & 7;
  d.put(`NTPv${(status >>> 3) & 7}, ${word(modeWords, mode, () => 'Unknown mode')}, length ${length}`);
  if (d.options.verbose === 0) return;
  const leap = status & 0xc0;
  d.put(`\n\tLeap indicator: ${word(leapWords, leap, () => 'Unknown')} (${leap})`);
  if (mode <= 5) time(d, at, length);
  else if (mode === 6) control(d, at, length);
}

function invalid(d: Dissector, at: number, length: number): void {
  d.invalid();
  d.need(at, length);
}

const BILLION = 1_000_000_000;
const SCALE = 0x1_0000_0000;
/** Seconds between 1900 and 1970. */
const EPOCH = 2208988800;

export function ntpTimestamp(d: Dissector, at: number): string {
  const seconds = d.be32(at);
  const fraction = Math.floor((d.be32(at + 4) / SCALE) * BILLION);
  const date = seconds === 0 ? '' : ` (${new Date((seconds - EPOCH) * 1000).toISOString().slice(0, 19)}Z)`;
  return `${seconds}.${String(fraction).padStart(9, '0')}${date}`;
}

/** From the time at `one` to that at `other`. */
function difference(d: Dissector, one: number, other: number): string {
  const from = d.be64(one);
  if (from === 0n) return ntpTimestamp(d, other);
  const to = d.be64(other);
  const apart = to > from ? to - from : from - to;
  const fraction = Math.floor((Number(apart & 0xffffffffn) / SCALE) * BILLION);
  const sameSecond = to >> 32n === from >> 32n;
  const negative = sameSecond ? to <= from : to < from;
  return `${negative ? '-' : '+'}${apart >> 32n}.${String(fraction).padStart(9, '0')}`;
}

const short = (d: Dissector, at: number) => `${d.be16(at)}.${String(Math.floor((d.be16(at + 2) / 65536) * 1_000_000)).padStart(6, '0')}`;

function time(d: Dissector, at: number, length: number): void {
  if (length < LEAST_TIME) return invalid(d, at, length);
  const stratum = d.u8(at + 1);
  const kind = stratum === 0 ? 'unspecified' : stratum === 1 ? 'primary reference' : stratum <= 15 ? 'secondary reference' : 'reserved';
  const poll = d.i8(at + 2);
  const interval = poll <= -32 || poll >= 32 ? '' : poll >= 0 ? ` (${2 ** poll}s)` : ` (1/${2 ** -poll}s)`;
  d.put(`, Stratum ${stratum} (${kind}), poll ${poll}${interval}`);
  d.put(`, precision ${d.i8(at + 3)}`);
  d.put(`\n\tRoot Delay: ${short(d, at + 4)}`);
  d.put(`, Root dispersion: ${short(d, at + 8)}`);
  d.put(', Reference-ID: ');
  switch (stratum) {
    case 0:
      d.put('(unspec)');
      break;
    case 1:
      d.chars(at + 12, 4);
      break;
    case 62:
      return d.put(`${d.ip(at + 12)} INFO_QUERY`);
    case 63:
      return d.put(`${d.ip(at + 12)} INFO_REPLY`);
    default:
      d.put(`0x${hex(d.be32(at + 12), 8)}`);
  }
  d.put(`\n\t  Reference Timestamp:  ${ntpTimestamp(d, at + 16)}`);
  d.put(`\n\t  Originator Timestamp: ${ntpTimestamp(d, at + 24)}`);
  d.put(`\n\t  Receive Timestamp:    ${ntpTimestamp(d, at + 32)}`);
  d.put(`\n\t  Transmit Timestamp:   ${ntpTimestamp(d, at + 40)}`);
  d.put(`\n\t    Originator - Receive Timestamp:  ${difference(d, at + 24, at + 32)}`);
  d.put(`\n\t    Originator - Transmit Timestamp: ${difference(d, at + 24, at + 40)}`);
  const further = length - LEAST_TIME;
  if (further === 4 || further === 20 || further === 24) {
    d.put(`\n\tKey id: ${d.be32(at + LEAST_TIME)}`);
    if (further > 4) d.put(`\n\tAuthentication: ${d.hexOf(at + LEAST_TIME + 4, further - 4)}`);
  } else if (further > 0) d.put(`\n\t(${further} more bytes after the header)`);
}

function control(d: Dissector, at: number, length: number): void {
  if (length < LEAST_CONTROL) return invalid(d, at, length);
  const field = d.u8(at + 1);
  const flags = `${(field & 0x80) !== 0 ? 'Response' : 'Request'}, ${(field & 0x40) !== 0 ? 'Error' : 'OK'}, ${(field & 0x20) !== 0 ? 'More' : 'Last'}`;
  d.put(`, ${flags}, OpCode=${field & 0x1f}\n`);
  d.put(`\tSequence=${d.be16(at + 2)}, Status=${alternate(d.be16(at + 4))}, Assoc.=${d.be16(at + 6)}`);
  const count = d.be16(at + 10);
  d.put(`, Offset=${d.be16(at + 8)}, Count=${count}`);
  if (LEAST_CONTROL + count > length) return invalid(d, at, length);
  if (count === 0) return;
  d.need(at + LEAST_CONTROL, count);
  d.put('\n\tTO-BE-DONE: data not interpreted');
}

export const ntpPort: PortPrinter = { ports: [123], print: ntp };
