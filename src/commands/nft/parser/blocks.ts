import * as wire from '../../../netlink/nfnl/nf-tables.js';
import * as objects from '../../../netlink/nfnl/objects.js';
import type { ChainDecl, Expr, Family, FlowtableDecl, Named, RuleDecl, SetDecl } from '../ast.js';
import type { TableBlock } from '../command.js';
import { invalidType, verdictType } from '../datatypes/basic.js';
import type { Datatype } from '../datatypes/datatype.js';
import { concatType, datatypeNamed } from '../datatypes/registry.js';
import { fail } from '../errors.js';
import type { Location } from '../location.js';
import { parseStatement } from '../statements/registry.js';
import { endOfLine, parseBlock } from './block.js';
import { named } from './common.js';
import { objectConfig } from './stateful-objects.js';
import { ctBlock } from './ct-objects.js';
import * as make from './make.js';
import type { Parser } from './parser.js';

/** What stands in the braces of tables, chains, sets and flowtables. */

export function tableBlock(p: Parser, family: Family, name: string): TableBlock {
  const block: TableBlock = { table: { kind: 'table', family, name }, chains: [], sets: [], objects: [], flowtables: [] };
  p.inScope(() => void parseBlock(p, () => tableLine(p, block)));
  return block;
}

function tableLine(p: Parser, block: TableBlock): void {
  const word = p.peek();
  if (word.kind !== 'word') return p.unexpected();
  // What stands in a table's block is pointed at by the end of its name.
  const inBraces = <T extends { loc: Location }>(make: (name: Named) => T): T => {
    p.take();
    const name = named(p.expectName());
    const made = make(name);
    made.loc = { ...name.loc, start: name.loc.end - 1 };
    return made;
  };
  switch (word.text) {
    case 'flags':
      p.take();
      do block.table.flags = (block.table.flags ?? 0) | tableFlag(p);
      while (p.acceptSign(',') !== null);
      break;
    case 'comment':
      p.take();
      block.table.comment = p.expectString().text;
      break;
    case 'chain':
      block.chains.push(
        inBraces((name) => {
          const { chain, rules } = chainBlock(p, name);
          return { chain, rules, loc: name.loc };
        }),
      );
      break;
    case 'set':
    case 'map':
      block.sets.push(inBraces((name) => setBlock(p, name, word.text as 'set' | 'map')));
      break;
    case 'flowtable':
      block.flowtables.push(inBraces((name) => flowtableBlock(p, name)));
      break;
    case 'counter':
    case 'quota':
    case 'limit':
    case 'secmark':
    case 'synproxy':
      block.objects.push(
        inBraces((name) => {
          if (!p.isSign('{')) return p.unexpected("'{'");
          return objectConfig(p, word.text, name);
        }),
      );
      break;
    case 'ct': {
      p.take();
      const kind = p.expectWord('timeout', 'expectation', 'helper').text;
      const name = named(p.expectName());
      block.objects.push(ctBlock(p, kind, name));
      break;
    }
    default:
      return p.unexpected();
  }
  endOfLine(p);
}

function tableFlag(p: Parser): number {
  const word = p.take();
  if (word.text === 'dormant') return wire.NFT_TABLE_F_DORMANT;
  if (word.text === 'owner') return wire.NFT_TABLE_F_OWNER;
  return fail('unknown table option ' + word.text, word.loc);
}

export function chainBlock(p: Parser, name: Named): { chain: ChainDecl; rules: RuleDecl[] } {
  const chain: ChainDecl = { kind: 'chain', name: name.text, loc: name.loc };
  const rules: RuleDecl[] = [];
  p.inScope(() => {
    parseBlock(p, () => {
      chainLine(p, chain, rules);
      endOfLine(p);
    });
  });
  return { chain, rules };
}

function chainLine(p: Parser, chain: ChainDecl, rules: RuleDecl[]): void {
  const word = p.peek();
  if (p.acceptWord('type')) return hookLine(p, chain, word.loc);
  if (p.acceptWord('policy')) {
    if (p.isSign('$')) {
      const e = p.variable();
      chain.policy = e.kind === 'symbol' && (e.text === 'accept' || e.text === 'drop') ? e.text : fail('invalid policy expression', e.loc);
      if (e.kind === 'verdict' && (e.verb === 'accept' || e.verb === 'drop')) chain.policy = e.verb;
      return;
    }
    chain.policy = (p.acceptWord('accept', 'drop') ?? p.unexpected('accept', 'drop', "'$'")).text as 'accept' | 'drop';
    return;
  }
  if (p.isWord('flags') && p.isWord('offload', 1)) {
    p.take();
    p.take();
    chain.flags = wire.NFT_CHAIN_HW_OFFLOAD;
    return;
  }
  if (p.isWord('flags')) {
    p.take();
    return p.unexpected('offload');
  }
  if (p.acceptWord('comment')) {
    chain.comment = p.expectString().text;
    return;
  }
  if (p.isWord('devices') || p.isWord('device')) {
    p.take();
    p.acceptSign('=');
    if (chain.hook !== undefined) chain.hook.devices.push(...deviceList(p));
    return;
  }
  rules.push(p.rule());
}

const chainTypes = ['filter', 'nat', 'route'];
const hooks = ['ingress', 'egress', 'prerouting', 'input', 'forward', 'output', 'postrouting'];

function hookLine(p: Parser, chain: ChainDecl, start: Location): void {
  const type = p.expectName();
  if (!chainTypes.includes(type.text)) fail('unknown chain type', type.loc);
  p.expectWord('hook');
  const hook = p.expectName();
  if (!hooks.includes(hook.text)) fail('unknown chain hook', hook.loc);
  const devices: Expr[] = [];
  if (p.acceptWord('device')) devices.push(oneDevice(p, true));
  else if (p.acceptWord('devices')) {
    p.expectSign('=');
    devices.push(...deviceList(p));
  }
  const at = p.peek().loc;
  const priority = priorityOf(p);
  chain.hook = {
    type: type.text,
    typeLoc: type.loc,
    hook: hook.text,
    hookLoc: hook.loc,
    priority: { ...priority, loc: p.since(at) },
    devices,
    loc: p.since(start),
  };
}

/** "priority filter + 10" */
export function priorityOf(p: Parser): Expr {
  p.expectWord('priority');
  const start = p.peek().loc;
  if (p.acceptSign('-')) {
    const number = p.expectNumber();
    return make.symbol(p.since(start), String(-number));
  }
  if (p.peek().kind === 'number') return make.symbol(start, String(p.expectNumber()));
  if (p.isSign('$')) return p.variable();
  const name = p.peek();
  if (name.kind !== 'quoted' && !(name.kind === 'word' && p.isName())) return p.unexpected();
  p.take();
  // "filter+10" is one word to the scanner only up to the sign.
  const plus = p.peek().kind === 'sign' && p.peek().text === '+';
  if (plus || p.isSign('-')) {
    p.take();
    const number = p.expectNumber();
    return make.symbol(p.since(start), `${name.text} ${plus ? '+' : '-'} ${number}`);
  }
  const joined = /^([a-z]+)-([0-9]+)$/.exec(name.text);
  return make.symbol(p.since(start), joined === null ? name.text : `${joined[1]} - ${joined[2]}`);
}

function oneDevice(p: Parser, wildcards: boolean): Expr {
  if (p.isSign('$')) return p.variable();
  const { kind } = p.peek();
  if (kind === 'wildcard' ? !wildcards : !p.isName() && kind !== 'quoted')
    return p.unexpected('string', 'quoted string', ...(wildcards ? ['string with a trailing asterisk'] : []), "'$'");
  const token = p.take();
  return make.symbol(token.loc, token.text);
}

export function deviceList(p: Parser): Expr[] {
  if (p.isSign('$')) return [p.variable()];
  if (p.acceptSign('{') === null) return p.unexpected("'{'", "'$'");
  const devices: Expr[] = [];
  for (;;) {
    p.skipNewlines();
    if (p.isSign('}')) break;
    devices.push(oneDevice(p, false));
    p.skipNewlines();
    if (!p.acceptSign(',')) break;
  }
  p.skipNewlines();
  p.expectSign('}');
  return devices;
}

export function flowtableBlock(p: Parser, name: Named): FlowtableDecl {
  const decl: FlowtableDecl = { kind: 'flowtable', name: name.text, devices: [], flags: 0, loc: name.loc };
  decl.loc = parseBlock(p, () => {
    if (p.acceptWord('hook')) {
      const hook = p.expectName();
      decl.hook = hook.text;
      decl.hookLoc = hook.loc;
      decl.priority = priorityOf(p);
    } else if (p.acceptWord('devices')) {
      p.expectSign('=');
      decl.devices = deviceList(p);
    } else if (p.acceptWord('counter')) decl.flags |= wire.NFT_FLOWTABLE_COUNTER;
    else if (p.acceptWord('flags')) {
      p.expectWord('offload');
      decl.flags |= wire.NFT_FLOWTABLE_HW_OFFLOAD;
    } else return p.unexpected();
    endOfLine(p);
  });
  return decl;
}

const setFlags: Readonly<Record<string, number>> = {
  constant: wire.NFT_SET_CONSTANT,
  interval: wire.NFT_SET_INTERVAL,
  timeout: wire.NFT_SET_TIMEOUT,
  dynamic: wire.NFT_SET_EVAL,
};
const objectTypes: Readonly<Record<string, number>> = {
  counter: objects.NFT_OBJECT_COUNTER,
  quota: objects.NFT_OBJECT_QUOTA,
  limit: objects.NFT_OBJECT_LIMIT,
  secmark: objects.NFT_OBJECT_SECMARK,
  synproxy: objects.NFT_OBJECT_SYNPROXY,
};

export function setBlock(p: Parser, name: Named, kind: 'set' | 'map'): SetDecl {
  const set: SetDecl = {
    kind: 'set',
    name: name.text,
    keyType: invalidType,
    keyBits: 0,
    keyByteorder: 'none',
    flags: kind === 'map' ? wire.NFT_SET_MAP : 0,
    statements: [],
    loc: name.loc,
  };
  set.loc = parseBlock(p, () => {
    const also = setLine(p, set, kind);
    if (also !== null && !p.atSeparator) p.unexpected('newline', 'semicolon', ...also);
  });
  return set;
}

/** Returns what else than a separator may follow; null: what follows needs none before it. */
function setLine(p: Parser, set: SetDecl, kind: 'set' | 'map'): readonly string[] | null {
  if (p.acceptWord('type')) {
    const type = concatType(typeList(p));
    if (kind === 'map') {
      if (!p.isSign(':')) return p.unexpected('colon', '.');
      p.take();
      mapData(p, set);
    }
    set.keyType = type;
    return ['.'];
  }
  if (p.acceptWord('typeof')) {
    const key = typeofExpression(p);
    if (kind === 'map') {
      p.expectSign(':');
      const object = p.isWord('counter') || p.isWord('quota') || p.isWord('limit') || p.isWord('secmark') || p.isWord('synproxy');
      if (object) set.objectType = objectTypes[p.take().text]!;
      else if (p.acceptWord('verdict')) set.dataType = verdictType;
      else {
        if (p.acceptWord('interval')) set.dataInterval = true;
        set.dataTypeof = typeofExpression(p);
      }
    }
    set.keyTypeof = key;
    return ['.'];
  }
  if (p.acceptWord('flags')) {
    do {
      const word = p.acceptWord(...Object.keys(setFlags)) ?? p.unexpected(...Object.keys(setFlags).slice(0, 2), 'dynamic', 'timeout');
      set.flags |= setFlags[word.text]!;
    } while (p.acceptSign(',') !== null);
    return ['comma'];
  }
  if (p.acceptWord('timeout')) {
    set.timeout = p.timeSpan();
    set.flags |= wire.NFT_SET_TIMEOUT;
  } else if (p.acceptWord('gc-interval')) set.gcInterval = p.timeSpan();
  else if (p.acceptWord('size')) set.size = p.expectNumber();
  else if (p.acceptWord('policy')) {
    const word = p.acceptWord('performance', 'memory') ?? p.unexpected('performance', 'memory');
    set.policy = word.text === 'memory' ? wire.NFT_SET_POL_MEMORY : wire.NFT_SET_POL_PERFORMANCE;
  } else if (kind === 'set' && p.acceptWord('auto-merge')) {
    set.autoMerge = true;
    return null;
  } else if (p.acceptWord('comment')) {
    set.comment = p.expectString().text;
    return null;
  } else if (p.acceptWord('elements')) {
    p.expectSign('=');
    if (p.isSign('$')) {
      const e = p.variable();
      set.elements = e.kind === 'set' ? e : fail('invalid set elements', e.loc);
    } else if (p.isSign('{') && p.isSign('}', 1)) {
      p.take();
      p.take();
    } else if (p.isSign('{')) set.elements = p.setExpression();
    else p.unexpected("'{'", "'$'");
    return null;
  } else if (p.isWord('counter') || p.isWord('limit') || p.isWord('quota') || p.isWord('last') || p.isWord('ct')) {
    while (!p.atSeparator && !p.isSign('}')) set.statements.push(parseStatement(p));
  } else p.unexpected();
  return [];
}

function typeList(p: Parser): Datatype[] {
  const types = [oneType(p)];
  while (p.acceptSign('.')) types.push(oneType(p));
  return types;
}

function oneType(p: Parser): Datatype {
  const token = p.peek();
  // Words of the language name no types, "mark" aside.
  if (token.kind !== 'word' || token.text === 'day' || token.text === 'hour' || token.text === 'ct') return p.unexpected();
  p.take();
  return datatypeNamed(token.text) ?? fail(`unknown datatype ${token.text}`, token.loc);
}

function mapData(p: Parser, set: SetDecl): void {
  const word = p.peek();
  if (word.kind === 'word' && Object.hasOwn(objectTypes, word.text)) {
    p.take();
    set.objectType = objectTypes[word.text]!;
    set.flags = (set.flags & ~wire.NFT_SET_MAP) | wire.NFT_SET_OBJECT;
    return;
  }
  if (p.acceptWord('interval')) set.dataInterval = true;
  set.dataType = concatType(typeList(p));
}

function typeofPart(p: Parser): Expr {
  const part = p.basicPrimary();
  return part.kind === 'symbol' ? fail("primary expression type 'symbol' lacks typeof serialization", part.loc) : part;
}

function typeofExpression(p: Parser): Expr {
  const first = typeofPart(p);
  if (!p.isSign('.')) return first;
  const parts = [first];
  while (p.acceptSign('.')) parts.push(typeofPart(p));
  return make.concat(p.since(first.loc), parts);
}
