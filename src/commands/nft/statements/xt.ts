import type { XtStatement } from '../ast.js';
import { fail } from '../errors.js';
import type { StatementKind } from './statement.js';

/** What iptables-nft put into a rule, and expressions that we do not know: shown, not written. */
export const xt: StatementKind<XtStatement> = {
  kind: 'xt',
  words: ['xt'],
  parse(p, word) {
    p.expectName();
    p.expectName();
    return fail('unsupported xtables compat expression, use iptables-nft with this ruleset', p.since(word.loc));
  },
  linearise: () => undefined,
  print: (s) => `xt ${s.what} "${s.name}"`,
  json: (s) => ({ xt: { type: s.what, name: s.name } }),
};
