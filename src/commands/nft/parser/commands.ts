import { EOPNOTSUPP, strerror } from '../../../base/errno.js';
import * as objects from '../../../netlink/nfnl/objects.js';
import type { Family, Named } from '../ast.js';
import type { Command, Handle, TableBlock, Target, Verb } from '../command.js';
import { NftError, fail } from '../errors.js';
import { span } from '../location.js';
import { emptySet, type IncludeResolver, named, parseCommon } from './common.js';
import { objectConfig, objectWords } from './stateful-objects.js';
import { chainBlock, flowtableBlock, setBlock, tableBlock } from './blocks.js';
import { ctBlock } from './ct-objects.js';
import { type Parser, TooManyErrors } from './parser.js';
import type { Token } from './scanner.js';
import type { NameSource } from '../datatypes/datatype.js';

const families: readonly Family[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];
const ctWords: ReadonlyMap<string, number> = new Map([
  ['helper', objects.NFT_OBJECT_CT_HELPER],
  ['timeout', objects.NFT_OBJECT_CT_TIMEOUT],
  ['expectation', objects.NFT_OBJECT_CT_EXPECT],
]);

export interface ParseResult {
  readonly commands: readonly Command[];
  readonly errors: readonly NftError[];
}

const MOST_ERRORS = 10;

/** All commands of an input. */
export function parseCommands(p: Parser, include: IncludeResolver, names: NameSource): ParseResult {
  const commands: Command[] = [];
  const errors = p.errors;
  while (errors.length < MOST_ERRORS) {
    try {
      p.skipSeparators();
      if (p.atEnd) break;
      if (!parseCommon(p, include)) {
        const command = parseCommand(p, names);
        if (!p.atSeparator) p.unexpected('end of file', 'newline', 'semicolon');
        // What ends a command is of it too, where errors underline it.
        commands.push({ ...command, loc: span(command.loc, p.peek().loc) });
      } else if (!p.atSeparator) p.unexpected('newline', 'semicolon');
    } catch (error) {
      if (error instanceof TooManyErrors) break;
      if (!(error instanceof NftError)) throw error;
      errors.push(error);
      p.recover();
    }
  }
  return { commands, errors };
}

const verbs: readonly Verb[] = [
  'add',
  'create',
  'insert',
  'replace',
  'delete',
  'list',
  'flush',
  'rename',
  'reset',
  'get',
  'describe',
  'monitor',
];
/** Without a verb, "add" is meant. */
const bareTargets = [
  'table',
  'chain',
  'rule',
  'set',
  'map',
  'element',
  'flowtable',
  'counter',
  'quota',
  'limit',
  'secmark',
  'synproxy',
  'ct',
];

export function parseCommand(p: Parser, names: NameSource): Command {
  const start = p.peek();
  const verb = p.acceptWord(...verbs);
  if (
    verb === null &&
    !(start.kind === 'word' && (bareTargets.includes(start.text) || families.includes(start.text as Family) || p.isName()))
  )
    return p.unexpected();
  if (start.text === 'export' || start.text === 'import') return parseExchange(p, start);
  const command = parseVerb(p, (verb?.text ?? 'add') as Verb, start, names);
  return { ...command, loc: p.since(start.loc) };
}

/** "export ruleset json" and "import json": once there, and refused since. */
function parseExchange(p: Parser, start: Token): never {
  p.take();
  const ruleset = p.acceptWord('ruleset');
  const vm = p.acceptWord('vm');
  const format =
    p.acceptWord('xml', 'json') ??
    p.unexpected(...(ruleset === null && vm === null ? ['ruleset'] : []), 'xml', 'json', ...(vm === null ? ['vm'] : []));
  // The end of the line is underlined, too.
  const loc = p.since(start.loc);
  return fail(exchange[`${start.text} ${format.text}`]!, { ...loc, end: loc.end + 1 });
}

const exchange: Readonly<Record<string, string>> = {
  'export json': "JSON export is no longer supported, use 'nft -j list ruleset' instead",
  'export xml': 'this output type is not supported, use nft -j list ruleset for JSON support instead',
  'import json': `Could not process rule: ${strerror(EOPNOTSUPP)}`,
  'import xml': 'this output type not supported',
};

type Partial = Omit<Command, 'loc'>;

function parseVerb(p: Parser, verb: Verb, start: Token, names: NameSource): Partial {
  switch (verb) {
    case 'add':
    case 'create':
      return parseAdd(p, verb, start);
    case 'insert':
    case 'replace':
      p.expectWord('rule');
      return parseRule(p, verb);
    case 'delete':
      return parseDelete(p);
    case 'get':
      p.expectWord('element');
      return { verb, target: 'element', ...setId(p), elements: elementBlock(p) };
    case 'list':
      return parseList(p);
    case 'reset':
      return parseReset(p);
    case 'flush':
      return parseFlush(p);
    case 'rename': {
      p.expectWord('chain');
      const where = objectId(p);
      const newName = named(p.expectName());
      return { verb, target: 'chain', ...where, newName };
    }
    case 'describe':
      return parseDescribe(p, names);
    case 'monitor':
      return parseMonitor(p);
  }
}

function family(p: Parser): Family {
  const word = p.peek();
  if (word.kind === 'word' && families.includes(word.text as Family)) {
    p.take();
    return word.text as Family;
  }
  return 'ip';
}

function tableId(p: Parser, ...also: string[]): { family: Family; table: Named } {
  const known = family(p);
  return { family: known, table: named(p.expectName(...also)) };
}

function objectId(p: Parser): { family: Family; table: Named; name: Named } {
  const { family, table } = tableId(p);
  return { family, table, name: named(p.expectName()) };
}
const setId = objectId;

/** "handle 7" in a name's stead. */
function byHandle(p: Parser): Handle | undefined {
  const word = p.acceptWord('handle');
  if (word === null) return undefined;
  const at = p.peek().loc;
  return { id: p.expectNumber(), loc: at };
}

function parseAdd(p: Parser, verb: 'add' | 'create', _start: Token): Partial {
  const word = p.peek();
  if (word.kind === 'word') {
    switch (word.text) {
      case 'table': {
        p.take();
        const where = tableId(p);
        const block = p.isSign('{') ? tableBlock(p, where.family, where.table.text) : emptyTable(where.family, where.table.text);
        return { verb, target: 'table', ...where, block };
      }
      case 'chain': {
        p.take();
        const where = objectId(p);
        const { chain, rules } = p.isSign('{')
          ? chainBlock(p, where.name)
          : { chain: { kind: 'chain' as const, name: where.name.text, loc: where.name.loc }, rules: [] };
        return { verb, target: 'chain', ...where, chain, rules };
      }
      case 'rule':
        p.take();
        return parseRule(p, verb);
      case 'set':
      case 'map': {
        p.take();
        const where = objectId(p);
        if (!p.isSign('{')) return p.unexpected("'{'");
        return { verb, target: word.text, ...where, set: setBlock(p, where.name, word.text) };
      }
      case 'element': {
        p.take();
        const where = setId(p);
        if (!p.isSign('{') && !p.isSign('$')) return p.unexpected("'{'", "'$'");
        return { verb, target: 'element', ...where, elements: elementBlock(p) };
      }
      case 'flowtable': {
        p.take();
        const where = objectId(p);
        if (!p.isSign('{')) return p.unexpected("'{'");
        return { verb, target: 'flowtable', ...where, flowtable: flowtableBlock(p, where.name) };
      }
      case 'ct': {
        p.take();
        const kind = p.expectWord('timeout', 'expectation', 'helper').text;
        const where = objectId(p);
        if (!p.isSign('{')) return p.unexpected("'{'");
        return { verb, target: 'object', ...where, object: ctBlock(p, kind, where.name) };
      }
      case 'counter':
      case 'quota':
      case 'limit':
      case 'secmark':
      case 'synproxy': {
        p.take();
        const where = objectId(p);
        return { verb, target: 'object', ...where, object: objectConfig(p, word.text, where.name) };
      }
    }
  }
  // "add ip filter input ...": a rule.
  return parseRule(p, verb);
}

const emptyTable = (family: Family, name: string): TableBlock => ({
  table: { kind: 'table', family, name },
  chains: [],
  sets: [],
  objects: [],
  flowtables: [],
});

function elementBlock(p: Parser) {
  if (p.isSign('$')) {
    const e = p.variable();
    return e.kind === 'set' ? e : fail('variable is no set', e.loc);
  }
  if (p.isSign('{') && p.isSign('}', 1)) return emptySet(p);
  if (!p.isSign('{')) return p.unexpected("'{'", "'$'");
  return p.setExpression();
}

function parseRule(p: Parser, verb: 'add' | 'create' | 'insert' | 'replace'): Partial {
  const where = objectId(p);
  let position: Handle | undefined;
  let index: Handle | undefined;
  const word = verb === 'replace' ? p.expectWord('handle') : p.acceptWord('position', 'handle', 'index');
  if (word !== null) {
    const at = p.peek().loc;
    const id = p.expectNumber();
    const whole = p.since(word.loc);
    if (word.text === 'index') index = { id, loc: whole };
    else position = { id, loc: word.text === 'handle' ? at : whole };
  }
  const rule = p.rule();
  return {
    verb,
    target: 'rule',
    family: where.family,
    table: where.table,
    name: where.name,
    rule,
    ...(position === undefined ? {} : verb === 'replace' ? { handle: position } : { position }),
    ...(index === undefined ? {} : { index }),
  };
}

function parseDelete(p: Parser): Partial {
  const word = p.peek();
  const verb = 'delete' as const;
  if (word.kind !== 'word') return p.unexpected();
  switch (word.text) {
    case 'table': {
      p.take();
      const known = family(p);
      const handle = byHandle(p);
      if (handle !== undefined) return { verb, target: 'table', family: known, handle };
      return { verb, target: 'table', family: known, table: named(p.expectName('handle')) };
    }
    case 'rule': {
      p.take();
      const where = objectId(p);
      const handle = byHandle(p) ?? p.unexpected('handle');
      return { verb, target: 'rule', ...where, handle };
    }
    case 'element':
      p.take();
      return { verb, target: 'element', ...setId(p), elements: elementBlock(p) };
    case 'chain':
    case 'set':
    case 'map':
    case 'flowtable': {
      p.take();
      return { verb, target: word.text, ...nameOrHandle(p, word.text, verb) };
    }
    case 'ct': {
      p.take();
      const kind = p.expectWord('timeout', 'expectation', 'helper').text;
      return { verb, target: 'object', objectType: ctWords.get(kind)!, ...nameOrHandle(p, kind, verb) };
    }
  }
  const objectType = objectWords.get(word.text);
  if (objectType === undefined) return p.unexpected();
  p.take();
  return { verb, target: 'object', objectType, ...nameOrHandle(p, word.text, verb) };
}

function nameOrHandle(p: Parser, _target: string, _verb: string): { family: Family; table: Named; name?: Named; handle?: Handle } {
  const { family, table } = tableId(p);
  const handle = byHandle(p);
  if (handle !== undefined) return { family, table, handle };
  const name = named(p.expectName('handle'));
  // A chain or set of flowtables may be followed by its contents: only its devices go then.
  return { family, table, name };
}

const listed: Readonly<Record<string, Target>> = {
  table: 'table',
  chain: 'chain',
  set: 'set',
  map: 'map',
  meter: 'meter',
  flowtable: 'flowtable',
  tables: 'tables',
  chains: 'chains',
  sets: 'sets',
  maps: 'maps',
  meters: 'meters',
  flowtables: 'flowtables',
  ruleset: 'ruleset',
  hooks: 'hooks',
};
const pluralObjects: ReadonlyMap<string, number> = new Map([
  ['counters', objects.NFT_OBJECT_COUNTER],
  ['quotas', objects.NFT_OBJECT_QUOTA],
  ['limits', objects.NFT_OBJECT_LIMIT],
  ['secmarks', objects.NFT_OBJECT_SECMARK],
  ['synproxys', objects.NFT_OBJECT_SYNPROXY],
]);

function parseList(p: Parser): Partial {
  const verb = 'list' as const;
  const word = p.peek();
  if (word.kind !== 'word') return p.unexpected();
  if (word.text === 'ct') {
    p.take();
    const kind = p.expectWord('timeout', 'expectation', 'helper', 'helpers').text;
    const objectType = ctWords.get(kind === 'helpers' ? 'helper' : kind)!;
    // All of a table: "list ct timeout table ip filter".
    if (kind === 'helpers' || p.isWord('table')) {
      p.expectWord('table');
      return { verb, target: 'objects', objectType, ...tableId(p) };
    }
    return { verb, target: 'object', objectType, ...objectId(p) };
  }
  const single = objectWords.get(word.text);
  if (single !== undefined) {
    p.take();
    return { verb, target: 'object', objectType: single, ...objectId(p) };
  }
  const plural = pluralObjects.get(word.text);
  if (plural !== undefined) {
    p.take();
    return { verb, target: 'objects', objectType: plural, ...everywhere(p) };
  }
  const target = listed[word.text];
  if (target === undefined) return p.unexpected();
  p.take();
  switch (target) {
    case 'table':
      return { verb, target, ...tableId(p) };
    case 'chain':
    case 'set':
    case 'map':
    case 'meter':
    case 'flowtable':
      return { verb, target, ...objectId(p) };
    case 'tables':
    case 'chains':
    case 'ruleset':
    case 'maps':
    case 'meters':
    case 'flowtables':
      return { verb, target, ...everyFamily(p) };
    case 'sets':
      return { verb, target, ...everywhere(p) };
    default: {
      const known = everywhere(p);
      if (p.acceptWord('device')) return { verb, target, ...known, name: named(p.expectString()) };
      return { verb, target, ...known };
    }
  }
}

/** Perhaps a family, perhaps "table FAMILY NAME". */
function everywhere(p: Parser): { family?: Family; table?: Named } {
  return p.acceptWord('table') ? tableId(p) : everyFamily(p);
}

function everyFamily(p: Parser): { family?: Family } {
  const word = p.peek();
  if (word.kind === 'word' && families.includes(word.text as Family)) {
    p.take();
    return { family: word.text as Family };
  }
  return {};
}

function parseReset(p: Parser): Partial {
  const verb = 'reset' as const;
  const word = p.expectWord('counter', 'counters', 'quotas', 'quota').text;
  if (word === 'counter' || word === 'quota') return { verb, target: 'object', objectType: objectWords.get(word)!, ...objectId(p) };
  return { verb, target: 'objects', objectType: pluralObjects.get(word)!, ...everywhere(p) };
}

function parseFlush(p: Parser): Partial {
  const verb = 'flush' as const;
  const word = p.expectWord('table', 'chain', 'set', 'map', 'meter', 'flow', 'ruleset').text;
  if (word === 'table') return { verb, target: 'table', ...tableId(p) };
  if (word === 'ruleset') return { verb, target: 'ruleset', ...everywhere(p) };
  if (word === 'flow') p.expectWord('table');
  return { verb, target: word === 'flow' ? 'meter' : (word as Target), ...objectId(p) };
}

function parseDescribe(p: Parser, names: NameSource): Partial {
  const token = p.peek();
  if (
    (token.kind === 'word' || token.kind === 'quoted') &&
    (p.isName() || token.text === 'time' || token.text === 'mark' || token.text === 'hour' || token.text === 'day') &&
    token.kind === 'word'
  ) {
    if (p.isName()) {
      p.take();
      return { verb: 'describe', target: 'expression', typeName: named(token) };
    }
  }
  void names;
  return { verb: 'describe', target: 'expression', expr: p.basicPrimary() };
}

const monitorTargets = ['tables', 'chains', 'sets', 'rules', 'elements', 'ruleset', 'trace'];

function parseMonitor(p: Parser): Partial {
  let event = '';
  const word = p.peek();
  if (
    word.kind === 'word' &&
    (p.isName() || word.text === 'new') &&
    !monitorTargets.includes(word.text) &&
    word.text !== 'json' &&
    word.text !== 'xml' &&
    word.text !== 'vm'
  ) {
    event = p.take().text;
    if (event !== 'new' && event !== 'destroy') fail(`invalid event ${event}`, word.loc);
  }
  const what = p.acceptWord(...monitorTargets)?.text ?? '';
  const format = p.acceptWord('json') ? 'json' : 'text';
  return { verb: 'monitor', target: 'events', monitor: { what, event, format } };
}
