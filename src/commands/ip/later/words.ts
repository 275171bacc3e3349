import type { Cursor } from '../../shared/cursor.js';
import { incomplete, invalidArgument } from '../../shared/failure.js';

/** What follows an object's name, where iproute2 reads that before it asks the kernel: a thing, and what is done with it. */
export type ThingWords = Readonly<Record<string, readonly string[]>>;

/** `ip sr tunsrc show`, `ip ioam namespace add ...`: whole words alone are understood. */
export function checkThing(things: ThingWords, complaint: string, cursor: Cursor): void {
  const thing = cursor.next();
  const verbs = things[thing];
  if (verbs === undefined) throw invalidArgument(complaint, thing);
  if (cursor.done) throw incomplete();
  const verb = cursor.next();
  if (!verbs.includes(verb)) throw invalidArgument(complaint, verb);
}
