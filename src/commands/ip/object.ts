import { abbreviates, type Cursor } from '../shared/cursor.js';
import { fatal, unknownCommand } from '../shared/failure.js';
import type { ObjectGrammar, VerbGrammar } from '../shared/keywords.js';
import type { IpContext } from './context.js';

/** A verb of an object: what documents it, and what does it. The cursor stands behind the verb. */
export interface Verb extends VerbGrammar {
  run(context: IpContext, cursor: Cursor, name: string): Promise<number>;
}

/** A verb whose code is loaded when it is wanted; the names are those that it has itself. */
export interface LazyVerb {
  readonly names: readonly string[];
  readonly hidden?: readonly string[];
  readonly load: () => Promise<Verb>;
}

/** One object of `ip`: link, address, ... Its verbs stand in the order in which abbreviations choose among them. */
export interface IpObject extends Omit<ObjectGrammar, 'verbs'> {
  /** What "try "ip ... help"" calls it. */
  readonly helpName?: string;
  readonly verbs: readonly (Verb | LazyVerb)[];
  /** What is done when no verb is named: most objects show all there is. */
  readonly withoutVerb: (context: IpContext, cursor: Cursor) => Promise<number>;
  /** It has no verbs: withoutVerb reads all words. */
  readonly anyWord?: boolean;
  /** Goes before the choice of a verb. */
  readonly check?: (context: IpContext, cursor: Cursor) => void;
}

export const lazy = (names: readonly string[], load: () => Promise<Verb>, hidden?: readonly string[]): LazyVerb =>
  hidden === undefined ? { names, load } : { names, hidden, load };

export const loadVerb = async (verb: Verb | LazyVerb): Promise<Verb> => ('load' in verb ? verb.load() : verb);

/** The object with all its verbs loaded. */
export async function loadGrammar(object: IpObject): Promise<ObjectGrammar> {
  return { ...object, verbs: await Promise.all(object.verbs.map(loadVerb)) };
}

/** Finds the verb and runs it. */
export async function runObject(object: IpObject, context: IpContext, cursor: Cursor): Promise<number> {
  if (cursor.done || object.anyWord === true) return object.withoutVerb(context, cursor);
  object.check?.(context, cursor);
  const word = cursor.peek();
  for (const verb of object.verbs) {
    const name = [...verb.names, ...(verb.hidden ?? [])].find((candidate) => abbreviates(word, candidate));
    if (name === undefined) continue;
    cursor.skip();
    return (await loadVerb(verb)).run(context, cursor, name);
  }
  if (abbreviates(word, 'help')) throw fatal(object.usage);
  throw unknownCommand(object.helpName ?? object.name, word);
}
