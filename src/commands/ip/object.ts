import { AF_INET6 } from '../../netlink/constants.js';
import { abbreviates, type Cursor } from '../shared/cursor.js';
import { fatal, unknownCommand } from '../shared/failure.js';
import type { ObjectGrammar, VerbGrammar } from '../shared/keywords.js';
import type { IpContext } from './context.js';

/** A verb of an object: what documents it, and what does it. The cursor stands behind the verb. */
export interface Verb extends VerbGrammar {
  run(context: IpContext, cursor: Cursor, name: string): number | Promise<number>;
}

/** A verb whose code is loaded when it is wanted; the names are those that it has itself. */
export interface LazyVerb {
  readonly names: readonly string[];
  readonly hidden?: readonly string[];
  /** A promise the first time. */
  readonly load: () => Verb | Promise<Verb>;
}

/** One object of `ip`: link, address, ... Its verbs stand in the order in which abbreviations choose among them. */
export interface IpObject extends Omit<ObjectGrammar, 'verbs'> {
  /** What "try "ip ... help"" calls it. */
  readonly helpName?: string;
  readonly verbs: readonly (Verb | LazyVerb)[];
  /** What is done when no verb is named: most objects show all there is. */
  readonly withoutVerb: (context: IpContext, cursor: Cursor) => number | Promise<number>;
  /** It has no verbs: withoutVerb reads all words. */
  readonly anyWord?: boolean;
  /** What stands in its place with -6. */
  readonly inet6?: IpObject;
  /** Goes before the choice of a verb. */
  readonly check?: (context: IpContext, cursor: Cursor) => void;
}

/** A batch asks for the same parts line after line; importing them anew each time would cost more than the line. */
export function once<T extends object>(load: () => Promise<T>): () => T | Promise<T> {
  let loaded: T | null = null;
  let loading: Promise<T> | null = null;
  return () => {
    if (loaded !== null) return loaded;
    loading ??= load().then((part) => {
      loaded = part;
      return part;
    });
    return loading;
  };
}

export const lazy = (names: readonly string[], load: () => Promise<Verb>, hidden?: readonly string[]): LazyVerb =>
  hidden === undefined ? { names, load: once(load) } : { names, hidden, load: once(load) };

export const loadVerb = (verb: Verb | LazyVerb): Verb | Promise<Verb> => ('load' in verb ? verb.load() : verb);

/** The object with all its verbs loaded. */
export async function loadGrammar(object: IpObject): Promise<ObjectGrammar> {
  return { ...object, verbs: await Promise.all(object.verbs.map(loadVerb)) };
}

/** Finds the verb and runs it. */
export function runObject(object: IpObject, context: IpContext, cursor: Cursor): number | Promise<number> {
  if (object.inet6 !== undefined && context.options.family === AF_INET6) return runObject(object.inet6, context, cursor);
  if (cursor.done || object.anyWord === true) return object.withoutVerb(context, cursor);
  object.check?.(context, cursor);
  const word = cursor.peek();
  for (const candidate of object.verbs) {
    const name = nameMeant(candidate, word);
    if (name === undefined) continue;
    cursor.skip();
    const verb = loadVerb(candidate);
    return verb instanceof Promise ? verb.then((loaded) => loaded.run(context, cursor, name)) : verb.run(context, cursor, name);
  }
  if (abbreviates(word, 'help')) throw fatal(object.usage);
  throw unknownCommand(object.helpName ?? object.name, word);
}

/** The first of a verb's names that `word` may stand for. */
function nameMeant({ names, hidden }: Verb | LazyVerb, word: string): string | undefined {
  for (const name of names) if (abbreviates(word, name)) return name;
  return hidden?.find((name) => abbreviates(word, name));
}
