import { fatal } from '../shared/failure.js';

const MAX_VLAN = 4096;

export interface Range {
  readonly begin: number;
  readonly end: number;
}

/** What is to be shown: of one device (0: of all), of one VLAN. */
export interface ShowSelection {
  readonly index: number;
  readonly vid: number | undefined;
}

/** "5" or "5-9". */
export function parseRange(word: string): Range {
  const dash = word.indexOf('-', 1);
  if (dash < 0) {
    const begin = Number.parseInt(word, 10);
    if (!(begin >= 0 && begin < MAX_VLAN)) throw fatal(`Invalid VLAN ID "${word}"`);
    return { begin, end: begin };
  }
  const begin = Number.parseInt(word.slice(0, dash), 10);
  const end = Number.parseInt(word.slice(dash + 1), 10);
  if (!(begin >= 0 && begin < MAX_VLAN && end >= 0 && end < MAX_VLAN) || begin >= end) throw fatal(`Invalid VLAN range "${word}"`);
  return { begin, end };
}
