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

/** The states that are set, in the order in which they are printed. */
export function stateWords(state: number): string[] {
  const printed = [NUD_INCOMPLETE, NUD_REACHABLE, NUD_STALE, NUD_DELAY, NUD_PROBE, NUD_FAILED, NUD_NOARP, NUD_PERMANENT];
  return printed.filter((bit) => (state & bit) !== 0).map((bit) => names.find(([, known]) => known === bit)?.[0].toUpperCase() ?? '');
}
