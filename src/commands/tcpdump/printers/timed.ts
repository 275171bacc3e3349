// The time synchronisation protocol of BSD's timed.
import type { Dissector } from '../dissector.js';
import { alternate, type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const messageWords: Words = {
  0: 'TSP_ANY',
  1: 'TSP_ADJTIME',
  2: 'TSP_ACK',
  3: 'TSP_MASTERREQ',
  4: 'TSP_MASTERACK',
  5: 'TSP_SETTIME',
  6: 'TSP_MASTERUP',
  7: 'TSP_SLAVEUP',
  8: 'TSP_ELECTION',
  9: 'TSP_ACCEPT',
  10: 'TSP_REFUSE',
  11: 'TSP_CONFLICT',
  12: 'TSP_RESOLVE',
  13: 'TSP_QUIT',
  14: 'TSP_DATE',
  15: 'TSP_DATEREQ',
  16: 'TSP_DATEACK',
  17: 'TSP_TRACEON',
  18: 'TSP_TRACEOFF',
  19: 'TSP_MSITE',
  20: 'TSP_MSITEREQ',
  21: 'TSP_TEST',
  22: 'TSP_SETDATE',
  23: 'TSP_SETDATEREQ',
  24: 'TSP_LOOP',
};

const LOOP = 24;
/** Types that carry a time. */
const WITH_TIME = [1, 5, 22, 23];
const NAME = 256;

function timed(d: Dissector, at: number): void {
  d.protocol = 'timed';
  const type = d.u8(at);
  d.put(`${word(messageWords, type, (n) => `(tsp_type ${alternate(n)})`)} vers ${d.u8(at + 1)} seq ${d.be16(at + 2)}`);
  if (type === LOOP) d.put(` hopcnt ${d.u8(at + 4)}`);
  else if (WITH_TIME.includes(type)) {
    let seconds = d.s32(at + 4);
    let microseconds = d.s32(at + 8);
    if (microseconds < 0) return;
    d.put(' time ');
    if (seconds < 0 && microseconds !== 0) {
      seconds++;
      if (seconds === 0) d.put('-');
      microseconds = 1_000_000 - microseconds;
    }
    const digits = String(Math.abs(microseconds));
    d.put(`${seconds}.${microseconds < 0 ? `-${digits.padStart(5, '0')}` : digits.padStart(6, '0')}`);
  }
  d.put(' name ');
  d.charsToZero(at + 12, NAME);
}

export const timedPort: PortPrinter = { ports: [525], print: timed };
