import { ENOENT, strerror } from '../../base/errno.js';
import type { Family } from './ast.js';
import type { Target } from './command.js';
import { NFT_SET_MAP, NFT_SET_OBJECT } from '../../netlink/nfnl/nf-tables.js';
import type { Ruleset } from './ruleset/ruleset.js';

/** "did you mean ...?": the name that is nearest by its letters, where it is near enough. */

/** What a command names; what it leaves out is undefined. */
export interface Wanted {
  readonly family: Family;
  readonly table: string;
  readonly name?: string | undefined;
}

/**
 * How far apart two names are, as nft 1.0.6 reckons: Damerau's distance, but over a table whose rows are one column too short (a
 * row's last place is the next row's first), and of letters each looked at one later, the terminating zero included.
 */
export function misspellDistance(known: string, given: string): number {
  const width = given.length;
  const table = new Uint32Array((known.length + 1) * (width + 1));
  for (let i = 0; i <= known.length; i++) table[i * width] = i;
  for (let j = 0; j <= width; j++) table[j] = j;
  const letter = (text: string, at: number) => (at === text.length ? 0 : text.charCodeAt(at));
  for (let i = 1; i <= known.length; i++) {
    for (let j = 1; j <= width; j++) {
      const cost = letter(known, i) === letter(given, j) ? 0 : 1;
      const at = i * width + j;
      let least = Math.min(table[at - width]! + 1, table[at - 1]! + 1, table[at - width - 1]! + cost);
      if (i > 1 && j > 1 && letter(known, i) === letter(given, j - 1) && letter(known, i - 1) === letter(given, j))
        least = Math.min(least, table[at - 2 * width - 2]! + cost);
      table[at] = least;
    }
  }
  return table[known.length * width + width]!;
}

/** The greatest distance at which a name is still taken for another misspelt. */
function threshold(a: string, b: string): number {
  const longer = Math.max(a.length, b.length);
  const shorter = Math.min(a.length, b.length);
  return Math.ceil((longer - shorter <= 1 ? longer : longer + 2) / 3);
}

/** The nearest of the candidates by name, the first of equally near ones. Names of one letter are never near each other. */
export function nearest<T>(given: string, candidates: Iterable<T>, nameOf: (candidate: T) => string): T | undefined {
  let best: T | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const known = nameOf(candidate);
    if (Math.max(known.length, given.length) <= 1) continue;
    const distance = misspellDistance(known, given);
    if (distance > threshold(known, given) || distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

const missing = strerror(ENOENT);

/** "No such file or directory", and which table may be meant. */
export const tableNotFound = (ruleset: Ruleset, wanted: Wanted): string => {
  const near = nearTable(ruleset, wanted);
  return near === undefined ? missing : tableText(near);
};

function nearTable(ruleset: Ruleset, { table }: Wanted): { family: Family; name: string } | undefined {
  return nearest(table, ruleset.tables, ({ decl }) => decl.name)?.decl;
}

const tableText = ({ family, name }: { family: Family; name: string }): string =>
  `${missing}; did you mean table ‘${name}’ in family ${family}?`;

/** What a kind of things in tables is called, and those of a ruleset. */
export type NamedKind = 'chain' | 'set' | 'obj' | 'flowtable';

interface Found {
  readonly family: Family;
  readonly table: string;
  readonly name: string;
  readonly word: string;
}

function* all(ruleset: Ruleset, kind: NamedKind): Generator<Found> {
  for (const { decl, chains, sets, objects, flowtables } of ruleset.tables) {
    const of = (name: string, word: string = kind): Found => ({ family: decl.family, table: decl.name, name, word });
    if (kind === 'chain') for (const { chain, binding } of chains) if (!binding) yield of(chain.name);
    if (kind === 'set') for (const set of sets) yield of(set.name, (set.flags & (NFT_SET_MAP | NFT_SET_OBJECT)) === 0 ? 'set' : 'map');
    if (kind === 'obj') for (const { name } of objects) yield of(name);
    if (kind === 'flowtable') for (const { name } of flowtables) yield of(name);
  }
}

/** What may be meant by a name that is not there: another table first, then another name. Undefined: nothing is near. */
export function suggestion(ruleset: Ruleset, kind: NamedKind, wanted: Wanted): Suggestion | undefined {
  if (wanted.name === undefined) return undefined;
  const near = nearest(wanted.name, all(ruleset, kind), ({ name }) => name);
  if (near === undefined) return undefined;
  const known = ruleset.table(wanted.family, wanted.table) !== undefined;
  if (!known && (near.table !== wanted.table || near.family !== wanted.family))
    return { text: tableText({ family: near.family, name: near.table }), ofTable: true, name: near.table };
  if (near.name === wanted.name && near.table === wanted.table && near.family === wanted.family) return undefined;
  const text = `${missing}; did you mean ${near.word} ‘${near.name}’ in table ${near.family} ‘${near.table}’?`;
  return { text, ofTable: false, name: near.name };
}

export interface Suggestion {
  readonly text: string;
  /** The table is wrong, and its name is what is underlined. */
  readonly ofTable: boolean;
  /** What is meant instead. */
  readonly name: string;
}

/** The same for a table that is to be deleted. */
export const tableSuggestion = (ruleset: Ruleset, wanted: Wanted): string | undefined => {
  const near = nearTable(ruleset, wanted);
  return near === undefined ? undefined : tableText(near);
};

/** "No such file or directory", and which name may be meant. */
export const notFound = (ruleset: Ruleset, kind: NamedKind, wanted: Wanted): string => suggestion(ruleset, kind, wanted)?.text ?? missing;

/** What the kernel does not find: the text in place of "Could not process rule", and whether the table's name is underlined. */
export function refusedName(ruleset: Ruleset, target: Target, wanted: Wanted): Suggestion | undefined {
  switch (target) {
    case 'table': {
      const text = tableSuggestion(ruleset, wanted);
      return text === undefined ? undefined : { text, ofTable: true, name: wanted.table };
    }
    case 'rule': {
      const found = suggestion(ruleset, 'chain', wanted);
      return found?.ofTable === false && found.name === wanted.name ? undefined : found;
    }
    case 'chain':
      return suggestion(ruleset, 'chain', wanted);
    case 'set':
    case 'map':
      return suggestion(ruleset, 'set', wanted);
    case 'object':
      return suggestion(ruleset, 'obj', wanted);
    case 'flowtable':
      return suggestion(ruleset, 'flowtable', wanted);
    default:
      return undefined;
  }
}
