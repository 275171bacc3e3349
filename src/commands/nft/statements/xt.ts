import type { XtStatement } from '../ast.js';
import type { StatementKind } from './statement.js';

/** What iptables-nft put into a rule, and expressions that we do not know: shown, not written. */
export const xt: StatementKind<XtStatement> = {
  kind: 'xt',
  words: [],
  linearise: () => undefined,
  print: (s) => `xt ${s.what} "${s.name}"`,
  json: (s) => ({ xt: { type: s.what, name: s.name } }),
};
