import { abbreviates, type Cursor } from '../../../shared/cursor.js';
import { CommandFailure } from '../../../shared/failure.js';
import type { IpContext } from '../../context.js';

/** One word behind `type KIND`, and what it takes from the command line into the kind's attributes. */
export interface KindWord<S> {
  readonly word: string;
  /** May be abbreviated. */
  readonly short?: boolean;
  /** What follows it, and what it means: for the man page. */
  readonly value?: string;
  readonly text?: string;
  take(state: S, cursor: Cursor, context: IpContext): void | Promise<void>;
}

/** An attribute table's values while they are being gathered. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads the words of a kind to the end. Another word ends the command: `KIND: unknown NOUN "..."?` and the usage. */
export async function readKindWords<S>(
  kind: string,
  usage: string,
  words: readonly KindWord<S>[],
  state: S,
  context: IpContext,
  cursor: Cursor,
  noun = 'command',
): Promise<S> {
  while (!cursor.done) {
    const word = cursor.next();
    const found = words.find((candidate) => (candidate.short === true ? abbreviates(word, candidate.word) : candidate.word === word));
    if (found !== undefined) await found.take(state, cursor, context);
    else if (abbreviates(word, 'help')) throw new CommandFailure(1, `${usage}\n`);
    else throw new CommandFailure(1, `${kind}: unknown ${noun} "${word}"?\n${usage}\n`);
  }
  return state;
}

/** "on" or "off"; anything else ends the command. */
export function onOffValue(name: string, word: string): boolean {
  if (word === 'on') return true;
  if (word === 'off') return false;
  throw new CommandFailure(1, `Error: argument of "${name}" must be "on" or "off", not "${word}"\n`);
}
