import { parseCommon, type IncludeResolver } from './common.js';
import type { Parser } from './parser.js';

/** Which resolver a parser uses inside of blocks. */
const resolvers = new WeakMap<Parser, IncludeResolver>();

export const setIncludeResolver = (p: Parser, resolver: IncludeResolver): void => {
  resolvers.set(p, resolver);
};

/** include, define and the like inside a block. */
export const includeInto = (p: Parser): boolean => parseCommon(p, resolvers.get(p)!);
