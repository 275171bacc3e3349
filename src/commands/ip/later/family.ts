import { openGenlFamily } from '../genl-family.js';
import { type ThingWords, checkThing } from './words.js';
import { type LaterObject, laterObject } from './object.js';

/** An object that speaks to a family of generic netlink. */
interface FamilyObject extends LaterObject {
  /** Its name on the wire. */
  readonly family: string;
  /** Words that are judged before the family is asked for, and what a wrong one is called. */
  readonly things?: ThingWords;
  readonly complaint?: string;
}

/** Without words, and for `help`, the usage; otherwise what the kernel says. */
export const familyObject = (object: FamilyObject) =>
  laterObject(object, async (context, cursor) => {
    if (object.things !== undefined) checkThing(object.things, object.complaint ?? 'unknown', cursor);
    (await openGenlFamily(context, object.family)).client.close();
  });
