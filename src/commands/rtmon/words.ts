import { AF_INET, AF_INET6, AF_PACKET, AF_UNSPEC } from '../../netlink/constants.js';
import * as rtnl from '../../netlink/rtnl/constants.js';
import { abbreviates, Cursor } from '../shared/cursor.js';
import { fatal } from '../shared/failure.js';
import { familyByName } from '../shared/families.js';
import { RTMON_USAGE } from './usage.js';

/** What a command line of rtmon asks for. */
export interface RtmonWords {
  family: number;
  version: boolean;
  file: string | undefined;
  /** Words of `watched`; none, or with "all" among them: everything. */
  readonly objects: Set<string>;
}

/** What can be written: the multicast groups of no family, IPv4 and IPv6. */
export const watched: readonly {
  readonly word: string;
  readonly text: string;
  readonly any: readonly number[];
  readonly inet: readonly number[];
  readonly inet6: readonly number[];
}[] = [
  { word: 'link', text: 'devices', any: [rtnl.RTNLGRP_LINK], inet: [], inet6: [] },
  { word: 'address', text: 'addresses', any: [], inet: [rtnl.RTNLGRP_IPV4_IFADDR], inet6: [rtnl.RTNLGRP_IPV6_IFADDR] },
  { word: 'route', text: 'routes', any: [], inet: [rtnl.RTNLGRP_IPV4_ROUTE], inet6: [rtnl.RTNLGRP_IPV6_ROUTE] },
];

/** Without a choice: all that the 32 bits of an address of netlink can name. */
const ALL_GROUPS: readonly number[] = Array.from({ length: 32 }, (_, i) => i + 1);

export const rtmonOptions = [
  { names: ['-family'], value: 'FAMILY', text: 'inet, inet6 or link: only addresses and routes of that family' },
  { names: ['-4'], text: 'the same as -family inet' },
  { names: ['-6'], text: 'the same as -family inet6' },
  { names: ['-0'], text: 'the same as -family link' },
  { names: ['-Version'], text: 'print the version' },
] as const;

const unknown = (what: string, word: string) => fatal(`${what} "${word}" is unknown, try "rtmon help".`);

export function groupsOf({ family, objects }: RtmonWords): readonly number[] {
  if (objects.size === 0 || objects.has('all')) return ALL_GROUPS;
  return watched.flatMap(({ word, any, inet, inet6 }) => {
    if (!objects.has(word)) return [];
    const of4 = family === AF_UNSPEC || family === AF_INET ? inet : [];
    const of6 = family === AF_UNSPEC || family === AF_INET6 ? inet6 : [];
    return [...any, ...of4, ...of6];
  });
}

/** A word that something has to follow; rtmon answers its absence with the usage. */
function argument(cursor: Cursor): string {
  if (cursor.done) throw fatal(RTMON_USAGE);
  return cursor.next();
}

function parseFamily(cursor: Cursor): number {
  const name = argument(cursor);
  if (name === 'help') throw fatal(RTMON_USAGE);
  return familyByName(name) ?? unknownFamily(name);
}

function unknownFamily(name: string): never {
  throw unknown('Protocol ID', name);
}

export function parseWords(argv: readonly string[]): RtmonWords {
  const words: RtmonWords = { family: AF_UNSPEC, version: false, file: undefined, objects: new Set() };
  const cursor = new Cursor(argv);
  while (!cursor.done) {
    const word = cursor.next();
    if (abbreviates(word, '-family')) words.family = parseFamily(cursor);
    else if (word === '-4') words.family = AF_INET;
    else if (word === '-6') words.family = AF_INET6;
    else if (word === '-0') words.family = AF_PACKET;
    else if (abbreviates(word, '-Version')) {
      words.version = true;
      return words;
    } else if (abbreviates(word, 'file')) words.file = argument(cursor);
    else takeObject(words, word);
  }
  return words;
}

function takeObject(words: RtmonWords, word: string): void {
  const object = watched.find((entry) => abbreviates(word, entry.word));
  if (object !== undefined) words.objects.add(object.word);
  else if (word === 'all') words.objects.add(word);
  else if (abbreviates(word, 'help')) throw fatal(RTMON_USAGE);
  else throw unknown('Argument', word);
}
