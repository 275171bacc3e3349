import { fatal } from '../shared/failure.js';

/** States of sockets, of all families: net/tcp_states.h. */
export const SS_ESTABLISHED = 1;
export const SS_SYN_SENT = 2;
export const SS_SYN_RECV = 3;
export const SS_TIME_WAIT = 6;
export const SS_CLOSE = 7;
export const SS_LISTEN = 10;

/** By number: as filters have them, and as the column State shows them. */
const states: readonly (readonly [word: string, shown: string])[] = [
  ['UNKNOWN', 'UNKNOWN'],
  ['established', 'ESTAB'],
  ['syn-sent', 'SYN-SENT'],
  ['syn-recv', 'SYN-RECV'],
  ['fin-wait-1', 'FIN-WAIT-1'],
  ['fin-wait-2', 'FIN-WAIT-2'],
  ['time-wait', 'TIME-WAIT'],
  ['unconnected', 'UNCONN'],
  ['close-wait', 'CLOSE-WAIT'],
  ['last-ack', 'LAST-ACK'],
  ['listening', 'LISTEN'],
  ['closing', 'CLOSING'],
];

const bit = (state: number) => 1 << state;
export const SS_ALL = bit(states.length) - 1;
/** What is shown unless more is asked for: neither listening nor on its way in or out. */
export const SS_CONN = SS_ALL & ~(bit(SS_LISTEN) | bit(SS_CLOSE) | bit(SS_TIME_WAIT) | bit(SS_SYN_RECV));
const CONNECTED = SS_ALL & ~(bit(SS_CLOSE) | bit(SS_LISTEN));
const BUCKET = bit(SS_SYN_RECV) | bit(SS_TIME_WAIT);

const groups: Readonly<Record<string, number>> = {
  close: bit(SS_CLOSE),
  closed: bit(SS_CLOSE),
  'syn-rcv': bit(SS_SYN_RECV),
  all: SS_ALL,
  connected: CONNECTED,
  synchronized: CONNECTED & ~bit(SS_SYN_SENT),
  bucket: BUCKET,
  big: SS_ALL & ~BUCKET,
};

export const stateName = (state: number): string => states[state]?.[1] ?? 'UNKNOWN';

/** The states that a word of "state" or "exclude" means, a bit each. */
export function statesOf(word: string): number {
  const lower = word.toLowerCase();
  const group = Object.hasOwn(groups, lower) ? groups[lower] : undefined;
  if (group !== undefined) return group;
  const number = states.findIndex(([name]) => name.toLowerCase() === lower);
  if (number < 0) throw fatal(`ss: wrong state name: ${word}`);
  return bit(number);
}
