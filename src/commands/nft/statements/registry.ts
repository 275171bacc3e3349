import type { Statement } from '../ast.js';
import { selectorByWord } from '../expressions/selectors.js';
import type { Parser } from '../parser/parser.js';
import { parseAssigned } from './ct.js';
import { log } from './log.js';
import { mangle, notrack, resetOption } from './mangle.js';
import { match, parseExpressionStatement } from './match.js';
import { nat } from './nat.js';
import { objref } from './objref.js';
import { queue } from './queue.js';
import { dup, flow, fwd, tproxy } from './redirection.js';
import { reject } from './reject.js';
import { meter, setStatement } from './set.js';
import { connlimit, counter, last, limit, quota } from './stateful.js';
import type { StatementKind } from './statement.js';
import { synproxy } from './synproxy.js';
import { verdict } from './verdict.js';
import { xt } from './xt.js';

/** All kinds; a new one is one descriptor and one line here. A function: kinds and this file refer to each other. */
const all = () =>
  [
    match,
    verdict,
    counter,
    last,
    limit,
    quota,
    connlimit,
    objref,
    log,
    reject,
    nat,
    tproxy,
    synproxy,
    dup,
    fwd,
    queue,
    mangle,
    notrack,
    resetOption,
    setStatement,
    meter,
    flow,
    xt,
  ] as unknown as readonly StatementKind<Statement>[];

interface Tables {
  readonly byKind: ReadonlyMap<string, StatementKind<Statement>>;
  readonly byWord: ReadonlyMap<string, StatementKind<Statement>>;
  readonly byJson: ReadonlyMap<string, StatementKind<Statement>>;
}
let made: Tables | null = null;

function tables(): Tables {
  made ??= {
    byKind: new Map(all().map((kind) => [kind.kind, kind])),
    byWord: new Map(all().flatMap((kind) => kind.words.map((word) => [word, kind] as const))),
    byJson: new Map(all().flatMap((kind) => (kind.jsonNames ?? []).map((name) => [name, kind] as const))),
  };
  return made;
}

export const kindOf = (s: Statement): StatementKind<Statement> => tables().byKind.get(s.kind)!;
export const kindByJson = (name: string): StatementKind<Statement> | undefined => tables().byJson.get(name);

export function parseStatement(p: Parser): Statement {
  const assigned = parseAssigned(p);
  if (assigned !== null) return assigned;
  const word = p.peek();
  const kind = word.kind === 'word' ? tables().byWord.get(word.text) : undefined;
  if (kind?.parse === undefined) return parseExpressionStatement(p);
  p.take();
  const parsed = kind.parse(p, word);
  if (parsed !== null) return parsed;
  p.untake(word);
  return parseExpressionStatement(p);
}

/** Can what comes next begin a statement? */
export function startsStatement(p: Parser): boolean {
  const { kind, text } = p.peek();
  if (kind === 'sign') return text === '@' || text === '$' || text === '(';
  if (kind !== 'word') return kind === 'number' || kind === 'quoted' || kind === 'wildcard';
  return p.isName() || tables().byWord.get(text)?.parse !== undefined || selectorByWord(text) !== undefined || text === 'ct';
}
