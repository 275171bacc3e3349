import {
  NUD_DELAY,
  NUD_FAILED,
  NUD_INCOMPLETE,
  NUD_NOARP,
  NUD_NONE,
  NUD_PERMANENT,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
} from '../../../netlink/rtnl/constants.js';
import { abbreviates } from '../../shared/cursor.js';
import { parseUnsigned } from '../../shared/numbers.js';

/** NUD_* in the order in which an abbreviation chooses among them. */
const names: readonly (readonly [name: string, state: number])[] = [
  ['permanent', NUD_PERMANENT],
  ['reachable', NUD_REACHABLE],
  ['noarp', NUD_NOARP],
  ['none', NUD_NONE],
  ['stale', NUD_STALE],
  ['incomplete', NUD_INCOMPLETE],
  ['delay', NUD_DELAY],
  ['probe', NUD_PROBE],
  ['failed', NUD_FAILED],
];

export const stateNames: readonly string[] = names.map(([name]) => name);

/** The state that a word on the command line means; null when it means none. */
export function parseState(word: string): number | null {
  return names.find(([name]) => abbreviates(word, name))?.[1] ?? parseUnsigned(word, 0xff);
}

/** In the order in which they are printed. */
const printed = [NUD_INCOMPLETE, NUD_REACHABLE, NUD_STALE, NUD_DELAY, NUD_PROBE, NUD_FAILED, NUD_NOARP, NUD_PERMANENT].map(
  (bit) => [bit, names.find(([, known]) => known === bit)![0].toUpperCase()] as const,
);

/** By states: a list of neighbours has few, and many neighbours. */
const wordsOf = new Map<number, readonly string[]>();

/** The states that are set. */
export function stateWords(state: number): readonly string[] {
  let words = wordsOf.get(state);
  if (words === undefined) {
    words = printed.filter(([bit]) => (state & bit) !== 0).map(([, word]) => word);
    wordsOf.set(state, words);
  }
  return words;
}
